"""Who has been lost: four rules, and how many a shop loses and keeps month by month.

The field has no norm for the number of days after which a customer is lost. Four rules can be
defended; they give different answers, so each has a name and the screen says which was used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.btyd import BgNbd
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Flags, Paid
from crmkit.analytics.purchases import bought_between, days_of, intervals, quantiles
from crmkit.settings import settings

CHURN_RULES: Mapping[str, str] = {
    "fixed": "固定天数：距最近一次购买超过规定天数为流失（默认 180 天；90 天以内为活跃，其间为沉默）",
    "shop": "本店节奏：超过本店回购间隔的 P90 为流失",
    "own": "本人节奏：超过本人购买间隔中位数的 k 倍为流失（至少在 3 个不同日子买过才判断）",
    "model": "模型：BG/NBD 模型的存活概率 P(alive) 低于 θ 为流失",
}
ACTIVE, SILENT, LOST, UNJUDGED = "活跃", "沉默", "流失", "不判断"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Churn:
    """The state of every buyer, in the order of `who`.

    Parameters
    ----------
    who
        Customer codes, ascending.
    since
        Days from the last order to the day of judgement.
    limit
        Days after which the rule calls a buyer lost (NaN: not judged, or by the model).
    p_alive
        Of the model; NaN for the other rules.
    judged, lost
        Whether the rule says anything about a buyer, and whether it says lost.
    model
        The fitted model of rule ``"model"``.
    """

    who: NDArray[np.int64]
    since: NDArray[np.int64]
    limit: Floats
    p_alive: Floats
    judged: Flags
    lost: Flags
    active_days: int
    model: BgNbd | None = None

    @property
    def rate(self) -> Indicator:
        """流失率 = lost ÷ judged."""
        return Indicator.ratio(int(np.count_nonzero(self.lost)), int(np.count_nonzero(self.judged)))

    @property
    def states(self) -> NDArray[np.object_]:
        """活跃, 沉默, 流失 or 不判断: silent is who is not lost and past `active_days`."""
        names = np.where(self.since <= self.active_days, ACTIVE, SILENT).astype(object)
        names[self.lost] = LOST
        names[~self.judged] = UNJUDGED
        return names


def judge(
    history: Paid, day: int, rule: str = "fixed", *, active_days: int | None = None,
    churned_days: int | None = None, share: float | None = None, k: float | None = None,
    theta: float | None = None, model: BgNbd | None = None,
) -> Churn:  # fmt: skip
    """Judge every buyer on day number `day`, from orders up to and including that day.

    Parameters
    ----------
    rule
        One of `CHURN_RULES`.
    active_days, churned_days
        Of rule ``"fixed"``; default settings ``[churn]`` 90 and 180.
    share
        Of rule ``"shop"``: which quantile of the intervals, default 0.9.
    k
        Of rule ``"own"``: how many of the buyer's median intervals (2 or 3; default 3).
    theta
        Of rule ``"model"``: default 0.5.
    model
        Parameters for rule ``"model"``; default: fitted to `history` (in weeks).
    """
    inputs.choice(rule, "rule", CHURN_RULES)
    given = settings()["churn"]
    last = history.day[history.ends].astype(np.int64)
    if len(last) and int(last.max()) > day:
        raise AnalyticsError("判断流失的日子早于订单里的日子，请先按数据日期截取订单。")
    since, n = day - last, len(last)
    active = given["active_days"] if active_days is None else active_days
    limit, alive = np.full(n, np.nan), np.full(n, np.nan)
    if rule == "fixed":
        days = given["churned_days"] if churned_days is None else churned_days
        limit[:] = inputs.number(days, "churned_days", low=active)
    elif rule == "shop":
        limit[:] = shop_limit(history, share)
    elif rule == "own":
        limit = own_limit(history, given["own_k"] if k is None else k, given["own_purchases"])
    else:
        x, t_x, span = weeks(history, day)
        model = BgNbd.fit(x, t_x, span) if model is None else model
        alive = model.p_alive(x, t_x, span)
        lost = alive < (given["theta"] if theta is None else theta)
        return Churn(history.who, since, limit, alive, np.ones(n, np.bool_), lost, active, model)
    judged = ~np.isnan(limit)
    lost = np.zeros(n, dtype=np.bool_)
    lost[judged] = since[judged] > limit[judged]
    return Churn(history.who, since, limit, alive, judged, lost, active)


def shop_limit(history: Paid, share: float | None = None) -> float:
    """The quantile of the shop's intervals that rule ``"shop"`` takes; NaN without any interval."""
    chosen = settings()["churn"]["shop_share"] if share is None else share
    (found,) = quantiles(intervals(history), [inputs.number(chosen, "share", above=0, high=1)])
    return np.nan if found is None else found


def own_limit(history: Paid, k: float, purchases: int) -> Floats:
    """k × the median interval between a buyer's different days of purchase; NaN below `purchases`."""
    factor = inputs.number(k, "k", above=0)
    fresh = np.ones(len(history), dtype=np.bool_)
    fresh[1:] = (history.customer[1:] != history.customer[:-1]) | (
        history.day[1:] != history.day[:-1]
    )
    customer, day = history.customer[fresh].astype(np.int64), history.day[fresh].astype(np.int64)
    same = customer[1:] == customer[:-1]
    gaps, owner = (day[1:] - day[:-1])[same], customer[1:][same]
    count = np.bincount(owner, minlength=history.people)
    # gaps of one buyer together, shortest first: one sort of a whole number
    width = int(gaps.max()) + 1 if len(gaps) else 1
    ordered = np.sort(owner * width + gaps) % width
    start = np.cumsum(count) - count
    who = history.who
    enough = count[who] >= purchases - 1
    at, size = start[who][enough], count[who][enough]
    limit = np.full(len(who), np.nan)
    limit[enough] = factor * (ordered[at + (size - 1) // 2] + ordered[at + size // 2]) / 2
    return limit


def weeks(history: Paid, day: int) -> tuple[Floats, Floats, Floats]:
    """x, t_x and T of every buyer in weeks, as `btyd.purchase_histories` defines them."""
    first, last = history.day[history.starts], history.day[history.ends]
    x = (days_of(history)[history.who] - 1).astype(np.float64)
    return x, (last - first).astype(np.float64) / 7, (day - first).astype(np.float64) / 7


@dataclass(frozen=True)
class Period:
    """Customers at the start, at the end, gone and come in between."""

    start: int
    end: int
    stayed: int

    @property
    def lost(self) -> int:
        return self.start - self.stayed

    @property
    def new(self) -> int:
        """At the end and not at the start: first buyers and those who came back."""
        return self.end - self.stayed

    @property
    def churn(self) -> Indicator:
        """流失率 = lost in the period ÷ customers at its start."""
        return Indicator.ratio(self.lost, self.start)

    @property
    def retention(self) -> Indicator:
        """保持率 = (E − N) ÷ S = 1 − 流失率."""
        return Indicator.ratio(self.stayed, self.start)


def periods(
    history: Paid, days: Sequence[int], rule: str = "fixed", *, churned_days: int | None = None,
    share: float | None = None, k: float | None = None, theta: float | None = None,
    model: BgNbd | None = None,
) -> list[Period]:  # fmt: skip
    """Customers kept and lost between each two neighbours of `days` (evenings, ascending).

    A customer of an evening is a buyer whom the rule does not call lost on that day, with what
    was known on that day; the P90 of rule ``"shop"`` and the parameters of rule ``"model"`` are
    those of the last day. Buyers that a rule does not judge are left out.
    """
    inputs.choice(rule, "rule", CHURN_RULES)
    if rule in ("fixed", "shop"):
        given = settings()["churn"]["churned_days"] if churned_days is None else churned_days
        limit = shop_limit(history, share) if rule == "shop" else float(given)
        kept = _by_limit(history, limit)
    else:
        if rule == "model" and model is None:
            model = BgNbd.fit(*weeks(history, days[-1]))

        def kept(day: int) -> Flags:
            known = history.take(history.day <= day)
            found = judge(known, day, rule, k=k, theta=theta, model=model)
            flags = np.zeros(history.people, dtype=np.bool_)
            flags[found.who[found.judged & ~found.lost]] = True
            return flags

    flags = [kept(day) for day in days]
    counts = [int(np.count_nonzero(f)) for f in flags]
    return [
        Period(counts[i], counts[i + 1], int(np.count_nonzero(flags[i] & flags[i + 1])))
        for i in range(len(days) - 1)
    ]


def _by_limit(history: Paid, limit: float) -> Callable[[int], Flags]:
    def kept(day: int) -> Flags:
        if np.isnan(limit):  # no interval in the shop: nothing to judge by
            return np.zeros(history.people, dtype=np.bool_)
        return bought_between(history, day - int(np.floor(limit)), day + 1)

    return kept
