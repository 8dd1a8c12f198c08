"""Activities of chapter 1. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch01.buckets import leaky_bucket, margin_multiple
from crmkit.ui.activities.ch01.people import concentration, readiness_map
from crmkit.ui.activities.ch01.strategies import contact_strategy

__all__ = [
    "concentration",
    "contact_strategy",
    "leaky_bucket",
    "margin_multiple",
    "readiness_map",
]
