"""Feedback pages: one for each student and lab, and overviews for the teacher.

A page says, item by item, what was asked, what was found, what to look at next, and the points;
with what a teacher wrote in formgrader. Everything in it is escaped text, nothing is loaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from autograder.gradebook.marks import (
    MISSING,
    PENDING,
    UNGRADABLE,
    UNGRADED,
    ClassMarks,
    GradebookError,
    Item,
    ItemMark,
    LabMark,
    LabMarks,
    read_marks,
)
from autograder.record import write_text
from autograder.roster import Roster, Student

if TYPE_CHECKING:
    from jinja2 import Environment

Progress = Callable[[str, int, int], None]

_CHINA = timezone(timedelta(hours=8))
_COPIED = ("timestamp.txt", "submission_secret.txt")  # nbgrader's release of feedback reads them

# status → sign, word
STATUS = {
    "right": ("✓", "正确"),
    "partly": ("½", "部分正确"),
    "wrong": ("✗", "不正确"),
    "missing": ("○", "没有作答"),
    "error": ("!", "运行出错"),
    "manual": ("…", "待教师批阅"),
}


_LEGEND = [
    ("right", "", "60% 以上"),
    ("partly", "", "不到 60%"),
    ("manual", "", "有题待批阅"),
    ("wrong", "", "不能评分"),
]


@dataclass(frozen=True)
class Feedback:
    """What was written.

    Attributes
    ----------
    pages : dict of str to Path
        Student → page.
    index, overview : Path
        The teacher's overviews: of all labs, and of this lab item by item.
    skipped : dict of str to str
        Student → why there is no page.
    """

    pages: dict[str, Path]
    index: Path
    overview: Path
    skipped: dict[str, str] = field(default_factory=dict)


def write(
    course: Path | str, lab: str, *, students: Sequence[str] | None = None, notebook: str = "",
    roster: Roster | None = None, progress: Progress | None = None,
) -> Feedback:  # fmt: skip
    """Write the feedback of one lab where nbgrader looks for it.

    Parameters
    ----------
    course : path
        The class folder; pages go to ``feedback/<student>/<lab>/<notebook>.html``.
    lab : str
        The lab's id.
    students : sequence of str, optional
        Only these students' pages; the overviews show everyone.
    notebook : str, optional
        File name of the lab's notebook without ending, when it is not the lab's id.
    roster : Roster, optional
        The class list, for names and classes.
    progress : callable, optional
        Called as ``progress(student, done, total)``.

    Raises
    ------
    autograder.gradebook.marks.GradebookError
        The lab has no marks yet.
    """
    course = Path(course)
    notebook = notebook or lab
    everything = read_marks(course, roster=roster)
    sheet = next((s for s in everything.labs if s.lab == lab), None)
    if sheet is None:
        raise GradebookError(f"还没有 {lab} 的成绩：先运行 autograder grade {lab}")
    chosen = [s for s in everything.students if students is None or s.id in students]
    pages: dict[str, Path] = {}
    skipped: dict[str, str] = {}
    for done, student in enumerate(chosen):
        if progress is not None:
            progress(student.id, done, len(chosen))
        mark = sheet.marks[student.id]
        if mark.status in (MISSING, UNGRADED):
            skipped[student.id] = mark.status
            continue
        folder = course / "feedback" / student.id / lab
        pages[student.id] = folder / f"{notebook}.html"
        write_text(pages[student.id], page(student, sheet, mark))
        for name in _COPIED:
            given = course / "submitted" / student.id / lab / name
            if given.is_file() and not given.is_symlink():
                shutil.copyfile(given, folder / name)
    if progress is not None:
        progress("", len(chosen), len(chosen))
    index, overview = course / "feedback" / "index.html", course / "feedback" / f"{lab}.html"
    write_text(overview, _lab_overview(everything, sheet, course))
    write_text(index, _class_overview(everything, course))
    return Feedback(pages, index, overview, skipped)


def page(student: Student, sheet: LabMarks, mark: LabMark) -> str:
    """The HTML page of one student for one lab."""
    raw = {r["id"]: r for r in mark.record.get("items", ())}
    items = []
    if mark.status != UNGRADABLE:
        items = [_item(i, mark.items.get(i.id), raw.get(i.id, {})) for i in sheet.items]
    open_points = sum(i.points for i in sheet.items if _is_open(mark.items.get(i.id)))
    got = mark.score or 0.0
    full = sheet.points or 1.0
    view = {
        "course": _course_title(), "lab": sheet.lab, "lab_title": sheet.title,
        "student": student.id, "name": student.name, "group": student.group,
        "handed_in": _local(mark.handed_in), "kit": mark.record.get("kit", ""),
        "score": None if mark.score is None else _number(mark.score),
        "points": _number(sheet.points), "got": _number(got),
        "status": f"还有 {_number(open_points)} 分待教师批阅" if open_points else "已评完",
        "pending": _number(open_points) if open_points else "",
        "got_share": f"{min(100.0, 100 * got / full):.2f}",
        "open_share": f"{max(0.0, min(100 - 100 * got / full, 100 * open_points / full)):.2f}",
        "sums": _sums(sheet, mark, raw), "rows": items,
        "tiles": items if len(items) > 3 else [],
        "reason": mark.reason if mark.status == UNGRADABLE else "",
        "mends": list(mark.mends), "comments": list(mark.comments),
    }  # fmt: skip
    return _environment().get_template("feedback.html.j2").render(page=view)


def _item(item: Item, mark: ItemMark | None, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of one item; only these fields of the record are ever shown."""
    mark = mark or ItemMark(None, pending=False)
    status = _status(item, mark, raw)
    sign, label = STATUS[status]
    written = raw.get("mode") == "manual" or not raw
    if written and mark.by_hand and status != "manual":
        label = "教师已批阅"
    changed = "教师改分" if mark.by_hand and not written else ""
    if mark.extra:
        changed = (
            f"加分 {_number(mark.extra)}"
            if not changed
            else f"{changed}，加分 {_number(mark.extra)}"
        )
    return {
        "id": item.id, "anchor": f"item-{item.id}", "title": item.title, "status": status, "mark": sign,
        "label": label, "core": bool(raw.get("core")), "changed": changed,
        "score": "—" if mark.score is None else _number(mark.score), "points": _number(item.points),
        "need": str(raw.get("need", "")), "found": str(raw.get("found", "")),
        "hint": "" if status == "right" else str(raw.get("hint", "")), "comment": mark.comment,
    }  # fmt: skip


def _status(item: Item, mark: ItemMark, raw: Mapping[str, Any]) -> str:
    if _is_open(mark):
        return "manual"
    if mark.by_hand or raw.get("status") not in STATUS:
        score = mark.score or 0.0
        return "right" if score >= item.points else "partly" if score > 0 else "wrong"
    if raw["status"] == "manual":  # nobody had to mark it: nbgrader saw that nothing was written
        return "missing"
    return str(raw["status"])


def _is_open(mark: ItemMark | None) -> bool:
    return mark is not None and mark.pending and not mark.by_hand


def _sums(
    sheet: LabMarks, mark: LabMark, raw: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str]]:
    hand = {i.id for i in sheet.items if raw.get(i.id, {}).get("mode") == "manual"}
    sums = []
    for word, ids in (("自动评分", {i.id for i in sheet.items} - hand), ("人工评分", hand)):
        points = sum(i.points for i in sheet.items if i.id in ids)
        given = sum((m.score or 0.0) for k, m in mark.items.items() if k in ids)
        waiting = sum(
            i.points for i in sheet.items if i.id in ids and _is_open(mark.items.get(i.id))
        )
        if ids:
            text = f"{_number(given)} / {_number(points)}"
            text = "待教师批阅" if waiting and waiting == points else text
            sums.append(
                (word, text + (f"（{_number(waiting)} 分待批）" if 0 < waiting < points else ""))
            )
    if mark.penalty:
        sums.append(("迟交扣分", f"−{_number(mark.penalty)}"))
    sums.append(("最后得分", _number(mark.score or 0.0)))
    return sums


def _lab_overview(marks: ClassMarks, sheet: LabMarks, course: Path) -> str:
    columns = [{"text": "得分", "title": "", "link": ""}]
    columns += [{"text": i.id, "title": i.title, "link": ""} for i in sheet.items]
    shares = [_share([m.score / sheet.points for m in sheet.marks.values() if m.score is not None])]
    for item in sheet.items:
        given = [
            m.items[item.id].score
            for m in sheet.marks.values()
            if m.score is not None and item.id in m.items
        ]
        shares.append(_share([s / item.points for s in given if s is not None and item.points]))
    rows = []
    for student in marks.students:
        mark = sheet.marks[student.id]
        raw = {r["id"]: r for r in mark.record.get("items", ())}
        cells = [_score_cell(student.id, sheet, mark, course)]
        for item in sheet.items:
            if mark.score is None or item.id not in mark.items:
                cells.append({"text": "", "status": "", "link": "", "title": ""})
                continue
            shown = _item(item, mark.items[item.id], raw.get(item.id, {}))
            text = shown["mark"] if shown["score"] == "—" else shown["score"]
            cells.append(
                {
                    "text": text,
                    "status": shown["status"],
                    "link": "",
                    "title": f"{item.title}：{shown['label']}",
                }
            )
        rows.append({"student": student.id, "name": student.name, "cells": cells})
    return _overview(
        heading=f"{sheet.lab} {sheet.title} · 班级反馈", caption=f"{sheet.lab} 各题得分", back="index.html",
        cards=_cards(sheet), columns=columns, rows=rows, shares=shares,
        legend=[(k, *v) for k, v in STATUS.items()],
    )  # fmt: skip


def _class_overview(marks: ClassMarks, course: Path) -> str:
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
        _share(
            [m.score / lab.points for m in lab.marks.values() if m.score is not None and lab.points]
        )
        for lab in marks.labs
    ]
    rows = [
        {"student": s.id, "name": s.name,
         "cells": [_score_cell(s.id, lab, lab.marks[s.id], course) for lab in marks.labs]}
        for s in marks.students
    ]  # fmt: skip
    waiting = sum(_open_count(lab) for lab in marks.labs)
    refused = sum(m.status == UNGRADABLE for lab in marks.labs for m in lab.marks.values())
    cards = [
        ("学生", len(marks.students)),
        ("实验", len(marks.labs)),
        ("待批阅的题", waiting),
        ("不能评分", refused),
    ]
    return _overview(
        heading="班级反馈一览", caption="各实验最后得分", back="", cards=cards, columns=columns,
        rows=rows, shares=shares, legend=_LEGEND,
    )  # fmt: skip


def _cards(sheet: LabMarks) -> list[tuple[str, Any]]:
    scores = [m.score for m in sheet.marks.values() if m.score is not None]
    handed = sum(m.status != MISSING for m in sheet.marks.values())
    mean = f"{sum(scores) / len(scores):.1f} / {_number(sheet.points)}" if scores else "—"
    refused = sum(m.status == UNGRADABLE for m in sheet.marks.values())
    return [
        ("已交", f"{handed} / {len(sheet.marks)}"), ("平均分", mean),
        ("待批阅的题", _open_count(sheet)), ("不能评分", refused),
    ]  # fmt: skip


def _open_count(sheet: LabMarks) -> int:
    return sum(
        _is_open(i) for m in sheet.marks.values() if m.score is not None for i in m.items.values()
    )


def _score_cell(student: str, sheet: LabMarks, mark: LabMark, course: Path) -> dict[str, str]:
    """A student's mark for a lab, linked to the page when there is one."""
    status = {UNGRADABLE: "wrong", UNGRADED: "missing", MISSING: "", PENDING: "manual"}.get(
        mark.status, "right"
    )
    if status == "right" and mark.score is not None and mark.score < 0.6 * sheet.points:
        status = "partly"
    text = mark.status if mark.score is None else _number(mark.score)
    folder = course / "feedback" / student / sheet.lab
    found = sorted(folder.glob("*.html")) if folder.is_dir() else []
    link = f"{quote(student)}/{quote(sheet.lab)}/{quote(found[0].name)}" if found else ""
    return {"text": text, "status": status, "link": link, "title": ""}


def _overview(**view: Any) -> str:
    view["course"] = _course_title()
    return _environment().get_template("index.html.j2").render(view=view)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("autograder", "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def _course_title() -> str:
    from crmkit.syllabus import course

    return course().title


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _share(values: Sequence[float]) -> str:
    return f"{100 * sum(values) / len(values):.0f}%" if values else "—"


def _local(moment: datetime | None) -> str:
    """nbgrader keeps UTC without saying so; a reader wants Chinese time."""
    return (
        moment.replace(tzinfo=UTC).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""
    )
