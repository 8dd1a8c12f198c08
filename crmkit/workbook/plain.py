"""A sheet as a plain frame: what `write` wrote comes back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from crmkit.workbook.cleaning import unguard_formula
from crmkit.workbook.grid import Grid
from crmkit.workbook.headers import unique_names


def plain_frame(grid: Grid) -> pd.DataFrame:
    """Names from row 1, the rows below; an unnamed first column 0, 1, 2 … (pandas) is left out."""
    rows = [list(row) for row in grid.rows]
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    if not rows:
        return pd.DataFrame()
    columns = list(zip(*rows[1:], strict=True)) or [()] * width
    names = [_name(cell) for cell in rows[0]]
    kept = [
        place
        for place in range(width)
        if names[place] or any(cell != "" for cell in columns[place])
    ]
    numbered = width and list(columns[0]) == list(range(len(rows) - 1))
    if len(rows) > 1 and not names[0] and numbered:
        kept = kept[1:]
    labels = unique_names([names[p] or f"第 {p + 1} 列" for p in kept])
    return pd.DataFrame(
        {label: plain_series(list(columns[p])) for label, p in zip(labels, kept, strict=True)},
        columns=labels,
        index=pd.RangeIndex(len(rows) - 1),
    )


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unguard_formula(str(cell)) if cell != "" else ""


def plain_series(cells: list[Any]) -> pd.Series:
    """Cells of one column with the narrowest type that holds them all."""
    values = [None if cell == "" else cell for cell in cells]
    filled = [v for v in values if v is not None]
    if filled and all(isinstance(v, bool) for v in filled):
        return pd.Series(values, dtype="bool" if len(filled) == len(values) else "boolean")
    if filled and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in filled):
        if len(filled) == len(values) and all(_is_whole(v) for v in filled):
            return pd.Series([int(v) for v in filled], dtype="int64")
        return pd.Series(values, dtype="float64")
    if filled and all(isinstance(v, dt.date) for v in filled):
        return pd.Series(values, dtype="datetime64[us]")
    if all(isinstance(v, str) for v in filled):
        return pd.Series([v if v is None else unguard_formula(v) for v in values], dtype="str")
    return pd.Series(values, dtype="object")


def _is_whole(number: float) -> bool:
    return abs(number) < 2**53 and float(number).is_integer()
