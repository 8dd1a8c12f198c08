"""LibreOffice Calc under a student's hand, driven from outside through its own bridge (UNO).

No macro runs and no file but the open ones is touched. Needs the Python that comes with
LibreOffice (Debian: python3-uno), which need not have the course's libraries.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uno

EXCEL, TEXT = "Calc MS Excel 2007 XML", "Text - txt - csv (StarCalc)"
# What a column of a text file is read as, and what conditions of a filter are called.
AS_FOUND, AS_TEXT, AS_DAY = 1, 2, 5
EQUAL, NOT_EQUAL, LEAST, MOST = "EQUAL", "NOT_EQUAL", "GREATER_EQUAL", "LESS_EQUAL"
DAY, MONEY, WORDS = "YYYY-MM-DD", "0.00", "@"
PATIENCE = 240  # seconds until LibreOffice has started or ended, on a busy machine


def struct(name: str, **values: Any) -> Any:
    made = uno.createUnoStruct(f"com.sun.star.{name}")
    for key, value in values.items():
        setattr(made, key, value)
    return made


def options(**values: Any) -> tuple[Any, ...]:
    return tuple(struct("beans.PropertyValue", Name=k, Value=v) for k, v in values.items())


def choice(kind: str, name: str) -> Any:
    return uno.Enum(f"com.sun.star.{kind}", name)


def letter(place: int) -> str:
    """The name of a column, counted from 0."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


@contextmanager
def running(program: str, profile: Path) -> Iterator[Office]:
    """LibreOffice without a window, with a profile of its own; ended in the end."""
    pipe = f"crmkit-{os.getpid()}"
    process = subprocess.Popen(
        [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
         "--nologo", f"--accept=pipe,name={pipe};urp"], start_new_session=True,
    )  # fmt: skip
    try:
        office = Office(_context(pipe))
        yield office
        office.desktop.terminate()
        process.wait(PATIENCE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _context(pipe: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # not yet; what is raised has no Python class before it is raised
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


class Office:
    """The running program."""

    def __init__(self, context: Any) -> None:
        make = context.ServiceManager.createInstanceWithContext
        self.desktop = make("com.sun.star.frame.Desktop", context)
        self.dispatcher = make("com.sun.star.frame.DispatchHelper", context)

    def open(self, path: Path) -> Book:
        return self._load(path.as_uri())

    def open_text(self, path: Path, kinds: Sequence[int]) -> Book:
        """A CSV file (UTF-8), each column read as what it is said to be."""
        columns = "/".join(f"{n}/{kind}" for n, kind in enumerate(kinds, start=1))
        return self._load(path.as_uri(), FilterName=TEXT, FilterOptions=f"44,34,76,1,{columns}")

    def _load(self, url: str, **how: Any) -> Book:
        return Book(self, self.desktop.loadComponentFromURL(url, "_blank", 0, options(**how)))


class Book:
    """An open workbook."""

    def __init__(self, office: Office, document: Any) -> None:
        self.office, self.document = office, document

    def sheet(self, name: str = "") -> Sheet:
        sheets = self.document.Sheets
        return Sheet(self, sheets.getByName(name) if name else sheets.getByIndex(0))

    def add(self, name: str) -> Sheet:
        sheets = self.document.Sheets
        sheets.insertNewByName(name, sheets.Count)
        return self.sheet(name)

    def take_over(self, other: Book, name: str) -> Sheet:
        """The first sheet of another open workbook, copied to the end of this one."""
        other.sheet().name = name
        self.document.Sheets.importSheet(other.document, name, self.document.Sheets.Count)
        other.close()
        return self.sheet(name)

    def format_code(self, code: str) -> int:
        formats, locale = self.document.NumberFormats, struct("lang.Locale")
        found = int(formats.queryKey(code, locale, False))
        return found if found >= 0 else int(formats.addNew(code, locale))

    def press(self, sheet: Sheet, area: str, command: str) -> None:
        """Select an area and choose a command of the menu."""
        controller = self.document.CurrentController
        controller.setActiveSheet(sheet.page)
        controller.select(sheet.range(area))
        self.office.dispatcher.executeDispatch(controller.Frame, f".uno:{command}", "", 0, ())

    def save(self, path: Path) -> None:
        self.document.calculateAll()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.document.storeToURL(path.as_uri(), options(FilterName=EXCEL))

    def close(self) -> None:
        self.document.close(True)


class Sheet:
    """One worksheet; its first row names the columns."""

    def __init__(self, book: Book, page: Any) -> None:
        self.book, self.page = book, page

    @property
    def name(self) -> str:
        return str(self.page.Name)

    @name.setter
    def name(self, name: str) -> None:
        self.page.setName(name)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns in use."""
        cursor = self.page.createCursor()
        cursor.gotoEndOfUsedArea(False)
        return cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1

    @property
    def rows(self) -> int:
        return self.size[0]

    @property
    def header(self) -> list[str]:
        return [
            str(x) for x in self.page.getCellRangeByPosition(0, 0, self.size[1] - 1, 0).DataArray[0]
        ]

    def range(self, area: str) -> Any:
        return self.page.getCellRangeByName(area)

    def column(self, name: str) -> str:
        """The letter of a column."""
        return letter(self.header.index(name))

    def area(self, name: str, *, absolute: bool = True) -> str:
        """The cells of a column below its name, as a formula on any sheet calls them."""
        at = self.column(name)
        return f"$'{self.name}'.${at}$2:${at}${self.rows}" if absolute else f"{at}2:{at}{self.rows}"

    def everything(self) -> str:
        rows, columns = self.size
        return f"A1:{letter(columns - 1)}{rows}"

    # --- typing and dragging ----------------------------------------------------------------------
    def type(self, place: str, text: str) -> None:
        """Type into a cell, as a formula, a number, a day or words."""
        self.range(place).FormulaLocal = text

    def put(self, place: str, table: Sequence[Sequence[Any]]) -> None:
        """Paste values, the upper left one into `place`."""
        corner = self.range(place).CellAddress
        right, below = corner.Column + len(table[0]) - 1, corner.Row + len(table) - 1
        target = self.page.getCellRangeByPosition(corner.Column, corner.Row, right, below)
        target.DataArray = tuple(map(tuple, table))

    def values(self, area: str) -> list[tuple[Any, ...]]:
        return list(self.range(area).DataArray)

    def add_column(self, name: str, formula: str, rows: int = 0) -> str:
        """A new column on the right: its name, a formula in row 2, dragged down to the last row."""
        rows, at = rows or self.rows, letter(self.size[1])
        self.range(f"{at}1").String = name
        self.fill(at, formula, rows)
        return at

    def fill(self, column: str, formula: str, last: int, first: int = 2) -> None:
        self.range(f"{column}{first}").Formula = formula
        if last > first:
            down = choice("sheet.FillDirection", "TO_BOTTOM")
            self.range(f"{column}{first}:{column}{last}").fillAuto(down, 1)

    def show_as(self, area: str, code: str) -> None:
        self.range(area).NumberFormat = self.book.format_code(code)

    # --- the data menu ----------------------------------------------------------------------------
    def filter_to(self, target: Sheet, *conditions: tuple[str, str, str | float]) -> None:
        """Copy the rows that meet all conditions (standard filter, results to another sheet)."""
        source, header = self.range(self.everything()), self.header
        asked = source.createFilterDescriptor(True)
        fields = []
        for name, how, value in conditions:
            given: dict[str, Any] = {"IsNumeric": not isinstance(value, str)}
            given["StringValue" if isinstance(value, str) else "NumericValue"] = value
            operator = choice("sheet.FilterOperator", how)
            fields.append(
                struct(
                    "sheet.TableFilterField", Field=header.index(name), Operator=operator, **given
                )
            )
        asked.ContainsHeader = asked.CopyOutputData = True
        asked.OutputPosition = target.range("A1").CellAddress
        asked.setFilterFields(tuple(fields))
        source.filter(asked)

    def sort(self, *keys: tuple[str, bool]) -> None:
        """Sort below the header by columns; True is ascending. Words in the order of pinyin."""
        header, locale = self.header, struct("lang.Locale", Language="zh", Country="CN")
        fields = tuple(
            struct("table.TableSortField", Field=header.index(name), IsAscending=up,
                   CollatorLocale=locale, CollatorAlgorithm="pinyin")
            for name, up in keys
        )  # fmt: skip
        wanted = uno.Any("[]com.sun.star.table.TableSortField", fields)
        self.range(self.everything()).sort(options(ContainsHeader=True, SortFields=wanted))

    def drop_down(self, area: str, words: Sequence[str]) -> None:
        """Data → validity → list."""
        cells = self.range(area)
        rule = cells.Validation
        rule.Type = choice("sheet.ValidationType", "LIST")
        rule.setFormula1(";".join(f'"{word}"' for word in words))
        cells.Validation = rule

    def freeze(self, columns: int, rows: int) -> None:
        controller = self.book.document.CurrentController
        controller.setActiveSheet(self.page)
        controller.freezeAtPosition(columns, rows)

    def link(self, place: str, words: str, target: str) -> None:
        """Insert → hyperlink → in this document."""
        field = self.book.document.createInstance("com.sun.star.text.TextField.URL")
        field.URL, field.Representation = target, words
        cell = self.range(place)
        cell.insertTextContent(cell.createTextCursor(), field, False)

    def pivot(self, target: Sheet, row: str, column: str, data: dict[str, str]) -> None:
        """Insert → pivot table; `data`: column → what is made of it (COUNT, SUM)."""
        tables = target.page.DataPilotTables
        asked = tables.createDataPilotDescriptor()
        asked.setSourceRange(self.range(self.everything()).RangeAddress)
        fields = asked.DataPilotFields
        for name, place in ((row, "ROW"), (column, "COLUMN")):
            fields.getByName(name).Orientation = choice("sheet.DataPilotFieldOrientation", place)
        for name, function in data.items():
            field = fields.getByName(name)
            field.Orientation = choice("sheet.DataPilotFieldOrientation", "DATA")
            field.Function = choice("sheet.GeneralFunction", function)
        tables.insertNewByName("透视", target.range("A1").CellAddress, asked)

    def bar_chart(self, area: str, title: str, across: str, upwards: str) -> None:
        """Insert → chart: columns over the first column of the area, with three titles."""
        place = struct("awt.Rectangle", X=8000, Y=500, Width=24000, Height=9000)
        cells = (self.range(area).RangeAddress,)
        self.page.Charts.addNewByName("图", place, cells, True, True)
        chart = self.page.Charts.getByName("图").EmbeddedObject
        chart.HasMainTitle, chart.HasLegend = True, False
        chart.Title.String = title
        plot = chart.Diagram
        plot.HasXAxisTitle = plot.HasYAxisTitle = True
        plot.XAxisTitle.String, plot.YAxisTitle.String = across, upwards
