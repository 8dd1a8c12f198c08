"""Tables: they add up to the indicators, whatever the cut."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import breakdowns as cut
from crmkit.analytics import indicators as ind
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.window import Window, last_days, month
from tests.crmkit.analytics.order_strategies import CHECKED, order_books

DECEMBER = month("2025-12")


def test_trend_ends_with_a_full_bin_on_the_as_of_day(orders: pd.DataFrame) -> None:
    table = cut.trend(orders, "2025-12-31", bins=5, days=7)
    assert table["起始日期"].iloc[0] == pd.Timestamp("2025-11-27")
    assert table["结束日期"].iloc[-1] == pd.Timestamp("2025-12-31")
    assert table["支付金额"].tolist() == [130.0, 60.5, 9.5, 10.0, 200.0]
    assert table["买家数"].tolist() == [1, 1, 1, 1, 1]
    # 25 December begins the last week, the 24th still belongs to the one before.
    for day, sums in (("2025-12-25", [10.0, 200.0]), ("2025-12-24", [210.0, 0.0])):
        moved = orders.assign(付款时间=orders["付款时间"].where(orders["订单编号"] != "O06", day))
        table = cut.trend(moved, "2025-12-31", bins=2, days=7)
        assert table["支付金额"].tolist() == sums


@CHECKED
@given(order_books(), st.integers(1, 20), st.integers(1, 40))
def test_trend_bins_are_full_and_add_up(book: pd.DataFrame, bins: int, days: int) -> None:
    table = cut.trend(book, "2025-12-31", bins=bins, days=days)
    whole = last_days("2025-12-31", bins * days)
    lengths = (table["结束日期"] - table["起始日期"]).dt.days + 1
    assert len(table) == bins
    assert (lengths == days).all()
    assert table["支付金额"].sum() == pytest.approx(ind.sales(book, whole).value)
    last = table.iloc[-1]
    final = Window(last["起始日期"], last["结束日期"] + pd.Timedelta(days=1))
    assert last["订单数"] == ind.order_count(book, final).value


@CHECKED
@given(order_books(), st.integers(1, 14))
def test_every_month_of_the_monthly_table_is_that_month(book: pd.DataFrame, months: int) -> None:
    table = cut.monthly(book, "2025-12-31", months=months)
    assert len(table) == months
    for row in table.itertuples():
        window = Window(row.起始日期, row.结束日期 + pd.Timedelta(days=1))
        assert row.支付金额 == ind.sales(book, window).value
        assert row.买家数 == ind.buyers(book, window).value


def test_monthly_leaves_out_the_month_that_is_not_over(orders: pd.DataFrame) -> None:
    table = cut.monthly(orders, "2025-12-30", months=2)
    assert table["起始日期"].dt.strftime("%Y-%m").tolist() == ["2025-10", "2025-11"]


def test_channels_with_names_and_without_sales(orders: pd.DataFrame) -> None:
    channels = pd.DataFrame(
        {"渠道编号": ["H1", "H2", "H3"], "渠道名称": ["天猫店", "微信", "门店"]}
    )
    table = cut.by_channel(orders, DECEMBER, channels=channels)
    assert table["渠道编号"].tolist() == ["H1", "H2", "H3"]
    assert table["渠道名称"].tolist() == ["天猫店", "微信", "门店"]
    assert table["支付金额"].tolist() == [310.0, 100.0, 0.0]
    assert table["买家数"].tolist() == [2, 2, 0]
    assert table["环比"].iloc[0] == pytest.approx((310 - 80) / 80)
    assert table["环比"].iloc[1:].isna().all()
    assert pd.isna(table["客单价"].iloc[2])


def test_a_channel_that_gave_everything_away_has_no_change(orders: pd.DataFrame) -> None:
    free = orders.assign(实付金额=orders["实付金额"].where(orders["订单编号"] != "O02", 0.0))
    table = cut.by_channel(free, DECEMBER).set_index("渠道编号")
    assert pd.isna(table.loc["H1", "环比"])


@CHECKED
@given(order_books(min_size=1))
def test_channel_shares_add_to_one(book: pd.DataFrame) -> None:
    table = cut.by_channel(book, last_days("2025-12-31", 120))
    total = ind.sales(book, last_days("2025-12-31", 120)).value
    assert table["支付金额"].sum() == pytest.approx(total)
    if total:
        assert table["金额占比"].sum() == pytest.approx(1)
    for row in table.itertuples():
        scoped = ind.spend_per_buyer(book, last_days("2025-12-31", 120), channel=row.渠道编号)
        assert row.客单价 == scoped.value


def test_province_comes_from_the_customer_and_unknown_is_a_row(orders: pd.DataFrame) -> None:
    customers = pd.DataFrame({"客户编号": ["A", "B"], "省份": ["浙江", None]})
    table = cut.by_province(orders, customers, DECEMBER)
    assert table["省份"].tolist() == ["未知", "浙江"]
    assert table["支付金额"].tolist() == [270.5, 139.5]
    assert table["买家数"].tolist() == [2, 1]
    assert table["金额占比"].sum() == pytest.approx(1)


def test_best_products_rank_by_line_amount(orders: pd.DataFrame, items: pd.DataFrame) -> None:
    products = pd.DataFrame({"商品编码": ["S1", "S2"], "商品名称": ["龙井", "茶杯"], "类目": "茶"})
    table = cut.best_products(orders, items, DECEMBER, products=products)
    assert table["商品编码"].tolist() == ["S1", "S2", "S3"]
    assert table["金额"].tolist() == [270.0, 90.0, 49.5]
    assert table["数量"].tolist() == [4, 2, 5]
    assert table["商品名称"].tolist() == ["龙井", "茶杯", "未知"]
    assert table["金额占比"].sum() == pytest.approx(1)
    first = cut.best_products(orders, items, DECEMBER, n=1, by="数量")
    assert first["商品编码"].tolist() == ["S3"]


def test_frequency_buckets_are_those_of_the_settings(orders: pd.DataFrame) -> None:
    table = cut.frequency_distribution(orders, DECEMBER)
    assert table["购买次数"].tolist() == ["1次", "2次", "3–5次", "5次以上"]
    assert table["买家数"].tolist() == [1, 1, 1, 0]
    assert table["支付金额"].tolist() == [60.5, 210.0, 139.5, 0.0]


@CHECKED
@given(order_books(), st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True).map(sorted))
def test_frequency_buckets_hold_every_buyer_once(book: pd.DataFrame, bounds: list[int]) -> None:
    table = cut.frequency_distribution(book, bounds=bounds)
    assert table["买家数"].sum() == ind.buyers(book).value
    assert table["订单数"].sum() == ind.order_count(book).value
    assert table["支付金额"].sum() == pytest.approx(ind.sales(book).value)


def test_amount_is_the_product_of_its_factors(orders: pd.DataFrame, items: pd.DataFrame) -> None:
    f = cut.amount_factors(orders, items, DECEMBER)
    product = f["买家数"] * f["人均订单数"] * f["连带率"] * f["件单价"]
    assert product == pytest.approx(f["支付金额"])
    assert cut.amount_factors(orders, items, month("2025-03"))["件单价"] is None


def test_intervals_are_calendar_days_between_orders_of_one_buyer(orders: pd.DataFrame) -> None:
    assert sorted(cut.repurchase_intervals(orders, DECEMBER)) == [0, 11, 14]
    cycle = cut.repurchase_cycle(orders, DECEMBER)
    assert (cycle["中位数"], cycle["平均"], cycle["间隔数"]) == (11, pytest.approx(25 / 3), 3)
    assert cut.repurchase_cycle(orders, month("2025-11"))["中位数"] is None


def test_customers_listed_twice_are_refused(orders: pd.DataFrame) -> None:
    customers = pd.DataFrame({"客户编号": ["A", "A"], "省份": ["浙江", "江苏"]})
    with pytest.raises(AnalyticsError, match="客户表的列「客户编号」有重复"):
        cut.by_province(orders, customers, DECEMBER)
