"""同期群: customers by the month of their first order, and how many are there later.

A table of all customers mixes old and new ones; a cohort follows the same people. Months that are
not over by the day of knowledge are blank, never 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from crmkit.analytics import inputs, purchases
from crmkit.analytics.paid import Paid, date_of
from crmkit.analytics.selection import Selection, paid_orders
from crmkit.analytics.window import add_months

VARIANTS: Mapping[str, str] = {
    "bought": "当月买过：第 k 个月里买过的客户 ÷ 同期群人数",
    "rolling": "当月或以后买过：第 k 个月起还买过的客户 ÷ 同期群人数（只降不升）",
}
MEASURES: Mapping[str, str] = {"customers": "客户数", "amount": "金额（元）"}


def cohort_counts(
    orders: pd.DataFrame, as_of: Any, *, months: int = 12, variant: str = "bought",
    **scope: Unpack[Selection],
) -> pd.DataFrame:  # fmt: skip
    """Customers by 首购月份 (rows) and months since then (columns 第0月 …).

    Parameters
    ----------
    as_of
        What was known at the end of this day; a month that is not over is blank.
    months
        Columns after 第0月.
    variant
        One of `VARIANTS`. ``"rolling"`` is retention as a subscription shop counts it: it can
        only be told for the months up to the last one that is over.

    Returns
    -------
    DataFrame
        Index 首购月份 (``2025-03``), columns 第0月 … ; 第0月 is the size of the cohort. Float,
        because blanks are NaN.
    """
    inputs.choice(variant, "variant", VARIANTS)
    day = inputs.as_day(as_of)
    width = inputs.whole(months, "months") + 1
    history = Paid.of(paid_orders(orders, as_of=as_of, **scope))
    if not len(history):
        return _frame(np.empty((0, width)), [])
    first = date_of(int(history.day.min())).replace(day=1)
    over = (day + dt.timedelta(days=1)).replace(day=1)  # months before this one are over
    rows = max((over.year - first.year) * 12 + over.month - first.month, 0)
    if variant == "bought":
        counts = purchases.cohorts(history, first, max(rows, 1), width)[:rows].astype("float64")
    else:
        counts = _rolling(history, first, rows, width)
    age = np.arange(rows)[:, None] + np.arange(width)[None, :]
    counts[age >= rows] = np.nan
    return _frame(counts, [f"{add_months(first, k):%Y-%m}" for k in range(rows)])


def cohort_retention(counts: pd.DataFrame) -> pd.DataFrame:
    """`cohort_counts` ÷ size of the cohort; a month without a new customer is blank."""
    if not counts.shape[1]:
        return counts.copy()
    size = counts.iloc[:, 0].where(counts.iloc[:, 0] > 0)
    return counts.div(size, axis=0)


def average_retention(counts: pd.DataFrame) -> pd.Series:
    """Retention by age over all cohorts old enough: Σ customers left ÷ Σ size of these cohorts.

    Weighted by size; the plain mean of the percentages would let a tiny cohort count as much as
    a large one.
    """
    if not counts.shape[1]:
        return pd.Series(dtype="float64", name="保持率")
    size = counts.iloc[:, 0]
    shares = {}
    for label in counts.columns:
        known = counts[label].notna()
        base = float(size[known].sum())
        shares[label] = float(counts.loc[known, label].sum()) / base if base else np.nan
    return pd.Series(shares, name="保持率", dtype="float64")


def _rolling(history: Paid, first: dt.date, rows: int, width: int) -> np.ndarray:
    month = purchases.month_codes(history.day, first, max(rows, 1))
    inside = np.where(month < rows, month, -1)
    last = np.full(history.people, -1, dtype=np.int64)
    np.maximum.at(last, history.customer, inside)
    born = inside[history.starts]
    lived = last[history.who] - born
    counts = np.zeros((rows, width))
    for age in range(width):
        there = (born >= 0) & (lived >= age)
        counts[:, age] = np.bincount(born[there], minlength=rows)[:rows]
    return counts


def _frame(counts: np.ndarray, names: list[str]) -> pd.DataFrame:
    columns = [f"第{k}月" for k in range(counts.shape[1])]
    return pd.DataFrame(counts, index=pd.Index(names, name="首购月份"), columns=columns)
