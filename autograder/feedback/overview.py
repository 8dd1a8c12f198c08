"""The teacher's pages: one lab item by item, and the class lab by lab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.feedback.items import STATUS, is_open, item_view
from autograder.feedback.rendering import course_title, number, plain, render
from autograder.gradebook.marks import (
    MISSING,
    PENDING,
    UNGRADABLE,
    UNGRADED,
    ClassMarks,
    LabMark,
    LabMarks,
)

PASS = 0.6  # share of the points from which a mark is a pass

_LEGEND = [
    ("right", "", "60% 以上"),
    ("partly", "", "不到 60%"),
    ("manual", "", "有题待批改"),
    ("wrong", "", "不能评分"),
]
_EMPTY = {"text": "", "status": "", "link": "", "title": ""}


def lab_overview(marks: ClassMarks, sheet: LabMarks, course: Path) -> str:
    """One lab: a row for each student, a column for each item."""
    columns = [{"text": "得分", "title": "", "link": ""}]
    columns += [{"text": i.id, "title": plain(i.title), "link": ""} for i in sheet.items]
    scored = [m for m in sheet.marks.values() if m.score is not None]
    shares = [_mean([m.score / sheet.points for m in scored if m.score is not None])]
    for item in sheet.items:
        given = [m.items[item.id].score for m in scored if item.id in m.items]
        shares.append(_mean([s / item.points for s in given if s is not None and item.points]))
    rows = [
        {"student": s.id, "name": plain(s.name), "cells": _cells(s.id, sheet, course)}
        for s in marks.students
    ]
    return _overview(
        heading=f"{sheet.lab} {sheet.title} · 班级反馈", caption=f"{sheet.lab} 各题得分", back="index.html",
        cards=_cards(sheet), columns=columns, rows=rows, shares=shares,
        legend=[(k, *v) for k, v in STATUS.items()],
    )  # fmt: skip


def class_overview(marks: ClassMarks, course: Path) -> str:
    """All labs: a row for each student, a column for each lab."""
    made = {lab.lab for lab in marks.labs if (course / "feedback" / f"{lab.lab}.html").is_file()}
    columns = [
        {
            "text": lab.lab,
            "title": lab.title,
            "link": f"{quote(lab.lab)}.html" if lab.lab in made else "",
        }
        for lab in marks.labs
    ]
    shares = [
        _mean(
            [m.score / lab.points for m in lab.marks.values() if m.score is not None and lab.points]
        )
        for lab in marks.labs
    ]
    rows = [
        {"student": s.id, "name": plain(s.name),
         "cells": [score_cell(s.id, lab, lab.marks[s.id], course) for lab in marks.labs]}
        for s in marks.students
    ]  # fmt: skip
    cards = [
        ("学生", len(marks.students)),
        ("实验", len(marks.labs)),
        ("待批改的题", sum(_open_count(lab) for lab in marks.labs)),
        ("不能评分", sum(_refused(lab) for lab in marks.labs)),
    ]
    return _overview(
        heading="班级反馈一览", caption="各实验最后得分", back="", cards=cards, columns=columns,
        rows=rows, shares=shares, legend=_LEGEND,
    )  # fmt: skip


def _cells(student: str, sheet: LabMarks, course: Path) -> list[dict[str, str]]:
    mark = sheet.marks[student]
    raw = {r["id"]: r for r in mark.record.get("items", ())}
    cells = [score_cell(student, sheet, mark, course)]
    for item in sheet.items:
        if mark.score is None or item.id not in mark.items:
            cells.append(_EMPTY)
            continue
        shown = item_view(item, mark.items[item.id], raw.get(item.id, {}))
        text = shown["mark"] if shown["score"] == "—" else shown["score"]
        title = f"{shown['title']}：{shown['label']}"
        cells.append({"text": text, "status": shown["status"], "link": "", "title": title})
    return cells


def score_cell(student: str, sheet: LabMarks, mark: LabMark, course: Path) -> dict[str, str]:
    """A student's mark for a lab, linked to the page when there is one."""
    status = {UNGRADABLE: "wrong", UNGRADED: "missing", MISSING: "", PENDING: "manual"}.get(
        mark.status, "right"
    )
    if status == "right" and mark.score is not None and mark.score < PASS * sheet.points:
        status = "partly"
    text = mark.status if mark.score is None else number(mark.score)
    folder = course / "feedback" / student / sheet.lab
    found = sorted(folder.glob("*.html")) if folder.is_dir() else []
    link = f"{quote(student)}/{quote(sheet.lab)}/{quote(found[0].name)}" if found else ""
    return {"text": text, "status": status, "link": link, "title": ""}


def _cards(sheet: LabMarks) -> list[tuple[str, Any]]:
    scores = [m.score for m in sheet.marks.values() if m.score is not None]
    handed = sum(m.status != MISSING for m in sheet.marks.values())
    mean = f"{sum(scores) / len(scores):.1f} / {number(sheet.points)}" if scores else "—"
    return [
        ("已交", f"{handed} / {len(sheet.marks)}"), ("平均分", mean),
        ("待批改的题", _open_count(sheet)), ("不能评分", _refused(sheet)),
    ]  # fmt: skip


def _refused(sheet: LabMarks) -> int:
    return sum(m.status == UNGRADABLE for m in sheet.marks.values())


def _open_count(sheet: LabMarks) -> int:
    return sum(
        is_open(i) for m in sheet.marks.values() if m.score is not None for i in m.items.values()
    )


def _mean(values: Sequence[float]) -> str:
    return f"{100 * sum(values) / len(values):.0f}%" if values else "—"


def _overview(**view: Any) -> str:
    return render("index.html.j2", view=view | {"course": course_title()})
