"""Eight product names on one line of time: what may be drawn, and what looks drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A table without a gap, as the opening of the chapter has it.
_START = ("heard", "stated", "heard", "stated", "heard", "name", "heard", "stated")


def product_line() -> Activity:
    """A year for each of eight products, and what it is said to stand on."""
    import pandas as pd

    from crmkit.analytics import provenance as p

    keys = {f"p{n}": product for n, product in enumerate(p.PRODUCTS)}
    colours = {p.SOUND: theme.COURSE, p.TOO_SURE: theme.SERIES[1], p.NO_BASIS: theme.SERIES[2],
               p.TOO_SHY: theme.MUTED}  # fmt: skip

    def draw(figure: Figure, **chosen: str) -> View:
        claims = {keys[name]: claim for name, claim in chosen.items()}
        found = {product: p.verdict(product, claim) for product, claim in claims.items()}
        axes = figure.subplots()
        for y, (product, claim) in enumerate(claims.items()):
            said, colour = p.CLAIMS[claim], colours[found[product]]
            axes.plot([1994, 2001], [y, y], color="#e2e8f0", linewidth=1.2, zorder=1)
            if said.year:
                hollow = said.basis != p.STATED
                axes.plot([said.year], [y], "o", markersize=9, color=colour,
                          markerfacecolor="none" if hollow else colour, zorder=2)  # fmt: skip
            x = said.year + 0.18 if said.year else 1994.1
            words = found[product] if said.year or found[product] != p.SOUND else "写未载，对"
            axes.annotate(
                words, (x, y), (0, 4), textcoords="offset points", fontsize=9, color=colour
            )
        axes.set_yticks(range(len(claims)), list(claims))
        axes.set_ylim(len(claims) - 0.4, -0.8)
        axes.set_xlim(1993.9, 2001.2)
        axes.set_xticks([1995, 1999, 2000], ["1995", "1999", "2000"])
        axes.grid(False, axis="y")
        axes.set_title("产品的时间线（实心：说是资料写的；空心：推断或听说）")
        pairs, sound = p.orderings(claims)
        filled = sum(claim != "none" for claim in claims.values())
        good = sum(claim != "none" and found[x] == p.SOUND for x, claim in claims.items())
        right = sum(v == p.SOUND for v in found.values())
        told = f"写了 {filled} 个年份，站得住的 {good} 个；能写出 {pairs} 句“谁先谁后”，站得住的 {sound} 句。"
        if right == len(claims):
            told += "八行都恰如其分：空着的五行，是这张表最可靠的部分。"
        elif p.NO_BASIS in found.values():
            told += f"没有依据的：{'、'.join(x for x, v in found.items() if v == p.NO_BASIS)}。"
        elif p.TOO_SURE in found.values():
            told += "没有编的了，还有说过头的：资料写的和推出来的要分开。"
        else:
            told += "没有一句假话，但有的还可以多说一点。"
        rows = [(product, found[product], why) for product, (_, why) in p.PRODUCTS.items()]
        return View(
            alt=f"八个产品的时间线，写了 {filled} 个年份，其中 {good} 个站得住。",
            message=told,
            table=pd.DataFrame(rows, columns=["产品", "判断", "资料里有什么"]),
            result={"right": right, "filled": filled, "good": good, "pairs": pairs, "sound": sound},
        )

    options = {name: claim.words for name, claim in p.CLAIMS.items()}
    return Activity(
        "八个名字，一条时间线",
        [
            Select(name, product, options, start)
            for (name, product), start in zip(keys.items(), _START, strict=True)
        ],
        draw,
        note="起始的样子就是小宋那张没有空格的表。依据只有课程资料和大纲印的字；大纲的名单里没有的（如悟空CRM，第 13.10 节）不在这条线上。"
        "1995 是随手编的，给“听说”一个样子〔教学编写〕。试一试：改到八行都恰如其分，还剩几个年份？",
        source="课程资料（1999 年年中一句，厂商名单）、大纲第 13 章的产品名；crmkit.analytics.provenance。",
        size=(7.6, 2.9),
    )
