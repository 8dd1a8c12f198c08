"""Does a purchase model keep up with the shop: the tracking plot and benchmarks it has to beat.

Tracking plot as in Fader, Hardie & Lee (2005): repeat purchases of everyone who came in the part
to fit, added up day by day, beside the model's

    Σᵢ E[X(t − t₀ᵢ)]

over customers i whose first purchase t₀ᵢ lies before t. That benchmarks as plain as "everyone goes
on as before" are to be beaten first: Wübben & von Wangenheim (Journal of Marketing, 2008).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import Selection, paid_orders

Floats = NDArray[np.float64]
PACES: Mapping[str, str] = {
    "pace": "照旧：每人按到目前为止的速度 x ÷ T 继续买",
    "mean": "人人一样：大家都按全体的平均速度 Σx ÷ ΣT 买",
}


class Model(Protocol):
    """What is needed of a fitted model, such as `crmkit.analytics.btyd.BgNbd`."""

    def expected(self, t: ArrayLike) -> Floats: ...


def tracking(
    orders: pd.DataFrame, model: Model, calibrated_until: Any, checked_until: Any, *,
    unit_days: float = 7.0, **scope: Unpack[Selection],
) -> pd.DataFrame:  # fmt: skip
    """Repeat purchases added up: what happened, and what the model expected.

    Parameters
    ----------
    model
        Fitted with times in units of `unit_days` days.
    calibrated_until, checked_until
        Customers whose first purchase lies up to the first day are followed to the second.

    Returns
    -------
    DataFrame
        日期 (every day from the first purchase on), 实际, 预测: cumulative repeat purchases; several
        orders of one day are one purchase.

    Raises
    ------
    AnalyticsError
        Nobody bought up to `calibrated_until`, or the second day is not after it.
    """
    unit = inputs.number(unit_days, "unit_days", above=0)
    first, last = inputs.as_day(calibrated_until), inputs.as_day(checked_until)
    if last <= first:
        raise AnalyticsError(f"留出期要在拟合期之后：{last} 不晚于 {first}。")
    paid = paid_orders(orders, as_of=last, **scope)
    days = paid[["customer_id"]].assign(day=paid["paid_at"].dt.normalize()).drop_duplicates()
    born = days.groupby("customer_id")["day"].transform("min")
    followed = born <= pd.Timestamp(first)
    days, born = days[followed], born[followed]
    if days.empty:
        raise AnalyticsError(f"{first} 之前没有有效订单，没有人可以跟踪。")
    start = born.min()
    length = (pd.Timestamp(last) - start).days + 1
    again = days["day"] > born
    came = _per_day(born[~again], start, length)
    bought = _per_day(days.loc[again, "day"], start, length)
    each = np.asarray(model.expected(np.arange(length) / unit), dtype="float64")
    return pd.DataFrame({
        "日期": pd.date_range(start, periods=length),
        "实际": bought.cumsum().astype("int64"),
        "预测": np.convolve(came, each)[:length],
    })  # fmt: skip


def benchmark(x: ArrayLike, T: ArrayLike, t: float, rule: str = "pace") -> Floats:
    """Purchases in the next t of each customer by one of `PACES`; 0 where T = 0.

    >>> benchmark([2, 0], [10, 10], 5).tolist(), benchmark([2, 0], [10, 10], 5, "mean").tolist()
    ([1.0, 0.0], [0.5, 0.5])
    """
    inputs.choice(rule, "rule", PACES)
    n, span = (np.asarray(v, dtype="float64") for v in (x, T))
    ahead = inputs.number(t, "t", low=0)
    if rule == "mean":
        whole = span.sum()
        return np.full_like(n, n.sum() / whole * ahead if whole else 0.0)
    return np.divide(n, span, out=np.zeros_like(n), where=span > 0) * ahead


def caught(actual: ArrayLike, predicted: ArrayLike, share: float) -> float | None:
    """Share of all purchases that the customers with the highest predictions made.

    `share` of the customers, rounded up. Of equal predictions at the edge each counts in part, as
    if they were drawn by lot. None when nobody bought anything or nobody is to be counted.

    >>> caught([5, 0, 3, 2], [9, 8, 1, 7], 0.5)
    0.5
    """
    did, said = (np.asarray(v, dtype="float64") for v in (actual, predicted))
    n = inputs.ceil_share(len(did), inputs.number(share, "share", low=0, high=1))
    if not n or not did.sum():
        return None
    edge = np.sort(said)[::-1][n - 1]
    above, tied = said > edge, said == edge
    part = did[above].sum() + did[tied].mean() * (n - above.sum())
    return float(part / did.sum())


def _per_day(days: pd.Series, start: pd.Timestamp, length: int) -> Floats:
    return np.bincount((days - start).dt.days, minlength=length).astype("float64")
