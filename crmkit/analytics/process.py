"""Processes: what an event log shows (process mining), and what a state machine allows.

Directly-follows graph and variants after van der Aalst, Process Mining (2016). An event log has a
case, an activity and a time in each row; events of one case at the same time keep their row order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

# ------------------------------------------------------------------ what a log shows


def _in_order(log: pd.DataFrame, case: str, activity: str, time: str) -> pd.DataFrame:
    inputs.require(log, "事件日志", {"case": case, "activity": activity, "time": time})
    table = pd.DataFrame(
        {
            "例": inputs.ids(log, "事件日志", case),
            "事": log[activity],
            "时": inputs.times(log, "事件日志", time),
        }
    )
    if table["时"].isna().any():
        raise AnalyticsError(
            f"事件日志的列「{time}」{inputs.rows(table['时'].isna())}没有时间，排不出先后。"
        )
    return table.sort_values(["例", "时"], kind="stable")


def traces(
    log: pd.DataFrame, *, case: str = "编号", activity: str = "事件", time: str = "时间"
) -> pd.Series:
    """Case → tuple of its activities in order of time."""
    table = _in_order(log, case, activity, time)
    out = table.groupby("例", sort=True)["事"].agg(tuple)
    return out.rename_axis(case).rename("轨迹")


def directly_follows(
    log: pd.DataFrame, *, case: str = "编号", activity: str = "事件", time: str = "时间"
) -> pd.DataFrame:
    """前, 后, 次数, 中位小时, 平均小时: how often and how soon one activity directly follows another.

    Sorted by 次数, then by names.

    Examples
    --------
    >>> log = pd.DataFrame({"编号": ["a", "a", "b", "b"], "事件": ["受理", "结案"] * 2,
    ...     "时间": pd.to_datetime(["2025-01-01 09:00", "2025-01-01 11:00"] * 2)})
    >>> directly_follows(log).to_dict("records")
    [{'前': '受理', '后': '结案', '次数': 2, '中位小时': 2.0, '平均小时': 2.0}]
    """
    table = _in_order(log, case, activity, time)
    following = table.groupby("例")[["事", "时"]].shift(-1)
    pairs = pd.DataFrame(
        {
            "前": table["事"],
            "后": following["事"],
            "小时": (following["时"] - table["时"]).dt.total_seconds() / 3600,
        }
    ).dropna(subset="后")
    found = pairs.groupby(["前", "后"])["小时"].agg(["size", "median", "mean"]).reset_index()
    found.columns = pd.Index(["前", "后", "次数", "中位小时", "平均小时"])
    return found.sort_values(["次数", "前", "后"], ascending=[False, True, True], ignore_index=True)


def variants(
    log: pd.DataFrame, *, case: str = "编号", activity: str = "事件", time: str = "时间"
) -> pd.DataFrame:
    """轨迹 (activities joined by →), 例数, 占比, 累计占比; most frequent first."""
    found = traces(log, case=case, activity=activity, time=time).map("→".join).value_counts()
    table = found.rename_axis("轨迹").rename("例数").reset_index()
    table = table.sort_values(["例数", "轨迹"], ascending=[False, True], ignore_index=True)
    share = table["例数"] / max(int(table["例数"].sum()), 1)
    return table.assign(占比=share, 累计占比=share.cumsum())


def cycle_hours(
    log: pd.DataFrame, *, case: str = "编号", activity: str = "事件", time: str = "时间"
) -> pd.Series:
    """Case → hours from its first to its last event."""
    table = _in_order(log, case, activity, time).groupby("例")["时"]
    hours = (table.max() - table.min()).dt.total_seconds() / 3600
    return hours.rename_axis(case).rename("小时")


# ------------------------------------------------------------------ what a machine allows

Steps = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class StateMachine:
    """States, where a case begins, where it may end, and (state, event) → next state.

    The mapping makes the machine deterministic: one event in one state leads to one place.
    """

    states: frozenset[str]
    start: str
    ends: frozenset[str]
    steps: Steps

    @classmethod
    def of(
        cls, states: Iterable[str], start: str, ends: Iterable[str],
        steps: Iterable[Sequence[str]],
    ) -> StateMachine:  # fmt: skip
        """From rows (state, event, next state).

        Raises
        ------
        AnalyticsError
            A row has not three parts, or one event in one state leads to two places.
        """
        table: dict[tuple[str, str], str] = {}
        for row in steps:
            if len(row) != 3:
                raise AnalyticsError(f"每一步要写成（状态, 事件, 下一状态），现在是 {tuple(row)}。")
            source, event, target = map(str, row)
            if table.get((source, event), target) != target:
                raise AnalyticsError(
                    f"状态「{source}」遇到「{event}」有两个去处：「{table[source, event]}」和「{target}」。"
                    "同一事件要分情况时，把事件分成两个。"
                )
            table[source, event] = target
        return cls(frozenset(map(str, states)), str(start), frozenset(map(str, ends)), table)

    def reachable(self) -> set[str]:
        """States that a case can get to."""
        return _closure({self.start}, [(s, t) for (s, _), t in self.steps.items()])

    def can_end(self) -> set[str]:
        """States from which some end can still be reached (the ends among them)."""
        return _closure(set(self.ends), [(t, s) for (s, _), t in self.steps.items()])

    def events(self, state: str) -> list[str]:
        """What may happen in a state."""
        return [event for (source, event) in self.steps if source == state]

    def faults(self) -> list[str]:
        """What is wrong, in sentences: undeclared or unreachable states, dead ends; [] if nothing.

        A dead end is a state that is no end and from which no end can be reached: one without
        any event, or a circle without exit.
        """
        used = {self.start, *self.ends} | {x for (s, _), t in self.steps.items() for x in (s, t)}
        out = [f"状态「{s}」没有列在状态表里" for s in sorted(used - self.states)]
        if not self.ends:
            out.append("没有结束状态")
        there, ending = self.reachable(), self.can_end()
        out += [f"状态「{s}」从「{self.start}」走不到" for s in sorted(self.states - there)]
        for state in sorted((self.states & there) - ending):
            why = (
                "没有任何事件可以离开" if not self.events(state) else "转来转去，到不了任何结束状态"
            )
            out.append(f"状态「{state}」是死路：{why}")
        return out

    def replay(self, events: Iterable[str]) -> Replay:
        """Follow a trace until the machine does not allow the next event."""
        state = self.start
        for n, event in enumerate(events):
            target = self.steps.get((state, event))
            if target is None:
                return Replay(False, n, state, event)
            state = target
        return Replay(state in self.ends, -1, state, "")


@dataclass(frozen=True)
class Replay:
    """How far a trace could be followed.

    Attributes
    ----------
    fits
        All events were allowed, and the case has ended.
    at
        Place (from 0) of the first event that was not allowed; −1 when all were.
    state, event
        Where the case stood, and what was not allowed ("" when all were).
    """

    fits: bool
    at: int
    state: str
    event: str


def conformance(
    log: pd.DataFrame, machine: StateMachine, *, case: str = "编号", activity: str = "事件",
    time: str = "时间",
) -> pd.DataFrame:  # fmt: skip
    """One row for each case: 符合, 停在, 不允许的事件 (blank when every event was allowed)."""
    found = traces(log, case=case, activity=activity, time=time)
    rows = []
    for key, trace in found.items():
        seen = machine.replay(trace)
        rows.append((key, seen.fits, seen.state, seen.event))
    return pd.DataFrame(rows, columns=[case, "符合", "停在", "不允许的事件"])


def _closure(start: set[str], edges: Sequence[tuple[str, str]]) -> set[str]:
    found = set(start)
    while True:
        more = {b for a, b in edges if a in found} - found
        if not more:
            return found
        found |= more
