"""DB14 战略与能力: the four aims of CRM, growth matrix, levels of relation, CRM capability."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics import ahp, capability, strategy
from crmkit.analytics.satisfaction import csi, to_hundred
from crmkit.analytics.selection import paid_orders
from crmkit.analytics.window import Window, last_months
from crmkit.settings import settings
from crmkit.ui import curves
from crmkit.ui.board import (
    Card,
    Facts,
    Fields,
    Hidden,
    Layout,
    Panel,
    Plan,
    Segments,
    Table,
    Text,
    View,
)
from crmkit.ui.boards import choices, source
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control, Select, Slider

VIEWS = {"aims": "四个目标", "growth": "增长矩阵", "relation": "关系层次", "capability": "能力"}
BUSINESS = {"类目": "按小类", "商品名称": "按商品", "渠道编号": "按渠道"}
SCALE = {**{f"1/{k}": f"1/{k}" for k in (5, 4, 3, 2)}, **{str(k): str(k) for k in range(1, 6)}}
# customers and margin of typical firms, written for class
INDUSTRIES: Mapping[str, tuple[int, float]] = {
    "证券": (80_000, 0.45), "旅游": (12_000, 0.15), "消费品": (500_000, 0.30),
    "汽车": (900, 0.12), "家电": (60_000, 0.18), "工业设备": (60, 0.42),
}  # fmt: skip
MARKS = {  # a small online shop's self-assessment, written for class
    "客户资料完备": 80, "客户识别与细分": 65, "需求与流失预测": 40, "洞察送达一线": 45,
    "终身价值管理": 50, "客户风险": 55, "产品检查": 70, "渠道转变": 60, "共同品牌计划": 30,
    "客户服务": 75, "多渠道一致": 55, "响应速度": 80, "投诉处理与补救": 70, "主动关怀": 60,
    "全员客户导向": 50,
}  # fmt: skip
DEFINITIONS = (
    ("四个目标", "增加销售、保住利润率、提高满意度、降低营销成本；各用一个数看。"),
    ("毛利率", "（商品金额 − 商品成本）÷ 商品金额；不含邮费和优惠。"),
    ("满意度", "问卷体验的加权平均（权重是重要性），换算到 0–100。"),
    ("营销费用率", "时间段内开始的活动预算 ÷ 支付金额。"),
    ("增长矩阵", "现有或新的客户 × 现有或新的业务；“新”指本年以前没有过。格子的名称〔推断〕。"),
    ("关系层次", "客户多少 × 毛利高低定层次（科特勒）；界限是课程约定，可以拖动。"),
    ("能力得分", "指标得分 × 权重逐层加总；一级权重由两两比较（AHP）得出，二级等权。"),
    ("可提升", "权重 ×（100 − 得分）：先补哪里总分长得最多。"),
)
Made = tuple[str, list[Card], list[Panel], Layout]


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    view, rule = str(values.get("view", "aims")), settings()["strategy"]
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if view == "aims":
        bar.append(choices.period())
    elif view == "growth":
        bar += [
            Segments("business", "业务", BUSINESS),
            Slider("budget", "拿多少预算去增长", 0, 200_000, 5000, 50_000, unit="元"),
        ]
    elif view == "relation":
        bar += [
            Select("industry", "行业", {"": "全部行业"} | {n: n for n in INDUSTRIES}),
            Slider("many", "客户算多", 200, 5000, 100, rule["many"], unit="人"),
            Slider("few", "客户算少", 10, 190, 10, rule["few"], unit="人"),
            Slider("high", "毛利算高", 0.3, 0.8, 0.05, rule["high"], percent=True),
            Slider("low", "毛利算低", 0.05, 0.29, 0.01, rule["low"], percent=True),
        ]
    else:
        a, b, c = capability.CAPABILITIES
        pairs = (("ab", f"{a} : {b}"), ("ac", f"{a} : {c}"), ("bc", f"{b} : {c}"))
        bar += [Select(name, label, SCALE, "1") for name, label in pairs]
        bar.append(Segments("branch", "评哪一支", {n: n for n in capability.TREE}))
        shown = str(values.get("branch", capability.CAPABILITIES[0]))
        for branch, names in capability.TREE.items():
            for name in names:
                mark = Slider(name, name, 0, 100, 5, MARKS[name], unit="分")
                bar.append(mark if branch == shown else Hidden.of(mark))
    return [choices.shop()], bar


def _draw(shop: str, view: str = "aims", **options: Any) -> View:
    pages: Mapping[str, Callable[..., Made]] = {
        "aims": _aims,
        "growth": _growth,
        "relation": _relation,
        "capability": _capability,
    }
    told, cards, panels, layout = pages[view](shop, **options)
    return View(
        subtitle=f"{VIEWS[view]}；{told}", title=f"{shops.TITLES[shop]} · 战略与能力",
        cards=cards, panels=panels, layout=layout, shop=shop,
        note=choices.foot("〔教学编写〕的数只作练习。"), result={c.id: c.value for c in cards},
    )  # fmt: skip


@lru_cache(maxsize=3)
def _lines(folder: Path, shop: str) -> pd.DataFrame:
    """Every line sold: 客户编号, 日期, 类目, 商品名称, 渠道编号, 金额, 成本合计."""
    data = shops.load(shop)
    sold = paid_orders(data.orders, as_of=shops.as_of())[["order_id", "customer_id", "paid_at"]]
    lines = data.order_items.merge(sold, left_on="订单编号", right_on="order_id")
    lines = lines.merge(data.orders[["订单编号", "渠道编号"]], on="订单编号")
    lines = lines.merge(data.products[["商品编码", "商品名称", "类目", "成本"]], on="商品编码")
    return pd.DataFrame(
        {
            "客户编号": lines["customer_id"], "日期": lines["paid_at"], "类目": lines["类目"],
            "商品名称": lines["商品名称"], "渠道编号": lines["渠道编号"],
            "金额": lines["单价"] * lines["数量"], "成本合计": lines["成本"] * lines["数量"],
        }
    )  # fmt: skip


def aims_of(shop: str, window: Window) -> dict[str, float | None]:
    """The four aims over a period: 销售额, 毛利率, 满意度 (0–100), 营销费用率."""
    data, lines = shops.load(shop), _lines(shops.root(), shop)
    sales = float(paid_orders(data.orders, window, as_of=shops.as_of())["cents"].sum()) / 100
    goods = lines[window.contains(lines["日期"])]
    amount = float(goods["金额"].sum())
    asked = data.surveys[window.contains(data.surveys["时间"])]
    found = csi(asked).value if len(asked) else None
    begun = data.campaigns[window.contains(data.campaigns["开始日期"])]
    spent = float(begun["预算"].sum())
    return {
        "sales": sales,
        "margin": 1 - float(goods["成本合计"].sum()) / amount if amount else None,
        "satisfaction": to_hundred(found) if found is not None else None,
        "cost": spent / sales if sales else None,
    }


def _aims(shop: str, period: str) -> Made:
    window = choices.window(shop, period)
    now, before = source.compared(shop, window, lambda w: aims_of(shop, w))
    words = dict(DEFINITIONS)
    made = [
        ("sales", "销售额", "yuan", "up", "支付金额，含邮费，不减退款"), ("margin", "毛利率", "percent", "up", words["毛利率"]),
        ("satisfaction", "满意度（百分制）", "number", "up", words["满意度"]), ("cost", "营销费用率", "percent", "down", words["营销费用率"]),
    ]  # fmt: skip
    cards = [Card(k, label, now[k], unit, note, before[k] if before else None, good, None)
             for k, label, unit, good, note in made]  # fmt: skip
    months = last_months(shops.as_of(), 12)
    rows = [aims_of(shop, m) for m in months]
    table = pd.DataFrame(rows).assign(月份=[f"{m.start:%Y-%m}" for m in months])
    table = table.rename(
        columns={
            "sales": "销售额",
            "margin": "毛利率",
            "satisfaction": "满意度",
            "cost": "营销费用率",
        }
    )
    kinds = ("销售额", "毛利率", "满意度", "营销费用率")
    said = {
        "销售额": "增加销售",
        "毛利率": "保住利润率",
        "满意度": "提高满意度",
        "营销费用率": "降低营销成本",
    }
    panels = [
        Panel(f"a{k}", said[name], figures.bars(said[name], table, "月份", name) if name in ("销售额", "营销费用率") else figures.lines(said[name], table, "月份", [name], wide=False), f"逐月{name}")
        for k, name in enumerate(kinds)
    ]  # fmt: skip
    means = [
        ("增加销售", "用顾客信息找到机会：交叉销售、提醒、召回"), ("保住利润率", "靠服务和关系留人，不靠降价"),
        ("提高满意度", "顾客方便的渠道都能找到我们"), ("降低营销成本", "分组投放，不对所有人撒网"),
    ]  # fmt: skip
    panels.append(Panel("means", "靠什么达到", Facts(means, two=True)))
    return window.label, cards, panels, Layout(("a0 a0 a1 a1", "a2 a2 a3 a3", "means means means means"), (1, 1, 0.5))  # fmt: skip


def _growth(shop: str, business: str, budget: float) -> Made:
    lines = _lines(shops.root(), shop)
    years = sorted(lines["日期"].dt.year.unique().tolist())
    matrix = strategy.growth_matrix(lines, years, business=business)
    last = str(years[-1])
    total = float(matrix[last].sum())
    words = {"客户忠诚": "老客户 × 老业务", "客户扩充": "老客户 × 新业务", "客户获得": "新客户 × 老业务", "客户多样化": "新客户 × 新业务"}  # fmt: skip
    fields = [(n, cells.written(float(v), "money"), f"{words[n]}，占 {v / total:.1%}", float(v)) for n, v in matrix[last].items()]  # fmt: skip
    cards = [
        Card(f"g{k}", str(n), float(v), "yuan", words[str(n)], aside=f"占 {v / total:.1%}")
        for k, (n, v) in enumerate(matrix[last].items())
    ]
    share = matrix.loc["客户忠诚", last] / total
    cards.append(Card("total", f"{last} 年商品金额", total, "yuan"))
    ceilings = {str(n): (max(float(v), 1.0) * 0.2, 1 / 40_000) for n, v in matrix[last].items()}
    parts = strategy.allocate(float(budget), ceilings)
    plan = pd.DataFrame({"战略": list(parts), "预算": list(parts.values())})
    plan["预计增收"] = [strategy.response(parts[n], *ceilings[n]) for n in parts]
    cellwise = strategy.growth_cells(lines, years[-1], business=business)
    mine = lines.loc[cellwise.index].assign(战略=cellwise)
    months = mine.pivot_table(
        index=mine["日期"].dt.strftime("%Y-%m"),
        columns="战略",
        values="金额",
        aggfunc="sum",
        fill_value=0.0,
    )
    months = months.rename_axis("月份").reset_index()
    fresh = mine[mine["战略"].isin(["客户获得", "客户多样化"])]
    names = _names(shop, business)
    top = fresh.groupby(fresh[business].map(names))["金额"].sum().rename_axis("业务").reset_index()
    told = f"{last} 年 {share:.1%} 的金额来自老客户买老业务；{years[0]} 年是数据的第一年，没有更早的，不能比。"
    return f"业务{BUSINESS[business]}，{last} 年", cards, [
        Panel("matrix", "客户增长矩阵", Fields(fields, 2), "行：老客户、新客户；列：老业务、新业务"),
        Panel("months", "逐月的四格", curves.in_unit(figures.bars("逐月的四格", months, "月份", [c for c in months.columns if c != "月份"], stacked=True), "money"), "元"),
        Panel("fresh", "新客户买了什么", figures.ranking("新客户买了什么", top, "业务", "金额", top=8), "元"),
        Panel("plan", "预算怎么分", [Table(plan, kinds={"预算": "money", "预计增收": "money"})], "最后一元的增收相等；上限取该格金额的 20%〔教学编写〕"),
        Panel("told", "读法", Text([told], "point")),
    ], Layout(("matrix months", "plan fresh", "told fresh"), (1.1, 0.85, 0.4))  # fmt: skip


def _names(shop: str, business: str) -> Mapping[str, str]:
    """What a line of business is called on a chart."""
    channels = shops.load(shop).channels
    if business == "渠道编号":
        return dict(zip(channels["渠道编号"], channels["渠道名称"], strict=True))
    return {str(v): str(v).split("/")[-1] for v in _lines(shops.root(), shop)[business].unique()}


def _relation(shop: str, industry: str, many: int, few: int, high: float, low: float) -> Made:
    limits = {"many": many, "few": few, "high": high, "low": low}
    lines = _lines(shops.root(), shop)
    found = []
    for name, part in lines.groupby(lines["类目"].str.split("/").str[-1]):
        amount = float(part["金额"].sum())
        margin = 1 - float(part["成本合计"].sum()) / amount
        people = part["客户编号"].nunique()
        found.append((name, people, margin, strategy.relation_level(people, margin, **limits)))
    own = pd.DataFrame(found, columns=["类目", "客户数", "毛利率", "关系层次"])
    own = own.sort_values("客户数", ascending=False)
    firms = pd.DataFrame(
        [(n, c, m, strategy.relation_level(c, m, **limits)) for n, (c, m) in INDUSTRIES.items() if industry in ("", n)],
        columns=["行业", "客户数", "毛利率", "关系层次"],
    )  # fmt: skip
    sizes, margins = ("多", "中", "少"), ("高", "中", "低")
    counts, levels = own["关系层次"].value_counts(), strategy.LEVELS
    grid = [
        (f"客户{s}、毛利{m}", strategy.RELATION_GRID[s, m], "", levels.index(strategy.RELATION_GRID[s, m]) + 1)
        for s in sizes for m in margins
    ]  # fmt: skip
    steps = (
        "卖出去就完了",
        "卖出去，有问题来找我",
        "卖后主动回访一次",
        "不时联系，征求改进",
        "一起想办法，长期共事",
    )
    x = curves.Axis("客户数", "count", 0, curves.rounded_up(float(own["客户数"].max()) * 1.15))
    seen = [*own["毛利率"], high]
    low_end, high_end = math.floor(min(seen) * 10 - 0.5) / 10, math.ceil(max(seen) * 10 + 0.5) / 10
    y = curves.Axis("毛利率", "percent", max(0.0, low_end), min(1.0, high_end))
    groups = {
        level: [(r["客户数"], r["毛利率"], r["类目"]) for r in own[own["关系层次"] == level].to_dict("records")]
        for level in levels if level in counts.index
    }  # fmt: skip
    cards = [
        Card(f"l{k}", level, int(counts.get(level, 0)), note=steps[k], aside="个类目")
        for k, level in enumerate(levels)
    ]
    return f"客户 ≥ {many} 算多、≤ {few} 算少；毛利 ≥ {high:.0%} 算高、< {low:.0%} 算低", cards, [
        Panel("grid", "层次表", Fields(grid, 3), "行：客户多、中、少；列：毛利高、中、低"),
        Panel("spots", "本店各类目", curves.points("本店各类目", x, y, groups, cuts=(float(many), high)), "虚线：多、高的界限"),
        Panel("own", "本店各类目", Table(own, kinds={"关系层次": "text"})),
        Panel("firms", "各行业〔教学编写〕", Table(firms, kinds={"关系层次": "text"})),
        Panel("steps", "五个层次", Facts([(level, step) for level, step in zip(levels, steps, strict=True)])),
    ], Layout(("grid spots spots", "own firms steps"), (1.1, 1))  # fmt: skip


def _capability(shop: str, ab: str, ac: str, bc: str, branch: str, **marks: float) -> Made:
    a, b, c = capability.CAPABILITIES
    found = ahp.weights(ahp.reciprocal([[_value(ab), _value(ac)], [_value(bc)]]))
    first = dict(zip((a, b, c), found.values, strict=True))
    second = {n: {x: 1 / len(inside) for x in inside} for n, inside in capability.TREE.items()}
    weights = capability.global_weights(first, second)
    branches = capability.branch_scores(marks, second)
    total = sum(weights[n] * marks[n] for n in weights)
    mend = capability.importance_performance(weights, marks)
    inside = capability.TREE[branch]
    own = pd.DataFrame({"指标": list(inside), "得分": [float(marks[n]) for n in inside]})
    cards = [
        Card("total", "能力得分", total, "number", dict(DEFINITIONS)["能力得分"], aside="满分 100"),
        *(Card(f"b{k}", f"{n}能力", branches[n], "number", "二级指标的加权平均", aside=f"权重 {first[n]:.1%}") for k, n in enumerate(branches)),
        Card("cr", "一致性比率 CR", found.cr, "number", "小于 0.10 才接受", aside="判断一致" if found.consistent else "前后矛盾，请调整"),
        Card("gain", "补一项最多能加", float(mend.iloc[0]["可提升"]), "number", dict(DEFINITIONS)["可提升"], aside=str(mend.iloc[0]["指标"])),
    ]  # fmt: skip
    gains = mend.head(8)
    spots: dict[str, list[tuple[float, float, str]]] = {}
    for name, group in capability.TREE.items():
        spots[name] = [(weights[n], float(marks[n]), n) for n in group]
    heaviest = max(weights.values())
    lightest = math.floor(min(weights.values()) * 70) / 100  # leaves room for names at the left
    x = curves.Axis("权重", "percent", lightest, curves.rounded_up(heaviest * 1.2))
    y = curves.Axis("得分", "number", 0, 100)
    cut = (sum(weights.values()) / len(weights), sum(marks[n] for n in weights) / len(weights))
    return "自评的得分可以拖动〔教学编写〕；一级权重由两两比较得出", cards, [
        Panel("radar", "三种能力", curves.radar("三种能力", list(branches), {"得分": list(branches.values())}, most=100)),
        Panel("own", f"{branch}能力的指标", figures.ranking(f"{branch}能力的指标", own, "指标", "得分"), "在上面拖动"),
        Panel("gains", "先补哪里", figures.ranking("先补哪里", gains, "指标", "可提升"), "补到 100 分，总分能加多少"),
        Panel("spots", "权重与得分", curves.points("权重与得分", x, y, spots, cuts=cut), "右下：重要但弱"),
        Panel("list", "全部指标", Table(mend, kinds={"权重": "percent", "得分": "number", "可提升": "number", "象限": "text"})),
    ], Layout(("radar own gains", "spots spots list"), (1, 1.15))  # fmt: skip


def _value(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


PLAN = Plan("战略与能力", _controls, _draw, DEFINITIONS)
