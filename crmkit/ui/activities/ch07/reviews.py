"""Bad reviews found by their words: how many to mark, and where an alert pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

_EMPTY = "此用户没有填写评价。"  # a platform's default good review: nothing to read
_SIZES = (20, 40, 80, 160, 320, 640)
_BAD, _GOOD = theme.SERIES[2], theme.COURSE


def review_alert(shop: str = "tea") -> Activity:
    """Learn from marked reviews of one shop, read the later ones of this shop, weigh the errors."""
    import numpy as np
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import classification, review_mining

    read = {name: _reviews(name) for name in shops.TITLES}
    title = shops.TITLES[shop]
    half = len(read[shop][0]) // 2
    later = read[shop][0][half:]
    bad = read[shop][1][half:]
    learnt = {}
    for name, (texts, marks) in read.items():
        for n in _SIZES:
            model = review_mining.learn(texts[:n], marks[:n])
            learnt[name, n] = model, model.log_odds(later), model.telling(6)

    def draw(figure: Figure, teacher: str, size: str, false: float, missed: float) -> View:
        model, score, telling = learnt[teacher, int(size)]
        costs = review_mining.alert_costs(bad, score, false_alarm=false, missed=missed)
        limit = float(np.log(false / missed))  # ln odds of p* = false / (false + missed)
        found = classification.confusion(bad, score, limit)
        spent = false * found.fp + missed * found.fn
        best = costs.loc[costs["成本"].idxmin()]
        area = classification.auc(bad, score)
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.35))
        at = np.arange(len(telling))[::-1]
        left.barh(at, telling["权重"], 0.62, color=_BAD)
        left.set_yticks(at, telling["片段"])
        left.grid(False, axis="y")
        left.set_title("最像差评的六个片段（权重）")
        right.plot(costs["预警数"], costs["成本"], color=_GOOD, linewidth=2.2)
        right.plot([best["预警数"]], [best["成本"]], "*", color=theme.SERIES[1], markersize=14)
        right.plot([found.tp + found.fp], [spent], "o", color=_BAD, markersize=9)
        right.set_ylim(0, None)
        right.set_xlabel("对多少条发预警（从最像差评的起）")
        right.set_title("损失（元）")
        table = pd.DataFrame(
            [
                ("p* 定的界限", found.tp + found.fp, found.tp, found.fp, found.fn, round(spent)),
                ("事后看最省的", int(best["预警数"]), int(bad.sum() - best["漏报"]),
                 int(best["误报"]), int(best["漏报"]), round(best["成本"])),
                ("一条也不看", 0, 0, 0, int(bad.sum()), round(missed * bad.sum())),
                ("条条都看", len(bad), int(bad.sum()), int((~bad).sum()), 0,
                 round(false * (~bad).sum())),
            ],
            columns=["做法", "预警", "真中差评", "误报", "漏报", "损失（元）"],
        )  # fmt: skip
        share = false / (false + missed)
        told = (
            f"中差评的可能到 {share:.0%} 就发预警：{found.tp + found.fp} 条里 {found.tp} 条是真的，"
            f"漏掉 {found.fn} 条，损失 {spent:,.0f} 元。AUC {area:.3f}。"
        )
        if teacher != shop:
            told += "这是从别家店的话里学来的：说物流、客服的话通用，说东西的话换了店就不灵。"
        return View(
            alt=f"左图是权重最大的六个片段；右图是损失随预警数先降后升，最低 {best['成本']:,.0f} 元，"
            f"圆点是现在的 {spent:,.0f} 元。",
            message=told,
            table=table,
            formula=rf"p^{{*}} = \frac{{\text{{误报的损失}}}}{{\text{{误报的损失}} + \text{{漏报的损失}}}} = \frac{{{false:g}}}{{{false + missed:g}}} = {share:.2f}",
            result={
                "auc": area, "spent": spent, "least": float(best["成本"]), "confusion": found,
                "limit": share, "words": telling["片段"].to_list(),
            },
        )  # fmt: skip

    return Activity(
        f"从文字里认出中差评：{title}后一半的 {len(later)} 条",
        [
            Select("teacher", "从哪家店的评价里学",
                   {n: shops.TITLES[n] for n in (shop, *(s for s in shops.TITLES if s != shop))}),
            Select("size", "人工标好多少条", {str(n): f"{n} 条" for n in _SIZES}, "80"),
            Slider("false", "误报一条：白看一遍", 1, 20, 1, 2, "元"),
            Slider("missed", "漏报一条：没有及时补救", 1, 60, 1, 20, "元"),
        ],
        draw,
        formula=r"\text{权重}_w = \ln \frac{n_{\text{差}, w} + 1}{N_{\text{差}} + V} - \ln \frac{n_{\text{好}, w} + 1}{N_{\text{好}} + V}",
        note="一至三星算中差评；没有写字的默认好评不参加。文字切成两个字一段，不用词典。这里的评价是模拟的，话说得直；真的评价有反话、"
        "错字、夸完再骂，会难得多。圆点是 p* 定的，星号是事后才知道的最省；两点不重合，因为朴素贝叶斯的概率常常过头。损失是设定的。",
        source="McCallum、Nigam（1998）；Pang 等（2002）；界限：Elkan（2001）；crmkit.analytics.review_mining。",
        size=(7.8, 3.1),
    )  # fmt: skip


def _reviews(shop: str) -> tuple[list[str], np.ndarray]:
    """Texts in the order of time, and whether three stars or fewer."""
    from crmkit import shops

    table = shops.load(shop).reviews
    table = table[table["评价内容"] != _EMPTY].sort_values(["评价时间", "评价编号"])
    return table["评价内容"].to_list(), (table["星级"] <= 3).to_numpy()
