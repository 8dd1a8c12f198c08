"""k-means step by step on a shop's customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_COLOURS = (theme.COURSE, *theme.SERIES)
_DRAWN = 400
_AXES = {"R": "最近购买天数", "F": "购买次数", "M": "累计金额"}
_MOST = 6


def kmeans_steps(shop: str = "tea") -> Activity:
    """Go on one step at a time: points take the nearest centre, centres move to the mean."""
    from crmkit.analytics import kmeans, silhouette

    people, title = _customers(shop)
    points = kmeans.standardise(people, list(_AXES.values()), log=list(_AXES.values())).to_numpy()
    curve = silhouette.by_k(points, range(2, _MOST + 1))
    fits = {
        (k, start): kmeans.fit(points, k, start=start)
        for k in range(2, _MOST + 1)
        for start in kmeans.STARTS
    }

    def draw(figure: Figure, k: int, step: int, start: str) -> View:
        found = fits[k, start]
        now = found.steps[min(step, len(found.steps)) - 1]
        left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
        for n in range(k):
            mine = now.labels == n
            left.plot(points[mine, 0], points[mine, 2], ".", color=_COLOURS[n], markersize=4)
        for n in range(k):
            a, b = now.before[n], now.after[n]
            left.plot(a[0], a[2], "o", color=_COLOURS[n], markersize=9, fillstyle="none")
            left.plot(b[0], b[2], "X", color=_COLOURS[n], markersize=10, markeredgecolor="#ffffff")
            left.plot([a[0], b[0]], [a[2], b[2]], "-", color=theme.TEXT, linewidth=1.2)
        left.set_xlabel("最近购买天数（标准化；越右越久没来）")
        left.set_title("累计金额（标准化）")
        right.plot(curve["群数"], curve["轮廓系数"], "o-", color=theme.TEXT)
        at = curve.loc[curve["群数"] == k].iloc[0]
        right.plot([k], [at["轮廓系数"]], "o", color=_COLOURS[0], markersize=11)
        right.set_xticks(range(2, _MOST + 1))
        right.set_xlabel("群数 k")
        right.set_title("走完之后的轮廓系数")
        table = kmeans.profile(people, now.labels, list(_AXES.values())).reset_index()
        table["群"] = [f"第 {int(g) + 1} 群" for g in table["群"]]
        table["占比"] = [f"{v:.0%}" for v in table["占比"]]
        done = step >= len(found.steps)
        told = f"第 {min(step, len(found.steps))} 步：群内平方和 {now.inertia:,.0f}"
        told += (
            f"。没有人再换群，{len(found.steps)} 步走完；这个 k 的轮廓系数 {at['轮廓系数']:.2f}。"
            if done
            else f"，中心最多移动 {now.moved:.2f}。"
        )
        return View(
            alt=f"{len(points)} 位客户按 {k} 种颜色分群，空心圆是这一步开始时的中心，叉是移动之后的中心。",
            message=told,
            table=table,
            formula=rf"\text{{群内平方和}} = \sum_{{i}} (x_i - c_i)^2 = {now.inertia:,.1f}",
            result={
                "inertia": now.inertia,
                "steps": len(found.steps),
                "silhouette": float(at["轮廓系数"]),
                "labels": now.labels,
            },
        )

    best = int(curve.loc[curve["轮廓系数"].idxmax(), "群数"])
    return Activity(
        f"一步一步聚类：{title}的 {len(points)} 位客户",
        [
            Slider("k", "群数 k", 2, _MOST, 1, 4),
            Slider("step", "走到第几步", 1, 20, 1, 1),
            Select(
                "start",
                "从哪里开始",
                {"farthest": "最远优先", "first": "最前面的 k 位"},
                "farthest",
            ),
        ],
        draw,
        note="R、F、M 先取 ln(1 + x) 再标准化，图上只画 R 和 M 两维，F 也参加了计算。一步一步往前走；"
        f"再换一个出发点，看终点变不变。轮廓系数最高的是 k = {best}，但最高不等于最好用。",
        source="k-means：MacQueen（1967）；轮廓系数：Rousseeuw（1987）；crmkit.analytics.kmeans。",
        size=(7.8, 3.3),
    )


def _customers(shop: str) -> tuple[pd.DataFrame, str]:
    from crmkit import shops
    from crmkit.analytics.rfm import rfm_table

    data = shops.load(shop)
    people = rfm_table(data.orders, shops.as_of())
    chosen = shops.draw(people["客户编号"], _DRAWN, "课堂", "ch07", "kmeans")
    return people[people["客户编号"].isin(chosen)].reset_index(drop=True), data.title
