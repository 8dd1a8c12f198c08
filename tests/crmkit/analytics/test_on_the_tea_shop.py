"""The indicators against a second computation: plain Python over the shop's raw CSV files."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from crmkit import shops
from crmkit.analytics import breakdowns, indicators, rfm, value
from crmkit.analytics.window import last_days, month

PAID = {
    "WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS",
    "TRADE_FINISHED", "TRADE_CLOSED",
}  # fmt: skip


def rows(table: str) -> list[dict[str, Any]]:
    path = shops.root() / "tea" / "tables" / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def raw() -> list[dict[str, Any]]:
    """The paid orders: id, customer, day, channel, amount in fen."""
    return [
        {
            "id": o["order_id"],
            "who": o["customer_id"],
            "day": dt.date.fromisoformat(o["paid_at"][:10]),
            "channel": o["channel_id"],
            "fen": round(float(o["amount"]) * 100),
        }
        for o in rows("orders")
        if o["status"] in PAID and o["paid_at"]
    ]


@pytest.fixture(scope="module")
def tea() -> shops.Shop:
    return shops.load("tea")


def inside(raw: Iterable[dict[str, Any]], first: str, last: str) -> list[dict[str, Any]]:
    low, high = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return [o for o in raw if low <= o["day"] <= high]


def test_the_year_ends_on_the_as_of_day() -> None:
    assert shops.as_of() == dt.date(2025, 12, 31)
    assert last_days(shops.as_of(), 30).start == dt.date(2025, 12, 2)


def test_sales_buyers_and_value_per_buyer(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    november = inside(raw, "2025-11-01", "2025-11-30")
    window = month("2025-11")
    fen, people = sum(o["fen"] for o in november), len({o["who"] for o in november})
    assert indicators.sales(tea.orders, window).value == fen / 100
    assert indicators.order_count(tea.orders, window).value == len(november)
    assert indicators.spend_per_buyer(tea.orders, window) == (fen / 100 / people, fen / 100, people)


def test_change_against_october(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    now = sum(o["fen"] for o in inside(raw, "2025-11-01", "2025-11-30"))
    before = sum(o["fen"] for o in inside(raw, "2025-10-01", "2025-10-31"))
    moved = indicators.compare(indicators.sales, tea.orders, month("2025-11")).change
    assert moved.value == pytest.approx(now / before - 1)


def test_repeat_and_repurchase(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    last, before = (
        inside(raw, *d) for d in (("2025-10-03", "2025-12-31"), ("2025-07-05", "2025-10-02"))
    )
    window = last_days("2025-12-31", 90)
    counts = Counter(o["who"] for o in last)
    days = Counter(who for who, _ in {(o["who"], o["day"]) for o in last})
    twice = sum(n >= 2 for n in counts.values())
    assert indicators.repeat_rate(tea.orders, window) == (twice / len(counts), twice, len(counts))
    by_day = indicators.repeat_rate(tea.orders, window, variant="days")
    assert by_day.numerator == sum(n >= 2 for n in days.values())
    by_order = indicators.repeat_rate(tea.orders, window, variant="orders")
    assert by_order.numerator == sum(n - 1 for n in counts.values())
    earlier = {o["who"] for o in before}
    again = indicators.repurchase_rate(tea.orders, window)
    assert again == (
        len(earlier & set(counts)) / len(earlier),
        len(earlier & set(counts)),
        len(earlier),
    )


def test_new_buyers_by_both_definitions(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    window, start = month("2025-12"), dt.date(2025, 12, 1)
    now = {o["who"] for o in inside(raw, "2025-12-01", "2025-12-31")}
    ever = {o["who"] for o in raw if o["day"] < start}
    year = {o["who"] for o in raw if start - dt.timedelta(days=365) <= o["day"] < start}
    assert indicators.new_share(tea.orders, window).numerator == len(now - ever)
    by_year = indicators.new_share(tea.orders, window, definition="365_days")
    assert by_year.numerator == len(now - year)


def test_refunds_of_a_cohort_and_of_a_month(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    done = [
        r for r in rows("returns") if r["status"] == "SUCCESS" and r["kind"] in ("退货", "仅退款")
    ]
    sold = {o["id"]: o["fen"] for o in inside(raw, "2025-11-01", "2025-11-30")}
    cohort = sum(round(float(r["amount"]) * 100) for r in done if r["order_id"] in sold)
    in_month = sum(
        round(float(r["amount"]) * 100) for r in done if r["finished_at"].startswith("2025-11")
    )
    options = {"returns": tea.returns, "items": tea.order_items}
    window, total = month("2025-11"), sum(sold.values())
    paid = indicators.refund_rate(tea.orders, window, basis="paid", **options)
    assert paid.value == pytest.approx(cohort / total)
    refunded = indicators.refund_rate(tea.orders, window, basis="refunded", **options)
    assert refunded.value == pytest.approx(in_month / total)
    lines = sum(i["order_id"] in sold for i in rows("order_items"))
    counted = indicators.refund_rate(tea.orders, window, measure="lines", **options)
    back = {(r["order_id"], r["sku"]) for r in done if r["order_id"] in sold}
    assert counted == (len(back) / lines, len(back), lines)
    net = indicators.sales(tea.orders, window, refunds="net", returns=tea.returns)
    everything = sum(
        round(float(r["amount"]) * 100)
        for r in rows("returns")
        if r["status"] == "SUCCESS" and r["order_id"] in sold
    )
    assert net.value == pytest.approx((total - everything) / 100)


def test_trend_and_channels(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    table = breakdowns.trend(tea.orders, shops.as_of(), bins=4, days=7)
    last_week = inside(raw, "2025-12-25", "2025-12-31")
    assert table["支付金额"].iloc[-1] == sum(o["fen"] for o in last_week) / 100
    by_channel: dict[str, int] = defaultdict(int)
    for o in inside(raw, "2025-12-01", "2025-12-31"):
        by_channel[o["channel"]] += o["fen"]
    cut = breakdowns.by_channel(tea.orders, month("2025-12"), channels=tea.channels)
    assert len(cut) == len(tea.channels)
    assert cut.set_index("渠道编号")["支付金额"].to_dict() == pytest.approx(
        {c: by_channel.get(c, 0) / 100 for c in tea.channels["渠道编号"]}
    )


def test_provinces_products_and_purchase_counts(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    home = {c["customer_id"]: c["province"] or "未知" for c in rows("customers")}
    year = inside(raw, "2025-01-01", "2025-12-31")
    by_home: dict[str, int] = defaultdict(int)
    for o in year:
        by_home[home[o["who"]]] += o["fen"]
    window = last_days("2025-12-31", 365)
    provinces = breakdowns.by_province(tea.orders, tea.customers, window)
    assert provinces.set_index("省份")["支付金额"].to_dict() == pytest.approx(
        {p: fen / 100 for p, fen in by_home.items()}
    )
    sold, pieces = {o["id"] for o in year}, Counter[str]()
    for i in rows("order_items"):
        if i["order_id"] in sold:
            pieces[i["sku"]] += int(i["qty"])
    best = breakdowns.best_products(tea.orders, tea.order_items, window, by="数量", n=5)
    expected = sorted(pieces.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
    assert list(zip(best["商品编码"], best["数量"], strict=True)) == expected
    counts = Counter(Counter(o["who"] for o in year).values())
    buckets = [counts[1], counts[2], sum(counts[n] for n in (3, 4, 5))]
    table = breakdowns.frequency_distribution(tea.orders, window)
    assert table["买家数"].tolist()[:3] == buckets


def test_rfm_and_pyramid(tea: shops.Shop, raw: list[dict[str, Any]]) -> None:
    money: dict[str, int] = defaultdict(int)
    for o in raw:
        money[o["who"]] += o["fen"]
    last = {o["who"]: o["day"] for o in sorted(raw, key=lambda o: o["day"])}
    table = rfm.rfm_table(tea.orders, shops.as_of())
    assert table["客户编号"].tolist() == sorted(money)
    amounts = sorted(money.values())
    someone = table.iloc[len(table) // 2]
    worse = sum(v < money[someone["客户编号"]] for v in amounts)
    assert someone["M"] == 1 + 5 * worse // len(amounts)
    assert someone["最近购买天数"] == (dt.date(2025, 12, 31) - last[someone["客户编号"]]).days
    ranked = sorted(money, key=lambda who: (-money[who], who))
    n = len(ranked)
    tiers = value.pyramid_tiers(table)
    top = table.loc[tiers == "重要客户", "客户编号"]
    assert set(top) == set(ranked[: math.ceil(n / 100)])
    share = value.top_share(table).value
    assert share == pytest.approx(sum(amounts[-math.ceil(n / 5) :]) / sum(amounts))
