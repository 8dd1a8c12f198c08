"""A CRM project on the time axis: critical path, chance, crashing; and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# task, before, optimistic, likely, pessimistic (days), shortest, price of a day less (yuan); made up
_TASKS = (
    ("立项", "", 2, 3, 4, 3, 0), ("需求调研", "立项", 6, 10, 20, 7, 900),
    ("流程梳理", "立项", 5, 8, 17, 6, 700), ("选型签约", "需求调研", 4, 7, 16, 5, 1500),
    ("数据清洗", "需求调研 流程梳理", 8, 12, 28, 8, 600),
    ("配置开发", "选型签约 流程梳理", 8, 12, 22, 9, 1800),
    ("数据迁移", "数据清洗 配置开发", 3, 5, 10, 4, 1200),
    ("用户培训", "配置开发", 3, 5, 8, 3, 500), ("试运行", "数据迁移 用户培训", 7, 10, 13, 8, 1000),
)  # fmt: skip
_COLUMNS = ["任务", "前置", "乐观", "最可能", "悲观", "最短工期", "每天赶工费"]


def project_planner() -> Activity:
    """A Gantt chart with its critical path; delay a task, ask for a date, pay for days less."""
    import pandas as pd

    from crmkit.analytics import project

    base = pd.DataFrame(_TASKS, columns=_COLUMNS)
    names = {n: n for n in base["任务"]}

    def draw(figure: Figure, task: str, delay: int, due: int, crash: bool) -> View:
        tasks = base.copy()
        hit = tasks["任务"] == task
        for column in ("乐观", "最可能", "悲观"):
            tasks.loc[hit, column] += delay
        plan = project.pert(tasks)
        expected = plan.schedule.table
        cost, cut = 0.0, {}
        if crash:
            normal = tasks.assign(工期=expected["工期"].to_numpy())
            normal["最短工期"] = normal[["最短工期", "工期"]].min(axis=1)
            possible = project.critical_path(normal, duration="最短工期").length
            done = project.crash(normal, max(due, possible))
            cost, cut = done.cost, done.days
            shorter = normal["工期"] - normal["任务"].map(cut).fillna(0)
            expected = project.critical_path(normal.assign(工期=shorter)).table
        length = float(expected["EF"].max())
        axes = figure.subplots()
        for y, row in enumerate(expected.to_dict("records")):
            colour = theme.SERIES[2] if row["关键"] else theme.SERIES[0]
            axes.barh(y, row["工期"], 0.6, left=row["ES"], color=colour)
            if row["总时差"] > 0:
                axes.barh(y, row["总时差"], 0.2, left=row["EF"], color=theme.LINE)
            if row["任务"] in cut:
                axes.annotate(f"赶 {cut[row['任务']]:.1f} 天", (row["EF"], y), (4, 0),
                              textcoords="offset points", va="center")  # fmt: skip
        axes.axvline(due, color=theme.TEXT, linestyle="--", linewidth=1.3)
        axes.set_yticks(range(len(expected)), expected["任务"])
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.set_xlabel("第几天（虚线是要求的日子，浅灰是总时差）")
        axes.set_title("甘特图：红色是关键任务")
        chance = plan.chance(due)
        path = " → ".join(plan.schedule.paths[0])
        told = f"期望工期 {plan.schedule.length:.1f} 天，{due} 天内做完的把握约 {chance:.0%}。"
        if crash:
            told += (f"赶工到 {length:.1f} 天要花 {cost:,.0f} 元。" if cost else "不用赶工。") + (
                "全部赶到最短也做不到。" if length > due + 0.01 else ""
            )
        shown = expected[["任务", "工期", "ES", "EF", "LS", "LF", "总时差"]].copy()
        return View(
            alt=f"九项任务的横条图，关键路径是 {path}，全长 {length:.1f} 天。",
            message=told,
            table=shown.astype(dict.fromkeys(shown.columns[1:], float)),
            result={
                "length": plan.schedule.length, "chance": chance, "cost": cost, "cut": cut,
                "path": plan.schedule.paths[0], "crashed": length,
            },
        )  # fmt: skip

    return Activity(
        "项目排程：哪一项拖不得？",
        [
            Select("task", "推迟哪一项", names, "数据清洗"),
            Slider("delay", "推迟", 0, 15, 1, 0, "天"),
            Slider("due", "要求第几天做完", 35, 75, 1, 55, "天"),
            Switch("crash", "按最省钱的办法赶工（以期望工期为准）"),
        ],
        draw,
        formula=r"t_e = \frac{a + 4m + b}{6}，\,\, \sigma^2 = (\frac{b - a}{6})^2",
        note="九项任务的天数和赶工费是编的。把握按关键路径上的正态近似，没有算别的路可能反超，所以偏高。"
        "试一试：把数据清洗一天天往后推，推到第几天它变红？",
        source="关键路径法（Kelley 与 Walker，1959）、PERT（Malcolm 等，1959）；crmkit.analytics.project。",
        size=(7.4, 3.4),
    )  # fmt: skip


# Planned spending up to the end of each week (万元); made up.
_PLAN = (2.0, 5.0, 9.0, 14.0, 19.0, 24.0, 28.0, 31.0, 33.0, 34.0)
_EVENTS: dict[str, str] = {
    "smooth": "照计划走",
    "data": "第 3 周：客户数据比想象的脏，清洗慢一半",
    "scope": "第 4 周：销售部加了二十条需求",
    "people": "第 5 周：关键的人调走两周",
}


def earned_value_board() -> Activity:
    """Weekly figures of a project: is it late, is it dear, where will it end?"""
    import pandas as pd

    from crmkit.analytics import project

    bac = _PLAN[-1]

    def so_far(event: str, week: int) -> tuple[float, float]:
        """Earned and spent up to the end of a week."""
        ev = ac = 0.0
        for w in range(1, week + 1):
            planned = _PLAN[w - 1] - (_PLAN[w - 2] if w > 1 else 0.0)
            pace, price = 1.0, 1.0
            if event == "data" and w >= 3:
                pace, price = 0.7, 1.1
            elif event == "scope" and w >= 4:
                pace, price = 0.75, 1.25
            elif event == "people" and w in (5, 6):
                pace, price = 0.3, 1.0
            ev += planned * pace
            ac += planned * pace * price + (0.4 if pace < 1 else 0.0)
        return ev, ac

    def draw(figure: Figure, event: str, week: int) -> View:
        weeks = range(1, week + 1)
        earned, spent = zip(*(so_far(event, w) for w in weeks), strict=True)
        e = project.earned_value(_PLAN[week - 1], earned[-1], spent[-1], bac)
        axes = figure.subplots()
        axes.plot(range(1, 11), _PLAN, color=theme.MUTED, linestyle="--", label="计划值 PV")
        axes.plot(weeks, earned, color=theme.COURSE, marker="o", markersize=4, label="挣值 EV")
        axes.plot(
            weeks, spent, color=theme.SERIES[2], marker="o", markersize=4, label="实际成本 AC"
        )
        axes.set_xlim(0.7, 10.3)
        axes.set_ylim(0, bac * 1.25)
        axes.set_xticks(range(1, 11))
        axes.set_xlabel("周末")
        axes.set_title("累计（万元）")
        axes.legend(loc="upper left")
        assert e.cpi is not None and e.spi is not None and e.eac is not None
        state = [
            "进度落后" if e.spi < 0.995 else "进度照计划",
            "成本超支" if e.cpi < 0.995 else "成本照预算",
        ]
        rows: list[tuple[str, Any, str]] = [
            ("计划值 PV", e.pv, "到今天本该做完的"), ("挣值 EV", e.ev, "到今天真正做完的，按预算计"),
            ("实际成本 AC", e.ac, "到今天花掉的"), ("进度绩效 SPI = EV/PV", e.spi, "小于 1 落后"),
            ("成本绩效 CPI = EV/AC", e.cpi, "小于 1 超支"),
            ("完工估算 EAC = BAC/CPI", e.eac, f"预算 BAC 是 {bac:g} 万元"),
            ("以后要达到的 CPI（TCPI）", e.tcpi, "大于 1 表示以后要更省"),
        ]  # fmt: skip
        return View(
            alt=f"三条累计曲线：第 {week} 周末，计划 {e.pv:.1f}，挣值 {e.ev:.1f}，实际 {e.ac:.1f} 万元。",
            message=f"第 {week} 周末：{'，'.join(state)}；照这样下去，完工要 {e.eac:.1f} 万元（预算 {bac:g}）。",
            table=pd.DataFrame(rows, columns=["指标", "数值", "怎么读"]),
            result={"spi": e.spi, "cpi": e.cpi, "eac": e.eac, "pv": e.pv, "ev": e.ev, "ac": e.ac},
        )

    return Activity(
        "挣值板：项目到底走到哪儿了？",
        [
            Select("event", "发生了什么", _EVENTS, "data"),
            Slider("week", "第几周末", 1, 10, 1, 5, "周"),
        ],
        draw,
        formula=r"\text{CPI} = \frac{\text{EV}}{\text{AC}}，\,\, \text{SPI} = \frac{\text{EV}}{\text{PV}}，"
        r"\,\, \text{EAC} = \frac{\text{BAC}}{\text{CPI}}",
        note="计划和事件的后果是编的。只看花了多少钱，会把“做得慢”看成“省了钱”。"
        "试一试：“关键的人调走”发生后，AC 低于 PV，项目省钱了吗？",
        source="挣值管理（ANSI/EIA-748）；crmkit.analytics.project。",
        size=(7.2, 3.0),
    )
