"""From the time of handing in to the exported marks: late rules in a real grading run."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from autograder.gradebook.database import open_gradebook
from autograder.gradebook.export import export
from autograder.gradebook.lateness import write_deadlines, write_penalties
from autograder.gradebook.marks import read_marks
from tests.autograder.run import room

RULES = """
迟交:
  规则: [{小时内: 24, 扣: 10%}, {小时内: 72, 扣: 30%}, {之后: true, 扣: 100%}]
  宽限分钟: 10
  截止: {E3: 2025-11-20 17:00}
"""
FULL = 26.0  # what a short hand-in is worth
HANDED_IN = {  # at (UTC; the deadline is 09:00 there) → what is taken off
    "2025000011": ("2025-11-20 08:59:59 UTC", 0.0),
    "2025000013": ("2025-11-20 09:10:01 UTC", 2.6),
    "2025000014": ("2025-11-21 16:59:59 +0800", 2.6),
    "2025000015": ("2025-11-22T17:00:01+08:00", 7.8),
    "2025000016": ("2025-11-24 09:00:01 UTC", FULL),
    "2025000017": ("昨天晚上", 0.0),  # no time: not late
}


def penalties(course: Path) -> dict[str, float]:
    with open_gradebook(course) as gb:
        found = {s.student_id: s.late_submission_penalty for s in gb.assignment_submissions("E3")}
    return {student: float(taken or 0) for student, taken in found.items()}


@pytest.mark.parametrize("deadline_first", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_late_hand_in_loses_what_the_rules_say_up_to_the_exported_workbook(
    tmp_path: Path, deadline_first: bool
) -> None:
    handins = {student: room.short() for student in HANDED_IN}
    course = room.make(tmp_path / "class", handins)
    (course / "grading.yaml").write_text(RULES, encoding="utf-8")
    for student, (at, _) in HANDED_IN.items():
        (course / "submitted" / student / room.LAB / "timestamp.txt").write_text(at, "utf-8")
    due = {student: pytest.approx(taken) for student, (_, taken) in HANDED_IN.items()}
    if deadline_first:  # then the run itself takes it off, as nbgrader would
        write_deadlines(course)
    lines = room.grade(course)
    assert {line.score for line in lines.values()} == {FULL}, "the run says what the work is worth"
    if deadline_first:
        assert penalties(course) == due
    else:
        assert set(penalties(course).values()) == {0.0}
        write_deadlines(course)
        write_penalties(course, read_marks(course))
        assert penalties(course) == due
    marks = read_marks(course)
    assert {s: float(m.exact_penalty) for s, m in marks.labs[0].marks.items()} == due
    target = tmp_path / "成绩册.xlsx"
    export(course, target)
    text = {str(c.value) for sheet in load_workbook(target) for row in sheet for c in row}
    assert any("扣得分的 30%" in words for words in text), "why it was taken off"
