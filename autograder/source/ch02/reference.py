"""The right answers of chapter 2's exercises, step by step in plain Python.

The notebook's own solutions use pandas and `crmkit.analytics`. Keyword arguments make the typical
mistakes that the judge recognises.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from autograder.source.ch02.keys import ROLE_OF, view_of
from crmkit import schema
from crmkit.analytics.clv import READINGS
from crmkit.lab.inputs import ch02
from crmkit.settings import settings

KEY = "客户编号"
PAID = {schema.ORDER_STATUS[code] for code in schema.VALID_ORDER_STATUS}


@dataclass(frozen=True)
class World:
    """One student's inputs, and what several answers need of them."""

    student: str

    @property
    def rule(self) -> ch02.Rule:
        return ch02.rule(self.student)

    @property
    def clv(self) -> ch02.Clv:
        return ch02.clv(self.student)

    @property
    def guest(self) -> ch02.Guest:
        return ch02.guest(self.student)

    @cached_property
    def people(self) -> list[dict[Hashable, Any]]:
        return ch02.respondents(self.student).to_dict("records")

    @cached_property
    def grid(self) -> list[dict[Hashable, Any]]:
        return ch02.grid(self.student).to_dict("records")

    @property
    def survey(self) -> pd.DataFrame:
        return ch02.answers_and_orders(self.student)[0]

    @property
    def orders(self) -> pd.DataFrame:
        return ch02.answers_and_orders(self.student)[1]

    @cached_property
    def mean_score(self) -> dict[str, float]:
        """Mean experience of every respondent."""
        marks: dict[str, list[int]] = {}
        for who, mark in zip(self.survey[KEY], self.survey["体验"], strict=True):
            marks.setdefault(who, []).append(mark)
        return {who: sum(m) / len(m) for who, m in marks.items()}

    def order_counts(self, *, paid: bool = True) -> dict[str, int]:
        counts = dict.fromkeys(self.mean_score, 0)
        for who, status in zip(self.orders[KEY], self.orders["订单状态"], strict=True):
            counts[who] += not paid or status in PAID
        return counts


def roles(w: World) -> dict[str, str]:
    pool = ch02.SENTENCE_POOL
    return {number: ROLE_OF[pool[i][1:]] for number, i in ch02.sentences(w.student).items()}


def viewpoints(w: World) -> dict[str, str]:
    return {n: view_of(ch02.VIEW_POOL[i]) for n, i in ch02.views(w.student).items()}


# ------------------------------------------------------------------ stages

Case = tuple[int, int, int, float | None]


def cases(w: World) -> list[Case]:
    """Inputs at, just below and just above every limit of the student's own rule."""
    m = w.rule
    c, k, d, q = m.churned_days, m.stable_orders, m.stable_days, m.decline
    old, less = max(c, d), round(q - 0.01, 2)
    return [
        (1, 0, 0, None), (1, 20, 20, None), (1, c, c, None), (1, c + 1, c + 1, None),
        (1, c + 200, c + 200, 0.0), (2, 30, 2, 1.5), (2, c + 60, c, 0.9), (2, c + 60, c + 1, None),
        (k - 1, d + 100, 10, 1.2), (k - 1, d + 200, 5, round(q - 0.2, 2)), (k, d, 10, 1.0),
        (k, d - 1, 10, 1.0), (k, d + 5, 15, None), (k, old, c, q), (k, c + 300, c + 1, 2.0),
        (k + 1, d - 1, 30, less), (k + 2, c + 300, c, 1.1), (k + 3, d + 200, 5, q),
        (k + 3, d + 200, 5, less), (k + 5, d + 400, 0, 0.0),
    ]  # fmt: skip


@dataclass(frozen=True)
class Misread:
    """The ways in which the rule can be misread."""

    churn_includes: bool = False
    decline_includes: bool = False
    open_limits: bool = False
    once_first: bool = False
    trend_used: bool = True


def stage_of(case: Case, m: ch02.Rule, how: Misread) -> str:
    orders, first, last, trend = case
    if how.once_first and orders == 1:
        return "考察期"
    if last > m.churned_days or (how.churn_includes and last == m.churned_days):
        return "退化期"
    many = orders > m.stable_orders if how.open_limits else orders >= m.stable_orders
    if trend is not None and how.trend_used and many:
        falls = trend <= m.decline if how.decline_includes else trend < m.decline
        if falls:
            return "退化期"
    if orders == 1:
        return "考察期"
    long = first > m.stable_days if how.open_limits else first >= m.stable_days
    return "稳定期" if many and long else "形成期"


# ------------------------------------------------------------------ lifetime value


@dataclass(frozen=True)
class How:
    """How to count: the reading in force, or a way to get it wrong."""

    initial: float = 1.0  # 0 leaves Po and Co out
    cost_of_winning: bool = True
    first_year: int = 1
    years_less: int = 0
    discounted: bool = True
    percent: bool = False

    @classmethod
    def in_force(cls) -> How:
        rule = settings()["lifetime_value"]
        reading = READINGS[rule["variant"]]
        timing = reading.timing or rule["timing"]
        discounted = rule["discounted"] if reading.discounted is None else reading.discounted
        return cls(float(reading.initial), True, 1 if timing == "end" else 0,
                   reading.years_less, discounted)  # fmt: skip


def lifetime(m: ch02.Clv, service: float, how: How) -> float:
    rate = m.r * 100 if how.percent else m.r
    total = how.initial * (m.Po - (m.Co if how.cost_of_winning else 0))
    for i in range(m.n - how.years_less):
        growth = (1 + rate) ** (i + how.first_year) if how.discounted else 1.0
        total += (m.In - service) / growth
    return total


def both_models(w: World, how: How) -> dict[str, float]:
    return {"模型一": lifetime(w.clv, 0, how), "模型三": lifetime(w.clv, w.clv.Cs, how)}


# ------------------------------------------------------------------ satisfaction

INDEX = "满意度指数"
RATES = ("美誉度", "指名度", "回头率", "投诉率", "敏感度", "推荐率")


def indicators(
    w: World, *, base: str = "buyers", blanks: bool = False, weighted: bool = True,
    divided: bool = True,
) -> dict[str, float]:  # fmt: skip
    """The seven indicators and the index; the keywords make the typical mistakes."""
    everyone = w.people
    buyers = [p for p in everyone if p["订单数"] >= 1] if base == "buyers" else everyone

    def share(people: list[dict[Hashable, Any]], question: str) -> float:
        given = [p[question] for p in people if blanks or p[question] != ""]
        return given.count("是") / len(given)

    return {
        "美誉度": share(everyone, "称赞"),
        "指名度": share(buyers, "指名购买"),
        "回头率": sum(p["订单数"] >= 2 for p in buyers) / len(buyers),
        "投诉率": share(buyers, "投诉"),
        "购买额": sum(p["购买额"] for p in buyers) / len(buyers),
        "敏感度": share(everyone, "涨价离开"),
        "推荐率": share(everyone, "推荐"),
        INDEX: _index(w, weighted, divided),
    }


def _index(w: World, weighted: bool, divided: bool) -> float:
    marks: dict[str, list[int]] = {}
    for item, felt in zip(w.survey["项目"], w.survey["体验"], strict=True):
        marks.setdefault(item, []).append(felt)
    weight = ch02.weights(w.student) if weighted else dict.fromkeys(marks, 1)
    top = sum(weight[item] * sum(m) / len(m) for item, m in marks.items())
    return top / (sum(weight.values()) if divided else 100)


# ------------------------------------------------------------------ loyalty

TYPES = ("价格忠诚", "激励忠诚", "超值忠诚", "潜在忠诚")


def loyal(w: World, *, open_limits: bool = False) -> dict[str, str]:
    rule = settings()["satisfaction"]
    out = {}
    for row in w.grid:
        attached = row["依恋"] - rule["loyal_attachment"]
        extra = row["订单数"] - rule["loyal_orders"]
        high = attached > 0 if open_limits else attached >= 0
        often = extra > 0 if open_limits else extra >= 0
        out[row[KEY]] = TYPES[2 if high and often else 3 if high else 1 if often else 0]
    return out


def trapped(w: World, *, above: bool = False, paid: bool = True) -> set[str]:
    limit, counts = settings()["satisfaction"]["satisfied"], w.order_counts(paid=paid)
    return {
        who for who, mean in w.mean_score.items()
        if counts[who] == 1 and (mean > limit or (mean == limit and not above))
    }  # fmt: skip


# ------------------------------------------------------------------ a guest


def guest_value(
    a: dict[str, float], *, margin: bool = True, discounted: bool = True, first_year: int = 1
) -> float:
    yearly = a["每年次数"] * a["每次消费"] * (a["毛利率"] if margin else 1.0)
    growth = 1 + a["折现率"] if discounted else 1.0
    return sum(yearly / growth ** (i + first_year) for i in range(int(a["年数"])))
