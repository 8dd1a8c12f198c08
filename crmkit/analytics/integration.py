"""CRM among other systems: rent or own, demand that swings up the chain, time in a process.

Sources: bullwhip with a moving average after Chen, Drezner, Ryan and Simchi-Levi (2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError


@dataclass(frozen=True)
class Offer:
    """Costs of one way to have a system, in yuan: once, a month, and a month for each user."""

    once: float = 0.0
    monthly: float = 0.0
    per_user: float = 0.0

    def month(self, users: float) -> float:
        """What one month costs."""
        return self.monthly + self.per_user * users

    def total(self, months: float, users: float) -> float:
        """Cost of the first months together, not discounted."""
        return self.once + self.month(users) * months


def tco(offer: Offer, months: int, users: float, *, yearly_rate: float = 0.0) -> float:
    """Total cost of ownership over some months; monthly costs fall due at each month's end.

    >>> tco(Offer(once=1000, per_user=10), 12, 5)
    1600.0
    """
    months = inputs.whole(months, "months")
    monthly = (1 + inputs.number(yearly_rate, "yearly_rate", above=-1)) ** (1 / 12) - 1
    factor = -math.expm1(-months * math.log1p(monthly)) / monthly if monthly else months
    return offer.once + offer.month(users) * factor


def break_even_month(rent: Offer, own: Offer, users: float) -> int | None:
    """The first month at whose end owning has cost no more than renting (from 0); None: never."""
    dearer = own.once - rent.once
    saved = rent.month(users) - own.month(users)
    if dearer <= 0:
        return 0
    if saved <= 0:
        return None
    return math.ceil(round(dearer / saved, 9))


def break_even_users(rent: Offer, own: Offer, months: int) -> float | None:
    """Users at which both cost the same over these months; None when no number of users does."""
    months = inputs.whole(months, "months", low=1)
    gap = own.once - rent.once + (own.monthly - rent.monthly) * months
    each = (rent.per_user - own.per_user) * months
    users = gap / each if each else math.nan
    return users if users >= 0 else None


# ------------------------------------------------------------------ bullwhip


def order_up_to(demand: Sequence[float] | np.ndarray, lead_time: int, periods: int) -> np.ndarray:
    """Orders of a stage that keeps its stock at lead time × moving average of its demand.

    The order of period t is known after the demand of t: ``D_t + L·(mean_t − mean_(t−1))``, the
    mean over the last `periods` demands. Orders may be negative (goods go back), as in the model.

    Returns
    -------
    numpy.ndarray
        Orders from the first period on that has two whole means: len(demand) − periods of them.
    """
    d = np.asarray(demand, dtype="float64")
    lead_time = inputs.whole(lead_time, "lead_time")
    periods = inputs.whole(periods, "periods", low=1)
    if d.ndim != 1 or len(d) <= periods:
        raise AnalyticsError(f"移动平均要 {periods} 期，需求至少要有 {periods + 1} 期。")
    return d[periods:] + lead_time / periods * (d[periods:] - d[:-periods])


def variance_ratio(
    orders: Sequence[float] | np.ndarray, demand: Sequence[float] | np.ndarray
) -> float | None:
    """Var(orders) ÷ Var(demand); None when demand never varies."""
    spread = float(np.var(np.asarray(demand, dtype="float64")))
    return float(np.var(np.asarray(orders, dtype="float64"))) / spread if spread else None


def bullwhip(lead_time: int, periods: int, *, stages: int = 1, shared: bool = False) -> float:
    """Var(orders of stage k) ÷ Var(demand) for independent demand.

    One stage: ``1 + 2L/p + 2L²/p²``. Where all stages see the customers' demand (`shared`) stage k
    acts with the lead time of all stages together; else each swings on the orders of the one
    before, and the product of the stages' ratios is a lower bound that holds as an equation for
    one stage (Chen et al. 2000).

    >>> bullwhip(2, 4)
    2.5
    """
    lead_time = inputs.whole(lead_time, "lead_time")
    stages = inputs.whole(stages, "stages", low=1)
    share = lead_time / inputs.whole(periods, "periods", low=1)
    if shared:
        return 1 + 2 * stages * share + 2 * (stages * share) ** 2
    return float((1 + 2 * share + 2 * share**2) ** stages)


# ------------------------------------------------------------------ processes


@dataclass(frozen=True)
class ProcessTime:
    """Expected times of one case (in the table's unit), and how often it changes hands."""

    work: float
    wait: float
    hand_overs: int

    @property
    def total(self) -> float:
        return self.work + self.wait

    @property
    def efficiency(self) -> float | None:
        """Share of the time in which somebody works on it; None when it takes no time."""
        return self.work / self.total if self.total else None


def process_time(
    steps: pd.DataFrame, *, work: str = "处理", wait: str = "等待", who: str = "岗位",
    share: str | None = None,
) -> ProcessTime:  # fmt: skip
    """Expected time of a case through steps done one after the other.

    Parameters
    ----------
    share
        Column with the part of cases that pass the step (0 … 1, above 1 for rework); all do when
        it is not given.

    Raises
    ------
    AnalyticsError
        A missing column, a negative time or share.
    """
    columns = {"work": work, "wait": wait, "who": who, "share": share}
    inputs.require(steps, "步骤表", columns)
    passed = inputs.numbers(steps, "步骤表", share) if share else pd.Series(1.0, steps.index)
    times = [inputs.numbers(steps, "步骤表", c) for c in (work, wait)]
    if any((x < 0).any() for x in (*times, passed)):
        raise AnalyticsError("处理、等待和比例都不能是负数。")
    hands = steps.loc[passed > 0, who].astype(str).tolist()
    changes = sum(a != b for a, b in zip(hands, hands[1:], strict=False))
    working, waiting = (float((x * passed).sum()) for x in times)
    return ProcessTime(working, waiting, changes)
