"""How long a silence means that a customer has left: the same question in trades of every pace.

A share `gone` of the customers has left and will never be heard of again; the others come back
after a gap. Silent for t days, a customer has left with the chance

    P(left | silent t) = gone / (gone + (1 − gone) · S(t)),   S(t) = P(gap > t),

Bayes' rule on the cure model (Boag, 1949), with customers who never return as the "cured". Gaps
of a described trade are lognormal; those of a shop are read off its Kaplan–Meier curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from types import MappingProxyType

import pandas as pd

from crmkit.analytics import inputs, survival
from crmkit.analytics.errors import AnalyticsError

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Pace:
    """A trade's pace: half of the gaps are shorter than `median` days; `spread` of their logarithm.

    Examples
    --------
    >>> pace = Pace("保养", median=200, spread=0.4, gone=0.15)
    >>> round(pace.left(90), 2), round(pace.left(365), 2), round(pace.wait(0.8))
    (0.15, 0.73, 396)
    """

    event: str
    median: float
    spread: float
    gone: float

    def __post_init__(self) -> None:
        if not (self.median > 0 and self.spread > 0 and 0 < self.gone < 1):
            raise AnalyticsError("中位间隔和离散程度要大于 0，走了的比例要在 0 和 1 之间。")

    def silent(self, days: float) -> float:
        """Share of all customers who have been silent for so long."""
        return self.gone + (1 - self.gone) * self._waiting(days)

    def left(self, days: float) -> float:
        """Chance that somebody silent for so long has left."""
        return self.gone / self.silent(days)

    def wait(self, chance: float) -> float:
        """After how many silent days the chance that he has left is so high."""
        inputs.number(chance, "chance", above=0, high=1)
        if chance <= self.gone:
            return 0.0  # true of anybody, without waiting
        if chance == 1:
            return float("inf")
        waiting = self.gone * (1 - chance) / (chance * (1 - self.gone))
        return self.median * exp(self.spread * _NORMAL.inv_cdf(1 - waiting))

    def _waiting(self, days: float) -> float:
        if days <= 0:
            return 1.0
        return 1 - _NORMAL.cdf(log(days / self.median) / self.spread)


class Observed:
    """The pace of a shop from its Kaplan–Meier curve of gaps; what is left at `until` has left."""

    def __init__(self, event: str, curve: pd.DataFrame, until: float) -> None:
        self.event, self.until = event, until
        self._curve = curve
        self.gone = float(survival.survival_at(curve, until))
        if not self.gone > 0:
            raise AnalyticsError(f"到第 {until:g} 天已经没有人沉默，看不出多少人走了。")

    @property
    def median(self) -> float:
        """Days after which half of those who come back are back; infinite if not by `until`."""
        return self._first((1 + self.gone) / 2)

    def silent(self, days: float) -> float:
        """Share of all customers who have been silent for so long."""
        return float(survival.survival_at(self._curve, min(max(days, 0.0), self.until)))

    def left(self, days: float) -> float:
        """Chance that somebody silent for so long has left."""
        return self.gone / self.silent(days)

    def wait(self, chance: float) -> float:
        """After how many silent days the chance that he has left is so high."""
        inputs.number(chance, "chance", above=0, high=1)
        return self._first(self.gone / chance)

    def _first(self, share: float) -> float:
        days = self._curve.loc[self._curve["存活率"] <= share + 1e-12, "时间"]
        return float("inf") if days.empty else float(days.iloc[0])


# Figures written for teaching; no company's own.
TRADES: Mapping[str, Pace] = MappingProxyType(
    {
        "证券营业部": Pace("交易一笔", median=20, spread=1.3, gone=0.08),
        "汽车经销店": Pace("回店保养", median=200, spread=0.4, gone=0.15),
        "洗衣液厂家": Pace("再买一瓶", median=35, spread=0.5, gone=0.10),
    }
)
