"""The lab as it was handed out: what each of its cells is for, and what it must look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from nbformat import NotebookNode

from autograder import build, judge
from autograder.intake import names


class Role(Enum):
    """What a cell of the lab is for."""

    TEXT = "text"  # reading matter
    GIVEN = "given"  # code that a student may change: loading data, showing it
    START = "start"  # locked code that is worth nothing: makes the lab
    WORK = "work"  # the student's solution
    HAND_IN = "hand-in"  # locked, worth points
    WRITTEN = "written"  # the student's text, marked by hand


LOCKED = (Role.START, Role.HAND_IN)


@dataclass(frozen=True)
class Part:
    """One cell of the lab."""

    index: int
    role: Role
    cell: NotebookNode = field(repr=False, compare=False, hash=False)
    names: frozenset[str] = frozenset()  # of WORK and HAND_IN: variables that are handed in
    hand_in: int = -1  # of WORK: index of the cell that hands it in

    @property
    def key(self) -> str:
        marks = self.cell.metadata.get("nbgrader")
        return str(marks["grade_id"]) if marks else str(self.cell["id"])

    @property
    def source(self) -> str:
        return str(self.cell.source)

    @property
    def kind(self) -> str:
        return str(self.cell.cell_type)

    @property
    def locked(self) -> bool:
        return self.role in LOCKED

    @property
    def graded(self) -> bool:
        """Whether a message calls it by its id."""
        return self.role not in (Role.TEXT, Role.GIVEN)


@dataclass(frozen=True)
class Release:
    """One lab as handed out."""

    lab: str
    name: str  # of the notebook, without ending
    notebook: NotebookNode = field(repr=False)
    parts: tuple[Part, ...] = ()

    def by_grade_id(self) -> dict[str, Part]:
        return {p.key: p for p in self.parts if p.graded}

    def by_cell_id(self) -> dict[str, Part]:
        return {str(p.cell["id"]): p for p in self.parts}


@cache
def of(lab: str) -> Release:
    """The release of a lab, built from its text source; the truth for locked cells."""
    spec = judge.load(lab)
    text = build.source(lab).text.read_text(encoding="utf-8")
    return describe(lab, spec.notebook, build.student(build.instructor(text, spec)))


def describe(lab: str, name: str, notebook: NotebookNode) -> Release:
    """Say what each cell of a released notebook is for."""
    roles = [_role(cell) for cell in notebook.cells]
    handed_in = {
        n: names.used(c.source) - {"lab"}
        for n, c in enumerate(notebook.cells)
        if roles[n] is Role.HAND_IN
    }
    parts = []
    for n, cell in enumerate(notebook.cells):
        hand_in = -1
        variables = handed_in.get(n, frozenset())
        if roles[n] is Role.WORK:
            hand_in = next((h for h in handed_in if h > n), -1)
            variables = names.assigned(cell.source) or handed_in.get(hand_in, frozenset())
        parts.append(Part(n, roles[n], cell, variables, hand_in))
    return Release(lab, name, notebook, tuple(parts))


def _role(cell: NotebookNode) -> Role:
    marks = cell.metadata.get("nbgrader")
    if not marks:
        return Role.GIVEN if cell.cell_type == "code" else Role.TEXT
    if marks["grade"]:
        return Role.WRITTEN if marks["solution"] else Role.HAND_IN
    return Role.WORK if marks["solution"] else Role.START
