"""The grain of a fact table: what one row stands for, and what can be asked of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activities.ch06.facts import cube
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Grain → the columns that make one row of it.
GRAINS = {
    "line": ("订单行", ("订单编号", "商品名称")),
    "order": ("订单", ("订单编号",)),
    "day": ("日 × 商品 × 渠道", ("日期键", "商品名称", "渠道名称")),
    "month": ("月 × 大类 × 平台", ("月", "大类", "平台")),
}
_DIMENSIONS = {"客户维": ("line", "order"), "商品维": ("line", "day"), "日期维": ("line", "order", "day"),
               "渠道维": ("line", "order", "day")}  # fmt: skip
_PLACES = {
    "客户维": (0.14, 0.78),
    "商品维": (0.86, 0.78),
    "日期维": (0.14, 0.22),
    "渠道维": (0.86, 0.22),
}
_QUESTIONS = {
    "各大类每个季度卖了多少？": ("line", "day", "month"),
    "哪一天龙井卖得最多？": ("line", "day"),
    "一张订单平均几件商品？": ("line",),
    "重要客户 2025 年买了什么？": ("line",),
    "每张订单平均多少钱？": ("line", "order"),
}


def star_builder(shop: str = "tea") -> Activity:
    """Choose the grain of the sales fact; totals and joins are tested at once."""
    import pandas as pd

    from crmkit import shops

    base, orders = cube(shop).base, shops.valid_orders(shops.load(shop).orders)
    truth = float(base["销售额"].sum().round(2))
    freight = orders.set_index("订单编号")["运费"]
    postage = float(freight.sum())
    lines = base.assign(运费=base["订单编号"].map(freight))
    counted = {
        name: lines.drop_duplicates(list(columns))["运费"].sum() if name == "order" else lines["运费"].sum()
        for name, (_, columns) in GRAINS.items()
    }  # fmt: skip
    rows = {name: len(base.drop_duplicates(list(columns))) for name, (_, columns) in GRAINS.items()}

    def draw(figure: Figure, grain: str, with_freight: bool) -> View:
        axes = figure.subplots()
        title, _ = GRAINS[grain]
        kept = {d: grain in where for d, where in _DIMENSIONS.items()}
        measures = "数量、销售额" + ("、运费" if with_freight else "")
        if grain == "month":
            kept["日期维"] = kept["商品维"] = kept["渠道维"] = True
        names = {"日期维": "月", "商品维": "大类", "渠道维": "平台"} if grain == "month" else {}
        _schema(axes, f"fact_sales\n一行 = 一个{title}\n{rows[grain]:,} 行\n{measures}",
                {names.get(d, d): (_PLACES[d], there) for d, there in kept.items()})  # fmt: skip
        tests = [("销售额合计", f"{truth:,.2f} 元", f"{truth:,.2f} 元", "对得上")]
        if with_freight:
            same = abs(counted[grain] - postage) < 0.005
            tests.append(("运费合计", f"{postage:,.2f} 元", f"{counted[grain]:,.2f} 元",
                          "对得上" if same else "重复计算了"))  # fmt: skip
        lost = [d for d, there in kept.items() if not there]
        told = f"这个粒度有 {rows[grain]:,} 行，能问 {sum(grain in w for w in _QUESTIONS.values())} 个问题（共 {len(_QUESTIONS)} 个）。"
        if lost:
            told += f"{'、'.join(lost)}连不上了，想要也回不来。"
        if with_freight and grain != "order":
            told += "运费属于整张订单，写到更细的行上，连接一次就重复一次。"
        return View(
            alt=f"中间是事实表，一行是一个{title}；四周是维表，连得上的有{'、'.join(d for d, t in kept.items() if t)}。",
            message=told,
            table=pd.DataFrame(tests, columns=["检查", "来源系统", "事实表", "结论"]),
            result={"rows": rows[grain], "freight": float(counted[grain]), "source_freight": postage,
                    "sales": truth, "lost": lost},
        )  # fmt: skip

    return Activity(
        "先定粒度，再画星型",
        [
            Select("grain", "事实表的一行是", {k: f"一个{v[0]}" for k, v in GRAINS.items()}),
            Switch("with_freight", "把运费也写进事实表"),
        ],
        draw,
        note="销售额 = 数量 × 单价，不含运费和优惠；只计有效订单。",
        source="Kimball 与 Ross《数据仓库工具箱》的四步设计法；crmkit.analytics.warehouse.models。",
        size=(7.2, 3.3),
    )


def _schema(
    axes: Axes, fact: str, dimensions: dict[str, tuple[tuple[float, float], bool]]
) -> None:  # fmt: skip
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for name, ((x, y), there) in dimensions.items():
        colour = theme.COURSE if there else theme.MUTED
        axes.plot(
            [0.5, x], [0.5, y], color=colour, linewidth=2, linestyle="-" if there else ":", zorder=1
        )
        axes.text(
            x, y, name if there else f"{name}（丢失）", ha="center", va="center", zorder=3, color=colour,
            bbox={"boxstyle": "round,pad=0.6", "facecolor": "#ffffff", "edgecolor": colour, "linewidth": 1.6},
        )  # fmt: skip
    axes.text(
        0.5, 0.5, fact, ha="center", va="center", zorder=3, color="#ffffff", linespacing=1.6, fontweight="bold",
        bbox={"boxstyle": "round,pad=0.8", "facecolor": theme.COURSE, "edgecolor": theme.COURSE},
    )  # fmt: skip


def granularity(shop: str = "tea") -> Activity:
    """Rows and answerable questions at four grains, and how the table grows with the years kept."""
    import pandas as pd

    base = cube(shop).base
    years = base["年"].nunique()
    rows = {name: len(base.drop_duplicates(list(columns))) for name, (_, columns) in GRAINS.items()}

    def draw(figure: Figure, grain: str, kept: int) -> View:
        axes = figure.subplots()
        grown = {name: round(n * kept / years) for name, n in rows.items()}
        names = [title for title, _ in GRAINS.values()]
        colours = [theme.COURSE if name == grain else theme.MUTED for name in GRAINS]
        bars = axes.barh(names, list(grown.values()), color=colours)
        axes.bar_label(bars, [f"{n:,}" for n in grown.values()], padding=4)
        axes.invert_yaxis()
        axes.margins(x=0.16)
        axes.set_xticks([])
        axes.grid(False)
        axes.set_title(f"保留 {kept} 年，大约多少行")
        able = [q for q, where in _QUESTIONS.items() if grain in where]
        table = pd.DataFrame(
            [(q, "能" if q in able else "不能：细节已经汇总掉了") for q in _QUESTIONS],
            columns=["问题", f"按“{GRAINS[grain][0]}”存，能不能答"],
        )
        ratio = grown["line"] / grown[grain]
        return View(
            alt=f"四种粒度的行数，从细到粗：{'，'.join(f'{t} {n:,} 行' for t, n in zip(names, grown.values(), strict=True))}。",
            message=f"按“{GRAINS[grain][0]}”存 {grown[grain]:,} 行，明细是它的 {ratio:.1f} 倍；五个问题能答 {len(able)} 个。",
            table=table,
            result={"rows": grown, "ratio": ratio, "able": able},
        )

    return Activity(
        "粒度：存多细",
        [
            Select("grain", "一行是", {k: f"一个{v[0]}" for k, v in GRAINS.items()}, "month"),
            Slider("kept", "保留年数", 1, 10, 1, 2, "年"),
        ],
        draw,
        note="行数按本店两年的实际密度推算；真实的店会变化。",
        source="crmkit.analytics.warehouse.cube；课程店铺数据。",
    )
