"""Loyalty grid, satisfaction trap, curves and switching costs."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit.analytics import loyalty
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.window import month


def test_the_four_cells_of_the_grid_and_their_boundaries() -> None:
    grid = pd.DataFrame({"依恋": [3.4, 3.4, 3.5, 3.5], "订单数": [1, 2, 2, 1]})
    types = loyalty.loyalty_types(grid).tolist()
    assert types == ["价格忠诚", "激励忠诚", "超值忠诚", "潜在忠诚"]


def test_the_trap_holds_satisfied_buyers_of_one_order(orders: pd.DataFrame) -> None:
    survey = pd.DataFrame(
        {
            "客户编号": ["A", "B", "B", "C", "D"],
            "体验": [5, 5, 3, 3, 5],
        }
    )
    # In December B bought once and scored 4 on average; D never paid; A came back.
    assert loyalty.satisfaction_trap(survey, orders, month("2025-12")) == ["B"]
    assert loyalty.satisfaction_trap(survey, orders) == []
    assert loyalty.satisfaction_trap(survey, orders, month("2025-12"), satisfied=4.5) == []


@pytest.mark.parametrize("market", loyalty.MARKETS)
def test_loyalty_rises_with_satisfaction_in_every_market(market: str) -> None:
    curve = loyalty.satisfaction_loyalty_curve(market)
    assert curve["忠诚度"].is_monotonic_increasing
    assert curve["忠诚度"].iloc[[0, -1]].tolist() == [0, 1]


def test_competition_makes_the_merely_satisfied_disloyal() -> None:
    at_four = [
        loyalty.satisfaction_loyalty_curve(m, points=5)["忠诚度"].iloc[3] for m in loyalty.MARKETS
    ]
    assert at_four == sorted(at_four, reverse=True)
    assert at_four[0] > 0.9 and at_four[-1] < 0.3


def test_switching_cost_is_the_sum_of_the_seven_factors() -> None:
    factors = dict.fromkeys(loyalty.SWITCHING_FACTORS, 10.0)
    assert len(factors) == 7
    assert loyalty.switching_cost(factors) == 70
    assert loyalty.stays(factors, 70)
    assert not loyalty.stays(factors, 70.1)
    with pytest.raises(AnalyticsError, match="不认识的因素：运气"):
        loyalty.switching_cost({"运气": 1})
    with pytest.raises(AnalyticsError, match="沉没成本 不能小于 0"):
        loyalty.switching_cost({"沉没成本": -1})
