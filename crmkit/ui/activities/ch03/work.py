"""Cases with and without a workflow; how fast the sales side earns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CASES = 40


def _chance(*what: object) -> float:
    """A number in [0, 1): the same cases on every machine."""
    import hashlib

    text = "|".join(map(str, what)).encode("utf-8")
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / 2**48


def case_flow() -> Activity:
    """Forty bad reviews: who forgets them, and what a time limit that passes them on changes."""
    import numpy as np
    import pandas as pd

    def draw(figure: Figure, forget: float, limit: int, flow: bool) -> View:
        waits = []
        for n in range(_CASES):
            hours = 0.3 + 3.2 * _chance("wait", n)
            if _chance("forget", n) < forget:
                hours = 12 + 60 * _chance("long", n)  # found again by the customer's second call
            if flow:
                hours = min(hours, limit + 0.5)  # passed on; the manager needs half an hour
            waits.append(hours)
        axes = figure.subplots()
        edges = [0, 1, 2, 4, 8, 24, 72]
        counts = np.histogram(waits, edges)[0]
        words = [f"{a}–{b}" for a, b in zip(edges, edges[1:], strict=False)]
        bars = axes.bar(words, counts, color=[theme.COURSE if b <= 4 else theme.SERIES[2] for b in edges[1:]])  # fmt: skip
        axes.bar_label(bars)
        axes.margins(y=0.15)
        axes.set_xlabel("首次回复等了几小时")
        axes.set_title(f"{_CASES} 条差评")
        in_time = sum(w <= 4 for w in waits) / _CASES
        passed = sum(_chance("forget", n) < forget or 0.3 + 3.2 * _chance("wait", n) > limit
                     for n in range(_CASES)) if flow else 0  # fmt: skip
        table = pd.DataFrame(
            [("4 小时内回复", f"{in_time:.0%}"), ("最久", f"{max(waits):.1f} 小时"),
             ("平均", f"{sum(waits) / _CASES:.1f} 小时"), ("转给主管的", f"{passed} 条")],
            columns=["结果", "数"],
        )  # fmt: skip
        return View(
            alt=f"六根柱子，4 小时以内的占 {in_time:.0%}，最久的等了 {max(waits):.1f} 小时。",
            message=f"{'有' if flow else '没有'}工作流：4 小时内回复 {in_time:.0%}，最久 {max(waits):.1f} 小时"
            + (f"，主管接了 {passed} 条。" if flow else "。"),
            table=table,
            result={"in_time": in_time, "longest": max(waits), "passed": passed},
        )

    return Activity(
        "差评来了，谁记得回？",
        [
            Slider("forget", "被忘掉的", 0, 0.5, 0.05, 0.2, percent=True),
            Slider("limit", "几小时没回就升级", 1, 8, 1, 4, "小时"),
            Switch("flow", "打开工作流"),
        ],
        draw,
        note="等多久由固定的算法决定，人人相同；主管半小时办完一条，是假定。升级后要再等半小时，所以期限定在 4 小时，"
        "到不了“4 小时内全部回复”。试一试：期限定几小时才全部做到？主管多接了几条？",
        source="工作流集成；情境为教学编写。",
        size=(7.2, 2.6),
    )


def sales_speed() -> Activity:
    """Sales velocity: opportunities × win rate × amount ÷ cycle."""
    import pandas as pd

    base = {"count": 60, "win": 0.2, "amount": 8000, "days": 45}
    names = {"count": "商机数", "win": "赢单率", "amount": "每单金额", "days": "成交周期"}
    shown = {"count": "{:,.0f} 个", "win": "{:.0%}", "amount": "{:,.0f} 元", "days": "{:.0f} 天"}

    def speed(count: float, win: float, amount: float, days: float) -> float:
        return count * win * amount / days

    start = speed(**base)

    def draw(figure: Figure, count: int, win: float, amount: int, days: int) -> View:
        now = {"count": count, "win": win, "amount": amount, "days": days}
        value = speed(**now)
        alone = {names[k]: speed(**{**base, k: now[k]}) / start - 1 for k in base}
        axes = figure.subplots()
        colours = [theme.COURSE if v >= 0 else theme.SERIES[2] for v in alone.values()]
        axes.barh(list(alone), [v * 100 for v in alone.values()], 0.6, color=colours)
        axes.axvline(0, color=theme.TEXT, linewidth=0.9)
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_title("只改这一样，每天的成交额变百分之几")
        table = pd.DataFrame(
            [(names[k], shown[k].format(base[k]), shown[k].format(now[k]), f"{alone[names[k]]:+.0%}".replace("-", "−")) for k in base],
            columns=["因素", "原来", "现在", "只改这一样"],
        )  # fmt: skip
        return View(
            alt="四根横条，是四个因素各自单独带来的变化："
            + "，".join(f"{k} {v:+.0%}" for k, v in alone.items()) + "。",
            message=f"每天约成交 {value:,.0f} 元，原来 {start:,.0f} 元，"
            f"{'多' if value >= start else '少'} {abs(value / start - 1):.0%}。",
            table=table,
            result={"speed": value, "change": value / start - 1, "alone": alone},
        )  # fmt: skip

    return Activity(
        "成交快一点，还是多一点？",
        [
            Slider("count", "在谈的商机", 10, 200, 5, 60, "个"),
            Slider("win", "赢单率", 0.05, 0.6, 0.01, 0.2, percent=True),
            Slider("amount", "每单金额", 1000, 30000, 500, 8000, "元"),
            Slider("days", "成交周期", 10, 120, 1, 45, "天"),
        ],
        draw,
        formula=r"\text{每天的成交额} = \frac{\text{商机数} \times \text{赢单率} \times \text{每单金额}}{\text{成交周期}}",
        note="起点的数是教学编写。公式假定几样互不影响；实际上拼命加商机，赢单率会掉。"
        "试一试：赢单率从 20% 提到 25%，和周期从 45 天缩到 36 天，效果一样吗？",
        source="销售速度（sales velocity）：销售管理的通行指标。",
        size=(7.2, 2.5),
    )
