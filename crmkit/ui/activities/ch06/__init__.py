"""Activities of chapter 6. Each function returns a widget; data load when it is called."""

from crmkit.ui.activities.ch06.asking import whom_to_ask
from crmkit.ui.activities.ch06.cleaning import cleaning_line
from crmkit.ui.activities.ch06.explorer import cube_explorer
from crmkit.ui.activities.ch06.grain import granularity, star_builder
from crmkit.ui.activities.ch06.levels import level_timeline

__all__ = [
    "cleaning_line",
    "cube_explorer",
    "granularity",
    "level_timeline",
    "star_builder",
    "whom_to_ask",
]
