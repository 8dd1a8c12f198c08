"""Satisfaction is not loyalty: the curves, and the trap between 4 and 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def satisfaction_loyalty(shop: str = "tea") -> Activity:
    """Jones and Sasser's curves, with a shop's own survey laid over them on demand."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics.loyalty import MARKETS, satisfaction_loyalty_curve

    curves = {market: satisfaction_loyalty_curve(market, points=201) for market in MARKETS}
    own: dict[str, Any] = {}

    def at(market: str, score: float) -> float:
        curve = curves[market]
        return float(np.interp(score, curve["满意度"], curve["忠诚度"]))

    def draw(figure: Figure, market: str, score: float, data: bool) -> View:
        axes = figure.subplots()
        axes.axvspan(4, 5, color=theme.SERIES[2], alpha=0.08, linewidth=0)
        axes.text(
            4.5,
            1.02,
            "满意陷阱",
            ha="center",
            va="bottom",
            color=theme.SERIES[2],
            fontweight="bold",
        )
        for name, curve in curves.items():
            chosen = name == market
            colour = theme.COURSE if chosen else theme.MUTED
            axes.plot(
                curve["满意度"], curve["忠诚度"], color=colour, zorder=3 if chosen else 2,
                linewidth=3 if chosen else 1.2, linestyle="-" if chosen else "--",
            )  # fmt: skip
            # Where the curves are far apart: above its own one, the last one's name below it.
            place = list(MARKETS).index(name)
            x, last = 1.75 + 2.6 * place / (len(MARKETS) - 1), place == len(MARKETS) - 1
            axes.annotate(
                name, (x, at(name, x)), (7, -9) if last else (-5, 4), textcoords="offset points",
                ha="left" if last else "right", color=colour,
                fontweight="bold" if chosen else "normal",
            )  # fmt: skip
        here = at(market, score)
        axes.plot([score], [here], "o", color=theme.COURSE, markersize=9, zorder=4)
        result: dict[str, Any] = {
            "loyalty": here,
            "trap": at(market, 5) - at(market, 4),
            "markets": {name: at(name, score) for name in MARKETS},
        }
        told = f"{market}市场里，满意度 {score:g} 分对应忠诚度 {here:.0%}；" + (
            f"从 4 分到 5 分还要再涨 {result['trap']:.0%}。"
        )
        extra = ""
        if data:
            own.update(own or _repeat_by_score(shop))
            points: pd.DataFrame = own["points"]
            axes.scatter(
                points["满意度"], points["再次购买率"], s=30 + points["人数"] * 0.6,
                color=theme.SERIES[1], alpha=0.85, zorder=5,
            )  # fmt: skip
            result |= {"points": points, "trapped": own["trapped"]}
            told += f"{own['title']}有 {own['trapped']} 位满意（4 分及以上）却只买过一次。"
            extra = f"橙色圆点是{own['title']}的问卷，按平均体验分组，圆越大人越多。"
        axes.set_xlim(0.9, 5.1)
        axes.set_ylim(-0.03, 1.13)
        axes.set_xticks([1, 2, 3, 4, 5])
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel("满意度（1–5 分）")
        axes.set_title("忠诚度（示意）")
        table = pd.DataFrame(
            [
                (
                    name,
                    *(f"{at(name, s):.0%}" for s in (3, 4, 5)),
                    f"{at(name, 5) - at(name, 4):.0%}",
                )
                for name in MARKETS
            ],
            columns=["市场", "3 分", "4 分", "5 分", "4→5 分的增量"],
        )
        return View(
            alt="五条曲线从左下升到右上：垄断市场一开始就很高，竞争越激烈，曲线越贴着底边，"
            "到 4 分和 5 分之间才陡然上升。" + extra,
            message=told,
            table=table,
            result=result,
        )

    return Activity(
        "满意就会再来吗？",
        [
            Select("market", "市场类型", {m: m for m in MARKETS}, "高度竞争"),
            Slider("score", "满意度", 1, 5, 0.1, 4, "分"),
            Switch("data", "叠加课程店铺的问卷数据"),
        ],
        draw,
        formula=r"\text{忠诚度} = (\frac{\text{满意度} - 1}{4})^{k}",
        note="示意：曲线形状仿 Jones 与 Sasser（1995），k 由竞争程度决定，不是他们的数据。店铺圆点用的是"
        "“买过两次及以上的人所占比例”，与曲线的口径不同，只能比趋势。",
        source="Jones 与 Sasser（1995）；crmkit.analytics.loyalty。",
    )


def _repeat_by_score(shop: str) -> dict[str, Any]:
    """Share of buyers with two orders or more, by mean survey score, of one shop."""
    from crmkit import shops
    from crmkit.analytics.loyalty import satisfaction_trap
    from crmkit.analytics.selection import purchase_summary

    data = shops.load(shop)
    surveys, orders = data.surveys, data.orders
    scores = surveys.groupby("客户编号")["体验"].mean()
    counts = purchase_summary(orders).set_index("客户编号")["订单数"]
    known = counts.reindex(scores.index).dropna()
    frame = (
        (known >= 2)
        .groupby((scores[known.index] * 2).round() / 2)
        .agg(["mean", "size"])
        .rename_axis("满意度")
        .reset_index()
        .rename(columns={"mean": "再次购买率", "size": "人数"})
    )
    return {
        "title": data.title,
        "points": frame[frame["人数"] >= 5].reset_index(drop=True),
        "trapped": len(satisfaction_trap(surveys, orders)),
    }
