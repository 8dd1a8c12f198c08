"""Queues: the formula's dial, the formula against a simulation, one queue or two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GOOD, _POOR = theme.COURSE, theme.SERIES[2]


def seconds(value: float) -> str:
    """A wait in words; ∞ when the queue only grows."""
    return "∞（越排越长）" if math.isinf(value) else f"{value:,.0f} 秒"


def erlang_dial() -> Activity:
    """Calls, handling time, seats, target: service level, wait, occupancy, and where the knee is."""
    import pandas as pd

    from crmkit.analytics import erlang

    def draw(figure: Figure, calls: int, handle: int, seats: int, target: int) -> View:
        load = erlang.offered_load(calls, 1800, handle)
        first = max(1, math.floor(load) - 1)
        span = list(range(first, max(first + 13, min(seats, first + 22)) + 1))
        found = {n: erlang.performance(calls, 1800, handle, n, target) for n in {*span, seats}}
        axes = figure.subplots()
        axes.plot(
            span, [found[n].service_level for n in span], color=_GOOD, marker="o", label="服务水平"
        )
        axes.plot(
            span,
            [found[n].occupancy for n in span],
            color=theme.SERIES[1],
            linestyle="--",
            label="占用率",
        )
        axes.axhline(0.8, color=theme.MUTED, linewidth=0.8)
        now = found[seats]
        if seats in span:
            axes.plot(
                [seats], [now.service_level], "o", color=_POOR, markersize=12, fillstyle="none"
            )
        axes.set_ylim(-0.04, 1.08)
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0%", "20%", "40%", "60%", "80%", "100%"])
        axes.set_xlabel("在岗坐席")
        axes.set_title(f"话务量 {load:.1f} 爱尔兰")
        axes.legend(loc="center right")
        need = erlang.fewest_seats(calls, 1800, handle, service_level=0.8, target_s=target)
        near = [n for n in range(need - 2, need + 4) if n >= 1]
        rows = []
        for n in near:
            p = erlang.performance(calls, 1800, handle, n, target)
            rows.append(
                (f"{'▸ ' if n == seats else ''}{n}", f"{p.service_level:.0%}", seconds(p.mean_wait_s),
                 f"{p.wait_share:.0%}", f"{p.occupancy:.0%}")
            )  # fmt: skip
        table = pd.DataFrame(
            rows, columns=["坐席", f"{target} 秒内接通", "平均等待", "要等的人", "占用率"]
        )
        if load >= seats:
            told = f"{seats} 个坐席接不住 {load:.1f} 爱尔兰：队越排越长，没有稳定的等待时间。"
        else:
            told = f"{seats} 个坐席：{target} 秒内接通 {now.service_level:.0%}，平均等 {seconds(now.mean_wait_s)}，占用率 {now.occupancy:.0%}。"
        told += f"要到 80%，最少 {need} 个。"
        return View(
            alt=f"坐席从 {span[0]} 个加到 {span[-1]} 个，服务水平先陡升后变平，占用率慢慢下降；到 {need} 个时超过 80%。",
            message=told,
            table=table,
            formula=rf"A = \frac{{{calls} \times {handle}}}{{1800}} = {load:.2f}",
            result={
                "load": load, "service_level": now.service_level, "mean_wait_s": now.mean_wait_s,
                "occupancy": now.occupancy, "need": need,
            },
        )  # fmt: skip

    return Activity(
        "要几个坐席？",
        [
            Slider("calls", "半小时来电", 10, 400, 10, 100, "通"),
            Slider("handle", "平均处理时长", 60, 480, 10, 180, "秒"),
            Slider("seats", "在岗坐席", 1, 120, 1, 14, "个"),
            Slider("target", "时限", 0, 60, 5, 20, "秒"),
        ],
        draw,
        formula=r"A = \frac{\text{通数} \times \text{处理时长}}{\text{时段}}，\,\, \text{SL} = 1 - C(N, A)\, e^{-(N-A)T/\text{AHT}}",
        note="爱尔兰 C 假定：来电随机、处理时长按指数分布、没有人挂断、一个队列。“80% 在 20 秒内”是行业习惯，不是标准"
        "〔课程约定〕。试一试：从最少的坐席数减 1 个，平均等待变成几倍？",
        source="Erlang（1917）；crmkit.analytics.erlang，与两个公开软件包的数值核对过。",
    )


def simulation_race() -> Activity:
    """The formula and a simulated day side by side; then let callers hang up."""
    import pandas as pd

    from crmkit.analytics import callcentre, erlang

    hours = 8

    def draw(figure: Figure, per_hour: int, seats: int, patience: str, seed: int) -> View:
        limit = math.inf if patience == "inf" else float(patience)
        team = callcentre.Team("坐席", frozenset({"来电"}), seats)
        centre = callcentre.Centre(
            dict.fromkeys(range(hours), per_hour), 180, [team], patience_s=limit
        )
        log = callcentre.simulate(centre, seed=seed)
        soon = ~log["是否放弃"] & (log["等待秒数"] <= 20)
        level, lost = float(soon.mean()), float(log["是否放弃"].mean())
        wait = float(log["等待秒数"].mean())
        c = erlang.performance(per_hour, 3600, 180, seats)
        theory = c if math.isinf(limit) else erlang.with_patience(per_hour, 3600, 180, seats, limit)
        axes = figure.subplots()
        running = soon.cumsum() / (soon.index + 1)
        axes.plot(log["秒"] / 3600, running, color=_GOOD, label="模拟：到此刻为止")
        axes.axhline(c.service_level, color=theme.SERIES[1], linestyle="--", label="爱尔兰 C")
        if not math.isinf(limit):
            axes.axhline(
                theory.service_level,
                color=theme.SERIES[3],
                linestyle=":",
                label="爱尔兰 A（会挂断）",
            )
        axes.set_ylim(-0.04, 1.08)
        axes.set_xlim(0, hours)
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0%", "20%", "40%", "60%", "80%", "100%"])
        axes.set_xlabel("开门后的小时")
        axes.set_title("20 秒内接通的比例")
        axes.legend(loc="lower right")
        rows = [
            ("爱尔兰 C（没有人挂断）", f"{c.service_level:.1%}", seconds(c.mean_wait_s), "0.0%"),
            (f"模拟一天（{len(log):,} 通）", f"{level:.1%}", seconds(wait), f"{lost:.1%}"),
        ]
        if not math.isinf(limit):
            rows.insert(1, ("爱尔兰 A（会挂断）", f"{theory.service_level:.1%}",
                            seconds(theory.mean_wait_s), f"{theory.abandoned:.1%}"))  # fmt: skip
        told = f"模拟 {level:.0%}，爱尔兰 C 说 {c.service_level:.0%}。"
        if math.isinf(limit):
            told += (
                "一天的样本总有起伏，换一天（种子）再看。"
                if c.load < seats
                else "坐席不够，公式说队越排越长，模拟里也一样。"
            )
        else:
            told += f"有 {lost:.0%} 的人挂断，挂断的人替别人让出了位置，爱尔兰 C 因此偏悲观。"
        return View(
            alt=f"绿线是模拟的一天里 20 秒内接通比例的走势，最后停在 {level:.0%}；虚线是爱尔兰 C 的 {c.service_level:.0%}。",
            message=told,
            table=pd.DataFrame(rows, columns=["怎么算的", "20 秒内接通", "平均等待（含挂断的）", "放弃率"]),
            result={"simulated": level, "erlang_c": c.service_level, "theory": theory.service_level,
                    "abandoned": lost, "calls": len(log)},
        )  # fmt: skip

    return Activity(
        "公式与模拟赛跑",
        [
            Slider("per_hour", "每小时来电", 20, 160, 10, 120, "通"),
            Slider("seats", "坐席", 1, 12, 1, 8, "个"),
            Select("patience", "客户的耐心", {
                "inf": "无限（没有人挂断）", "240": "平均 240 秒", "120": "平均 120 秒", "30": "平均 30 秒",
            }),
            Slider("seed", "换一天（种子）", 1, 30, 1, 1),
        ],
        draw,
        note="处理时长平均 180 秒，耐心和处理时长都按指数分布。一天几百通的样本误差常有几个百分点，服务水平的日报要连着看。"
        "试一试：坐席减到 6 个以下、耐心 120 秒，爱尔兰 C 还能用吗？",
        source="SimPy 离散事件模拟；爱尔兰 A 见 Palm（1957）；crmkit.analytics.callcentre。",
    )  # fmt: skip


def pooling() -> Activity:
    """Two small queues or one large one: the gain of pooling, and what skills cost."""
    import pandas as pd

    from crmkit.analytics import erlang

    def draw(figure: Figure, calls: int, other: int, seats: int, slower: float) -> View:
        handle = 180.0
        both = handle * (1 + slower)
        apart = [erlang.performance(n, 1800, handle, seats) for n in (calls, other)]
        one = erlang.performance(calls + other, 1800, both, 2 * seats)
        total = calls + other
        level = (calls * apart[0].service_level + other * apart[1].service_level) / total
        wait = (calls * apart[0].mean_wait_s + other * apart[1].mean_wait_s) / total
        axes = figure.subplots()
        names = ["售前组", "售后组", "两组合计", "合并成一组"]
        values = [apart[0].service_level, apart[1].service_level, level, one.service_level]
        colours = [theme.SERIES[4], theme.SERIES[4], theme.SERIES[1], _GOOD]
        bars = axes.bar(names, values, 0.6, color=colours)
        axes.bar_label(bars, [f"{v:.0%}" for v in values], padding=3)
        axes.set_ylim(0, 1.15)
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        axes.set_title("20 秒内接通")
        rows = [
            (
                name,
                str(k),
                f"{p.load:.1f}",
                f"{p.service_level:.0%}",
                seconds(p.mean_wait_s),
                f"{p.occupancy:.0%}",
            )
            for name, k, p in (
                ("售前组", seats, apart[0]),
                ("售后组", seats, apart[1]),
                ("合并成一组", 2 * seats, one),
            )
        ]
        gain = one.service_level - level
        if gain > 0.005:
            told = f"同样 {2 * seats} 个人，合成一个队列，20 秒内接通从 {level:.0%} 到 {one.service_level:.0%}。"
        elif slower == 0:
            told = f"合不合并差不多：{level:.0%} 对 {one.service_level:.0%}。人太少或太多时，合并都帮不上忙。"
        else:
            told = (
                f"每通慢了 {slower:.0%}，合并的好处被吃光：{level:.0%} 对 {one.service_level:.0%}。"
            )
        return View(
            alt=f"四根柱子：售前组 {values[0]:.0%}，售后组 {values[1]:.0%}，两组合计 {level:.0%}，合并后 {one.service_level:.0%}。",
            message=told,
            table=pd.DataFrame(rows, columns=["队列", "坐席", "话务量", "20 秒内接通", "平均等待", "占用率"]),
            result={"apart": level, "together": one.service_level, "wait_apart": wait,
                    "wait_together": one.mean_wait_s},
        )  # fmt: skip

    return Activity(
        "两个小队列，还是一个大队列？",
        [
            Slider("calls", "售前半小时来电", 10, 120, 5, 50, "通"),
            Slider("other", "售后半小时来电", 10, 120, 5, 50, "通"),
            Slider("seats", "每组坐席", 1, 20, 1, 7, "个"),
            Slider("slower", "什么都接的人每通慢", 0, 0.4, 0.05, 0, percent=True),
        ],
        draw,
        note="处理时长 180 秒。合并要求人人会两样：培训要钱，通常也慢一些。只让一部分人会两样，往往就得到合并的大半好处。"
        "试一试：两组来电相等时和相差一倍时，合并各多赚多少？慢到百分之几，合并就不划算？",
        source="爱尔兰 C 分别用于两个队列和一个队列；crmkit.analytics.erlang。",
    )
