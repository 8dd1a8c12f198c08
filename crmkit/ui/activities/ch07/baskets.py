"""What is bought together: Apriori level by level, and which rules survive which limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Ten slips of a tea shop, written for class.
SLIPS = (
    ("乌龙茶", "盖碗", "公道杯"), ("乌龙茶", "盖碗", "公道杯"), ("乌龙茶", "盖碗", "公道杯", "茶点"),
    ("乌龙茶", "盖碗"), ("乌龙茶", "茶点"), ("乌龙茶", "公道杯", "茶点"), ("龙井", "玻璃杯"),
    ("龙井", "玻璃杯", "茶点"), ("龙井", "玻璃杯"), ("盖碗", "茶点", "玻璃杯"),
)  # fmt: skip
_KEPT, _FEW, _CUT = theme.COURSE, "#d6d3d1", theme.SERIES[2]
_NOTHING = 1.1  # a lift below this tells nothing (course's choice)
_DRAWN = 14  # sets in one row of the figure


def apriori_by_hand() -> Activity:
    """Ten slips: raise the minimum support and see where candidates are dropped, and why."""
    from crmkit.analytics import apriori

    def draw(figure: Figure, least: int, level: str) -> View:
        found = apriori.levels(SLIPS, least / len(SLIPS))
        axes = figure.subplots()
        for row, one in enumerate(found[:4]):
            _row(axes, -row, one)
        axes.set_xlim(-1.6, _DRAWN)
        axes.set_ylim(-3.6, 0.6)
        axes.axis("off")
        axes.set_title("每一层的候选：绿色留下，灰色次数不够，红框没有数就剪掉了")
        shown = found[min(int(level), len(found)) - 1]
        counts = [len(one.counts) for one in found]
        table = shown.frame()
        table["篮数"] = [
            "不用数" if pruned else str(n)
            for pruned, n in zip(table["篮数"].isna(), table["篮数"], strict=True)
        ]
        cut = sum(len(one.pruned) for one in found)
        kept = sum(len(one.frequent) for one in found)
        last = max((one.size for one in found if one.frequent), default=0)
        return View(
            alt="；".join(
                f"第 {one.size} 层数了 {len(one.counts)} 个候选，留下 {len(one.frequent)} 个，剪掉 {len(one.pruned)} 个"
                for one in found
            )
            + "。",
            message=f"最少出现 {least} 次：共数 {sum(counts)} 个候选，得到 {kept} 个频繁项集，最长 {last} 项；"
            f"剪枝省下 {cut} 次计数。六种商品的组合一共有 63 个。",
            table=table,
            formula=rf"\text{{最小支持度}} = \frac{{{least}}}{{{len(SLIPS)}}} = {least / len(SLIPS):.1f}",
            result={"counted": sum(counts), "frequent": kept, "pruned": cut, "longest": last},
        )

    return Activity(
        "一层一层数：十张小票",
        [
            Slider("least", "至少出现几次", 1, 6, 1, 3, "次"),
            Select("level", "下表看哪一层", {"1": "第 1 层", "2": "第 2 层", "3": "第 3 层"}, "2"),
        ],
        draw,
        note="小票是为教学编写的。先把次数从 6 往下降，看第 2 层、第 3 层什么时候出现；再找一个被红框"
        "剪掉的三项组合，说出它为什么不用数。",
        source="Apriori：Agrawal 与 Srikant（1994）；crmkit.analytics.apriori。",
        size=(7.6, 3.3),
    )


def _row(axes: Axes, y: float, level: Any) -> None:
    axes.text(-1.5, y, f"第 {level.size} 层", va="center", fontweight="bold", color=theme.TEXT)
    cells: list[tuple[tuple[str, ...], str]] = [
        (items, "kept" if items in level.frequent else "few") for items in level.counts
    ]
    cells += [(items, "cut") for items in level.pruned]
    for x, (items, state) in enumerate(sorted(cells)[:_DRAWN]):
        face = {"kept": _KEPT, "few": _FEW, "cut": "none"}[state]
        axes.text(
            x, y, "\n".join(items), ha="center", va="center", fontsize=8,
            color="#ffffff" if state == "kept" else theme.TEXT,
            bbox={"facecolor": face, "edgecolor": _CUT if state == "cut" else face, "pad": 2.5},
        )  # fmt: skip
    if len(cells) > _DRAWN:
        axes.text(_DRAWN, y, f"…共 {len(cells)}", va="center", ha="right", fontsize=8)


def rule_filter(shop: str = "tea") -> Activity:
    """The shop's rules as points: confidence against lift; high confidence alone is a trap."""
    from crmkit.analytics import basket

    names, found, baskets, title = _rules(shop)

    def draw(figure: Figure, support: float, confidence: float, lift: float, wrap: bool) -> View:
        rules = [
            r
            for r in found
            if r.support >= support - 1e-12 and (wrap or "包装" not in names[r.after[0]])
        ]
        kept = [r for r in rules if r.confidence >= confidence and r.lift >= lift]
        trap = [r for r in rules if r.confidence >= confidence and r.lift < _NOTHING]
        chosen = {id(r) for r in kept}  # looking each rule up in the list takes too long
        axes = figure.subplots()
        for part, colour, label in (
            ([r for r in rules if id(r) not in chosen], _FEW, "不合要求"),
            (kept, theme.colour(shop), "留下的规则"),
            (trap, _CUT, "置信度够、提升度不到 1.1"),
        ):
            axes.scatter(
                [r.confidence for r in part], [r.lift for r in part],
                s=[1500 * r.support for r in part], color=colour, alpha=0.75, label=label,
            )  # fmt: skip
        axes.axhline(1, color=theme.TEXT, linewidth=0.8)
        axes.axvline(confidence, color=theme.MUTED, linewidth=0.8, linestyle="--")
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        axes.yaxis.set_minor_formatter(lambda v, _: "")
        axes.set_xlabel("置信度")
        axes.set_title("提升度（对数轴；圆的大小是支持度）")
        axes.legend(loc="upper right", markerscale=0.5)
        table = basket.rule_frame(kept[:8], names)[["前项", "后项", "支持度", "置信度", "提升度"]]
        for column in ("支持度", "置信度"):
            table[column] = [f"{v:.1%}" for v in table[column]]
        best = f"{names[kept[0].before[0]]} → {names[kept[0].after[0]]}" if kept else ""
        told = f"{len(rules)} 条规则里留下 {len(kept)} 条"
        if kept:
            told += f"，带动最强的是 {best}（提升度 {kept[0].lift:.1f}）。"
        else:
            told += "：门槛太高了，先降最小支持度，再降另外两个。"
        if trap:
            told += f"其中 {len(trap)} 条置信度够高，提升度却不到 1.1：后项不管买什么都常有，规则没有信息。"
        return View(
            alt=f"每个圆是一条规则，横轴置信度，纵轴提升度；{len(kept)} 条合要求，{len(trap)} 条是陷阱。",
            message=told,
            table=table,
            result={"rules": len(rules), "kept": len(kept), "trap": len(trap), "best": best},
        )

    return Activity(
        f"{title}：哪些规则值得用？",
        [
            Slider("support", "最小支持度", 0.002, 0.03, 0.001, 0.01, percent=True),
            Slider("confidence", "最小置信度", 0.05, 0.6, 0.01, 0.3, percent=True),
            Slider("lift", "最小提升度", 0, 5, 0.1, 1.0),
            Switch("wrap", "算上礼品包装", False),
        ],
        draw,
        formula=r"\text{提升度} = \frac{\text{置信度}}{\text{后项的支持度}}",
        note=f"一张有效订单是一篮，共 {baskets:,} 篮，只看两件商品之间的规则。先把最小提升度拉到 0、"
        "最小置信度拉低，并打开“算上礼品包装”：人人都买的东西，置信度天然就高。",
        source="关联规则：Agrawal 等（1993）；crmkit.analytics.basket；课程店铺数据。",
        size=(7.4, 3.3),
    )


def _rules(shop: str) -> tuple[list[str], list[Any], int, str]:
    import pandas as pd

    from crmkit import shops
    from crmkit.analytics import basket

    data = shops.load(shop)
    valid = shops.valid_orders(data.orders)["订单编号"]
    items = data.order_items[data.order_items["订单编号"].isin(valid)]
    goods = data.products.set_index("商品编码")["商品名称"]
    order, _ = pd.factorize(items["订单编号"])
    item, codes = pd.factorize(items["商品编码"], sort=True)
    rows = basket.bit_rows(order, item, int(order.max()) + 1, len(codes))
    found = basket.rules(basket.frequent(rows, int(order.max()) + 1, 0.002), min_confidence=0.02)
    names = [str(goods[c]) for c in codes]
    return names, found, int(order.max()) + 1, data.title
