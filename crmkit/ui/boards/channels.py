"""DB5 渠道: what every channel sells, brings, gives back and has left to sleep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics.refunds import RATES
from crmkit.crm.figures import channel_figures, customer_figures
from crmkit.crm.figures.scope import Scope
from crmkit.settings import settings
from crmkit.ui.board import Card, Layout, Panel, Plan, Segments, Table, View
from crmkit.ui.boards import choices, source
from crmkit.ui.console import figures
from crmkit.ui.controls import Control, Select, Slider

VIEWS = {"sales": "销量与状态", "people": "新老顾客与退货"}
BASES = {"lines": "按行", "amount": "按金额"}
DEFINITIONS = (
    ("支付金额", "有效订单的实付金额，含邮费，不减退款；净额减去这些订单已成功的退款。"),
    ("金额环比", "与紧挨着的前一个等长时段相比。"),
    ("平台费", "支付金额 × 渠道费率；费率没有登记的按 0。"),
    ("休眠渠道", "状态为营业中、超过所选天数没有有效订单；从没有订单的从开通日算起。"),
    ("退货率", "退货退款成功的 ÷ 卖出的，按付款日归集；近期的还没退完。退款率连仅退款一起算。"),
    ("新客", "默认指第一次在本店买；也可以改成第一次在这个渠道买。"),
    ("合计", "一位顾客在几个渠道都买过，每个渠道各算一次，相加会大于全店。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if values.get("view", "sales") == "sales":
        days = settings()["channels"]["dormant_days"]
        bar += [
            choices.refunds(),
            Slider("days", "几天没有订单算休眠", 30, 360, 15, days, unit="天"),
        ]
    else:
        bar += [
            Segments("rate", "比率", choices.short(RATES)),
            Segments("basis", "口径", BASES),
            choices.definition(),
            Select("new_to", "对谁是新的", choices.short(customer_figures.NEW_TO)),
        ]
    return [choices.shop(), choices.period(everything=True)], bar


def _draw(
    shop: str, period: str, view: str = "sales", refunds: str = "gross", **options: Any
) -> View:
    window = choices.window(shop, period)
    scope = source.scope(shop, window, refunds=refunds)
    days = int(options.get("days", settings()["channels"]["dormant_days"]))
    asleep = channel_figures.dormant(source.scope(shop), days)

    def count(window: Any) -> dict[str, float | None]:
        one = source.scope(shop, window, refunds=refunds)
        sold = channel_figures.sales(one, 1)
        back = channel_figures.return_rate(one, "return", 1)
        new = customer_figures.new_old(one, definition="first_ever", new_to="shop", months=1)
        names = {"sales": "支付金额", "refunded": "退款金额", "net": "净额"}
        return {k: sold[v].value for k, v in names.items()} | {
            "back": back["退货率（金额，按付款日）"].value, "new": new["新客占比"].value,
        }  # fmt: skip

    now, before = source.compared(shop, window, count)
    if before and window.previous().start <= source.first_month(shop):
        before["new"] = None  # nobody is known from before the data begin
    made = [
        ("sales", "支付金额", "yuan", "up"), ("refunded", "已退款", "yuan", "down"), ("net", "净额", "yuan", "up"),
        ("back", "退货率（金额）", "percent", "down"), ("new", "新客占比", "percent", "none"),
    ]  # fmt: skip
    words = dict(DEFINITIONS)
    cards = [
        Card(k, label, now[k], unit, words.get(label[:3], words["支付金额"]), before[k] if before else None, good, None)
        for k, label, unit, good in made
    ]  # fmt: skip
    names = "、".join(asleep.table["渠道名称"]) or "没有"
    cards.append(
        Card("dormant", "休眠渠道", len(asleep.table), note=words["休眠渠道"], aside=names)
    )
    if view == "sales":
        panels, layout = _sales(shop, scope, asleep.table, days)
    else:
        panels, layout = _people(scope, **options)
    return View(
        subtitle=f"{VIEWS[view]}；{choices.subtitle(shop, period, '', refunds)}",
        title=f"{shops.TITLES[shop]} · 渠道", panels=panels, layout=layout, cards=cards, shop=shop,
        note=choices.foot("休眠按数据日期判断。"), result={c.id: c.value for c in cards},
    )  # fmt: skip


def _sales(shop: str, scope: Scope, asleep: pd.DataFrame, days: int) -> tuple[list[Panel], Layout]:
    sold, worth = channel_figures.sales(scope, 12), channel_figures.order_value(scope)
    channels = shops.load(shop).channels
    table = channels[["渠道编号", "渠道名称", "平台", "渠道状态", "开通日期", "负责人"]].merge(
        sold.table[["渠道编号", "订单数", "支付金额", "退款金额", "金额占比", "金额环比"]],
        on="渠道编号",
    )
    table = table.merge(worth.table[["渠道编号", "客单价", "笔单价"]], on="渠道编号", how="left")
    sleeping = set(asleep["渠道编号"])
    table["渠道状态"] = [
        "休眠" if c in sleeping else s
        for c, s in zip(table["渠道编号"], table["渠道状态"], strict=True)
    ]
    months = sold.tables["逐月"]
    columns = ("渠道名称", "平台", "渠道状态", "开通日期", "负责人", "订单数", "支付金额", "金额占比", "金额环比", "客单价", "笔单价")  # fmt: skip
    waits = asleep[["渠道名称", "末单日期", "沉睡天数"]]
    return [
        Panel("sales", "渠道销量", figures.ranking("渠道销量", sold.table, "渠道名称", "支付金额"), "支付金额（元）"),
        Panel("months", "月份 × 渠道", figures.heat("月份 × 渠道", months, "月份", "渠道名称", "支付金额"), "支付金额（元）"),
        Panel("list", "渠道列表", Table(table.sort_values("支付金额", ascending=False, kind="stable"), columns)),
        Panel("dormant", "休眠渠道", Table(waits, kinds={"沉睡天数": "count"}), f"超过 {days} 天没有订单"),
    ], Layout(("sales months months months", "list list list dormant"), (1.1, 1), (1.35, 1, 0.85, 1.15))  # fmt: skip


def _people(
    scope: Scope, rate: str, basis: str, definition: str, new_to: str
) -> tuple[list[Panel], Layout]:
    back = channel_figures.return_rate(scope, rate, 12)
    new = channel_figures.new_customers(scope, definition, new_to, 12)
    old = channel_figures.old_customers(scope, definition, new_to, 12)
    worth = channel_figures.order_value(scope)
    word = "行" if basis == "lines" else "金额"
    label = choices.short(RATES)[rate]
    rates = [c for c in back.table.columns if str(c).startswith(f"{label}（{word}")]
    known = back.table[back.table[rates[0]].notna()]
    monthly = (
        new.tables["逐月"].groupby("月份", sort=True)[["新客数", "老客数"]].sum().reset_index()
    )
    return [
        Panel("new", "各渠道新老顾客", figures.bars("各渠道新老顾客", new.table, "渠道名称", ["新客数", "老客数"], stacked=True), "买家数"),
        Panel("again", "各渠道复购率", figures.ranking("各渠道复购率", old.table, "渠道名称", "复购率"), "渠道内买 2 次及以上 ÷ 买家"),
        Panel("months", "逐月新老顾客", figures.bars("逐月新老顾客", monthly, "月份", ["新客数", "老客数"], stacked=True), "各渠道相加"),
        Panel("back", f"各渠道{label}", figures.bars(f"各渠道{label}", known, "渠道名称", rates), BASES[basis]),
        Panel("worth", "各渠道客单价", figures.ranking("各渠道客单价", worth.table[worth.table["客单价"].notna()], "渠道名称", "客单价"), "元"),
    ], Layout(("new new again", "back months worth"))  # fmt: skip


PLAN = Plan("渠道", _controls, _draw, DEFINITIONS)
