"""The 44 functions against four systems: what is written of them, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from crmkit.analytics.fitgap import Coverage

SYSTEMS = {"espo": "EspoCRM", "twenty": "Twenty", "odoo": "Odoo", "wukong": "悟空 CRM 9"}
_FIT, _PART, _UNKNOWN = "对上", "沾边", "不知道"
BESIDE = "四十四项之外"
# Functions that a CRM for companies has and the shop's list has not.
_MORE = {"deals": "商机列表", "grade": "商机评级", "roles": "按角色授权", "log": "操作日志"}
# Function → system → what was found there; whatever is not here is not known.
FOUND: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "customers.import_file": {
        "espo": (_FIT, "Import：五种状态，分新增、重复、更新计数"),
        "wukong": (_FIT, "每行带批次号"), "twenty": (_PART, "只见“导入”这项权限"),
    },
    "customers.list": {"wukong": (_FIT, "场景：存下来的筛选")},
    "segments.manual": {"espo": (_PART, "目标名单（Target List）")},
    "analysis.churn": {"wukong": (_PART, "公海：几天没成交、没跟进就收回")},
    "marketing.campaigns": {
        "espo": (_FIT, "Campaign：四种状态、逐人的发送记录"), "twenty": (_PART, "只见“发邮件”这项权限"),
    },
    "marketing.tags": {"espo": (_PART, "活动日志记得住发给谁、谁点了")},
    "interactions.inbound": {"espo": (_FIT, "Call：方向 Inbound")},
    "interactions.outbound": {"espo": (_FIT, "Call：方向 Outbound")},
    "interactions.inquiries": {"espo": (_PART, "Case：类型 Question")},
    "interactions.review_alerts": {"espo": (_PART, "Case：有级别和状态，评价从哪来没写")},
    "deals": {
        "espo": (_FIT, "Opportunity：六个阶段各带成交概率"),
        "odoo": (_PART, "重复的线索合并，金额按概率打折"),
    },
    "grade": {
        "odoo": (_FIT, "从赢单、丢单学出成交概率"), "espo": (_PART, "概率只跟着阶段走"),
    },
    "roles": {
        "espo": (_FIT, "读、改、删分五级，可以管到字段"), "twenty": (_FIT, "管到对象和字段"),
        "wukong": (_FIT, "五种数据范围；转移、锁定、导出各是一项权"),
    },
    "log": {"espo": (_FIT, "操作历史，字段改动另记"), "wukong": (_FIT, "操作记录、负责人变动")},
}  # fmt: skip
# Which functions a shop cannot do without; written for class.
NEEDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "repeat": ("靠回头客的茶店：12 项", (
        "customers.lookup", "customers.import_file", "customers.list", "customers.tags",
        "segments.manual", "analysis.repurchase", "analysis.churn", "orders.search",
        "orders.returns", "marketing.campaigns", "marketing.birthday", "interactions.review_alerts",
    )),
    "phone": ("电话多的电器店：10 项", (
        "customers.lookup", "customers.import_file", "customers.list", "orders.search",
        "orders.returns", "marketing.campaigns", "interactions.inbound", "interactions.outbound",
        "interactions.inquiries", "interactions.review_alerts",
    )),
}  # fmt: skip
_READ = {"none": "当作没有", "half": "当作一半有", "all": "当作都有"}
_COLOURS = {_FIT: theme.COURSE, _PART: theme.SERIES[1], _UNKNOWN: theme.LINE}


def level(function: str, system: str) -> str:
    """对上, 沾边 or 不知道."""
    return FOUND.get(function, {}).get(system, (_UNKNOWN, ""))[0]


def fit_gap() -> Activity:
    """Map the functions to what four systems call them; rank the systems, the unknown counted."""
    import pandas as pd

    from crmkit.analytics import fitgap
    from crmkit.crm import catalogue

    names = {k: f.name for k, f in catalogue.FUNCTIONS.items()} | _MORE
    modules = {
        m: [k for k, f in catalogue.FUNCTIONS.items() if f.module == m] for m in catalogue.MODULES
    } | {BESIDE: list(_MORE)}
    wanted = {"all": list(catalogue.FUNCTIONS)} | {k: list(keys) for k, (_, keys) in NEEDS.items()}

    def draw(figure: Figure, need: str, unknown: str, tried: int, hit: float, module: str) -> View:
        keys = wanted[need]
        found = {
            s: fitgap.coverage([level(k, s) for k in keys], unknown=unknown, tried=tried, hit=hit)
            for s in SYSTEMS
        }
        order = sorted(SYSTEMS, key=lambda s: -found[s].point)
        first = [SYSTEMS[s] for s in order if found[s].point == found[order[0]].point]
        sure = fitgap.certain(found)
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        _bars(left, found, len(keys))
        _cells(right, [(names[k], k) for k in modules[module]], module)
        cells = len(keys) * len(SYSTEMS)
        blank = sum(c.unknown for c in found.values())
        said = (
            f"{len(keys)} 项 × 四家 = {cells} 格，不知道的还有 {blank} 格（{blank / cells:.0%}）。"
        )
        said += f"把不知道的{_READ[unknown]}，第一名是 {'、'.join(first)}；"
        said += (
            f"不管剩下的怎样，第一都是 {SYSTEMS[sure]}。"
            if sure
            else "换一种算法就可能换人，现在还分不出。"
        )
        rows = [
            (f"{names[k]}：{_told(k)}", *(levels(k).count(x) for x in (_FIT, _PART, _UNKNOWN)))
            for k in modules[module]
        ]
        return View(
            alt="四根横条，从至少到至多："
            + "，".join(f"{SYSTEMS[s]} {c.low:.1f} 到 {c.high:.1f}" for s, c in found.items())
            + f"；右边是“{module}”各项的格子。",
            message=said,
            table=pd.DataFrame(rows, columns=[module, _FIT, _PART, _UNKNOWN]),
            result={
                "first": first, "sure": SYSTEMS.get(sure, ""), "blank": blank, "cells": cells,
                "found": {SYSTEMS[s]: (c.low, c.point, c.high) for s, c in found.items()},
            },
        )  # fmt: skip

    return Activity(
        "对一对：店里要的，别家叫什么？",
        [
            Select(
                "need", "店里要的",
                {**{k: name for k, (name, _) in NEEDS.items()}, "all": "四十四项全要"},
            ),
            Select("unknown", "不知道的格子", _READ),
            Slider("tried", "每家再试几项", 0, 12, 1, 0, "项"),
            Slider("hit", "试了，做得到的占", 0, 1, 0.1, 0.5, percent=True),
            Select("module", "右图和表看哪一组", {m: m for m in modules}, "互动信息"),
        ],
        draw,
        formula=r"\text{至少} = \text{对上} + \frac{\text{沾边}}{2} + \text{试成} \le \text{做得到} \le \text{至少} + \text{不知道}",
        note="只写了我们在公开资料里查到的；没有查到就是“不知道”，不是“没有”。沾边算半项是〔课程约定〕；"
        "两家店要的项目、试成的比例（假定各家一样）是〔教学编写〕；格子里的对应，有的是〔推断〕，如把目标名单对成手动分类。",
        source="EspoCRM 仓库的实体定义（2026-07）、悟空 CRM 9.0 仓库（2021-04）、Twenty 手册的权限一页、"
        "Odoo 线索评分的公开代码分析；crmkit.analytics.fitgap。",
        size=(7.8, 2.9),
    )  # fmt: skip


def levels(function: str) -> list[str]:
    """`level` in each of the systems."""
    return [level(function, s) for s in SYSTEMS]


def _told(function: str) -> str:
    found = FOUND.get(function, {})
    return "；".join(f"{SYSTEMS[s]} {found[s][1]}" for s in SYSTEMS if s in found) or "没有查到"


def _bars(axes: Axes, found: Mapping[str, Coverage], count: int) -> None:
    """What is there at least, and how far it may go."""
    for y, c in enumerate(found.values()):
        axes.barh(y, c.low, 0.5, color=theme.COURSE, label="" if y else "至少")
        axes.barh(y, c.high - c.low, 0.5, left=c.low, color=theme.LINE, label="" if y else "不知道")
        axes.plot([c.point], [y], "D", color=theme.SERIES[2], label="" if y else "现在的算法")
        axes.annotate(f"{c.low:.1f}–{c.high:.1f}", (c.high, y), (8, 0),
                      textcoords="offset points", va="center", fontsize=9)  # fmt: skip
    axes.set_yticks(range(len(found)), [SYSTEMS[s] for s in found])
    axes.set_ylim(len(found) + 0.5, -0.6)
    axes.set_xlim(0, count * 1.22)
    axes.grid(False, axis="y")
    axes.legend(loc="lower right", ncols=3)
    axes.set_title(f"{count} 项里做得到几项")


def _cells(axes: Axes, functions: list[tuple[str, str]], module: str) -> None:
    from matplotlib.patches import Rectangle

    for y, (_, key) in enumerate(functions):
        for x, system in enumerate(SYSTEMS):
            told = level(key, system)
            axes.add_patch(Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, facecolor=_COLOURS[told]))
            axes.text(x, y, "？" if told == _UNKNOWN else told, ha="center", va="center", fontsize=9,
                      color={_FIT: "#ffffff", _PART: "#1f2937"}.get(told, theme.MUTED))  # fmt: skip
    axes.set_xticks(range(len(SYSTEMS)), [name.split(" ")[0] for name in SYSTEMS.values()])
    axes.set_yticks(range(len(functions)), [name for name, _ in functions])
    axes.tick_params(length=0, labelsize=9)
    axes.set_xlim(-0.5, len(SYSTEMS) - 0.5)
    axes.set_ylim(len(functions) - 0.5, -0.5)
    axes.grid(False)
    axes.set_title(module)
    for side in axes.spines.values():
        side.set_visible(False)
