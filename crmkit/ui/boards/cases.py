"""DB9 店铺案例: positioning, reports and questions of the three shops, and the three side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics.selection import paid_orders, purchase_summary
from crmkit.analytics.value import top_share
from crmkit.analytics.window import Window, last_months
from crmkit.crm.figures import channel_figures, customer_figures, product_figures
from crmkit.ui import curves
from crmkit.ui.board import Card, Facts, Layout, Panel, Plan, Segments, Table, Text, View
from crmkit.ui.boards import choices, source
from crmkit.ui.boards.customers import age_table
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control

VIEWS = {"position": "定位与报告", "compare": "三店对照"}
MARKET = {"tea": "天猫", "ceramics": "天猫", "electronics": "淘宝"}  # as the case's title says
KIND = {"tea": "精品茶叶网店", "ceramics": "精品陶瓷网店", "electronics": "消费性电子商品网店"}
QUESTIONS = {
    "tea": ("回购周期多长？该在第几天提醒？", "哪个月卖得最多，占全年多少？为什么？", "茶叶和茶具是不是一起买？提升度多少？", "前 20% 的顾客贡献多少？要不要会员日？"),
    "ceramics": ("破损退货集中在哪种包装？", "送礼单占多少，比自用贵多少？", "哪个价位段带来的金额最多？", "只买过一次的顾客有多少？怎样请他们再来？"),
    "electronics": ("哪一类商品每百单来电最多？", "买手机的单里有多少同时买了配件？", "打折的单退得更多吗？", "哪几天差评特别多？那几天发生了什么？"),
}  # fmt: skip
DEFINITIONS = (
    ("产品定位", "主营类目、价位、主要年龄段和平台，都由数据算出。"),
    ("价位", "按售出件数（不是按商品）看单价的四分位数。"),
    ("主要年龄段", "时间段内买家里人数最多的一段；没填生日的不算。"),
    ("指数", "各店第一个月的支付金额 = 100，便于比较快慢，不比大小。"),
    ("旺季", "时间段内支付金额最多的月份，和它占的比例。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    return [choices.shop(), choices.period(everything=True)], [Segments("view", "看什么", VIEWS)]


def figures_of(shop: str, window: Window) -> dict[str, float | None]:
    """The indicators in which the shops are compared."""
    scope = source.scope(shop, window)
    worth = customer_figures.order_value(scope, months=1)
    again = customer_figures.repurchase(scope, months=1)
    back = channel_figures.return_rate(scope, "return", 1)
    people = purchase_summary(shops.load(shop).orders, window, as_of=shops.as_of())
    reviews = shops.load(shop).reviews
    told = reviews[window.contains(reviews["评价时间"])]
    once = int((people["订单数"] == 1).sum())
    return {
        "支付金额": worth["支付金额"].value, "购买顾客": worth["买家数"].value,
        "客单价": worth["客单价"].value, "笔单价": worth["笔单价"].value,
        "件单价": worth["件单价"].value, "连带率": worth["连带率"].value,
        "复购率": again["复购率（按人）"].value, "回购周期（天）": again["回购周期中位数"].value,
        "前 20% 金额占比": top_share(people).value if len(people) else None,
        "只买一次占比": once / len(people) if len(people) else None,
        "退货率": back["退货率（行，按付款日）"].value,
        "中差评率": float((told["星级"] <= 3).mean()) if len(told) else None,
    }  # fmt: skip


KINDS = {
    "支付金额": "money", "购买顾客": "count", "客单价": "money", "笔单价": "money", "件单价": "money",
    "连带率": "number", "复购率": "percent", "回购周期（天）": "number", "前 20% 金额占比": "percent",
    "只买一次占比": "percent", "退货率": "percent", "中差评率": "percent",
}  # fmt: skip


def _draw(shop: str, period: str, view: str) -> View:
    window = choices.window(shop, period)
    now, before = source.compared(shop, window, lambda w: figures_of(shop, w))
    made = [
        ("支付金额", "yuan", "up"), ("客单价", "yuan", "up"), ("复购率", "percent", "up"),
        ("前 20% 金额占比", "percent", "none"), ("退货率", "percent", "down"), ("中差评率", "percent", "down"),
    ]  # fmt: skip
    cards = [Card(k, k, now[k], unit, "", before[k] if before else None, good, None) for k, unit, good in made]  # fmt: skip
    panels, layout = _position(shop, window) if view == "position" else _compare(period)
    return View(
        subtitle=f"{KIND[shop]}（{MARKET[shop]}）；{VIEWS[view]}；{window.label}",
        title=f"{shops.TITLES[shop]} · 店铺案例", panels=panels, layout=layout, cards=cards,
        shop=shop, result={c.id: c.value for c in cards},
        note=choices.foot("三店都是为教学生成的数据。"),
    )  # fmt: skip


def _position(shop: str, window: Window) -> tuple[list[Panel], Layout]:
    data, scope = shops.load(shop), source.scope(shop, window)
    kinds = product_figures.category_sales(scope).table
    tops = kinds[kinds["层级"] == 1].sort_values("金额", ascending=False)
    sold = paid_orders(data.orders, window, as_of=shops.as_of())[["order_id", "customer_id"]]
    lines = data.order_items.merge(sold, left_on="订单编号", right_on="order_id")
    prices = lines["单价"].repeat(lines["数量"])
    low, middle, high = (float(prices.quantile(q)) for q in (0.25, 0.5, 0.75))
    buyers = data.customers[data.customers["客户编号"].isin(set(sold["customer_id"]))]
    ages = age_table(buyers)
    known = ages[ages["年龄段"] != "未填生日"]
    people = known[["女", "男", "未知"]].sum(axis=1)
    eldest = str(known.loc[people.idxmax(), "年龄段"])
    share = float(people.max() / people.sum())
    channels = channel_figures.sales(scope, 12)
    platforms = channels.table.groupby("平台")["支付金额"].sum().sort_values(ascending=False)
    months = customer_figures.order_value(scope, months=24).table
    best = months.loc[months["支付金额"].idxmax()]
    facts = [
        ("主营类目", str(tops.iloc[0]["类目"]), f"占 {tops.iloc[0]['金额占比']:.1%}"),
        ("价位（四分位）", f"¥{low:g} / ¥{middle:g} / ¥{high:g}", "件数"),
        ("主要年龄段", eldest, f"占 {share:.1%}"),
        ("主要平台", str(platforms.index[0]), f"占 {platforms.iloc[0] / platforms.sum():.1%}"),
        ("旺季", str(best["月份"]), f"占 {best['支付金额'] / months['支付金额'].sum():.1%}"),
    ]
    bands = pd.cut(lines["单价"], [0, 50, 100, 200, 500, 1000, 1e9], labels=["50 以下", "50–99", "100–199", "200–499", "500–999", "≥ 1000"], right=False)  # fmt: skip
    by_price = (lines["单价"] * lines["数量"]).groupby(bands, observed=False).sum()
    price_frame = pd.DataFrame(
        {"单价（元）": by_price.index.astype(str), "金额": by_price.to_numpy()}
    )
    leaves = kinds[kinds["层级"] == kinds["层级"].max()].copy()
    leaves["类目"] = leaves["类目"].str.split("/").str[-1]
    return [
        Panel("facts", "产品定位卡", Facts(facts), "由数据算出"),
        Panel("months", "逐月支付金额与客单价", figures.mixed("逐月支付金额与客单价", months, "月份", "支付金额", "客单价"), "柱：金额，线：客单价（右轴）"),
        Panel("kinds", "类目", figures.share("类目", leaves, "类目", "金额"), "商品金额"),
        Panel("prices", "价位段", figures.bars("价位段", price_frame, "单价（元）", "金额"), "商品金额（元）"),
        Panel("ages", "买家年龄", figures.bars("买家年龄", ages, "年龄段", ["女", "男", "未知"], stacked=True), "人数"),
        Panel("asks", "看完报告，回答", Text([f"{k}. {q}" for k, q in enumerate(QUESTIONS[shop], 1)], "point")),
    ], Layout(("facts months months", "kinds prices ages", "asks asks asks"), (1.1, 1.1, 0.5))  # fmt: skip


def _compare(period: str) -> tuple[list[Panel], Layout]:
    names = {s: shops.TITLES[s] for s in KIND}
    found = {s: figures_of(s, choices.window(s, period)) for s in KIND}
    table = pd.DataFrame(
        [[k, *(cells.written(found[s][k], KINDS[k]) for s in KIND)] for k in KINDS],
        columns=["指标", *names.values()],
    )
    months = last_months(shops.as_of(), 12)
    index = pd.DataFrame({"月份": [f"{m.start:%Y-%m}" for m in months]})
    for s in KIND:
        one = source.scope(s, Window(months[0].start, months[-1].end, calendar=True))
        amounts = customer_figures.order_value(one).table.set_index("月份")["支付金额"]
        values = amounts.reindex(index["月份"]).to_numpy()
        index[names[s]] = values / values[0] * 100
    rates = ["复购率", "前 20% 金额占比", "只买一次占比", "退货率", "中差评率"]
    shares = pd.DataFrame({"指标": rates} | {names[s]: [found[s][k] for k in rates] for s in KIND})
    worth = ["客单价", "笔单价", "件单价"]
    money = pd.DataFrame({"指标": worth} | {names[s]: [found[s][k] for k in worth] for s in KIND})
    columns = list(names.values())
    return [
        Panel("table", "指标对照", Table(table, kinds=dict.fromkeys(columns, "text"))),
        Panel("index", "逐月支付金额指数", figures.lines("逐月支付金额指数", index, "月份", columns), "第一个月 = 100"),
        Panel("shares", "比率", curves.in_unit(figures.bars("比率", shares, "指标", columns), "percent")),
        Panel("money", "单价", curves.in_unit(figures.bars("单价", money, "指标", columns), "money"), "元"),
    ], Layout(("table index index", "table shares money"))  # fmt: skip


PLAN = Plan("店铺案例", _controls, _draw, DEFINITIONS)
