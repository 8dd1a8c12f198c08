"""A class of fifty with every kind of gap: what a workbook of marks has to stand."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from autograder.gradebook.attendance import ABSENT
from autograder.gradebook.late import LatePolicy
from autograder.gradebook.marks import ClassMarks, Item, ItemMark, LabMark, LabMarks
from autograder.gradebook.scheme import ClassTotals, compute
from autograder.gradebook.settings import GradingSettings, parse
from autograder.gradebook.tables import MarkTable, Preview
from autograder.roster import Student

DUE = datetime(2025, 11, 20, 15, 59)
GAPS = ("未交", "不能评分", "未评分", "免做")
LATE_RULES = """
迟交:
  规则: [{小时内: 24, 扣: 10%}, {小时内: 72, 扣: 30%}, {之后: true, 扣: 100%}]
"""


def settings(scheme: str = "course_48", policy: str = "normalize", more: str = "") -> GradingSettings:  # fmt: skip
    return parse(f"方案: {scheme}\n折算办法: {policy}\n{more or LATE_RULES}")


def students(count: int = 50) -> tuple[Student, ...]:
    names = ("=SUM(A1:A9)", "+1", "-2+3", "@cmd", "<b>赵六</b>", "O'Brien", '"引号"', "欧阳娜娜")
    return tuple(
        Student(f"2025{n:06d}", names[n] if n < len(names) else f"学生{n:02d}", f"市营250{1 + n % 2}")
        for n in range(1, count + 1)
    )  # fmt: skip


def marks(everyone: tuple[Student, ...], policy: LatePolicy, labs: tuple[str, ...]) -> ClassMarks:
    rng = random.Random(20251231)
    return ClassMarks(everyone, tuple(_lab(lab, everyone, policy, rng) for lab in labs))


def _lab(
    lab: str, everyone: tuple[Student, ...], policy: LatePolicy, rng: random.Random
) -> LabMarks:
    items = tuple(Item(f"{lab}-{k:02d}", f"第 {k} 题", 12.5) for k in range(1, 9))
    found = {}
    for n, student in enumerate(everyone):
        if (n * 7 + len(found) + ord(lab[-1])) % 9 == 0:
            found[student.id] = LabMark(rng.choice(GAPS), reason="打不开")
            continue
        shares = [rng.choice((0, 0.5, 0.3333, 0.75, 0.87, 0.9, 1, 1, 1)) for _ in items]
        if n % 11 == 3:
            shares = [0.0] * len(items)
        scores = {
            i.id: ItemMark(round(i.points * s, 2))
            for i, s in zip(items, shares, strict=True)
        }  # fmt: skip
        if n % 10 == 4:
            scores[items[-1].id] = ItemMark(None, pending=True)
        if n % 13 == 5:
            scores[items[0].id] = ItemMark(15.0, extra=2.5)
        status = "待人工批阅" if n % 10 == 4 else "已评"
        handed = DUE + timedelta(
            hours=rng.choice((-30, -9, -7, -5, -3, -2, -1, 0.1, 5, 24, 25, 72, 73))
        )
        mark = LabMark(status, scores, handed_in=handed, due=DUE)
        cut = policy.deduct(handed - DUE, mark.exact_raw, Fraction(100))
        found[student.id] = LabMark(
            status, scores, float(cut.amount), handed_in=handed, due=DUE,
            deduction=cut if cut.why else None,
        )  # fmt: skip
    return LabMarks(lab, f"{lab} 的题目", items, found, DUE)


def tables(folder: Path, everyone: tuple[Student, ...]) -> None:
    """The register and the tables of marks that the schemes want, with gaps of all kinds."""
    rng = random.Random(7)
    words = ["出勤"] * 12 + [
        "迟到",
        "早退",
        "病假",
        "事假",
        "公假",
        ABSENT,
        ABSENT,
        "免修",
        "95",
        "",
    ]
    sessions = {f"2025-09-{d:02d}": "100" for d in range(1, 17)}
    register = {s.id: {c: w for c in sessions if (w := rng.choice(words))} for s in everyone[:-1]}
    _keep(folder, MarkTable("考勤", "考勤", sessions, register))
    for name, columns in (
        ("课堂表现", {"发言": "100", "小组": "20"}),
        ("小测", {"小测1": "20", "小测2": "20", "小测3": "20"}),
        ("期末考试", {"卷面": "100"}),
    ):
        cells = {
            s.id: {c: _cell(rng, n, full) for c, full in columns.items()}
            for n, s in enumerate(everyone)
            if n != 17
        }
        _keep(folder, MarkTable(name, "表", columns, {s: {c: v for c, v in row.items() if v} for s, row in cells.items()}))  # fmt: skip


def _cell(rng: random.Random, n: int, full: str) -> str:
    if n in (6, 23):
        return rng.choice(("缺考", "缓考", "免修", ""))
    if n % 12 == 8:
        return rng.choice(("优秀", "良好", "不及格"))
    return f"{rng.randint(int(full), int(full) * 2) / 2:g}"


def _keep(folder: Path, table: MarkTable) -> None:
    Preview(table, (), 0, (), ()).keep(folder)


def totals(
    folder: Path, scheme: str = "course_48", policy: str = "normalize", count: int = 50
) -> ClassTotals:
    everyone, chosen = students(count), settings(scheme, policy)
    tables(folder, everyone)
    labs = ("ch02", "ch03", "E1", "E2", "E3", "O6", "X1")
    return compute(folder, marks(everyone, chosen.late, labs), chosen)
