"""Survival analysis of customer relations: Kaplan–Meier, Nelson–Aalen, log-rank test.

A customer who has not left yet is *censored*: the relation has lasted at least so long. Leaving
such customers out, or taking them as lost today, makes the shop's relations look too short.
Kaplan & Meier (1958); Greenwood's variance; Nelson (1972), Aalen (1978).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
INTERVALS: Mapping[str, str] = {
    "log-log": "双对数变换（总在 0 和 1 之间）",
    "plain": "不变换：S ± z·标准误，超出 0 和 1 的截去",
}


class LogRank(NamedTuple):
    """Test statistic (χ² with groups − 1 degrees of freedom), its p-value, and the groups."""

    statistic: float
    p_value: float
    groups: int


def kaplan_meier(
    durations: ArrayLike, left: ArrayLike, *, confidence: float = 0.95, interval: str = "log-log"
) -> pd.DataFrame:
    """Share of relations that last longer than t.

    S(t) = Π (1 − d/n) over the times up to t at which somebody left; d left, n at risk.

    Parameters
    ----------
    durations
        Length of each relation, ≥ 0, in any unit.
    left
        True where the customer left at that time, False where still there (censored).
    confidence
        Of the interval, between 0 and 1.
    interval
        One of `INTERVALS`.

    Returns
    -------
    DataFrame
        时间, 在险人数, 流失人数, 删失人数, 存活率, 标准误, 下限, 上限; one row a different duration,
        before it a row for time 0.

    Examples
    --------
    >>> kaplan_meier([2, 3, 3, 5], [1, 1, 0, 1])["存活率"].tolist()
    [1.0, 0.75, 0.5, 0.0]
    """
    from statistics import NormalDist

    inputs.choice(interval, "interval", INTERVALS)
    level = inputs.number(confidence, "confidence", above=0, high=1)
    if level == 1:
        raise AnalyticsError("置信水平 confidence 要小于 1，例如 0.95。")
    table = _risk(durations, left)
    n = table["在险人数"].to_numpy(dtype="float64")
    d = table["流失人数"].to_numpy(dtype="float64")
    share = np.cumprod(1 - d / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(d / (n * (n - d)))  # Greenwood; without end once all have left
        error = np.where(share > 0, share * np.sqrt(spread), 0.0)
        z = NormalDist().inv_cdf((1 + level) / 2)
        if interval == "plain":
            low, high = np.maximum(share - z * error, 0), np.minimum(share + z * error, 1)
        else:
            log_share = np.log(share)
            width = np.exp(z * np.sqrt(spread) / np.abs(log_share))
            low, high = np.exp(log_share * width), np.exp(log_share / width)
            flat = (share == 0) | (share == 1)
            low, high = np.where(flat, share, low), np.where(flat, share, high)
    return table.assign(存活率=share, 标准误=error, 下限=low, 上限=high)


def nelson_aalen(durations: ArrayLike, left: ArrayLike) -> pd.DataFrame:
    """Cumulative hazard H(t) = Σ d/n: 时间, 在险人数, 流失人数, 删失人数, 累积风险, 标准误 (√Σ d/n²)."""
    table = _risk(durations, left)
    n = table["在险人数"].to_numpy(dtype="float64")
    d = table["流失人数"].to_numpy(dtype="float64")
    return table.assign(累积风险=np.cumsum(d / n), 标准误=np.sqrt(np.cumsum(d / n**2)))


def median(table: pd.DataFrame) -> float | None:
    """First time at which at most half are left; None while more than half are.

    Parameters
    ----------
    table
        What `kaplan_meier` returns.
    """
    inputs.require(table, "生存表", {"时间": "时间", "存活率": "存活率"})
    # 1 − 0.5 − … can miss one half by the last digit
    half = table.loc[table["存活率"] <= 0.5 + 1e-12, "时间"]
    return None if half.empty else float(half.iloc[0])


def survival_at(table: pd.DataFrame, t: ArrayLike) -> Floats:
    """S(t) read off the steps of a `kaplan_meier` table; NaN after the last observed time."""
    inputs.require(table, "生存表", {"时间": "时间", "存活率": "存活率"})
    steps, share = table["时间"].to_numpy(), table["存活率"].to_numpy(dtype="float64")
    when = np.asarray(t, dtype="float64")
    if not (when >= 0).all():
        raise AnalyticsError("时间 t 要是不小于 0 的数。")
    found = share[np.searchsorted(steps, when, side="right") - 1]
    return np.where(when > steps[-1], np.where(share[-1] == 0, 0.0, np.nan), found)


def mean_until(table: pd.DataFrame, limit: float) -> float:
    """Restricted mean: mean length of the relation up to `limit`, the area below the curve."""
    end = inputs.number(limit, "limit", low=0)
    if np.isnan(survival_at(table, end)):
        last = float(table["时间"].iloc[-1])
        raise AnalyticsError(f"只观察到 {last:g}，算不出到 {end:g} 为止的平均时长。")
    times = np.append(table["时间"].to_numpy(dtype="float64").clip(max=end), end)
    return float(np.diff(times) @ table["存活率"].to_numpy(dtype="float64"))


def log_rank(durations: ArrayLike, left: ArrayLike, group: ArrayLike) -> LogRank:
    """Whether the groups leave at the same rate (Mantel, 1966).

    Raises
    ------
    AnalyticsError
        Fewer than two groups, or nobody left.
    """
    from scipy.special import chdtrc

    time, event = _observed(durations, left)
    codes, names = pd.factorize(np.asarray(group), sort=True)
    if len(codes) != len(time):
        raise AnalyticsError(f"有 {len(time)} 位客户，却有 {len(codes)} 个组别，要一样多。")
    if len(names) < 2 or (codes < 0).any():
        raise AnalyticsError("对数秩检验至少要两组客户，组别不能空着。")
    if not event.any():
        raise AnalyticsError("还没有人流失，无法比较各组。")
    moments = np.unique(time[event])
    member = codes[:, None] == np.arange(len(names))
    at_risk = np.array([(member & (time >= t)[:, None]).sum(axis=0) for t in moments], dtype=float)
    gone = np.array([(member & (event & (time == t))[:, None]).sum(axis=0) for t in moments])
    n, d = at_risk.sum(axis=1), gone.sum(axis=1)
    excess = (gone - at_risk * (d / n)[:, None]).sum(axis=0)
    factor = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    share = at_risk / n[:, None]
    spread = np.diag((share * factor[:, None]).sum(axis=0)) - (share * factor[:, None]).T @ share
    # the last group adds nothing: excesses sum to 0
    statistic = float(excess[:-1] @ np.linalg.pinv(spread[:-1, :-1]) @ excess[:-1])
    return LogRank(statistic, float(chdtrc(len(names) - 1, max(statistic, 0.0))), len(names))


def _observed(durations: ArrayLike, left: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    time = np.atleast_1d(np.asarray(durations, dtype="float64"))
    flags = pd.Series(np.atleast_1d(np.asarray(left)))
    if len(time) != len(flags):
        raise AnalyticsError(f"有 {len(time)} 个时长、{len(flags)} 个是否流失，要一样多。")
    if not len(time):
        raise AnalyticsError("没有客户，画不出生存曲线。")
    bad = ~(np.isfinite(time) & (time >= 0))
    if bad.any():
        raise AnalyticsError(f"时长要是不小于 0 的数，{inputs.rows(bad)}不是。")
    if not flags.isin([0, 1]).all():
        raise AnalyticsError("是否流失要是 True/False（或 1/0），不能空着。")
    return time, flags.astype("bool").to_numpy()


def _risk(durations: ArrayLike, left: ArrayLike) -> pd.DataFrame:
    time, event = _observed(durations, left)
    moments, where = np.unique(np.append(0.0, time), return_inverse=True)
    where = where[1:]
    total = np.bincount(where, minlength=len(moments))
    gone = np.bincount(where[event], minlength=len(moments))
    at_risk = len(time) - np.cumsum(total) + total
    return pd.DataFrame(
        {"时间": moments, "在险人数": at_risk, "流失人数": gone, "删失人数": total - gone}
    )
