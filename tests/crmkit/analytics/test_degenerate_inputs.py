"""Empty frames, one customer, equal values, missing dates: a value or a Chinese error."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit.analytics import breakdowns, btyd, indicators, lifecycle, loyalty, rfm, value
from crmkit.analytics import satisfaction as sat
from crmkit.analytics.window import month
from crmkit.errors import KitError

DECEMBER = month("2025-12")
ITEMS = pd.DataFrame(columns=["订单编号", "商品编码", "数量", "单价"])
RETURNS = pd.DataFrame(columns=["订单编号", "商品编码", "类型", "完成时间", "退款金额", "退换状态"])
CUSTOMERS = pd.DataFrame(columns=["客户编号", "省份", "接受营销"])
SURVEY = pd.DataFrame(columns=["客户编号", "项目", "期望", "体验", "重要性"])

RATIOS = [
    indicators.spend_per_buyer,
    indicators.spend_per_order,
    indicators.orders_per_buyer,
    indicators.repeat_rate,
    indicators.repurchase_rate,
    indicators.new_share,
    indicators.old_share,
    indicators.new_repeat_rate,
]


@pytest.fixture(params=["no rows", "no rows, plain columns", "nothing paid", "no dates"])
def nothing(request: pytest.FixtureRequest, orders: pd.DataFrame) -> pd.DataFrame:
    """Order books in which no order counts."""
    return {
        "no rows": orders.iloc[:0],
        "no rows, plain columns": pd.DataFrame(columns=orders.columns),
        "nothing paid": orders[orders["付款时间"].isna()],
        "no dates": orders.assign(付款时间=None),
    }[request.param]


def test_totals_are_zero_and_ratios_have_no_value(nothing: pd.DataFrame) -> None:
    assert indicators.sales(nothing, DECEMBER).value == 0
    assert indicators.buyers(nothing).value == 0
    assert indicators.sales(nothing, refunds="net", returns=RETURNS).value == 0
    for measure in RATIOS:
        assert measure(nothing, DECEMBER).value is None
    for options in ({"measure": "amount"}, {"measure": "orders"}, {"measure": "lines"}):
        rate = indicators.refund_rate(nothing, DECEMBER, returns=RETURNS, items=ITEMS, **options)
        assert rate.value is None
    assert indicators.compare(indicators.sales, nothing, DECEMBER).change.value is None


def test_tables_keep_their_columns(nothing: pd.DataFrame) -> None:
    assert len(breakdowns.trend(nothing, "2025-12-31")) == 12
    assert len(breakdowns.monthly(nothing, "2025-12-31")) == 12
    assert breakdowns.by_channel(nothing, DECEMBER).empty
    assert list(breakdowns.by_province(nothing, CUSTOMERS).columns)[0] == "省份"
    assert breakdowns.best_products(nothing, ITEMS).empty
    assert breakdowns.frequency_distribution(nothing)["买家数"].tolist() == [0, 0, 0, 0]
    assert breakdowns.repurchase_intervals(nothing).empty
    assert rfm.rfm_table(nothing, "2025-12-31").columns.tolist() == list(rfm.COLUMNS)
    assert sum(rfm.group_counts(rfm.rfm_groups(rfm.rfm_table(nothing, "2025-12-31"))).values()) == 0
    assert lifecycle.stages(nothing, "2025-12-31").empty
    assert btyd.purchase_histories(nothing, "2025-12-31").empty
    assert loyalty.satisfaction_trap(SURVEY, nothing) == []


def test_customers_without_orders_still_have_a_state(nothing: pd.DataFrame) -> None:
    customers = pd.DataFrame({"客户编号": ["A", "B"], "接受营销": [True, False]})
    states = lifecycle.customer_states(customers, nothing, "2025-12-31")
    assert states.tolist() == ["目标客户", "潜在客户"]


def test_an_empty_survey_has_no_index() -> None:
    assert sat.csi(SURVEY).value is None
    assert sat.gap_by_item(SURVEY).empty
    assert sat.importance_performance(SURVEY).empty
    assert sat.nps([]).value is None and sat.nps([None, float("nan")]).n == 0
    assert sat.kano(pd.DataFrame(columns=["功能", "具备时", "不具备时"])).empty


def test_no_customers_at_all() -> None:
    nobody = pd.DataFrame({"客户编号": [], "累计金额": []})
    assert value.pyramid(nobody)["客户数"].sum() == 0
    assert value.top_share(nobody).value is None
    assert value.value_matrix(pd.DataFrame({"当前价值": [], "增值潜力": []})).empty
    for broken in (value.gini, value.lorenz, value.pareto):
        with pytest.raises(KitError, match="合计不大于 0"):
            broken(nobody)


def test_one_customer_and_equal_customers(orders: pd.DataFrame) -> None:
    one = orders[orders["客户编号"] == "A"]
    assert rfm.rfm_table(one, "2025-12-31")["RFM"].tolist() == ["111"]
    assert indicators.repeat_rate(one, DECEMBER).value == 1
    same = pd.DataFrame({"客户编号": ["C1", "C2", "C3"], "累计金额": [7.0, 7.0, 7.0]})
    assert value.gini(same) == 0
    assert rfm.score(same["累计金额"]).tolist() == [1, 1, 1]
    assert value.pyramid(same)["客户数"].tolist() == [1, 0, 0, 2]


def test_an_order_without_a_pay_time_is_not_a_paid_order(orders: pd.DataFrame) -> None:
    holes = orders.copy()
    holes.loc[holes["订单编号"] == "O06", "付款时间"] = None
    assert indicators.sales(holes, DECEMBER).value == 210


def test_dates_as_text_and_blank_text_are_read(orders: pd.DataFrame) -> None:
    text = orders.assign(付款时间=orders["付款时间"].astype(str).replace("NaT", ""))
    assert indicators.sales(text, DECEMBER).value == 410


def test_dates_with_a_time_zone_are_read_as_local_time(orders: pd.DataFrame) -> None:
    aware = orders.assign(付款时间=orders["付款时间"].dt.tz_localize("Asia/Shanghai"))
    assert indicators.sales(aware, DECEMBER).value == 410


def test_numbers_as_dates_are_refused(orders: pd.DataFrame) -> None:
    with pytest.raises(KitError, match="「付款时间」.*不是日期"):
        indicators.sales(orders.assign(付款时间=20251201))
