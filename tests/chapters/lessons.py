"""A chapter as its tests read it: cells, prose, code, minutes, one run from top to bottom."""

from __future__ import annotations

import re
from functools import cache, cached_property

from nbformat import NotebookNode

from autograder import grade, judge
from autograder.grade import Run
from autograder.sandbox import Limits
from crmkit.syllabus import Chapter, course
from tests.autograder import notebooks
from tests.autograder.inprocess import InProcess

STEP = re.compile(r"^\*第 (\d) 节　(\S+?)　(\d+) 分钟\*", re.M)


class Lesson:
    """One chapter's notebook as handed out."""

    def __init__(self, id: str) -> None:
        self.id = id

    @property
    def chapter(self) -> Chapter:
        return course().chapter(self.id)

    @cached_property
    def cells(self) -> list[NotebookNode]:
        return list(notebooks.release(self.id).cells)

    @cached_property
    def prose(self) -> str:
        return "\n\n".join(c.source for c in self.cells if c.cell_type == "markdown")

    @cached_property
    def code(self) -> str:
        return "\n\n".join(c.source for c in self.cells if c.cell_type == "code")

    @cached_property
    def taught(self) -> list[NotebookNode]:
        """The cells before the graded exercises."""
        start = next(n for n, c in enumerate(self.cells) if c["id"] == f"{self.id}-start")
        return self.cells[:start]

    @cached_property
    def run(self) -> Run:
        """The notebook as handed out, run from top to bottom."""
        sources = notebooks.code(notebooks.release(self.id))
        return grade.execute(sources, {}, judge.load(self.id), "2025010101", InProcess(), Limits())

    def steps(self) -> list[tuple[int, int]]:
        """(period, minutes) of every tagged step."""
        found = []
        for cell in self.cells:
            tags = dict(t.rsplit("-", 1) for t in cell.metadata.get("tags", []) if "-" in t)
            if "minutes" in tags:
                found.append((int(tags["period"]), int(tags["minutes"])))
        return found


@cache
def lesson(id: str) -> Lesson:
    return Lesson(id)


def known() -> list[str]:
    """The chapters that are written."""
    return [lab for lab in judge.known() if lab.startswith("ch")]
