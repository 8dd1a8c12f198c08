"""Activities of chapter 3. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch03.fit import fit_gap
from crmkit.ui.activities.ch03.lists import one_store
from crmkit.ui.activities.ch03.model import model_map, role_map
from crmkit.ui.activities.ch03.work import case_flow, sales_speed

__all__ = ["case_flow", "fit_gap", "model_map", "one_store", "role_map", "sales_speed"]
