"""Activities of chapter 7. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch07.baskets import apriori_by_hand, rule_filter
from crmkit.ui.activities.ch07.churn import churn_cutoff, first_question
from crmkit.ui.activities.ch07.clusters import kmeans_steps
from crmkit.ui.activities.ch07.forecasts import forecast_methods

__all__ = [
    "apriori_by_hand",
    "churn_cutoff",
    "first_question",
    "forecast_methods",
    "kmeans_steps",
    "rule_filter",
]
