"""The notebook that is graded: the lab's cells as released, the student's text in its place."""

from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.intake import answers, ordering
from autograder.intake.gathering import Entry, gather
from autograder.intake.markdown import harmless
from autograder.intake.matching import Match
from autograder.intake.released import Release

_NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


def weave(found: Match, release: Release) -> NotebookNode:
    """A valid notebook of format 4 in which nothing but text comes from the student."""
    gathered = gather(found, release)
    entries = ordering.order(gathered, release, found.mends)
    entries = answers.reach(entries, release, found.mends)
    nb: NotebookNode = copy.deepcopy(
        NotebookNode({k: v for k, v in release.notebook.items() if k != "cells"})
    )
    used: set[str] = set()
    nb.cells = [_cell(entry, used) for entry in entries]
    return nb


def _cell(entry: Entry, used: set[str]) -> NotebookNode:
    source = entry.source
    if entry.own and entry.kind != "code":  # nbconvert shows raw cells as HTML
        source = harmless(source)
    if entry.part is not None:
        cell: NotebookNode = copy.deepcopy(entry.part.cell)
        cell.source = source
    else:
        cell = _NEW[entry.kind](source)
        base = f"own-{entry.number}" if entry.number > 0 else f"again-{-entry.number}"
        cell["id"] = next(i for n in range(len(used) + 1) if (i := base if not n else f"{base}-{n}") not in used)  # fmt: skip
    used.add(cell["id"])
    return cell
