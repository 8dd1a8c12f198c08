"""Activities of chapter 11. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch11.effects import before_after
from crmkit.ui.activities.ch11.risks import premortem
from crmkit.ui.activities.ch11.schedule import earned_value_board, project_planner
from crmkit.ui.activities.ch11.worth import project_value

__all__ = [
    "before_after",
    "earned_value_board",
    "premortem",
    "project_planner",
    "project_value",
]
