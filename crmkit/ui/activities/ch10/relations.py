"""How close to come to whom; and when a price war is not worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOES = {
    "基本型": "卖完不再联系",
    "被动型": "卖完，鼓励客户有问题来找",
    "负责型": "卖完不久主动问是否满意",
    "能动型": "经常联系，告诉他改进和新用法",
    "伙伴型": "与客户一起想办法，直到双方都好",
}


def relation_levels() -> Activity:
    """Number of customers × margin → one of the five levels; what it costs to go beyond it."""
    import pandas as pd

    from crmkit.analytics import strategy
    from crmkit.settings import settings

    rule = settings()["strategy"]
    shades = dict(
        zip(strategy.LEVELS, ("#e7e5e4", "#bfdbfe", "#99f6e4", "#fcd34d", "#f9a8d4"), strict=True)
    )

    def draw(figure: Figure, customers: int, margin: float, price: int, hours: float) -> View:
        level = strategy.relation_level(customers, margin)
        axes = figure.subplots()
        sizes, margins = ("多", "中", "少"), ("低", "中", "高")
        for y, size in enumerate(sizes):
            for x, m in enumerate(margins):
                name = strategy.RELATION_GRID[size, m]
                mine = name == level and (size, m) == _place(customers, margin, rule)
                axes.add_patch(_box(x, y, shades[name], mine))
                axes.text(x + 0.5, y + 0.5, name, ha="center", va="center", color="#1b2733",
                          fontsize=13, fontweight="bold" if mine else "normal")  # fmt: skip
        axes.set_xlim(0, 3)
        axes.set_ylim(0, 3)
        axes.grid(False)
        axes.set_xticks(
            [0.5, 1.5, 2.5], [f"低于 {rule['low']:.0%}", "中间", f"{rule['high']:.0%} 起"]
        )
        axes.set_yticks(
            [0.5, 1.5, 2.5], [f"{rule['many']:,} 位起", "中间", f"{rule['few']} 位以内"]
        )
        axes.set_xlabel("毛利率")
        axes.set_title("该建立哪一层关系？（纵向：客户多少）")
        yearly = price * margin
        cost = hours * 40
        rows = [(n, _DOES[n], "◀ 这一群" if n == level else "") for n in strategy.LEVELS]
        told = f"{customers:,} 位、毛利率 {margin:.0%}：{level}。"
        told += (
            f"每位每年带来毛利 {yearly:,.0f} 元，专人 {hours:g} 小时要 {cost:,.0f} 元，"
            + ("付得起。" if cost <= yearly else "付不起：这么深的关系会亏。")
        )  # fmt: skip
        return View(
            alt=f"三行三列的格子，现在落在“{level}”一格；越往右上，关系越深。",
            message=told,
            table=pd.DataFrame(rows, columns=["层次", "企业做什么", "现在"]),
            result={"level": level, "margin_yuan": yearly, "cost": cost},
        )

    return Activity(
        "关系该走多近？",
        [
            Slider("customers", "这一群有多少位客户", 5, 3000, 5, 300, "位"),
            Slider("margin", "毛利率", 0, 0.8, 0.01, 0.3, percent=True),
            Slider("price", "每位每年消费", 50, 20000, 50, 800, "元"),
            Slider("hours", "每位每年专人服务", 0, 40, 0.5, 2, "小时"),
        ],
        draw,
        note="九格的次序取自 Kotler 的表，界限是本课程约定（settings.toml 的 [strategy]），专人每小时按 40 元计。"
        "客户多而毛利低的一格，原表写“基本型或被动型”。试一试：同一群客户，毛利率从 15% 升到 45%，跨过几层？",
        source="五个关系层次：课程资料；客户数 × 毛利的选择表：Kotler《营销管理》；crmkit.analytics.strategy。",
        size=(7.2, 3.0),
    )  # fmt: skip


def _place(customers: float, margin: float, rule: dict[str, float]) -> tuple[str, str]:
    size = "多" if customers >= rule["many"] else "少" if customers <= rule["few"] else "中"
    return size, "高" if margin >= rule["high"] else "低" if margin < rule["low"] else "中"


def _box(x: int, y: int, colour: str, mine: bool):  # type: ignore[no-untyped-def]
    from matplotlib.patches import Rectangle

    return Rectangle(
        (x + 0.03, y + 0.04), 0.94, 0.92, facecolor=colour,
        edgecolor=theme.TEXT if mine else "none", linewidth=3 if mine else 0,
    )  # fmt: skip


def loyalty_game() -> Activity:
    """Two firms hold or cut their price; the cost of switching decides whether there is a war."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics import strategy

    def draw(figure: Figure, margin: int, cut: int, switching: int) -> View:
        game = strategy.price_game(margin, cut, switching)
        stable = strategy.equilibria(game)
        left, right = figure.subplots(1, 2)
        for y, a in enumerate("降守"):
            for x, b in enumerate("守降"):
                mine = (a, b) in stable
                left.add_patch(_box(x, y, "#99f6e4" if mine else "#f1f5f9", mine))
                pay = game[a, b]
                left.text(x + 0.5, y + 0.5, f"A {pay[0]:,.0f}\nB {pay[1]:,.0f}", ha="center",
                          va="center", color="#1b2733", fontsize=12)  # fmt: skip
        left.set_xlim(0, 2)
        left.set_ylim(0, 2)
        left.grid(False)
        left.set_xticks([0.5, 1.5], ["B 守价", "B 降价"])
        left.set_yticks([0.5, 1.5], ["A 降价", "A 守价"])
        left.set_title("利润（元/原有客户）")
        costs = np.arange(0, 201, 5)
        gains = [strategy.price_game(margin, cut, float(c))["降", "守"][0] - margin for c in costs]
        right.plot(costs, gains, color=theme.COURSE)
        right.axhline(0, color=theme.MUTED, linewidth=0.9)
        right.plot(
            [switching], [game["降", "守"][0] - margin], "o", color=theme.COURSE, markersize=8
        )
        right.set_xlabel("平均转移成本（元）")
        right.set_title("先降价的一方多得（元）")
        gain = game["降", "守"][0] - margin
        words = {("守", "守"): "双方守价", ("降", "降"): "双方降价",
                 ("守", "降"): "A 守 B 降", ("降", "守"): "A 降 B 守"}  # fmt: skip
        told = "、".join(words[s] for s in stable) or "没有纯策略的均衡"
        table = pd.DataFrame(
            [(words[s], pay[0], pay[1], "均衡" if s in stable else "") for s, pay in game.items()],
            columns=["做法", "A 的利润（元）", "B 的利润（元）", "谁也不愿单独改"],
        )
        trap = ("降", "降") in stable and game["降", "降"][0] < game["守", "守"][0]
        return View(
            alt=f"左图是两家店的支付矩阵，均衡是{told}；右图显示转移成本越高，先降价越不合算。",
            message=f"均衡：{told}。先降价的一方{'多得' if gain > 0 else '少得'} {abs(gain):,.1f} 元。"
            + ("双方都降价，两败俱伤：囚徒困境。" if trap else ""),
            table=table,
            result={"equilibria": stable, "gain": gain, "game": game},
        )

    return Activity(
        "价格战还是忠诚？",
        [
            Slider("margin", "每位客户的毛利", 10, 200, 5, 60, "元"),
            Slider("cut", "降价幅度", 5, 100, 5, 15, "元"),
            Slider("switching", "平均转移成本", 0, 200, 5, 10, "元"),
        ],
        draw,
        note="两家店起初各有一半客户。每位客户的转移成本在 0 到平均数的两倍之间均匀分布，价差超过它就换店。"
        "转移成本包括重新比较的工夫、积分作废、习惯和交情。试一试：转移成本要多高，价格战才打不起来？",
        source="示意的两人博弈（教学编写）；crmkit.analytics.strategy。",
        size=(8.0, 3.1),
    )  # fmt: skip
