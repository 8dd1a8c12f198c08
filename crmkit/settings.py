"""Reads settings.toml: every threshold the course had to choose."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def settings() -> dict[str, dict[str, Any]]:
    """The settings as nested dicts, e.g. ``settings()["churn"]["churned_days"]``."""
    return tomllib.loads((Path(__file__).parent / "settings.toml").read_text(encoding="utf-8"))
