"""The tables agree with each other and with the rules they are documented to follow."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from crmkit import shops
from crmkit.settings import settings

END = pd.Timestamp("2026-01-01")
MOBILE = re.compile(r"1(?:3\d|4[57]|5[0-35-9]|6[2567]|7[0-35-8]|8\d|9[0-35-9])\d{8}")


@pytest.fixture(params=tuple(shops.TITLES))
def shop(request: pytest.FixtureRequest) -> shops.Shop:
    return shops.load(request.param)


def fen(yuan: pd.Series) -> pd.Series:
    return (yuan * 100).round().astype("int64")


def test_the_shop_is_of_the_agreed_size(shop: shops.Shop) -> None:
    assert 2700 <= len(shop.customers) <= 3400
    assert 7000 <= len(shop.orders) <= 10000


def test_amounts_add_up_to_the_fen_but_for_the_three_planted(shop: shops.Shop) -> None:
    lines = shop.order_items.assign(goods=lambda d: fen(d["单价"]) * d["数量"])
    goods = lines.groupby("订单编号")["goods"].sum()
    orders = shop.orders.set_index("订单编号")
    due = goods - fen(orders["优惠金额"]) + fen(orders["运费"])
    error = (fen(orders["实付金额"]) - due)[lambda e: e != 0]
    planted = shops.planted(shop.name)["amount_mismatch"]
    assert error.to_dict() == {m["order_id"]: m["error_fen"] for m in planted}
    assert len(planted) == 3


def test_every_order_has_lines_of_products_on_sale(shop: shops.Shop) -> None:
    assert set(shop.order_items["订单编号"]) == set(shop.orders["订单编号"])
    assert (shop.order_items["数量"] >= 1).all()
    joined = shop.order_items.merge(shop.orders, on="订单编号").merge(shop.products, on="商品编码")
    assert (joined["单价"] == joined["价格"]).all()
    assert (joined["下单时间"] >= joined["上架日期"]).all()


def test_discounts_and_freight_are_sensible(shop: shops.Shop) -> None:
    orders = shop.orders
    assert (orders["优惠金额"] >= 0).all() and (orders["运费"] >= 0).all()
    assert (orders["实付金额"] > 0).all()
    assert 0.3 < (orders["优惠金额"] > 0).mean() < 0.6


def test_order_numbers_follow_time_and_have_18_digits(shop: shops.Shop) -> None:
    orders = shop.orders
    assert orders["订单编号"].str.fullmatch(r"\d{18}").all()
    assert orders["下单时间"].is_monotonic_increasing
    assert orders["订单编号"].str[:9].is_monotonic_increasing


def test_states_are_legal_for_their_times(shop: shops.Shop) -> None:
    rules = settings()["orders"]
    illegal = shops.planted(shop.name)["illegal_transition"]
    o = shop.orders[lambda d: d["订单编号"] != illegal].set_index("订单状态")
    made, paid, sent, got = (o[c] for c in ("下单时间", "付款时间", "发货时间", "收货时间"))
    unpaid = o.index.isin(["等待付款", "未付款关闭"])
    assert (paid.isna() == unpaid).all()
    assert (paid >= made)[~unpaid].all()
    assert ((paid - made) <= pd.Timedelta(hours=rules["auto_close_hours"]))[~unpaid].all()
    assert sent[unpaid].isna().all() and sent["待发货"].isna().all()
    for state in ("部分发货", "已发货", "交易成功"):
        assert (sent[state] >= paid[state]).all()
    assert (got.notna() == (o.index == "交易成功")).all()
    finished = (got - sent)["交易成功"]
    assert finished.between(pd.Timedelta(0), pd.Timedelta(days=rules["auto_confirm_days"])).all()
    assert (END - made["等待付款"] < pd.Timedelta(hours=rules["auto_close_hours"])).all()
    assert (o["关闭原因"].notna() == o.index.isin(["退款关闭", "未付款关闭"])).all()
    for times in (made, paid, sent, got):
        assert (times.dropna() < END).all()


def test_the_mix_of_states_is_that_of_a_living_shop(shop: shops.Shop) -> None:
    share = shop.orders["订单状态"].value_counts(normalize=True)
    assert share["交易成功"] > 0.85
    assert 0.03 < share["未付款关闭"] < 0.08
    counts = shop.orders["订单状态"].value_counts()
    assert counts["等待付款"] >= 10 and counts["待发货"] >= 6 and counts["部分发货"] >= 3
    assert counts["已发货"] >= 30
    waits = shop.orders.loc[lambda d: d["订单状态"] == "已发货", "发货时间"]
    assert (END - waits > pd.Timedelta(days=5)).sum() >= 8


def test_returns_fit_their_orders(shop: shops.Shop) -> None:
    rules = settings()["orders"]
    r = shop.returns.merge(shop.orders, on="订单编号", suffixes=("", "_单"))
    lines = shop.order_items.assign(行=lambda d: d["单价"] * d["数量"])
    r = r.merge(lines, on=["订单编号", "商品编码"], how="left")
    assert r["行"].notna().all()
    goods = r["订单编号"].map(lines.groupby("订单编号")["行"].sum())
    # a refund is at most what was paid for the line: pro rata, a few fen of remainder
    assert (r["退款金额"] <= r["实付金额"] * r["行"] / goods + 0.2).all()
    assert (r.loc[r["类型"] == "换货", "退款金额"] == 0).all()
    assert (r["申请时间"] >= r["付款时间"]).all()
    after = r["收货时间"].notna()
    assert (
        (r["申请时间"] - r["收货时间"])[after]
        .between(pd.Timedelta(0), pd.Timedelta(days=rules["aftersale_days"]))
        .all()
    )
    done = r["完成时间"].notna()
    assert (done == r["退换状态"].isin(["退款成功", "退款关闭"])).all()
    assert (r["完成时间"] >= r["申请时间"])[done].all()
    assert not shop.returns.duplicated(["订单编号", "商品编码"]).any()


def test_an_order_is_closed_exactly_when_all_was_refunded_before_the_end(shop: shops.Shop) -> None:
    done = shop.returns[(shop.returns["退换状态"] == "退款成功") & (shop.returns["类型"] != "换货")]
    refunded = done.groupby("订单编号")["商品编码"].nunique()
    lines = shop.order_items.groupby("订单编号")["商品编码"].nunique()
    whole = set(refunded[refunded == lines.reindex(refunded.index)].index)
    closed = shop.orders[shop.orders["订单状态"] == "退款关闭"]
    assert set(closed["订单编号"]) <= whole
    open_ = shop.orders[shop.orders["订单状态"].isin(["待发货", "部分发货", "已发货"])]
    assert not whole & set(open_["订单编号"])
    paid_back = done.groupby("订单编号")["退款金额"].sum()
    for number, amount in zip(closed["订单编号"], closed["实付金额"], strict=True):
        assert paid_back[number] == pytest.approx(amount, abs=0.004)


def test_trade_status_and_level_follow_the_valid_orders(shop: shops.Shop) -> None:
    total = shops.valid_orders(shop.orders).groupby("客户编号")["实付金额"].sum()
    customers = shop.customers.set_index("客户编号")
    assert set(total.index) == set(customers.index[customers["交易状态"] == "已成交"])
    rank = customers["会员等级"].map(
        {"店铺客户": 0, "普通会员": 1, "高级会员": 2, "VIP会员": 3, "至尊VIP": 4}
    )
    assert rank.notna().all()
    ordered = rank.loc[total.sort_values().index]
    assert ordered.is_monotonic_increasing
    assert (rank[customers["交易状态"] == "未成交"] == 0).all()


def test_people_are_well_formed(shop: shops.Shop) -> None:
    c = shop.customers
    assert c["客户编号"].str.fullmatch(r"C\d{6}").all()
    assert c["手机"].map(lambda m: bool(MOBILE.fullmatch(m))).all() and c["手机"].is_unique
    assert c["昵称"].is_unique
    assert set(c["性别"].dropna()) == {"男", "女"} and 0.03 < c["性别"].isna().mean() < 0.15
    assert c["来源"].isna().any()
    assert c["省份"].nunique() == 34
    assert c["姓名"].str.contains("[喆堃玥]").any()
    ages = (pd.Timestamp(shops.as_of()) - c["生日"]).dt.days / 365.25
    assert ages.dropna().between(15, 80).all()
    first = shop.orders.groupby("客户编号")["下单时间"].min()
    registered = c.set_index("客户编号")["注册日期"].reindex(first.index)
    assert (registered <= first).all()


def test_cities_belong_to_their_provinces(shop: shops.Shop) -> None:
    from datasets.generate import regions

    known = {(name, city.name) for name, cities in regions.provinces().items() for city in cities}
    assert len(regions.provinces()) == 34
    assert set(zip(shop.customers["省份"], shop.customers["城市"], strict=True)) <= known


def test_contacts_reviews_and_answers_come_after_their_cause(shop: shops.Shop) -> None:
    orders = shop.orders.set_index("订单编号")
    got = shop.reviews["订单编号"].map(orders["收货时间"])
    assert (shop.reviews["评价时间"] > got).all()
    assert (shop.reviews["评价时间"] - got <= pd.Timedelta(days=15)).all()
    replied = shop.reviews["回复时间"].dropna()
    assert (replied > shop.reviews.loc[replied.index, "评价时间"]).all()
    linked = shop.interactions.dropna(subset="订单编号")
    assert (linked["时间"] >= linked["订单编号"].map(orders["下单时间"])).all()
    assert (linked["客户编号"] == linked["订单编号"].map(orders["客户编号"])).all()
    out = shop.interactions.loc[shop.interactions["类型"] == "呼出", "时间"].dt.hour
    assert out.between(9, 20).all()
    for frame, column in (
        (shop.reviews, "评价时间"),
        (shop.interactions, "时间"),
        (shop.surveys, "时间"),
    ):
        assert (frame[column] < END).all()


def test_review_texts_vary_and_agree_with_their_stars(shop: shops.Shop) -> None:
    from datasets.generate.texts import GENERAL

    texts = shop.reviews["评价内容"]
    assert texts.nunique() / len(texts) > 0.55
    stars = shop.reviews["星级"]
    assert stars.between(1, 5).all()
    bad = texts.map(lambda t: any(p in t for p in (*GENERAL["bad"], *GENERAL["burst"])))
    good = texts.map(lambda t: any(p in t for p in GENERAL["good"]))
    assert not (bad & (stars >= 3)).any()
    assert not (good & (stars <= 3)).any()


def test_campaign_answers_follow_the_stated_rule(shop: shops.Shop) -> None:
    sends = shop.campaign_sends.merge(shop.campaigns, on="活动编号")
    close = sends["结束日期"] + pd.Timedelta(days=1) - pd.Timedelta(seconds=1)
    until = (sends["发送时间"] + pd.Timedelta(days=7)).where(lambda t: t < close, close)
    sends = sends.assign(止=until)
    valid = shops.valid_orders(shop.orders)[["客户编号", "订单编号", "下单时间"]]
    pairs = sends.merge(valid, on="客户编号", suffixes=("", "_单"))
    pairs = pairs[pairs["下单时间"].between(pairs["发送时间"], pairs["止"])]
    first = pairs.sort_values("下单时间").groupby(["活动编号", "客户编号"])["订单编号_单"].first()
    told = sends[sends["是否响应"]].set_index(["活动编号", "客户编号"])["订单编号"]
    assert told.to_dict() == first.to_dict()
    assert set(sends["方式"]) == {"短信", "微信", "留白"}
    agreed = shop.customers.set_index("客户编号")["接受营销"]
    assert sends["客户编号"].map(agreed).all()
    assert sends["发送时间"].dt.hour.between(8, 21).all()


def test_opportunities_are_closed_when_won_or_lost(shop: shops.Shop) -> None:
    o = shop.opportunities
    assert (o["结束日期"].notna() == o["阶段"].isin(["成功", "失败"])).all()
    assert set(o["阶段"]) == {"潜在", "有效", "可行", "目标", "成功", "失败"}
    assert o[["需求强度", "购买能力", "决策影响", "时间紧迫"]].stack().between(1, 5).all()
    assert (o["结束日期"].dropna() <= pd.Timestamp(shops.as_of())).all()


def test_shops_differ_as_their_trades_do() -> None:
    orders = {name: shops.valid_orders(shops.load(name).orders) for name in shops.TITLES}
    mean = {name: o["实付金额"].mean() for name, o in orders.items()}
    once = {name: (o["客户编号"].value_counts() == 1).mean() for name, o in orders.items()}
    assert mean["tea"] < mean["ceramics"] and mean["tea"] < mean["electronics"]
    assert once["ceramics"] > max(once["tea"], once["electronics"]) + 0.05

    def gifts(name: str) -> float:
        items = shops.load(name).order_items.merge(shops.load(name).products, on="商品编码")
        wrapped = items[items["类目"] == "包装/礼品包装"]["订单编号"].nunique()
        return wrapped / items["订单编号"].nunique()

    assert gifts("ceramics") > gifts("tea") > gifts("electronics") > 0.03
    broken = {name: (shops.load(name).returns["原因"] == "破损").sum() for name in shops.TITLES}
    assert broken["ceramics"] > 3 * broken["tea"] > broken["electronics"] == 0
