"""The path of a relation, and where it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PERIODS = 36


def lifecycle_path() -> Activity:
    """Set the point where the relation breaks; see the pattern and what it costs."""
    import pandas as pd

    from crmkit.analytics.lifecycle import STAGES, lifecycle_curve, pattern

    shades = dict(zip(STAGES, ("#57534e", "#2563eb", "#0f766e", "#be185d"), strict=True))

    def draw(figure: Figure, leave: int, peak: float, loss: float) -> View:
        whole = lifecycle_curve(_PERIODS, peak=peak, loss=loss)
        stays = leave >= _PERIODS
        path = lifecycle_curve(_PERIODS, leave=None if stays else leave, peak=peak, loss=loss)
        name = pattern(path["利润"].tolist())
        axes = figure.subplots()
        axes.axhline(0, color=theme.MUTED, linewidth=0.8)
        if not stays:
            axes.plot(whole["期"], whole["利润"], color=theme.MUTED, linewidth=1.4, linestyle="--")
        axes.plot(path["期"], path["利润"], color=theme.COURSE, linewidth=2.6)
        top = max(peak * 1.22, 1)
        for stage, part in path.groupby("阶段", sort=False):
            first, last = part["期"].min(), part["期"].max()
            axes.axvspan(first - 0.5, last + 0.5, color=shades[str(stage)], alpha=0.09, linewidth=0)
            axes.text(
                (first + last) / 2, top * 0.97, str(stage), ha="center", va="top",
                color=shades[str(stage)], fontweight="bold",
            )  # fmt: skip
        if not stays:
            axes.axvline(leave + 0.5, color=theme.SERIES[2], linewidth=1.6)
        axes.set_xlim(0.5, _PERIODS + 0.5)
        axes.set_ylim(min(-loss * 1.15, path["利润"].min() * 1.15, -2), top)
        axes.set_xlabel("期")
        axes.set_title(f"每期利润：{name}" + ("" if stays else f"（第 {leave} 期之后断开）"))
        total, best = float(path["利润"].sum()), float(whole["利润"].sum())
        table = path.groupby("阶段", sort=False)["利润"].agg(["size", "sum"]).reset_index()
        table.columns = pd.Index(["阶段", "期数", "利润合计（元）"])
        told = f"这是{name}：{_PERIODS} 期共得 {total:,.0f} 元"
        told += "。" if stays else f"，比不断开少 {best - total:,.0f} 元。"
        return View(
            alt=f"利润先{'负' if loss else '低'}后高再走平"
            + (
                "，一直维持在高位。"
                if stays
                else f"，第 {leave} 期之后陡降；虚线是没有断开时的样子。"
            ),
            message=told,
            table=table,
            result={
                "pattern": name,
                "profit": total,
                "lost": best - total,
                "stages": list(path["阶段"]),
            },
        )

    return Activity(
        "关系在哪里断开？",
        [
            Slider("leave", "第几期之后断开", 1, _PERIODS, 1, 11, "期"),
            Slider("peak", "稳定期每期利润", 20, 200, 10, 100, "元"),
            Slider("loss", "考察期每期投入", 0, 80, 5, 20, "元"),
        ],
        draw,
        note="示意曲线，不是拟合出来的。四种模式按本课程的规则判定：先看有没有断开，再看断开前到没到过"
        "稳定的高位。试一试：断点从左往右拉，模式在哪一期换名字？拉到头就是不断开。",
        source="四阶段模型（考察、形成、稳定、退化）与四种提前结束的模式；crmkit.analytics.lifecycle。",
    )
