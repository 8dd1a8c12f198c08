"""What a silence means: Bayes by hand, a curve read by hand, limits that meet their chance."""

from __future__ import annotations

import pytest

from crmkit.analytics import dormancy, survival
from crmkit.analytics.errors import AnalyticsError


def test_after_the_median_gap_half_of_those_who_come_back_are_back() -> None:
    """By hand: gone 0.2, S(50) = 1/2 → silent 0.2 + 0.8/2 = 0.6, left 0.2/0.6 = 1/3."""
    pace = dormancy.Pace("买", median=50, spread=1, gone=0.2)
    assert pace.silent(50) == pytest.approx(0.6) and pace.left(50) == pytest.approx(1 / 3)
    assert pace.left(0) == pytest.approx(0.2) and pace.left(1e9) == pytest.approx(1)
    assert pace.wait(1 / 3) == pytest.approx(50)


@pytest.mark.parametrize("name", dormancy.TRADES)
def test_the_chance_is_reached_on_the_day_that_is_waited_for(name: str) -> None:
    pace = dormancy.TRADES[name]
    for chance in (pace.gone + 0.01, 0.5, 0.8, 0.99):
        assert pace.left(pace.wait(chance)) == pytest.approx(chance)
    assert pace.wait(pace.gone) == 0 and pace.wait(1) == float("inf")


def test_a_shops_pace_is_read_off_its_own_curve() -> None:
    """Ten gaps: 1 … 6 days and four that last on (censored at 100) → S(6) = 0.4 have left."""
    curve = survival.kaplan_meier([1, 2, 3, 4, 5, 6, 100, 100, 100, 100], [1] * 6 + [0] * 4)
    shop = dormancy.Observed("买", curve, until=60)
    assert shop.gone == pytest.approx(0.4) and shop.median == 3
    assert shop.silent(2.5) == pytest.approx(0.8) and shop.left(2.5) == pytest.approx(0.5)
    assert shop.wait(0.5) == 2 and shop.wait(0.3) == 0 and shop.wait(1) == 6
    assert shop.left(10_000) == 1  # beyond the end of the curve


def test_a_curve_on_which_nobody_is_left_says_nothing() -> None:
    curve = survival.kaplan_meier([2, 3, 3, 5], [1, 1, 0, 1])
    with pytest.raises(AnalyticsError, match="已经没有人沉默"):
        dormancy.Observed("买", curve, until=5)
    assert dormancy.Observed("买", curve, until=4).gone == 0.5


def test_figures_that_describe_no_trade_are_refused() -> None:
    for wrong in ((0, 1, 0.1), (10, 0, 0.1), (10, 1, 0), (10, 1, 1)):
        with pytest.raises(AnalyticsError, match="要大于 0"):
            dormancy.Pace("买", *wrong)
    for chance in (0, 1.5, float("nan")):
        with pytest.raises(AnalyticsError, match="chance"):
            dormancy.TRADES["汽车经销店"].wait(chance)
