"""A class after its examination: in time, over the time, not handed in, without a file, absent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from autograder import examination, judge
from autograder.gradebook.database import open_gradebook
from autograder.roster import Roster, Student, write_names
from autograder.shopfiles import ShopLog
from crmkit.crm import exam
from tests.autograder import classroom

NAMES = ("张三", "李四", "王芳", "<b>赵六</b>", "周七", "孙八", "钱九")
ROSTER = Roster(tuple(Student(f"202501010{n}", name) for n, name in enumerate(NAMES, start=1)))
WORK, ANSWER, BEGIN, END = "贴标签", exam.ANSWER, exam.BEGIN, exam.END

# student → the log: (hour:minute:second UTC, action, changes)
LOGS: dict[str, list[tuple[str, str, int]]] = {
    "2025010101": [("01:00:05", BEGIN, 0), ("01:10:00", WORK, 3), ("01:12:00", ANSWER, 0), ("01:34:35", END, 0)],
    "2025010102": [("01:00:10", BEGIN, 0), ("01:20:00", ANSWER, 0), ("01:42:10", END, 0)],
    "2025010103": [("01:01:00", BEGIN, 0), ("01:30:00", WORK, 1), ("01:44:00", WORK, 1)],
    "2025010104": [("01:32:00", BEGIN, 0), ("01:50:00", WORK, 4), ("01:55:00", END, 0)],
    "2025010106": [("01:00:30", BEGIN, 0), ("01:01:00", ANSWER, 0), ("01:39:00", END, 0)],
}  # fmt: skip
NO_FILE, SCORE = "2025010105", {"2025010101": 1.0, "2025010106": 0.5}  # share of every item


def sitting(lines: list[tuple[str, str, int]]) -> examination.Sitting:
    """The times of a log of these lines."""
    rows = [
        {"seq": n, "clock": f"2026-01-05T{at}.000000Z", "action": action, "changes": changes,
         "outcome": "成功", "object": "X1-01"}
        for n, (at, action, changes) in enumerate(lines, start=1)
    ]  # fmt: skip
    return examination.in_time(ShopLog("", "X1", "tea", "", rows, []))[1]


def record(student: str, share: float, sat: examination.Sitting) -> dict[str, Any]:
    spec = judge.load("X1")
    items = [classroom.result(i.id, i.title, i.points, share) for i in spec.items]
    total = sum(i["score"] for i in items)
    return {
        "schema": 1, "kit": "0.1.0", "lab": "X1", "student": student, "backend": "plain",
        "inputs": {}, "status": "graded", "reason": "", "mends": [sat.words], "items": items,
        "exam": sat.to_json(), "auto_score": total, "auto_points": 100,
    }  # fmt: skip


def make(course: Path) -> Path:
    """The class folder."""
    write_names(ROSTER, course)
    spec = judge.load("X1")
    with open_gradebook(course) as gb:
        gb.add_assignment("X1")
        gb.add_notebook("X1", "X1")
        for i in spec.items:
            gb.add_grade_cell(i.id, "X1", "X1", max_score=i.points, cell_type="code")
            gb.add_solution_cell(f"{i.id}-work", "X1", "X1")
        sat = {student: sitting(lines) for student, lines in LOGS.items()}
        sat[NO_FILE] = examination.Sitting(remarks=("没有交店铺文件「out/X1.crm」",))
        for student, one in sat.items():
            data = record(student, SCORE.get(student, 0.0), one)
            classroom.put_record(course, data)
            handed_in = gb.add_submission("X1", student, timestamp=datetime(2026, 1, 5, 2))
            scores = {i["id"]: i["score"] for i in data["items"]}
            for grade in handed_in.notebooks[0].grades:
                grade.auto_score, grade.needs_manual_grade = scores[grade.name], False
        gb.db.commit()
    return course
