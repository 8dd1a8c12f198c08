"""One student's feedback page of one lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.feedback.items import Rubrics, is_open, item_view
from autograder.feedback.rendering import (
    course_title,
    local,
    number,
    percent,
    plain,
    render,
)
from autograder.gradebook.marks import UNGRADABLE, LabMark, LabMarks
from autograder.roster import Student

MANY = 3  # items: above this the page begins with an overview of them


def student_page(
    student: Student, sheet: LabMarks, mark: LabMark, *, earlier: Sequence[LabMarks] = (),
    rubrics: Rubrics | None = None,
) -> str:  # fmt: skip
    """The HTML page of one student for one lab.

    Parameters
    ----------
    student : Student
        Whose page it is.
    sheet : LabMarks
        The lab and its items.
    mark : LabMark
        The student's mark for it.
    earlier : sequence of LabMarks
        Labs that came before, for the student's own progress.
    rubrics : mapping of str to tuple of Level, optional
        The levels of the items that a teacher marks.
    """
    raw = {r["id"]: r for r in mark.record.get("items", ())}
    refused = mark.status == UNGRADABLE
    items = [
        item_view(i, mark.items.get(i.id), raw.get(i.id, {}), (rubrics or {}).get(i.id, ()))
        for i in (() if refused else sheet.items)
    ]
    open_points = _open_points(sheet, mark)
    got = mark.score or 0.0
    view = {
        "course": course_title(), "lab": sheet.lab, "lab_title": sheet.title,
        "student": student.id, "name": plain(student.name), "group": plain(student.group),
        "handed_in": local(mark.handed_in), "kit": mark.record.get("kit", ""),
        "score": None if mark.score is None else number(mark.score),
        "points": number(sheet.points), "got": number(got),
        "status": f"还有 {number(open_points)} 分待老师批改" if open_points else "已评完",
        "pending": number(open_points) if open_points else "",
        "got_share": percent(got, sheet.points),
        "open_share": percent(min(open_points, max(0.0, sheet.points - got)), sheet.points),
        "sums": _sums(sheet, mark, raw), "rows": items,
        "tiles": items if len(items) > MANY else [],
        "reason": plain(mark.reason) if refused else "",
        "mends": [plain(m) for m in mark.mends], "comments": [plain(c) for c in mark.comments],
        "progress": None if refused else _progress(student.id, sheet, mark, earlier),
    }  # fmt: skip
    return render("feedback.html.j2", page=view)


def _open_points(sheet: LabMarks, mark: LabMark) -> float:
    return sum(i.points for i in sheet.items if is_open(mark.items.get(i.id)))


def _sums(
    sheet: LabMarks, mark: LabMark, raw: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Points of automatic and of written items, what was taken off, and the mark."""
    hand = {i.id for i in sheet.items if raw.get(i.id, {}).get("mode") == "manual"}
    sums = []
    for word, ids in (("自动评分", {i.id for i in sheet.items} - hand), ("人工评分", hand)):
        if not ids:
            continue
        points = sum(i.points for i in sheet.items if i.id in ids)
        given = sum((m.score or 0.0) for k, m in mark.items.items() if k in ids)
        waiting = sum(
            i.points for i in sheet.items if i.id in ids and is_open(mark.items.get(i.id))
        )
        text = f"{number(given)} / {number(points)}"
        if waiting and waiting == points:
            text = "待老师批改"
        elif waiting:
            text += f"（{number(waiting)} 分待批改）"
        sums.append((word, text))
    why = plain(mark.deduction.why) if mark.deduction else ""
    if mark.penalty:
        sums.append(("迟交扣分", f"−{number(mark.penalty)}" + (f"（{why}）" if why else "")))
    elif why:
        sums.append(("迟交", why))
    sums.append(("最后得分", number(mark.score or 0.0)))
    return sums


def _progress(
    student: str, sheet: LabMarks, mark: LabMark, earlier: Sequence[LabMarks]
) -> dict[str, Any] | None:
    """The student's own earlier labs beside this one; None where there is none to compare with."""
    before = [(lab, share) for lab in earlier if (share := _share(lab, lab.marks.get(student)))]
    now = _share(sheet, mark)
    if not before or now is None:
        return None
    mean = sum(share[0] / share[1] for _, share in before) / len(before)
    change = 100 * (now[0] / now[1] - mean)
    words = "与前面的平均得分率相当"
    if abs(change) >= 1:
        words = f"比前面的平均得分率{'高' if change > 0 else '低'} {abs(change):.0f} 个百分点"
    rows = [_progress_row(lab, share, current=False) for lab, share in before]
    return {"words": words, "rows": [*rows, _progress_row(sheet, now, current=True)]}


def _share(sheet: LabMarks, mark: LabMark | None) -> tuple[float, float] | None:
    """Points got, of the points that have been marked so far."""
    if mark is None or mark.score is None:
        return None
    marked = sheet.points - _open_points(sheet, mark)
    return (mark.score, marked) if marked > 0 else None


def _progress_row(sheet: LabMarks, share: tuple[float, float], *, current: bool) -> dict[str, Any]:
    got, marked = share
    return {
        "lab": sheet.lab, "title": sheet.title, "current": current,
        "score": f"{number(got)} / {number(marked)}", "share": percent(got, marked),
        "rest": "" if marked == sheet.points else "（已批改部分）",
    }  # fmt: skip
