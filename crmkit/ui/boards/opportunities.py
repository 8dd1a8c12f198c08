"""DB13 商机与报价: the pipeline by stage and grade, AHP weights behind the grade, quotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics import ahp
from crmkit.crm.opportunities import CRITERIA, RULES, STAGES
from crmkit.settings import settings
from crmkit.ui.board import Card, Facts, Layout, Panel, Plan, Segments, Table, Text, View
from crmkit.ui.boards import choices, pricing, source
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control, Select, Slider

VIEWS = {"pipeline": "漏斗与预测", "grade": "评级", "methods": "报价方法", "quote": "报价"}
GRADES = ("A", "B", "C", "D")
PAIRS = tuple((i, j) for i in range(4) for j in range(i + 1, 4))
SCALE = {
    **{f"1/{k}": f"1/{k}" for k in range(9, 1, -1)},
    **{str(k): str(k) for k in range(1, 10)},
}
OPEN = tuple(word for code, word in STAGES.items() if code not in ("won", "lost"))
DEFINITIONS = (
    ("五个阶段", "潜在 → 有效 → 可行 → 目标 → 成功；进入条件：" + "；".join(f"{STAGES[k]}：{v}" for k, v in RULES.items()) + "（课程约定）。"),
    ("到达数", "曾经走到这一阶段的商机；失败的只知道到过潜在。"),
    ("加权金额", "预计金额 × 所在阶段的成交概率（课程约定），合计就是预测。"),
    ("赢单率", "成功 ÷（成功 + 失败）。"),
    ("评级", "四项评分（1–5）按 AHP 权重加权；得分够哪一档就是哪一级。"),
    ("一致性比率", "CR = CI ÷ RI，小于 0.10 才接受判断矩阵。"),
    ("最低报价", "成本 ÷（1 − 最低毛利率）；低于它系统不让报出。"),
    *pricing.DEFINITIONS,
)  # fmt: skip


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    shop, view = choices.chosen_shop(values), str(values.get("view", "pipeline"))
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if view == "pipeline":
        bar.append(Segments("grade", "等级", {"": "全部"} | {g: g for g in GRADES}))
    elif view == "grade":
        given = settings()["opportunities"]["comparisons"]
        flat = [v for row in given for v in row]
        bar += [
            Select(f"p{i}{j}", f"{CRITERIA[i][:2]} : {CRITERIA[j][:2]}", SCALE, f"{start:g}")
            for (i, j), start in zip(PAIRS, flat, strict=True)
        ]
    elif view == "methods":
        bar += pricing.controls(_goods(shop))
    else:
        bar += [
            Select("sku", "商品", _goods(shop)),
            Slider("qty", "数量", 1, 200, 1, 20, unit="件"),
            Slider("off", "优惠", 0.0, 0.6, 0.01, 0.05, percent=True),
        ]
    return [choices.shop()], bar


def _goods(shop: str) -> dict[str, str]:
    """Product → name and price."""
    goods = shops.load(shop).products.sort_values("商品编码")
    rows = zip(goods["商品编码"], goods["商品名称"], goods["价格"], strict=True)
    return {sku: f"{name}（{price:g} 元）" for sku, name, price in rows}


def _draw(shop: str, view: str = "pipeline", **options: Any) -> View:
    opportunities = source.session(shop).opportunities
    listed = opportunities.list()
    if view == "pipeline":
        cards, panels, layout = _pipeline(shop, listed, options["grade"])
    elif view == "grade":
        cards, panels, layout = _grade(shop, listed, options)
    elif view == "methods":
        cards, panels, layout = pricing.draw(shop, **options)
    else:
        cards, panels, layout = _quote(shop, options["sku"], int(options["qty"]), options["off"])
    return View(
        subtitle=f"{VIEWS[view]}；{len(listed):,} 个商机，截至 {shops.as_of()}",
        title=f"{shops.TITLES[shop]} · 商机与报价", panels=panels, layout=layout, cards=cards,
        shop=shop, result={c.id: c.value for c in cards},
        note=f"数据日期 {shops.as_of()}。成交概率、等级界限和最低毛利率是课程约定。",
    )  # fmt: skip


Made = tuple[list[Card], list[Panel], Layout]


def _pipeline(shop: str, listed: pd.DataFrame, grade: str) -> Made:
    funnel = source.session(shop).opportunities.funnel()
    chosen = listed[listed["等级"] == grade] if grade else listed
    live = chosen[chosen["阶段"].isin(OPEN)]
    won, lost = chosen[chosen["阶段"] == STAGES["won"]], chosen[chosen["阶段"] == STAGES["lost"]]
    ended = len(won) + len(lost)
    took = (won["结束日期"] - won["建立日期"]).dt.days
    words = dict(DEFINITIONS)
    cards = [
        Card("open", "在谈商机", len(live), note="还没有结束的商机"),
        Card("amount", "在谈金额", float(live["预计金额"].sum()), "yuan", "预计金额合计"),
        Card("forecast", "预测（加权）", float(live["加权金额"].sum()), "yuan", words["加权金额"]),
        Card("won", "已成交金额", float(won["预计金额"].sum()), "yuan", f"{len(won)} 个成功的商机", aside=f"{len(won)} 个"),
        Card("rate", "赢单率", len(won) / ended if ended else None, "percent", words["赢单率"], aside=f"{len(won)} ÷ {ended}"),
        Card("cycle", "成交用时（中位数）", float(took.median()) if len(took) else None, "days", "从建立到成功"),
    ]  # fmt: skip
    grid = pd.MultiIndex.from_product([GRADES, OPEN], names=["等级", "阶段"])
    cross = (
        live.groupby(["等级", "阶段"])["预计金额"].sum().reindex(grid, fill_value=0.0).reset_index()
    )
    opened = chosen.groupby(chosen["建立日期"].dt.strftime("%Y-%m")).size()
    closed = won.groupby(won["结束日期"].dt.strftime("%Y-%m"))["预计金额"].sum()
    months = pd.DataFrame({"新建商机": opened, "成交金额": closed}).fillna(0.0)
    months = months.rename_axis("月份").reset_index()
    months["新建商机"] = months["新建商机"].astype("int64")
    waiting = live.assign(已过天数=(pd.Timestamp(shops.as_of()) - live["建立日期"]).dt.days)
    waiting = waiting.sort_values(["加权金额", "商机编号"], ascending=[False, True])
    columns = (
        "商机编号",
        "客户编号",
        "阶段",
        "等级",
        "预计金额",
        "加权金额",
        "成交概率",
        "建立日期",
        "已过天数",
    )
    return cards, [
        Panel("funnel", "销售漏斗", figures.funnel("销售漏斗", funnel, "阶段", "到达数"), "走到过各阶段的商机（全部等级）"),
        Panel("months", "逐月新建与成交", figures.mixed("逐月新建与成交", months, "月份", "新建商机", "成交金额"), "柱：新建，线：成交金额（右轴）"),
        Panel("cross", "等级 × 阶段", figures.heat("等级 × 阶段", cross, "阶段", "等级", "预计金额"), "在谈金额（元）"),
        Panel("list", "在谈商机", Table(waiting, columns, kinds={"已过天数": "count"}, search=True), "按加权金额"),
    ], Layout(("funnel months months", "cross list list"), (1, 1.1), (1, 0.9, 1.1))  # fmt: skip


def _value(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


def _grade(shop: str, listed: pd.DataFrame, pairs: Mapping[str, str]) -> Made:
    upper = [[_value(pairs[f"p{i}{j}"]) for j in range(i + 1, 4)] for i in range(3)]
    matrix = ahp.reciprocal(upper)
    found = ahp.weights(matrix)
    weights = pd.DataFrame({"指标": CRITERIA, "权重": found.values})
    graded = source.session(shop).opportunities.grade(upper) if found.consistent else None
    limits = settings()["opportunities"]["grades"]
    cards = [
        Card("cr", "一致性比率 CR", found.cr, "number", dict(DEFINITIONS)["一致性比率"], aside="判断一致" if found.consistent else "前后矛盾，请调整"),
        Card("lambda", "最大特征值", found.lambda_max, "number", "判断矩阵的最大特征值"),
        *(Card(f"w{k}", f"{name} 权重", w, "percent") for k, (name, w) in enumerate(zip(CRITERIA, found.values, strict=True))),
    ]  # fmt: skip
    shown = pd.DataFrame(
        [[name, *(_written(v) for v in row)] for name, row in zip(CRITERIA, matrix, strict=True)],
        columns=["比", *CRITERIA],
    )
    panels = [
        Panel("matrix", "判断矩阵", Table(shown, kinds=dict.fromkeys(CRITERIA, "text")), "行比列重要多少"),
        Panel("weights", "权重", figures.ranking("权重", weights, "指标", "权重"), "特征向量法"),
    ]  # fmt: skip
    if graded is None:
        told = Text(
            [f"CR = {found.cr:.3f}，不小于 0.10：判断前后矛盾，不能用来评级。",
             "例：甲比乙重要 2 倍、乙比丙重要 2 倍，甲比丙就该接近 4 倍。"], "point")  # fmt: skip
        return cards, [*panels, Panel("list", "不能评级", told)], Layout(("matrix weights", "list list"), (1, 1))  # fmt: skip
    counts = graded["等级"].value_counts().reindex(GRADES, fill_value=0)
    before = listed["等级"].value_counts().reindex(GRADES, fill_value=0)
    both = graded[["商机编号", "等级"]].merge(listed[["商机编号", "等级"]], on="商机编号")
    changed = int((both["等级_x"] != both["等级_y"]).sum())
    names = [f"{g}（≥ {limits[g]:g}）" if g in limits else "D" for g in GRADES]
    levels = pd.DataFrame({"等级": names, "现在": counts.to_numpy(), "课程权重": before.to_numpy()})
    scored = shops.load(shop).opportunities[["商机编号", *CRITERIA]]
    table = graded.merge(scored, on="商机编号")
    columns = ("商机编号", "客户编号", "阶段", *CRITERIA, "得分", "等级", "预计金额")
    panels += [
        Panel("levels", "各级商机", figures.bars("各级商机", levels, "等级", ["现在", "课程权重"]), f"与课程权重相比，{changed} 个换了等级"),
        Panel("list", "评级结果", Table(table, columns, kinds={"得分": "number", "等级": "status"}, search=True), "得分从高到低"),
    ]  # fmt: skip
    return cards, panels, Layout(("matrix weights levels", "list list list"), (1, 1.25))


def _written(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:.3g}"


def _quote(shop: str, sku: str, qty: int, off: float) -> Made:
    goods = shops.load(shop).products.set_index("商品编码")
    least = settings()["opportunities"]["least_margin"]
    one = goods.loc[sku]
    gross, cost = float(one["价格"]) * qty, float(one["成本"]) * qty
    total = round(gross * (1 - off), 2)
    margin = (total - cost) / total if total else None
    floor = cost / (1 - least)
    allowed = margin is not None and margin >= least
    cards = [
        Card("gross", "按标价", gross, "yuan", "价格 × 数量"),
        Card("total", "报价", total, "yuan", "按标价 ×（1 − 优惠）", aside=f"优惠 {off:.0%}"),
        Card("profit", "毛利", total - cost, "yuan", "报价 − 成本"),
        Card("margin", "毛利率", margin, "percent", "毛利 ÷ 报价", aside="可以报出" if allowed else f"低于 {least:.0%}，不能报出"),
        Card("floor", "最低报价", floor, "yuan", dict(DEFINITIONS)["最低报价"]),
        Card("room", "还能让价", 1 - floor / gross, "percent", "1 − 最低报价 ÷ 标价金额"),
    ]  # fmt: skip
    steps = pd.DataFrame({"优惠": [k / 100 for k in range(0, 61, 5)]})
    steps["报价"] = gross * (1 - steps["优惠"])
    steps["毛利率"] = (steps["报价"] - cost) / steps["报价"]
    steps["优惠"] = [f"{x:.0%}" for x in steps["优惠"]]
    every = goods.reset_index()
    every["毛利率"] = 1 - every["成本"] / every["价格"]
    every["最低报价"] = every["成本"] / (1 - least)
    every["最多优惠率"] = 1 - every["最低报价"] / every["价格"]
    every = every.sort_values(["最多优惠率", "商品编码"])
    quotes = source.session(shop).opportunities.quote()
    made: Table | Text = Table(quotes) if len(quotes) else Text(
        ["还没有报价单。在实训台的 商机报价 → 报价 里对一个商机报价；报价被接受，商机才能走到成功。"])  # fmt: skip
    lines = [("商品", str(one["商品名称"])), ("价格", cells.written(float(one["价格"]), "money")),
             ("成本", cells.written(float(one["成本"]), "money")), ("数量", f"{qty} 件"),
             ("有效期", f"{settings()['opportunities']['quote_days']} 天", "课程约定")]  # fmt: skip
    return cards, [
        Panel("quote", "这一份报价", Facts(lines)),
        Panel("steps", "让价与毛利率", figures.mixed("让价与毛利率", steps, "优惠", "报价", "毛利率"), "柱：报价，线：毛利率（右轴）"),
        Panel("goods", "各商品还能让多少", Table(every, ("商品编码", "商品名称", "类目", "价格", "成本", "毛利率", "最低报价", "最多优惠率"), kinds={"最低报价": "money"}, search=True), "让价余地最小的在前"),
        Panel("quotes", "报价单", made),
    ], Layout(("quote steps steps", "quotes goods goods"), (1, 1.15))  # fmt: skip


PLAN = Plan("商机与报价", _controls, _draw, DEFINITIONS)
