"""Likeness of one lab's hand-ins: computed once, kept in the class folder, read by the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.fingerprint import sha256
from autograder.insight.classroom import LabData
from autograder.insight.similarity import variants
from autograder.insight.similarity.report import CAUTION, Hint, Thresholds, report
from autograder.record import write_text
from crmkit.settings import settings

SCHEMA = 1

Progress = Callable[[str, int, int], None]


def place(course: Path, lab: str) -> Path:
    return course / "insight" / f"{lab}.json"


def compute(data: LabData, progress: Progress = lambda what, done, total: None) -> dict[str, Any]:
    """Look for likeness in one lab and keep the result; unchanged hand-ins are not looked at again.

    Raises
    ------
    crmkit.errors.KitError
        The lab was not released in this class.
    """
    path, state = place(data.course, data.lab), fingerprint(data)
    kept = read(data.course, data.lab)
    if kept is not None and kept["state"] == state:
        return kept
    given = data.released()
    own = data.own(given)
    submissions = data.submissions()
    limits = settings()["insight"]
    foreign: list[variants.Foreign] = []
    if data.spec is not None and len(submissions) > 1:
        foreign = variants.foreign_answers(
            data.spec, submissions, most=limits["common_worlds"], progress=progress
        )
    hints = report(own, given, foreign, _thresholds())
    found: dict[str, Any] = {
        "schema": SCHEMA, "state": state, "lab": data.lab, "caution": CAUTION,
        "compared": {"code": len(own), "answers": len(submissions)},
        "hints": [_plain(h) for h in hints],
    }  # fmt: skip
    write_text(path, json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return found


def read(course: Path, lab: str) -> dict[str, Any] | None:
    """What `compute` kept, or None when there is nothing that can be read."""
    try:
        kept: dict[str, Any] = json.loads(place(course, lab).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) and kept.get("schema") == SCHEMA else None


def fingerprint(data: LabData) -> str:
    """What the result depends on: hand-ins, the judge, thresholds and this program's version."""
    inputs = [[r.get("student"), r.get("inputs"), r.get("kit")] for r in data.records]
    state = [SCHEMA, inputs, settings()["insight"]]
    return sha256(json.dumps(state, ensure_ascii=True, sort_keys=True).encode())


def _thresholds() -> Thresholds:
    limits = settings()["insight"]
    return Thresholds(
        limits["code_share"], limits["code_evidence"], limits["text_share"], limits["text_evidence"]
    )


def _plain(hint: Hint) -> dict[str, Any]:
    return asdict(hint)
