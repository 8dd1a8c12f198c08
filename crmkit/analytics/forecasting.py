"""Forecasting a short monthly series: moving average, exponential smoothing, seasonal indices.

Brown (1959); the ratio to the mean of every season as in textbooks of statistics. Every method
gives what it would have said before each known period, so that methods can be compared fairly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

METHODS: Mapping[str, str] = {
    "naive": "朴素法：下一期等于这一期",
    "moving": "移动平均：最近几期的平均",
    "smoothing": "指数平滑：新的占 α，旧的占 1 − α",
    "seasonal": "季节朴素法：去年同月 × 同比增长",
}
Floats = NDArray[np.float64]


def moving_average(values: ArrayLike, window: int = 3) -> Floats:
    """Forecasts for periods 1 … n + 1 from the `window` periods before; NaN while there are fewer.

    >>> moving_average([10, 20, 30, 40], 2).tolist()
    [nan, nan, 15.0, 25.0, 35.0]
    """
    x, w = _series(values), inputs.whole(window, "window", low=1)
    if w > len(x):
        raise AnalyticsError(f"只有 {len(x)} 期，算不出 {w} 期的移动平均。")
    out = np.full(len(x) + 1, np.nan)
    sums = np.append(0, x.cumsum())
    out[w:] = (sums[w:] - sums[:-w]) / w
    return out


def exponential_smoothing(values: ArrayLike, alpha: float, first: float | None = None) -> Floats:
    """Forecasts for periods 1 … n + 1: F(t+1) = α·x(t) + (1 − α)·F(t).

    Parameters
    ----------
    first
        The forecast for period 1; the first value when not given.

    Examples
    --------
    >>> exponential_smoothing([100, 120, 110], 0.5).tolist()
    [100.0, 100.0, 110.0, 110.0]
    """
    x, a = _series(values), inputs.number(alpha, "alpha", above=0, high=1)
    out = np.empty(len(x) + 1)
    out[0] = x[0] if first is None else inputs.number(first, "first")
    for t, value in enumerate(x):
        out[t + 1] = a * value + (1 - a) * out[t]
    return out


def seasonal_indices(values: ArrayLike, period: int = 12) -> Floats:
    """Mean of every season ÷ mean of all, over whole cycles; they average to 1.

    Raises
    ------
    AnalyticsError
        Less than one whole cycle.

    Examples
    --------
    >>> seasonal_indices([8, 12, 10, 10], 2).tolist()
    [0.9, 1.1]
    """
    x, p = _series(values), inputs.whole(period, "period", low=1)
    cycles = len(x) // p
    if not cycles:
        raise AnalyticsError(f"季节指数至少要 {p} 期，现在只有 {len(x)} 期。")
    table = x[len(x) - cycles * p :].reshape(cycles, p)
    if table.mean() == 0:
        raise AnalyticsError("各期都是 0，没有季节指数。")
    # the latest whole cycles need not begin with season 0
    return np.roll(table.mean(axis=0) / table.mean(), (len(x) - cycles * p) % p)


def seasonal_forecast(values: ArrayLike, ahead: int, period: int = 12) -> Floats:
    """The same season of the last cycle × growth of this cycle so far over the last one.

    Growth compares the periods known since the last whole cycle with the same ones a cycle before:
    with 21 months, months 13–21 against months 1–9. With whole cycles only, the last cycle is
    compared with the one before (growth 1 when there is none).

    >>> seasonal_forecast([100, 200, 300, 110, 220], 1, 3).round(6).tolist()
    [330.0]
    """
    x, p = _series(values), inputs.whole(period, "period", low=1)
    steps = inputs.whole(ahead, "ahead", low=1)
    if len(x) < p:
        raise AnalyticsError(f"季节预测至少要 {p} 期，现在只有 {len(x)} 期。")
    since = len(x) % p or (p if len(x) >= 2 * p else 0)
    before = x[len(x) - since - p : len(x) - p].sum() if since else 0.0
    growth = x[len(x) - since :].sum() / before if before else 1.0
    known = x.tolist()
    for _ in range(steps):
        known.append(known[-p] * (growth if len(known) - p < len(x) else 1.0))
    return np.array(known[len(x) :])


def mape(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Mean of |actual − forecast| ÷ actual over the periods that have a forecast.

    >>> mape([100, 200], [110, 180])
    0.1
    """
    x, f = _series(actual), np.asarray(forecast, dtype="float64")
    if x.shape != f.shape:
        raise AnalyticsError(f"实际有 {len(x)} 期，预测有 {len(f)} 期，要一样多。")
    known = ~np.isnan(f)
    if not known.any() or (x[known] == 0).any():
        raise AnalyticsError("没有可比的期数，或者实际值有 0，算不出百分比误差。")
    return float((abs(x[known] - f[known]) / abs(x[known])).mean())


def compare(
    values: ArrayLike, *, window: int = 3, alpha: float = 0.4, period: int = 12, after: int = 12
) -> pd.DataFrame:
    """方法, MAPE of one step ahead over the periods after the first `after` ones, the best first."""
    x = _series(values)
    start = max(inputs.whole(after, "after", low=1), period)
    if start >= len(x):
        raise AnalyticsError(f"比较方法要多于 {start} 期，现在只有 {len(x)} 期。")
    said: dict[str, Sequence[float]] = {
        "naive": x[start - 1 : -1].tolist(),
        "moving": moving_average(x, window)[start:-1].tolist(),
        "smoothing": exponential_smoothing(x, alpha)[start:-1].tolist(),
        "seasonal": [float(seasonal_forecast(x[:t], 1, period)[0]) for t in range(start, len(x))],
    }
    rows = [(METHODS[name], mape(x[start:], f)) for name, f in said.items()]
    table = pd.DataFrame(rows, columns=["方法", "MAPE"])
    return table.sort_values("MAPE", kind="stable", ignore_index=True)


def _series(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype="float64")
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise AnalyticsError("序列要是一串数，每期一个，不能有空值。")
    return x
