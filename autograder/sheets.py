"""Reading a student's worksheet the way a judge needs it: rows as cells by column name."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.workbook import Book
from crmkit.workbook.inspect import Cell, Sheet

Row = dict[str, Cell]


def sheet(book: Any, name: str) -> Sheet:
    """A sheet of a handed-in workbook.

    Raises
    ------
    FormError
        The answer is not a workbook.
    WorkbookError
        The workbook has no such sheet.
    """
    if not isinstance(book, Book):
        raise FormError(f"这里要一个工作簿文件，你交的是{forms.kind_of(book)}")
    return book.sheet(name)


def rows(page: Sheet) -> list[Row]:
    """Rows below the header that are not empty.

    Raises
    ------
    FormError
        A column of formulas without results, as programs write them that do not calculate.
    """
    names = page.header()
    found = []
    for r in range(2, page.height + 1):
        row = {n: page.cell(r, c) for c, n in enumerate(names, start=1) if n}
        # a formula that comes to nothing fills no row: it may have been dragged down too far
        if any(cell.text or (cell.formula and cell.value is None) for cell in row.values()):
            found.append(row)
    for name in names:
        if any(row[name].formula and row[name].value is None for row in found if name in row):
            raise FormError(
                f"工作表「{page.name}」的「{name}」列有公式但没有结果：用 Excel、WPS 或 LibreOffice 打开，保存一次再交"
            )
    return found


def need(page: Sheet, *names: str) -> None:
    """Raise FormError unless the sheet has these columns."""
    lacking = [n for n in names if n not in page.header()]
    if lacking:
        shown = "、".join(page.header()) or "（空）"
        raise FormError(f"工作表「{page.name}」缺少列：{'、'.join(lacking)}（第 1 行是：{shown}）")


def same(cell: Cell, expected: Any) -> bool:
    """Whether a cell says what was expected: dates by day, numbers as numbers, text stripped."""
    if forms.missing(expected) or expected == "":
        return cell.text == ""
    if isinstance(expected, dt.date):
        try:
            return cell.text != "" and forms.day(cell.value) == expected
        except (FormError, ValueError, TypeError):
            return False
    if isinstance(expected, (int, float)):
        try:
            return abs(forms.number(cell.value) - expected) < 0.005
        except FormError:
            return False
    return forms.text(cell.text) == forms.text(expected)


def is_day_format(number_format: str) -> bool:
    """yyyy-mm-dd, in the spellings Excel, WPS and LibreOffice store."""
    plain = re.sub(r"\\|\"|\[[^\]]*\]|;@$", "", number_format.lower())
    return plain in ("yyyy-mm-dd", "yyyy-m-d")


def is_fen_format(number_format: str) -> bool:
    """A number with exactly two decimals."""
    plain = re.sub(r"\\|\"|\[[^\]]*\]|[¥￥_\s()-]", "", number_format.split(";")[0])
    return plain in ("0.00", "#,##0.00", "#0.00", "##0.00")
