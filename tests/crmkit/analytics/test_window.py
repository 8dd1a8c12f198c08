"""Periods: half-open, joined without gaps, whole months step by months."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.window import Window, between, last_days, last_months, month, year
from tests.crmkit.analytics.order_strategies import CHECKED

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1))


@CHECKED
@given(DAYS, st.integers(1, 800))
def test_last_days_end_with_the_as_of_day(as_of: dt.date, n: int) -> None:
    window = last_days(as_of, n)
    assert window.last_day == as_of
    assert window.days == n


@CHECKED
@given(DAYS, st.integers(1, 800))
def test_periods_join_without_gap_and_are_equally_long(as_of: dt.date, n: int) -> None:
    window = last_days(as_of, n)
    assert window.previous().end == window.start
    assert window.previous().days == n
    assert window.previous().next() == window


@CHECKED
@given(st.integers(1990, 2050), st.integers(1, 12))
def test_the_month_before_a_month_is_a_month(y: int, m: int) -> None:
    window = month(f"{y}-{m}")
    before = window.previous()
    assert (before.start.day, before.end) == (1, window.start)
    assert before.next() == window


def test_a_thirty_day_window_that_happens_to_be_a_month_still_steps_by_days() -> None:
    thirty = last_days("2025-11-30", 30)
    assert thirty == month("2025-11")
    assert thirty.previous().days == 30
    assert month("2025-11").previous().days == 31


def test_start_is_inside_and_end_is_not() -> None:
    times = pd.Series(
        pd.to_datetime(["2025-11-30 23:59", "2025-12-01 00:00", None, "2026-01-01 00:00"])
    )
    assert month("2025-12").contains(times).tolist() == [False, True, False, False]


def test_a_month_that_is_not_over_is_left_out() -> None:
    assert [w.label for w in last_months("2026-01-15", 2)] == ["2025-11", "2025-12"]
    assert last_months("2025-12-31", 12)[0].label == "2025-01"


def test_between_includes_both_days() -> None:
    assert between("2025-12-01", "2025-12-01").days == 1
    assert year(2024).days == 366


def test_a_year_before_the_leap_day_is_a_whole_day() -> None:
    assert between("2024-02-29", "2024-02-29").year_before() == between("2023-02-28", "2023-02-28")
    assert month("2024-02").year_before() == month("2023-02")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Window(dt.date(2025, 1, 2), dt.date(2025, 1, 2)), "时间段是空的"),
        (lambda: month("2025-13"), "月份要写成"),
        (lambda: last_days("昨天", 3), "要是日期"),
        (lambda: last_days("2025-01-01", 0), "不能小于 1"),
        (lambda: last_days(20250101, 3), "要是日期"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_in_chinese(make: object, said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        make()  # type: ignore[operator]
