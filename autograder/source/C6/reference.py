"""The right answers of lab C6 in plain Python; keyword arguments make the typical mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from autograder.source.C6.keys import label
from crmkit.lab.inputs import c6

Case = tuple[int, int, bool, int]
SATISFIED = 4


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @property
    def rule(self) -> c6.Rule:
        return c6.rule(self.student)


def sorted_into(w: World, what: str) -> dict[str, str]:
    return {number: label(what, i) for number, i in c6.drawn(w.student, what).items()}


def cautions(w: World) -> set[str]:
    return {number for number, what in sorted_into(w, "privacy").items() if what == "应做"}


# ------------------------------------------------------------------ configuration


@dataclass(frozen=True)
class Misread:
    """The ways in which the rule can be misread."""

    open_limits: bool = False
    no_width: bool = False
    width_includes: bool = False
    model_first: bool = False
    budget_open: bool = False
    no_budget: bool = False


def cases(w: World) -> list[Case]:
    """Customers at, just below and just above every limit of the student's card."""
    r = w.rule
    a, b, wide = r.two_doors, r.three_doors, r.width
    one, two, three = r.prices
    plus = r.inverter
    return [
        (a, wide, False, one), (a, wide, True, one + plus), (a, wide, True, one + plus - 1), (a, wide, False, one - 1),
        (a + 1, wide, False, two), (a + 1, wide, True, two + plus), (b, wide, True, two + plus - 1), (b, wide, False, two - 1),
        (b, wide, True, two - 1), (b, wide, True, one + plus), (b + 1, wide, False, three), (b + 1, wide - 1, False, three),
        (b + 1, wide, True, three + plus), (b + 1, wide - 1, True, two + plus), (b + 1, wide, True, three),
        (b + 1, wide + 20, False, three - 1), (b + 3, wide - 5, False, two - 1), (b + 2, wide, True, 99_999),
        (1, 60, True, one - 1), (b + 1, wide, True, three - 1),
    ]  # fmt: skip


def configuration(case: Case, r: c6.Rule, how: Misread) -> str:
    people, width, quiet, budget = case
    edge = 1 if how.open_limits else 0
    level = 0 if people <= r.two_doors - edge else 1 if people <= r.three_doors - edge else 2
    narrow = width <= r.width if how.width_includes else width < r.width
    if level == 2 and narrow and not how.no_width:
        level = 1

    def over() -> bool:
        price = r.prices[level] + (r.inverter if quiet else 0)
        return price >= budget if how.budget_open else price > budget

    if not how.no_budget:
        if how.model_first:
            while over() and level > 0:
                level -= 1
        if over():
            quiet = False
        while over() and level > 0:
            level -= 1
        if over():
            return "超出预算"
    return f"{c6.MODELS[level]}{'变频' if quiet else '定频'}"


# ------------------------------------------------------------------ service orders


def replay(
    w: World, *, file_order: bool = False, all_allowed: bool = False, stops: bool = False
) -> pd.DataFrame:  # fmt: skip
    """What the state machine says of each entry; wrong: by file order, nothing refused, stuck after one."""
    frame = c6.events(w.student)
    if not file_order:
        frame = frame.sort_values(["时间", "事件编号"], kind="stable")
    state: dict[str, str] = {}
    dead: set[str] = set()
    rows = []
    moves = {act: after for (_, act), after in c6.NEXT.items()}
    for number, order, act, _ in frame.itertuples(index=False):
        now = state.get(order, "待派工")
        after = moves[act] if all_allowed else c6.NEXT.get((now, act))
        if order in dead:
            after = None
        if after is None:
            rows.append((number, "拒绝", now))
            dead |= {order} if stops else set()
        else:
            state[order] = after
            rows.append((number, "接受", after))
    return pd.DataFrame(rows, columns=["事件编号", "结果", "后状态"])


def by_region(
    w: World, *, of_all: bool = False, above: bool = False, blanks: bool = False, reached: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Marks, mean and share of satisfied by region; the keywords make wrong denominators."""
    frame = c6.callbacks(w.student)
    rows = []
    for region, part in frame.groupby("区域"):
        marks = [int(x) for x in part["满意度"].dropna()]
        n = (
            len(part)
            if of_all
            else int(part["回访结果"].eq("已回访").sum())
            if reached
            else len(marks)
        )
        pleased = sum(x > SATISFIED if above else x >= SATISFIED for x in marks)
        mean = sum(marks) / (len(part) if blanks else len(marks))
        rows.append((region, n if reached else len(marks), mean, pleased / n))
    return pd.DataFrame(rows, columns=["区域", "回访数", "平均满意度", "满意率"])


def refused(table: Any) -> set[str]:
    return {k for k, v in zip(table["事件编号"], table["结果"], strict=True) if v == "拒绝"}
