"""OLAP on a star: slice, dice, drill down, roll up, rotate (pivot), totals and granularity.

Codd, Codd and Salley (1993) for the operations; Gray et al., "Data Cube" (1997) for CUBE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.warehouse.engine import literal, query, quoted
from crmkit.analytics.warehouse.models import Warehouse

# Dimension → its levels, from coarse to fine.
HIERARCHIES: Mapping[str, tuple[str, ...]] = {
    "时间": ("年", "季度", "月", "日期键"),
    "商品": ("大类", "小类", "商品名称"),
    "渠道": ("平台", "渠道名称"),
    "客户": ("省份", "城市"),
}
MEASURES: Mapping[str, str] = {
    "销售额": "round(sum(销售额), 2)",
    "数量": "sum(数量)::BIGINT",
    "订单数": "count(DISTINCT 订单编号)",
    "客户数": "count(DISTINCT 客户编号)",
}
OPERATIONS: Mapping[str, str] = {
    "切片": "一个维只取一个值，这一维随之固定",
    "切块": "两个以上的维各取一段值",
    "下钻": "从粗的层次看到细的层次",
    "上卷": "从细的层次聚集到粗的层次",
    "旋转": "行和列对调，数不变",
}
ALL = "全部"


@dataclass(frozen=True)
class Cube:
    """Facts with the levels of their dimensions, and what was cut out so far.

    Attributes
    ----------
    base
        One row per fact, with the columns of every level.
    cuts
        Level → the values that are kept.
    """

    base: pd.DataFrame
    cuts: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def cube_of(warehouse: Warehouse) -> Cube:
    """The cube over fact_sales of a star (or galaxy): every level beside every fact."""
    base = warehouse.sql(
        """SELECT f.订单编号, f.客户编号, f.数量, f.销售额,
                  d.年, d.季度, d.月, d.日期键, p.大类, p.小类, p.商品名称,
                  c.平台, c.渠道名称, k.省份, k.城市
           FROM fact_sales f JOIN dim_date d USING (日期键) JOIN dim_product p USING (商品编码)
                JOIN dim_channel c USING (渠道编号) JOIN dim_customer k USING (客户编号)"""
    )
    return Cube(base)


def dimension(level: str) -> str:
    """The dimension that a level belongs to.

    >>> dimension("小类"), dimension("月")
    ('商品', '时间')

    Raises
    ------
    AnalyticsError
        No such level.
    """
    for name, levels in HIERARCHIES.items():
        if level in levels:
            return name
    known = "；".join(f"{n}：{' → '.join(v)}" for n, v in HIERARCHIES.items())
    raise AnalyticsError(f"没有层次「{level}」。可用的维和层次：{known}。")


def slice_at(cube: Cube, level: str, value: Any) -> Cube:
    """Slice: one value of one level; that dimension is fixed from here on."""
    return dice(cube, {level: [value]})


def dice(cube: Cube, cuts: Mapping[str, Sequence[Any]]) -> Cube:
    """Dice: keep some values of some levels.

    Raises
    ------
    AnalyticsError
        A level or value that does not exist; nothing to cut.
    """
    if not cuts:
        raise AnalyticsError("切块要至少给一个层次和它的取值，例如 {'平台': ['天猫', '京东']}。")
    kept = dict(cube.cuts)
    for level, values in cuts.items():
        dimension(level)
        if isinstance(values, str) or not isinstance(values, Sequence):
            raise AnalyticsError(f"「{level}」的取值要写成列表，例如 ['天猫']，给的是 {values!r}。")
        there = set(cube.base[level].dropna().tolist())
        odd = [v for v in values if v not in there]
        if odd or not values:
            some = "、".join(str(v) for v in sorted(there, key=str)[:8])
            raise AnalyticsError(f"「{level}」没有取值 {odd or '（空）'}；现有：{some}。")
        before = kept.get(level)
        both = tuple(v for v in dict.fromkeys(values) if before is None or v in before)
        if not both:
            raise AnalyticsError(f"「{level}」前后两次切割没有共同的取值，切出来是空的。")
        kept[level] = both
    return replace(cube, cuts=kept)


def sql(cube: Cube, levels: Sequence[str], measure: str = "销售额", *, totals: bool = False) -> str:
    """The query behind a view, as a student could write it on a flat table ``cube``."""
    if measure not in MEASURES:
        raise AnalyticsError(f"没有度量「{measure}」。可选：{'、'.join(MEASURES)}。")
    for level in levels:
        dimension(level)
    if len(set(levels)) != len(levels):
        raise AnalyticsError(f"层次有重复：{'、'.join(levels)}。每个层次只写一次。")
    names = ", ".join(map(quoted, levels))
    where = " AND ".join(
        f"{quoted(level)} IN ({', '.join(map(literal, values))})"
        for level, values in cube.cuts.items()
    )
    lines = [f"SELECT {names + ', ' if names else ''}{MEASURES[measure]} AS {quoted(measure)}"]
    lines += ["FROM cube"] + ([f"WHERE {where}"] if where else [])
    if names:
        lines += [f"GROUP BY {'CUBE (' + names + ')' if totals else names}"]
        nulls = " NULLS LAST" if totals else ""
        lines += ["ORDER BY " + ", ".join(quoted(x) + nulls for x in levels)]
    return "\n".join(lines)


def view(
    cube: Cube, levels: Sequence[str], measure: str = "销售额", *, totals: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Group the cube by levels; with `totals` all subtotals stand below as 全部 (GROUP BY CUBE).

    Returns
    -------
    DataFrame
        The levels and the measure (销售额 in yuan); sorted by the levels.
    """
    frame = query(sql(cube, levels, measure, totals=totals), cube=cube.base)
    if totals:
        for level in levels:
            column = frame[level].astype(object)
            frame[level] = column.where(column.notna(), ALL)
    return frame


def drill_down(levels: Sequence[str], name: str) -> list[str]:
    """The levels with the next finer one of a dimension added.

    >>> drill_down(["年", "大类"], "时间")
    ['年', '季度', '大类']

    Raises
    ------
    AnalyticsError
        No such dimension, or its finest level is shown already.
    """
    path, shown = _path(levels, name)
    deepest = max((path.index(x) for x in shown), default=-1)
    if deepest == len(path) - 1:
        raise AnalyticsError(f"「{name}」已经到最细的层次「{path[-1]}」，不能再往下钻。")
    finer = path[deepest + 1]
    at = max((levels.index(x) + 1 for x in shown), default=len(levels))
    return [*levels[:at], finer, *levels[at:]]


def roll_up(levels: Sequence[str], name: str) -> list[str]:
    """The levels without the finest one of a dimension: its values are summed away.

    >>> roll_up(["年", "季度", "大类"], "时间")
    ['年', '大类']

    Raises
    ------
    AnalyticsError
        No such dimension, or none of its levels is shown.
    """
    path, shown = _path(levels, name)
    if not shown:
        raise AnalyticsError(f"现在没有显示「{name}」的任何层次，不能再上卷。")
    finest = max(shown, key=path.index)
    return [x for x in levels if x != finest]


def _path(levels: Sequence[str], name: str) -> tuple[tuple[str, ...], list[str]]:
    if name not in HIERARCHIES:
        raise AnalyticsError(f"没有维「{name}」。可选：{'、'.join(HIERARCHIES)}。")
    for level in levels:
        dimension(level)
    return HIERARCHIES[name], [x for x in levels if x in HIERARCHIES[name]]


def rotate(
    frame: pd.DataFrame, rows: str, columns: str, measure: str = "销售额"
) -> pd.DataFrame:  # fmt: skip
    """Lay a view of two levels out as a cross table; swapping the two names rotates it.

    Raises
    ------
    AnalyticsError
        A column is missing, or a pair stands in the view twice.
    """
    inputs.require(frame, "视图", {"rows": rows, "columns": columns, "measure": measure})
    if frame.duplicated([rows, columns]).any():
        raise AnalyticsError(f"同一对「{rows}」「{columns}」出现了两次：先上卷到只剩这两个层次。")
    return frame.pivot(index=rows, columns=columns, values=measure).fillna(0)


def granularity(
    fact: pd.DataFrame, *, by: Sequence[str] = ("渠道编号", "商品编码"), day: str = "日期键",
    measure: str = "销售额",
) -> pd.DataFrame:  # fmt: skip
    """The same facts kept by line, by day and by month: rows, size relative to the month, total.

    Parameters
    ----------
    by
        The other columns that are kept beside the time.
    day
        Column of the day as yyyymmdd.

    Returns
    -------
    DataFrame
        粒度, 行数, 倍数 (rows per row of the monthly table), 合计 (the measure's total: always
        the same).
    """
    inputs.require(fact, "事实表", {**{c: c for c in by}, "day": day, "measure": measure})
    if fact.empty:
        raise AnalyticsError("事实表里一行也没有，谈不上粒度。")
    fen = inputs.cents(fact, "事实表", measure)
    days = pd.to_datetime(fact[day].astype(str), format="%Y%m%d", errors="coerce")
    if days.isna().any():
        raise AnalyticsError(
            f"事实表的列「{day}」{inputs.rows(days.isna())}不是 20251231 这样的日期。"
        )
    other = [fact[c] for c in by]
    counts = {
        "明细": len(fact),
        "日": fen.groupby([days, *other]).sum().size,
        "月": fen.groupby([days.dt.strftime("%Y-%m"), *other]).sum().size,
    }
    total = float(fen.sum()) / 100
    rows = [(name, n, n / counts["月"], total) for name, n in counts.items()]
    return pd.DataFrame(rows, columns=["粒度", "行数", "倍数", "合计"])
