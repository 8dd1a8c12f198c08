"""Talking with customers: contacts, surveys, keyword replies, warnings, the timeline."""
