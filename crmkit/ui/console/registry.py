"""Finds the screen of a function: the screens of a module stand in ``screens/<module>.py``."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from crmkit.crm import catalogue
from crmkit.errors import KitError
from crmkit.ui.console.screen import Screen

OWN = "system"  # screens that are no function of the catalogue: the operation log


class ScreenError(KitError):
    """There is no such screen."""


@cache
def _of_module(module: str) -> dict[str, Screen]:
    found: Any = importlib.import_module(f"crmkit.ui.console.screens.{module}")
    return {screen.key: screen for screen in found.SCREENS}


def screen(key: str) -> Screen:
    """The screen with this key.

    Raises
    ------
    ScreenError
        There is no function of this key.
    """
    module = key.partition(".")[0]
    if key not in catalogue.FUNCTIONS and key not in catalogue.SALES and module != OWN:
        raise ScreenError(f"没有功能“{key}”，请刷新页面。")
    try:
        return _of_module(module)[key]
    except KeyError:
        raise ScreenError(f"没有功能“{key}”的页面，请刷新页面。") from None


def title(key: str) -> tuple[str, str]:
    """Module and name of a function in Chinese."""
    if key.startswith(f"{OWN}."):
        return "系统", screen(key).name
    f = catalogue.function(key)
    return f.module, f.name
