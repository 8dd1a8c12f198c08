"""Choosing among five anonymous products: weights, and two methods beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# points out of ten, made up; the cost is turned round already (the cheapest gets 10)
_POINTS = {"功能": [9, 7, 6, 8, 5], "易用": [5, 8, 9, 6, 7], "接口": [8, 6, 5, 9, 4],
           "费用": [0.0, 6.67, 8.75, 2.5, 10.0]}  # fmt: skip
_NAMES = list("甲乙丙丁戊")
_NOTE = "五个产品和得分都是教学编写；费用已经倒过来，最便宜的 10 分。权重除以合计后使用。"


def _sliders() -> list[Slider]:
    starts = {"功能": 35, "易用": 25, "接口": 15, "费用": 25}
    keys = ("function", "ease", "link", "cost")
    return [
        Slider(k, f"{c}的权重", 0 if c != "功能" else 5, 100, 5, starts[c])
        for k, c in zip(keys, _POINTS, strict=True)
    ]


def weigh_products() -> Activity:
    """Weights of four criteria → weighted scores of five products."""
    import pandas as pd

    from crmkit.analytics import multicriteria

    table = pd.DataFrame(_POINTS, index=_NAMES)

    def draw(figure: Figure, function: int, ease: int, link: int, cost: int) -> View:
        weights = dict(zip(_POINTS, (function, ease, link, cost), strict=True))
        score = multicriteria.weighted_score(table, weights)
        axes, left = figure.subplots(), pd.Series(0.0, index=score.index)
        for (c, w), colour in zip(weights.items(), (theme.COURSE, *theme.SERIES), strict=False):
            part = table.loc[score.index, c] * w / sum(weights.values())
            axes.barh(range(5), part, 0.65, left=left, color=colour, label=c)
            left = left + part
        axes.set_yticks(range(5), list(score.index))
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_title("加权得分由哪几项组成")
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        lead = float(score.iloc[0] - score.iloc[1])
        told = "不分高下，要靠试用。" if lead < 0.3 else "领先得比较清楚。"
        return View(
            alt=f"五根横条，{score.index[0]}最长（{score.iloc[0]:.2f}），{score.index[-1]}最短。",
            message=f"第一是{score.index[0]}，比第二的{score.index[1]}多 {lead:.2f} 分，{told}",
            table=pd.DataFrame({"产品": list(score.index), "得分": score.round(2).tolist()}),
            result={"first": score.index[0], "order": list(score.index), "lead": lead},
        )

    return Activity(
        "权重一动，谁第一？", _sliders(), draw,
        formula=r"\text{得分} = \frac{w_1 s_1 + w_2 s_2 + w_3 s_3 + w_4 s_4}{w_1 + w_2 + w_3 + w_4}",
        note=_NOTE + "试一试：只动一个权重，让第一名换两次。",
        source="加权得分；crmkit.analytics.multicriteria。", size=(7.4, 2.8),
    )  # fmt: skip


def two_methods() -> Activity:
    """The order by weighted score and by TOPSIS."""
    import pandas as pd

    from crmkit.analytics import multicriteria

    table = pd.DataFrame(_POINTS, index=_NAMES)

    def draw(figure: Figure, function: int, ease: int, link: int, cost: int) -> View:
        weights = dict(zip(_POINTS, (function, ease, link, cost), strict=True))
        by_sum = multicriteria.weighted_score(table, weights)
        by_ideal = multicriteria.topsis(table, weights)
        axes = figure.subplots()
        places = [
            (n, list(by_sum.index).index(n) + 1, list(by_ideal.index).index(n) + 1) for n in _NAMES
        ]
        for n, a, b in places:
            axes.plot([0, 1], [a, b], "o-", color=theme.COURSE if a == b else theme.SERIES[1])
            axes.text(-0.05, a, n, ha="right", va="center")
            axes.text(1.05, b, n, ha="left", va="center")
        axes.set_xlim(-0.4, 1.4)
        axes.set_xticks([0, 1], ["加权得分", "TOPSIS"])
        axes.set_yticks(range(1, 6))
        axes.invert_yaxis()
        axes.set_title("名次（橙线是换了名次的）")
        moved = [n for n, a, b in places if a != b]
        same = by_sum.index[0] == by_ideal.index[0]
        return View(
            alt=f"五条连线，左右两列是名次，{len(moved)} 条不水平。",
            message=("两种算法的第一都是" + by_sum.index[0] if same
                     else f"加权得分选{by_sum.index[0]}，TOPSIS 选{by_ideal.index[0]}")
            + (f"；换了名次的有{'、'.join(moved)}。" if moved else "；名次完全一样。"),
            table=pd.DataFrame(places, columns=["产品", "加权名次", "TOPSIS 名次"]),
            result={"same": same, "moved": moved},
        )  # fmt: skip

    return Activity(
        "两种算法，选得一样吗？", _sliders(), draw,
        formula=r"C = \frac{D^-}{D^+ + D^-}",
        note=_NOTE + "D⁺、D⁻ 是离最好、离最差的距离。试一试：怎样的权重让两种算法的第一不同？",
        source="Hwang 与 Yoon（1981）；crmkit.analytics.multicriteria。", size=(6.4, 2.9),
    )  # fmt: skip
