"""DB2 顾客分析: the seven analyses as three reports — behaviour, key customers, market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics.churn import CHURN_RULES
from crmkit.analytics.selection import purchase_summary
from crmkit.analytics.value import top_share
from crmkit.crm.figures import churn_figures, customer_figures, levels
from crmkit.crm.figures.levels import Rule
from crmkit.crm.figures.scope import Result, Scope
from crmkit.settings import settings
from crmkit.ui.board import Card, Facts, Layout, Panel, Plan, Segments, Table, View
from crmkit.ui.boards import choices, source
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control, Select, Slider

REPORTS = {"behaviour": "客户行为", "key": "重点客户", "market": "市场表现"}
RULES = {name: words.split("：")[0] for name, words in CHURN_RULES.items()}
BASES = {name: words.split("：")[0] for name, words in levels.LEVEL_BASES.items()}
DEFINITIONS = (
    ("客户行为", "买过的人会不会再买、隔多久、买几次、多少人不再来。"),
    ("重点客户", "各等级有多少人、贡献多少金额，谁再下一单就能升级，谁快要流失。"),
    ("市场表现", "顾客在哪里、一位顾客花多少、金额来自新客还是老客。"),
    ("复购率（按人）", "时间段内购买 2 次及以上的顾客 ÷ 购买顾客。"),
    ("回购率", "上一个等长时段的买家中，本时段又买的 ÷ 上一时段的买家。"),
    ("流失率", "按所选规则已流失的 ÷ 能判断的买家；按数据日期判断，不分时间段。"),
    ("客单价", "支付金额 ÷ 支付买家数（去重）；支付金额 ÷ 订单数是笔单价。"),
    ("新客", "默认：以前在本店没有买过的买家。"),
    (
        "商务智能",
        "数据汇集（仓库）→ 分析（联机分析、挖掘）→ 展示；本页是最后一层，数都来自前两层。",
    ),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    report = str(values.get("report", "behaviour"))
    bar: list[Control] = [Segments("report", "报告", REPORTS), choices.refunds()]
    if report == "behaviour":
        bar.append(Select("rule", "流失规则", RULES))
        if values.get("rule", "fixed") == "fixed":
            days = settings()["churn"]["churned_days"]
            bar.append(Slider("days", "多少天没买算流失", 60, 360, 10, days, unit="天"))
    elif report == "key":
        bar.append(Select("basis", "等级依据", BASES))
    else:
        bar.append(choices.definition())
    head = [choices.shop(), choices.period(everything=True), choices.channel(values)]
    return head, bar


def _draw(
    shop: str, period: str, channel: str, report: str, refunds: str, rule: str = "fixed",
    days: int | None = None, basis: str = "recorded", definition: str = "first_ever",
) -> View:  # fmt: skip
    window = choices.window(shop, period)
    scope = source.scope(shop, window, channel, refunds)
    whole = source.scope(shop, None, channel, refunds)
    churn = churn_figures.analyse(whole, rule=rule, options=_limits(rule, days))
    cards = _cards(shop, scope, churn, definition)
    if report == "behaviour":
        panels, layout = _behaviour(scope, churn)
    elif report == "key":
        panels, layout = _key(shop, scope, churn, basis)
    else:
        panels, layout = _market(scope, definition)
    return View(
        subtitle=f"{REPORTS[report]}；{choices.subtitle(shop, period, channel, refunds)}",
        title=f"{shops.TITLES[shop]} · 顾客分析",
        panels=panels,
        layout=layout,
        cards=cards,
        note=choices.foot("流失按数据日期判断；同期群按首购月份。"),
        shop=shop,
        result={c.id: c.value for c in cards},
    )


def _limits(rule: str, days: int | None) -> dict[str, Any]:
    if rule != "fixed" or days is None:
        return {}
    active = settings()["churn"]["active_days"]
    return {"churned_days": int(days), "active_days": min(active, int(days))}


def _cards(shop: str, scope: Scope, churn: Result, definition: str) -> list[Card]:
    assert scope.window is not None
    channel, refunds = scope.channel or "", scope.refunds

    def count(window: Any) -> dict[str, float | None]:
        one = source.scope(shop, window, channel, refunds)
        again = customer_figures.repurchase(one, months=1)
        worth = customer_figures.order_value(one, months=1)
        new = customer_figures.new_old(one, definition=definition, new_to="shop", months=1)
        return {
            "buyers": worth["买家数"].value, "repeat": again["复购率（按人）"].value,
            "again": again["回购率"].value, "spend": worth["客单价"].value,
            "new": new["新客占比"].value,
        }  # fmt: skip

    now, before = source.compared(shop, scope.window, count)
    words = dict(DEFINITIONS)
    made = [
        ("buyers", "购买顾客", "count", "up", "时间段内付过款的顾客，同一人只算一次。"),
        ("spend", "客单价", "yuan", "up", words["客单价"]),
        ("repeat", "复购率", "percent", "up", words["复购率（按人）"]),
        ("again", "回购率", "percent", "up", words["回购率"]),
        ("new", "新客占比", "percent", "none", "新客 ÷ 购买顾客。"),
    ]
    if before and scope.window.previous().start <= source.first_month(shop):
        before["new"] = before["again"] = None  # nobody is known from before the data begin
    cards = [
        Card(key, label, now[key], unit, note, before[key] if before else None, good, None)
        for key, label, unit, good, note in made
    ]
    lost = churn["流失率"]
    people = f"{int(lost.numerator):,} ÷ {int(lost.denominator or 0):,} 人"
    return [*cards, Card("churn", "流失率", lost.value, "percent", words["流失率"], aside=people)]


def _behaviour(scope: Scope, churn: Result) -> tuple[list[Panel], Layout]:
    again = customer_figures.repurchase(scope)
    counts = customer_figures.counts(scope)
    cohorts = churn.tables["同期群"].melt(
        id_vars=["首购月份", "新客数"], var_name="第几个月", value_name="留存率"
    )
    cohorts["第几个月"] = cohorts["第几个月"].str.strip("第")
    states = [
        (row["状态"], f"{row['买家数']:,} 人", f"{row['买家占比']:.1%}")
        for row in churn.table.to_dict("records")
    ]
    middle = again["回购周期中位数"].value
    rates = ["复购率（按人）", "回购率", "新客复购率"]
    return [
        Panel("months", "逐月复购与回购", figures.lines("逐月复购与回购", again.table, "月份", rates)),
        Panel("counts", "购买次数", figures.bars("购买次数", counts.table, "购买次数", "买家数"), "时间段内各买几次的人数"),
        Panel(
            "gaps", "回购间隔",
            figures.bars("回购间隔", again.tables["回购间隔"], "间隔", "次数"),
            "" if middle is None else f"相邻两单相隔，中位数 {middle:g} 天",
        ),
        Panel("churn", "流失", [Facts(states, two=True), figures.lines("逐月流失率", churn.tables["逐月"], "月份", ["流失率"])], "逐月流失率"),
        Panel("cohorts", "同期群留存", figures.heat("同期群留存", cohorts, "第几个月", "首购月份", "留存率"), "首购月份 × 第几个月"),
    ], Layout(("months months counts", "gaps churn cohorts"), (1, 1.15))  # fmt: skip


def _key(shop: str, scope: Scope, churn: Result, basis: str) -> tuple[list[Panel], Layout]:
    rule = Rule.of("amount" if basis == "recorded" else basis, None, shop)
    level = levels.level(scope, rule, recorded=basis == "recorded")
    data = shops.load(shop)
    options = {"channel": scope.channel} if scope.channel else {}
    best = purchase_summary(data.orders, scope.window, as_of=scope.as_of, **options)
    share = top_share(best, value="累计金额") if len(best) else None
    known = data.customers[["客户编号", "会员等级", "省份", "来源"]]
    best = best.merge(known, on="客户编号", how="left")
    best = best.sort_values(["累计金额", "客户编号"], ascending=[False, True])
    listed = churn.tables["名单"]
    near = listed[listed["状态"] == churn_figures.NEAR].merge(known, on="客户编号", how="left")
    near = near.sort_values(["累计金额", "客户编号"], ascending=[False, True])
    twenty = f"前 20% 的顾客贡献 {share.value:.1%} 的金额" if share and share.value else ""
    return [
        Panel("level", "各级顾客", figures.bars("各级顾客", level.table, "等级", ["客户数", "差一单升级"])),
        Panel("money", "各级贡献的金额", figures.share("各级贡献的金额", level.table, "等级", "支付金额")),
        Panel("worth", "各级客单价", figures.ranking("各级客单价", level.table, "等级", "客单价"), "元"),
        Panel(
            "best", "消费最多的顾客",
            Table(best, ("客户编号", "会员等级", "省份", "订单数", "累计金额", "最近购买"), search=True),
            twenty,
        ),
        Panel(
            "near", "临近流失的顾客",
            Table(near, ("客户编号", "会员等级", "距今天数", "订单数", "累计金额"), kinds={"距今天数": "count"}),
            f"{len(near):,} 人，按累计金额",
        ),
    ], Layout(("level money worth", "best best near"), (1, 1.25))  # fmt: skip


def _market(scope: Scope, definition: str) -> tuple[list[Panel], Layout]:
    region = customer_figures.region(scope)
    worth = customer_figures.order_value(scope)
    by_level = customer_figures.order_value(scope, by="level")
    new = customer_figures.new_old(scope, definition=definition, new_to="shop", months=12)
    f = worth.figures
    parts: list[tuple[str, ...]] = [
        (name, cells.written(f[name].value, kind), note)
        for name, kind, note in (
            ("买家数", "count", ""), ("人均订单数", "number", "单"), ("连带率", "number", "件/单"),
            ("件单价", "money", ""), ("支付金额", "money", "四个数相乘"), ("笔单价", "money", "÷ 订单数"),
        )
    ]  # fmt: skip
    return [
        Panel("map", "地域分析", figures.tiles("地域分析", region.table, "省份", "支付金额", "买家数")),
        Panel("value", "支付金额与客单价", figures.mixed("支付金额与客单价", worth.table, "月份", "支付金额", "客单价"), "柱：金额，线：客单价（右轴）"),
        Panel("new", "新老顾客的金额", figures.bars("新老顾客的金额", new.table, "月份", ["新客金额", "老客金额"], stacked=True)),
        Panel("parts", "金额是怎么来的", Facts(parts), "买家数 × 人均订单数 × 连带率 × 件单价"),
        Panel("level", "各级笔单价", figures.ranking("各级笔单价", _known(by_level.table, "笔单价"), str(by_level.table.columns[0]), "笔单价"), "元"),
    ], Layout(("map map value value", "map map new new", "parts level new new"), (1.2, 0.35, 0.95))  # fmt: skip


def _known(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame[frame[column].notna()]


PLAN = Plan("顾客分析", _controls, _draw, DEFINITIONS)
