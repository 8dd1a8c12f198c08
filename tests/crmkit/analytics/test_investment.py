"""Investment: published present values, rates against scipy's root finder, edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from crmkit.analytics import clv, investment
from crmkit.analytics.errors import AnalyticsError


@pytest.mark.parametrize(("rate", "flows", "value"), [
    (0.065, [5000], 4694.83568075117),  # T-NPV-1
    (0.10, [500, 1500, 4000, 10000], 11529.60863329007),  # T-NPV-2
    (0.0275 / 12, [50, 60, 40, 100, 25], 273.14193838457),  # T-NPV-3
])  # fmt: skip
def test_published_present_values_t_npv(rate: float, flows: list[float], value: float) -> None:
    """FormCalc's NPV, first flow at the end of period 1; 1e-10 relative."""
    assert investment.npv(rate, flows, timing="end") == pytest.approx(value, rel=1e-10)


def test_an_annuity_gives_the_factor_t_clv_4() -> None:
    assert investment.npv(0.08, [1] * 10, timing="end") == pytest.approx(6.710081, abs=5e-7)


def test_the_project_and_the_customer_are_discounted_alike() -> None:
    """Exercise 3 of the course documents, model three (inferred): 8,539.07."""
    flows = [3000 - 500] + [1000 - 100] * 10
    model = clv.clv_model_three(10, 500, 3000, 1000, 0.08, 100)
    assert investment.npv(0.08, flows) == pytest.approx(model) == pytest.approx(8539.07, abs=0.005)


outlays = st.lists(st.floats(1, 1e5), min_size=1, max_size=8)


@given(st.floats(1, 1e6), outlays)
def test_the_rate_of_return_is_the_root_that_scipy_finds(out: float, back: list[float]) -> None:
    flows = [-out, *back]
    found = investment.irr(flows)
    by_scipy = optimize.brentq(lambda x: sum(f * x**t for t, f in enumerate(flows)), 0, 2e6)
    assert found is not None
    assert 1 / (1 + found) == pytest.approx(by_scipy, rel=1e-6, abs=1e-9)


def test_no_rate_or_two_rates_are_told() -> None:
    assert investment.irr([100, 50]) is None
    assert investment.irr([-100]) is None
    with pytest.raises(AnalyticsError, match="2 个内部收益率"):
        investment.irr([-100, 230, -132])  # 10 % and 20 %


@pytest.mark.parametrize(("flows", "rate", "periods"), [
    ([-100, 40, 40, 40], 0, 2.5), ([-100, 50, 50], 0, 2), ([-100, 10], 0, None), ([5, 5], 0, 0),
    ([-100, 110], 0.1, 1), ([-100, 200, -150, 100], 0, 2.5), ([-100, 0, 100], 0, 2),
])  # fmt: skip
def test_payback(flows: list[float], rate: float, periods: float | None) -> None:
    found = investment.payback(flows, rate=rate)
    assert found == (pytest.approx(periods) if periods is not None else None)


def test_return_on_nothing_spent_has_no_value() -> None:
    assert investment.roi([1], [0]) is None
    assert investment.roi([60, 60], [80]) == 0.5


def test_no_flows_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="空的"):
        investment.npv(0.1, [])


def test_the_tornado_moves_one_factor_at_a_time_and_sorts_by_width() -> None:
    table = investment.tornado(lambda a, b: a - 3 * b, {"a": 10.0, "b": 1.0}, 0.5)
    assert table["因素"].tolist() == ["a", "b"]
    assert table[["低值时", "高值时", "幅度"]].to_numpy().tolist() == [[2, 12, 10], [8.5, 5.5, 3]]


def test_draws_are_triangular_and_repeatable() -> None:
    ranges = {"x": (2.0, 3.0, 8.0), "sure": (4.0, 4.0, 4.0)}
    draw = lambda: investment.simulate(lambda x, sure: x + 0 * sure, ranges, 4000, seed=3)  # noqa: E731
    assert np.array_equal(draw(), draw())
    shape = stats.triang(c=1 / 6, loc=2, scale=6)
    assert stats.kstest(draw(), shape.cdf).pvalue > 0.01
    with pytest.raises(AnalyticsError, match="最低"):
        investment.simulate(lambda x: x, {"x": (3, 2, 4)})
