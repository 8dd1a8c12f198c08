"""Every indicator against a hand count, and against invariants."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import indicators as ind
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import paid_orders, purchase_summary
from crmkit.analytics.window import last_days, month
from tests.crmkit.analytics.order_strategies import CHECKED, order_books

DECEMBER = month("2025-12")


def test_sales_count_paid_orders_by_pay_time(orders: pd.DataFrame) -> None:
    assert ind.sales(orders, DECEMBER) == (410.0, 410.0, None)
    assert ind.order_count(orders, DECEMBER).value == 6
    assert ind.buyers(orders, DECEMBER).value == 3


def test_value_per_buyer_and_per_order_differ(orders: pd.DataFrame) -> None:
    assert ind.spend_per_buyer(orders, DECEMBER) == pytest.approx((410 / 3, 410, 3))
    assert ind.spend_per_order(orders, DECEMBER) == pytest.approx((410 / 6, 410, 6))
    assert ind.orders_per_buyer(orders, DECEMBER).value == 2


def test_net_subtracts_the_refunds_of_these_orders(
    orders: pd.DataFrame, returns: pd.DataFrame
) -> None:
    net = {"refunds": "net", "returns": returns}
    assert ind.sales(orders, DECEMBER, **net).value == 410 - 60.5 - 25
    # Of O05 nothing is left: neither the order nor its buyer counts any more.
    assert ind.order_count(orders, DECEMBER, **net).value == 5
    assert ind.buyers(orders, DECEMBER, **net).value == 2
    # On 31 December the refund of 4 January was not known.
    assert ind.sales(orders, DECEMBER, as_of="2025-12-31", **net).value == 410 - 60.5


def test_as_of_hides_what_came_later(orders: pd.DataFrame) -> None:
    assert ind.order_count(orders, as_of="2025-12-01").value == 4
    assert ind.order_count(orders, DECEMBER, as_of="2025-12-30").value == 5


def test_channel_scope_counts_buyers_inside_the_channel(orders: pd.DataFrame) -> None:
    assert ind.sales(orders, DECEMBER, channel="H2").value == 100
    assert ind.buyers(orders, DECEMBER, channel="H2").value == 2
    assert ind.sales(orders, DECEMBER, channel=["H1", "H2"]).value == 410


def test_the_three_repeat_rates_differ(orders: pd.DataFrame) -> None:
    # A: three orders on two days, B: one, C: two orders on two days.
    assert ind.repeat_rate(orders, DECEMBER) == (2 / 3, 2, 3)
    assert ind.repeat_rate(orders, DECEMBER, variant="orders") == (3 / 6, 3, 6)
    first = last_days("2025-12-01", 1)
    assert ind.repeat_rate(orders, first).value == 1
    assert ind.repeat_rate(orders, first, variant="days").value == 0


def test_repeat_rate_by_orders_reproduces_the_published_example() -> None:
    # 100 orders, 20 people bought twice, 10 of them a third time → 30 %.
    who = [f"P{i}" for i in range(70)] + [f"P{i}" for i in range(20)] + [f"P{i}" for i in range(10)]
    book = pd.DataFrame({"客户编号": who, "付款时间": pd.Timestamp("2025-01-01"), "实付金额": 1.0})
    assert ind.repeat_rate(book, variant="orders", status=None) == (0.3, 30, 100)


def test_repurchase_rate_reproduces_the_published_example() -> None:
    # 1000 buyers in January, 300 of them again in February → 30 %.
    who = [*range(1000), *range(300), *range(2000, 2100)]
    at = ["2025-01-10"] * 1000 + ["2025-02-10"] * 400
    book = pd.DataFrame({"客户编号": who, "付款时间": pd.to_datetime(at), "实付金额": 1.0})
    assert ind.repurchase_rate(book, month("2025-02"), status=None) == (0.3, 300, 1000)


def test_new_and_old_by_both_definitions(orders: pd.DataFrame) -> None:
    # C is new; A bought 14 months ago: old by first purchase, new by the 365-day rule.
    assert ind.new_share(orders, DECEMBER) == (1 / 3, 1, 3)
    assert ind.new_share(orders, DECEMBER, definition="365_days") == (2 / 3, 2, 3)
    assert ind.new_share(orders, DECEMBER, of="sales") == (210 / 410, 210, 410)
    assert ind.old_share(orders, DECEMBER, of="sales") == (200 / 410, 200, 410)
    assert ind.new_repeat_rate(orders, DECEMBER) == (1, 1, 1)


def test_new_to_the_channel_is_not_new_to_the_shop(orders: pd.DataFrame) -> None:
    assert ind.new_share(orders, DECEMBER, channel="H2").value == 0
    assert ind.new_share(orders, DECEMBER, channel="H2", new_to="channel").value == 1


def test_the_365_day_rule_ends_at_exactly_365_days() -> None:
    book = pd.DataFrame(
        {
            "客户编号": ["A", "A", "B", "B"],
            "付款时间": ["2024-12-01", "2025-12-01", "2024-11-30 23:59", "2025-12-02"],
            "实付金额": 1.0,
        }
    )
    share = ind.new_share(book, DECEMBER, definition="365_days", status=None)
    assert share == (0.5, 1, 2)  # 2024-12-01 is 365 days before 2025-12-01


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"measure": "amount", "basis": "paid"}, (85.5 / 410, 85.5, 410)),
        ({"measure": "orders", "basis": "paid"}, (2 / 6, 2, 6)),
        ({"measure": "lines", "basis": "paid"}, (2 / 7, 2, 7)),
        ({"measure": "amount", "basis": "refunded"}, (140.5 / 410, 140.5, 410)),
        ({"measure": "orders", "basis": "refunded"}, (2 / 6, 2, 6)),
        ({"measure": "amount", "basis": "paid", "kinds": ("退货",)}, (60.5 / 410, 60.5, 410)),
        ({"measure": "orders", "basis": "paid", "kinds": None}, (3 / 6, 3, 6)),
        ({"measure": "amount", "basis": "paid", "as_of": "2025-12-31"}, (60.5 / 410, 60.5, 410)),
        ({"measure": "amount", "basis": "refunded", "channel": "H2"}, (60.5 / 100, 60.5, 100)),
    ],
)
def test_refund_rate_by_measure_and_basis(
    orders: pd.DataFrame,
    returns: pd.DataFrame,
    items: pd.DataFrame,
    options: dict[str, object],
    expected: tuple[float, float, float],
) -> None:
    rate = ind.refund_rate(orders, DECEMBER, returns=returns, items=items, **options)
    assert rate == pytest.approx(expected)


def test_recent_cohorts_are_not_mature() -> None:
    assert not ind.is_mature(DECEMBER, "2025-12-31")
    assert ind.is_mature(month("2025-11"), "2025-12-31")


def test_change_against_the_previous_period(orders: pd.DataFrame) -> None:
    now, before, moved = ind.compare(ind.sales, orders, DECEMBER)
    assert (now.value, before.value) == (410, 80)
    assert moved == ((410 - 80) / 80, 330, 80)


def test_change_has_no_value_without_a_base(orders: pd.DataFrame) -> None:
    assert ind.compare(ind.sales, orders, month("2025-11")).change.value is None
    assert ind.change(ind.Indicator.total(5), ind.Indicator.ratio(0, 0)).value is None


def test_a_zero_denominator_has_no_value(orders: pd.DataFrame) -> None:
    quiet = month("2025-03")
    assert ind.sales(orders, quiet).value == 0
    for measure in (ind.spend_per_buyer, ind.spend_per_order, ind.repeat_rate, ind.new_share):
        assert measure(orders, quiet).value is None


def test_own_column_names_are_accepted(orders: pd.DataFrame) -> None:
    english = orders.rename(
        columns={"付款时间": "paid", "实付金额": "yuan", "客户编号": "who", "订单状态": "state"}
    )
    names = {"paid_at": "paid", "amount": "yuan", "customer_id": "who", "status": "state"}
    assert ind.spend_per_buyer(english, DECEMBER, **names) == ind.spend_per_buyer(orders, DECEMBER)


def test_platform_codes_count_like_the_words(orders: pd.DataFrame) -> None:
    coded = orders.replace(
        {"订单状态": {"交易成功": "TRADE_FINISHED", "等待付款": "WAIT_BUYER_PAY"}}
    )
    assert ind.sales(coded, DECEMBER) == ind.sales(orders, DECEMBER)


@CHECKED
@given(order_books(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(book: pd.DataFrame, random: object) -> None:
    mixed = book.sample(frac=1, random_state=random.randrange(2**32))  # type: ignore[attr-defined]
    window = last_days("2025-12-31", 90)
    for measure in (
        ind.sales, ind.buyers, ind.spend_per_buyer, ind.repeat_rate, ind.new_share,
        ind.repurchase_rate,
    ):  # fmt: skip
        assert measure(book, window) == measure(mixed, window)


@CHECKED
@given(order_books())
def test_periods_add_up(book: pd.DataFrame) -> None:
    halves = [last_days("2025-12-31", 200), last_days("2025-12-31", 200).previous()]
    parts = [paid_orders(book, w)["cents"].sum() for w in halves]
    assert sum(parts) == paid_orders(book, last_days("2025-12-31", 400))["cents"].sum()


@CHECKED
@given(order_books())
def test_rates_stay_between_zero_and_one(book: pd.DataFrame) -> None:
    window = last_days("2025-12-31", 180)
    rates = [
        ind.repeat_rate(book, window), ind.repeat_rate(book, window, variant="days"),
        ind.repeat_rate(book, window, variant="orders"), ind.repurchase_rate(book, window),
        ind.new_share(book, window), ind.new_repeat_rate(book, window),
    ]  # fmt: skip
    assert all(r.value is None or 0 <= r.value <= 1 for r in rates)
    by_day, by_order = rates[1].numerator, rates[0].numerator
    assert by_day <= by_order


@CHECKED
@given(
    order_books(), st.sampled_from(["buyers", "sales"]), st.sampled_from(list(ind.NEW_DEFINITIONS))
)
def test_new_and_old_add_to_one(book: pd.DataFrame, of: str, definition: str) -> None:
    window = last_days("2025-12-31", 60)
    new = ind.new_share(book, window, of=of, definition=definition)
    old = ind.old_share(book, window, of=of, definition=definition)
    if new.value is None:
        assert old.value is None
    else:
        assert new.value + (old.value or 0) == pytest.approx(1)


@CHECKED
@given(order_books())
def test_the_buyer_table_agrees_with_the_totals(book: pd.DataFrame) -> None:
    table = purchase_summary(book)
    assert len(table) == ind.buyers(book).value
    assert table["订单数"].sum() == ind.order_count(book).value
    assert table["累计金额"].sum() == pytest.approx(ind.sales(book).value)


def test_intended_mistakes_are_refused_in_chinese(
    orders: pd.DataFrame, returns: pd.DataFrame
) -> None:
    cases = [
        (lambda: ind.sales(orders.drop(columns="付款时间")), "订单表缺少列「付款时间」.*paid_at="),
        (lambda: ind.sales(orders, refunds="net"), "returns="),
        (lambda: ind.sales(orders, refunds="毛额"), '"gross"、"net"'),
        (lambda: ind.sales(orders, sinceday=3), "不认识参数 sinceday"),
        (lambda: ind.repeat_rate(orders, variant="人"), "参数 variant"),
        (
            lambda: ind.sales(orders.assign(实付金额="很多")),
            "「实付金额」第 1、2、3 行等 8 行不是数",
        ),
        (lambda: ind.sales(orders.assign(付款时间="昨天")), "「付款时间」.*不是日期"),
        (lambda: ind.sales(orders.assign(客户编号=None)), "「客户编号」.*是空的"),
        (lambda: ind.sales(pd.concat([orders, orders])), "「订单编号」有重复"),
        (lambda: ind.sales([1, 2]), "要给一张表"),
        (lambda: ind.refund_rate(orders, DECEMBER, returns=returns, measure="lines"), "items="),
        (lambda: ind.sales(orders, as_of="去年"), "要是日期"),
    ]
    for call, said in cases:
        with pytest.raises(AnalyticsError, match=said):
            call()
