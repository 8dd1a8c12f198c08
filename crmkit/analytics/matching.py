"""Two lists of customers: which records are one person.

Fellegi & Sunter, A Theory for Record Linkage (JASA 64, 1969). Field j agrees with chance mⱼ when two
records are of one person, and with chance uⱼ when they are of two. Each field that is filled in on
both sides adds its weight,

    ln(mⱼ / uⱼ) where it agrees,   ln((1 − mⱼ) / (1 − uⱼ)) where it differs,

so that a rare mobile says more than a common surname. Pairs from a cut upwards are taken as one
person; what that cut costs is told by precision and recall against pairs that are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """How much a field tells: 0 < u, m < 1.

    >>> mobile = Field(m=0.9, u=0.001)
    >>> round(mobile.agrees, 2), round(mobile.differs, 2)
    (6.8, -2.3)
    """

    m: float
    u: float

    def __post_init__(self) -> None:
        for name in ("m", "u"):
            value = inputs.number(getattr(self, name), name, above=0)
            if value >= 1:
                raise AnalyticsError(f"参数 {name} 要小于 1，给的是 {value:g}。")

    @property
    def agrees(self) -> float:
        """Added when both records say the same."""
        return log(self.m / self.u)

    @property
    def differs(self) -> float:
        """Added when they do not."""
        return log((1 - self.m) / (1 - self.u))


def chance_alike(left: pd.Series, right: pd.Series) -> float:
    """u: chance that a record of each list agrees in this field, among those filled in.

    >>> chance_alike(pd.Series(["沪", "沪", "京"]), pd.Series(["沪", "粤"]))
    0.3333333333333333
    """
    a, b = left.dropna(), right.dropna()
    if a.empty or b.empty:
        raise AnalyticsError("这一列在某一份名单里全是空的，看不出碰巧相同的机会。")
    p, q = a.value_counts(normalize=True), b.value_counts(normalize=True)
    return float(p.mul(q, fill_value=0).sum())


def weights(left: pd.DataFrame, right: pd.DataFrame, fields: Mapping[str, Field]) -> Floats:
    """Weight of every pair: one row a record of `left`, one column a record of `right`.

    A field that is blank on either side adds nothing.

    Raises
    ------
    AnalyticsError
        A list has no such column.
    """
    total = np.zeros((len(left), len(right)))
    for name, field in fields.items():
        for table, frame in (("第一份名单", left), ("第二份名单", right)):
            inputs.require(frame, table, {name: name})
        codes, _ = pd.factorize(pd.concat([left[name], right[name]], ignore_index=True))
        a, b = codes[: len(left), None], codes[None, len(left) :]
        both = (a >= 0) & (b >= 0)
        total += np.where(both, np.where(a == b, field.agrees, field.differs), 0.0)
    return total


def by_cut(same: ArrayLike, weight: ArrayLike) -> pd.DataFrame:
    """Every cut that changes something, from the highest weight down.

    Returns
    -------
    DataFrame
        界限, 认对, 认错, 漏掉 (pairs), 精确率, 召回率. Equal weights enter together.

    Raises
    ------
    AnalyticsError
        Lengths differ, or no pair is of one person.
    """
    y, w = np.asarray(same).ravel(), np.asarray(weight, dtype="float64").ravel()
    if y.shape != w.shape or not np.isin(y, [0, 1]).all() or np.isnan(w).any():
        raise AnalyticsError("每一对要有一个真假（0 或 1）和一个分数，两样一样多。")
    if not y.any():
        raise AnalyticsError("没有一对真是同一个人，召回率没有意义。")
    cuts, at = np.unique(-w, return_inverse=True)
    right = np.bincount(at, weights=y, minlength=len(cuts)).cumsum()
    wrong = np.bincount(at, weights=1 - y.astype("int64"), minlength=len(cuts)).cumsum()
    return pd.DataFrame({
        "界限": -cuts, "认对": right.astype("int64"), "认错": wrong.astype("int64"),
        "漏掉": (y.sum() - right).astype("int64"), "精确率": right / (right + wrong),
        "召回率": right / y.sum(),
    })  # fmt: skip
