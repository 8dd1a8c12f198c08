"""Project schedules and earned value: CPM, PERT, crashing, CPI and SPI.

Activity-on-node: a table of tasks with durations and predecessors. Sources: Kelley and Walker
(1959) for the critical path; Malcolm et al. (1959) for PERT; ANSI/EIA-748 for earned value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

_DUST = 1e-9  # slack below this is none: durations are decimals


@dataclass(frozen=True)
class Schedule:
    """`table`: 任务, 工期, ES, EF, LS, LF, 总时差, 关键; `length`; all critical `paths`."""

    table: pd.DataFrame
    length: float
    paths: tuple[tuple[str, ...], ...]

    @property
    def critical(self) -> list[str]:
        """The critical tasks, by start (of all critical paths together)."""
        rows = self.table[self.table["关键"]]
        return rows.sort_values(["ES", "EF", "任务"], kind="stable")["任务"].tolist()


def from_arrows(arrows: Iterable[tuple[int, int, float]]) -> pd.DataFrame:
    """A table of tasks from activities on arrows (from event, to event, duration).

    >>> from_arrows([(1, 2, 7), (2, 4, 6)])["前置"].tolist()
    ['', '1-2']
    """
    rows = list(arrows)
    return pd.DataFrame(
        [
            (f"{i}-{j}", duration, "、".join(f"{a}-{b}" for a, b, _ in rows if b == i))
            for i, j, duration in rows
        ],
        columns=["任务", "工期", "前置"],
    )


def critical_path(
    tasks: pd.DataFrame, *, task: str = "任务", duration: str = "工期", before: str = "前置"
) -> Schedule:
    """Earliest and latest times, slack, critical paths and length.

    Predecessors are a list or text separated by 、 , ; or blanks; blank means none. A task of
    duration 0 is a milestone.

    Raises
    ------
    AnalyticsError
        No tasks, a name twice, an unknown predecessor, a circle, a negative duration.
    """
    inputs.require(tasks, "任务表", {"task": task, "duration": duration, "before": before})
    if tasks.empty:
        raise AnalyticsError("任务表是空的：至少要有一项任务。")
    names = [str(n) for n in inputs.ids(tasks, "任务表", task, unique=True)]
    lengths = dict(zip(names, inputs.numbers(tasks, "任务表", duration).tolist(), strict=True))
    if any(x < 0 for x in lengths.values()):
        raise AnalyticsError("工期不能是负数。")
    earlier = {n: _names(b) for n, b in zip(names, tasks[before], strict=True)}
    order = _in_order(earlier)
    start: dict[str, float] = {}
    for n in order:
        start[n] = max((start[p] + lengths[p] for p in earlier[n]), default=0.0)
    length = max(start[n] + lengths[n] for n in names)
    later = {n: [m for m in names if n in earlier[m]] for n in names}
    end: dict[str, float] = {}
    for n in reversed(order):
        end[n] = min((end[m] - lengths[m] for m in later[n]), default=length)
    rows = []
    for n in names:
        slack = end[n] - lengths[n] - start[n]
        slack = 0.0 if abs(slack) <= _DUST * max(1.0, length) else slack
        rows.append((n, lengths[n], start[n], start[n] + lengths[n], end[n] - lengths[n], end[n],
                     slack, slack == 0))  # fmt: skip
    table = pd.DataFrame(rows, columns=["任务", "工期", "ES", "EF", "LS", "LF", "总时差", "关键"])
    return Schedule(table, length, _paths(table, earlier))


def _names(value: object) -> list[str]:
    if isinstance(value, (list, tuple, set)):
        return [str(v) for v in value]
    if value is None or value != value:
        return []
    text = str(value)
    for sign in "、，,；;":
        text = text.replace(sign, " ")
    return [n for n in text.split() if n not in ("—", "–", "无")]


def _in_order(earlier: Mapping[str, Sequence[str]]) -> list[str]:
    for n, found in earlier.items():
        unknown = [p for p in found if p not in earlier]
        if unknown:
            raise AnalyticsError(f"任务「{n}」的前置「{unknown[0]}」不在任务表里。")
    order: list[str] = []
    left = dict(earlier)
    while left:
        ready = [n for n, found in left.items() if all(p not in left for p in found)]
        if not ready:
            raise AnalyticsError(f"前置关系绕成了圈：{'、'.join(left)}。请去掉一条。")
        order += ready
        for n in ready:
            del left[n]
    return order


def _paths(
    table: pd.DataFrame, earlier: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    rows = {r["任务"]: r for r in table[table["关键"]].to_dict("records")}
    length = table["EF"].max()

    def close(a: float, b: float) -> bool:
        return abs(a - b) <= _DUST * max(1.0, length)

    def onward(path: tuple[str, ...]) -> list[tuple[str, ...]]:
        last = path[-1]
        steps = [n for n in rows if last in earlier[n] and close(rows[n]["ES"], rows[last]["EF"])]
        if not steps:
            return [path]
        return [whole for n in steps for whole in onward((*path, n))]

    first = [n for n in rows if not [p for p in earlier[n] if p in rows]]
    return tuple(p for n in first for p in onward((n,)) if close(rows[p[-1]]["EF"], length))


# ------------------------------------------------------------------ PERT


@dataclass(frozen=True)
class Pert:
    """The schedule of expected durations; mean and variance along the widest critical path."""

    schedule: Schedule
    variance: float

    def chance(self, by: float) -> float:
        """P(finish ≤ by), normal along the critical path; a certain project gives 0 or 1."""
        if self.variance == 0:
            return float(by >= self.schedule.length)
        return NormalDist(self.schedule.length, math.sqrt(self.variance)).cdf(by)

    def by(self, chance: float) -> float:
        """The time that is kept with this chance (0 < chance < 1)."""
        chance = inputs.number(chance, "chance", above=0)
        if chance >= 1:
            raise AnalyticsError("把握要小于 1：没有百分之百的工期。")
        if self.variance == 0:
            return self.schedule.length
        return NormalDist(self.schedule.length, math.sqrt(self.variance)).inv_cdf(chance)


def pert(
    tasks: pd.DataFrame, *, optimistic: str = "乐观", likely: str = "最可能",
    pessimistic: str = "悲观", task: str = "任务", before: str = "前置",
) -> Pert:  # fmt: skip
    """PERT with three estimates: mean (a + 4m + b)/6, variance ((b − a)/6)².

    Of several critical paths the one with the largest variance is taken. The chance leaves out
    that another path may overtake, so it is too high: simulate to see by how much.
    """
    names = {"optimistic": optimistic, "likely": likely, "pessimistic": pessimistic}
    inputs.require(tasks, "任务表", {**names, "task": task, "before": before})
    a, m, b = (inputs.numbers(tasks, "任务表", c) for c in names.values())
    odd = ~((a >= 0) & (a <= m) & (m <= b))
    if odd.any():
        raise AnalyticsError(f"任务表{inputs.rows(odd)}不满足 0 ≤ 乐观 ≤ 最可能 ≤ 悲观。")
    expected = pd.DataFrame(
        {"任务": tasks[task], "工期": (a + 4 * m + b) / 6, "前置": tasks[before]}
    )
    schedule = critical_path(expected)
    spread = dict(zip(tasks[task].astype(str), ((b - a) / 6) ** 2, strict=True))
    return Pert(schedule, float(max(sum(spread[n] for n in path) for path in schedule.paths)))


# ------------------------------------------------------------------ crashing


@dataclass(frozen=True)
class Crash:
    """What it costs to finish by `target`; `days` cut per task."""

    target: float
    cost: float
    days: dict[str, float]


def crash(
    tasks: pd.DataFrame, target: float, *, duration: str = "工期", shortest: str = "最短工期",
    price: str = "每天赶工费", task: str = "任务", before: str = "前置",
) -> Crash:  # fmt: skip
    """The cheapest way to finish by `target`, as a linear programme (scipy's HiGHS).

    Raises
    ------
    AnalyticsError
        Even with every task at its shortest the target cannot be met.
    """
    from scipy.optimize import linprog

    columns = {"duration": duration, "shortest": shortest, "price": price}
    inputs.require(tasks, "任务表", {**columns, "task": task, "before": before})
    normal, least, prices = (inputs.numbers(tasks, "任务表", c) for c in columns.values())
    if ((least > normal) | (least < 0)).any() or (prices < 0).any():
        raise AnalyticsError("要满足 0 ≤ 最短工期 ≤ 工期，赶工费不能是负数。")
    named = {"task": task, "before": before}
    possible = critical_path(tasks, duration=shortest, **named).length
    target = inputs.number(target, "target")
    if target < possible - _DUST:
        raise AnalyticsError(f"全部赶到最短也要 {possible:g}，做不到 {target:g}。")
    names = [str(n) for n in tasks[task]]
    place = {n: i for i, n in enumerate(names)}
    n = len(names)
    rows, limits = [], []
    for i, name in enumerate(names):
        row = [0.0] * (2 * n)  # starts, then cuts
        row[i], row[n + i] = 1.0, -1.0
        rows.append(row)
        limits.append(target - normal.iloc[i])
        for p in _names(tasks[before].iloc[place[name]]):
            row = [0.0] * (2 * n)
            row[place[p]], row[n + place[p]], row[i] = 1.0, -1.0, -1.0
            rows.append(row)
            limits.append(-normal.iloc[place[p]])
    bounds = [(0, None)] * n + [(0, float(x)) for x in normal - least]
    found = linprog([0.0] * n + prices.tolist(), rows, limits, bounds=bounds)
    days = {name: round(float(x), 9) for name, x in zip(names, found.x[n:], strict=True)}
    return Crash(target, float(found.fun), {k: v for k, v in days.items() if v > 0})


# ------------------------------------------------------------------ earned value


@dataclass(frozen=True)
class EarnedValue:
    """Planned (PV), earned (EV) and actual (AC) value, budget at completion (BAC); money alike."""

    pv: float
    ev: float
    ac: float
    bac: float

    @property
    def cv(self) -> float:
        return self.ev - self.ac

    @property
    def sv(self) -> float:
        return self.ev - self.pv

    @property
    def cpi(self) -> float | None:
        """EV ÷ AC; None before anything is spent."""
        return self.ev / self.ac if self.ac else None

    @property
    def spi(self) -> float | None:
        """EV ÷ PV; None before anything is planned."""
        return self.ev / self.pv if self.pv else None

    @property
    def eac(self) -> float | None:
        """BAC ÷ CPI: what the whole will cost if it goes on like this; None without a CPI."""
        return self.bac / self.cpi if self.cpi else None

    @property
    def tcpi(self) -> float | None:
        """(BAC − EV) ÷ (BAC − AC): needed from now on; None when the budget is used up."""
        return (self.bac - self.ev) / (self.bac - self.ac) if self.bac > self.ac else None


def earned_value(pv: float, ev: float, ac: float, bac: float) -> EarnedValue:
    """Earned value from its four figures.

    >>> earned_value(50, 40, 60, 100).cpi
    0.6666666666666666
    """
    figures = [inputs.number(x, n, low=0) for n, x in
               (("pv", pv), ("ev", ev), ("ac", ac), ("bac", bac))]  # fmt: skip
    if max(figures[:2]) > figures[3] + _DUST:
        raise AnalyticsError("计划值和挣值不会超过总预算 BAC。")
    return EarnedValue(*figures)
