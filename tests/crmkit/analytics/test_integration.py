"""Rent or own, the bullwhip against a simulation, time in a process."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import integration, investment
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.integration import Offer

costs = st.integers(0, 5000).map(float)


@given(costs, costs, costs, costs, st.integers(1, 60))
def test_the_break_even_month_is_the_first_of_a_count_by_months(
    once: float, upkeep: float, fee: float, monthly: float, users: int
) -> None:
    rent, own = Offer(monthly=monthly, per_user=fee), Offer(once=once * 20, monthly=upkeep)
    months = (m for m in range(2001) if own.total(m, users) <= rent.total(m, users))
    found, counted = integration.break_even_month(rent, own, users), next(months, None)
    assert found == counted if counted is not None else found is None or found > 2000


@given(costs, costs, st.integers(1, 5000).map(float), st.integers(1, 60))
def test_at_the_break_even_number_of_users_both_cost_the_same(
    once: float, upkeep: float, fee: float, months: int
) -> None:
    rent, own = Offer(per_user=fee), Offer(once=once, monthly=upkeep)
    users = integration.break_even_users(rent, own, months)
    assert users is not None
    assert rent.total(months, users) == pytest.approx(own.total(months, users), abs=1e-3)


def test_two_prices_that_never_meet_have_no_break_even() -> None:
    assert integration.break_even_users(Offer(), Offer(once=5), 12) is None
    assert integration.break_even_users(Offer(once=9, per_user=3), Offer(), 12) is None
    assert integration.break_even_month(Offer(), Offer(once=5), 3) is None
    assert integration.break_even_month(Offer(once=5), Offer(), 3) == 0


def test_total_cost_discounts_month_by_month() -> None:
    offer, monthly = Offer(once=1000, monthly=50, per_user=10), 1.12 ** (1 / 12) - 1
    flows = [1000.0] + [100.0] * 24
    found = integration.tco(offer, 24, 5, yearly_rate=0.12)
    assert found == pytest.approx(investment.npv(monthly, flows))
    assert integration.tco(offer, 24, 5) == 1000 + 2400


@pytest.mark.parametrize(("lead", "periods", "ratio"), [(2, 4, 2.5), (1, 1, 5), (0, 3, 1)])
def test_orders_swing_as_the_formula_says(lead: int, periods: int, ratio: float) -> None:
    """Chen, Drezner, Ryan, Simchi-Levi (2000): 1 + 2L/p + 2L²/p² for independent demand."""
    demand = np.random.default_rng(11).normal(100, 10, 200_000)
    orders = integration.order_up_to(demand, lead, periods)
    assert integration.bullwhip(lead, periods) == ratio
    assert integration.variance_ratio(orders, demand) == pytest.approx(ratio, rel=0.02)


def test_up_the_chain_the_product_is_a_lower_bound_and_sharing_demand_swings_less() -> None:
    demand = np.random.default_rng(5).normal(100, 10, 100_000)
    second = integration.order_up_to(integration.order_up_to(demand, 2, 5), 2, 5)
    ratio = integration.variance_ratio(second, demand)
    assert ratio is not None and ratio > integration.bullwhip(2, 5, stages=2) * 0.98
    for stages in (2, 3, 4):
        apart = integration.bullwhip(2, 5, stages=stages)
        assert integration.bullwhip(2, 5, stages=stages, shared=True) < apart


def test_orders_follow_the_policy_step_by_step() -> None:
    demand = [10.0, 12, 8, 20, 10, 10]
    level = [3 * np.mean(demand[t - 1 : t + 1]) for t in range(1, 6)]
    stepwise = [demand[t + 1] + level[t] - level[t - 1] for t in range(1, 5)]
    assert integration.order_up_to(demand, 3, 2).tolist() == pytest.approx(stepwise)


def test_demand_that_never_varies_has_no_ratio_and_too_little_is_refused() -> None:
    assert integration.variance_ratio([5, 5], [5, 5]) is None
    with pytest.raises(AnalyticsError, match="至少要有 4 期"):
        integration.order_up_to([1, 2, 3], 1, 3)


STEPS = pd.DataFrame(
    [("登记", "客服", 5, 0, 1.0), ("审批", "主管", 4, 240, 0.5), ("退款", "财务", 6, 60, 0.9),
     ("通知", "财务", 2, 0, 1.0)],
    columns=["环节", "岗位", "处理", "等待", "比例"],
)  # fmt: skip


def test_times_of_a_process_with_and_without_shares() -> None:
    whole = integration.process_time(STEPS)
    assert (whole.work, whole.wait, whole.hand_overs, whole.total) == (17, 300, 2, 317)
    some = integration.process_time(STEPS, share="比例")
    assert (some.work, some.wait) == pytest.approx((5 + 2 + 5.4 + 2, 120 + 54))
    assert some.efficiency == pytest.approx(14.4 / 188.4)


def test_a_process_of_no_steps_takes_no_time() -> None:
    nothing = integration.process_time(STEPS.iloc[:0])
    assert (nothing.total, nothing.efficiency, nothing.hand_overs) == (0, None, 0)
    with pytest.raises(AnalyticsError, match="负数"):
        integration.process_time(STEPS.assign(等待=-1))
