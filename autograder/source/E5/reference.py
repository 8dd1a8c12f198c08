"""Right answers of lab E5, and the same computed with a typical mistake."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from crmkit.analytics.clv import READINGS
from crmkit.analytics.lifecycle import PATTERNS, STAGES
from crmkit.lab.inputs import e5
from crmkit.settings import settings

MODELS = ("模型一", "模型三")
CELLS = e5.NAMED["E5-10"]


@dataclass(frozen=True)
class World:
    """One student's numbers."""

    student: str

    @property
    def data(self) -> e5.Data:
        return e5.data(self.student)

    def case(self, name: str) -> dict[str, float]:
        """n, Co, Po, In, r, Cs of a customer; what exercise 4 leaves out comes from exercise 3."""
        return dict(_cases(self.student)[name])


@lru_cache(maxsize=4)
def _cases(student: str) -> dict[str, dict[str, float]]:
    rows = e5.data(student).cases.set_index("客户").to_dict("index")
    carried = rows[e5.EXERCISE]
    return {
        str(who): {str(k): float(carried[k] if pd.isna(v) else v) for k, v in row.items()}
        for who, row in rows.items()
    }


@dataclass(frozen=True)
class How:
    """How to count a lifetime value: the reading in force, or a way to get it wrong."""

    winning: float = -1.0  # sign of Co
    first: bool = True  # whether Po counts
    initial: float = 1.0
    first_year: int = 1
    years_less: int = 0
    discounted: bool = True
    service: str = "yearly"  # of model three: "yearly", "once", "plain" (not discounted), "none"

    @classmethod
    def in_force(cls, **change: Any) -> How:
        rule = settings()["lifetime_value"]
        reading = READINGS[rule["variant"]]
        begin = (reading.timing or rule["timing"]) != "end"
        discounted = rule["discounted"] if reading.discounted is None else reading.discounted
        made: dict[str, Any] = {
            "initial": float(reading.initial), "first_year": 0 if begin else 1,
            "years_less": reading.years_less, "discounted": discounted,
        }  # fmt: skip
        return cls(**made | change)


def lifetime(case: dict[str, float], model: str, how: How) -> float:
    """Written out year by year, so that it does not lean on `crmkit.analytics.clv`."""
    start = (case["Po"] if how.first else 0) + how.winning * case["Co"]
    total = how.initial * start
    years = [k + how.first_year for k in range(int(case["n"]) - how.years_less)]
    growth = [(1 + case["r"]) ** t if how.discounted else 1.0 for t in years]
    total += sum(case["In"] / g for g in growth)
    if model == MODELS[1]:
        spent = {
            "yearly": sum(case["Cs"] / g for g in growth), "once": case["Cs"],
            "plain": case["Cs"] * len(years), "none": 0.0,
        }  # fmt: skip
        total -= spent[how.service]
    return float(total)


def factor(r: float, n: int) -> float:
    """年金系数, end of year."""
    return float(sum((1 + r) ** -t for t in range(1, int(n) + 1)))


def pair_values(w: World, how: How, *, carried: bool = True) -> dict[str, dict[str, float]]:
    """Value of the four customers of exercise 4 under both models."""
    found = {}
    for name in (n for pair in e5.PAIRS.values() for n in pair):
        case = w.case(name)
        if not carried and name.startswith("习题4"):
            case |= {"Co": 0.0, "Po": 0.0}
        found[name] = {model: lifetime(case, model, how) for model in MODELS}
    return found


def winners(values: dict[str, dict[str, float]]) -> dict[str, str]:
    """Which of the two customers of each pair is worth more under each model."""
    found = {}
    for pair, (a, b) in e5.PAIRS.items():
        for model in MODELS:
            found[f"{pair}·{model}"] = "A" if values[a][model] > values[b][model] else "B"
    return found


def retention(w: World, how: str = "right") -> pd.DataFrame:
    """保持率 by month, in the right way or a wrong one."""
    m = w.data.months
    base, lost, new = (m[c].astype("float64") for c in ("期初客户数", "流失客户数", "新增客户数"))
    known = base.where(base > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = {
            "right": 1 - lost / known, "churn": lost / known, "zero": (1 - lost / known).fillna(0),
            "whole": (1 - lost / known).fillna(1), "all": 1 - lost / (base + new),
            "end": (base - lost + new) / known, "percent": 100 * (1 - lost / known),
        }[how]  # fmt: skip
    return pd.DataFrame({"开店月": [str(k) for k in m["开店月"]], "保持率": rate})


def delivered(w: World, *, costs: tuple[str, ...] = e5.COSTS, ratio: bool = False) -> pd.DataFrame:
    """客户让渡价值 and rank of the three offers."""
    o = w.data.offers
    worth, spent = o[list(e5.VALUES)].sum(axis=1), o[list(costs)].sum(axis=1)
    value = worth / spent if ratio else worth - spent
    place = value.rank(ascending=False).astype("int64")
    return pd.DataFrame({"方案": o["方案"], "客户让渡价值": value, "名次": place})


@dataclass(frozen=True)
class Misread:
    """Ways to misread the table of stages."""

    gone_includes: bool = False
    decline_includes: bool = False
    open_limits: bool = False
    once_first: bool = False
    trend: str = "many"  # for whom the trend counts: "many", "nobody", "all"


def stage(row: dict[str, Any], how: Misread) -> str:
    rule, gone = settings()["lifecycle"], settings()["churn"]["churned_days"]
    n, first, last, trend = (row[c] for c in ("订单数", "首购距今", "末购距今", "近期消费比"))
    falling = False if pd.isna(trend) else trend < rule["decline"]
    if how.decline_includes and not pd.isna(trend):
        falling = trend <= rule["decline"]
    stable = n >= rule["stable_orders"] and first >= rule["stable_days"]
    if how.open_limits:
        stable = n > rule["stable_orders"] and first > rule["stable_days"]
    counts = {"many": n >= rule["stable_orders"], "nobody": False, "all": True}[how.trend]
    if how.once_first and n == 1:
        return STAGES[0]
    if last > gone or (how.gone_includes and last == gone) or (counts and falling):
        return STAGES[3]
    return STAGES[0] if n == 1 else STAGES[2] if stable else STAGES[1]


def stages(w: World, how: Misread) -> pd.DataFrame:
    found = [stage(row, how) for row in w.data.customers.to_dict("records")]
    return pd.DataFrame({"客户编号": w.data.customers["客户编号"], "阶段": found})


def pattern(
    curve: list[float], *, row: bool = True, trial: bool = True, ended: float | None = None
) -> str:
    """The pattern of a curve; the options drop a part of the rule."""
    rule = settings()["lifecycle"]
    peak = max(curve)
    if peak <= 0:
        return PATTERNS[0]
    top = [v >= rule["plateau"] * peak for v in curve]
    over = curve[-1] < (rule["decline"] if ended is None else ended) * peak
    turned = max(t for t, high in enumerate(top, start=1) if high)
    if trial and over and turned <= rule["trial_periods"]:
        return PATTERNS[0]
    best = run = 0
    for high in top:
        run = run + 1 if high else 0
        best = max(best, run)
    stable = (best if row else sum(top)) >= rule["stable_periods"]
    if over:
        return PATTERNS[2] if stable else PATTERNS[1]
    return PATTERNS[3] if stable else "未定"


def patterns(w: World, **how: Any) -> pd.DataFrame:
    curves = w.data.curves.drop(columns="季度")
    found = [pattern(curves[c].tolist(), **how) for c in curves]
    return pd.DataFrame({"曲线": list(curves.columns), "模式": found})


def cells(w: World, cut: str = "median", *, above: bool = False) -> dict[str, int]:
    """Customers in each cell of the value matrix."""
    c = w.data.cells
    high = []
    for name in ("当前价值", "增值潜力"):
        limit = c[name].median() if cut == "median" else c[name].mean()
        high.append(c[name] > limit if above else c[name] >= limit)
    kinds = list(zip(*high, strict=True))
    order = [(True, True), (True, False), (False, True), (False, False)]
    return {name: sum((bool(a), bool(b)) == k for a, b in kinds)
            for name, k in zip(CELLS, order, strict=True)}  # fmt: skip


def equity(
    w: World, *, chance: bool = True, potential: bool = True, discounted: bool = True
) -> float:
    """客户资产 of the file, in yuan."""
    rate, total = w.case(e5.OWN)["r"], 0.0
    for row in w.data.equity.to_dict("records"):
        if row["状态"] == "潜在" and not potential:
            continue
        years = factor(rate if discounted else 0.0, row["年数"])
        total += row["年利润"] * years * (row["成交概率"] if chance else 1.0)
    return total
