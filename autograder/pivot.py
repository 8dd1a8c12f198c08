"""Comparing a pivot table, however it was laid out.

pandas, Excel and LibreOffice name and nest the same cells differently. A cell is found by what its
labels say: the row label, the column label, the measure (count or sum) and whether it is a total.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from autograder.spec import Verdict
from crmkit.lab import forms
from crmkit.lab.forms import FormError

TOTAL = "总计"
_TOTAL = re.compile(r"^(all|total|grand total|总计|合计|总和|小计|总合计|总计结果)$", re.I)
_COUNT = re.compile(r"count|size|len|nunique|计数|人数|个数|客户数|数量", re.I)
_SUM = re.compile(r"sum|求和|金额|总额", re.I)

Cell = tuple[str, str, str]  # row, column, measure


def pivot(columns: Sequence[str], tolerance: float = 0.005) -> Callable[[Any, Any], Verdict]:
    """A comparer for a pivot of count and sum with totals.

    The expected value is a dict (row, column, measure) → number with measure "count" or "sum" and
    `TOTAL` as row or column of the totals. Inner cells are worth 70 % and totals 30 %.
    """

    def compare(got: Any, expected: dict[Cell, float]) -> Verdict:
        found = cells(got, columns)
        wrong = {k for k, v in expected.items() if abs(found.get(k, 0.0) - v) > tolerance}
        totals = {k for k in expected if TOTAL in k[:2]}
        if not wrong:
            return Verdict(1.0, f"{len(expected)} 个单元格（含总计）全部正确")
        inner_wrong, totals_wrong = wrong - totals, wrong & totals
        share = 0.7 * (not inner_wrong) + 0.3 * (not totals_wrong and not inner_wrong)
        words = [
            f"{len(expected) - len(totals)} 个单元格里 {len(inner_wrong)} 个不对"
            if inner_wrong
            else "单元格都对"
        ]
        if not totals & found.keys():
            words.append("没有总计行和总计列")
        elif totals_wrong:
            words.append(f"{len(totals_wrong)} 个总计不对")
        first = sorted(inner_wrong or totals_wrong)[0]
        hint = f"先核对「{first[0]} × {first[1]}」的{'人数' if first[2] == 'count' else '金额合计'}"
        return Verdict(share, "；".join(words), hint)

    return compare


def cells(got: Any, columns: Sequence[str]) -> dict[Cell, float]:
    """All cells of a pivot by their labels; empty cells are left out.

    Raises
    ------
    FormError
        Not a table, or its columns say neither a category nor a measure.
    """
    if not isinstance(got, pd.DataFrame):
        raise FormError(f"这里要一张透视表（数据表），你交的是{forms.kind_of(got)}")
    frame = _with_row_labels(got)
    places = {i: p for i, c in enumerate(frame.columns) if (p := _place(c, columns)) is not None}
    if not places:
        raise FormError(
            f"从列名看不出哪一列是哪一类、是人数还是金额：{'、'.join(str(c) for c in frame.columns[:6])}"
        )
    out: dict[Cell, float] = {}
    for label, (_, row) in zip(frame.index, frame.iterrows(), strict=True):
        name = TOTAL if _TOTAL.match(forms.text(label)) else forms.text(label)
        for i, (column, measure) in places.items():
            if not forms.missing(row.iloc[i]):
                out[name, column, measure] = forms.number(row.iloc[i])
    return out


def _with_row_labels(frame: pd.DataFrame) -> pd.DataFrame:
    """Row labels may stand in the index or, as in a sheet, in the first column of text."""
    if isinstance(frame.index, pd.RangeIndex) and frame.shape[1] > 1:
        first = frame.iloc[:, 0]
        if all(isinstance(x, str) or forms.missing(x) for x in first):
            rest = frame.iloc[:, 1:]
            rest.index = pd.Index([("" if forms.missing(x) else x) for x in first])
            return rest[rest.index != ""]
    return frame


def _place(column: Any, names: Sequence[str]) -> tuple[str, str] | None:
    """(category or TOTAL, measure) of a column label; None when it says neither clearly."""
    parts = [forms.text(p) for p in (column if isinstance(column, tuple) else (column,))]
    words = [w for p in parts for w in re.split(r"[\s_\-:：/／|（）()，,]+", p) if w]
    measure = (
        "count"
        if any(map(_COUNT.search, words))
        else "sum"
        if any(map(_SUM.search, words))
        else None
    )
    named = [n for n in names if n in words]
    total = any(map(_TOTAL.match, words))
    if measure is None or len(named) > 1:
        return None
    if named:
        return named[0], measure
    return (TOTAL, measure) if total else None
