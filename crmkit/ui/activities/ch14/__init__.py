"""Activities of chapter 14. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch14.campaigns import holdout
from crmkit.ui.activities.ch14.shops import coming_back, location_quotient
from crmkit.ui.activities.ch14.trades import where_to_focus

__all__ = ["coming_back", "holdout", "location_quotient", "where_to_focus"]
