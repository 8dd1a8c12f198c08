"""What a festival campaign brought, told from a group that got nothing."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def holdout() -> Activity:
    """Sent and held-out group of one list: uplift with its interval, and the profit of sending."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics.intervals import Z95

    def draw(
        figure: Figure, people: int, held: float, base: float, lift: float, margin: int, coupon: int
    ) -> View:
        kept = round(people * held)
        sent = people - kept
        rate = min(1.0, base + lift)

        def error(quiet: int) -> float:
            busy = people - quiet
            return sqrt(rate * (1 - rate) / busy + base * (1 - base) / quiet)

        uplift = rate - base
        low, high = uplift - Z95 * error(kept), uplift + Z95 * error(kept)
        naive = sent * rate * (margin - coupon) - sent * 0.05
        real = (
            naive - sent * base * margin
        )  # those who would have bought anyway paid the full price
        left, right = figure.subplots(1, 2)
        left.bar(["留白", "发送"], [base, rate], 0.55, color=[theme.MUTED, theme.COURSE])
        left.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        left.set_title("下单率")
        shares = np.linspace(0.05, 0.5, 19)
        right.plot(
            shares, [200 * Z95 * error(round(people * s)) for s in shares], color=theme.COURSE
        )
        right.plot([held], [100 * (high - low)], "o", color=theme.COURSE, markersize=8)
        right.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        right.set_xlabel("留白组占名单的比例")
        right.set_title("提升的区间有多宽（百分点）")
        rows = [("全部算活动的功劳", sent * rate, naive), ("只算多出来的", sent * uplift, real)]
        clear = "不含 0，看得出提升" if low > 0 else "含 0，看不出是不是碰巧"
        return View(
            alt=f"左图留白组下单率 {base:.0%}，发送组 {rate:.0%}；右图留白越多，区间越窄。",
            message=f"提升 {uplift:.1%}，95% 区间 {low:.1%} 到 {high:.1%}，{clear}；"
            f"真正多挣 {real:,.0f} 元，看起来挣 {naive:,.0f} 元。",
            table=pd.DataFrame(rows, columns=["算法", "订单数", "毛利减花费（元）"]),
            result={"uplift": uplift, "low": low, "high": high, "naive": naive, "real": real},
        )

    return Activity(
        "节日活动到底带来多少？",
        [
            Slider("people", "名单人数", 100, 5000, 100, 400, "人"),
            Slider("held", "留白的比例", 0.05, 0.5, 0.05, 0.2, percent=True),
            Slider("base", "不发也会下单", 0.01, 0.4, 0.01, 0.12, percent=True),
            Slider("lift", "发了多出来", 0, 0.4, 0.01, 0.08, percent=True),
            Slider("margin", "一单毛利", 10, 300, 10, 80, "元"),
            Slider("coupon", "优惠券面额", 0, 50, 5, 15, "元"),
        ],
        draw,
        formula=r"\text{多挣} = n (p (m - c) - q m - 0.05)",
        note="n 发送人数，p 发送组下单率，q 留白组下单率，m 一单毛利，c 券面额，短信每条 0.05 元（模拟价）；"
        "区间是两个比例之差的正态近似。试一试：券面额调到多少，活动由赚变亏，而“看起来”仍是赚的？",
        source="随机留白组的比较（A/B 测试的通行做法）；两个独立比例之差的区间。",
        size=(7.6, 2.8),
    )  # fmt: skip
