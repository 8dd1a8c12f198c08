"""The teacher's result page of an examination: when everyone sat it, what counted, which variants."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import judge
from autograder.examination import Sitting, local
from autograder.feedback.overview import score_cell
from autograder.feedback.rendering import course_title, number, percent, plain, render
from autograder.gradebook.marks import (
    MISSING,
    NO_MARK,
    ClassMarks,
    GradebookError,
    LabMark,
    LabMarks,
    read_marks,
)
from autograder.record import write_text
from autograder.roster import Roster
from crmkit.errors import KitError
from crmkit.lab import inputs
from crmkit.lab.answersheet import clock
from crmkit.settings import settings


class ExamError(KitError):
    """There is no examination to show."""


@dataclass(frozen=True)
class Seat:
    """One student of the class in the examination."""

    student: str
    name: str
    mark: LabMark
    sitting: Sitting
    remarks: tuple[str, ...]
    variants: Mapping[str, int]  # item → which variant, from 0


def seats(marks: ClassMarks, sheet: LabMarks) -> list[Seat]:
    """Everyone of the class, in its order."""
    sat = {s: Sitting.from_json(m.record.get("exam") or {}) for s, m in sheet.marks.items()}
    usual = _usual_begin(sat.values())
    found = []
    for student in marks.students:
        mark, one = sheet.marks[student.id], sat[student.id]
        remarks = [plain(r) for r in one.remarks]
        if mark.reason:
            remarks.append(plain(mark.reason))
        remarks += _late_begin(one, usual)
        there = mark.status not in NO_MARK
        drawn = {i.id: inputs.variant(sheet.lab, student.id, i.id) for i in sheet.items if there}
        variants = {item: k for item, k in drawn.items() if k is not None}
        found.append(Seat(student.id, student.name, mark, one, tuple(remarks), variants))
    return found


def write(course: Path | str, lab: str, roster: Roster | None = None) -> tuple[Path, list[Seat]]:
    """Write the page, ``feedback/<lab>-exam.html`` of the class folder.

    Returns
    -------
    tuple
        The page, and the seats that are on it.

    Raises
    ------
    ExamError
        The lab is no examination.
    autograder.gradebook.marks.GradebookError
        It has no marks yet.
    """
    if not judge.load(lab).exam:
        raise ExamError(f"{lab} 不是考试；课程的考试是 X1")
    course = Path(course)
    marks = read_marks(course, roster=roster)
    sheet = next((s for s in marks.labs if s.lab == lab), None)
    if sheet is None:
        raise GradebookError(f"还没有 {lab} 的成绩：先运行 autograder grade {lab}")
    sat = seats(marks, sheet)
    page = course / "feedback" / f"{lab}-exam.html"
    write_text(page, exam_page(sheet, sat, course))
    return page, sat


def exam_page(sheet: LabMarks, sat: Sequence[Seat], course: Path) -> str:
    """The page as HTML."""
    one_day = len({local(s.sitting.begun).date() for s in sat if s.sitting.begun}) <= 1
    view = {
        "course": course_title(), "heading": f"{sheet.lab} {plain(sheet.title)} · 考试结果",
        "minutes": settings()["exam"]["minutes"], "cards": _cards(sheet, sat),
        "items": [{"short": i.id.rpartition("-")[2], "id": i.id, "title": plain(i.title),
                   "points": number(i.points)} for i in sheet.items],
        "rows": [_row(sheet, seat, course, one_day=one_day) for seat in sat],
        "variants": _variant_rows(sheet, sat),
    }  # fmt: skip
    return render("exam.html.j2", view=view)


def _row(sheet: LabMarks, seat: Seat, course: Path, *, one_day: bool) -> dict[str, Any]:
    moment = "%H:%M:%S" if one_day else "%m-%d %H:%M:%S"  # the day stands in a card then
    one, limit = seat.sitting, 60 * settings()["exam"]["minutes"]
    cells = []
    for item in sheet.items:
        given = seat.mark.items.get(item.id)
        score = None if given is None or seat.mark.score is None else given.score
        k = seat.variants.get(item.id)
        cells.append({
            "text": "" if score is None else number(score),
            "status": "" if score is None else "right" if score >= item.points else "partly" if score else "wrong",
            "title": f"{plain(item.title)}：第 {k + 1} 种题" if k is not None else plain(item.title),
        })  # fmt: skip
    return {
        "student": seat.student, "name": plain(seat.name),
        "begun": f"{local(one.begun):{moment}}" if one.begun else "",
        "ended": f"{local(one.ended):%H:%M:%S}" if one.ended else "",
        "used": clock(dt.timedelta(seconds=one.used)) if one.begun else "",
        "share": percent(one.used, limit), "long": one.used > limit,
        "steps": one.steps if one.begun else "", "answers": one.answers if one.begun else "",
        "score": score_cell(seat.student, sheet, seat.mark, course), "cells": cells,
        "variants": _grouped([seat.variants[i.id] + 1 for i in sheet.items if i.id in seat.variants]),
        "remarks": list(seat.remarks),
    }  # fmt: skip


def _cards(sheet: LabMarks, sat: Sequence[Seat]) -> list[tuple[str, str, str]]:
    came = [s for s in sat if s.mark.status != MISSING]
    scores = [s.mark.score for s in sat if s.mark.score is not None]
    begun = sorted(s.sitting.begun for s in sat if s.sitting.begun)
    used = [s.sitting.used for s in sat if s.sitting.begun]
    mean = clock(dt.timedelta(seconds=statistics.fmean(used))) if used else "—"
    first = f"{local(begun[0]):%m-%d %H:%M}" if begun else "—"
    ended = sum(bool(s.sitting.ended) for s in sat)
    return [
        ("参加", f"{len(came)} / {len(sat)}", f"{ended} 人交卷"),
        ("平均分", f"{statistics.fmean(scores):.1f}" if scores else "—", f"满分 {number(sheet.points)}"),
        ("平均用时", mean, f"限时 {settings()['exam']['minutes']} 分钟"),
        ("最早开始", first, f"最晚 {local(begun[-1]):%m-%d %H:%M}" if begun else ""),
        ("请核对", f"{sum(bool(s.remarks) for s in came)}", "人有备注"),
    ]  # fmt: skip


def _variant_rows(sheet: LabMarks, sat: Sequence[Seat]) -> list[dict[str, Any]]:
    """Per item: how many had each variant, and their mean share of the points."""
    rows = []
    for item in sheet.items:
        shares: dict[int, list[float]] = {}
        for seat in sat:
            given = seat.mark.items.get(item.id)
            if seat.mark.score is None or given is None or given.score is None:
                continue
            if (k := seat.variants.get(item.id)) is not None and item.points:
                shares.setdefault(k, []).append(given.score / item.points)
        every = [x for one in shares.values() for x in one]
        rows.append({
            "id": item.id, "title": plain(item.title),
            "cells": [{"n": len(one), "mean": f"{statistics.fmean(one):.0%}" if one else ""}
                      for k in range(_variants(sat)) for one in (shares.get(k, []),)],
            "mean": f"{statistics.fmean(every):.0%}" if every else "",
        })  # fmt: skip
    return rows if _variants(sat) else []


def _variants(sat: Sequence[Seat]) -> int:
    return 1 + max((k for s in sat for k in s.variants.values()), default=-1)


def _usual_begin(sat: Any) -> dict[dt.date, dt.datetime]:
    """Day → median of the moments at which the class began."""
    days: dict[dt.date, list[dt.datetime]] = {}
    for one in sat:
        if one.begun:
            days.setdefault(local(one.begun).date(), []).append(local(one.begun))
    return {day: statistics.median_high(begun) for day, begun in days.items()}


def _late_begin(one: Sitting, usual: Mapping[dt.date, dt.datetime]) -> list[str]:
    """A begin long after the others': the shop file may have been made anew, for more time."""
    if not one.begun:
        return []
    begun = local(one.begun)
    middle = usual[begun.date()]
    late = int((begun - middle).total_seconds() // 60)
    if late <= settings()["exam"]["late_begin"]:
        return []
    return [f"比全班（{middle:%H:%M}）晚 {late} 分钟开始：请核对是否删掉店铺文件重新开始过"]


def _grouped(digits: Sequence[int]) -> str:
    """Digits in groups of four, to be compared at a glance.

    >>> _grouped([1, 2, 3, 4, 5, 1])
    '1234 51'
    """
    text = "".join(map(str, digits))
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))
