"""Activities of chapter 2. Each function returns a widget; models load when it is called."""

from crmkit.ui.activities.ch02.lifecycle import lifecycle_path
from crmkit.ui.activities.ch02.lifetime import clv_workshop, is_alive
from crmkit.ui.activities.ch02.satisfaction import satisfaction_loyalty
from crmkit.ui.activities.ch02.segments import segmentation
from crmkit.ui.activities.ch02.surveys import kano_plane, survey_calculators

__all__ = [
    "clv_workshop",
    "is_alive",
    "kano_plane",
    "lifecycle_path",
    "satisfaction_loyalty",
    "segmentation",
    "survey_calculators",
]
