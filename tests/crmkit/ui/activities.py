"""The course's activities, made once a process, and the ends of their controls."""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET
from functools import cache
from importlib import import_module
from typing import Any

from crmkit.ui.activity import Activity

CHAPTERS = [f"ch{n:02d}" for n in range(1, 15)]


def names(chapter: str) -> list[str]:
    """The activities of a chapter."""
    return list(_module(chapter).__all__)


@cache
def made(chapter: str, name: str) -> Activity:
    """An activity as it opens; whoever changes it resets it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph, a broken layout
        found: Activity = getattr(_module(chapter), name)()
    return found


def ends(control: dict[str, Any]) -> list[Any]:
    """The values at which a control ends: both ends of a slider, every choice of a list."""
    kind = control["type"]
    if kind == "slider":
        return [control["low"], control["high"]]
    if kind == "select":
        return [option["value"] for option in control["options"]]
    if kind == "switch":
        return [True, False]
    return [[], list(range(1, control["count"] + 1))]  # a strip: nothing marked, all marked


def assert_sound(activity: Activity) -> None:
    """It says in words and in a table what the drawing shows, and the drawing can be drawn."""
    assert activity.alt and activity.message and activity.note and activity.source
    assert activity.rows["columns"] and activity.result
    assert "nan" not in activity.message + activity.alt
    ET.fromstring(activity.drawing)
    for formula in (activity.general, activity.particular):
        assert not formula or ET.fromstring(formula) is not None


def _module(chapter: str) -> Any:
    return import_module(f"crmkit.ui.activities.{chapter}")
