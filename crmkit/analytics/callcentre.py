"""A call centre's log: what it says, and a simulation (SimPy) that writes one.

The simulation knows what Erlang's formulas leave out: arrivals that change by the hour, people who
come on and go off duty, patience that ends, and agents who can only take some kinds of calls.
"""

from __future__ import annotations

import math
from collections.abc import Generator as Coroutine
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicator import Indicator

if TYPE_CHECKING:
    import simpy
    from numpy.random import Generator

HOUR = 3600.0
# The field has no single 服务水平; which one a contract means has to stand in it.
SERVICE_LEVELS: Mapping[str, str] = {
    "offered": "时限内接通的 ÷ 全部呼入（放弃的都算没接好）",
    "answered": "时限内接通的 ÷ 接通的（放弃的不算）",
    "without_short": "时限内接通的 ÷（全部呼入 − 时限内就放弃的）",
}


# ------------------------------------------------------------------ what a log says


def service_level(
    calls: pd.DataFrame, target_s: float = 20, *, definition: str = "offered",
    wait: str = "等待秒数", abandoned: str = "是否放弃",
) -> Indicator:  # fmt: skip
    """Share of calls answered after at most `target_s` seconds; see `SERVICE_LEVELS`.

    `calls` holds incoming calls only.
    """
    inputs.require(calls, "话务表", {"wait": wait, "abandoned": abandoned})
    inputs.choice(definition, "definition", SERVICE_LEVELS)
    target = inputs.number(target_s, "target_s", low=0)
    left = calls[abandoned].astype(bool)
    soon = inputs.numbers(calls, "话务表", wait) <= target
    base = {
        "offered": len(calls),
        "answered": int((~left).sum()),
        "without_short": len(calls) - int((left & soon).sum()),
    }[definition]
    return Indicator.ratio(int((~left & soon).sum()), base)


def abandonment(calls: pd.DataFrame, *, abandoned: str = "是否放弃") -> Indicator:
    """Share of incoming calls whose caller hung up while waiting."""
    inputs.require(calls, "话务表", {"abandoned": abandoned})
    return Indicator.ratio(int(calls[abandoned].astype(bool).sum()), len(calls))


def mean_wait(
    calls: pd.DataFrame, *, wait: str = "等待秒数", abandoned: str = "是否放弃"
) -> Indicator:
    """ASA: mean wait in seconds of the answered calls (those who hung up are left out)."""
    inputs.require(calls, "话务表", {"wait": wait, "abandoned": abandoned})
    answered = calls[~calls[abandoned].astype(bool)]
    return Indicator.ratio(float(inputs.numbers(answered, "话务表", wait).sum()), len(answered))


def handle_time(
    calls: pd.DataFrame, *, handle: str = "处理秒数", abandoned: str = "是否放弃"
) -> Indicator:
    """AHT: mean handling time in seconds of the answered calls."""
    inputs.require(calls, "话务表", {"handle": handle, "abandoned": abandoned})
    answered = calls[~calls[abandoned].astype(bool)]
    return Indicator.ratio(float(inputs.numbers(answered, "话务表", handle).sum()), len(answered))


def patience(
    calls: pd.DataFrame, *, wait: str = "等待秒数", abandoned: str = "是否放弃"
) -> Indicator:
    """Mean patience in seconds: all waiting time ÷ number of callers who hung up.

    The maximum-likelihood estimate when patience is exponential: whoever was answered has shown
    only that his patience was longer than his wait (right-censored), and counts with that wait.
    """
    inputs.require(calls, "话务表", {"wait": wait, "abandoned": abandoned})
    return Indicator.ratio(
        float(inputs.numbers(calls, "话务表", wait).sum()), int(calls[abandoned].astype(bool).sum())
    )


def arrivals_by_hour(calls: pd.DataFrame, *, at: str = "时间") -> pd.DataFrame:
    """小时, 呼入, 每天平均: mean number of calls that begin in each hour of the day."""
    inputs.require(calls, "话务表", {"at": at})
    when = inputs.times(calls, "话务表", at)
    days = when.dt.normalize().nunique()
    table = when.dt.hour.value_counts().sort_index().rename_axis("小时").rename("呼入")
    return table.reset_index().assign(每天平均=lambda t: t["呼入"] / max(days, 1))


# ------------------------------------------------------------------ simulation


@dataclass(frozen=True)
class Team:
    """Agents who can do the same kinds of calls, and how many are on duty.

    Parameters
    ----------
    skills
        Kinds of calls they take.
    on_duty
        A number for the whole time, or hour of the day → number (0 where an hour is not named).
    """

    name: str
    skills: frozenset[str]
    on_duty: int | Mapping[int, int]

    def seats(self, hour: int) -> int:
        return self.on_duty if isinstance(self.on_duty, int) else self.on_duty.get(hour, 0)


@dataclass(frozen=True)
class Centre:
    """What is simulated.

    Parameters
    ----------
    per_hour
        Hour of the day → mean number of calls that begin in it; the day runs from the first hour
        to the end of the last one, and then the callers still there are served.
    handle_s
        Mean handling time in seconds (exponential), for all calls or by kind.
    patience_s
        Mean patience in seconds (exponential); ∞ when nobody hangs up.
    teams
        Agents. A free agent takes the caller who has waited longest among those he can serve.
    mix
        Kind of call → share.
    least_s
        No call is shorter.
    """

    per_hour: Mapping[int, float]
    handle_s: float | Mapping[str, float]
    teams: Sequence[Team]
    patience_s: float = math.inf
    mix: Mapping[str, float] = field(default_factory=lambda: {"来电": 1.0})
    least_s: float = 0.0

    def mean_handle(self, kind: str) -> float:
        return self.handle_s if isinstance(self.handle_s, (int, float)) else self.handle_s[kind]


def simulate(centre: Centre, *, days: int = 1, seed: int = 1) -> pd.DataFrame:
    """Log of some days: 第几天, 秒 (since midnight), 技能组, 等待秒数, 处理秒数, 是否放弃, 班组.

    The same seed and version of NumPy give the same log.

    Raises
    ------
    AnalyticsError
        No hours, shares that are not positive, or a kind of call that no team takes.
    """
    from numpy.random import default_rng

    _check(centre)
    random = default_rng(inputs.whole(seed, "seed"))
    rows: list[tuple[Any, ...]] = []
    for day in range(1, inputs.whole(days, "days", low=1) + 1):
        rows += [(day, *row) for row in _Day(centre, random).run()]
    columns = ["第几天", "秒", "技能组", "等待秒数", "处理秒数", "是否放弃", "班组"]
    log = pd.DataFrame(rows, columns=columns)
    return log.sort_values(["第几天", "秒"], ignore_index=True)


def _check(centre: Centre) -> None:
    if not centre.per_hour or min(centre.per_hour.values()) < 0:
        raise AnalyticsError("每小时呼入量要至少给一个小时，而且不能是负数。")
    if not centre.mix or min(centre.mix.values()) < 0 or sum(centre.mix.values()) <= 0:
        raise AnalyticsError("来电构成要给出每类的份额，不能是负数，也不能全是 0。")
    if not centre.patience_s > 0:
        raise AnalyticsError("耐心的平均秒数要大于 0；没有人放弃时用 math.inf。")
    for kind in centre.mix:
        able = [t for t in centre.teams if kind in t.skills]
        if not any(t.seats(h) for t in able for h in centre.per_hour):
            raise AnalyticsError(f"没有坐席能接「{kind}」：请在某个班组的技能里加上它。")


class _Day:
    """One day: callers arrive, wait for an agent or hang up; agents come and go by the hour."""

    def __init__(self, centre: Centre, random: Generator) -> None:
        import simpy

        self.centre, self.random = centre, random
        first = min(centre.per_hour)
        self.env = simpy.Environment(initial_time=first * HOUR)
        # A line of our own: simpy.FilterStore looks at everyone who waits whenever an agent hangs
        # up, which takes most of the time as soon as the line is long.
        self.free: list[str] = []  # teams' names: one entry for each free agent
        self.waiting: dict[simpy.Event, str] = {}  # kind of call, whoever came first in front
        self.present = {t.name: 0 for t in centre.teams}
        self.wanted = dict(self.present)
        self.skills = {t.name: t.skills for t in centre.teams}
        self.rows: list[tuple[Any, ...]] = []

    def run(self) -> list[tuple[Any, ...]]:
        self.env.process(self._duty())
        for at, kind in self._arrivals():
            self.env.process(self._call(at, kind))
        self.env.run()
        return self.rows

    def _arrivals(self) -> list[tuple[float, str]]:
        kinds = list(self.centre.mix)
        total = sum(self.centre.mix.values())
        shares = [self.centre.mix[k] / total for k in kinds]
        out = []
        for hour, rate in sorted(self.centre.per_hour.items()):
            n = int(self.random.poisson(rate))
            at = sorted(self.random.uniform(hour * HOUR, (hour + 1) * HOUR, n).tolist())
            which = self.random.choice(len(kinds), n, p=shares).tolist()
            out += [(t, kinds[k]) for t, k in zip(at, which, strict=True)]
        return out

    def _duty(self) -> Coroutine[simpy.Event, Any, None]:
        """At every full hour bring the number of agents to what the roster says."""
        for hour in range(min(self.centre.per_hour), max(self.centre.per_hour) + 1):
            if hour * HOUR > self.env.now:
                yield self.env.timeout(hour * HOUR - self.env.now)
            for team in self.centre.teams:
                self.wanted[team.name] = team.seats(hour)
                while self.present[team.name] < self.wanted[team.name]:
                    self.present[team.name] += 1
                    self.free.append(team.name)
                while self.present[team.name] > self.wanted[team.name] and team.name in self.free:
                    self.free.remove(team.name)
                    self.present[team.name] -= 1
            last = hour == max(self.centre.per_hour)
            if last:  # whoever still waits is served: one agent of each team stays on
                for team in self.centre.teams:
                    if not self.present[team.name]:
                        self.wanted[team.name] = self.present[team.name] = 1
                        self.free.append(team.name)
            self._serve()

    def _serve(self) -> None:
        """Free agents take whoever has waited longest among those they can serve."""
        served = []
        for caller, kind in self.waiting.items():
            if not self.free:
                break
            team = next((t for t in self.free if kind in self.skills[t]), None)
            if team is not None:
                self.free.remove(team)
                served.append(caller)
                caller.succeed(team)
        for caller in served:
            del self.waiting[caller]

    def _call(self, at: float, kind: str) -> Coroutine[simpy.Event, Any, None]:
        yield self.env.timeout(at - self.env.now)
        mine = self.env.event()
        self.waiting[mine] = kind
        self._serve()
        if math.isinf(self.centre.patience_s):
            yield mine
        else:
            limit = float(self.random.exponential(self.centre.patience_s))
            yield mine | self.env.timeout(limit)
        wait = self.env.now - at
        if not mine.triggered:
            del self.waiting[mine]
            self.rows.append((at, kind, wait, 0.0, True, ""))
            return
        talk = max(
            self.centre.least_s, float(self.random.exponential(self.centre.mean_handle(kind)))
        )
        self.rows.append((at, kind, wait, talk, False, mine.value))
        yield self.env.timeout(talk)
        self._hang_up(str(mine.value))

    def _hang_up(self, team: str) -> None:
        """The agent is free again, or goes home when the roster wants fewer by now."""
        if self.present[team] > self.wanted[team]:
            self.present[team] -= 1
        else:
            self.free.append(team)
            self._serve()
