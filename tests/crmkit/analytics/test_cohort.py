"""Cohorts and the variants of buying again, against counting by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import cohort, repurchase
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.window import Window, month
from tests.crmkit.analytics.order_strategies import CHECKED, order_books

UNPAID = ["等待付款", "未付款关闭"]


def months_of(book: pd.DataFrame, as_of: dt.date) -> dict[str, set[int]]:
    """Months (year · 12 + month) in which a customer bought, up to the day of knowledge."""
    paid = book[~book["订单状态"].isin(UNPAID)]
    found: dict[str, set[int]] = {}
    for who, at in zip(paid["客户编号"], paid["付款时间"], strict=True):
        if at.date() <= as_of:
            found.setdefault(who, set()).add(at.year * 12 + at.month)
    return found


@CHECKED
@given(order_books(), st.dates(dt.date(2025, 2, 1), dt.date(2026, 2, 1)), st.integers(0, 6))
def test_cohorts_are_what_counting_by_hand_gives(
    book: pd.DataFrame, as_of: dt.date, width: int
) -> None:
    bought = months_of(book, as_of)
    after = as_of + dt.timedelta(days=1)
    end = after.year * 12 + after.month  # the first month that is not over
    for variant in cohort.VARIANTS:
        table = cohort.cohort_counts(book, as_of, months=width, variant=variant)
        assert table.shape[1] == width + 1
        for name, row in table.iterrows():
            born = int(str(name)[:4]) * 12 + int(str(name)[5:])
            mine = [m for m in bought.values() if min(m) == born]
            for age, cell in enumerate(row):
                if born + age >= end:
                    assert np.isnan(cell)
                elif variant == "bought":
                    assert cell == sum(born + age in m for m in mine)
                else:
                    known = [max(k for k in m if k < end) for m in mine]
                    assert cell == sum(last >= born + age for last in known)


def test_retention_is_blank_where_nobody_came_and_weighted_on_average() -> None:
    counts = pd.DataFrame({"第0月": [10.0, 0.0, 30.0], "第1月": [5.0, 0.0, np.nan]})
    shares = cohort.cohort_retention(counts)
    assert shares["第1月"].tolist() == pytest.approx([0.5, np.nan, np.nan], nan_ok=True)
    assert cohort.average_retention(counts).tolist() == [1.0, 0.5]


def test_no_orders_make_an_empty_table(orders: pd.DataFrame) -> None:
    empty = cohort.cohort_counts(orders.iloc[:0], "2025-12-31", months=3)
    assert empty.shape == (0, 4) and cohort.cohort_retention(empty).empty
    assert cohort.average_retention(empty).isna().all()
    with pytest.raises(AnalyticsError, match="variant"):
        cohort.cohort_counts(orders, "2025-12-31", variant="other")


@CHECKED
@given(order_books(), st.integers(0, 120))
def test_repeat_within_is_what_counting_by_hand_gives(book: pd.DataFrame, n: int) -> None:
    as_of = dt.date(2025, 10, 31)
    paid = book[~book["订单状态"].isin(UNPAID)]
    days = {
        who: sorted(at.date() for at in part if at.date() <= as_of)
        for who, part in paid.groupby("客户编号")["付款时间"]
    }
    known = [d for d in days.values() if d]
    ripe = [d for d in known if (as_of - d[0]).days >= n]
    soon = [d for d in ripe if len(d) > 1 and (d[1] - d[0]).days <= n]
    found = repurchase.repeat_within(book, as_of, n)
    assert (found.numerator, found.denominator) == (len(soon), len(ripe))
    assert repurchase.repeat_within(book, as_of, n, mature=False).denominator == len(known)


def test_all_variants_stand_beside_each_other(orders: pd.DataFrame) -> None:
    table = repurchase.rates(orders, month("2025-12"), "2025-12-31", days=10).set_index("口径")
    assert list(table.index) == list(repurchase.VARIANTS)
    assert (table["分子"] <= table["分母"]).all()
    nothing = repurchase.rates(orders.iloc[:0], Window("2025-01-01", "2025-02-01"), "2025-12-31")
    assert nothing["值"].isna().all()
