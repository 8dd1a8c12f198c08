"""Activities of chapter 4. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch04.acceptance import acceptance_desk
from crmkit.ui.activities.ch04.people import one_person
from crmkit.ui.activities.ch04.platforms import platform_choice
from crmkit.ui.activities.ch04.sharing import lost_update, role_access
from crmkit.ui.activities.ch04.states import state_editor
from crmkit.ui.activities.ch04.tables import big_table, entity_studio

__all__ = [
    "acceptance_desk",
    "big_table",
    "entity_studio",
    "lost_update",
    "one_person",
    "platform_choice",
    "role_access",
    "state_editor",
]
