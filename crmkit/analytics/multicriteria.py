"""Choosing among alternatives by several criteria: weighted scores and TOPSIS.

Source of TOPSIS: Hwang and Yoon (1981). A frame holds one alternative a row (its name in the
index) and one criterion a column.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

SCALES: Mapping[str, str] = {
    "as_is": "原分直接加权（各项同一量尺）",
    "min_max": "每项按最好 1、最差 0 拉开再加权",
}


def _prepared(
    table: pd.DataFrame, weights: Mapping[str, float], costs: Collection[str]
) -> tuple[pd.DataFrame, pd.Series]:
    inputs.require(table, "评分表", {f"criterion {c}": c for c in [*weights, *costs]})
    if table.empty or not weights:
        raise AnalyticsError("至少要有一个方案和一项指标。")
    values = pd.DataFrame({c: inputs.numbers(table, "评分表", c) for c in weights})
    w = pd.Series({c: inputs.number(x, f"weights[{c}]", low=0) for c, x in weights.items()})
    if w.sum() == 0:
        raise AnalyticsError("权重不能全是 0。")
    return values, w / w.sum()


def weighted_score(
    table: pd.DataFrame, weights: Mapping[str, float], *, costs: Collection[str] = (),
    scale: str = "as_is",
) -> pd.Series:  # fmt: skip
    """Weighted scores, the best first; weights are divided by their sum.

    Parameters
    ----------
    costs
        Criteria of which less is better; only with ``scale="min_max"``, where on a criterion that
        is alike everywhere all get 1.

    Examples
    --------
    >>> table = pd.DataFrame({"功能": [8, 6], "服务": [5, 9]}, index=["甲", "乙"])
    >>> weighted_score(table, {"功能": 60, "服务": 40}).round(1).to_dict()
    {'乙': 7.2, '甲': 6.8}
    """
    inputs.choice(scale, "scale", SCALES)
    values, w = _prepared(table, weights, costs)
    if scale == "as_is":
        if costs:
            raise AnalyticsError('越小越好的指标不能直接加权：先转成得分，或用 scale="min_max"。')
    else:
        low, high = values.min(), values.max()
        spread = (high - low).where(high > low, 1.0)
        values = (values - low) / spread + (high == low).astype(float)
        for c in costs:
            if high[c] > low[c]:
                values[c] = 1 - values[c]
    return (values * w).sum(axis=1).sort_values(ascending=False, kind="stable").rename("得分")


def topsis(
    table: pd.DataFrame, weights: Mapping[str, float], *, costs: Collection[str] = ()
) -> pd.Series:
    """Closeness to the ideal alternative, D⁻/(D⁺ + D⁻) in 0 … 1, the best first.

    Columns are divided by their Euclidean length; a column of zeros stays zero and decides nothing.

    Raises
    ------
    AnalyticsError
        All alternatives are alike (also: there is only one), so there is nothing to rank.
    """
    values, w = _prepared(table, weights, costs)
    length = np.sqrt((values**2).sum())
    v = values / length.where(length > 0, 1.0) * w
    up, down = v.max(), v.min()
    for c in costs:
        if c in v.columns:
            up[c], down[c] = down[c], up[c]
    best, worst = (np.sqrt(((v - ideal) ** 2).sum(axis=1)) for ideal in (up, down))
    if not ((best + worst) > 0).all():
        raise AnalyticsError("各方案在有权重的指标上完全一样，排不出名次。")
    closeness = worst / (best + worst)
    return closeness.sort_values(ascending=False, kind="stable").rename("贴近度")
