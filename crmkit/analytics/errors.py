"""The error every model raises when it is given something it cannot compute with."""

from crmkit.errors import KitError


class AnalyticsError(KitError):
    """Data or parameters a model cannot use; the message names the column and the remedy."""
