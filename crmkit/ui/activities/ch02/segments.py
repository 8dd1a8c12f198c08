"""Current value × growth potential beside RFM: move the cuts and watch who goes where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_COLOURS = (theme.COURSE, theme.SERIES[0], theme.SERIES[1], theme.SERIES[4])
_DRAWN = 500  # customers in the scatter; counts are of all


def segmentation(shop: str = "tea") -> Activity:
    """The value matrix of a shop's customers next to their RFM groups."""
    import pandas as pd

    from crmkit.analytics.rfm import SEGMENT_NAMES
    from crmkit.analytics.value import MATRIX_CELLS, matrix_counts, value_matrix
    from crmkit.settings import settings

    people, title = _customers(shop)
    cells = list(MATRIX_CELLS.values())
    before: dict[str, Any] = {}

    def draw(figure: Figure, current: float, potential: float, cell: str) -> View:
        where = value_matrix(people, cut=(current, potential))
        counts = matrix_counts(where)
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        some = people.iloc[:_DRAWN]
        for name, colour in zip(cells, _COLOURS, strict=True):
            part = some[where.iloc[:_DRAWN] == name]
            left.plot(
                part["当前价值"].clip(lower=10), part["增值潜力"].clip(lower=1), ".", color=colour,
                markersize=4, alpha=0.75,
            )  # fmt: skip
        left.set_xscale("log")
        left.set_yscale("log")
        left.axvline(max(current, 10), color=theme.TEXT, linewidth=1.2)
        left.axhline(max(potential, 1), color=theme.TEXT, linewidth=1.2)
        for name, colour, x, y in zip(
            cells, _COLOURS, (0.99, 0.99, 0.01, 0.01), (0.99, 0.01, 0.99, 0.01), strict=True
        ):
            left.text(
                x, y, f"{name[:3]}·{name[-3:]} {counts[name]:,} 人", transform=left.transAxes,
                ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom",
                color=colour, fontweight="bold", fontsize=10,
                bbox={"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
            )  # fmt: skip
        left.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
        left.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
        left.minorticks_off()
        left.set_ylim(0.8, people["增值潜力"].max() * 2.2)
        left.set_xlabel("当前价值：近一年消费（元，对数轴）")
        left.set_title("增值潜力（元/年，对数轴）")
        groups = people.loc[where == cell, "组别"].value_counts()
        numbers = [int(groups.get(name, 0)) for name in SEGMENT_NAMES.values()]
        names = list(SEGMENT_NAMES.values())
        right.barh(names, numbers, color=_COLOURS[cells.index(cell)])
        for place, number in enumerate(numbers):
            right.annotate(
                f"{number:,}", (number, place), (4, 0), textcoords="offset points", va="center"
            )
        right.invert_yaxis()
        right.margins(x=0.18)
        right.set_xticks([])
        right.grid(False)
        right.set_title(f"“{cell}”里的 RFM 组")
        spent = people["当前价值"].groupby(where).sum()
        total = people["当前价值"].sum()
        table = pd.DataFrame(
            [
                (
                    name, counts[name], f"{counts[name] / len(people):.1%}",
                    f"{spent.get(name, 0) / total:.1%}", _change(counts[name], before.get(name)),
                )
                for name in cells
            ],
            columns=["价值类别", "客户数", "占客户", "占近一年消费", "比上一次"],
        )  # fmt: skip
        before.update(counts)
        most = names[numbers.index(max(numbers))] if any(numbers) else "没有人"
        return View(
            alt=f"左图每点一位客户（图上 {min(_DRAWN, len(people))} 位，人数按全部 {len(people):,} 位），两条线把"
            f"他们分成四格；右图是“{cell}”一格的人在 RFM 八组里的分布，最多的是{most}。",
            message=f"“{cell}”有 {counts[cell]:,} 人，占近一年消费的 {spent.get(cell, 0) / total:.0%}，"
            f"其中最多的 RFM 组是{most}。",
            table=table,
            result={
                "counts": counts,
                "rfm": dict(zip(names, numbers, strict=True)),
                "cells": where,
            },
        )

    top = float(people["增值潜力"].max())
    return Activity(
        f"把{title}的客户放进矩阵",
        [
            Slider(
                "current",
                "当前价值的切点",
                0,
                2000,
                20,
                float(round(people["当前价值"].median(), -1)),
                "元",
            ),
            Slider(
                "potential",
                "增值潜力的切点",
                0,
                float(round(top, -1)),
                5,
                float(5 * round(people["增值潜力"].median() / 5)),
                "元",
            ),
            Select("cell", "右图看哪一格", {c: c for c in cells}),
        ],
        draw,
        note="当前价值是近一年实付金额。增值潜力是本课程的约定：客户还没买过的各类目，按“全店买该类目的比例 ×"
        "买者一年在该类目的平均消费”相加，再按沉默天数打折（每沉默 180 天减半）。"
        f"RFM 的八组以 {settings()['rfm']['high']} 分起为高。",
        source="客户价值细分矩阵；crmkit.analytics.value 与 rfm；课程店铺数据。",
        size=(7.6, 3.5),
    )


def _change(now: int, before: int | None) -> str:
    if before is None or now == before:
        return "—"
    return f"{'▲' if now > before else '▼'} {abs(now - before):,}"


def _customers(shop: str) -> tuple[pd.DataFrame, str]:
    """Every buyer with 当前价值, 增值潜力 and RFM 组别, in an order that mixes them."""
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics.rfm import rfm_groups, rfm_table
    from crmkit.analytics.selection import purchase_summary
    from crmkit.analytics.window import Window
    from crmkit.settings import settings

    data, day = shops.load(shop), shops.as_of()
    orders = data.orders
    end = day + pd.Timedelta(days=1)
    year = Window((end - pd.Timedelta(days=365)), end)
    people = rfm_groups(rfm_table(orders, day))[["客户编号", "最近购买天数", "组别"]]
    spent = purchase_summary(orders, year, as_of=day).set_index("客户编号")["累计金额"]
    people["当前价值"] = people["客户编号"].map(spent).fillna(0.0)
    lines = (
        shops.valid_orders(orders)[["订单编号", "客户编号", "付款时间"]]
        .merge(data.order_items, on="订单编号")
        .merge(data.products[["商品编码", "类目"]], on="商品编码")
    )
    lines["类目"] = lines["类目"].str.split("/").str[0]
    lines["金额"] = lines["数量"] * lines["单价"]
    recent = lines[year.contains(lines["付款时间"])]
    yearly = recent.groupby("类目")["金额"].sum() / recent.groupby("类目")["客户编号"].nunique()
    share = lines.groupby("类目")["客户编号"].nunique() / lines["客户编号"].nunique()
    worth = (yearly * share).fillna(0.0)
    bought = pd.crosstab(lines["客户编号"], lines["类目"]).gt(0)
    open_to = (~bought.reindex(people["客户编号"], fill_value=False)).mul(worth, axis=1).sum(axis=1)
    half = settings()["churn"]["churned_days"]
    people["增值潜力"] = open_to.to_numpy() * 0.5 ** (people["最近购买天数"] / half)
    mixed = shops.draw(people["客户编号"], len(people), shop, "ch02-segmentation")
    return people.set_index("客户编号").loc[mixed].reset_index(), data.title
