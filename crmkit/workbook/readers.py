"""Read customer files and platform exports: what students and the CRM call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from crmkit.workbook.cleaning import match_key
from crmkit.workbook.errors import WorkbookError, refusal
from crmkit.workbook.formats import PathLike, Source, open_source
from crmkit.workbook.grid import Grid, list_sheets, load_grids
from crmkit.workbook.headers import (
    find_header,
    guess_header,
    key_of,
    missing_columns,
    refuse_merged,
)
from crmkit.workbook.imported import Imported
from crmkit.workbook.layouts import (
    CUSTOMER_IDENTITY,
    CUSTOMERS,
    JD_ORDERS,
    KNOWN_LAYOUTS,
    TAOBAO_ERAS,
    TAOBAO_LINES,
    TAOBAO_ORDERS,
    Layout,
    all_layouts,
)
from crmkit.workbook.tables import TableBuilder


def read_table(
    path: PathLike | bytes, sheet: str | None = None, header: int | Sequence[str] | None = None
) -> Imported:
    """Read any table of customers, orders or figures from .xlsx, .csv or old .xls.

    Parameters
    ----------
    path
        The file (or its bytes).
    sheet
        Name of the worksheet; by default the first visible one with a recognisable header.
    header
        By default the header is searched by its names in the first 20 rows. A number says in
        which row it is (as Excel shows it), names say which columns it must have.

    Returns
    -------
    Imported
        Known columns have their types and the names of the course; the others keep their name,
        and are numbers, times or text as all their values are.

    Raises
    ------
    WorkbookError
        The file is no workbook, or has no such sheet, header or columns.
    """
    source = open_source(path)
    layouts = all_layouts()
    known = {key for layout in layouts for key in layout.by_key}
    wanted = [] if header is None or isinstance(header, int) else list(header)
    if wanted:
        known = {match_key(name) for name in wanted}

    def locate(grid: Grid) -> int | None:
        if isinstance(header, int):
            return header - 1 if 0 < header <= len(grid.rows) else None
        found = find_header(grid, known)
        return guess_header(grid) if found is None and not wanted else found

    grid, row = _pick(source, sheet, locate, "看不出表头在哪一行", header)
    cells = grid.rows[row]
    if wanted:
        present = {key_of(cell) for cell in cells}
        missing = [name for name in wanted if match_key(name) not in present]
        if missing:
            raise refusal(
                source.name,
                f"工作表「{grid.sheet}」缺少列 {'、'.join(missing)}",
                f"第 {row + 1} 行现有的列：{_listed(cells)}",
            )
    layout = _recognise(cells, layouts)
    return _build(source, grid, row, layout, layout.name if layout else "表格")


def read_customers(path: PathLike | bytes, sheet: str | None = None) -> Imported:
    """Read a customer file or a platform's member export.

    Columns get the names of the course's customer file (买家昵称 → 昵称, 交易笔数 → 累计订单数 …);
    columns it does not know are kept. Masked values stay and are reported as 已脱敏.

    Raises
    ------
    WorkbookError
        No workbook, or no column that says who a customer is.
    """
    source = open_source(path)
    grid, row = _find(source, sheet, CUSTOMERS)
    names = {f.name for cell in grid.rows[row] if (f := CUSTOMERS.by_key.get(key_of(cell)))}
    if not names & set(CUSTOMER_IDENTITY):
        raise refusal(
            source.name,
            f"不能按客户档案读取：{'、'.join(CUSTOMER_IDENTITY)} 这些列一个也没有",
            f"第 {row + 1} 行现有的列：{_listed(grid.rows[row])}",
        )
    member = {"平均客单价", "上次交易时间", "关系来源", "交易关闭笔数"} & names
    return _build(source, grid, row, CUSTOMERS, "平台会员导出" if member else CUSTOMERS.name)


def read_orders(path: PathLike | bytes, sheet: str | None = None) -> Imported:
    """Read a Taobao or Tmall order export (ExportOrderList) of any era, masked or not.

    Raises
    ------
    WorkbookError
        No workbook, or columns are missing that an order export has.
    """
    source = open_source(path)
    grid, row = _find(source, sheet, TAOBAO_ORDERS)
    keys = {key_of(cell) for cell in grid.rows[row]}
    names = {f.name for key in keys if (f := TAOBAO_ORDERS.by_key.get(key))}
    eras = (era for era, columns in TAOBAO_ERAS.items() if names.issuperset(columns))
    era = next(eras, "列有增减")
    return _build(source, grid, row, TAOBAO_ORDERS, f"{TAOBAO_ORDERS.name}（{era}）")


def read_order_lines(path: PathLike | bytes, sheet: str | None = None) -> Imported:
    """Read a Taobao or Tmall line export (ExportOrderDetailList, 宝贝报表): one row per line.

    Raises
    ------
    WorkbookError
        No workbook, or columns are missing that a line export has.
    """
    source = open_source(path)
    return _build(source, *_find(source, sheet, TAOBAO_LINES), TAOBAO_LINES, TAOBAO_LINES.name)


def read_jd(path: PathLike | bytes, sheet: str | None = None) -> Imported:
    """Read a JD order export: one row per line, the order id repeats.

    Raises
    ------
    WorkbookError
        No workbook, or columns are missing that a JD export has.
    """
    source = open_source(path)
    return _build(source, *_find(source, sheet, JD_ORDERS), JD_ORDERS, JD_ORDERS.name)


def sheet_names(path: PathLike | bytes) -> list[str]:
    """Names of the worksheets in their order; a text table has one, named after the file.

    Raises
    ------
    WorkbookError
        The file is no workbook.
    """
    return list_sheets(open_source(path))


def _find(source: Source, sheet: str | None, layout: Layout) -> tuple[Grid, int]:
    """The first visible sheet that has all required columns, and its header row."""

    def locate(grid: Grid) -> int | None:
        return find_header(grid, layout.by_key)

    def complete(grid: Grid, row: int) -> bool:
        found = {f.name for c in grid.rows[row] if (f := layout.by_key.get(key_of(c)))}
        return found.issuperset(layout.required)

    grid, row = _pick(source, sheet, locate, f"不能按{layout.name}读取：找不到表头", None, complete)
    cells = grid.rows[row]
    present = {f.name for c in cells if (f := layout.by_key.get(key_of(c)))}
    missing = [name for name in layout.required if name not in present]
    if missing:
        other = _recognise(cells, KNOWN_LAYOUTS)
        if other is not None and other is not layout:
            raise refusal(
                source.name, f"是{other.name}，不是{layout.name}", f"请改用 {other.reader}()"
            )
        raise missing_columns(source.name, grid, layout, cells, missing, row + 1)
    return grid, row


def _pick(
    source: Source,
    sheet: str | None,
    locate: Any,
    complaint: str,
    header: object,
    complete: Any = None,
) -> tuple[Grid, int]:
    grids = load_grids(source, sheet)
    candidates = grids if sheet is not None else [g for g in grids if g.visible] or grids
    found = [(grid, row) for grid in candidates if (row := locate(grid)) is not None]
    best = next((f for f in found if complete is None or complete(*f)), None)
    if best is None and found:
        best = found[0]
    if best is None:
        raise _no_header(source, candidates, complaint, header)
    refuse_merged(*best, source.name)
    return best


def _no_header(
    source: Source, grids: Sequence[Grid], complaint: str, header: object
) -> WorkbookError:
    filled = [grid for grid in grids if any(map(_filled, grid.rows))]
    if not filled:
        return refusal(source.name, "里没有内容（工作表是空的）", "请确认导出时选中了数据")
    if isinstance(header, int):
        rows = max(len(grid.rows) for grid in filled)
        return refusal(source.name, f"没有第 {header} 行", f"它一共有 {rows} 行，行号从 1 开始")
    first = next(filter(_filled, filled[0].rows))
    return refusal(
        source.name,
        complaint,
        f"表头要在前 20 行里，并写着平常的列名。工作表「{filled[0].sheet}」的开头是：{_listed(first)}",
    )


def _recognise(cells: Sequence[Any], layouts: Sequence[Layout]) -> Layout | None:
    """The layout that explains most of the header: all its required columns, half of the names."""
    keys = {key for cell in cells if (key := key_of(cell))}
    best, most = None, 0
    for layout in layouts:
        names = {f.name for key in keys if (f := layout.by_key.get(key))}
        explained = len(keys & layout.by_key.keys())
        if names.issuperset(layout.required) and explained > most and explained * 2 >= len(keys):
            best, most = layout, explained
    return best


def _build(source: Source, grid: Grid, row: int, layout: Layout | None, kind: str) -> Imported:
    return TableBuilder(grid, row, layout).build(f"{kind}，{grid.how}")


def _filled(row: Sequence[Any]) -> bool:
    return any(not isinstance(cell, str) or cell.strip("\ufeff \t\r\n") for cell in row)


def _listed(cells: Sequence[Any]) -> str:
    shown = [str(cell).strip()[:20] for cell in cells if cell != ""]
    return "、".join(shown[:12]) + ("……" if len(shown) > 12 else "") or "（空）"


def read_sheet(path: PathLike | bytes, sheet: str | None = None) -> pd.DataFrame:
    """Read one sheet as it is: the first row gives the names, nothing is judged or changed.

    The counterpart of `crmkit.workbook.write`: a guarding apostrophe is taken off, columns of
    whole numbers are int64, other numbers float64, dates datetime64, text str, empty cells
    missing. (A spreadsheet does not tell 1 from 1.0.)

    Raises
    ------
    WorkbookError
        The file is no workbook, or has no such sheet.
    """
    from crmkit.workbook.plain import plain_frame

    source = open_source(path)
    grids = load_grids(source, sheet)
    if not grids:
        raise refusal(source.name, "里没有工作表")
    return plain_frame(grids[0])
