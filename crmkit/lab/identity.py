"""Whose data? The student id decides which cut of the data a lab works on."""

from __future__ import annotations

import os
import re
import unicodedata

from crmkit.errors import KitError

DEMO = "演示"
# Set by the grader (and by a classroom server that knows who is logged in): it goes first, so that
# a hand-in is always judged on the data of the student it belongs to.
VARIABLE = "CRMKIT_STUDENT"


def student_id(given: object = "") -> str:
    """The id in force: the grader's, else the one typed in the notebook, else the demo data's.

    Raises
    ------
    KitError
        The text cannot be a student id.
    """
    forced = os.environ.get(VARIABLE, "")
    raw = unicodedata.normalize("NFKC", forced or str(given)).strip()
    if not raw or raw == "...":
        return DEMO
    if len(raw) > 80 or raw.startswith(".") or not re.fullmatch(r"[\w \-.@()]+", raw):
        raise KitError(f"学号「{raw[:20]}」不能用：只写字母、数字、短横线，例如 2025010101")
    return raw
