"""Three lists of customers become one store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def one_store() -> Activity:
    """Lists of three departments, each person in each with the same chance; merged by matching."""
    import pandas as pd

    def draw(figure: Figure, people: int, share: float, found: float, price: float) -> View:
        records = 3 * people * share
        persons = people * (1 - (1 - share) ** 3)
        doubles = records - persons
        left = doubles * (1 - found)
        merged = persons + left
        waste = left * price * 12
        axes = figure.subplots()
        bars = (("三份名单的记录", records), ("合并以后的记录", merged), ("真正的人", persons))
        colours = (theme.SERIES[0], theme.SERIES[1], theme.COURSE)
        for y, ((_, n), colour) in enumerate(zip(bars, colours, strict=True)):
            axes.barh(y, n, 0.6, color=colour)
            axes.annotate(f"{n:,.0f}", (n, y), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(3), [name for name, _ in bars])
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.grid(False, axis="y")
        axes.set_title("记录数与人数")
        table = pd.DataFrame(
            [("合并前", round(records), records / persons, doubles * price * 12),
             ("合并后", round(merged), merged / persons, waste)],
            columns=["", "记录数", "每人几条", "每月一条短信，一年白发（元）"],
        )  # fmt: skip
        return View(
            alt=f"三根横条：记录 {records:,.0f}，合并后 {merged:,.0f}，人 {persons:,.0f}。",
            message=f"三份名单共 {records:,.0f} 条，其实是 {persons:,.0f} 人；合并认出 {found:.0%} 的重复，"
            f"还剩 {left:,.0f} 条，一年白发短信 {waste:,.0f} 元。",
            table=table,
            result={"records": records, "persons": persons, "merged": merged, "waste": waste},
        )

    return Activity(
        "三份名单合成一份",
        [
            Slider("people", "买过东西的人", 500, 20000, 500, 5000, "人"),
            Slider("share", "每个部门各记了其中的", 0.1, 1, 0.05, 0.6, percent=True),
            Slider("found", "合并时认出的重复", 0, 1, 0.05, 0.7, percent=True),
            Slider("price", "一条短信", 0.03, 0.1, 0.01, 0.05, "元"),
        ],
        draw,
        formula=r"\text{人数} = N (1 - (1 - p)^3)",
        note="N 是买过的人，p 是每个部门记下的比例，三份名单共 3Np 条。假定三个部门各自独立地记下每个人，比例相同；实际上常来的人三处都有，重复更多。没有算“认错人”的损失。"
        "试一试：认出的比例从 70% 提到 100%，省多少钱？除了钱，还省了什么？",
        source="容斥原理；情境为教学编写。",
        size=(7.2, 2.5),
    )
