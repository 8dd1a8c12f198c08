"""One worksheet of the gradebook: cells with formulas whose values are known, and a printable form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

TEAL = "0F766E"
FONT = "Microsoft YaHei"
MARK, HUNDREDTHS = "0.0#", "0.00"
MAX_TEXT = 32_000  # Excel's limit for one cell is 32,767

_thin = Side(style="thin", color="E2E8F0")
_BORDER = Border(bottom=_thin, right=_thin)
_AMBER, _RED, _GREY = (PatternFill("solid", start_color=c) for c in ("FEF3C7", "FEE2E2", "E5E7EB"))
_FILLS = {
    "head": PatternFill("solid", start_color=TEAL),
    "note": PatternFill("solid", start_color="F1F5F9"),
    "sum": PatternFill("solid", start_color="F0FDFA"),
    **dict.fromkeys(("待批", "待人工批阅", "不能评分", "未评分", "未录入", "暂定"), _AMBER),
    **dict.fromkeys(("未交", "缺考", "旷课", "缺交", "旷考", "作弊", "不及格"), _RED),
    **dict.fromkeys(("免做", "免考", "免修", "缓考"), _GREY),
}


@dataclass(frozen=True)
class Formula:
    """A live formula and the value it has now, for readers that do not compute."""

    text: str
    value: float | str


class Page:
    """A worksheet that is filled row by row.

    Parameters
    ----------
    book : Workbook
        openpyxl's workbook.
    name, title : str
        Name of the sheet; the heading in its first row.
    widths : sequence of float
        Column widths in characters.
    form : str
        Number format of the data.
    """

    def __init__(
        self, book: Workbook, name: str, title: str, widths: Sequence[float], form: str = MARK
    ) -> None:
        self.sheet = book.create_sheet(name)
        self.formulas: dict[str, float | str] = {}
        for n, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(n)].width = width
        self.width = len(widths)
        self.form = form
        self.row = 1
        self._put(1, 1, title, Font(name=FONT, size=15, bold=True, color=TEAL), None, "left")
        self.sheet.row_dimensions[1].height = 26
        self.row = 2

    @property
    def name(self) -> str:
        return str(self.sheet.title)

    def remark(self, text: str, *, warning: bool = False) -> None:
        """A grey line of text over the whole width; amber for a warning."""
        font = Font(name=FONT, size=9, color="B45309" if warning else "64748B", bold=warning)
        self.row = max(self.row, 2)
        self._put(self.row, 1, text, font, None, "left")
        self.sheet.cell(self.row, 1).border = Border()
        self.row += 1

    def head(
        self, values: Sequence[Any], *, height: float = 20, upright: Sequence[int] = ()
    ) -> None:
        """The header row: coloured, the filter's row, repeated on each printed page."""
        font = Font(name=FONT, size=10, bold=True, color="FFFFFF")
        for n, value in enumerate(values, start=1):
            self._put(self.row, n, value, font, "head", "center", wrap=n not in upright)
            if n in upright:
                self.sheet.cell(self.row, n).alignment = Alignment(
                    horizontal="center", vertical="bottom", text_rotation=90
                )
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1

    def above(self, values: Sequence[Any], *, height: float = 18, form: str = MARK) -> None:
        """A row of notes over the header: titles, points, averages."""
        font = Font(name=FONT, size=9, color="334155")
        for n, value in enumerate(values, start=1):
            self._put(self.row, n, value, font, "note", "center", wrap=True, form=form)
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1

    def line(
        self, values: Sequence[Any], *, text: int = 0, forms: Mapping[int, str] | None = None,
        sums: Sequence[int] = (), left: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """A row of data. `text` columns from the left are text, `sums` are emphasised."""
        for n, value in enumerate(values, start=1):
            bold = n in sums
            font = Font(name=FONT, size=10, bold=bold, color="0F172A")
            shown = value.value if isinstance(value, Formula) else value
            fill = shown if isinstance(shown, str) and shown in _FILLS else "sum" if bold else None
            align = "left" if n <= text or n in left else "center"
            form = "@" if n <= text else (forms or {}).get(n, self.form)
            self._put(self.row, n, value, font, fill, align, wrap=n in left, form=form)
        lines = max((self._lines(n, values[n - 1]) for n in left), default=1)
        self.sheet.row_dimensions[self.row].height = 15.5 + 13 * (lines - 1)
        self.row += 1

    def _lines(self, column: int, value: Any) -> int:
        """Lines that a wrapped text needs; a Chinese character is two wide."""
        room = (self.sheet.column_dimensions[get_column_letter(column)].width or 10) * 1.1 - 1
        texts = str(value).split("\n")
        return sum(max(1, -(-_width(t) // int(room))) for t in texts)

    def finish(self, first: int, *, frozen: int, last: int | None = None) -> None:
        """Freeze, filter and print set-up; `first` is the first row of data."""
        sheet, last = self.sheet, max(last or self.row - 1, first)
        end = get_column_letter(self.width)
        sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{first}"
        sheet.auto_filter.ref = f"A{first - 1}:{end}{last}"
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = f"{first - 1}:{first - 1}"
        sheet.print_options.horizontalCentered = True
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.8, 0.4
        for part, words in (
            (sheet.oddFooter.left, self.name),
            (sheet.oddFooter.right, "第 &P 页，共 &N 页"),
        ):
            part.text, part.size = words, 9

    def _put(
        self, row: int, column: int, value: Any, font: Font, fill: str | None, align: str,
        *, wrap: bool = False, form: str = "General",
    ) -> None:  # fmt: skip
        cell = self.sheet.cell(row, column)
        if isinstance(value, Formula):
            cell.value = "=" + value.text
            self.formulas[cell.coordinate] = value.value
        elif isinstance(value, str):
            cell.value = clean_text(value)
            cell.data_type = "s"  # a name like "=1+1" stays a name
        else:
            cell.value = value
        cell.font, cell.number_format = font, form
        cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=wrap)
        if fill in _FILLS:
            cell.fill = _FILLS[fill]
        if fill is not None or row >= 3:
            cell.border = _BORDER


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def clean_text(text: str) -> str:
    """Text that a workbook may hold.

    >>> clean_text("a\\x00b")
    'ab'
    """
    return ILLEGAL_CHARACTERS_RE.sub("", re.sub(r"\r\n?", "\n", text))[:MAX_TEXT]
