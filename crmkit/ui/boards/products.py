"""DB3 商品与订单: what sells, what goes together, and where the orders stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmkit import shops
from crmkit.analytics.basket import BASKETS
from crmkit.crm.figures import channel_figures, customer_figures, product_figures
from crmkit.crm.figures.scope import Scope
from crmkit.settings import settings
from crmkit.ui import curves
from crmkit.ui.board import Card, Facts, Layout, Panel, Plan, Segments, Table, View
from crmkit.ui.boards import choices, source
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control, Select, Slider

VIEWS = {"goods": "商品", "together": "商品关联", "orders": "订单"}
RULES = {"support": "支持度", "confidence": "置信度"}
DEFINITIONS = (
    ("商品金额", "数量 × 单价，未减订单优惠、不含邮费，所以加起来不等于支付金额。"),
    ("动销率", "有销量的商品 ÷ 在售商品（时间段结束前已上架）。"),
    (
        "ABC",
        "按金额从大到小累计：到 {:.0%} 为 A，到 {:.0%} 为 B，其余 C（课程约定）。".format(
            *settings()["products"]["abc"]
        ),
    ),
    ("支持度", "两种商品同时买的篮数 ÷ 总篮数。"),
    ("置信度", "同时买的篮数 ÷ 买了前项的篮数。"),
    ("提升度", "置信度 ÷ 后项的支持度；大于 1 才是互相带动，等于 1 是各买各的。"),
    ("待发货", "已付款还没有全部发出的订单；超过约定小时数算超时。"),
    ("退货率", "退货退款成功的 ÷ 卖出的，按付款日归集；换货不退钱，不算。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    view = str(values.get("view", "goods"))
    given = settings()["association"]
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if view == "goods":
        bar += [
            choices.refunds(),
            Segments("by", "排名", dict(product_figures.RANK_BY)),
            Select("category", "类目", _categories(choices.chosen_shop(values))),
        ]
    elif view == "together":
        bar += [
            Segments("basket", "一篮", {"order": "一张订单", "buyer": "一位买家"}),
            Slider("support", "最小支持度", 0.002, 0.05, 0.001, given["min_support"], percent=True),
            Slider("confidence", "最小置信度", 0.05, 0.9, 0.05, given["min_confidence"], percent=True),
            Slider("lift", "最小提升度", 0.0, 5.0, 0.5, 1.0),
        ]  # fmt: skip
    head = [choices.shop(), choices.period(everything=True), choices.channel(values)]
    return head, bar


def _categories(shop: str) -> dict[str, str]:
    found = sorted(shops.load(shop).products["类目"].dropna().unique())
    tops = list(dict.fromkeys(c.split("/")[0] for c in found))
    return {"": "全部类目"} | {c: c for c in tops}


def _draw(
    shop: str, period: str, channel: str, view: str = "goods", refunds: str = "gross",
    by: str = "amount", category: str = "", **rules: Any,
) -> View:  # fmt: skip
    window = choices.window(shop, period)
    scope = source.scope(shop, window, channel, refunds)

    def count(window: Any) -> dict[str, float | None]:
        one = source.scope(shop, window, channel, refunds)
        goods = product_figures.product_sales(one)
        worth = customer_figures.order_value(one, months=1)
        back = channel_figures.return_rate(one, "return", 1)
        return {
            "goods": goods["金额"].value, "qty": goods["件数"].value, "moving": goods["动销率"].value,
            "pieces": worth["连带率"].value, "orders": worth["订单数"].value,
            "back": back["退货率（行，按付款日）"].value,
        }  # fmt: skip

    now, before = source.compared(shop, window, count)
    made = [
        ("goods", "商品金额", "yuan", "up", "商品金额"), ("qty", "件数", "count", "up", "商品金额"),
        ("orders", "订单数", "count", "up", "待发货"), ("pieces", "连带率（件/单）", "number", "up", "商品金额"),
        ("moving", "动销率", "percent", "up", "动销率"), ("back", "退货率（行）", "percent", "down", "退货率"),
    ]  # fmt: skip
    words = dict(DEFINITIONS)
    cards = [
        Card(k, label, now[k], unit, words[term], before[k] if before else None, good, None)
        for k, label, unit, good, term in made
    ]
    result = {c.id: c.value for c in cards}
    if view == "goods":
        panels, layout = _goods(shop, scope, by, category)
    elif view == "together":
        panels, layout, more = _together(shop, scope, **rules)
        result |= more
    else:
        panels, layout = _orders(shop, scope)
    return View(
        subtitle=f"{VIEWS[view]}；{choices.subtitle(shop, period, channel, refunds)}",
        title=f"{shops.TITLES[shop]} · 商品与订单", panels=panels, layout=layout, cards=cards,
        shop=shop, result=result, note=choices.foot("待发货、待收货是现在的状态，不分时间段。"),
    )  # fmt: skip


def _goods(shop: str, scope: Scope, by: str, category: str) -> tuple[list[Panel], Layout]:
    kinds = product_figures.category_sales(scope).table
    sold = product_figures.product_sales(scope, by=by)
    tags = source.session(shop).products.list()
    best = sold.table.merge(tags[["商品编码", "价格", "库存", "标签"]], on="商品编码", how="left")
    leaves = kinds[kinds["层级"] == kinds["层级"].max()].copy()
    if category:
        best = best[best["类目"].str.split("/").str[0] == category]
        leaves = leaves[leaves["上级"] == category]
    leaves["类目"] = leaves["类目"].str.split("/").str[-1]
    measure = "金额" if by == "amount" else "件数"
    unsold = sold.tables["未动销"]
    columns = (
        "排名",
        "商品名称",
        "类目",
        "价格",
        "库存",
        "件数",
        "金额",
        "金额环比",
        "ABC",
        "标签",
    )
    return [
        Panel("kinds", "类目销量", figures.ranking("类目销量", leaves, "类目", measure, top=12), "元" if by == "amount" else "件"),
        Panel("best", "商品销量与累计占比", figures.pareto("商品销量与累计占比", best, "商品名称", measure, top=16), "柱：销量，线：累计占比"),
        Panel("list", "商品列表", Table(best, columns, kinds={"ABC": "text"}, search=True)),
        Panel("unsold", "未动销", Table(unsold, ("商品名称", "库存", "距今天数"), kinds={"距今天数": "count"}), f"超过 {settings()['products']['unsold_days']} 天没卖出"),
    ], Layout(("kinds best best", "list list unsold"), (1, 1.1))  # fmt: skip


def _together(
    shop: str, scope: Scope, basket: str, support: float, confidence: float, lift: float
) -> tuple[list[Panel], Layout, dict[str, Any]]:
    found = product_figures.association(
        scope, basket=basket, min_support=support, min_confidence=confidence, min_lift=lift
    )
    rules = found.table
    named = rules.assign(规则=rules["前项名称"].map(_brief) + " → " + rules["后项名称"].map(_brief))
    spots = [
        (row["支持度"], row["置信度"], f"{row['规则']}（提升度 {row['提升度']:.1f}）")
        for row in named.to_dict("records")
    ]
    x = curves.Axis("支持度", "percent", 0.0)
    y = curves.Axis("置信度", "percent", 0.0)
    columns = ("前项名称", "后项名称", "同时购买", "支持度", "置信度", "提升度", "杠杆率")
    names = dict(
        zip(
            shops.load(shop).products["商品编码"],
            shops.load(shop).products["商品名称"],
            strict=True,
        )
    )
    single = found.tables["频繁项集"]
    single = single[single["商品数"] == 1].copy()
    single["商品"] = single["商品"].map(names)
    facts = [
        ("总篮数", cells.written(found["总篮数"].value, "count"), BASKETS[basket]),
        ("每篮商品数", cells.written(found["每篮商品数"].value, "number")),
        ("规则数", cells.written(found["规则数"].value, "count")),
    ]
    return [
        Panel("rules", "关联规则", Table(rules, columns, kinds={"提升度": "number", "杠杆率": "number"}, search=True), "按提升度"),
        Panel("spots", "支持度与置信度", curves.points("支持度与置信度", x, y, {"规则": spots}), "一个点是一条规则，移上去看是哪一条"),
        Panel("lift", "提升度最高", figures.ranking("提升度最高", named, "规则", "提升度", top=8)),
        Panel("facts", "数了多少", Facts(facts)),
        Panel("often", "最常进篮的商品", figures.ranking("最常进篮的商品", single, "商品", "篮数", top=7), "篮数"),
    ], Layout(("rules rules spots", "rules rules spots", "lift often facts"), (1, 0.4, 1.2)), {
        "rules": found["规则数"].value, "baskets": found["总篮数"].value,
    }  # fmt: skip


def _brief(name: str) -> str:
    """A product's name without grade and weight."""
    return "、".join(part.split(" ")[0] for part in name.split("、"))


def _orders(shop: str, scope: Scope) -> tuple[list[Panel], Layout]:
    crm, data = source.session(shop), shops.load(shop)
    assert scope.window is not None
    orders = data.orders[scope.window.contains(data.orders["下单时间"])]
    if scope.channel:
        orders = orders[orders["渠道编号"] == scope.channel]
    states = orders["订单状态"].value_counts().rename_axis("订单状态").reset_index(name="订单数")
    months = customer_figures.order_value(scope).table
    back = crm.orders.returns(since=scope.window.start, until=scope.window.last_day)
    ship, receive = crm.orders.ship(), crm.orders.receive()
    late = int(ship["已超时"].sum())
    ship = ship.assign(
        状态=["超时" if x else "按时" for x in ship["已超时"]],
        库存=["够" if x else "缺" for x in ship["库存够"]],
    )
    unpaid = crm.orders.close().total
    facts = [
        ("等待付款", f"{unpaid:,} 张", "可催付或关闭"), ("待发货", f"{len(ship):,} 张", f"超时 {late} 张"),
        ("待收货提醒", f"{len(receive):,} 张", "发出已久还没签收"),
    ]  # fmt: skip
    return [
        Panel("states", "订单状态", figures.ranking("订单状态", states, "订单状态", "订单数"), "本时段下的单"),
        Panel("months", "逐月订单与笔单价", figures.mixed("逐月订单与笔单价", months, "月份", "订单数", "笔单价"), "柱：订单数，线：笔单价（右轴）"),
        Panel("todo", "现在要办", Facts(facts)),
        Panel("ship", "待出库", Table(ship, ("订单编号", "付款时间", "等待小时", "状态", "待发商品", "库存"), kinds={"等待小时": "number"})),
        Panel("back", "退换原因", figures.pareto("退换原因", back.reasons, "原因", "件数", top=8), f"本时段申请 {back.page.total:,} 件，线：累计占比"),
        Panel("receive", "待收货提醒", Table(receive, ("订单编号", "发货时间", "已发天数", "已通知"), kinds={"已发天数": "number"})),
    ], Layout(("states months months todo", "back back ship ship", "back back receive receive"), (1.15, 0.8, 0.8))  # fmt: skip


PLAN = Plan("商品与订单", _controls, _draw, DEFINITIONS)
