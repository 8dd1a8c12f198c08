"""Activities of chapter 9. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch09.evaluation import ahp_meter, fuzzy_verdict, priority_map
from crmkit.ui.activities.ch09.performance import capability_performance, rank_reversal

__all__ = [
    "ahp_meter",
    "capability_performance",
    "fuzzy_verdict",
    "priority_map",
    "rank_reversal",
]
