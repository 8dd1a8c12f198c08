"""The right answers of chapter 11's exercises, step by step in plain Python.

The notebook's own solutions use pandas and `crmkit.analytics`. Keyword arguments make the typical
mistakes that the judge recognises.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from autograder.source.ch11.keys import CAUSE_OF
from crmkit.lab.inputs import ch11

MONEY = ("净现值", "投资回报率", "静态回收期")
MEASURES = ("平均首次响应", "成交率", "成交单均额", "投诉率")
COLUMNS = ("上线前", "上线后", "净变化")


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str


# ------------------------------------------------------------------ network


def length(days: dict[str, int], path: tuple[str, ...]) -> float:
    return sum(days[t] for t in path) / 2


def chosen(w: World, how: str = "longest") -> tuple[str, ...]:
    """The critical path (all ways are tried), or one found in a wrong way."""
    days, ways = ch11.durations(w.student), ch11.paths()
    if how == "greedy":
        return ch11.greedy(days)
    if how == "most":
        return max(ways, key=len)
    if how == "shortest":
        return min(ways, key=lambda p: length(days, p))
    return max(ways, key=lambda p: length(days, p))


def lettered(w: World, path: tuple[str, ...]) -> list[str]:
    return [ch11.letters(w.student)[t] for t in path]


def total(w: World, how: str = "longest") -> float:
    days = ch11.durations(w.student)
    return sum(days.values()) / 2 if how == "all" else length(days, chosen(w, how))


# ------------------------------------------------------------------ money


def money(
    w: World, *, first: int = 0, discounted: bool = True, outlay: bool = True, over: str = "all",
    percent: bool = False, whole_years: bool = False, dynamic: bool = False,
) -> dict[str, float]:  # fmt: skip
    """NPV, ROI and static payback; the keywords make the typical mistakes."""
    per_cent, rows = ch11.cash(w.student)
    rate = per_cent / 100
    flows = [gain - cost for _, gain, cost in rows]
    present = sum(
        x / (1 + rate) ** (t + first if discounted else 0)
        for t, x in enumerate(flows)
        if outlay or t
    )
    gains, costs = sum(r[1] for r in rows), sum(r[2] for r in rows)
    base = costs if over == "all" else rows[0][2]
    roi = (gains - costs) / base * (100 if percent else 1)
    left, years = 0.0, 0.0
    for t, flow in enumerate(flows):
        x = flow / (1 + rate) ** t if dynamic else float(flow)
        if t and left < 0 <= left + x:
            years = t if whole_years else t - 1 - left / x
            break
        left += x
    return dict(zip(MONEY, (present, roi, float(years)), strict=True))


# ------------------------------------------------------------------ symptoms


def causes(w: World) -> dict[str, str]:
    return {k: CAUSE_OF[topic] for k, (topic, _) in ch11.symptoms(w.student).items()}


# ------------------------------------------------------------------ before and after


def board(
    w: World, *, everybody: bool = False, blanks: bool = False, control: bool = True,
    per_inquiry: bool = False, relative: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Indicators of the pilot before and after, and the change beyond the other team's."""
    records = ch11.cases(w.student).to_dict("records")

    def of(team: str, when: str) -> list[float]:
        rows = [r for r in records if r["期间"] == when and (everybody or r["组"] == team)]
        hours = [r["首次响应小时"] for r in rows if blanks or r["首次响应小时"] != ""]
        deals = [float(r["成交金额"]) for r in rows if r["成交"] == "是"]
        return [
            sum(float(h or 0) for h in hours) / len(hours),
            len(deals) / len(rows),
            sum(deals) / len(rows if per_inquiry else deals),
            sum(r["投诉"] == "是" for r in rows) / len(rows),
        ]

    before, after = of("试点", "上线前"), of("试点", "上线后")
    other = zip(of("对照", "上线前"), of("对照", "上线后"), strict=True)
    drift = [b - a if control else 0.0 for a, b in other]
    change = [b - a - d for a, b, d in zip(before, after, drift, strict=True)]
    if relative:
        change = [c / a for c, a in zip(change, before, strict=True)]
    columns = dict(zip(COLUMNS, (before, after, change), strict=True))
    return pd.DataFrame({"指标": MEASURES, **columns})
