"""Look at a workbook as it is: sheets, cells, formats, drop-downs, links, freeze and filter.

For judges of workbooks that students made in Excel, WPS, LibreOffice or with openpyxl. Nothing
is cleaned; what programs write differently is told in one way.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from crmkit.workbook.cleaning import unguard_formula
from crmkit.workbook.errors import WorkbookError, refusal
from crmkit.workbook.formats import SAVE_AS_XLSX, PathLike, Source, open_source
from crmkit.workbook.headers import unique_names
from crmkit.workbook.limits import EXCEL_COLUMNS, EXCEL_ROWS, MAX_INSPECTED_CELLS, MAX_SHEETS
from crmkit.workbook.package import BROKEN, check_package, sheet_paths
from crmkit.workbook.plain import plain_series

# East Asian built-in formats, which files name by number only; openpyxl does not know them.
_ASIAN_DATE_FORMATS = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
}
_TEXT_RESULT = "str"  # openpyxl leaves the type as the file has it where there is no value
_LINK_FORMULA = re.compile(r'=\s*HYPERLINK\(\s*"([^"]*)"', re.IGNORECASE)
_PLACE = re.compile(r"^#?(?:\[[^\]]*\])?(?:'((?:[^']|'')+)'|([^'!#]+))!")


@dataclass(frozen=True)
class Cell:
    """One cell. `type` is one of text, number, date, bool, error, empty."""

    row: int
    column: int
    value: Any  # of a formula the stored result: None when there is none, "" for an empty text
    type: str
    number_format: str = "General"  # in one spelling, e.g. "yyyy-mm-dd", "0.00", "@"
    formula: str = ""  # as written, with "="
    link: str = ""  # where a hyperlink leads

    @property
    def text(self) -> str:
        """The value as stripped text; a whole number without ``.0``."""
        if self.value is None:
            return ""
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return unguard_formula(str(self.value)).strip()

    @property
    def linked_sheet(self) -> str:
        """The sheet of this workbook that the hyperlink leads to, or ""."""
        found = _PLACE.match(self.link)
        return (found[1] or found[2]).replace("''", "'") if found else ""


@dataclass(frozen=True)
class Validation:
    """A rule on cells: type "list" has its source in `formula`, its words in `words`."""

    type: str
    cells: str  # e.g. "D2:D72 F2"
    formula: str
    words: tuple[str, ...] = ()

    def covers(self, column: int, first: int, last: int) -> bool:
        """Whether the rule holds for all rows first … last (from 1) of the column (from 1)."""
        from openpyxl.worksheet.cell_range import MultiCellRange

        wanted = set(range(first, last + 1))
        for area in MultiCellRange(self.cells).ranges:
            if area.min_col <= column <= area.max_col:
                wanted -= set(range(max(first, area.min_row), min(last, area.max_row) + 1))
        return not wanted


@dataclass
class Sheet:
    """One worksheet; `cells` holds what is not empty, by (row, column) from 1."""

    name: str
    visible: bool
    cells: dict[tuple[int, int], Cell]
    height: int
    width: int
    freeze: str = ""  # top left cell of the part that scrolls, e.g. "A2"
    filter: str = ""  # range with filter buttons, e.g. "A1:L72"
    validations: tuple[Validation, ...] = ()
    merged: tuple[str, ...] = ()

    def cell(self, row: int, column: int) -> Cell:
        """The cell, also an empty one."""
        return self.cells.get((row, column)) or Cell(row, column, None, "empty")

    def header(self, row: int = 1) -> list[str]:
        """Texts of a row, as far as the last one that is not empty."""
        texts = [self.cell(row, column).text for column in range(1, self.width + 1)]
        while texts and not texts[-1]:
            texts.pop()
        return texts

    def column(self, name: str, header: int = 1) -> list[Cell]:
        """Cells below the header `name`, down to the last row in use.

        Raises
        ------
        WorkbookError
            There is no such column.
        """
        names = self.header(header)
        if name not in names:
            shown = "、".join(names) or "（空）"
            raise WorkbookError(f"工作表「{self.name}」没有列“{name}”，第 {header} 行是：{shown}。")
        place = names.index(name) + 1
        return [self.cell(row, place) for row in range(header + 1, self.height + 1)]

    def frame(self, header: int = 1) -> pd.DataFrame:
        """The sheet below its header, as `crmkit.workbook.read_sheet` gives it."""
        names = [n or f"第 {i} 列" for i, n in enumerate(self.header(header), start=1)]
        columns = {}
        for place, name in enumerate(unique_names(names), start=1):
            cells = [self.cell(row, place) for row in range(header + 1, self.height + 1)]
            columns[name] = plain_series(["" if c.value is None else c.value for c in cells])
        return pd.DataFrame(columns)

    def filter_covers(self, columns: int) -> bool:
        """Whether the filter buttons stand on the first row over columns 1 … `columns`."""
        from openpyxl.utils import range_boundaries

        if not self.filter:
            return False
        left, top, right, _ = range_boundaries(self.filter)
        return top == 1 and left == 1 and right is not None and right >= columns


@dataclass
class Book:
    """A workbook: its worksheets in order."""

    name: str
    sheets: dict[str, Sheet] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Sheet]:
        return iter(self.sheets.values())

    def sheet(self, name: str) -> Sheet:
        """The sheet of this name, spaces around it aside.

        Raises
        ------
        WorkbookError
            There is none; names those there are.
        """
        for sheet in self:
            if sheet.name.strip() == name.strip():
                return sheet
        listed = "、".join(f"「{n}」" for n in self.sheets)
        raise refusal(self.name, f"里没有工作表「{name}」", f"它的工作表有：{listed}")


def inspect(file: PathLike | bytes, name: str = "工作簿.xlsx") -> Book:
    """Open an .xlsx in limits and tell what it is made of.

    Parameters
    ----------
    file
        A path, or the bytes of the file, which messages then call `name`.

    Raises
    ------
    WorkbookError
        It is no .xlsx, broken, or larger than the kit opens.
    """
    source = open_source(file, name)
    if source.kind != "xlsx":
        raise refusal(source.name, "不是 .xlsx 工作簿", SAVE_AS_XLSX)
    facts = check_package(source)
    if len(facts) > MAX_SHEETS:
        words = f"有 {len(facts):,} 张工作表（最多 {MAX_SHEETS} 张）"
        raise refusal(source.name, words, "请只留题目要求的工作表")
    if sum(min(f.area, f.cells) + f.spread for f in facts.values()) > MAX_INSPECTED_CELLS:
        raise refusal(
            source.name,
            f"的单元格太多（最多 {MAX_INSPECTED_CELLS:,} 格）",
            "请删去多余的行列和大片的合并单元格",
        )
    try:
        return _inspect(source)
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers and descriptors raise
        raise refusal(source.name, "已损坏，打不开", BROKEN) from error


def _inspect(source: Source) -> Book:
    formulas = _load(source, results=False)
    results = formulas
    parts = _extended_parts(source)
    book = Book(source.name)
    for page in formulas.worksheets:
        cells: dict[tuple[int, int], Cell] = {}
        for raw in list(page._cells.values()):
            if raw.row > EXCEL_ROWS or raw.column > EXCEL_COLUMNS:
                raise refusal(source.name, "有位置超出 Excel 范围的单元格", BROKEN)
            if raw.data_type == "f" and results is formulas:
                results = _load(source, results=True)
            stored = results[page.title] if raw.data_type == "f" else page
            cell = _cell(raw, stored)
            if cell.type != "empty" or cell.link or cell.formula:
                cells[raw.row, raw.column] = cell
        book.sheets[page.title] = Sheet(
            page.title,
            page.sheet_state == "visible",
            cells,
            height=max((row for row, _ in cells), default=0),
            width=max((column for _, column in cells), default=0),
            freeze=_freeze(page),
            filter=_filter(page),
            validations=(*_validations(page), *_extended_validations(page, parts)),
            merged=tuple(str(area) for area in page.merged_cells.ranges),
        )
    return book


def _load(source: Source, results: bool) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts it does not know are of no interest here
        return load_workbook(io.BytesIO(source.data), data_only=results, keep_links=False)


def _cell(raw: Any, stored: Any) -> Cell:
    formula, value = "", raw.value
    if raw.data_type == "f":
        formula = value if isinstance(value, str) else f"={getattr(value, 'text', '') or ''}"
        raw = stored.cell(raw.row, raw.column)
        value = raw.value
        if value is None and raw.data_type == _TEXT_RESULT:
            value = ""  # it was computed, and comes to nothing: =IF(D2="","",…)
    format = _plain_format(raw.number_format)
    asian = _ASIAN_DATE_FORMATS.get(raw._style.numFmtId)
    if asian:
        format = asian
        if isinstance(value, (int, float)) and 0 < value < 2_958_466:
            from openpyxl.utils.datetime import from_excel

            value = from_excel(value)
    link = ""
    if raw.hyperlink is not None:
        link = raw.hyperlink.location or raw.hyperlink.target or ""
    elif formula:
        found = _LINK_FORMULA.match(formula)
        link = found[1] if found else ""
    return Cell(raw.row, raw.column, value, _type(raw, value), format, formula, link)


def _plain_format(format: str) -> str:
    """One spelling: Excel writes yyyy\\-mm\\-dd;@ and 0.00_ where others write yyyy-mm-dd, 0.00."""
    plain = re.sub(r"\[\$-[^\]]*\]|_.", "", format)
    plain = re.sub(r"\\(.)", r"\1", plain).removesuffix(";@").strip()
    return plain.lower() if re.fullmatch(r"[ymdhs\-/:. ]+", plain, re.IGNORECASE) else plain


def _type(raw: Any, value: Any) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return "date"
    if isinstance(value, (int, float)):
        return "number"
    return "error" if raw.data_type == "e" else "text"


def _freeze(page: Any) -> str:
    """Computed from the split: the pane's own cell moves when somebody scrolls before saving."""
    from openpyxl.utils import get_column_letter

    pane = page.sheet_view.pane
    if pane is None or pane.state not in ("frozen", "frozenSplit"):
        return ""
    return f"{get_column_letter(int(pane.xSplit or 0) + 1)}{int(pane.ySplit or 0) + 1}"


def _filter(page: Any) -> str:
    """Of the sheet, or of a table on it (Excel's 套用表格格式)."""
    if page.auto_filter.ref:
        return str(page.auto_filter.ref).replace("$", "")
    tables = (table for table in page.tables.values() if table.autoFilter is not None)
    return next((str(table.autoFilter.ref or table.ref) for table in tables), "")


def _validations(page: Any) -> Iterator[Validation]:
    for rule in page.data_validations.dataValidation:
        formula = rule.formula1 or ""
        yield Validation(rule.type or "none", str(rule.sqref), formula, _words(page, formula))


def _words(page: Any, formula: str) -> tuple[str, ...]:
    """Words of a drop-down, written in the rule or standing in cells."""
    if formula.startswith('"'):
        return tuple(word.strip() for word in formula.strip('"').split(","))
    found = re.fullmatch(r"=?(?:(.+)!)?(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)", formula)
    if not found:
        return ()
    title = (found[1] or "").strip("'").replace("''", "'") or page.title
    if title not in page.parent.sheetnames:
        return ()
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(found[2].replace("$", ""))
    if (right or 0) - (left or 0) > 100 or (bottom or 0) - (top or 0) > 10_000:
        return ()
    rows = page.parent[title].iter_rows(top, bottom, left, right, values_only=True)
    return tuple(str(value) for row in rows for value in row if value is not None)


def _extended_parts(source: Source) -> dict[str, bytes]:
    """XML of the sheets that have rules in Excel's extension of 2010, by sheet name."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(source.data)) as package:
        present = set(package.namelist())
        for sheet, path in sheet_paths(source).items():
            part = package.read(path) if path in present else b""
            if b"/2009/9/main" in part and b"dataValidation" in part:
                parts[sheet] = part
    return parts


def _extended_validations(page: Any, parts: dict[str, bytes]) -> Iterator[Validation]:
    """Rules that look at another sheet: Excel writes them where openpyxl does not read."""
    if page.title not in parts:
        return
    for node in ElementTree.fromstring(parts[page.title]).iter():
        if not node.tag.endswith("/2009/9/main}dataValidation"):
            continue
        inner = {child.tag.rpartition("}")[2]: "".join(child.itertext()).strip() for child in node}
        formula = inner.get("formula1", "")
        yield Validation(
            node.get("type", "none"), inner.get("sqref", ""), formula, _words(page, formula)
        )
