"""Frequent mistakes and students who are stuck, from the records of a class."""

from __future__ import annotations

from typing import Any

from autograder.insight.mistakes import frequent
from autograder.insight.stuck import AGAIN, ERRORS, GAPS, STOPPED, stuck

WORDS = {".": "missing", "x": "wrong", "v": "right", "h": "partly", "!": "error"}


def record(student: str, marks: str, hints: dict[int, str] | None = None) -> dict[str, Any]:
    """One letter for each item: v right, h partly, x wrong, ! error, . missing."""
    items = [
        {
            "id": f"L-{n:02d}", "title": f"第{n}题", "points": 10.0, "mode": "auto", "status": WORDS[m],
            "score": {"v": 10.0, "h": 5.0}.get(m, 0.0), "hint": (hints or {}).get(n, "再看一看"),
        }
        for n, m in enumerate(marks, 1)
    ]  # fmt: skip
    items.append({"id": "L-99", "title": "写一写", "points": 5.0, "mode": "manual",
                  "status": "manual", "score": None, "hint": ""})  # fmt: skip
    return {"student": student, "status": "graded", "items": items}


def test_mistakes_are_counted_by_hint_among_those_who_answered() -> None:
    known = {"L-01": {"升序了"}}
    records = [
        record("a", "xv", {1: "升序了"}), record("b", "hx", {1: "升序了"}), record("c", ".!"),
        record("d", "v."), {"student": "e", "status": "ungradable", "items": []},
    ]  # fmt: skip
    found = frequent(records, known)
    assert [(m.item, m.hint, m.recognised, m.students) for m in found] == [
        ("L-01", "升序了", True, ("a", "b")),
        ("L-02", "再看一看", False, ("b", "c")),
    ]
    assert found[0].share == 2 / 3
    assert found[1].share == 2 / 3


def test_who_stopped_left_gaps_or_failed_in_a_row_is_stuck() -> None:
    found = stuck(
        [
            record("good", "vvvvvvvvvv"), record("stopped", "vvvv......"), record("gaps", "v.v.v.vvvv"),
            record("errors", "vvxx!vvvvv"), record("both", "vxxx......"), record("slow", "vvvvvvvv.."),
            record("luckless", "vxvxvxvxvx"),
        ],
        run=3, gaps=0.3, before=["errors"],
    )  # fmt: skip
    assert {s.student: (s.item, s.reasons) for s in found} == {
        "both": ("L-02", (STOPPED, ERRORS)),
        "stopped": ("L-05", (STOPPED,)),
        "gaps": ("L-02", (GAPS,)),
        "errors": ("L-03", (ERRORS, AGAIN)),
    }
    assert found[0].student == "both"
    assert found[0].failed == ("L-02", "L-03", "L-04")


def test_nothing_handed_in_at_all_begins_at_the_first_item() -> None:
    (found,) = stuck([record("empty", ".....")], run=3, gaps=0.3)
    assert (found.item, found.reasons, len(found.missing)) == ("L-01", (STOPPED,), 5)
    assert stuck([{"student": "x", "status": "ungradable", "items": []}], run=3, gaps=0.3) == []
