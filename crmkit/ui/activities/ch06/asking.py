"""Guess who should be asked, the business database or the warehouse; then both are asked."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from crmkit.ui import theme
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import Select, Slider

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from crmkit.analytics.warehouse.asking import Systems

_GUESSES = {"": "（还没猜）", "业务库": "业务库", "数据仓库": "数据仓库", "both": "两边都行"}
_WRONG = theme.SERIES[2]


def whom_to_ask(shop: str = "tea") -> Activity:
    """A question, a guess, and what the two systems really say; how they are kept can be moved."""
    import pandas as pd

    from crmkit.analytics.warehouse import asking

    systems = _systems(shop)
    now, first = systems.now, pd.Timestamp(2024, 1, 1)

    def draw(figure: Figure, ask: str, guess: str, keep: int, lag: int) -> View:
        said = systems.ask(ask, keep=keep, lag=lag)
        good = [name for name, a in said.items() if a.right]
        known = bool(guess)
        spans = {asking.BUSINESS: (max(first, now - pd.Timedelta(days=keep)), now),
                 asking.WAREHOUSE: (first, now - pd.Timedelta(hours=lag))}  # fmt: skip
        held = {asking.BUSINESS: f"只有{systems.platform}，此刻的样子",
                asking.WAREHOUSE: "所有平台，每一段历史"}  # fmt: skip
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        for k, (name, (start, end)) in enumerate(spans.items()):
            a, b = (start - first).days / 365.25, (end - first).total_seconds() / 86400 / 365.25
            left.barh(k, b - a, 0.62, left=a, color=(theme.SERIES[1], theme.COURSE)[k], alpha=0.35)
            left.text(0.03, k, held[name], va="center", fontsize=10)
        left.set_yticks(range(2), list(spans))
        left.set_xticks([0, 1, 2], ["2024", "2025", "2026"])
        left.set_xlim(0, 2.03)
        left.set_ylim(1.6, -0.6)
        left.grid(False, axis="y")
        left.set_title("装着哪一段")
        cells = [a.cells for a in said.values()]
        for k, n in enumerate(cells if known else [0, 0]):
            name = list(said)[k]
            right.barh(k, max(n, 1), 0.62, color=theme.COURSE if said[name].right else _WRONG)
            text = f"{n:,} 格" if n else "不许改" if known else "先猜"
            right.annotate(text, (max(n, 1), k), (5, 0), textcoords="offset points", va="center")
        right.set_xscale("log")
        right.set_xlim(1, 1e7)
        right.set_yticks(range(2), list(said))
        right.set_xticks([])
        right.set_xticks([], minor=True)
        right.set_ylim(1.6, -0.6)
        right.grid(False)
        right.set_title("读了几格（红的答错了）")
        words = systems.words(ask)
        if not known:
            told = "先猜该问谁，猜了才去问。"
        else:
            wanted = good[0] if len(good) == 1 else "both" if good else "none"
            told = "猜对了。" if guess == wanted else "没猜对。"
            told += "两边答得一样，都对。" if wanted == "both" else (
                "两边都答不对。" if wanted == "none" else f"这次只有{wanted}答得对。"
            )  # fmt: skip
            told += asking.QUESTIONS[ask].why
        rows = [
            (
                systems.sql(ask, name),
                name,
                _short(a.said) if known else "？",
                ("对" if a.right else "不对") if known else "？",
            )
            for name, a in said.items()
        ]
        return View(
            alt=f"左图业务库装着最近 {keep} 天的{systems.platform}，仓库装着两年的全部平台、到 {lag} 小时以前；"
            + (
                f"右图两边各读了 {cells[0]:,} 格和 {cells[1]:,} 格。"
                if known
                else "右图猜了才揭开。"
            ),
            message=words + told,
            table=pd.DataFrame(rows, columns=["这样问", "系统", "答", "对不对"]),
            result={"right": good, "cells": cells, "said": [a.said for a in said.values()]},
        )

    return Activity(
        "该问谁？业务库和仓库，现场各问一遍",
        [
            Select("ask", "问题", {k: systems.words(k) for k in asking.QUESTIONS}),
            Select("guess", "我猜该问", _GUESSES, ""),
            Slider("keep", "业务库留最近", 30, 750, 30, 90, "天"),
            Slider("lag", "仓库上次装载在", 0, 48, 2, 22, "小时前"),
        ],
        draw,
        note="SQL 真的执行：业务库是 SQLite，按行存，编号有索引，用索引只读那一行，否则整表每行每列都要读；仓库是 DuckDB，按列存，只读问到的列，没有索引。"
        "对不对，是拿此刻的全部数据核对的。业务库留几天、仓库何时装载，是课程约定。试一试：留够 750 天、刚刚装载，还剩哪几题只有一边答得对？",
        source="课程资料的习题：数据库与数据仓库有什么区别；crmkit.analytics.warehouse.asking。",
        size=(7.8, 2.0),
    )


def _short(said: str) -> str:
    """A long answer by its first two rows."""
    rows = said.split("；")
    return said if len(rows) < 3 else f"{'；'.join(rows[:2])}……共 {len(rows)} 行"


@lru_cache(maxsize=3)
def _systems(shop: str) -> Systems:
    from crmkit import shops
    from crmkit.analytics.warehouse import asking, history
    from crmkit.settings import settings

    data, rule = shops.load(shop), settings()["levels"]
    orders = data.orders.merge(data.channels[["渠道编号", "平台"]], on="渠道编号")
    log = history.level_log(shops.valid_orders(data.orders), rule[shop], rule["names"])
    end = dt.datetime.combine(shops.as_of(), dt.time()) + dt.timedelta(days=1)
    return asking.Systems(orders, history.versions(log), end)
