"""The case 海浪 as a tree of decisions. Firm and figures were written for class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PREMISES = {
    "cheap": "比别家便宜一成",
    "worry": "酒店不再为布草操心：丢损有数、准点到房",
    "all": "什么客户都接，什么活都干",
}
_CELLS = {"loyal": "客户忠诚", "extend": "客户扩充", "win": "客户获得", "many": "客户多样化"}
_LEVELS = {
    "basic": "基本型：有单就送",
    "answer": "负责型：每月回访",
    "partner": "大客户伙伴型，其余负责型",
}
_STARTS = {"software": "先买系统，全公司同时上线", "pilot": "先改流程，一个片区试点三个月"}
# Retention, growth of margin a year, cost a year (万元), chance that the change sticks.
_KEEP = {"cheap": 0.0, "worry": 0.06, "all": -0.04}
_GAIN = {"loyal": 8.0, "extend": 14.0, "win": 9.0, "many": 11.0}
_FITS = {("worry", "extend"): 1.2, ("worry", "loyal"): 1.15, ("cheap", "win"): 1.1,
         ("worry", "many"): 0.7, ("cheap", "extend"): 0.7, ("cheap", "loyal"): 0.8}  # fmt: skip
_LEVEL = {"basic": (0.0, 0.0), "answer": (0.04, 3.0), "partner": (0.07, 6.0)}
_STICKS = {"software": (0.45, 12.0), "pilot": (0.75, 7.0)}
_BASE_MARGIN, _BASE_KEEP = 100.0, 0.78  # 万元 a year; part of customers that come back


def _three_years(stay: float, plus: float) -> float:
    margin, total = _BASE_MARGIN, 0.0
    for _ in range(3):
        margin = margin * (stay + 0.20) + plus  # one fifth of the margin comes from newcomers
        total += margin
    return total


def _outcome(premise: str, cell: str, level: str, start: str) -> dict[str, float]:
    """Margin of three years less costs (万元) when the change sticks, when not, and on average."""
    sticks, price = _STICKS[start]
    more, upkeep = _LEVEL[level]
    keep = _BASE_KEEP + _KEEP[premise] + more
    gain = _GAIN[cell] * _FITS.get((premise, cell), 0.9 if premise == "all" else 1.0)

    spent = 3 * upkeep + price
    good, bad = _three_years(keep, gain) - spent, _three_years(_BASE_KEEP, 0.0) - spent
    return {"good": good, "bad": bad, "mean": sticks * good + (1 - sticks) * bad,
            "chance": sticks, "keep": keep}  # fmt: skip


def hailang_decisions() -> Activity:
    """Four decisions for 海浪: premise, cell, level of relation, how to begin."""
    import itertools

    import pandas as pd

    every = {
        choice: _outcome(*choice)["mean"]
        for choice in itertools.product(_PREMISES, _CELLS, _LEVELS, _STARTS)
    }
    ranked = sorted(every, key=lambda c: -every[c])
    nothing = _three_years(_BASE_KEEP, 0.0)

    def draw(figure: Figure, premise: str, cell: str, level: str, start: str) -> View:
        mine = _outcome(premise, cell, level, start)
        axes = figure.subplots()
        places = [("什么也不改", nothing, theme.MUTED), ("没有推行成", mine["bad"], theme.SERIES[2]),
                  ("平均", mine["mean"], theme.COURSE), ("推行成功", mine["good"], theme.SERIES[0])]  # fmt: skip
        for y, (_, x, colour) in enumerate(places):
            axes.barh(y, x, 0.6, color=colour)
            axes.annotate(f"{x:,.0f}", (x, y), (5, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(4), [p[0] for p in places])
        axes.invert_yaxis()
        axes.grid(False, axis="y")
        axes.margins(x=0.12)
        axes.set_title("三年毛利减花费（万元）")
        rank = ranked.index((premise, cell, level, start)) + 1
        swaps = {
            "价值前提": max(every[p, cell, level, start] for p in _PREMISES),
            "增长战略": max(every[premise, c, level, start] for c in _CELLS),
            "关系层次": max(every[premise, cell, x, start] for x in _LEVELS),
            "怎样起步": max(every[premise, cell, level, s] for s in _STARTS),
        }
        chosen = dict(
            zip(
                swaps,
                (_PREMISES[premise], _CELLS[cell], _LEVELS[level], _STARTS[start]),
                strict=True,
            )
        )
        table = pd.DataFrame(
            [(n, chosen[n], best - mine["mean"]) for n, best in swaps.items()],
            columns=["决定", "你选的", "只改这一项最多还能多得（万元）"],
        )
        weak = max(swaps, key=lambda n: swaps[n])
        told = f"推行成功的可能 {mine['chance']:.0%}，平均 {mine['mean']:,.0f} 万元，{len(every)} 种组合里排第 {rank}。"
        if swaps[weak] - mine["mean"] > 0.5:
            told += f"最该重想的是“{weak}”。"
        return View(
            alt=f"四根横条：不改 {nothing:,.0f}，没有推行成 {mine['bad']:,.0f}，平均 {mine['mean']:,.0f}，"
            f"推行成功 {mine['good']:,.0f} 万元。",
            message=told,
            table=table,
            result={**mine, "rank": rank, "nothing": nothing},
        )

    return Activity(
        "替海浪做四个决定",
        [
            Select("premise", "一、价值前提", _PREMISES, "cheap"),
            Select("cell", "二、增长战略", _CELLS, "win"),
            Select("level", "三、关系层次", _LEVELS, "basic"),
            Select("start", "四、怎样起步", _STARTS, "software"),
        ],
        draw,
        note="公司、数字和各选择的后果都是教学编写，只为看清四个决定怎样互相牵连：便宜的前提配不上深的关系，"
        "好的战略配上急的起步也会落空。不要把这里的数字当成任何真实企业的业绩。",
        source="定义价值前提、定义客户战略、企业变革计划三步：课程资料；决策树：教学编写。",
        size=(7.2, 2.7),
    )  # fmt: skip
