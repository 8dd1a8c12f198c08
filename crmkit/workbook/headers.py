"""Find the header row of a sheet by its names, and say what it lacks."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from crmkit.workbook.cleaning import match_key
from crmkit.workbook.errors import WorkbookError, refusal
from crmkit.workbook.grid import Grid
from crmkit.workbook.layouts import Layout

SEARCHED_ROWS = 20


def key_of(cell: Any) -> str:
    """The match key of a header cell; empty for what cannot be a name."""
    return match_key(cell) if isinstance(cell, str) else ""


def find_header(grid: Grid, known: Iterable[str]) -> int | None:
    """Index (from 0) of the row with most cells among the `known` match keys, at least two.

    A sheet with a single column needs one.
    """
    keys = frozenset(known)
    best, most = None, 0
    for index, row in enumerate(grid.rows[:SEARCHED_ROWS]):
        found = {key_of(cell) for cell in row} & keys
        filled = sum(1 for cell in row if cell != "")
        if len(found) > most and len(found) >= min(2, filled):
            best, most = index, len(found)
    return best


def guess_header(grid: Grid) -> int | None:
    """Index of the first row that looks like names: text, unique, about as wide as the table."""
    head = grid.rows[:SEARCHED_ROWS]
    filled = [[cell for cell in row if key_of(cell) or not isinstance(cell, str)] for row in head]
    width = max(map(len, filled), default=0)
    for index, cells in enumerate(filled):
        if len(cells) < max(1, 0.6 * width) or not all(isinstance(c, str) for c in cells):
            continue
        if len({key_of(c) for c in cells}) == len(cells):
            return index
    return None


def refuse_merged(grid: Grid, header: int, name: str) -> None:
    """Merged cells in or across the header row hide names; the kit does not guess them."""
    row = header + 1
    for (top, left), (bottom, right) in grid.merged:
        if top <= row <= bottom:
            where = f"{_address(top, left)}:{_address(bottom, right)}"
            raise refusal(
                name,
                f"工作表「{grid.sheet}」的表头（第 {row} 行）有合并单元格（{where}）",
                "请取消合并，让表头只占一行、每列一个列名",
            )


def missing_columns(
    name: str, grid: Grid, layout: Layout, header: Sequence[Any], missing: Sequence[str], row: int
) -> WorkbookError:
    """The error that names the missing columns and what came near them."""
    present = [str(c).strip() for c in header if key_of(c)]
    near = []
    for wanted in missing:
        field = layout.by_name[wanted]
        spellings = [match_key(s) for s in (field.name, *field.aliases)]
        keys = {match_key(p): p for p in present if match_key(p) not in layout.by_key}
        for spelling in spellings:
            close = difflib.get_close_matches(spelling, keys, n=1, cutoff=0.5)
            if close:
                near.append(f"「{keys[close[0]]}」是不是「{wanted}」")
                break
    shown = "、".join(present[:12]) + ("……" if len(present) > 12 else "")
    remedy = f"第 {row} 行现有的列：{shown or '（空）'}。"
    remedy += f"名字相近的：{'；'.join(near)}？" if near else "请重新导出，或把列名改成上面这样"
    return refusal(
        name, f"不能按{layout.name}读取：工作表「{grid.sheet}」缺少列 {'、'.join(missing)}", remedy
    )


def unique_names(names: Sequence[str]) -> list[str]:
    """Names with ``.2``, ``.3`` behind repeated ones.

    >>> unique_names(["备注", "备注"])
    ['备注', '备注.2']
    """
    seen: Counter[str] = Counter()
    taken = set(names)
    result = []
    for name in names:
        seen[name] += 1
        unique = name
        while seen[name] > 1 and unique in taken:
            unique = f"{name}.{seen[name]}"
            seen[name] += unique in taken
        taken.add(unique)
        result.append(unique)
    return result


def _address(row: int, column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
