"""What in a hand-in is the student's own: cells that were not handed out, without what was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.build import TEXT_STUB
from autograder.insight.similarity import code, prose
from autograder.insight.similarity.passages import grams

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Own:
    """A student's own code by cell, and written answers by item."""

    code: Mapping[str, str]
    text: Mapping[str, str]


@dataclass(frozen=True)
class Released:
    """What was handed out: fingerprints to leave out, and its comments."""

    code: frozenset[int]
    text: frozenset[int]
    comments: frozenset[str]
    sources: frozenset[str]


def released(notebook: Mapping[str, Any]) -> Released:
    """The handed-out notebook (as JSON data), with the code that its texts show."""
    sources = [_source(c) for c in notebook["cells"] if c["cell_type"] == "code"]
    texts = [_source(c) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    shown = [found for text in texts for found in _FENCE.findall(text)]
    return Released(
        grams((code.tokens("", s) for s in (*sources, *shown)), code.GRAIN.k),
        grams((prose.tokens("", t) for t in (*texts, *sources)), prose.GRAIN.k),
        frozenset(c for s in (*sources, *shown) for c in code.comments(s)),
        frozenset(s.strip() for s in sources),
    )


def own_cells(notebook: Mapping[str, Any], given: Released) -> Own:
    """The student's own cells of a hand-in (as JSON data)."""
    mine: dict[str, str] = {}
    text: dict[str, str] = {}
    for number, cell in enumerate(notebook["cells"], 1):
        marks = cell.get("metadata", {}).get("nbgrader") or {}
        name = str(marks.get("grade_id") or f"第 {number} 个单元格")
        source = _source(cell)
        if cell["cell_type"] == "code":
            if not marks.get("locked") and source.strip() and source.strip() not in given.sources:
                mine[name] = source
        elif cell["cell_type"] == "markdown" and marks.get("grade") and marks.get("solution"):
            answer = source.replace(TEXT_STUB, "").strip()
            if answer:
                text[name] = answer
    return Own(mine, text)


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))
