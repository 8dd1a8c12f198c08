"""The record of one graded submission: plain JSON, the same input gives the same bytes."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import crmkit
from autograder.judge import Result

SCHEMA = 1


@dataclass(frozen=True)
class Record:
    """What grading one submission gave, and from what: enough to trust it and to repeat it."""

    lab: str
    student: str
    backend: str
    inputs: dict[str, Any]
    status: str = "graded"
    reason: str = ""
    mends: list[str] = field(default_factory=list)
    items: list[Result] = field(default_factory=list)
    kit: str = crmkit.__version__
    schema: int = SCHEMA

    @property
    def auto_score(self) -> float:
        return round(sum(i.score or 0.0 for i in self.items if i.mode == "auto"), 2)

    @property
    def auto_points(self) -> float:
        return sum(i.points for i in self.items if i.mode == "auto")

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "auto_score": self.auto_score, "auto_points": self.auto_points}

    def text(self) -> str:
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(record: Record, folder: Path) -> Path:
    """Write ``<folder>/<lab>/<student>.json`` atomically."""
    path = folder / record.lab / f"{record.student}.json"
    write_text(path, record.text())
    return path


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step: after an interruption it is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(folder: Path, lab: str, student: str) -> dict[str, Any] | None:
    """A record as data, or None when there is none."""
    path = folder / lab / f"{student}.json"
    if not path.is_file():
        return None
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
