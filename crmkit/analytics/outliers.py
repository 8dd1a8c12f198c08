"""Outliers (孤立点): values too far from the rest, by quartiles, by mean, by median.

Tukey (1977) for the fences; Iglewicz & Hoaglin (1993) for the modified z score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.settings import settings

RULES: Mapping[str, str] = {
    "iqr": "四分位距法：超出 Q1 − k·IQR 或 Q3 + k·IQR",
    "z": "标准分法：离均值超过 k 个标准差",
    "mad": "中位数法：0.6745·|x − 中位数| ÷ MAD 超过 k",
}
_NORMAL = 0.6745  # third quartile of the standard normal: makes MAD comparable to a deviation


@dataclass(frozen=True)
class Fences:
    """Values below `low` or above `high` are outliers; `outside` says which."""

    low: float
    high: float
    outside: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return int(self.outside.sum())


def fences(
    values: ArrayLike, rule: str = "iqr", k: float | None = None, *, log: bool = False
) -> Fences:
    """Find outliers by one of `RULES`.

    Parameters
    ----------
    k
        How far is too far; ``[outliers]`` of the settings when not given.
    log
        Judge ln x, as one should for amounts, which are skewed; the fences come back in x.

    Raises
    ------
    AnalyticsError
        Fewer than 4 values, no spread at all, or values that are not positive with `log`.

    Examples
    --------
    >>> fences([10, 11, 12, 13, 14, 90], "iqr").outside.tolist()
    [False, False, False, False, False, True]
    >>> fences([10, 11, 12, 13, 14, 90], "z").count  # the outlier widens its own measure
    0
    """
    inputs.choice(rule, "rule", RULES)
    x = np.asarray(values, dtype="float64")
    if x.ndim != 1 or len(x) < 4 or not np.isfinite(x).all():
        raise AnalyticsError("找孤立点至少要 4 个数，不能有空值。")
    if log:
        if (x <= 0).any():
            raise AnalyticsError("取对数要求每个数都大于 0。")
        x = np.log(x)
    far = settings()["outliers"][rule] if k is None else inputs.number(k, "k", above=0)
    if rule == "iqr":
        q1, q3 = np.quantile(x, [0.25, 0.75])
        low, high = q1 - far * (q3 - q1), q3 + far * (q3 - q1)
    elif rule == "z":
        low, high = x.mean() - far * x.std(), x.mean() + far * x.std()
    else:
        middle = np.median(x)
        spread = np.median(abs(x - middle)) / _NORMAL
        low, high = middle - far * spread, middle + far * spread
    if not high > low:
        raise AnalyticsError("大半的数都相同，这条规则的界限缩成了一点；换一条规则。")
    outside = (x < low) | (x > high)
    if log:
        low, high = np.exp(low), np.exp(high)
    return Fences(float(low), float(high), outside)
