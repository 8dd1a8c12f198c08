"""Forecasts and outliers: against pandas, by hand, and on what is planted in the shops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import shops
from crmkit.analytics import forecasting, outliers
from crmkit.analytics.errors import AnalyticsError

series = st.lists(st.integers(1, 500).map(float), min_size=4, max_size=40)


@settings(max_examples=40, deadline=None)
@given(series, st.integers(1, 4), st.floats(0.05, 1))
def test_moving_average_and_smoothing_are_those_of_pandas(
    x: list[float], window: int, alpha: float
) -> None:
    s = pd.Series(x)
    assert forecasting.moving_average(x, window)[1:] == pytest.approx(
        s.rolling(window).mean().to_numpy(), nan_ok=True
    )
    smooth = forecasting.exponential_smoothing(x, alpha)[1:]
    assert smooth == pytest.approx(s.ewm(alpha=alpha, adjust=False).mean().to_numpy())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(10, 99), min_size=3, max_size=12), st.integers(1, 3), st.integers(0, 11)
)
def test_a_pure_season_with_growth_is_forecast_exactly(
    shape: list[int], years: int, more: int
) -> None:
    p = len(shape)
    whole = [v * 1.2**y for y in range(years + 2) for v in shape]
    known = p * (years + 1) + more % p
    said = forecasting.seasonal_forecast(whole[:known], min(3, p), p)
    expected = [whole[known - p + i] * 1.2 for i in range(min(3, p))]
    assert said == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 99), min_size=5, max_size=30), st.integers(2, 5))
def test_seasonal_indices_average_to_one_and_keep_their_season(x: list[int], p: int) -> None:
    found = forecasting.seasonal_indices(x, p)
    assert found.mean() == pytest.approx(1)
    tail = np.arange(len(x) - len(x) // p * p, len(x))
    by_hand = pd.Series(x)[tail].groupby(tail % p).mean()
    assert found == pytest.approx((by_hand / by_hand.mean()).to_numpy())


@pytest.mark.parametrize("name", ["tea", "electronics"])
def test_the_season_of_the_shops_is_worth_knowing(name: str) -> None:
    """The planted season (双11 …) makes the seasonal method better than the naive one."""
    orders = shops.valid_orders(shops.load(name).orders)
    months = orders["付款时间"].dt.to_period("M").value_counts().sort_index()
    table = forecasting.compare(months).set_index("方法")["MAPE"]
    assert table[forecasting.METHODS["seasonal"]] < 0.8 * table[forecasting.METHODS["naive"]]
    assert table.iloc[0] < 0.2


@pytest.mark.parametrize("name", shops.TITLES)
def test_the_planted_orders_are_found_by_the_median_on_a_log_scale(name: str) -> None:
    paid = shops.valid_orders(shops.load(name).orders)
    planted = set(shops.planted(name)["outlier_orders"])
    found = outliers.fences(paid["实付金额"], "mad", log=True)
    ids = set(paid["订单编号"][paid["实付金额"] > found.high])
    assert planted <= ids and len(planted) >= 0.5 * len(ids)
    plain = outliers.fences(paid["实付金额"], "iqr")
    assert len(planted) < 0.1 * plain.count  # skewed amounts: the plain rule cries wolf


def test_the_rules_by_hand() -> None:
    x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 40.0]
    iqr = outliers.fences(x)  # Q1 = 3.25, Q3 = 7.75
    assert (iqr.low, iqr.high) == (pytest.approx(-3.5), pytest.approx(14.5))
    mad = outliers.fences(x, "mad")  # median 5.5, MAD 2.5
    assert mad.high == pytest.approx(5.5 + 3.5 * 2.5 / 0.6745)
    assert outliers.fences(x, "z").high == pytest.approx(np.mean(x) + 3 * np.std(x))
    assert [outliers.fences(x, rule).count for rule in outliers.RULES] == [1, 0, 1]


@given(st.lists(st.floats(1, 1e6), min_size=4, max_size=40, unique=True), st.floats(0.5, 100))
def test_outliers_do_not_depend_on_the_unit(x: list[float], factor: float) -> None:
    for log in (False, True):
        a = outliers.fences(x, log=log)
        b = outliers.fences([v * factor for v in x], log=log)
        near = np.isclose(x, a.low, rtol=1e-6) | np.isclose(x, a.high, rtol=1e-6)
        assert ((a.outside == b.outside) | near).all()


@pytest.mark.parametrize(("call", "words"), [
    (lambda: forecasting.moving_average([1, 2], 3), "移动平均"),
    (lambda: forecasting.seasonal_indices([1, 2, 3]), "至少要 12 期"),
    (lambda: forecasting.mape([0, 1], [1, 1]), "有 0"),
    (lambda: forecasting.exponential_smoothing([1, None], 0.5), "空值"),
    (lambda: outliers.fences([1, 2, 3]), "至少要 4"),
    (lambda: outliers.fences([0, 1, 2, 3], log=True), "大于 0"),
    (lambda: outliers.fences([5, 5, 5, 5, 9], "mad"), "换一条规则"),
])  # fmt: skip
def test_what_cannot_be_computed_is_refused_in_words(call, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnalyticsError, match=words):
        call()
