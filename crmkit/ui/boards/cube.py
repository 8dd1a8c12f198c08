"""DB7 OLAP 立方体: slice, dice, drill down, roll up and rotate the sales of a shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.analytics.warehouse import cube as olap
from crmkit.analytics.warehouse.models import star
from crmkit.ui.board import (
    Card,
    Code,
    Knot,
    Layout,
    Moves,
    Panel,
    Plan,
    Segments,
    Table,
    Tree,
    View,
)
from crmkit.ui.boards import choices
from crmkit.ui.console import figures
from crmkit.ui.controls import Control, Select

MEASURE_KINDS = {"销售额": "money", "数量": "count", "订单数": "count", "客户数": "count"}
NONE = ""
MOST_COLUMNS = 14
DEFINITIONS = (
    *((name, words + "。") for name, words in olap.OPERATIONS.items()),
    ("维与层次", "；".join(f"{d}：{' → '.join(levels)}" for d, levels in olap.HIERARCHIES.items()) + "。"),
    ("销售额", "数量 × 单价，不含邮费和订单优惠：它们属于整单，放进明细会重复计算。"),
    ("订单数、客户数", "去重计数，各格相加会大于合计。"),
    ("粒度", "同一批事实按明细、按日、按月各存多少行；合计不变，越粗越省，也越不能往下钻。"),
)  # fmt: skip


@lru_cache(maxsize=3)
def _cube(folder: Path, shop: str) -> olap.Cube:
    data = shops.load(shop)
    return olap.cube_of(
        star(data.customers, data.products, data.orders, data.order_items, data.channels)
    )


def cube(shop: str) -> olap.Cube:
    """The cube over everything the shop has sold."""
    return _cube(shops.root(), shop)


@lru_cache(maxsize=12)
def _members(folder: Path, shop: str, level: str) -> tuple[str, ...]:
    """Values of a level, those that sell most first (times in their order)."""
    found = olap.view(cube(shop), [level])
    found = found[found[level].notna()]
    if olap.dimension(level) != "时间":
        found = found.sort_values("销售额", ascending=False, kind="stable")
    return tuple(str(v) for v in found[level])


def _levels(dimensions: Sequence[str]) -> dict[str, str]:
    return {level: f"{d} · {level}" for d in dimensions for level in olap.HIERARCHIES[d]}


def _step(level: str, way: int) -> str | None:
    path = olap.HIERARCHIES[olap.dimension(level)]
    at = path.index(level) + way
    return path[at] if 0 <= at < len(path) else None


def _controls(values: Mapping[str, Any]) -> tuple[Sequence[Control], Sequence[Control]]:
    shop = choices.chosen_shop(values)
    rows, columns = str(values.get("rows", "大类")), str(values.get("columns", "季度"))
    others = [d for d in olap.HIERARCHIES if d != olap.dimension(rows)]
    finer, coarser = _step(rows, 1), _step(rows, -1)
    cut, cut2 = str(values.get("cut", NONE)), str(values.get("cut2", NONE))
    turned = {} if columns == NONE else {"rows": columns, "columns": rows}
    first = _members(shops.root(), shop, "平台")[0]
    best = _members(shops.root(), shop, "大类")[0]
    moves = {
        "切片": {"cut": "平台", "value": first, "cut2": NONE} if cut == NONE else {},
        "切块": {"cut": "平台", "value": first, "cut2": "大类", "value2": best} if cut2 == NONE else {},
        "下钻": {"rows": finer} if finer else {},
        "上卷": {"rows": coarser} if coarser else {},
        "旋转": turned,
        "还原": {"cut": NONE, "cut2": NONE} if cut != NONE or cut2 != NONE else {},
    }  # fmt: skip
    bar: list[Control] = [
        Moves("operation", "OLAP 操作", moves),
        Select("rows", "行", _levels(list(olap.HIERARCHIES)), "大类"),
        Select("columns", "列", {**_levels(others), NONE: "（不分列）"}, "季度" if "时间" in others else None),
        Select("cut", "切", {NONE: "不切", **_levels(list(olap.HIERARCHIES))}),
    ]  # fmt: skip
    for level, value, more in ((cut, "value", False), (cut2, "value2", True)):
        if more and cut != NONE:
            rest = [d for d in olap.HIERARCHIES if d != olap.dimension(cut)]
            bar.append(Select("cut2", "再切", {NONE: "不切", **_levels(rest)}))
        if level != NONE and (not more or cut != NONE):
            names = _members(shops.root(), shop, level)
            bar.append(Select(value, "取值", {v: v for v in names}))
    head = [choices.shop(), Segments("measure", "度量", {m: m for m in olap.MEASURES})]
    return head, bar


def _draw(
    shop: str, measure: str, rows: str, columns: str, cut: str = NONE, value: str = "",
    cut2: str = NONE, value2: str = "", operation: None = None,
) -> View:  # fmt: skip
    whole = cube(shop)
    cuts = {level: v for level, v in ((cut, value), (cut2, value2)) if level != NONE and v}
    chosen = whole
    if cuts:
        typed = {k: [_typed(whole, k, v)] for k, v in cuts.items()}
        chosen = olap.dice(whole, typed)
    levels = [rows] if columns == NONE else [rows, columns]
    found = olap.view(chosen, levels, measure, totals=True)
    told = {k: float(olap.view(chosen, [], k)[k].iloc[0] or 0) for k in olap.MEASURES}
    all_of = float(olap.view(whole, [], measure)[measure].iloc[0])
    table = _cross(found, rows, columns, measure)
    kind = MEASURE_KINDS[measure]
    cards = [
        Card(f"m{k}", name, told[name], "yuan" if name == "销售额" else "count", aside="切出来的部分" if cuts else "整个立方体")
        for k, name in enumerate(olap.MEASURES)
    ]  # fmt: skip
    share = told[measure] / all_of if all_of else None
    cards.append(Card("share", f"占全部{measure}", share, "percent", "切出来的 ÷ 整个立方体"))
    filled, possible = len(olap.view(chosen, levels, measure)), _possible(found, levels)
    cards.append(
        Card("cells", "非空的格", filled, note="行 × 列里有销售的格", aside=f"共 {possible:,} 格")
    )
    one = olap.view(chosen, [rows], measure)
    one = one[one[rows].notna()].sort_values(measure, ascending=False, kind="stable")
    if olap.dimension(rows) == "时间":
        one = one.sort_values(rows)
    one[rows] = one[rows].astype(str)
    finer = _step(rows, 1)
    picks = [
        {"cut": rows, "value": v, **({"rows": finer} if finer else {})} for v in one[rows].head(12)
    ]
    ladder = [
        Knot(d, inner=[Knot(x, _role(x, rows, columns, cuts), tone="main" if x in (rows, columns) else "") for x in path])
        for d, path in olap.HIERARCHIES.items()
    ]  # fmt: skip
    path = "；".join(f"{k} = {v}" for k, v in cuts.items()) or "没有切"
    names = dict.fromkeys(table.columns[1:], kind)
    return View(
        subtitle=f"行：{rows}；列：{columns or '不分'}；度量：{measure}；{path}",
        title=f"{shops.TITLES[shop]} · OLAP 立方体",
        cards=cards,
        panels=[
            Panel("table", f"{rows} × {columns}" if columns else rows, Table(table, kinds={**names, rows: "text"}), measure),
            Panel("bars", f"{rows}的{measure}", _bars(one, rows, measure), "点一条：切这一片并下钻" if finer else "已到最细的层次", picks=picks),
            Panel("ladder", "维与层次", Tree(ladder, "维与层次", across=True), "粗在上，细在下"),
            Panel("sql", "这一步的查询", Code(olap.sql(chosen, levels, measure)), "在 cube 平表上"),
            Panel("grain", "粒度", Table(_grain(shops.root(), shop), kinds={"倍数": "number", "合计": "money"}), "行数与合计"),
        ],
        layout=Layout(("table table bars", "ladder sql grain"), (1.35, 1), (1.05, 0.95, 1.1)),
        shop=shop,
        note="事实是有效订单的明细行，按付款日；全部数据，2024-01 起。",
        result={**told, "table": table, "share": share},
    )  # fmt: skip


def _typed(whole: olap.Cube, level: str, text: str) -> Any:
    """A member as the cube holds it (years are numbers)."""
    for value in whole.base[level].dropna().unique().tolist():
        if str(value) == text:
            return value
    return text


def _possible(found: pd.DataFrame, levels: Sequence[str]) -> int:
    count = 1
    for level in levels:
        count *= max(int((found[level].drop_duplicates() != olap.ALL).sum()), 1)
    return count


def _cross(found: pd.DataFrame, rows: str, columns: str, measure: str) -> pd.DataFrame:
    """The view as a cross table with its totals; beyond `MOST_COLUMNS` the largest columns stay."""
    if columns == NONE:
        return found.assign(**{rows: found[rows].astype(str)})[[rows, measure]]
    wide = olap.rotate(found, rows, columns, measure)
    wide.columns = [str(c) for c in wide.columns]
    names = [c for c in wide.columns if c != olap.ALL]
    if len(names) > MOST_COLUMNS:
        size = wide.loc[[i for i in wide.index if i != olap.ALL], names].sum()
        kept = set(size.sort_values(ascending=False).index[:MOST_COLUMNS])
        names = [c for c in names if c in kept]
    order = [i for i in wide.index if i != olap.ALL]
    table = wide.loc[[*order, olap.ALL], [*names, olap.ALL]].reset_index()
    return table.assign(**{rows: table[rows].astype(str)})


def _bars(one: pd.DataFrame, rows: str, measure: str) -> figures.Figure:
    if olap.dimension(rows) == "时间":
        return figures.bars(measure, one.tail(31), rows, measure)
    return figures.ranking(measure, one, rows, measure, top=12)


def _role(level: str, rows: str, columns: str, cuts: Mapping[str, str]) -> str:
    parts = ["行"] * (level == rows) + ["列"] * (level == columns)
    return "、".join([*parts, *([f"切：{cuts[level]}"] if level in cuts else [])])


@lru_cache(maxsize=3)
def _grain(folder: Path, shop: str) -> pd.DataFrame:
    return olap.granularity(cube(shop).base, by=("渠道名称", "商品名称"))


PLAN = Plan("OLAP 立方体", _controls, _draw, DEFINITIONS)
