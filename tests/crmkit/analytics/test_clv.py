"""Lifetime value: the exercises of the course and published values, by their ids."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import clv
from crmkit.analytics.errors import AnalyticsError
from tests.crmkit.analytics.order_strategies import CHECKED

EXERCISE_3 = {"n": 10, "Co": 500, "Po": 3000, "In": 1000, "r": 0.08}
RATES = st.floats(0, 1)


def test_t_clv_4_annuity_factor() -> None:
    assert clv.annuity(0.08, 10) == pytest.approx(6.710081, abs=1e-6)  # any PVIFA table
    assert clv.annuity(0, 10) == 10
    assert clv.annuity(0.05, 0) == 0
    assert clv.annuity(1e-13, 10) == pytest.approx(10, abs=1e-9)


@CHECKED
@given(RATES, st.integers(0, 60))
def test_annuity_is_the_sum_it_stands_for(r: float, n: int) -> None:
    by_hand = math.fsum((1 + r) ** -t for t in range(1, n + 1))
    assert clv.annuity(r, n) == pytest.approx(by_hand, rel=1e-9)
    assert clv.annuity(r, n, timing="begin") == pytest.approx(by_hand * (1 + r), rel=1e-9)
    assert clv.annuity(r, n) == pytest.approx(clv.npv(r, [1] * n), rel=1e-9)


def test_exercise_3_under_both_models() -> None:
    assert clv.clv_model_one(**EXERCISE_3) == pytest.approx(9210.08, abs=0.005)
    assert clv.clv_model_three(**EXERCISE_3, Cs=100) == pytest.approx(8539.07, abs=0.005)
    # Identity of values.md 3.10
    assert clv.clv_model_three(**EXERCISE_3, Cs=100) == pytest.approx(
        2500 + 900 * clv.annuity(0.08, 10)
    )


def test_exercise_4_turns_the_ranking_round() -> None:
    a, b = {**EXERCISE_3, "In": 500}, {**EXERCISE_3, "In": 550}
    one = clv.clv_model_one(**a), clv.clv_model_one(**b)
    three = clv.clv_model_three(**a, Cs=200), clv.clv_model_three(**b, Cs=300)
    assert one == pytest.approx((5855.04, 6190.54), abs=0.005)
    assert three == pytest.approx((4513.02, 4177.52), abs=0.005)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("service_cost", 8539.07),
        ("flows_only", 9000.00),
        ("undiscounted", 11500.00),
        ("first_year", 10600.00),
        ("first_year_discounted", 8122.20),
        ("flows_discounted", 6039.07),
        ("begin", 9022.20),
    ],
)
def test_every_named_reading_of_exercise_3(variant: str, expected: float) -> None:
    value = clv.clv_model_three(**EXERCISE_3, Cs=100, variant=variant)
    assert value == pytest.approx(expected, abs=0.005)


def test_the_table_of_readings_holds_both_models() -> None:
    table = clv.readings_table(**EXERCISE_3, Cs=100).set_index("读法")
    assert set(table.index) == set(clv.READINGS)
    assert table.loc["service_cost", "模型一"] == pytest.approx(9210.08, abs=0.005)
    assert table.loc["undiscounted", "模型一"] == 12500
    assert table.loc["first_year_discounted", "模型一"] == pytest.approx(8746.89, abs=0.005)


def test_without_initial_terms_exercise_4_is_lower_by_2500() -> None:
    a3 = clv.clv_model_three(10, 0, 0, 500, 0.08, 200)
    b3 = clv.clv_model_three(10, 0, 0, 550, 0.08, 300)
    assert (a3, b3) == pytest.approx((2013.02, 1677.52), abs=0.005)


def test_timing_and_discounting_are_open_in_the_default_reading() -> None:
    begin = clv.clv_model_three(**EXERCISE_3, Cs=100, timing="begin")
    assert begin == pytest.approx(9022.20, abs=0.005)
    assert clv.clv_model_three(**EXERCISE_3, Cs=100, discounted=False) == 11500
    with pytest.raises(AnalyticsError, match="规定了 timing='begin'"):
        clv.clv_model_three(**EXERCISE_3, Cs=100, variant="begin", timing="end")


def test_npv_published_values() -> None:
    assert clv.npv(0.065, [5000]) == pytest.approx(4694.83568075117, abs=1e-9)  # T-NPV-1
    assert clv.npv(0.10, [500, 1500, 4000, 10000]) == pytest.approx(
        11529.60863329007, abs=1e-9
    )  # T-NPV-2
    assert clv.npv(0.0275 / 12, [50, 60, 40, 100, 25]) == pytest.approx(
        273.14193838457, abs=1e-9
    )  # T-NPV-3


def test_npv_at_the_start_of_each_year_leaves_the_first_flow_whole() -> None:
    assert clv.npv(0.10, [100, 110], timing="begin") == pytest.approx(200)
    assert clv.npv(0.10, []) == 0


def test_t_clv_2_margin_multiples() -> None:
    printed = [
        [1.20, 1.15, 1.11, 1.07],
        [1.75, 1.67, 1.59, 1.52],
        [2.67, 2.50, 2.35, 2.22],
        [4.50, 4.09, 3.75, 3.46],
    ]
    assert clv.multiples_table().round(2).to_numpy().tolist() == printed


def test_margin_multiple_is_the_limit_of_the_sum() -> None:
    total = math.fsum((0.8 / 1.12) ** t for t in range(1, 500))
    assert clv.margin_multiple(0.8, 0.12) == pytest.approx(total)
    with pytest.raises(AnalyticsError, match="无穷大"):
        clv.margin_multiple(1, 0)


def test_berger_nasr_case_1() -> None:
    # Berger & Nasr 1998, case 1: GC 260, M 50, retention 75 %, d 20 %, n 10 → 568.78
    assert clv.berger_nasr(260, 50, 0.75, 0.20, 10) == pytest.approx(568.78, abs=0.005)


@CHECKED
@given(
    st.integers(0, 30), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999),
    RATES, st.integers(0, 9999), st.sampled_from(list(clv.READINGS)),
)  # fmt: skip
def test_parts_add_up_to_the_value(
    n: int, Co: int, Po: int, In: int, r: float, Cs: int, variant: str
) -> None:
    parts = clv.clv_parts(n, Co, Po, In, r, Cs, variant=variant)
    assert math.fsum(parts["金额"]) == clv.clv(n, Co, Po, In, r, Cs, variant=variant)


@CHECKED
@given(st.integers(1, 30), RATES, RATES, st.integers(1, 5000))
def test_value_falls_with_the_rate_and_grows_with_income(
    n: int, r: float, s: float, more: int
) -> None:
    low, high = sorted((r, s))
    base = {"n": n, "Co": 500, "Po": 0, "In": 1000}
    assert clv.clv_model_one(**base, r=low) >= clv.clv_model_one(**base, r=high) - 1e-9
    richer = clv.clv_model_one(**{**base, "In": 1000 + more}, r=r)
    assert richer > clv.clv_model_one(**base, r=r)


def test_tornado_is_sorted_by_width_and_leaves_the_base_inside() -> None:
    table = clv.tornado(**EXERCISE_3, Cs=100, swing=0.2)
    assert table["幅度"].is_monotonic_decreasing
    assert table["因素"].iloc[0] == "年收入 In"
    width = table.set_index("因素")["幅度"]
    assert width["获取成本 Co"] == pytest.approx(200)
    assert width["年服务成本 Cs"] == pytest.approx(40 * clv.annuity(0.08, 10))
    one = clv.tornado(**EXERCISE_3, Cs=100, model="one", ranges={"r": (0.04, 0.12)})
    assert "年服务成本 Cs" not in set(one["因素"])
    assert one.set_index("因素").loc["折现率 r", "高值时价值"] == pytest.approx(
        clv.clv_model_one(**{**EXERCISE_3, "r": 0.12})
    )


def test_lifetime_value_of_any_cash_flow_agrees_with_model_three() -> None:
    flows = clv.lifetime_value([1000] * 10, [100] * 10, 0.08, acquisition=500)
    assert flows + 3000 == pytest.approx(clv.clv_model_three(**EXERCISE_3, Cs=100))


def test_guest_value_is_a_discounted_annuity() -> None:
    assert clv.guest_value(24, 40, 0.3, 10) == pytest.approx(2880)
    assert clv.guest_value(24, 40, 0.3, 10, 0.08) == pytest.approx(288 * 6.710081, rel=1e-6)


def test_customer_equity_weighs_potential_customers() -> None:
    file = pd.DataFrame({"年利润": [100.0, 200.0], "年数": [10, 0], "概率": [0.5, 1.0]})
    assert clv.customer_equity(file, 0.08) == pytest.approx(671.0081, abs=1e-3)
    assert clv.customer_equity(file, 0.08, probability="概率") == pytest.approx(335.5041, abs=1e-3)
    assert clv.customer_equity(file.iloc[:0], 0.08) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: clv.annuity(-1, 3), "参数 r 要大于 -1"),
        (lambda: clv.annuity(0.1, 2.5), "参数 n 要是整数"),
        (lambda: clv.annuity(0.1, -1), "不能小于 0"),
        (lambda: clv.annuity("八", 3), "参数 r 要是数"),
        (lambda: clv.annuity(math.inf, 3), "有限的数"),
        (lambda: clv.clv(10, 1, 1, 1, 0.1, variant="二"), "参数 variant"),
        (lambda: clv.tornado(10, 1, 1, 1, 0.1, ranges={"x": (0, 1)}), "没有因素 x"),
        (lambda: clv.lifetime_value([1], [1, 2], 0.1), "要一样多"),
        (lambda: clv.guest_value(24, 40, 30, 10), "不能大于 1"),
        (lambda: clv.customer_equity(pd.DataFrame({"年利润": [1], "年数": [1], "p": [2]}), 0.1, probability="p"), "0 和 1 之间"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_in_chinese(call: object, said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        call()  # type: ignore[operator]
