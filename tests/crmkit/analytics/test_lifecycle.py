"""Stages, patterns, states and retention: every rule decidable, every boundary named."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import lifecycle as life
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.window import month
from tests.crmkit.analytics.order_strategies import CHECKED, order_books


@pytest.mark.parametrize(
    ("orders", "first", "last", "trend", "expected"),
    [
        (1, 0, 0, None, "考察期"),
        (1, 180, 180, None, "考察期"),
        (1, 181, 181, None, "退化期"),
        (2, 30, 0, None, "形成期"),
        (4, 179, 0, 1.0, "形成期"),
        (4, 180, 0, 1.0, "稳定期"),
        (4, 180, 0, 0.5, "稳定期"),
        (4, 180, 0, 0.49, "退化期"),
        (3, 400, 0, 0.1, "形成期"),
        (9, 700, 181, 2.0, "退化期"),
        (9, 700, 10, math.nan, "稳定期"),
    ],
)
def test_stage_boundaries(
    orders: int, first: int, last: int, trend: float | None, expected: str
) -> None:
    assert life.stage(orders, first, last, trend) == expected


@CHECKED
@given(order_books())
def test_every_buyer_has_one_stage(book: pd.DataFrame) -> None:
    table = life.stages(book, "2026-01-01")
    assert set(table["阶段"]) <= set(life.STAGES)
    assert table["客户编号"].tolist() == sorted(
        book.loc[book["付款时间"].notna(), "客户编号"].unique()
    )
    for row in table.itertuples():
        assert row.阶段 == life.stage(row.订单数, row.首购距今, row.末购距今, row.近期消费比)


def test_the_trend_compares_two_half_years(orders: pd.DataFrame) -> None:
    early = orders.assign(付款时间=orders["付款时间"] - pd.Timedelta(days=180))
    book = pd.concat([orders, early.assign(订单编号=early["订单编号"] + "x", 实付金额=1.0)])
    table = life.stages(book, "2025-12-31").set_index("客户编号")
    assert table.loc["B", "近期消费比"] == pytest.approx(140.5 / 2)


TRIAL = [0.0, 20.0, 30.0, 5.0, 0.0, 0.0, 0.0, 0.0]
FORMING = [*range(0, 100, 10), 20, 5, 0, 0]
STABLE = [*range(0, 100, 20), *[100] * 8]


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (TRIAL, "早期流产型"),
        ([-5, -3, -1], "早期流产型"),
        (FORMING, "中途夭折型"),
        ([*STABLE, 40, 10, 0], "提前退出型"),
        (STABLE, "长久保持型"),
        ([*STABLE, 50], "长久保持型"),
        ([*STABLE, 49.9], "提前退出型"),
        ([0, 10, 20, 30, 40, 50, 60, 70], "未定"),
    ],
)
def test_patterns_of_profit_curves(curve: list[float], expected: str) -> None:
    assert life.pattern(curve) == expected


@CHECKED
@given(st.lists(st.integers(-50, 200), min_size=1, max_size=40), st.integers(1, 50))
def test_the_pattern_does_not_depend_on_the_unit_of_money(curve: list[int], k: int) -> None:
    assert life.pattern(curve) == life.pattern([k * v for v in curve])
    assert life.pattern(curve) in (*life.PATTERNS, life.UNDECIDED)


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        (1, "早期流产型"),
        (6, "早期流产型"),
        (8, "中途夭折型"),
        (16, "中途夭折型"),
        (24, "提前退出型"),
        (37, "提前退出型"),
        (None, "长久保持型"),
    ],
)
def test_the_generated_curve_shows_the_pattern_of_its_break(
    leave: int | None, expected: str
) -> None:
    curve = life.lifecycle_curve(40, leave=leave)
    assert life.pattern(curve["利润"]) == expected
    if leave is None:
        assert curve["阶段"].unique().tolist() == ["考察期", "形成期", "稳定期"]
        assert (np.diff(curve["利润"]) > 0).all()
    else:
        assert (curve.loc[curve["期"] > leave, "阶段"] == "退化期").all()


def test_customer_states(orders: pd.DataFrame) -> None:
    customers = pd.DataFrame(
        {
            "客户编号": ["A", "B", "C", "D", "E", "F"],
            "接受营销": [True, True, False, True, False, None],
        }
    )
    states = life.customer_states(customers, orders, "2026-06-13", blacklist=["E"])
    # B bought last 190 days ago, A and C less than 181; D, E, F never paid.
    assert states.tolist() == ["现实客户", "流失客户", "现实客户", "目标客户", "非客户", "潜在客户"]
    assert life.customer_state(1, 180, targeted=False) == "现实客户"
    assert life.customer_state(1, 181, targeted=False) == "流失客户"


def test_path_of_the_relation() -> None:
    purchases = pd.DataFrame(
        {
            "客户编号": ["A", "A", "B", "C", "C", "E"],
            "付款时间": ["2025-01-05", "2025-12-05", "2025-12-09", "2025-02-01", "2025-12-30", "2026-01-01"],
            "类目": ["绿茶", "绿茶", "红茶", "绿茶", "茶具", "绿茶"],
        }
    )  # fmt: skip
    path = life.relation_path(purchases, month("2025-12"), customers=["A", "B", "C", "D", "E"])
    assert path.to_dict() == {
        "A": "老客户", "B": "新客户", "C": "新业务的新客户", "D": "潜在客户", "E": "潜在客户",
    }  # fmt: skip
    assert life.relation_path(purchases, month("2025-12")).index.tolist() == ["A", "B", "C"]


def test_t_cs_5_retention() -> None:
    assert life.retention_rate(200, 190, 30) == (0.8, 160, 200)  # (E − N)/S
    assert life.retention_rate(0, 0).value is None
    with pytest.raises(AnalyticsError, match="应在 0 和期初"):
        life.retention_rate(100, 150, 0)


def test_a_month_without_customers_has_no_rate() -> None:
    months = pd.DataFrame({"期初客户数": [100, 0], "流失客户数": [10, 0]})
    out = life.monthly_retention(months)
    assert out["保持率"].iloc[0] == 0.9
    assert out[["流失率", "保持率"]].iloc[1].isna().all()
    with pytest.raises(AnalyticsError, match="第 1 行"):
        life.monthly_retention(pd.DataFrame({"期初客户数": [1], "流失客户数": [2]}))


@CHECKED
@given(st.floats(0, 1000), st.floats(0.05, 1), st.floats(0, 100))
def test_the_bucket_runs_to_its_steady_state(start: float, churn: float, new: float) -> None:
    table = life.leaky_bucket(start, churn, new, 400)
    level = life.steady_state(churn, new)
    assert table["客户数"].iloc[-1] == pytest.approx(level, abs=1e-4)
    resting = life.leaky_bucket(level or 0.0, churn, new, 5)["客户数"]
    assert resting.to_numpy() == pytest.approx(level)


def test_a_bucket_without_a_leak_has_no_steady_state() -> None:
    assert life.steady_state(0, 10) is None
    table = life.leaky_bucket(100, 0, 10, 3, margin=5, acquisition_cost=20)
    assert table["客户数"].tolist() == [100, 110, 120, 130]
    assert table["利润"].tolist() == [500, 350, 400, 450]


def test_churn_reasons_are_a_pareto_table() -> None:
    lost = pd.DataFrame({"流失原因": ["价格", "服务失误", "价格", None, "人员失误", "价格"]})
    table = life.churn_reasons(lost)
    assert table["流失原因"].tolist() == ["价格", "人员失误", "服务失误", "未知"]
    assert table["人数"].tolist() == [3, 1, 1, 1]
    assert table["累计占比"].iloc[-1] == 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: life.stage(0, 1, 1), "orders 不能小于 1"),
        (lambda: life.stage(2, 1, 5), "是否写反"),
        (lambda: life.pattern([]), "利润曲线是空的"),
        (lambda: life.customer_state(2, None, targeted=True), "last_days"),
    ],
)
def test_what_has_no_stage_is_refused_in_chinese(call: object, said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        call()  # type: ignore[operator]
