"""Activities of chapter 1. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch01.buckets import leaky_bucket, margin_multiple
from crmkit.ui.activities.ch01.people import concentration, readiness_map
from crmkit.ui.activities.ch01.sorting import sorting_game
from crmkit.ui.activities.ch01.strategies import contact_strategy
from crmkit.ui.activities.ch01.tools import same_question

__all__ = [
    "concentration",
    "contact_strategy",
    "leaky_bucket",
    "margin_multiple",
    "readiness_map",
    "same_question",
    "sorting_game",
]
