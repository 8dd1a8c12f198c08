"""What a feedback page shows of one item.

Only the fields named here ever leave a record: `need`, `found`, `hint`, points and status. What the
judge expected is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.feedback.rendering import number, plain
from autograder.gradebook.marks import Item, ItemMark
from autograder.spec import Level

# status → sign, word
STATUS = {
    "right": ("✓", "正确"),
    "partly": ("½", "部分正确"),
    "wrong": ("✗", "不正确"),
    "missing": ("○", "没有作答"),
    "error": ("!", "读不懂"),
    "manual": ("…", "待老师批改"),
}
UNREADABLE = "评分程序没有读懂你交的内容，请老师看一看这一题"

Rubrics = Mapping[str, tuple[Level, ...]]


def item_view(
    item: Item, mark: ItemMark | None, raw: Mapping[str, Any], rubric: tuple[Level, ...] = ()
) -> dict[str, Any]:
    """One item as the template takes it.

    Parameters
    ----------
    item : Item
        Id, title and points.
    mark : ItemMark or None
        What the gradebook holds for it.
    raw : mapping
        The item in the record.
    rubric : tuple of Level
        The levels of an item that a teacher marks.
    """
    mark = mark or ItemMark(None, pending=False)
    status = status_of(item, mark, raw)
    sign, label = STATUS[status]
    written = raw.get("mode") == "manual" or not raw
    if written and mark.by_hand and status != "manual":
        label = "老师已批改"
    found, hint = plain(raw.get("found", "")), plain(raw.get("hint", ""))
    if raw.get("status") == "error":  # a traceback's words are for the teacher
        found = UNREADABLE
    reached, further = _levels(item, mark, rubric) if written and status != "manual" else ("", "")
    return {
        "id": item.id, "anchor": f"item-{item.id}", "title": plain(item.title), "status": status,
        "mark": sign, "label": label, "core": bool(raw.get("core")),
        "changed": _changed(mark, written), "points": number(item.points),
        "score": "—" if mark.score is None else number(mark.score),
        "need": plain(raw.get("need", "")), "found": found,
        "hint": "" if status == "right" else hint, "comment": plain(mark.comment),
        "reached": reached, "further": further,
    }  # fmt: skip


def status_of(item: Item, mark: ItemMark, raw: Mapping[str, Any]) -> str:
    """A key of `STATUS`: the gradebook's word first, then the record's."""
    if is_open(mark):
        return "manual"
    if mark.by_hand or raw.get("status") not in STATUS:
        score = mark.score or 0.0
        return "right" if score >= item.points else "partly" if score > 0 else "wrong"
    if raw["status"] == "manual":  # nobody had to mark it: nbgrader saw that nothing was written
        return "missing"
    return str(raw["status"])


def is_open(mark: ItemMark | None) -> bool:
    """Whether a teacher still has to mark it."""
    return mark is not None and mark.pending and not mark.by_hand


def _changed(mark: ItemMark, written: bool) -> str:
    words = ["老师改分"] if mark.by_hand and not written else []
    if mark.extra:
        words.append(f"加分 {number(mark.extra)}")
    return "，".join(words)


def _levels(item: Item, mark: ItemMark, rubric: tuple[Level, ...]) -> tuple[str, str]:
    """The level of the rubric that was reached, and the next one above it."""
    # Points changed in the gradebook: the rubric's no longer fit them.
    if mark.score is None or not rubric or max(level.points for level in rubric) != item.points:
        return "", ""
    below = [level for level in rubric if level.points <= mark.score]
    above = [level for level in rubric if level.points > mark.score]
    reached = max(below, key=lambda level: level.points, default=None)
    further = min(above, key=lambda level: level.points, default=None)
    return _level(reached), _level(further)


def _level(level: Level | None) -> str:
    return f"{number(level.points)} 分档：{level.words}" if level is not None else ""
