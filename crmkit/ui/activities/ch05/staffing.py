"""Rosters over the day, and a centre of one's own or an outside one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.charts import in_wan
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Mean calls an hour of the airline's log in datasets/calls, as a shape of the day.
_DAY = {
    7: 6, 8: 14, 9: 30, 10: 34, 11: 26, 12: 14, 13: 14, 14: 22, 15: 30, 16: 28, 17: 20, 18: 12,
    19: 12, 20: 10, 21: 6,
}  # fmt: skip


def intraday_staffing() -> Activity:
    """Seats by the hour, people on the roster, and their pay."""
    import pandas as pd

    from crmkit.analytics import erlang

    def draw(
        figure: Figure, times: float, handle: int, level: float, shrinkage: float, pay: int
    ) -> View:
        hours = list(_DAY)
        calls = [n * times for n in _DAY.values()]
        seats = [erlang.fewest_seats(c, 3600, handle, service_level=level) for c in calls]
        people = [erlang.scheduled(n, shrinkage) for n in seats]
        loads = [erlang.offered_load(c, 3600, handle) for c in calls]
        axes = figure.subplots()
        axes.bar(hours, people, 0.8, color=theme.COURSE, alpha=0.3, label="排班人数")
        axes.bar(hours, seats, 0.8, color=theme.COURSE, label="在岗坐席")
        axes.step(hours, loads, where="mid", color=theme.SERIES[1], label="话务量（爱尔兰）")
        axes.set_xticks(hours)
        axes.set_xlabel("钟点")
        axes.legend(loc="upper right")
        flat = max(people) * len(hours)
        axes.set_title(f"一天 {sum(people)} 个人时")
        table = pd.DataFrame(
            [("来电", *[round(c) for c in calls[1:12:2]]), ("在岗坐席", *seats[1:12:2]), ("排班人数", *people[1:12:2])],
            columns=["钟点", *[f"{h} 点" for h in hours[1:12:2]]],
        )  # fmt: skip
        used = sum(loads) / max(sum(seats), 1)
        return View(
            alt=f"柱子随钟点起落，上午和下午各有一个高峰，最高要 {max(people)} 人；排班人数比在岗坐席高出一截。",
            message=f"按小时排班要 {sum(people)} 个人时，{sum(people) * pay:,} 元；整天按高峰排要 {flat} 个人时，"
            f"多花 {(flat - sum(people)) * pay:,} 元。平均占用率 {used:.0%}。",
            table=table,
            result={
                "hours": sum(people),
                "flat": flat,
                "cost": sum(people) * pay,
                "peak": max(people),
            },
        )

    return Activity(
        "一天怎样排班？",
        [
            Slider("times", "来电是现在的几倍", 0.5, 5, 0.5, 1, "倍"),
            Slider("handle", "平均处理时长", 60, 420, 10, 260, "秒"),
            Slider("level", "20 秒内接通", 0.5, 0.95, 0.05, 0.8, percent=True),
            Slider("shrinkage", "缩减率（休息、培训、请假）", 0, 0.5, 0.05, 0.3, percent=True),
            Slider("pay", "每人时成本", 20, 80, 5, 35, "元"),
        ],
        draw,
        formula=r"\text{排班人数} = \frac{\text{在岗坐席}}{1 - \text{缩减率}}",
        note="每个钟点单独用爱尔兰 C，向上取整；人可以按小时来去，真实的班次至少连着几个小时，还要多一些。缩减率 30% 是常见的"
        "计划值〔课程约定〕。试一试：来电翻一倍，人时翻一倍吗？",
        source="来电的形状取自 datasets/calls（云桥航空，教学编写）；crmkit.analytics.erlang。",
    )


def make_or_buy() -> Activity:
    """Cost of a month by the number of calls: a staircase of one's own, a line from outside."""
    import pandas as pd

    from crmkit.analytics.outsourcing import Offer, OwnCentre, equal_ranges

    upto, step = 20_000, 250

    def draw(figure: Figure, calls: int, pay: int, fixed: int, price: float, base: int) -> View:
        own = OwnCentre(fixed=fixed, seat=pay, per_call=0.3)
        outside = Offer(base, price)
        grid = list(range(0, upto + 1, step))
        axes = figure.subplots()
        axes.step(grid, [own.cost(c) for c in grid], where="mid", color=theme.COURSE, label="自建")
        axes.plot(grid, [outside.cost(c) for c in grid], color=theme.SERIES[1], label="外包")
        axes.axvline(calls, color=theme.MUTED, linewidth=0.9)
        axes.set_xlabel("每月来电（通）")
        ticks = axes.get_yticks()
        axes.set_yticks(ticks, [in_wan(t) for t in ticks])
        axes.set_ylim(bottom=0)
        axes.set_title("月费用（元）")
        axes.legend(loc="upper left")
        changes = equal_ranges(own, outside, upto, step)
        mine, theirs = own.cost(calls), outside.cost(calls)
        cheaper = "自建" if mine < theirs else "外包"
        rows = [
            (f"{c:,}", f"{own.people(c)}", f"{own.cost(c):,.0f}", f"{outside.cost(c):,.0f}",
             "自建" if own.cost(c) < outside.cost(c) else "外包")
            for c in sorted({1000, 3000, 5000, 10_000, 20_000, calls})
        ]  # fmt: skip
        if not changes:
            told = f"到 {upto:,} 通为止，一直是{cheaper}便宜。"
        elif len(changes) == 1:
            told = f"大约 {changes[0]:,} 通以上换边。"
        else:
            told = f"便宜的一方换了 {len(changes)} 次（{changes[0]:,} 到 {changes[-1]:,} 通之间）：坐席是整数，自建是台阶。"
        return View(
            alt=f"自建的费用是上升的台阶，外包是一条直线；{calls:,} 通时{cheaper}便宜。",
            message=f"每月 {calls:,} 通：自建 {mine:,.0f} 元，外包 {theirs:,.0f} 元，{cheaper}便宜。{told}",
            table=pd.DataFrame(
                rows, columns=["每月来电", "自建要几人", "自建（元）", "外包（元）", "便宜的"]
            ),
            result={
                "own": mine,
                "outside": theirs,
                "changes": changes,
                "people": own.people(calls),
            },
        )

    return Activity(
        "自建还是外包？",
        [
            Slider("calls", "每月来电", 250, 20_000, 250, 4000, "通"),
            Slider("pay", "每人每月成本", 4000, 12_000, 500, 6500, "元"),
            Slider("fixed", "自建每月固定费用", 0, 30_000, 1000, 6000, "元"),
            Slider("price", "外包每通", 3, 20, 0.5, 9.5, "元"),
            Slider("base", "外包每月基础费", 0, 20_000, 1000, 2000, "元"),
        ],
        draw,
        note="自建人数按最忙的小时（占 12% 的来电）用爱尔兰 C 算，一个坐席两班，缩减率 30%，处理 240 秒，通话费每通 0.3 元，都是"
        "演示用的数。试一试：只有 1,000 通时自建为什么这样贵？外包商为什么能便宜？",
        source="crmkit.analytics.outsourcing；规模经济见本节“合并队列”。",
    )
