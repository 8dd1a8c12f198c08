"""Hand-ins made from a lab's text source: the solution, the empty release, and mistakes."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder import build, grade, judge
from autograder.record import Record
from autograder.run.work import Taken
from autograder.sandbox import Backend
from tests.autograder.inprocess import InProcess


@cache
def _instructor_json(lab: str) -> str:
    source = build.source(lab)
    return json.dumps(build.instructor(source.text.read_text(encoding="utf-8"), judge.load(lab)))


def solution(lab: str) -> NotebookNode:
    """The instructor's notebook, with all solutions."""
    return nbformat.from_dict(json.loads(_instructor_json(lab)))


def release(lab: str) -> NotebookNode:
    """The notebook as students get it."""
    return build.student(solution(lab))


def exercises(nb: NotebookNode, lab: str) -> NotebookNode:
    """Only what is graded: of a chapter the student number and the part from the lab's start on."""
    start = next((n for n, c in enumerate(nb.cells) if c["id"] == f"{lab}-start"), None)
    if start is not None:
        number = next(c for c in nb.cells if c.source.startswith("学号 = "))
        nb.cells = [number, *nb.cells[start:]]
    return nb


def code(nb: NotebookNode) -> dict[int, str]:
    return {i: c.source for i, c in enumerate(nb.cells) if c.cell_type == "code"}


def replace_cell(nb: NotebookNode, cell_id: str, source: str) -> NotebookNode:
    """The notebook with one cell's source replaced."""
    next(c for c in nb.cells if c["id"] == cell_id).source = source
    return nb


def mark(
    nb: NotebookNode, lab: str, student: str, files: dict[str, bytes] | None = None,
    backend: Backend | None = None,
) -> Record:  # fmt: skip
    """Grade a notebook for a student."""
    handin = Taken(nb, files or {}, [])
    made, _ = grade.grade(handin, judge.load(lab), student, backend or InProcess())
    return made


def scores(record: Record) -> dict[str, float | None]:
    return {i.id: i.score for i in record.items}


def findings(record: Record) -> dict[str, Any]:
    return {i.id: (i.status, i.found, i.hint) for i in record.items if i.status != "right"}
