"""Activities of chapter 14. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch14.bench import trade_bench
from crmkit.ui.activities.ch14.calendar import festival_plan
from crmkit.ui.activities.ch14.campaigns import holdout
from crmkit.ui.activities.ch14.release import before_release
from crmkit.ui.activities.ch14.shops import coming_back, location_quotient
from crmkit.ui.activities.ch14.trades import where_to_focus

__all__ = [
    "before_release",
    "coming_back",
    "festival_plan",
    "holdout",
    "location_quotient",
    "trade_bench",
    "where_to_focus",
]
