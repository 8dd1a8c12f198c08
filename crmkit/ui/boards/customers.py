"""DB1 顾客总览: who the customers are, how they are classed, and a list to look them up in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.crm.segments import CHANNEL_MODES, SPENDING_MODES
from crmkit.ui.board import (
    Card,
    Facts,
    Layout,
    Panel,
    Plan,
    Segments,
    Table,
    Text,
    View,
    Words,
)
from crmkit.ui.boards import choices, source
from crmkit.ui.console import figures
from crmkit.ui.controls import Control, Select

VIEWS = {"overview": "概览", "classes": "分类", "list": "速查名单"}
SORTS = {
    "累计金额": "累计金额",
    "累计订单数": "累计订单数",
    "最近购买": "最近购买",
    "平均客单价": "平均客单价",
}
FIELDS = ("手机", "性别", "生日", "省份", "来源")
AGES = ((24, "≤ 24 岁"), (34, "25–34"), (44, "35–44"), (54, "45–54"), (200, "≥ 55 岁"))
DEFINITIONS = (
    ("已成交", "有过有效订单（已付款且未作废）的顾客。"),
    ("可营销", "同意接受营销的顾客；没有同意的不发促销信息。"),
    ("新注册", "所选时段内注册的顾客。"),
    ("累计金额", "顾客全部有效订单的实付金额，含运费，不减退款。"),
    ("资料完整率", "这一项填了的顾客 ÷ 全部顾客；导入前后都该看。"),
    ("购买频率分类", "按累计有效订单数分档，每人只在一类。"),
    ("渠道分类", "首单渠道每人一类；买过的渠道可以几类，人数之和大于总人数。"),
    ("消费分类", "按累计金额分档，边界值归上一档；也可五等分。"),
    ("速查名单", "手机和姓名一律打码；要看明文，在实训台里用有权限的角色。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    shop, view = choices.chosen_shop(values), str(values.get("view", "overview"))
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if view == "overview":
        bar.append(choices.period())
    elif view == "classes":
        bar += [
            Segments("spending", "消费分档", choices.short({"bands": "固定金额", "quintiles": "五等分"})),
            Segments("mode", "渠道口径", choices.short(CHANNEL_MODES)),
        ]  # fmt: skip
    else:
        people, tags = shops.load(shop).customers, shops.load(shop).tags
        owned = tags.loc[tags["对象"] == "customer", "标签"]
        bar += [
            Words("nick", "昵称含有"),
            Words("tail", "手机尾号"),
            Select("level", "等级", _any("全部等级", people["会员等级"])),
            Select("province", "省份", _any("全部省份", people["省份"])),
            Select("tag", "标签", _any("全部标签", owned)),
            Select("sort", "排序", SORTS),
        ]
    return [choices.shop()], bar


def _any(all_of_them: str, column: pd.Series) -> dict[str, str]:
    values = [str(v) for v in column.dropna().value_counts().index]
    return {"": all_of_them} | {v: v for v in values}


def _draw(shop: str, view: str = "overview", **options: Any) -> View:
    data, crm = shops.load(shop), source.session(shop)
    people = data.customers
    period = options.get("period", choices.PERIOD)
    window = choices.window(shop, period)

    def registered(window: Any) -> float:
        return float(window.contains(people["注册日期"]).sum())

    now, before = source.compared(shop, window, registered)
    found = crm.segments.frequency().table
    bought = int(found["人数"].sum() - found["人数"].iloc[0])
    agreed = float(people["接受营销"].fillna(False).astype(bool).mean())
    cards = [
        Card("customers", "顾客", len(people), note="本店全部顾客"),
        Card("buyers", "已成交", bought, note=dict(DEFINITIONS)["已成交"], aside=f"{bought / len(people):.1%}"),
        Card("agreed", "可营销", agreed, "percent", dict(DEFINITIONS)["可营销"]),
        Card("new", f"新注册（{choices.PERIODS[period]}）", now, note=dict(DEFINITIONS)["新注册"], before=before, good="up", aside=None),
        Card("worth", "买家平均累计金额", float(found["金额"].sum()) / bought if bought else None, "yuan", dict(DEFINITIONS)["累计金额"]),
        Card("tags", "顾客标签", len(crm.customers.tags()), note="正在使用的标签个数"),
    ]  # fmt: skip
    result: dict[str, Any] = {c.id: c.value for c in cards}
    if view == "overview":
        panels, layout = _overview(shop)
    elif view == "classes":
        panels, layout = _classes(shop, options["spending"], options["mode"])
    else:
        panels, layout, result["found"] = _list(shop, options)
    return View(
        subtitle=f"{VIEWS[view]}；全部 {len(people):,} 位顾客，截至 {shops.as_of()}",
        title=f"{shops.TITLES[shop]} · 顾客总览",
        panels=panels, layout=layout, cards=cards, shop=shop, result=result,
        note=choices.foot("金额含运费，不减退款。"),
    )  # fmt: skip


def _overview(shop: str) -> tuple[list[Panel], Layout]:
    data, crm = shops.load(shop), source.session(shop)
    people = data.customers
    months = people["注册日期"].dt.strftime("%Y-%m").value_counts().sort_index()
    first = f"{source.first_month(shop):%Y-%m}"
    months = months[months.index >= first]
    joined = pd.DataFrame({"月份": months.index, "注册人数": months.to_numpy()})
    filled = pd.DataFrame(
        {"项目": FIELDS, "完整率": [float((people[c].notna() & (people[c] != "未知")).mean()) for c in FIELDS]}
    )  # fmt: skip
    return [
        Panel("joined", "逐月注册", figures.bars("逐月注册", joined, "月份", "注册人数")),
        Panel("source", "来源分类", figures.share("来源分类", crm.segments.source().table, "类别", "人数")),
        Panel("ages", "年龄与性别", figures.bars("年龄与性别", age_table(people), "年龄段", ["女", "男", "未知"], stacked=True), f"人数，年龄算到 {shops.as_of()}"),
        Panel("tags", "顾客标签", figures.ranking("顾客标签", crm.customers.tags(), "标签", "数量", top=9), "带标签的人数"),
        Panel("filled", "资料完整率", figures.ranking("资料完整率", filled, "项目", "完整率"), "导入质量"),
    ], Layout(("joined joined source", "ages tags filled"))  # fmt: skip


def age_table(people: pd.DataFrame) -> pd.DataFrame:
    """People by age at the data date and gender: 年龄段, 女, 男, 未知."""
    day = pd.Timestamp(shops.as_of())
    born = people["生日"]
    not_yet = (born.dt.month * 100 + born.dt.day) > day.month * 100 + day.day
    age = day.year - born.dt.year - not_yet.astype("int64")
    names = [name for _, name in AGES]
    band = pd.cut(age, [0, *(a for a, _ in AGES)], labels=names).astype(object)
    table = pd.crosstab(band.fillna("未填生日"), people["性别"].fillna("未知"))
    table = table.reindex([*names, "未填生日"], fill_value=0)
    table = table.reindex(columns=["女", "男", "未知"], fill_value=0)
    return table.rename_axis("年龄段").reset_index()


def _classes(shop: str, spending: str, mode: str) -> tuple[list[Panel], Layout]:
    segments = source.session(shop).segments
    often, much = segments.frequency(), segments.spending(mode=spending)
    place, origin = segments.channel(mode=mode), segments.source()
    both = often.members.merge(much.members, on="客户编号", suffixes=("频率", "消费"))
    cross = both.groupby(["类别频率", "类别消费"]).size().rename("人数").reset_index()
    order = {name: k for k, name in enumerate(often.table["类别"])}
    width = {name: k for k, name in enumerate(much.table["类别"])}
    grid = pd.MultiIndex.from_product([order, width], names=["类别频率", "类别消费"])
    cross = cross.set_index(["类别频率", "类别消费"]).reindex(grid, fill_value=0).reset_index()
    by_hand = segments.manual()
    hand: Table | Text = (
        Table(by_hand, ("分类", "方式", "人数"))
        if len(by_hand)
        else Text(
            ["还没有手动分类。在实训台的 顾客分类 → 手动分类 里挑人、起名，改动会记进操作日志。"]
        )
    )
    columns = ("类别", "人数", "人数占比", "金额占比", "客单价")
    return [
        Panel("often", "购买频率分类", figures.bars("购买频率分类", often.table, "类别", "人数"), "累计有效订单数"),
        Panel("much", "消费分类", figures.bars("消费分类", much.table, "类别", "人数"), SPENDING_MODES[spending]),
        Panel("place", "渠道分类", figures.ranking("渠道分类", place.table, "类别", "人数"), "" if place.partition else "一人可在几类"),
        Panel("cross", "频率 × 消费", figures.heat("频率 × 消费", cross, "类别消费", "类别频率", "人数"), "交叉人数"),
        Panel("origin", "来源分类", Table(origin.table, columns)),
        Panel("hand", "手动分类", hand),
    ], Layout(("often much place", "cross cross origin", "cross cross hand"), (1.2, 0.85, 0.6))  # fmt: skip


def _list(shop: str, options: Mapping[str, Any]) -> tuple[list[Panel], Layout, int]:
    customers = source.session(shop).customers
    asked = {
        "nick": options["nick"], "mobile_tail": options["tail"], "level": options["level"],
        "province": options["province"], "tag": options["tag"],
    }  # fmt: skip
    sort = ((options["sort"], False),)
    page = customers.lookup(**asked, sort=sort, size=100)
    levels = [v for v in _any("", shops.load(shop).customers["会员等级"]) if v]
    counts = [
        customers.lookup(**asked | {"level": v}, size=1).total if asked["level"] in ("", v) else 0
        for v in levels
    ]
    by_level = pd.DataFrame({"会员等级": levels, "人数": counts})
    columns = ("客户编号", "昵称", "姓名", "手机", "会员等级", "省份", "来源", "累计订单数", "累计金额", "平均客单价", "最近购买")  # fmt: skip
    whole = len(shops.load(shop).customers)
    return [
        Panel("list", "名单", Table(page.frame, columns, total=page.total, search=True), f"符合条件 {page.total:,} 人"),
        Panel("found", "找到", Facts([("符合条件", f"{page.total:,} 人"), ("占全部顾客", f"{page.total / whole:.1%}")])),
        Panel("levels", "按等级", figures.ranking("按等级", by_level, "会员等级", "人数"), "符合条件的人"),
    ], Layout(("list found", "list levels"), (0.5, 2), (4.2, 1)), page.total  # fmt: skip


PLAN = Plan("顾客总览", _controls, _draw, DEFINITIONS)
