"""DB4 营销与互动: what campaigns brought, who is to be cared for, what customers said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics.satisfaction import csi, gap_by_item, importance_performance
from crmkit.analytics.window import Window
from crmkit.crm.campaigns.campaign_figures import COSTS, REFUNDS
from crmkit.crm.service.alerts import RULES
from crmkit.ui import curves
from crmkit.ui.board import Card, Facts, Layout, Panel, Plan, Segments, Table, Text, View
from crmkit.ui.boards import choices, source
from crmkit.ui.console import figures
from crmkit.ui.controls import Control, Select, Slider, Switch

VIEWS = {"campaigns": "营销", "talks": "互动", "voice": "评价与问卷"}
DEFINITIONS = (
    ("响应率", "发送后几天内、活动结束前下了有效订单的人 ÷ 发送人数（不含对照组）。"),
    ("提升", "发送组响应率 − 对照组响应率；区间不含 0 才说得上有效果。"),
    ("投资回报率", "（响应者带来的收入 − 成本）÷ 成本。"),
    ("生日关怀", "未来几天内过生日的顾客；没同意接受营销、已发过、黑名单的排除。"),
    ("中差评率", "三星及以下 ÷ 全部评价。"),
    ("预警", "明示：三星及以下；隐含：高星但文字里有负面词；预测：还没评价但已有不满的迹象。"),
    ("满意度", "体验 − 期望，逐项平均；为负说明没有达到期望。"),
    ("满意度指数", "各项体验的加权平均，权重是平均重要性（1–5 分）。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    shop, view = choices.chosen_shop(values), str(values.get("view", "campaigns"))
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if view == "campaigns":
        frame = shops.load(shop).campaigns.sort_values("活动编号", ascending=False)
        sent = set(shops.load(shop).campaign_sends["活动编号"])
        names = {
            c: f"{c} {n}"
            for c, n in zip(frame["活动编号"], frame["活动名称"], strict=True)
            if c in sent
        }
        bar += [
            Select("campaign", "活动", names),
            Segments("cost", "成本", choices.short(COSTS)),
            Segments("refunds", "收入", {"gross": "不减退款", "net": "减退款"}),
            Slider("days", "生日关怀提前", 1, 60, 1, 14, unit="天"),
        ]  # fmt: skip
    elif view == "talks":
        bar.append(choices.period("13w", everything=True))
    else:
        bar += [
            choices.period("13w", everything=True),
            Select("rule", "预警规则", {"": "三种都看"} | {k: k for k in RULES}),
            Switch("open_only", "只看还没回复的", True),
        ]
    return [choices.shop()], bar


def _draw(shop: str, view: str = "campaigns", **options: Any) -> View:
    if view == "campaigns":
        made = _campaigns(shop, **options)
        told = f"活动 {options['campaign']}；{REFUNDS[options['refunds']]}"
    else:
        window = choices.window(shop, options.pop("period"))
        made = (_talks if view == "talks" else _voice)(shop, window, **options)
        told = window.label
    cards, panels, layout = made
    return View(
        subtitle=f"{VIEWS[view]}；{told}",
        title=f"{shops.TITLES[shop]} · 营销与互动", panels=panels, layout=layout, cards=cards,
        shop=shop, result={c.id: c.value for c in cards},
        note=choices.foot("活动、互动和评价按各自的时间统计。"),
    )  # fmt: skip


Made = tuple[list[Card], list[Panel], Layout]


@lru_cache(maxsize=12)
def _results(folder: Path, shop: str, cost: str, refunds: str) -> pd.DataFrame:
    """Every campaign that was sent: response, control group, revenue, cost."""
    marketing = source.session(shop).marketing
    listed = marketing.campaigns()
    rows = []
    for row in listed[listed["发送人数"].notna()].to_dict("records"):
        found = marketing.statistics(row["活动编号"], cost=cost, refunds=refunds)
        rows.append(
            {
                "活动编号": row["活动编号"], "活动名称": row["活动名称"], "类型": row["类型"],
                "开始日期": row["开始日期"], "发送人数": found.sent,
                "响应率": found.rates["响应率"].value, "对照组响应率": found.rates["对照组响应率"].value,
                "收入": found.revenue, "成本": found.cost, "投资回报率": found.roi,
                "活动标签": row["活动标签"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _campaigns(shop: str, campaign: str, cost: str, refunds: str, days: int) -> Made:
    marketing = source.session(shop).marketing
    found = marketing.statistics(campaign, cost=cost, refunds=refunds)
    table = _results(shops.root(), shop, cost, refunds)
    rate, control, up = found.rates["响应率"], found.rates["对照组响应率"], found.uplift
    words = dict(DEFINITIONS)
    between = (
        f"95% 区间 {up.low:+.1%} ～ {up.high:+.1%}"
        if up.low is not None and up.high is not None
        else "没有对照组，不能比较"
    )
    base = "" if control.value is None else f"对照组 {control.value:.1%}"
    cards = [
        Card("sent", "发送人数", found.sent, note="不含测试发送", aside=f"对照组 {found.held_out} 人"),
        Card("rate", "响应率", rate.value, "percent", words["响应率"], aside=base or f"{int(rate.numerator)} 人响应"),
        Card("uplift", "提升", up.difference, "percent", words["提升"], aside=between),
        Card("revenue", "带来的收入", found.revenue, "yuan", REFUNDS[refunds]),
        Card("cost", "成本", found.cost, "yuan", COSTS[cost]),
        Card("roi", "投资回报率", found.roi, "percent", words["投资回报率"]),
    ]  # fmt: skip
    birthdays = marketing.birthday(days)
    ready = birthdays[birthdays["去向"] == "发送"]
    why = (
        birthdays["原因"]
        .replace("", "可以发送")
        .value_counts()
        .rename_axis("去向")
        .reset_index(name="人数")
    )
    rates = table[table["发送人数"] > 0].iloc[::-1]
    columns = ("活动编号", "活动名称", "类型", "开始日期", "发送人数", "响应率", "收入", "成本", "投资回报率", "活动标签")  # fmt: skip
    kinds = {"收入": "money", "成本": "money", "投资回报率": "percent", "活动标签": "chips"}
    return cards, [
        Panel("rates", "历次活动的响应率", figures.bars("历次活动的响应率", rates, "活动名称", ["响应率", "对照组响应率"]), "点击看某一次", picks=[{"campaign": c} for c in rates["活动编号"]]),
        Panel("birthday", "生日关怀", figures.ranking("生日关怀", why, "去向", "人数"), f"{days} 天内 {len(birthdays)} 人，可发 {len(ready)} 人"),
        Panel("list", "活动列表", Table(table, columns, kinds=kinds)),
        Panel("holiday", "节日关怀", Table(marketing.holiday(120), ("节日", "日期", "农历", "还有几天", "上班或放假"), kinds={"还有几天": "count"}), "未来 120 天"),
    ], Layout(("rates rates birthday", "list list holiday"))  # fmt: skip


def _talks(shop: str, window: Window) -> Made:
    data = shops.load(shop)
    talks = data.interactions

    def count(window: Window) -> dict[str, float | None]:
        now = talks[window.contains(talks["时间"])]
        called = now[now["类型"] == "呼出"]
        solved = now[now["类型"] != "呼出"]
        return {
            "all": float(len(now)),
            **{kind: float((now["类型"] == kind).sum()) for kind in ("咨询", "呼入", "呼出")},
            "reached": 1 - float((called["结果"] == "无人接听").mean()) if len(called) else None,
            "passed": float(solved["结果"].str.startswith("转").mean()) if len(solved) else None,
        }

    now, before = source.compared(shop, window, count)
    made = [
        ("all", "互动次数", "count", "none", "咨询、呼入、呼出、微信和短信问卷的记录合计"),
        ("咨询", "咨询", "count", "none", "顾客在线询问"), ("呼入", "呼入", "count", "none", "顾客打进来"),
        ("呼出", "呼出", "count", "none", "客服打出去，例如满意度回访"),
        ("reached", "呼出接通率", "percent", "up", "接通的呼出 ÷ 呼出"),
        ("passed", "转办率", "percent", "down", "转主管或专项的 ÷ 咨询和呼入"),
    ]  # fmt: skip
    cards = [Card(k, label, now[k], unit, note, before[k] if before else None, good, None)
             for k, label, unit, good, note in made]  # fmt: skip
    here = talks[window.contains(talks["时间"])]
    monthly = (
        pd.crosstab(here["时间"].dt.strftime("%Y-%m"), here["类型"])
        .rename_axis("月份")
        .reset_index()
    )
    kinds = [c for c in monthly.columns if c != "月份"]
    asked = here[here["类型"] != "呼出"]
    topics = asked["主题"].value_counts().rename_axis("主题").reset_index(name="次数")
    ends = pd.crosstab(asked["主题"], asked["结果"])
    long = (
        ends.loc[topics["主题"].head(10)]
        .stack()
        .rename("次数")
        .rename_axis(["主题", "结果"])
        .reset_index()
    )
    hours = here.groupby(here["时间"].dt.hour).size().reindex(range(24), fill_value=0)
    by_hour = pd.DataFrame({"时点": [str(h) for h in hours.index], "次数": hours.to_numpy()})
    people = (
        here.groupby("客服").agg(次数=("互动编号", "size"), 平均秒数=("时长", "mean")).reset_index()
    )
    people = people.sort_values(["次数", "客服"], ascending=[False, True])
    rules = source.session(shop).interactions.wechat()
    wechat: Table | Text = (
        Table(rules, ("规则", "关键词", "回复"))
        if len(rules)
        else Text(
            [
                "微信关键词回复：还没有规则。在实训台的 互动信息 → 微信互动 里建，再用模拟消息试一试。"
            ]
        )
    )
    return cards, [
        Panel("months", "逐月互动", figures.bars("逐月互动", monthly, "月份", kinds, stacked=True)),
        Panel("topics", "问得最多的", figures.pareto("问得最多的", topics, "主题", "次数", top=10, wide=False), "线：累计占比"),
        Panel("ends", "主题 × 结果", figures.heat("主题 × 结果", long, "结果", "主题", "次数"), "前十个主题"),
        Panel("hours", "一天里的时点", figures.bars("一天里的时点", by_hour, "时点", "次数"), "几点钟，次数"),
        Panel("people", "各位客服", Table(people, kinds={"平均秒数": "number"})),
        Panel("wechat", "微信互动", wechat),
    ], Layout(("months topics topics", "ends hours people", "ends hours wechat"), (1.1, 0.9, 0.4))  # fmt: skip


def _voice(shop: str, window: Window, rule: str, open_only: bool) -> Made:
    data, crm = shops.load(shop), source.session(shop)
    reviews = data.reviews

    def count(window: Window) -> dict[str, float | None]:
        now = reviews[window.contains(reviews["评价时间"])]
        asked = data.surveys[window.contains(data.surveys["时间"])]
        return {
            "reviews": float(len(now)),
            "poor": float((now["星级"] <= 3).mean()) if len(now) else None,
            "stars": float(now["星级"].mean()) if len(now) else None,
            "surveys": float(asked["问卷编号"].nunique()),
            "csi": csi(asked).value if len(asked) else None,
        }

    now, before = source.compared(shop, window, count)
    alerts = crm.interactions.review_alerts(
        [rule] if rule else list(RULES), unanswered_only=open_only, since=window.start
    )
    late = int(alerts.table["已超时"].sum())
    words = dict(DEFINITIONS)
    made = [
        ("reviews", "评价", "count", "none", "本时段收到的评价"), ("stars", "平均星级", "number", "up", "1–5 星"),
        ("poor", "中差评率", "percent", "down", words["中差评率"]), ("surveys", "问卷", "count", "none", "本时段收回的问卷"),
        ("csi", "满意度指数", "number", "up", words["满意度指数"]),
    ]  # fmt: skip
    cards = [Card(k, label, now[k], unit, note, before[k] if before else None, good, None)
             for k, label, unit, good, note in made]  # fmt: skip
    cards.append(
        Card(
            "alerts", "待处理预警", len(alerts.table), note=words["预警"], aside=f"已超时 {late} 条"
        )
    )
    here = reviews[window.contains(reviews["评价时间"])]
    stars = here["星级"].value_counts().reindex([5, 4, 3, 2, 1], fill_value=0)
    star_frame = pd.DataFrame(
        {"星级": [f"{s} 星" for s in stars.index], "评价数": stars.to_numpy()}
    )
    asked = data.surveys[window.contains(data.surveys["时间"])]
    listed = alerts.table[
        ["来源", "级别", "时间", "星级", "原因", "应回复时间", "已超时", "客户编号"]
    ].copy()
    listed["已超时"] = ["超时" if x else "按时" for x in listed["已超时"]]
    listed = listed.assign(
        时间=pd.to_datetime(listed["时间"]), 应回复时间=pd.to_datetime(listed["应回复时间"])
    )
    panels = [
        Panel("stars", "星级", figures.bars("星级", star_frame, "星级", "评价数")),
        Panel("alerts", "中差评预警", Table(listed.rename(columns={"已超时": "状态"}), kinds={"级别": "status"}), "高的在前"),
    ]  # fmt: skip
    if len(asked):
        gaps = gap_by_item(asked)
        field = importance_performance(asked)
        spots = [(r["重要性"], r["体验"], str(r["项目"])) for r in field.to_dict("records")]
        mean_x, mean_y = float(field["重要性"].mean()), float(field["体验"].mean())
        x = curves.Axis("重要性", "number", *_ends(field["重要性"]))
        y = curves.Axis("体验", "number", *_ends(field["体验"]))
        panels += [
            Panel("gaps", "体验 − 期望", figures.bars("体验 − 期望", gaps, "项目", "满意度"), "短信问卷，为负是没有达到期望"),
            Panel("matrix", "重要性与体验", curves.points("重要性与体验", x, y, {"项目": spots}, cuts=(mean_x, mean_y)), "右下：重要但做得不够"),
        ]  # fmt: skip
    bursts = [
        (str(r["日期"])[:10], f"{r['中差评数']} 条", f"界限 {r['界限']:.1f}")
        for r in alerts.bursts.to_dict("records")
    ]
    bursts = [b for b in bursts if b[0] >= window.start.isoformat()] or [("没有", "", "")]
    panels.append(Panel("bursts", "中差评集中的日子", Facts(bursts)))
    return cards, panels, Layout(("alerts alerts stars", "gaps matrix stars", "gaps matrix bursts"), (1, 0.5, 0.5))  # fmt: skip


def _ends(values: pd.Series) -> tuple[float, float]:
    """A little room around the values of an axis."""
    low, high = float(values.min()), float(values.max())
    room = max((high - low) * 0.25, 0.05)
    return round(low - room, 1), round(high + room, 1)


PLAN = Plan("营销与互动", _controls, _draw, DEFINITIONS)
