"""DB6 客户价值: RFM groups, the pyramid and profit, lifetime value, the value matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmkit import shops
from crmkit.analytics import clv
from crmkit.analytics.btyd import BgNbd, purchase_histories
from crmkit.analytics.rfm import TIES, rfm_groups, rfm_table, segment_table
from crmkit.analytics.selection import paid_orders, purchase_summary
from crmkit.analytics.value import (
    MATRIX_CELLS,
    gini,
    lorenz,
    matrix_counts,
    pareto,
    profitability,
    pyramid,
    top_share,
    value_matrix,
)
from crmkit.ui import curves
from crmkit.ui.board import Card, Facts, Fields, Formula, Layout, Panel, Plan, Segments, Table, View
from crmkit.ui.boards import choices
from crmkit.ui.console import cells, figures
from crmkit.ui.controls import Control, Select, Slider

VIEWS = {"rfm": "RFM", "pyramid": "金字塔与盈利", "lifetime": "终身价值", "matrix": "价值矩阵"}
HIGH = {"bound": "≥ 界限", "mean": "高于平均"}
SAME = {"same": "同分", "id": "按编号", "quantile": "按分位数"}
CUTS = {"median": "中位数", "mean": "平均数"}
WEEKS = 52
SERVED = ("咨询", "呼入", "呼出")  # contacts that take an agent's time
DEFINITIONS = (
    ("R F M", "最近购买天数、购买次数、累计金额；从全部买家里分组打分，5 分最好。"),
    ("八个组", "R、F、M 各分高低，共八组；按分数界限还是平均分划高低，结果不同。"),
    (
        "客户金字塔",
        "按金额排序，前 1%、其后 4%、15%、80% 为重要、主要、普通、小客户（比例是课程约定）。",
    ),
    ("基尼系数", "洛伦兹曲线与对角线之间的面积 × 2；0 是人人一样多，1 是全归一人。"),
    (
        "利润",
        "支付金额 − 退款 − 商品成本 − 服务成本；服务成本 = 互动次数 × 每次成本（课程约定，可调）。",
    ),
    ("鲸鱼曲线", "按利润从高到低累计：亏损的客户在右端把曲线拉下来。"),
    ("模型一、模型三", "模型一不计服务成本，模型三每年扣除服务成本；公式是本课程的读法〔推断〕。"),
    ("当前价值", "近一年利润（不计服务成本）。"),
    ("增值潜力", f"BG/NBD 模型预期的未来 {WEEKS} 周购买次数 × 本人平均笔单价〔课程约定〕。"),
    ("存活概率", "BG/NBD 模型里还是顾客的概率；只买过一次的人恒为 100%，这是模型的假定。"),
)


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    view = str(values.get("view", "rfm"))
    bar: list[Control] = [Segments("view", "看什么", VIEWS)]
    if view == "rfm":
        bar += [
            choices.period("all", everything=True),
            Slider("bins", "分几组", 3, 5, 1, 5, unit="组"),
            Select("ties", "并列", {k: SAME.get(k, k) for k in TIES}),
            Segments("high", "高低", HIGH),
        ]
        if values.get("high", "bound") == "bound":
            bar.append(Slider("bound", "几分算高", 2, 5, 1, 4, unit="分"))
    elif view == "pyramid":
        bar += [
            choices.period("12m", everything=True),
            Slider("cost", "每次服务的成本", 0, 50, 1, 8, unit="元"),
            Slider("share", "最好的多少人", 0.05, 0.5, 0.05, 0.2, percent=True),
        ]
    elif view == "lifetime":
        bar += [
            Slider("n", "关系年数 n", 1, 20, 1, 10, unit="年"),
            Slider("In", "年收入 In", 0, 3000, 50, 1000, unit="元"),
            Slider("Cs", "年服务成本 Cs", 0, 1000, 20, 100, unit="元"),
            Slider("Co", "获取成本 Co", 0, 2000, 50, 500, unit="元"),
            Slider("Po", "首次购买 Po", 0, 6000, 100, 3000, unit="元"),
            Slider("r", "折现率 r", 0.0, 0.2, 0.01, 0.08, percent=True),
        ]
    else:
        bar.append(Segments("cut", "高低的界限", CUTS))
    return [choices.shop()], bar


def _draw(shop: str, view: str = "rfm", **options: Any) -> View:
    pages: Mapping[str, Callable[..., Made]] = {
        "rfm": _rfm,
        "pyramid": _pyramid,
        "lifetime": _lifetime,
        "matrix": _matrix,
    }
    subtitle, cards, panels, layout = pages[view](shop, **options)
    return View(
        subtitle=f"{VIEWS[view]}；{subtitle}", title=f"{shops.TITLES[shop]} · 客户价值",
        panels=panels, layout=layout, cards=cards, shop=shop, note=choices.foot(),
        result={c.id: c.value for c in cards},
    )  # fmt: skip


Made = tuple[str, list[Card], list[Panel], Layout]


def _rfm(shop: str, period: str, bins: int, ties: str, high: str, bound: int | None = None) -> Made:
    window = choices.window(shop, period)
    scores = rfm_table(shops.load(shop).orders, shops.as_of(), window, bins=int(bins), ties=ties)
    limit: str | float = "mean" if high == "mean" else min(int(bound or 4), int(bins))
    groups = rfm_groups(scores, high=limit)
    table = segment_table(groups)
    best = table.iloc[0]
    counts = scores.groupby(["F", "R"]).size()
    whole = range(1, int(bins) + 1)
    grid = pd.MultiIndex.from_product([whole, whole], names=["F", "R"])
    heat = counts.reindex(grid, fill_value=0).rename("人数").reset_index()
    heat["F"], heat["R"] = "F=" + heat["F"].astype(str), "R=" + heat["R"].astype(str)
    heat = heat.iloc[::-1].sort_values("R", kind="stable")
    heat = heat.sort_values("F", ascending=False, kind="stable")
    fields = [
        (
            row["组别"],
            f"{row['客户数']:,} 人",
            f"金额占 {row['金额占比']:.1%}",
            row["金额占比"] or 0,
        )
        for row in table.to_dict("records")
    ]
    cards = [
        Card("buyers", "买家", len(scores), note="时间段内付过款的顾客"),
        Card("best", "重要价值客户", int(best["客户数"]), note="R、F、M 都高", aside=f"占买家 {best['客户占比']:.1%}"),
        Card("share", "他们的金额占比", float(best["金额占比"]), "percent", "重要价值客户的金额 ÷ 全部买家的金额"),
        Card("days", "最近购买（中位数）", float(scores["最近购买天数"].median()), "days", "距数据日期"),
        Card("times", "购买次数（平均）", float(scores["购买次数"].mean()), "number", "订单数 ÷ 买家"),
        Card("money", "累计金额（平均）", float(scores["累计金额"].mean()), "yuan", "金额 ÷ 买家"),
    ]  # fmt: skip
    detail = table.rename(columns={"平均最近购买天数": "最近购买天数", "平均购买次数": "次数"})
    columns = ("组别", "客户数", "客户占比", "最近购买天数", "次数", "平均金额", "金额占比")
    return window.label, cards, [
        Panel("groups", "八个组", Fields(fields, 4), "颜色按金额占比"),
        Panel("heat", "R × F", figures.heat("R × F", heat, "R", "F", "人数"), "人数；右上最好"),
        Panel("table", "各组明细", Table(detail, columns, kinds={"次数": "number", "最近购买天数": "number", "平均金额": "money"})),
        Panel("bars", "人数与金额", figures.bars("人数与金额", table, "组别", ["客户占比", "金额占比"]), "占比"),
    ], Layout(("groups groups heat", "table table bars"), (1, 1.15), (1, 0.9, 1.2))  # fmt: skip


@lru_cache(maxsize=8)
def profits(folder: Path, shop: str, period: str, cost: float) -> pd.DataFrame:
    """Per buyer of the period: 收入 (less refunds), 产品成本, 服务成本, 利润, 盈利率."""
    data, window = shops.load(shop), choices.window(shop, period)
    people = purchase_summary(data.orders, window, as_of=shops.as_of())
    net = purchase_summary(
        data.orders, window, as_of=shops.as_of(), refunds="net", returns=data.returns
    )
    sold = paid_orders(data.orders, window, as_of=shops.as_of())[["order_id", "customer_id"]]
    lines = data.order_items.merge(sold, left_on="订单编号", right_on="order_id")
    lines = lines.merge(data.products[["商品编码", "成本"]], on="商品编码")
    goods = (lines["数量"] * lines["成本"]).groupby(lines["customer_id"]).sum()
    talks = data.interactions
    served = talks[window.contains(talks["时间"]) & talks["类型"].isin(SERVED)]
    times = served["客户编号"].value_counts()
    ids = people["客户编号"]
    table = pd.DataFrame(
        {
            "客户编号": ids,
            "收入": ids.map(net.set_index("客户编号")["累计金额"]).fillna(0.0),
            "产品成本": ids.map(goods).fillna(0.0),
            "服务成本": ids.map(times).fillna(0).astype("float64") * cost,
        }
    )
    return profitability(table)


def _pyramid(shop: str, period: str, cost: float, share: float) -> Made:
    table = profits(shops.root(), shop, period, float(cost))
    tiers = pyramid(table, value="收入")
    top = top_share(table, float(share), value="收入")
    ranked = table.sort_values(["利润", "客户编号"], ascending=[False, True], ignore_index=True)
    whole = float(ranked["利润"].sum())
    best = pareto(table, value="利润")
    whale = curves.thinned(best["客户占比"].tolist(), best["金额占比"].tolist())
    line = lorenz(table, value="收入")
    equal = gini(table, value="收入")
    losing = int((table["利润"] < 0).sum())
    cards = [
        Card("buyers", "买家", len(table)),
        Card("revenue", "收入", float(table["收入"].sum()), "yuan", "支付金额 − 成功退款"),
        Card("profit", "利润", whole, "yuan", dict(DEFINITIONS)["利润"]),
        Card("top", f"前 {share:.0%} 的收入占比", top.value, "percent", "80/20 检查"),
        Card("gini", "基尼系数", equal, "number", dict(DEFINITIONS)["基尼系数"]),
        Card("losing", "亏损的顾客", losing, note="利润小于 0", aside=f"占 {losing / max(len(table), 1):.1%}"),
    ]  # fmt: skip
    axis = curves.Axis("顾客占比", "percent", 0, 1)
    share_axis = curves.Axis("累计占比", "percent", 0)
    lorenz_points = curves.thinned(line["客户占比"].tolist(), line["金额占比"].tolist())
    columns = ("客户编号", "收入", "产品成本", "服务成本", "利润", "盈利率")
    extremes = pd.concat([ranked.head(30), ranked.tail(30)])
    kinds = {"利润": "money"}
    return choices.window(shop, period).label, cards, [
        Panel("tiers", "客户金字塔", [figures.bars("客户金字塔", tiers, str(tiers.columns[0]), [c for c in tiers.columns if "占比" in str(c)])], "各层的人数与收入占比"),
        Panel("lorenz", "洛伦兹曲线", curves.curve("洛伦兹曲线", axis, share_axis, {"收入": lorenz_points, "人人一样多": [(0, 0), (1, 1)]}, quiet=["人人一样多"])),
        Panel("whale", "鲸鱼曲线", curves.curve("鲸鱼曲线", axis, curves.Axis("累计利润", "percent"), {"累计利润占比": whale, "全部利润": [(0, 1), (1, 1)]}, quiet=["全部利润"]), "按利润从高到低"),
        Panel("tier", "各层明细", Table(tiers, kinds={"累计金额": "money"})),
        Panel("list", "最赚与最亏的顾客", Table(extremes, columns, kinds=kinds, search=True), "各 30 位"),
    ], Layout(("tiers lorenz whale", "tier list list"), (1.1, 1))  # fmt: skip


CLV = r"\text{CLV} = P_o - C_o + \sum_{t=1}^{n} \frac{I_n - C_s}{(1+r)^{t}}"


def _lifetime(shop: str, n: int, In: float, Cs: float, Co: float, Po: float, r: float) -> Made:
    one, three = clv.clv_model_one(n, Co, Po, In, r), clv.clv_model_three(n, Co, Po, In, r, Cs)
    factor = clv.annuity(r, n)
    wind = clv.tornado(n, Co, Po, In, r, Cs)
    parts = clv.clv_parts(n, Co, Po, In, r, Cs)
    readings = clv.readings_table(n, Co, Po, In, r, Cs)
    years = [(t, clv.clv_model_three(t, Co, Po, In, r, Cs)) for t in range(1, 21)]
    plain = [(t, clv.clv_model_one(t, Co, Po, In, r)) for t in range(1, 21)]
    pays = next((t for t, v in years if v >= 0), None)
    a, b = {"In": 500.0, "Cs": 200.0}, {"In": 550.0, "Cs": 300.0}
    compare = pd.DataFrame(
        [
            (name, clv.clv_model_one(n, Co, Po, x["In"], r), clv.clv_model_three(n, Co, Po, x["In"], r, x["Cs"]))
            for name, x in (("客户 A（年收入 500，服务 200）", a), ("客户 B（年收入 550，服务 300）", b))
        ],
        columns=["客户", "模型一", "模型三"],
    )  # fmt: skip
    cards = [
        Card("one", "模型一", one, "yuan", "不计服务成本"),
        Card("three", "模型三", three, "yuan", "每年扣除服务成本"),
        Card("annuity", "年金现值系数", factor, "number", "每年 1 元、共 n 年，今天值多少"),
        Card("service", "服务成本的现值", one - three, "yuan", "模型一 − 模型三"),
        Card("multiple", "价值 ÷ 获取成本", three / Co if Co else None, "times", "模型三 ÷ Co"),
        Card("pays", "第几年起不亏", pays, "number", "模型三第一次 ≥ 0 的年数", aside="" if pays else "20 年内都不够"),
    ]  # fmt: skip
    money = {"模型一": "money", "模型三": "money"}
    years_axis = curves.Axis("关系年数", "number", 0, 20)
    return f"练习 3 的数可以拖动；n = {n}，r = {r:.0%}", cards, [
        Panel("tornado", "哪个因素最要紧", curves.tornado("哪个因素最要紧", wind, three), "各因素单独 ±20%，模型三"),
        Panel("years", "关系越长越值钱", curves.curve("关系越长越值钱", years_axis, curves.Axis("终身价值（元）", "money"), {"模型三": years, "模型一": plain}), "其余不变"),
        Panel("formula", "公式", [Formula(CLV), Facts([(str(k), cells.written(float(v), "money")) for k, v in parts.itertuples(index=False)])], "各部分的现值"),
        Panel("compare", "练习 4：A 和 B 谁更值钱", Table(compare, kinds=money), "模型一选 B，模型三选 A" if compare["模型一"][1] > compare["模型一"][0] and compare["模型三"][0] > compare["模型三"][1] else ""),
        Panel("readings", "换一种读法", Table(readings, ("说明", "公式", "模型一", "模型三"), kinds={**money, "公式": "text", "说明": "text"}), "公式怎么读会改变结果"),
    ], Layout(("tornado years formula", "compare readings readings"), (1.5, 1), (1, 1, 0.9))  # fmt: skip


@lru_cache(maxsize=3)
def potentials(folder: Path, shop: str) -> pd.DataFrame:
    """Per buyer: 当前价值 (profit of the last year) and 增值潜力 (expected purchases × own mean)."""
    data, day = shops.load(shop), shops.as_of()
    found = purchase_histories(data.orders, day)
    x, t_x, T = found["x"], found["t_x"], found["T"]
    model = BgNbd.fit(x, t_x, T)
    expected = model.expected_purchases(WEEKS, x=x, t_x=t_x, T=T)
    people = purchase_summary(data.orders, as_of=day).set_index("客户编号")
    mean = people["累计金额"] / people["订单数"]
    now = profits(folder, shop, "12m", 0.0).set_index("客户编号")["利润"]
    ids = found["客户编号"]
    return pd.DataFrame(
        {
            "客户编号": ids,
            "当前价值": ids.map(now).fillna(0.0).to_numpy(),
            "预期次数": np.asarray(expected),
            "增值潜力": np.asarray(expected) * ids.map(mean).to_numpy(),
            "存活概率": np.asarray(model.p_alive(x, t_x, T)),
        }
    )


def _matrix(shop: str, cut: str) -> Made:
    table = potentials(shops.root(), shop)
    cellwise = value_matrix(table, cut=cut)
    counts = matrix_counts(cellwise)
    table = table.assign(价值类别=cellwise)
    sums = table.groupby("价值类别")[["当前价值", "增值潜力"]].sum()
    sums = sums.reindex(list(MATRIX_CELLS.values()), fill_value=0.0)
    advice = ("重点保持", "维持，找新的需求", "重点培养", "控制投入")
    fields = [
        (name, f"{counts[name]:,} 人", f"{note}；潜力合计 {cells.written(float(sums.loc[name, '增值潜力']), 'money')}", counts[name])
        for name, note in zip(MATRIX_CELLS.values(), advice, strict=True)
    ]  # fmt: skip
    limits = {
        k: float(table[k].median() if cut == "median" else table[k].mean())
        for k in ("当前价值", "增值潜力")
    }
    shown = table.sort_values("客户编号").iloc[:: max(len(table) // 400, 1)]
    high = {k: float(shown[k].quantile(0.98)) for k in limits}
    low = min(0.0, float(shown["当前价值"].quantile(0.01)))
    inside = shown[
        (shown["当前价值"] <= high["当前价值"])
        & (shown["增值潜力"] <= high["增值潜力"])
        & (shown["当前价值"] >= low)
    ]
    groups = {
        str(name): [(r["当前价值"], r["增值潜力"], r["客户编号"]) for r in part.to_dict("records")]
        for name, part in inside.groupby("价值类别")
    }
    x = curves.Axis(
        "当前价值",
        "money",
        -curves.rounded_up(-low) if low < 0 else 0.0,
        curves.rounded_up(high["当前价值"]),
    )
    y = curves.Axis("增值潜力", "money", 0.0, curves.rounded_up(high["增值潜力"]))
    alive = float(table["存活概率"].mean())
    cards = [
        Card("buyers", "买家", len(table)),
        *(Card(f"cell{k}", name, counts[name], aside=f"{counts[name] / max(len(table), 1):.1%}") for k, name in enumerate(MATRIX_CELLS.values())),
        Card("alive", "平均存活概率", alive, "percent", "BG/NBD 模型：还是顾客的概率"),
    ]  # fmt: skip
    later = table.sort_values(["增值潜力", "客户编号"], ascending=[False, True])
    later = later[later["价值类别"] == MATRIX_CELLS[False, True]]
    kinds = {"当前价值": "money", "增值潜力": "money", "预期次数": "number", "存活概率": "percent"}
    columns = ("客户编号", "当前价值", "预期次数", "增值潜力", "存活概率")
    return f"按{CUTS[cut]}划高低", cards, [
        Panel("cells", "客户价值细分矩阵", Fields(fields, 2), "左列潜力高，上行当前价值高"),
        Panel("spots", "当前价值 × 增值潜力", curves.points("当前价值 × 增值潜力", x, y, groups, cuts=(limits["当前价值"], limits["增值潜力"])), f"抽 {len(inside)} 位，虚线是界限"),
        Panel("limits", "界限", Facts([(k, cells.written(v, "money"), CUTS[cut]) for k, v in limits.items()], two=True)),
        Panel("list", "最值得培养的顾客", Table(later, columns, kinds=kinds), "当前低、潜力高"),
    ], Layout(("cells spots", "limits spots", "list spots"), (1, 0.42, 1), (1, 1.2))  # fmt: skip


PLAN = Plan("客户价值", _controls, _draw, DEFINITIONS)
