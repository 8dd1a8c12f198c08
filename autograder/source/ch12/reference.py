"""The right answers of chapter 12's exercises, step by step in plain Python.

The notebook's own solutions use pandas and `crmkit.analytics`. Keyword arguments make the typical
mistakes that the judge recognises.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.source.ch12.keys import FIELD_OF, TIMELINE, owner_of
from crmkit.lab.inputs import ch12

TIMES = ("改造前总时长", "改造后总时长", "缩短比例", "改造后交接次数")


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str


def mapped(w: World) -> dict[str, str]:
    return {k: FIELD_OF[ch12.FIELD_POOL[i][0]] for k, i in ch12.fields(w.student).items()}


def owners(w: World) -> dict[str, str]:
    return {k: owner_of(ch12.RECORD_POOL[i]) for k, i in ch12.records(w.student).items()}


def month(
    w: World, *, upkeep: bool = True, start: bool = True, down: bool = False, one_user: bool = False
) -> int:
    """Count month by month; the keywords make the typical mistakes."""
    users, rent, own = ch12.offers(w.student)
    fee = rent.per_user * (1 if one_user else users)
    rented, owned = rent.once if start else 0.0, own.once
    for n in range(1, 2001):
        rented += fee
        owned += own.monthly if upkeep else 0.0
        if owned <= rented:
            return n - 1 if down else n
    return 2001


def _time(w: World, when: str, shares: bool, parts: str) -> tuple[float, int]:
    rows = ch12.process(w.student, when).to_dict("records")
    total = 0.0
    for row in rows:
        minutes = (row["处理"] if "work" in parts else 0) + (row["等待"] if "wait" in parts else 0)
        total += minutes * (row["比例"] if shares else 1)
    hands = [row["岗位"] for row in rows]
    return total, sum(a != b for a, b in zip(hands, hands[1:], strict=False))


def times(
    w: World, *, shares: bool = True, parts: str = "work wait", over: str = "before",
    percent: bool = False, count_steps: bool = False,
) -> dict[str, float]:  # fmt: skip
    """Times of the process before and after; the keywords make the typical mistakes."""
    (a, _), (b, hands) = (_time(w, when, shares, parts) for when in ("改造前", "改造后"))
    cut = (a - b) / (a if over == "before" else b) * (100 if percent else 1)
    steps = len(ch12.process(w.student, "改造后"))
    return dict(zip(TIMES, (a, b, cut, float(steps if count_steps else hands)), strict=True))


def time_order(w: World) -> list[str]:
    letter = {topic: k for k, (topic, _) in ch12.timeline(w.student).items()}
    return [letter[topic] for topic in TIMELINE]
