"""Planning a festival campaign: dates of T-CAL-1, a base rate and a hold-out counted by hand."""

from __future__ import annotations

import datetime as dt
from math import sqrt

import pandas as pd
import pytest

from crmkit.analytics import campaign_plan as plan
from crmkit.analytics.errors import AnalyticsError
from crmkit.crm.campaigns import festivals

ORDERS = pd.DataFrame(
    [("甲", "2025-08-01"), ("甲", "2025-10-01"), ("乙", "2025-09-30 23:59"), ("乙", "2025-10-08"),
     ("丙", "2025-10-02"), ("丁", "2025-09-01"), ("丁", "2025-10-07 23:59")],
    columns=["客户编号", "付款时间"],
).astype({"付款时间": "datetime64[ns]"})  # fmt: skip


def test_a_lunar_festival_is_followed_by_its_days_and_a_fixed_one_by_its_date() -> None:
    """T-CAL-1, exact: 中秋 2025-10-06, 2026-09-25; 春节 2025-01-29, 2026-02-17."""
    for name, aligned, same in (
        ("中秋节", "2025-09-22", "2025-09-11"), ("春节", "2025-01-15", "2025-02-03"),
        ("618", "2025-06-04", "2025-06-04"), ("双11", "2025-10-28", "2025-10-28"),
    ):  # fmt: skip
        _, day = festivals.FESTIVALS[name]
        send = day(2026) - dt.timedelta(days=14)
        for way, wanted in ((True, aligned), (False, same)):
            found = plan.last_years_day(send, day(2026), day(2025), aligned=way)
            assert found == dt.date.fromisoformat(wanted), (name, way)


def test_the_29th_of_february_is_read_on_the_28th() -> None:
    day = dt.date(2024, 2, 29), dt.date(2024, 3, 8), dt.date(2023, 3, 8)
    assert plan.last_years_day(*day, aligned=False) == dt.date(2023, 2, 28)


def test_the_list_is_who_bought_before_and_the_buyers_are_on_it() -> None:
    day = dt.date(2025, 10, 1)
    assert plan.base_rate(ORDERS, day, recent=180, days=7) == (3, 2)  # 乙 bought on the eighth day
    assert plan.base_rate(ORDERS, day, recent=180, days=8) == (3, 3)
    assert plan.base_rate(ORDERS, day, recent=30, days=7) == (2, 1)  # 丙 was not on the list
    nobody = plan.base_rate(ORDERS, dt.date(2025, 1, 1), recent=30, days=7)
    assert nobody == (0, 0) and nobody.share != nobody.share


def test_the_least_uplift_that_shows_shows_in_eight_of_ten() -> None:
    found = plan.detectable(1000, 0.5, 0.1, 0.05)
    assert found.error == pytest.approx(sqrt(0.15 * 0.85 / 500 + 0.1 * 0.9 / 500))
    assert found.least == pytest.approx(2.8016 * found.error, abs=1e-5)
    error = found.error  # at the least uplift, with this error, the chance is 80 % by definition
    assert plan.detectable(1000, 0.5, 0.1, 0).power == pytest.approx(0.025, abs=1e-6)
    assert plan.detectable(4000, 0.5, 0.1, 0.05).error == pytest.approx(error / 2)


def test_groups_and_rates_that_cannot_be_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="有一组没有人"):
        plan.detectable(3, 0.1, 0.1, 0.05)
    with pytest.raises(AnalyticsError, match="在 0 和 1 之间"):
        plan.detectable(100, 0.5, 0.9, 0.2)
    with pytest.raises(AnalyticsError, match="至少 1 天"):
        plan.base_rate(ORDERS, dt.date(2025, 10, 1), recent=0, days=7)
    with pytest.raises(AnalyticsError, match="缺少列「付款时间」"):
        plan.base_rate(ORDERS[["客户编号"]], dt.date(2025, 10, 1), recent=30, days=7)
