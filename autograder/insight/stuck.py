"""Who is stuck, and where: nothing handed in from an item on, or errors again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STOPPED, GAPS, ERRORS, AGAIN = "做到一半", "空题较多", "连续出错", "上次也是"


@dataclass(frozen=True)
class Stuck:
    """One student who may need help.

    Attributes
    ----------
    item : str
        Where it begins: the first item of the run without an answer, or of the run of errors.
    reasons : tuple of str
        Of `STOPPED`, `GAPS`, `ERRORS`, `AGAIN`.
    missing, failed : tuple of str
        Items without an answer; items answered without a single point.
    """

    student: str
    item: str
    title: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Items in which nothing was reached: who has more comes first."""
        return len(self.missing) + len(self.failed)


def stuck(
    records: Iterable[Mapping[str, Any]], *, run: int, gaps: float,
    before: Sequence[str] = (),
) -> list[Stuck]:  # fmt: skip
    """Students of one lab who are stuck, those with most open items first.

    Parameters
    ----------
    records : iterable of mapping
        Records of graded submissions, items in the order of the lab; others are left out.
    run : int
        So many items in a row count: without an answer up to the end (`STOPPED`), or answered
        without a point (`ERRORS`).
    gaps : float
        Share of the items without an answer from which `GAPS` counts.
    before : sequence of str
        Students who were stuck in the lab before (`AGAIN`).
    """
    found = [s for r in records if (s := _one(r, run, gaps, before)) is not None]
    return sorted(found, key=lambda s: (-s.weight, s.student))


def _one(record: Mapping[str, Any], run: int, gaps: float, before: Sequence[str]) -> Stuck | None:
    if record.get("status") != "graded":
        return None
    items = [i for i in record.get("items", ()) if i.get("mode") == "auto"]
    if not items:
        return None
    empty = [i["status"] == "missing" for i in items]
    failed = [not e and not (i.get("score") or 0.0) for e, i in zip(empty, items, strict=True)]
    reasons, places = [], []
    tail = _tail(empty)
    if tail >= run:
        reasons.append(STOPPED)
        places.append(len(items) - tail)
    elif sum(empty) >= max(run, gaps * len(items)):
        reasons.append(GAPS)
        places.append(empty.index(True))
    length, at = _longest(failed)
    if length >= run:
        reasons.append(ERRORS)
        places.append(at)
    if not reasons:
        return None
    if record["student"] in before:
        reasons.append(AGAIN)
    at = min(places)
    return Stuck(
        record["student"], items[at]["id"], items[at]["title"], tuple(reasons),
        tuple(i["id"] for i, e in zip(items, empty, strict=True) if e),
        tuple(i["id"] for i, f in zip(items, failed, strict=True) if f),
    )  # fmt: skip


def _tail(marks: Sequence[bool]) -> int:
    """How many are true at the end.

    >>> _tail([True, False, True, True])
    2
    """
    return next((n for n, m in enumerate(reversed(marks)) if not m), len(marks))


def _longest(marks: Sequence[bool]) -> tuple[int, int]:
    """Length and place of the longest run of true values, the first of several.

    >>> _longest([True, False, True, True])
    (2, 2)
    """
    best, length = (0, 0), 0
    for place, mark in enumerate(marks):
        length = length + 1 if mark else 0
        if length > best[0]:
            best = (length, place - length + 1)
    return best
