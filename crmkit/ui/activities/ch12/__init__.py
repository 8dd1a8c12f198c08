"""Activities of chapter 12. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch12.chain import bullwhip_lab, sales_funnel
from crmkit.ui.activities.ch12.messages import message_lab
from crmkit.ui.activities.ch12.offers import process_redesign, rent_or_own

__all__ = [
    "bullwhip_lab",
    "message_lab",
    "process_redesign",
    "rent_or_own",
    "sales_funnel",
]
