"""Activities of chapter 13. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch13.choosing import two_methods, weigh_products
from crmkit.ui.activities.ch13.history import product_line
from crmkit.ui.activities.ch13.licences import licence_clinic
from crmkit.ui.activities.ch13.models import model_cards
from crmkit.ui.activities.ch13.moving import move_orders
from crmkit.ui.activities.ch13.trying import cost_of_years, trial_size

__all__ = [
    "cost_of_years",
    "licence_clinic",
    "model_cards",
    "move_orders",
    "product_line",
    "trial_size",
    "two_methods",
    "weigh_products",
]
