"""Which objects to keep, and what one big table costs when a customer moves house."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BASE = ("客户", "订单")
_MORE = {
    "deals": "销售机会",
    "contacts": "活动",
    "goods": "产品",
    "lines": "订单明细",
    "tags": "标签",
}
# question of the shop → objects without which it cannot be answered
_QUESTIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("一位客户一共买了多少钱", frozenset({"客户", "订单"})),
    ("三个月没来的有谁", frozenset({"客户", "订单"})),
    ("哪一款卖得最多", frozenset({"产品", "订单明细"})),
    ("买过岩茶的人还买什么", frozenset({"客户", "订单", "产品", "订单明细"})),
    ("库存够不够国庆用", frozenset({"产品", "订单明细"})),
    ("上次打电话谈了什么", frozenset({"客户", "活动"})),
    ("打几次电话才成一单", frozenset({"活动", "销售机会", "订单"})),
    ("下个月大概能签多少", frozenset({"销售机会"})),
    ("送礼的人春节前买没买", frozenset({"客户", "订单", "标签"})),
    ("投诉的人后来还来吗", frozenset({"客户", "订单", "活动"})),
)


def answered(there: Collection[str]) -> int:
    """How many of the ten questions can be answered from these objects."""
    return sum(wanted <= set(there) for _, wanted in _QUESTIONS)


def entity_studio() -> Activity:
    """Switch on data objects; see which of ten questions of the shop can be answered."""
    import pandas as pd
    from matplotlib.patches import Rectangle

    names = (*_BASE, *_MORE.values())

    def draw(figure: Figure, **chosen: bool) -> View:
        there = {*_BASE, *(_MORE[k] for k, on in chosen.items() if on)}
        axes = figure.subplots()
        rows = []
        for y, (question, wanted) in enumerate(_QUESTIONS):
            lacking = [n for n in names if n in wanted - there]
            for x, name in enumerate(names):
                if name in wanted:
                    colour = theme.COURSE if name in there else theme.SERIES[2]
                    axes.add_patch(Rectangle((x + 0.06, y + 0.12), 0.88, 0.76, facecolor=colour))
                    axes.text(x + 0.5, y + 0.5, "有" if name in there else "缺", color="#ffffff",
                              ha="center", va="center", fontsize=9)  # fmt: skip
            rows.append((question, "能" if not lacking else "不能", "、".join(lacking) or "—"))
        axes.set_xlim(0, len(names))
        axes.set_ylim(len(_QUESTIONS), 0)
        axes.set_xticks([x + 0.5 for x in range(len(names))], names)
        axes.set_yticks([y + 0.5 for y in range(len(rows))], [q for q, _ in _QUESTIONS])
        axes.tick_params(length=0)
        axes.grid(False)
        axes.set_title("每个问题要用到哪些数据对象")
        n = answered(there)
        return View(
            alt=f"十行七列的格子：{len(there)} 个对象已建，{n} 个问题答得出，{10 - n} 个缺对象。",
            message=f"建了 {len(there)} 个对象（{'、'.join(x for x in names if x in there)}），"
            f"十个问题里答得出 {n} 个。",
            table=pd.DataFrame(rows, columns=["店里的问题", "答得出吗", "还缺"]),
            result={"objects": len(there), "answered": n},
        )

    return Activity(
        "设计室：要建哪些数据对象？",
        [Switch(key, f"建「{label}」") for key, label in _MORE.items()],
        draw,
        note="客户和订单已经建好。这里的“活动”指与客户的往来（电话、拜访、咨询、投诉），不是促销活动。"
        "试一试：只许再建两个，建哪两个答得出的问题最多？",
        source="客户、销售机会、活动、产品四个对象依教材的一般模型；十个问题为教学编写。",
        size=(7.2, 3.7),
    )


def big_table() -> Activity:
    """Copies of an address in one big table, and the chance that they still agree after a year."""
    import pandas as pd

    def draw(
        figure: Figure, customers: int, orders: int, lines: int, moves: float, miss: float
    ) -> View:
        rows = customers * orders * lines
        per_move = orders * lines  # rows to change when one customer moves
        agree = (1 - miss) ** per_move
        moved = customers * moves
        torn = moved * (1 - agree)
        axes = figure.subplots()
        grid = list(range(1, 61))
        axes.plot(grid, [1 - (1 - miss) ** k for k in grid], color=theme.COURSE)
        axes.plot([per_move], [1 - agree], "o", color=theme.SERIES[2], markersize=9)
        axes.annotate(
            f"现在 {per_move} 行", (per_move, 1 - agree), (8, -12), textcoords="offset points"
        )
        axes.set_xlim(0, 62)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel("一位客户的地址抄在几行里")
        axes.set_title("搬一次家，改完以后前后矛盾的可能")
        table = pd.DataFrame(
            [("地址存了几份", f"{rows:,}", f"{customers:,}"), ("搬一次家要改几行", f"{per_move}", "1"),
             ("改完仍一致的可能", f"{agree:.1%}", f"{1 - miss:.1%}"),
             ("一年里弄得前后矛盾的客户", f"{torn:,.0f}", "0")],
            columns=["", "一张大表", "客户单独一张表"],
        )  # fmt: skip
        return View(
            alt=f"一条上升的曲线，{per_move} 行处矛盾的可能是 {1 - agree:.0%}。",
            message=f"每行漏改的可能是 {miss:.0%}，{per_move} 行全改对的可能只有 {agree:.0%}；"
            f"一年 {moved:,.0f} 人搬家，约 {torn:,.0f} 人的地址前后矛盾。",
            table=table,
            result={"rows": rows, "per_move": per_move, "agree": agree, "torn": torn},
        )

    return Activity(
        "一张大表的代价",
        [
            Slider("customers", "客户", 100, 5000, 100, 2000, "人"),
            Slider("orders", "每人订单", 1, 10, 1, 4, "张"),
            Slider("lines", "每单商品", 1, 6, 1, 2, "行"),
            Slider("moves", "一年里搬家的人", 0, 0.3, 0.01, 0.08, percent=True),
            Slider("miss", "每行漏改的可能", 0, 0.2, 0.01, 0.03, percent=True),
        ],
        draw,
        formula=r"P(\text{仍一致}) = (1 - \text{漏改率})^{\text{要改的行数}}",
        note="假定各行漏不漏互不相干。单独一张表漏改了，地址是旧的，但不会自相矛盾。"
        "下单时的收货地址是当时的事实，另存一份不算重复。试一试：漏改率降到 1% 够不够？",
        source="关系模型与规范化：Codd（1970）；情境和数字为教学编写。",
        size=(7.2, 2.9),
    )
