"""A shop as a leaky bucket; what one yuan of yearly margin is worth when customers stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_YEARS = 12


def leaky_bucket() -> Activity:
    """Customers year by year under a churn rate and a number of newcomers."""
    import pandas as pd

    def draw(figure: Figure, start: int, churn: float, new: int, margin: int, win: int) -> View:
        level = [float(start)]
        for _ in range(_YEARS):
            level.append(level[-1] * (1 - churn) + new)
        steady = new / churn
        axes = figure.subplots()
        axes.plot(range(_YEARS + 1), level, "o-", color=theme.COURSE, markersize=5)
        axes.axhline(steady, color=theme.MUTED, linestyle="--", linewidth=1.2)
        axes.set_ylim(0, max(*level, steady, 1) * 1.12)
        axes.set_xlabel("第几年末")
        axes.set_title("客户数（人），虚线是长期的水位")
        # The long-run level with one more point of keeping, or with 10% more newcomers.
        ways = {
            "照旧": (churn, new), "流失率降 5 个百分点": (max(0.01, churn - 0.05), new),
            "新客多一成": (churn, round(new * 1.1)),
        }  # fmt: skip
        table = pd.DataFrame(
            [(n, f"{c:.0%}", k, round(k / c), (k / c * margin - k * win) / 10_000) for n, (c, k) in ways.items()],
            columns=["做法", "流失率", "每年新客", "长期水位（人）", "长期每年毛利减拉新费（万元）"],
        )  # fmt: skip
        after = next((t for t, n in enumerate(level) if abs(n - steady) <= 0.05 * steady), None)
        return View(
            alt=f"客户数从 {start:,} 走向 {steady:,.0f}，第 {_YEARS} 年末 {level[-1]:,.0f} 人。",
            message=f"长期水位 {new:,} ÷ {churn:.0%} = {steady:,.0f} 人"
            + (
                f"，第 {after} 年末起相差不到 5%。" if after is not None else "，十二年还没有走到。"
            ),
            formula=rf"{new} / {churn:g} = {steady:.0f}",
            table=table,
            result={"steady": steady, "level": level, "table": table},
        )

    return Activity(
        "漏桶：客户从哪里漏走",
        [
            Slider("start", "现在的客户", 0, 5000, 100, 1000, "人"),
            Slider("churn", "每年流失", 0.05, 0.9, 0.05, 0.4, percent=True),
            Slider("new", "每年新来", 0, 1500, 50, 300, "人"),
            Slider("margin", "每位客户每年毛利", 10, 500, 10, 120, "元"),
            Slider("win", "争取一位新客的花费", 0, 300, 10, 80, "元"),
        ],
        draw,
        formula=r"S_{t+1} = S_t (1 - c) + n",
        note="新来的当年不流失，流失率人人相同、年年不变，这是最简单的设定。水位等于新来数除以流失率，"
        "与现在有多少人无关。降流失率也要花钱，表里没有算这一笔。",
        source="存量与流量的差分方程；保持率 = 1 − 流失率。",
        size=(7.2, 2.9),
    )


def margin_multiple() -> Activity:
    """The margin multiple r / (1 + i − r) as a map, with one's own shop on it."""
    import numpy as np
    import pandas as pd

    def draw(figure: Figure, keep: float, rate: float, margin: int, win: int) -> View:
        kept, rates = np.arange(0.30, 0.96, 0.05), np.arange(0.0, 0.21, 0.02)
        grid = np.array([[r / (1 + i - r) for r in kept] for i in rates])
        axes = figure.subplots()
        axes.pcolormesh(kept, rates, np.log(grid), cmap="YlGnBu", shading="nearest")
        for y in rates[::2]:
            for x in kept[::3]:
                value = x / (1 + y - x)
                axes.text(x, y, f"{value:.1f}", ha="center", va="center", fontsize=10,
                          color="#ffffff" if value > 3 else "#1b2733")  # fmt: skip
        axes.plot([keep], [rate], "s", color=theme.SERIES[2], markersize=11, markerfacecolor="none",
                  markeredgewidth=2.5)  # fmt: skip
        axes.grid(False)
        axes.set_xlabel("每年保持率 r")
        axes.set_ylabel("折现率 i")
        axes.set_title("以后的毛利抵得上几年的毛利：r ÷ (1 + i − r)")
        mine = keep / (1 + rate - keep)
        worth = margin * (1 + mine)
        rows = [
            (f"{r:.0%}", r / (1 + rate - r), margin * (1 + r / (1 + rate - r)) - win)
            for r in (max(0.05, keep - 0.1), keep, min(0.95, keep + 0.1))
        ]
        table = pd.DataFrame(rows, columns=["保持率", "倍数", "一位新客一生净值（元）"])
        return View(
            alt=f"热图：保持率越高、折现率越低，倍数越大；标出的点是 {mine:.2f}。",
            message=f"倍数 {mine:.2f}：一位新客值 {margin} × (1 + {mine:.2f}) = {worth:,.0f} 元，"
            + (
                f"减去争取费还剩 {worth - win:,.0f} 元。"
                if worth >= win
                else f"不够争取费 {win} 元。"
            ),
            formula=rf"{keep:g} / (1 + {rate:g} - {keep:g}) = {mine:.2f}",
            table=table,
            result={"multiple": mine, "worth": worth, "net": worth - win},
        )

    return Activity(
        "留得住，值几倍？",
        [
            Slider("keep", "每年保持率", 0.3, 0.95, 0.05, 0.6, percent=True),
            Slider("rate", "折现率", 0, 0.2, 0.01, 0.08, percent=True),
            Slider("margin", "每位客户每年毛利", 10, 500, 10, 120, "元"),
            Slider("win", "争取一位新客的花费", 0, 800, 20, 200, "元"),
        ],
        draw,
        formula=r"m (1 + \frac{r}{1 + i - r})",
        note="第一年的毛利马上得到，以后每年按保持率留下、按折现率打折，年数不限。毛利和保持率年年不变才成立；"
        "第 2 章再放宽。",
        source="Gupta 与 Lehmann（2003）Customers as Assets：margin multiple。",
        size=(6.6, 3.1),
    )
