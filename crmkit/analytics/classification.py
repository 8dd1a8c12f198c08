"""How good a classifier is: confusion matrix, ROC and AUC, lift, and what contacting pays.

`actual` is 1 (or True) for the case one looks for, a churner say; `score` is larger the more likely
the model holds it. ROC and AUC: Fawcett (2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicator import Indicator

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Confusion:
    """True and false positives, false and true negatives. A rate without cases has no value."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def accuracy(self) -> Indicator:
        """准确率: right ones of all."""
        return Indicator.ratio(self.tp + self.tn, self.tp + self.fp + self.fn + self.tn)

    @property
    def precision(self) -> Indicator:
        """精确率 (查准率): how many of those pointed at are it."""
        return Indicator.ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Indicator:
        """召回率 (查全率): how many of those who are it were pointed at."""
        return Indicator.ratio(self.tp, self.tp + self.fn)

    @property
    def false_alarms(self) -> Indicator:
        """假正率: how many of those who are not it were pointed at."""
        return Indicator.ratio(self.fp, self.fp + self.tn)

    @property
    def f1(self) -> Indicator:
        """Harmonic mean of precision and recall = 2·TP ÷ (2·TP + FP + FN)."""
        return Indicator.ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def frame(self, yes: str = "是", no: str = "否") -> pd.DataFrame:
        """The 2 × 2 table: rows actual, columns predicted."""
        return pd.DataFrame(
            [[self.tp, self.fn], [self.fp, self.tn]],
            index=pd.Index([f"实际{yes}", f"实际{no}"]),
            columns=[f"预测{yes}", f"预测{no}"],
        )


def confusion(actual: ArrayLike, score: ArrayLike, cut: float) -> Confusion:
    """A case counts as predicted when its score reaches `cut` (≥).

    Examples
    --------
    >>> found = confusion([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1], cut=0.5)
    >>> found.tp, found.fp, found.fn, found.tn, found.recall.value
    (1, 1, 1, 1, 0.5)
    """
    y, s = _both(actual, score)
    called = s >= cut
    return Confusion(
        int((called & y).sum()), int((called & ~y).sum()), int((~called & y).sum()),
        int((~called & ~y).sum()),
    )  # fmt: skip


def roc(actual: ArrayLike, score: ArrayLike) -> pd.DataFrame:
    """阈值, 假正率, 真正率: one row for every different score, from (0, 0) to (1, 1)."""
    y, s = _both(actual, score, two=True)
    order = np.argsort(-s, kind="stable")
    y, s = y[order], s[order]
    last = np.append(s[1:] != s[:-1], True)  # equal scores enter together
    hit, false = np.cumsum(y)[last], np.cumsum(~y)[last]
    return pd.DataFrame({
        "阈值": np.append(np.inf, s[last]),
        "假正率": np.append(0.0, false / false[-1]),
        "真正率": np.append(0.0, hit / hit[-1]),
    })  # fmt: skip


def auc(actual: ArrayLike, score: ArrayLike) -> float:
    """Chance that a random case scores higher than a random other one; ties count half.

    >>> auc([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1])
    0.75
    """
    y, s = _both(actual, score, two=True)
    ranks = pd.Series(s).rank().to_numpy()
    n, m = int(y.sum()), int((~y).sum())
    return float((ranks[y].sum() - n * (n + 1) / 2) / (n * m))


def lift_table(actual: ArrayLike, score: ArrayLike, groups: int = 10) -> pd.DataFrame:
    """Customers from the highest score down, in `groups` parts as equal as can be.

    Returns
    -------
    DataFrame
        组, 人数, 命中, 命中率, 提升度 (命中率 ÷ that of all), 累计命中占比, 累计提升度. With equal
        scores the order of the table decides.
    """
    y, s = _both(actual, score, two=True)
    parts = inputs.whole(groups, "groups", low=1)
    if parts > len(y):
        raise AnalyticsError(f"只有 {len(y)} 位客户，分不成 {parts} 组。")
    ranked = y[np.argsort(-s, kind="stable")]
    cut = np.array_split(ranked, parts)
    size, hit = np.array([len(p) for p in cut]), np.array([int(p.sum()) for p in cut])
    base = y.mean()
    return pd.DataFrame({
        "组": np.arange(1, parts + 1), "人数": size, "命中": hit, "命中率": hit / size,
        "提升度": hit / size / base, "累计命中占比": hit.cumsum() / hit.sum(),
        "累计提升度": hit.cumsum() / size.cumsum() / base,
    })  # fmt: skip


def profit_curve(actual: ArrayLike, score: ArrayLike, *, gain: float, cost: float) -> pd.DataFrame:
    """What contacting the best n customers pays: gain × cases among them − cost × n, for every n.

    Parameters
    ----------
    gain
        Yuan expected from one case that is reached (chance to keep him × his value).
    cost
        Yuan per contact. In the long run a contact pays when the chance is above cost ÷ gain.

    Returns
    -------
    DataFrame
        联系人数, 命中, 利润, 阈值 (the score of the last one contacted; ∞ for nobody).
    """
    y, s = _both(actual, score)
    earn = inputs.number(gain, "gain", low=0)
    spend = inputs.number(cost, "cost", low=0)
    order = np.argsort(-s, kind="stable")
    hits = np.append(0, np.cumsum(y[order]))
    n = np.arange(len(y) + 1)
    return pd.DataFrame({
        "联系人数": n, "命中": hits, "利润": earn * hits - spend * n,
        "阈值": np.append(np.inf, s[order]),
    })  # fmt: skip


def _both(actual: ArrayLike, score: ArrayLike, *, two: bool = False) -> tuple[Any, Floats]:
    y, s = np.asarray(actual), np.asarray(score, dtype="float64")
    if y.ndim != 1 or y.shape != s.shape or not len(y):
        raise AnalyticsError("实际结果和得分要一样长，每位客户一个值。")
    if not np.isin(y, [0, 1]).all():
        raise AnalyticsError("实际结果只能是 0 或 1（也可以是 False 或 True）。")
    if np.isnan(s).any():
        raise AnalyticsError(f"得分有空值（{inputs.rows(np.isnan(s))}）。")
    y = y.astype(np.bool_)
    if two and (y.all() or not y.any()):
        raise AnalyticsError("实际结果只有一类，分不出先后；两类都要有。")
    return y, s
