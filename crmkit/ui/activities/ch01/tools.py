"""One question asked in Excel and in the CRM: actions, seconds, the answer, and what pays."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider, Switch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from crmkit.analytics.keystrokes import Step

_STUDENT, _LAB, _PROVINCE = "课堂", "ch01", "广东"
_ASKED = {
    "male": "买过东西的男客户有几位？", "closed": "交易成功的订单有几张？",
    "pivot": f"{_PROVINCE}的客户一共买了多少元？",
}  # fmt: skip
_UNITS = {"male": "位", "closed": "张", "pivot": "元"}
_MALE = {"all": [
    {"field": "性别", "op": "是", "value": "男"}, {"field": "累计订单数", "op": "≥", "value": 1},
]}  # fmt: skip


@cache
def by_the_crm() -> dict[str, float]:
    """The three answers as the CRM gives them, from a shop opened for it and put away again."""
    from crmkit.crm import open_shop

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shop = open_shop("tea", student=_STUDENT, lab=_LAB, folder=folder, role="店长")
        try:
            aimed = shop.marketing.preview_rule(_MALE).counts
            closed = shop.orders.search(status="交易成功", size=1).page.total
            regions = shop.analysis.region().table.set_index("省份")
        finally:
            shop.close()
    row = regions.loc[_PROVINCE]
    return {
        "male": float(aimed.loc[aimed["去向"] == "目标人群", "人数"].iloc[0]),
        "closed": float(closed),
        "pivot": round(float(row["买家数"] * row["客单价"]), 2),
    }


def _unit(value: str) -> float:
    digest = hashlib.sha256(f"ch01|sheet|{value}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@cache
def _sheets() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shop's customers and orders as exported; 运气 decides which rows are spelled oddly."""
    from crmkit import shops

    cut = shops.variant("tea", _STUDENT, _LAB)
    paid = shops.valid_orders(cut.orders)
    people = cut.customers[["客户编号", "性别", "省份"]].copy()
    people["订单数"] = people["客户编号"].map(paid["客户编号"].value_counts()).fillna(0)
    people["运气"] = people["客户编号"].map(_unit)
    orders = cut.orders[["订单编号", "客户编号", "订单状态", "实付金额"]].copy()
    orders["有效"] = orders["订单编号"].isin(paid["订单编号"])
    orders = orders.merge(people[["客户编号", "省份"]], on="客户编号", how="left")
    orders["运气"] = orders["订单编号"].map(_unit)
    return people, orders


def by_excel(asked: str, odd: float, tidied: bool) -> float:
    """What a filter or a pivot shows when a share `odd` of the rows is spelled otherwise.

    A filter on 男 leaves out "男 " with a blank behind it; SUM leaves out an amount that is text.
    """
    people, orders = _sheets()
    people = people[tidied | (people["运气"] >= odd)]
    orders = orders[tidied | (orders["运气"] >= odd)]
    if asked == "male":
        return float(((people["性别"] == "男") & (people["订单数"] > 0)).sum())
    if asked == "closed":
        return float((orders["订单状态"] == "交易成功").sum())
    found = orders.loc[orders["有效"] & (orders["省份"] == _PROVINCE), "实付金额"]
    return round(float(found.sum()), 2)


@dataclass(frozen=True)
class _Way:
    """How the question is answered with one tool."""

    steps: tuple[Step, ...]
    answer: float


def _ways(asked: str, odd: float, tidied: bool) -> dict[str, _Way]:
    from crmkit.analytics.keystrokes import Step

    fetch = Step("从平台导出、下载、打开", 8)
    tidy = (
        (Step("统一写法：查找替换两遍", 8, 6), Step("文字变数值、去空格", 6))
        if asked == "pivot"
        else (Step("统一写法：查找替换两遍", 8, 6),)
    )
    excel = {
        "male": (Step("表头加筛选", 2), Step("性别只勾“男”", 4), Step("订单数大于 0", 4, 1),
                 Step("看左下角的计数")),
        "closed": (Step("表头加筛选", 2), Step("状态只勾“交易成功”", 4), Step("看左下角的计数")),
        "pivot": (Step("筛掉没付款的", 6), Step("把省份从客户表对过来（VLOOKUP）", 5, 32),
                  Step("插入透视表", 3), Step("拖省份、拖金额、改成求和", 7), Step("找到这一省")),
    }[asked]  # fmt: skip
    crm = {
        "male": (Step("营销信息 → 活动营销", 2), Step("条件：性别是男", 3), Step("条件：订单数 ≥ 1", 3, 1),
                 Step("看目标人数", 1)),
        "closed": (Step("订单信息 → 订单查询", 2), Step("状态选“交易成功”，查询", 3), Step("看总数")),
        "pivot": (Step("顾客分析 → 地域分析", 2), Step("找到这一省")),
    }[asked]  # fmt: skip
    return {
        "Excel": _Way((fetch, *(tidy if tidied else ()), *excel), by_excel(asked, odd, tidied)),
        "CRM": _Way(crm, by_the_crm()[asked]),
    }


def same_question() -> Activity:
    """The same question in two tools, with the shop's real numbers."""
    import pandas as pd

    from crmkit.analytics import keystrokes

    def draw(
        figure: Figure, asked: str, odd: float, tidied: bool, slip: float, times: int, setup: int
    ) -> View:
        ways = _ways(asked, odd, tidied)
        unit = _UNITS[asked]
        took = {name: keystrokes.seconds(w.steps) for name, w in ways.items()}
        rows: list[tuple[Any, ...]] = []
        for name, w in ways.items():
            count = keystrokes.actions(w.steps)
            rows.append((
                f"{name}：{' → '.join(s.what for s in w.steps)}", count, f"{took[name]:.0f} 秒",
                f"{keystrokes.without_slip(count, slip):.0%}", f"{w.answer:,.0f} {unit}",
            ))  # fmt: skip
        off = ways["Excel"].answer - ways["CRM"].answer
        often = keystrokes.break_even(setup * 3600, took["Excel"], took["CRM"])
        months = often / times
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
        _bars(left, ways)
        _lines(right, took, times, setup, months)
        said = (
            f"Excel 的数比 CRM {'少' if off < 0 else '多'} {abs(off):,.0f} {unit}：{odd:.0%} 的行写法不一，"
            + ("求和跳过了它们，" if asked == "pivot" else "筛选认不出来，")
            + "表面上看不出。"
            if abs(off) >= 0.5
            else "两边的数一样。"
        )
        if setup:
            said += f"只算省下的手脚，要问 {often:,.0f} 次才抵得上搭系统的 {setup} 小时"
            said += f"，每月 {times} 次就是 {_long(months)}。"
        else:
            said += "要是搭系统不花时间，问第一次就省。"
        return View(
            alt=f"左图：Excel 动 {rows[0][1]} 下，CRM 动 {rows[1][1]} 下。右图：一共花的小时，随月份上升的两条线，"
            f"{'在图外' if months > 24 else f'第 {months:.0f} 个月'}相交。",
            message=said,
            table=pd.DataFrame(
                rows, columns=["怎样做", "动几下", "用时", "一下没错的可能", "得到的数"]
            ),
            result={
                "off": off, "seconds": took, "often": often, "months": months,
                "actions": {name: keystrokes.actions(w.steps) for name, w in ways.items()},
            },
        )  # fmt: skip

    return Activity(
        "同一个问题，两种工具",
        [
            Select("asked", "问什么", _ASKED),
            Slider("odd", "导出的表里写法不一的行", 0, 0.2, 0.01, 0.05, percent=True),
            Switch("tidied", "Excel：先统一写法"),
            Slider("slip", "每动一下弄错的可能", 0, 0.03, 0.005, 0.01, percent=True),
            Slider("times", "一个月问几次", 1, 60, 1, 10, "次"),
            Slider("setup", "搭系统、导数据、学会用", 0, 80, 5, 20, "小时"),
        ],
        draw,
        formula=r"\text{抵得上的次数} = \frac{\text{搭系统的时间}}{\text{Excel 一次} - \text{CRM 一次}}",
        note="两边的数都是真算的：CRM 一边在临时开的清溪茶叶里查，Excel 一边用同一家店导出的表。写法不一的行按固定算法挑〔教学编写〕；"
        "步数是照着界面数的，一下弄错的可能是假定〔教学编写〕。没有算等待、返工和电脑的钱。"
        "CRM 的数据进来时查过写法，所以不受影响；导入时不查，它一样会错。",
        source="击键层次模型：Card、Moran、Newell（1980），点一下 1.3 秒、敲一键 0.28 秒、想一步 1.35 秒；"
        "crmkit.analytics.keystrokes。",
        size=(7.6, 2.7),
    )


def _long(months: float) -> str:
    if months == float("inf"):
        return "永远抵不上"
    return f"{months / 12:,.1f} 年" if months >= 24 else f"{months:,.0f} 个月"


def _bars(axes: Axes, ways: dict[str, _Way]) -> None:
    """Actions of each tool, a piece for each step."""
    colours = (theme.SERIES[1], theme.COURSE)
    for y, (w, colour) in enumerate(zip(ways.values(), colours, strict=True)):
        left = 0
        for k, step in enumerate(w.steps):
            n = step.clicks + step.keys
            axes.barh(y, n, 0.5, left=left, color=colour, alpha=0.55 + 0.45 * (k % 2))
            left += n
        axes.annotate(f"{left} 下", (left, y), (4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(ways)), list(ways))
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.grid(False, axis="y")
    axes.set_title("问一次，手要动几下")


def _lines(axes: Axes, took: dict[str, float], times: int, setup: int, months: float) -> None:
    grid = list(range(25))
    excel = [m * times * took["Excel"] / 3600 for m in grid]
    crm = [setup + m * times * took["CRM"] / 3600 for m in grid]
    axes.plot(grid, excel, color=theme.SERIES[1], label="Excel")
    axes.plot(grid, crm, color=theme.COURSE, label="CRM，含搭系统")
    if months <= 24:
        axes.plot([months], [months * times * took["Excel"] / 3600], "o", color=theme.SERIES[2])
    axes.set_xlabel("过了几个月")
    axes.set_title("一共花了几小时")
    axes.set_xlim(0, 24)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")
