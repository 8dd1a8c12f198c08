"""What a customer is worth, and whether he is still one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_A, _B = theme.COURSE, theme.SERIES[1]
_WEEKS = 52
# BG/NBD parameters of the public CDNOW data in weeks (Fader, Hardie & Lee 2005).
_CDNOW = (0.243, 4.414, 0.793, 2.426)


def clv_workshop() -> Activity:
    """Two customers, two models, seven readings: who is worth more, and why does it turn round?"""
    from crmkit.analytics import clv
    from crmkit.settings import settings

    readings = {key: r.title for key, r in clv.READINGS.items()}
    default = settings()["lifetime_value"]["variant"]

    def draw(figure: Figure, reading: str, **v: Any) -> View:
        values, parts = {}, {}
        for who in "AB":
            given = {k: v[k] for k in ("n", "Co", "Po", "r")} | {"In": v[f"In{who}"]}
            values[who, "one"] = clv.clv_model_one(**given, variant=reading)
            values[who, "three"] = clv.clv_model_three(**given, Cs=v[f"Cs{who}"], variant=reading)
            parts[who] = clv.clv_parts(**given, Cs=v[f"Cs{who}"], variant=reading)
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _bars(left, values)
        _parts(right, parts)
        tables = {
            who: clv.readings_table(v["n"], v["Co"], v["Po"], v[f"In{who}"], v["r"], v[f"Cs{who}"])
            for who in "AB"
        }
        table = tables["A"][["说明"]].rename(columns={"说明": "读法"})
        table["读法"] = [
            ("▸ " if key == reading else "") + title
            for key, title in zip(tables["A"]["读法"], table["读法"], strict=True)
        ]
        for model in ("模型一", "模型三"):
            for who in "AB":
                table[f"{who} {model}"] = tables[who][model]
        table["名次"] = [
            _ranking(row["A 模型一"] - row["B 模型一"], row["A 模型三"] - row["B 模型三"])
            for row in table.to_dict("records")
        ]
        one = values["A", "one"] - values["B", "one"]
        three = values["A", "three"] - values["B", "three"]
        told = f"模型一：{_lead(one)}；模型三：{_lead(three)}。"
        return View(
            alt=f"左图比较两人在两种模型下的终身价值（元）：A 为 {values['A', 'one']:,.2f} 和 "
            f"{values['A', 'three']:,.2f}，B 为 {values['B', 'one']:,.2f} 和 "
            f"{values['B', 'three']:,.2f}。右图是模型三的构成，向上是收入，向下是成本。",
            message=told + ("换一个口径，名次就反过来。" if one * three < 0 else ""),
            table=table,
            formula=_latex(clv.READINGS[reading], settings()["lifetime_value"])
            + rf" \to \text{{A：}} {values['A', 'three']:,.2f} \text{{　B：}} {values['B', 'three']:,.2f}",
            result={f"{who}_{model}": value for (who, model), value in values.items()},
        )

    return Activity(
        "终身价值工作台：A 和 B，谁更值钱？",
        [
            Select("reading", "公式的读法", readings, default),
            Slider("n", "关系年数 n", 1, 20, 1, 10, "年"),
            Slider("r", "年折现率 r", 0, 0.25, 0.01, 0.08, percent=True),
            Slider("Po", "首次购买 Po", 0, 5000, 100, 3000, "元"),
            Slider("Co", "争取成本 Co", 0, 3000, 50, 500, "元"),
            Slider("InA", "年收入 In", 0, 1500, 10, 500, "元", group="客户 A"),
            Slider("CsA", "年服务成本 Cs", 0, 600, 10, 200, "元", group="客户 A"),
            Slider("InB", "年收入 In", 0, 1500, 10, 550, "元", group="客户 B"),
            Slider("CsB", "年服务成本 Cs", 0, 600, 10, 300, "元", group="客户 B"),
        ],
        draw,
        note="“模型一”“模型三”在课程资料里只有名称，没有公式；这里的写法是推断。上面的公式是模型三，"
        "去掉 Cs 就是模型一。先试：把 B 的服务成本一点点调低，看到哪里名次不再反转。",
        source="课程资料的终身价值习题 3、4；crmkit.analytics.clv。",
    )


def _ranking(one: float, three: float) -> str:
    if one * three < 0:
        return "反转"
    return f"都是 {'A' if one > 0 else 'B'} 高" if one and three else "有并列"


def _lead(difference: float) -> str:
    if abs(difference) < 0.005:
        return "一样高"
    return f"{'A' if difference > 0 else 'B'} 高 {abs(difference):,.2f} 元"


def _latex(reading: Any, rule: dict[str, Any]) -> str:
    timing = reading.timing or rule["timing"]
    discounted = rule["discounted"] if reading.discounted is None else reading.discounted
    first = 0 if timing == "begin" else 1
    less = reading.years_less + (1 if timing == "begin" else 0)
    flow = r"\frac{I_n - C_s}{(1+r)^{t}}" if discounted else "(I_n - C_s)"
    start = "P_o - C_o + " if reading.initial else ""
    return rf"\text{{CLV}} = {start}\sum_{{t={first}}}^{{n{f'-{less}' if less else ''}}} {flow}"


def _bars(axes: Axes, values: dict[tuple[str, str], float]) -> None:
    for place, model in enumerate(("one", "three")):
        for who, colour, shift in (("A", _A, -0.2), ("B", _B, 0.2)):
            y, x = place + shift, values[who, model]
            axes.barh(y, x, 0.36, color=colour)
            axes.annotate(
                f"{who}  {x:,.0f}", (x, y), (4 if x >= 0 else -4, 0),
                textcoords="offset points", va="center", ha="left" if x >= 0 else "right",
            )  # fmt: skip
    axes.set_yticks([0, 1], ["模型一\n不计服务成本", "模型三\n扣服务成本"])
    axes.invert_yaxis()
    axes.margins(x=0.22)
    axes.axvline(0, color=theme.MUTED, linewidth=0.8)
    axes.grid(False, axis="y")
    axes.set_title("终身价值（元）")


def _parts(axes: Axes, parts: dict[str, Any]) -> None:
    colours = {
        "首次购买": theme.SERIES[0],
        "后续收入": theme.COURSE,
        "获取成本": theme.SERIES[4],
        "服务成本": theme.SERIES[2],
    }
    for who, frame in parts.items():
        up = down = 0.0
        for name, amount in zip(frame["构成"], frame["金额"], strict=True):
            bottom = up if amount >= 0 else down
            label = name if who == "A" else None
            axes.bar(who, amount, 0.55, bottom=bottom, color=colours[name], label=label)
            if amount >= 0:
                up += amount
            else:
                down += amount
    axes.axhline(0, color=theme.MUTED, linewidth=0.8)
    axes.grid(False, axis="x")
    axes.set_title("模型三的构成（元，折现后）")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def is_alive() -> Activity:
    """Mark two purchase histories and watch P(alive): the paradox of frequency."""
    import numpy as np
    import pandas as pd

    from crmkit.analytics.btyd import BgNbd

    model = BgNbd(*_CDNOW)

    def history(weeks: list[int], today: float) -> tuple[int, float]:
        past = [w for w in weeks if w <= today]
        return len(past), float(max(past, default=0))

    def curve(weeks: list[int], today: int) -> tuple[Any, Any]:
        # A point before and one after every purchase, so that the jump is drawn upright.
        times = np.unique(
            np.concatenate(
                [np.arange(0, today + 0.01, 0.25), [w - 1e-6 for w in weeks if w <= today]]
            )
        )
        states = [history(weeks, t) for t in times]
        counts, last = (np.array(x) for x in zip(*states, strict=True))
        return times, model.p_alive(counts, last, times)

    def draw(figure: Figure, today: int, frequent: list[int], seldom: list[int]) -> View:
        axes = figure.subplots()
        rows, result = [], {}
        for who, key, weeks, colour, base in (
            ("甲", "frequent", frequent, _A, -0.09),
            ("乙", "seldom", seldom, _B, -0.17),
        ):
            x, last = history(weeks, today)
            p = float(model.p_alive(x, last, today))
            more = float(model.expected_purchases(13, x, last, today))
            times, chances = curve(weeks, today)
            axes.plot(times, chances, color=colour, linewidth=2.4)
            axes.annotate(
                f"{who} {p:.0%}", (today, p), (6, 0), textcoords="offset points",
                color=colour, va="center", fontweight="bold",
            )  # fmt: skip
            axes.plot(
                [0, *(w for w in weeks if w <= today)], [base] * (x + 1),
                "o", color=colour, markersize=5, clip_on=False,
            )  # fmt: skip
            rows.append(
                (who, x, f"第 {last:.0f} 周", f"{today - last:.0f} 周", f"{p:.1%}", round(more, 2))
            )
            result[key] = {"x": x, "t_x": last, "T": today, "p_alive": p, "next_13": more}
        axes.set_xlim(-0.5, _WEEKS + 5)
        axes.set_ylim(-0.22, 1.05)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel("首次购买之后的周数（圆点是购买）")
        axes.set_title("仍是客户的概率 P(alive)")
        a, b = result["frequent"], result["seldom"]
        told = f"到第 {today} 周，甲 {a['p_alive']:.0%}，乙 {b['p_alive']:.0%}。"
        if a["t_x"] == b["t_x"] and a["x"] > b["x"] and a["p_alive"] < b["p_alive"]:
            told += "最后一次购买同在一周，买得勤的甲反而更可能已经走了：频率悖论。"
        table = pd.DataFrame(
            rows,
            columns=[
                "客户",
                "重复购买 x",
                "最后购买 t_x",
                "已经沉默",
                "P(alive)",
                "以后 13 周预期购买",
            ],
        )
        return View(
            alt=f"两条曲线从 100% 出发，不买的日子往下落，每买一次跳回高处；到第 {today} 周，"
            f"甲落到 {a['p_alive']:.0%}，乙落到 {b['p_alive']:.0%}。",
            message=told,
            table=table,
            result=result,
        )

    return Activity(
        "这位客户还在吗？",
        [
            Slider("today", "今天是第几周", 1, _WEEKS, 1, 36, "周"),
            Strip("frequent", "甲买过的周（每格一周）", _WEEKS, tuple(range(2, 21, 2)), colour=_A),
            Strip("seldom", "乙买过的周", _WEEKS, (7, 14, 20), colour=_B),
        ],
        draw,
        formula=r"P(\text{alive}) = \frac{1}{1 + \frac{a}{b+x-1} (\frac{\alpha+T}{\alpha+t_x})^{r+x}}",
        note="点格子加上或去掉一次购买，拖动（或 Shift+方向键）把它挪到别的周。参数取自 CDNOW 公开数据"
        "（r = 0.243，α = 4.414，a = 0.793，b = 2.426，以周计）；没有重复购买时，模型规定概率为 100%。",
        source="BG/NBD 模型：Fader、Hardie 与 Lee（2005）；crmkit.analytics.btyd。",
    )
