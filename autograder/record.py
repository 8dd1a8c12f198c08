"""The record of one graded submission: plain JSON, the same input gives the same bytes."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import crmkit
from autograder.fingerprint import of_data
from autograder.judge import Result

SCHEMA = 1


def key(lab: str, student: str, backend: str, inputs: Mapping[str, Any]) -> str:
    """The address of a record: everything that its marks depend on, in one sha256.

    Parameters
    ----------
    backend : str
        The level the submission runs at.
    inputs : mapping
        Of these count ``content`` (the mended notebook, the files and what was mended) and
        ``judge``.
    """
    parts = (SCHEMA, crmkit.__version__, lab, student, backend)
    return of_data([*parts, inputs.get("content", ""), inputs.get("judge", "")])


@dataclass(frozen=True)
class Record:
    """What grading one submission gave, and from what: enough to trust it and to repeat it.

    Attributes
    ----------
    exam : dict
        Of an examination: its times (`autograder.examination.Sitting`), else empty.
    key : str
        `key` of everything above; empty while the submission is being written.
    """

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
    exam: dict[str, Any] = field(default_factory=dict)
    key: str = ""

    @property
    def auto_score(self) -> float:
        return round(sum(i.score or 0.0 for i in self.items if i.mode == "auto"), 2)

    @property
    def auto_points(self) -> float:
        return sum(i.points for i in self.items if i.mode == "auto")

    def to_json(self) -> dict[str, Any]:
        data = {**asdict(self), "auto_score": self.auto_score, "auto_points": self.auto_points}
        if not self.exam:
            del data["exam"]
        return data

    def text(self) -> str:
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """The record that was written as these data; what it does not know is left out."""
        items = [Result(**_known(Result, i)) for i in data["items"]]
        return cls(**{**_known(cls, data), "items": items})


def _known(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: data[f.name] for f in fields(kind) if f.name in data}


def place(folder: Path, lab: str, student: str) -> Path:
    """Where a record stands."""
    return folder / lab / f"{student}.json"


def write(record: Record, folder: Path) -> Path:
    """Write ``<folder>/<lab>/<student>.json`` atomically."""
    path = place(folder, record.lab, record.student)
    write_text(path, record.text())
    return path


def reopen(folder: Path, lab: str, student: str) -> None:
    """Take the key off a record: from here on until it is written anew it vouches for nothing."""
    data = read(folder, lab, student)
    path = place(folder, lab, student)
    if data is None:
        path.unlink(missing_ok=True)
    elif data.get("key"):
        text = json.dumps({**data, "key": ""}, ensure_ascii=False, indent=1, sort_keys=True)
        write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step: after an interruption it is the old one or the new one."""
    write_bytes(path, text.encode("utf-8", "replace"))  # half a character becomes a question mark


def write_bytes(path: Path, data: bytes) -> None:
    """As `write_text`, for bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(folder: Path, lab: str, student: str) -> dict[str, Any] | None:
    """A record as data, or None when there is none that can be read."""
    try:
        data = json.loads(place(folder, lab, student).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
