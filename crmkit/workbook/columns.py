"""Prepare the columns of a frame for a workbook: plain values, their format, and complaints."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd

from crmkit.workbook.cleaning import drop_control_characters, guard_formula
from crmkit.workbook.errors import WorkbookError
from crmkit.workbook.limits import EXCEL_CELL_CHARACTERS
from crmkit.workbook.values import EXACT_DIGITS

TEXT_FORMAT = "@"
DATE_FORMAT = "yyyy-mm-dd"
TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
MONEY_FORMAT = "0.00"
GENERAL_FORMAT = "General"
# Excel counts a 29 February 1900 that never was; programs disagree about the days before it.
_FIRST_DAY = dt.datetime(1900, 3, 1)
_WIDEST, _NARROWEST = 60, 6
# Readers take _x0041_ in a cell for an escaped character, so the underscore is escaped itself.
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass
class PreparedColumn:
    """Values as a workbook stores them (None: empty cell), and how they are shown."""

    name: str
    values: list[Any]
    format: str = GENERAL_FORMAT
    mended: list[int] = field(default_factory=list)  # rows of the frame (from 0)

    @property
    def width(self) -> int:
        """Width for the column, in characters; Chinese ones count two. Plus the filter's arrow."""
        widest = max(map(self._shown_width, self.values), default=0)
        return min(_WIDEST, max(_NARROWEST, widest + 2, display_width(self.name) + 4))

    def _shown_width(self, value: Any) -> int:
        if value is None:
            return 0
        if isinstance(value, dt.datetime):
            return len(self.format)
        if isinstance(value, float) and self.format == MONEY_FORMAT:
            return len(f"{value:.2f}")
        return max(map(display_width, str(value).split("\n")))


def display_width(text: str) -> int:
    """Columns a text takes on screen: wide characters count two.

    >>> display_width("茶 tea")
    6
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def prepare_text(text: str) -> str:
    """The text as it is stored in a cell: storable, and no program reads it as a formula."""
    return _ESCAPE_LIKE.sub("_x005F_", guard_formula(drop_control_characters(text)))


class ColumnPreparer:
    """Prepares columns of one sheet; `ids`, `dates` and `money` are column names."""

    def __init__(
        self, sheet: str, ids: Collection[str], dates: Collection[str], money: Collection[str]
    ) -> None:
        self.sheet = sheet
        self.ids, self.dates, self.money = set(ids), set(dates), set(money)

    def prepare(self, label: Any, series: pd.Series) -> PreparedColumn:
        """Values and format of one column.

        Raises
        ------
        WorkbookError
            A value cannot be stored; names sheet, column and row (2 is the first below the header).
        """
        name = str(label)
        column = PreparedColumn(drop_control_characters(name), [])
        raw = series.astype(object).tolist()
        convert: Callable[[Any, str, int], Any]
        if name in self.ids:
            column.format, convert = TEXT_FORMAT, self._id
        elif name in self.money:
            column.format, convert = MONEY_FORMAT, self._money
        elif name in self.dates:
            column.format, convert = DATE_FORMAT, self._date
        else:
            convert = self._any
        for place, value in enumerate(raw):
            if isinstance(value, np.generic):
                value = value.item()
            if _missing(value):
                column.values.append(None)
                continue
            stored = convert(value, name, place)
            if isinstance(value, str) and drop_control_characters(value) != _lines(value):
                column.mended.append(place)
            column.values.append(stored)
        if column.format == GENERAL_FORMAT:
            moments = [v for v in column.values if isinstance(v, dt.datetime)]
            if moments:
                whole_days = all(m.time() == dt.time() for m in moments)
                column.format = DATE_FORMAT if whole_days else TIME_FORMAT
        return column

    def _complain(self, name: str, place: int, what: str) -> WorkbookError:
        return WorkbookError(f"写入工作表「{self.sheet}」：列“{name}”第 {place + 2} 行{what}")

    def _any(self, value: Any, name: str, place: int) -> Any:
        if isinstance(value, str):
            return self._text(value, name, place)
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            if abs(value) >= 10**EXACT_DIGITS:
                raise self._complain(
                    name, place, f"的 {value} 超过 15 位，Excel 会丢掉末几位。请把这一列写进 ids="
                )
            return value
        if isinstance(value, (float, Decimal)):
            return self._finite(float(value), name, place)
        if isinstance(value, dt.date):
            return self._moment(value, name, place)
        raise self._complain(
            name, place, f"是 {type(value).__name__}，工作簿里放不下。请先转成文字或数字"
        )

    def _text(self, value: str, name: str, place: int) -> str | None:
        text = prepare_text(value)
        if len(text) * 2 > EXCEL_CELL_CHARACTERS:
            units = len(text.encode("utf-16-le", "surrogatepass")) // 2
            if units > EXCEL_CELL_CHARACTERS:
                raise self._complain(
                    name,
                    place,
                    f"有 {units:,} 个字，一个单元格最多 {EXCEL_CELL_CHARACTERS:,} 个。请缩短",
                )
        return text or None

    def _id(self, value: Any, name: str, place: int) -> str | None:
        if isinstance(value, str):
            return self._text(value, name, place)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._complain(name, place, f"的 {value!r} 不能作编号，请先转成文字")
        if isinstance(value, float) and (abs(value) >= 2**53 or not value.is_integer()):
            raise self._complain(
                name, place, f"的 {value!r} 是小数或已丢失末位，不能作编号。读入时请按文本读"
            )
        return self._text(str(int(value)), name, place)

    def _money(self, value: Any, name: str, place: int) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            raise self._complain(name, place, f"的 {value!r} 不是金额（数字）")
        self._finite(float(value), name, place)
        try:
            exact = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        except InvalidOperation as error:
            raise self._complain(name, place, f"的 {value!r} 太大，不是金额") from error
        return float(exact) + 0.0

    def _finite(self, value: float, name: str, place: int) -> float:
        if value in (float("inf"), float("-inf")):
            raise self._complain(name, place, "是无穷大（多半除以了 0），工作簿里放不下")
        return value

    def _date(self, value: Any, name: str, place: int) -> dt.datetime:
        if not isinstance(value, dt.date):
            raise self._complain(name, place, f"的 {value!r} 不是日期。请先用 pd.to_datetime 转换")
        moment = self._moment(value, name, place)
        if moment.time() != dt.time():
            raise self._complain(name, place, f"的 {moment} 带有钟点。只要日期请先 .dt.normalize()")
        return moment

    def _moment(self, value: dt.date, name: str, place: int) -> dt.datetime:
        if isinstance(value, pd.Timestamp):
            value = value.to_pydatetime(warn=False)
        if isinstance(value, dt.datetime):
            if value.tzinfo is not None:
                raise self._complain(
                    name, place, "的时间带有时区，工作簿里放不下。请先 .dt.tz_localize(None)"
                )
        else:
            value = dt.datetime(value.year, value.month, value.day)
        if value < _FIRST_DAY:
            raise self._complain(name, place, f"的 {value.date()} 早于 1900-03-01，Excel 放不下")
        return value.replace(microsecond=0)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value or value == ""


def _lines(text: str) -> str:
    """Line breaks unified: that alone is not worth a warning."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
