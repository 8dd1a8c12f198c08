"""渠道关系: every number against plain pandas, dormant channels, refusals, log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import shops
from crmkit.analytics.indicators import refund_rate
from crmkit.analytics.window import between
from crmkit.crm import Session, errors
from crmkit.crm.figures import channel_figures
from crmkit.crm.figures.facts import Facts
from crmkit.crm.figures.scope import Scope
from tests.crmkit.crm.conftest import STUDENT
from tests.crmkit.crm.order_books import random_shops
from tests.crmkit.crm.plain_pandas import Plain
from tests.crmkit.crm.test_analysis import CHECKED, SHOPS, both, pair, rate
from tests.crmkit.crm.test_log import last

VIEWS: list[dict[str, Any]] = [
    {},
    {"start": "2025-06-01", "end": "2025-11-30"},
    {"start": "2025-05-15", "end": "2025-12-31", "refunds": "net"},
]


def check(scope: Scope, plain: Plain) -> None:
    sales = channel_figures.sales(scope, 6).table.set_index("渠道编号")
    sold, r = plain.sold(), plain.known_returns()
    back = r.groupby("订单编号")["退款金额"].sum()
    values = channel_figures.order_value(scope).table.set_index("渠道编号")
    for channel, row in sales.iterrows():
        mine = sold[sold["渠道编号"] == channel]
        assert (row["订单数"], row["买家数"]) == (len(mine), mine["客户编号"].nunique())
        assert row["支付金额"] == pytest.approx(mine["分"].sum() / 100)
        refunds = mine["订单编号"].map(back).sum()
        assert row["退款金额"] == pytest.approx(refunds)
        assert row["净额"] == pytest.approx(row["支付金额"] - refunds)
        paid = plain.paid[plain.paid["渠道编号"] == channel]
        buyers = paid["客户编号"].nunique()
        assert values.loc[channel, "支付金额"] == pytest.approx(paid["分"].sum() / 100)
        if buyers:
            wanted = paid["分"].sum() / 100 / buyers
            assert values.loc[channel, "客单价"] == pytest.approx(wanted)

    for new_to in ("shop", "channel"):
        start = plain.start or plain.months(12)[0] + "-01"
        end = plain.end or "2025-12-31"
        for definition in ("first_ever", "365_days"):
            table = channel_figures.new_customers(scope, definition, new_to, 12).table
            table = table.set_index("渠道编号")
            for channel, row in table.iterrows():
                ever = (
                    plain.ever
                    if new_to == "shop"
                    else plain.ever[plain.ever["渠道编号"] == channel]
                )
                own = plain.cut(plain.ever[plain.ever["渠道编号"] == channel], start, end)
                for name, value in plain.split(own, plain.old(start, definition, ever)).items():
                    assert row[name] == pytest.approx(value, nan_ok=True), name
    old = channel_figures.old_customers(scope, "first_ever", "shop", 12).table.set_index("渠道编号")
    times = plain.paid.groupby(["渠道编号", "客户编号"]).size()
    repeat = times[times >= 2].groupby("渠道编号").size()
    assert old["复购买家"].to_dict() == repeat.reindex(old.index).fillna(0).to_dict()


def check_returns(scope: Scope, plain: Plain) -> None:
    """The four figures against plain pandas, and against `indicators.refund_rate` on frames."""
    sold, r = plain.sold(), plain.known_returns()
    ever = Plain(plain.customers, plain.orders, plain.items, plain.returns).ever
    lines = plain.items[plain.items["订单编号"].isin(sold["订单编号"])]
    window = between(plain.start, plain.end) if plain.start else None
    for rate_, kinds in (("return", ["退货"]), ("refund", ["退货", "仅退款"])):
        found = channel_figures.return_rate(scope, rate_, 3)
        name = "退货率" if rate_ == "return" else "退款率"
        mine = r[r["类型"].isin(kinds)]
        for basis, words in (("paid", "按付款日"), ("refunded", "按退款日")):
            back = mine[mine["订单编号"].isin(sold["订单编号"])]
            if basis == "refunded" and plain.start:
                back = mine[mine["订单编号"].isin(ever["订单编号"])]
                day = back["完成时间"].dt.normalize()
                back = back[(day >= plain.start) & (day <= plain.end)]
            by_lines, by_amount = f"{name}（行，{words}）", f"{name}（金额，{words}）"
            count = len(back.drop_duplicates(["订单编号", "商品编码"]))
            assert rate(found, by_lines) == (count, len(lines))
            assert rate(found, by_amount) == (
                pytest.approx(back["退款金额"].sum()), pytest.approx(sold["分"].sum() / 100),
            )  # fmt: skip
            of = back.merge(plain.orders[["订单编号", "渠道编号"]], on="订单编号")
            money = of.groupby("渠道编号")["退款金额"].sum()
            table = found.table.set_index("渠道编号")[f"退款金额（{words}）"]
            np.testing.assert_allclose(table, money.reindex(table.index).fillna(0))
            for measure, label in (("lines", by_lines), ("amount", by_amount)):
                frames = refund_rate(
                    plain.orders, window, measure=measure, basis=basis, kinds=kinds,
                    items=plain.items, returns=plain.returns, as_of=shops.as_of(),
                )  # fmt: skip
                assert found[label].value == pytest.approx(frames.value)


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_every_number_equals_a_recount(shop: str, view: dict[str, Any]) -> None:
    scope, plain = pair(shop, STUDENT, view)
    check(scope, plain)
    check_returns(scope, plain)


@CHECKED
@given(random_shops(), st.sampled_from(VIEWS[1:]))
def test_every_number_of_a_random_shop_equals_a_recount(
    frames: dict[str, pd.DataFrame], view: dict[str, Any]
) -> None:
    scope, plain = both(Facts.of_frames(**frames), frames, view)
    check(scope, plain)
    check_returns(scope, plain)


def test_recent_cohorts_are_marked_as_immature() -> None:
    scope, _ = pair("tea", STUDENT, {})
    months = channel_figures.return_rate(scope, "return", 3).tables["逐月"]
    # 25 days (10 to confirm + 15 after sale) after 30 November is 25 December
    assert months.set_index("月份")["成熟"].to_dict() == {
        "2025-10": True, "2025-11": True, "2025-12": False,
    }  # fmt: skip


def test_the_mean_of_the_channels_order_prices_is_the_shop_s() -> None:
    scope, plain = pair("ceramics", STUDENT, {})
    found = channel_figures.order_value(scope)
    mean = np.average(found.table["笔单价"].fillna(0), weights=found.table["订单数"])
    assert mean == pytest.approx(found["笔单价"].value)
    assert rate(found, "客单价")[1] == plain.paid["客户编号"].nunique()


# --- through the session --------------------------------------------------------------------------
@pytest.mark.parametrize("shop", SHOPS)
def test_dormant_channels_are_open_and_silent_for_90_days(
    work_in: Callable[..., Session], shop: str
) -> None:
    crm = work_in(shop)
    sql = """SELECT c.channel_id, max(o.paid_at) FROM channels c LEFT JOIN orders o
        ON o.channel_id = c.channel_id AND o.paid_at IS NOT NULL
        AND o.status NOT IN ('WAIT_BUYER_PAY', 'TRADE_CLOSED_BY_TAOBAO')
        WHERE c.status = 'open' GROUP BY c.channel_id"""
    with crm.store.reading() as connection:
        newest = dict(connection.exec_driver_sql(sql).all())
    asleep = {c: at for c, at in newest.items() if at < "2025-10-02"}
    table = crm.channels.dormant().table.set_index("渠道编号")
    assert set(table.index) == set(asleep) == {shops.planted(shop)["dormant_channel"]}
    for channel, at in asleep.items():
        day = pd.Timestamp(at).normalize()
        assert table.loc[channel, "沉睡天数"] == (pd.Timestamp("2025-12-31") - day).days
        cut = shops.variant(shop, STUDENT, "O1")
        plain = Plain(cut.customers, cut.orders, cut.order_items, cut.returns)
        year = plain.ever[(plain.ever["渠道编号"] == channel)
                          & (plain.ever["日"] > day - pd.DateOffset(years=1))]  # fmt: skip
        assert table.loc[channel, "最后12个月金额"] == pytest.approx(year["分"].sum() / 100)


def test_a_dormant_channel_is_marked_then_closed(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea")
    ids = crm.channels.dormant().table["渠道编号"].tolist()
    assert crm.channels.settle_dormant(ids, "mark", note="等春茶上市") == len(ids)
    listed = crm.channels.list().set_index("渠道编号")
    assert (listed.loc[ids, "备注"] == "等春茶上市").all()
    crm.channels.settle_dormant(ids, "close")
    assert (crm.channels.list().set_index("渠道编号").loc[ids, "渠道状态"] == "已关闭").all()
    row = last(crm)
    assert row["outcome"] == "查看"
    assert crm.channels.dormant().table.empty
    with pytest.raises(errors.InvalidInput, match="不是休眠渠道"):
        crm.channels.settle_dormant(["T01"], "close")
    assert (last(crm)["function"], last(crm)["outcome"]) == ("休眠渠道", "拒绝")
    crm.verify()


def test_the_platform_s_fee_is_taken_from_the_net_amount(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea")
    crm.channels.update("T01", fee_rate=0.05)
    row = crm.channels.sales().table.set_index("渠道编号").loc["T01"]
    assert row["平台费"] == pytest.approx(round(row["净额"] * 0.05, 2), abs=0.01)
    assert row["扣费后"] == pytest.approx(row["净额"] - row["平台费"])


@pytest.mark.parametrize(
    "method",
    ["list", "dormant", "sales", "return_rate", "new_customers", "old_customers", "order_value"],
)
def test_who_may_and_who_may_not(work_in: Callable[..., Session], method: str) -> None:
    crm = work_in("electronics", "数据分析")
    getattr(crm.channels, method)()
    assert (last(crm)["module"], last(crm)["outcome"]) == ("渠道关系", "查看")
    crm.login("客服")
    with pytest.raises(errors.PermissionDenied):
        getattr(crm.channels, method)()
    assert last(crm)["outcome"] == "拒绝"
    crm.login("营销")
    with pytest.raises(errors.PermissionDenied):
        crm.channels.settle_dormant(["D01"], "close")


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda c: c.dormant(days=0), "days"),
        (lambda c: c.return_rate(rate="x"), "rate"),
        (lambda c: c.new_customers(new_to="x"), "new_to"),
        (lambda c: c.old_customers(definition="x"), "definition"),
        (lambda c: c.sales(months=0), "months"),
        (lambda c: c.settle_dormant(["T07"], "x"), "action"),
        (lambda c: c.settle_dormant([], "mark"), "channel_ids"),
    ],
)
def test_a_wrong_parameter_is_named(
    work_in: Callable[..., Session], call: Callable[[Any], object], field: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        call(work_in("tea").channels)
    assert field in refused.value.fields
