"""Which file is the lab's notebook? By the ids of its graded cells, whatever it is called."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.collecting.entries import Entry, Unreadable
from autograder.collecting.handins import LONG_AGO, HandIn
from autograder.collecting.source import Source

MAX_BYTES = 50_000_000
GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([\w.\- ]{1,100})"')
OVERLAP = 300
# Read as a notebook only when graded cells are found inside.
DISGUISES = (".json", ".txt")
# Ways a student hands in something else than the notebook.
PRINTS = {".html": "网页", ".htm": "网页", ".pdf": "PDF", ".py": "Python 脚本", ".docx": "Word 文档",
          ".doc": "Word 文档", ".png": "截图", ".jpg": "截图", ".jpeg": "截图"}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A notebook that may be the lab's."""

    entry: Entry
    moment: datetime | None
    ours: int  # graded cells of this lab
    others: tuple[str, ...]  # labs that other graded cells belong to, most frequent first
    named: bool  # the file is called like the lab's notebook
    blank: bool = False  # as handed out, nothing worked on
    note: str = ""

    @property
    def rank(self) -> tuple[bool, bool, datetime, bool, str]:
        return (
            self.ours > 0,
            not self.blank,
            self.moment or LONG_AGO,
            self.named,
            self.entry.shown,
        )


@dataclass(frozen=True)
class Choice:
    """The notebook to take (or None and why), and others of the same lab that are left."""

    taken: Found | None
    left: tuple[Found, ...] = ()
    reason: str = ""


def choose(
    source: Source, handin: HandIn, lab: str, notebook: str, release: Path | None = None
) -> Choice:
    """Pick the lab's notebook in one hand-in: the newest that was worked on."""
    found = [
        f for e in handin.entries if (f := _look(source, handin, e, lab, notebook)) is not None
    ]
    ours = [f for f in found if f.ours]
    if not ours:
        # Unreadable files and notebooks without graded cells still belong to the grader, which
        # says why they cannot be graded; another lab's notebook does not.
        ours = [f for f in found if not f.others and f.named]
        bare = [f for f in found if not f.others]
        ours = ours or (bare if len(bare) == 1 else [])
    if not ours:
        return Choice(None, reason=_why_none(handin, found, lab, notebook))
    if len(ours) > 1 and release is not None:
        ours = [_marked_blank(source, f, release) for f in ours]
    ours.sort(key=lambda f: f.rank, reverse=True)
    return Choice(ours[0], tuple(ours[1:]))


def _look(source: Source, handin: HandIn, entry: Entry, lab: str, notebook: str) -> Found | None:
    name = entry.name.lower()
    disguised = entry.suffix in DISGUISES and ".ipynb" not in name
    if ".ipynb" not in name and not disguised:
        return None
    if disguised and (entry.problem or entry.size > MAX_BYTES):
        return None
    named = bool(re.search(rf"(?<![A-Za-z0-9])({re.escape(lab)}|{re.escape(notebook)})(?![A-Za-z0-9])", entry.name))  # fmt: skip
    ids: set[str] = set()
    note = ""
    try:
        ids = _grade_ids(source, entry)
    except Unreadable as e:
        note = str(e)
    prefix = f"{lab}-"
    ours = sum(i.startswith(prefix) for i in ids)
    others = Counter(i.rsplit("-", 1)[0] for i in ids if "-" in i and not i.startswith(prefix))
    others = Counter({re.sub(r"-.*", "", k): v for k, v in others.items()})
    if disguised and not ours:
        return None
    if not note and not ids:
        note = "没有评分单元"
    return Found(
        entry,
        handin.moment(entry),
        ours,
        tuple(k for k, _ in others.most_common()),
        named,
        note=note,
    )


def _grade_ids(source: Source, entry: Entry) -> set[str]:
    """Ids by a search in the text, so that truncated, GBK or huge files are recognised too."""
    ids: set[str] = set()
    tail = b""
    for piece in source.read(entry, MAX_BYTES):
        piece = tail + piece.replace(b"\0", b"")  # UTF-16, as Notepad saves it
        ids.update(m[1].decode("ascii", "replace") for m in GRADE_ID.finditer(piece))
        tail = piece[-OVERLAP:]
    return ids


def _marked_blank(source: Source, found: Found, release: Path) -> Found:
    try:
        given = _sources(release.read_bytes())
        content = b"".join(source.read(found.entry, MAX_BYTES))
        blank = _sources(content) == given
    except (OSError, Unreadable, ValueError, RecursionError, AttributeError, TypeError):
        return found
    return Found(
        found.entry, found.moment, found.ours, found.others, found.named, blank, found.note
    )


def _sources(content: bytes) -> list[str]:
    """What stands in the cells that a student works in."""
    cells = json.loads(content)["cells"]
    texts = []
    for cell in cells:
        marks = cell.get("metadata", {}).get("nbgrader") or {}
        if marks.get("solution"):
            text = cell["source"]
            texts.append("".join(text) if isinstance(text, list) else text)
    return texts


def _why_none(handin: HandIn, found: list[Found], lab: str, notebook: str) -> str:
    wrong = next((f for f in found if f.others), None)
    if wrong is not None:
        return f"「{wrong.entry.name}」是 {wrong.others[0]} 的笔记本，不是 {lab} 的"
    if found:
        return f"有 {len(found)} 个笔记本，都没有 {lab} 的评分单元，分不清是哪一个"
    return why_no_file(handin.entries, notebook)


def why_no_file(entries: list[Entry], notebook: str) -> str:
    """Why none of these files is a notebook at all."""
    problem = next((e for e in entries if e.problem), None)
    if problem is not None:
        return f"「{problem.name}」{problem.problem}"
    kinds = {PRINTS[e.suffix] for e in entries if e.suffix in PRINTS}
    if kinds:
        return f"只有{'、'.join(sorted(kinds))}，没有笔记本 {notebook}.ipynb"
    return f"没有笔记本 {notebook}.ipynb"
