"""Activities of chapter 7. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch07.baskets import apriori_by_hand, rule_filter
from crmkit.ui.activities.ch07.churn import churn_cutoff, first_question
from crmkit.ui.activities.ch07.clusters import kmeans_steps
from crmkit.ui.activities.ch07.comeback import purchase_holdout
from crmkit.ui.activities.ch07.forecasts import forecast_methods
from crmkit.ui.activities.ch07.leads import lead_scoring
from crmkit.ui.activities.ch07.reviews import review_alert

__all__ = [
    "apriori_by_hand",
    "churn_cutoff",
    "first_question",
    "forecast_methods",
    "kmeans_steps",
    "lead_scoring",
    "purchase_holdout",
    "review_alert",
    "rule_filter",
]
