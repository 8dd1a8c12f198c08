"""Histories that the purchase models accept, and histories cut in a part to fit and one to check.

x repeat purchases, t_x time of the last one, T length of observation, both counted from the first
purchase, in one time unit.
"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import Selection, paid_orders

Floats = NDArray[np.float64]


def checked(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """The three as arrays of one shape; a history that cannot be raises."""
    n, last, span = np.broadcast_arrays(*(np.asarray(v, dtype="float64") for v in (x, t_x, T)))
    wrong = ~((n >= 0) & (last >= 0) & (last <= span + 1e-9)) | ((n == 0) & (last > 0))
    if wrong.any():
        raise AnalyticsError(
            "购买历史不成立：要求 x ≥ 0，0 ≤ t_x ≤ T，没有重复购买（x = 0）时 t_x = 0；"
            f"{inputs.rows(np.atleast_1d(wrong))}不符合。"
        )
    return n, last, span


def times(t: ArrayLike) -> Floats:
    """Lengths of time to look ahead, each ≥ 0."""
    ahead = np.asarray(t, dtype="float64")
    if not (np.isfinite(ahead) & (ahead >= 0)).all():
        raise AnalyticsError("预测期 t 要是不小于 0 的数。")
    return ahead


def with_counts(*columns: Floats) -> tuple[Floats, ...]:
    """Different rows of the columns, and how often each occurs (last)."""
    rows, count = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    return (*rows.T, count.astype("float64"))


def purchase_histories(
    orders: pd.DataFrame, as_of: Any, *, unit_days: float = 7.0, **scope: Unpack[Selection]
) -> pd.DataFrame:
    """x, t_x and T of every buyer, as the models want them; sorted by 客户编号.

    Several orders of one day are one purchase; times are counted in calendar days and divided by
    `unit_days` (7 = weeks). T runs from the first purchase to `as_of`.

    Returns
    -------
    DataFrame
        客户编号, x, t_x, T.
    """
    unit = inputs.number(unit_days, "unit_days", above=0)
    day = pd.Timestamp(inputs.as_day(as_of))
    paid = paid_orders(orders, as_of=as_of, **scope)
    days = paid.assign(day=paid["paid_at"].dt.normalize())
    grouped = days.groupby("customer_id")["day"].agg(["nunique", "min", "max"])
    return pd.DataFrame(
        {
            "客户编号": grouped.index.to_numpy(),
            "x": grouped["nunique"].to_numpy() - 1,
            "t_x": (grouped["max"] - grouped["min"]).dt.days.to_numpy() / unit,
            "T": (day - grouped["min"]).dt.days.to_numpy() / unit,
        }
    )


def spending_histories(
    orders: pd.DataFrame, as_of: Any, *, unit_days: float = 7.0, **scope: Unpack[Selection]
) -> pd.DataFrame:
    """`purchase_histories` with what a purchase was worth.

    Returns
    -------
    DataFrame
        客户编号, x, t_x, T, 购买次数 (days on which the buyer bought) and 平均金额 (yuan a
        purchase; several orders of one day are one purchase, the first one included).
    """
    table = purchase_histories(orders, as_of, unit_days=unit_days, **scope)
    paid = paid_orders(orders, as_of=as_of, **scope)
    spent = paid.groupby("customer_id")["cents"].sum()
    table["购买次数"] = table["x"] + 1
    total = table["客户编号"].map(spent).astype("float64")
    table["平均金额"] = total / 100 / table["购买次数"]
    return table


def holdout(
    orders: pd.DataFrame,
    calibrated_until: Any,
    checked_until: Any,
    *,
    unit_days: float = 7.0,
    **scope: Unpack[Selection],
) -> pd.DataFrame:
    """留出检验: histories up to one day, and the purchases after it up to another.

    Parameters
    ----------
    calibrated_until, checked_until
        Last day of the part to fit and of the part to check, both included.

    Returns
    -------
    DataFrame
        客户编号, x, t_x, T (up to `calibrated_until`), 留出期购买 (days with a purchase later) and
        留出期长度 (in the unit). Customers who came later are left out.
    """
    first, last = inputs.as_day(calibrated_until), inputs.as_day(checked_until)
    if last <= first:
        raise AnalyticsError(f"留出期要在拟合期之后：{last} 不晚于 {first}。")
    table = purchase_histories(orders, first, unit_days=unit_days, **scope)
    paid = paid_orders(orders, as_of=last, **scope)
    later = paid[paid["paid_at"] >= pd.Timestamp(first) + pd.Timedelta(days=1)]
    days = later["paid_at"].dt.normalize().groupby(later["customer_id"]).nunique()
    table["留出期购买"] = table["客户编号"].map(days).fillna(0).astype("int64")
    table["留出期长度"] = (last - first).days / unit_days
    return table


def compare_by_frequency(
    actual: ArrayLike, predicted: ArrayLike, x: ArrayLike, *, most: int = 7
) -> pd.DataFrame:
    """Mean purchases of the hold-out period by x: x, 客户数, 实际, 预测; `most` and more in one row."""
    n = np.asarray(x, dtype="float64")
    bucket = np.minimum(n, inputs.whole(most, "most", low=1)).astype("int64")
    frame = pd.DataFrame(
        {
            "x": bucket,
            "实际": np.asarray(actual, dtype="float64"),
            "预测": np.asarray(predicted, dtype="float64"),
        }
    )
    table = frame.groupby("x").agg(
        客户数=("实际", "size"), 实际=("实际", "mean"), 预测=("预测", "mean")
    )
    table.index = pd.Index([f"{k}+" if k == most else str(k) for k in table.index], name="x")
    return table.reset_index()
