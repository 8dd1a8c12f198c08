"""A small class with marks, as grading and formgrader leave it: gradebook.db and records."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.gradebook.database import open_gradebook
from autograder.roster import Roster, Student, write_names

ITEMS = {
    "E3": [("E3-01", "男性客户", 10.0), ("E3-02", "透视表", 14.0), ("E3-03", "省份柱形图", 6.5), ("E3-12", "营销建议", 8.0)],
    "E1": [("E1-01", "建立表头", 20.0), ("E1-02", "去除重复", 30.0)],
}  # fmt: skip
MANUAL = {"E3-12"}

ROSTER = Roster(
    (
        Student("2025010101", "张三", "市营2501"),
        Student("2025010102", "李四", "市营2501"),
        Student("2025010103", "王芳", "市营2501"),
        Student("2025010104", "<b>赵六</b>", "市营2502"),
        Student("2025010105", "=1+1", "市营2502"),
        Student("2025010106", "孙八", "市营2502"),
    )
)

# student → lab → share of the points of each automatic item
WORK = {
    "2025010101": {"E3": [1, 1, 1], "E1": [1, 1]},
    "2025010102": {"E3": [0.75, 0, 1 / 3], "E1": [1, 0.5]},
    "2025010104": {"E3": [0.1, 0.2, 0], "E1": [0, 0]},
    "2025010105": {"E1": [1, 1]},
}
FOUND = "表里有 41 行，应当只有男性客户；第 3 行「C00017」的性别是女"


def result(item: str, title: str, points: float, share: float) -> dict[str, Any]:
    """One item of a record."""
    manual = item in MANUAL
    status = "manual" if manual else "right" if share == 1 else "partly" if share else "wrong"
    return {
        "id": item, "title": title, "points": points, "mode": "manual" if manual else "auto",
        "core": item.endswith("01"), "status": status, "score": None if manual else points * share,
        "need": f"{title}：店长要据此安排会员活动", "found": "" if manual else FOUND,
        "hint": "" if share == 1 or manual else "先按「性别」筛选，再按「累计金额」从高到低排序",
        "expected": "SECRET-EXPECTED-VALUE",
    }  # fmt: skip


def record(lab: str, student: str, shares: list[float], **changes: Any) -> dict[str, Any]:
    """The record of one graded submission."""
    padded = [*shares, *[0.0] * len(ITEMS[lab])]
    items = [result(*item, share) for item, share in zip(ITEMS[lab], padded, strict=False)]
    auto = [i for i in items if i["mode"] == "auto"]
    return {
        "schema": 1, "kit": "0.1.0", "lab": lab, "student": student, "backend": "plain",
        "inputs": {"notebook": "0" * 64, "judge": "0" * 64, "files": {}, "hidden": "SECRET-INPUT"},
        "status": "graded", "reason": "", "mends": [], "items": items,
        "auto_score": sum(i["score"] for i in auto), "auto_points": sum(i["points"] for i in auto),
        **changes,
    }  # fmt: skip


def put_record(course: Path, data: dict[str, Any]) -> Path:
    path = course / "records" / data["lab"] / f"{data['student']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def make(course: Path) -> Path:
    """A class with two labs: full marks, partial ones, refused, late, missing and waiting ones."""
    write_names(ROSTER, course)
    with open_gradebook(course) as gb:
        for lab, items in ITEMS.items():
            _release(gb, lab, items)
        for student, labs in WORK.items():
            for lab, shares in labs.items():
                _submit(gb, course, lab, student, [float(s) for s in shares])
        _by_hand(gb)
    broken = record(
        "E3", "2025010103", [], status="ungradable", items=[], reason="笔记本不完整：上传时断了"
    )
    put_record(course, broken | {"auto_score": 0, "auto_points": 0})
    collected = course / "submitted" / "2025010106" / "E3"
    collected.mkdir(parents=True)
    (collected / "E3.ipynb").write_text("{}", encoding="utf-8")
    return course


def _release(gb: Gradebook, lab: str, items: list[tuple[str, str, float]]) -> None:
    gb.add_assignment(lab, duedate=datetime(2025, 11, 20, 16))
    gb.add_notebook(lab, lab)
    for item, _, points in items:
        if item in MANUAL:
            gb.add_grade_cell(item, lab, lab, max_score=points, cell_type="markdown")
            gb.add_solution_cell(item, lab, lab)
        else:
            gb.add_grade_cell(item, lab, lab, max_score=points, cell_type="code")
            gb.add_solution_cell(f"{item}-work", lab, lab)


def _submit(gb: Gradebook, course: Path, lab: str, student: str, shares: list[float]) -> None:
    mends = ["单元格 E3-02 被删除，已补回"] if student == "2025010102" else []
    data = record(lab, student, shares, mends=mends)
    put_record(course, data)
    gb.add_submission(lab, student, timestamp=datetime(2025, 11, 20, 10))
    for item in data["items"]:
        grade = gb.find_grade(item["id"], lab, lab, student)
        grade.auto_score = item["score"]
        grade.needs_manual_grade = item["score"] is None
    gb.db.commit()


def _by_hand(gb: Gradebook) -> None:
    """What a teacher does in formgrader: marks, comments, extra credit; and a late penalty."""
    grade = gb.find_grade("E3-12", "E3", "E3", "2025010101")
    grade.manual_score, grade.needs_manual_grade = 7.0, False
    gb.find_comment(
        "E3-12", "E3", "E3", "2025010101"
    ).manual_comment = "数字用得好。<script>alert(1)</script>"
    gb.find_comment("E3-12", "E3", "E3", "2025010102").auto_comment = "No response."
    changed = gb.find_grade("E3-02", "E3", "E3", "2025010104")
    changed.manual_score, changed.extra_credit = 12.0, 1.5
    gb.find_comment("E3-02-work", "E3", "E3", "2025010104").manual_comment = "公式对，区域选错了"
    gb.find_submission_notebook("E3", "E3", "2025010104").late_submission_penalty = 5.0
    gb.find_submission_notebook("E1", "E1", "2025010104").late_submission_penalty = 5.0
    gb.db.commit()
