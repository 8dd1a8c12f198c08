"""The figures of the tea board against pandas on the raw tables; how the widget reacts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crmkit.ui
from crmkit import shops
from crmkit.ui import dashboard
from crmkit.ui.dashboard import Dashboard, DashboardError, board

VALID = {
    "WAIT_SELLER_SEND_GOODS",
    "SELLER_CONSIGNED_PART",
    "WAIT_BUYER_CONFIRM_GOODS",
    "TRADE_FINISHED",
    "TRADE_CLOSED",
}
# First and last day of the period and of the one before, as of 2025-12-31.
SPANS = {
    "30d": (("2025-12-02", "2025-12-31"), ("2025-11-02", "2025-12-01")),
    "13w": (("2025-10-02", "2025-12-31"), ("2025-07-03", "2025-10-01")),
    "12m": (("2025-01-01", "2025-12-31"), ("2024-01-01", "2024-12-31")),
}


def raw(table: str) -> pd.DataFrame:
    path = shops.root() / "tea" / "tables" / f"{table}.csv"
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"order_id": str})


@pytest.fixture(scope="module")
def sold() -> pd.DataFrame:
    """Every paid, valid order of the tea shop."""
    orders = raw("orders")
    orders["paid_at"] = pd.to_datetime(orders["paid_at"])
    return orders[orders["status"].isin(VALID) & orders["paid_at"].notna()]


def within(times: pd.Series, span: tuple[str, str]) -> pd.Series:
    first, last = pd.Timestamp(span[0]), pd.Timestamp(span[1]) + pd.Timedelta(days=1)
    return (times >= first) & (times < last)


def expected(sold: pd.DataFrame, span: tuple[str, str], channel: str) -> dict[str, float]:
    scope = sold[sold["channel_id"] == channel] if channel else sold
    now = scope[within(scope["paid_at"], span)]
    returns = raw("returns")
    done = returns[
        (returns["status"] == "SUCCESS")
        & returns["kind"].isin(["退货", "仅退款"])
        & within(pd.to_datetime(returns["finished_at"]), span)
        & returns["order_id"].isin(scope["order_id"])
    ]
    sales, times = now["amount"].sum(), now["customer_id"].value_counts()
    return {
        "sales": sales,
        "orders": len(now),
        "spend": sales / len(times),
        "buyers": len(times),
        "repeat": (times >= 2).mean(),
        "refund": done["amount"].sum() / sales,
    }


@pytest.mark.parametrize("channel", ["", "T03"])
@pytest.mark.parametrize("period", SPANS)
def test_cards_show_what_pandas_computes(sold: pd.DataFrame, period: str, channel: str) -> None:
    span, earlier = SPANS[period]
    now, before = expected(sold, span, channel), expected(sold, earlier, channel)
    cards = {card["id"]: card for card in board("tea", period, channel)["kpis"]}
    assert list(cards) == list(now)
    for name, card in cards.items():
        assert card["value"] == pytest.approx(now[name]), name
        points = name in ("repeat", "refund")
        change = now[name] - before[name] if points else now[name] / before[name] - 1
        assert card["change"] == pytest.approx(change), name
        assert card["change_unit"] == ("points" if points else "ratio")


def test_only_the_refund_rate_is_better_when_it_falls() -> None:
    good = {card["id"]: card["good"] for card in board("tea")["kpis"]}
    assert {name for name, way in good.items() if way == "down"} == {"refund"}


@pytest.mark.parametrize(("period", "bins"), [("30d", 30), ("13w", 13), ("12m", 12)])
def test_trend_has_only_whole_bins_and_adds_up_to_the_cards(period: str, bins: int) -> None:
    shown = board("tea", period)
    cards = {card["id"]: card["value"] for card in shown["kpis"]}
    assert len(shown["trend"]) == bins
    assert sum(row["sales"] for row in shown["trend"]) == pytest.approx(cards["sales"])
    assert sum(row["orders"] for row in shown["trend"]) == cards["orders"]


def test_panels_show_what_pandas_computes(sold: pd.DataFrame) -> None:
    shown = board("tea", "13w", "T01")
    span = SPANS["13w"][0]
    quarter = sold[within(sold["paid_at"], span)]
    now = quarter[quarter["channel_id"] == "T01"]

    by_channel = quarter.groupby("channel_id")["amount"].sum()
    channels = {row["id"]: row["sales"] for row in shown["channels"]}
    assert set(channels) == set(raw("channels")["channel_id"])  # also those that sold nothing
    for name, sales in channels.items():
        assert sales == pytest.approx(by_channel.get(name, 0))

    home = now["customer_id"].map(raw("customers").set_index("customer_id")["province"])
    by_province = now["amount"].groupby(home.fillna("未知")).sum()
    assert {r["name"]: r["sales"] for r in shown["regions"]} == pytest.approx(dict(by_province))

    lines = raw("order_items")
    lines = lines[lines["order_id"].isin(now["order_id"])]
    by_sku = (lines["qty"] * lines["unit_price"]).groupby(lines["sku"]).sum()
    best = by_sku.sort_values(ascending=False).head(len(shown["products"]))
    assert [row["sales"] for row in shown["products"]] == pytest.approx(list(best))

    times = now["customer_id"].value_counts()
    counts = [(times == 1).sum(), (times == 2).sum(), times.between(3, 5).sum(), (times > 5).sum()]
    assert [row["buyers"] for row in shown["frequency"]] == counts


def test_a_channel_without_orders_shows_no_value_instead_of_nothing_percent() -> None:
    shown = board("tea", "30d", "T08")  # closed
    cards = {card["id"]: card for card in shown["kpis"]}
    assert cards["sales"]["value"] == 0
    for name in ("spend", "repeat", "refund"):
        assert cards[name]["value"] is None
        assert cards[name]["change"] is None
    assert sum(row["buyers"] for row in shown["frequency"]) == 0


def test_nothing_is_compared_with_a_time_before_the_shop_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half_way = pd.Timestamp("2024-12-31").date()
    monkeypatch.setattr(shops, "as_of", lambda: half_way)
    assert [card["change"] for card in board("tea", "12m")["kpis"]] == [None] * 6


@pytest.mark.parametrize("channel", ["", "T01", "T08"])
@pytest.mark.parametrize("period", SPANS)
def test_everything_sent_is_plain_json(period: str, channel: str) -> None:
    shown = board("tea", period, channel)
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_what_a_reader_does_with_the_figures_is_not_seen_by_the_next() -> None:
    first = board("tea")
    first["kpis"][0]["value"] = -1
    assert board("tea")["kpis"][0]["value"] > 0


def test_choice_that_does_not_exist_is_named() -> None:
    with pytest.raises(DashboardError, match="时段“一周”.*30d、13w、12m"):
        board("tea", "一周")
    with pytest.raises(DashboardError, match="没有渠道“T99”"):
        board("tea", "13w", "T99")
    with pytest.raises(DashboardError, match="没有店铺“coffee”.*清溪茶叶"):
        Dashboard(shop="coffee")


def test_every_province_of_the_data_has_its_tile() -> None:
    source = Path(crmkit.ui.__file__).parent / "js" / "src" / "lib" / "tiles.js"
    places = re.search(r"PLACES = \{(.*?)\};", source.read_text(encoding="utf-8"), re.DOTALL)
    assert places is not None
    tiles = re.findall(r"(\w+): \[(\d), (\d)\]", places[1])
    names = {name for name, _, _ in tiles}
    assert len(tiles) == len(names) == 34
    assert len({(x, y) for _, x, y in tiles}) == 34  # no two in one place
    for shop in dashboard.available_shops():
        provinces = set(shops.load(shop).customers["省份"].dropna().map(dashboard.short_area))
        assert provinces <= names


def test_widget_follows_its_filters() -> None:
    widget = Dashboard(shop="tea", period="30d")
    assert widget.data == board("tea", "30d", "")
    widget.period = "12m"
    widget.channel = "T02"
    assert widget.data == board("tea", "12m", "T02")


def test_another_shop_starts_with_all_its_channels() -> None:
    known = dashboard.available_shops()
    widget = Dashboard(shop="tea", shops=tuple(known), channel="T02")
    assert [entry["value"] for entry in widget.options["shops"]] == list(known)
    other = [name for name in known if name != "tea"][0]
    widget.shop = other
    assert widget.channel == ""
    assert widget.data == board(other, "13w", "")


def test_shops_without_data_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "available_shops", lambda: {"tea": "清溪茶叶"})
    options: dict[str, Any] = Dashboard(shops=("tea", "ceramics")).options
    assert [entry["value"] for entry in options["shops"]] == ["tea"]


def test_every_card_and_every_rule_is_defined_on_the_page() -> None:
    terms = [term for term, _ in Dashboard().options["definitions"]]
    assert terms[:6] == [kpi.label for kpi in dashboard.KPIS]
    assert {"有效订单", "时间", "较上期", "地域"} <= set(terms)
