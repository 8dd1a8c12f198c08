"""The course's models as pure functions over frames, one module per theme.

A module is imported by name (``from crmkit.analytics import indicators``); the package itself
loads nothing, so that a notebook pays only for the models it uses.
"""
