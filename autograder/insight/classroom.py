"""A class folder read for the teacher's board: marks, records, hand-ins and answers of one lab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from autograder import judge, snapshots
from autograder.gradebook.marks import (
    MISSING,
    PENDING,
    UNGRADABLE,
    ClassMarks,
    GradebookError,
    LabMarks,
    read_marks,
)
from autograder.insight.similarity.handin import Own, Released, own_cells, released
from autograder.roster import Roster
from autograder.spec import LabSpec
from crmkit.errors import KitError


@dataclass(frozen=True)
class LabData:
    """One lab of a class."""

    course: Path
    marks: ClassMarks
    sheet: LabMarks

    @property
    def lab(self) -> str:
        return self.sheet.lab

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """Records of everyone, in the order of the class list."""
        return [m.record for s in self.marks.students if (m := self.sheet.marks[s.id]).record]

    @property
    def totals(self) -> dict[str, float]:
        """Final marks of everyone who has one."""
        return {s: m.score for s, m in self.sheet.marks.items() if m.score is not None}

    @property
    def scores(self) -> pd.DataFrame:
        """Points by student and item, as `item_analysis.analyse` takes them."""
        rows = {}
        for student in self.totals:
            mark = self.sheet.marks[student]
            row = {}
            for item in self.sheet.items:
                given = mark.items.get(item.id)
                open_ = (
                    given is None or given.score is None or (given.pending and not given.by_hand)
                )
                points = 0.0 if open_ or given is None else float(given.score or 0.0) - given.extra
                row[item.id] = float("nan") if open_ else min(item.points, max(0.0, points))
            rows[student] = row
        columns = [i.id for i in self.sheet.items]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype(float)

    @property
    def points(self) -> pd.Series:
        return pd.Series({i.id: i.points for i in self.sheet.items}, dtype=float)

    @property
    def handed_in(self) -> dict[str, datetime | None]:
        """Student → time of the hand-in, of everyone who handed in."""
        marks = self.sheet.marks.items()
        return {s: m.handed_in for s, m in marks if m.status != MISSING}

    @property
    def due(self) -> datetime | None:
        """The deadline for all, UTC."""
        return self.sheet.due

    @property
    def own_due(self) -> dict[str, datetime]:
        """Deadlines of those who have one of their own."""
        marks = self.sheet.marks.items()
        return {s: m.due for s, m in marks if m.due is not None and m.due != self.sheet.due}

    def count(self, status: str) -> int:
        return sum(m.status == status for m in self.sheet.marks.values())

    @property
    def refused(self) -> int:
        return self.count(UNGRADABLE)

    @property
    def waiting(self) -> int:
        return self.count(PENDING)

    @cached_property
    def spec(self) -> LabSpec | None:
        """The lab's judge, None for a lab that the kit does not have (any more)."""
        return judge.load(self.lab) if self.lab in judge.known() else None

    # ---------------------------------------------------------------- what was handed in

    @property
    def notebook(self) -> str:
        return f"{self.spec.notebook if self.spec else self.lab}.ipynb"

    def released(self) -> Released:
        """What students were given.

        Raises
        ------
        KitError
            The lab was not released in this class.
        """
        path = self.course / "release" / self.lab / self.notebook
        if not path.is_file():
            raise KitError(
                f"班级里没有 {self.lab} 的学生版笔记本（{path}）：先运行 autograder release {self.lab}"
            )
        return released(json.loads(path.read_text(encoding="utf-8")))

    def own(self, given: Released) -> dict[str, Own]:
        """Own cells of everyone whose hand-in was graded, from the copy that the kit wrote."""
        found = {}
        for student in self.totals:
            path = self.course / "autograded" / student / self.lab / self.notebook
            if path.is_file():
                found[student] = own_cells(json.loads(path.read_text(encoding="utf-8")), given)
        return found

    def submissions(self) -> dict[str, judge.Submission]:
        """Stored answers of everyone who has some that can be read."""
        found = {}
        for student in self.totals:
            stored = snapshots.read(self.course / "records", self.lab, student)
            if stored is not None:
                found[student] = stored.submission(student)
        return found


def labs(course: Path, roster: Roster | None = None) -> ClassMarks:
    """The marks of a class.

    Raises
    ------
    autograder.gradebook.marks.GradebookError
        There are none.
    """
    marks = read_marks(course, roster=roster)
    if not marks.labs:
        raise GradebookError(f"「{course}」里还没有成绩：先运行 autograder grade 评分")
    return marks


def read_lab(course: Path, lab: str, roster: Roster | None = None) -> LabData:
    """One lab of a class.

    Raises
    ------
    autograder.gradebook.marks.GradebookError
        The lab has no marks.
    """
    course = Path(course).resolve()
    marks = labs(course, roster)
    sheet = next((s for s in marks.labs if s.lab == lab), None)
    if sheet is None:
        there = "、".join(s.lab for s in marks.labs)
        raise GradebookError(f"没有 {lab} 的成绩；有成绩的是 {there}")
    return LabData(course, marks, sheet)
