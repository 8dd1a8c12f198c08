"""The answers of a graded submission, stored beside its record, to be judged again without a run.

One gzip of JSON per submission: answers and function outputs as they crossed the border, and the
files that were handed in as answers. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import judge, operations, record
from autograder.grade import Run
from crmkit.lab.snapshot import decode

SCHEMA = 1
MAX_CHARS = 8_000_000  # of one submission's answers; the largest ones beyond that are left out


@dataclass(frozen=True)
class Stored:
    """The stored answers of one submission.

    Attributes
    ----------
    content : str
        Fingerprint of the hand-in they come from, as ``inputs.content`` of its record.
    asked : dict of str to str
        Function items: sha256 of the inputs that `returned` belongs to.
    left_out : list of str
        Items whose answers were too large to be stored.
    works : list of dict
        Operation labs: the checked logs of the shop files, and (`unread`) why one was refused.
    """

    content: str
    answers: dict[str, Any]
    returned: dict[str, list[Any]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    works: list[dict[str, Any]] = field(default_factory=list)
    unread: str = ""

    def submission(self, student: str) -> judge.Submission:
        """What the judge needs.

        Raises
        ------
        crmkit.lab.snapshot.SnapshotError
            The stored data are not what was written.
        """
        answers = {item: decode(value) for item, value in self.answers.items()}
        returns = {item: [decode(v) for v in values] for item, values in self.returned.items()}
        works = [operations.from_json(one) for one in self.works]
        return judge.Submission(student, answers, returns, self.files, works, self.unread)


def place(folder: Path, lab: str, student: str) -> Path:
    """Where the answers of a submission stand; the ending keeps them apart from records."""
    return folder / lab / f"{student}.answers.gz"


def pack(run: Run, content: str) -> bytes:
    """The answers of a run as bytes; what is too large is left out and named."""
    parts: dict[str, dict[str, Any]] = {}
    for item, value in run.data.items():
        parts[item] = {"answer": value}
        if item in run.returned:
            parts[item] |= {"returned": run.returned[item], "asked": run.asked[item]}
        path = getattr(run.answers[item], "path", "")
        if path in run.files:
            encoded = base64.b64encode(run.files[path]).decode("ascii")
            parts[item] |= {"path": path, "file": encoded}
    texts = {item: json.dumps(part, ensure_ascii=True) for item, part in parts.items()}
    left_out = []
    while sum(map(len, texts.values())) > MAX_CHARS:
        largest = max(texts, key=lambda item: (len(texts[item]), item))
        left_out.append(largest)
        del texts[largest]
    data = {
        "schema": SCHEMA, "content": content, "left_out": sorted(left_out),
        "items": {item: parts[item] for item in sorted(texts)},
    }  # fmt: skip
    works = [one for one in map(operations.to_json, run.looked.works) if one is not None]
    if works or run.looked.unread:
        data |= {"works": works, "unread": run.looked.unread}
    return gzip.compress(json.dumps(data, ensure_ascii=True).encode(), compresslevel=1, mtime=0)


def unpack(packed: bytes) -> Stored:
    """The answers from bytes that `pack` made."""
    data = json.loads(gzip.decompress(packed))
    items: dict[str, dict[str, Any]] = data["items"]
    return Stored(
        content=data["content"],
        answers={item: part["answer"] for item, part in items.items()},
        returned={item: part["returned"] for item, part in items.items() if "returned" in part},
        asked={item: part["asked"] for item, part in items.items() if "asked" in part},
        files={p["path"]: base64.b64decode(p["file"]) for p in items.values() if "file" in p},
        left_out=list(data["left_out"]),
        works=list(data.get("works", [])),
        unread=str(data.get("unread", "")),
    )


def write(packed: bytes, folder: Path, lab: str, student: str) -> None:
    """Put packed answers beside their record."""
    record.write_bytes(place(folder, lab, student), packed)


def read(folder: Path, lab: str, student: str) -> Stored | None:
    """The stored answers of a submission, or None when there are none that can be read."""
    try:
        return unpack(place(folder, lab, student).read_bytes())
    except (OSError, ValueError, KeyError, EOFError):
        return None
