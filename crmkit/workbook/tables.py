"""Turn a raw grid into a clean frame and its report, column by column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from typing import Any

import pandas as pd

from crmkit.workbook.cleaning import match_key
from crmkit.workbook.grid import Grid
from crmkit.workbook.headers import key_of, unique_names
from crmkit.workbook.imported import WHOLE_ROW, Event, Imported, make_report
from crmkit.workbook.layouts import Field, Layout
from crmkit.workbook.values import (
    CHECK,
    CONVERTERS,
    EXACT_DIGITS,
    MENDED,
    REFUSED,
    Outcome,
    to_number,
    to_text,
    to_time,
)

_TOTALS = frozenset(map(match_key, ("合计", "总计", "小计", "汇总", "total")))
_PANDAS_INDEX = re.compile(r"unnamed:\d+")
_ID_LIKE = re.compile(
    r"编号|编码|代码|单号|号$|号码|账号|帐号|电话|手机|邮编|身份证|id$", re.IGNORECASE
)
_AMOUNT_LIKE = re.compile(r"金额|[价费元额率]$|比例|平均")  # decimals, also when all are whole
_LEADING_ZERO = re.compile(r"'?[+-]?0\d+$")
# Ids whose digits from the 16th on are all zero: one in a thousand is chance, a share is loss.
_SUSPICIOUS_SHARE = 0.05
_LOST_SHARE = 0.5
# Most cells need no cleaning. A text that fits its pattern is what its converter would make of it,
# found out in a tenth of the time.
_WORD = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]+")
_ALL_WORDS = re.compile(f"(?:{_WORD.pattern}\n)*+").fullmatch
_TEXT = (
    r"(?!(?i:null)(?:\n|\Z))[0-9A-Za-z\u4e00-\u9fff]"
    r"(?:[0-9A-Za-z\u4e00-\u9fff ,.-]*[0-9A-Za-z\u4e00-\u9fff])?"
)
_ID = r"(?!(?i:null|none|nan)(?:\n|\Z))[0-9A-Za-z]+"
_MOBILE = r"1(?:3[0-9]|5[0-35-9]|7[0-35-8]|8[0-9]|9[0-35-9])[0-9]{8}"
_PATTERNS = {"text": _TEXT, "person": _TEXT, "id": _ID, "phone": _ID, "mobile": _MOBILE}
_PLAIN = {kind: re.compile(pattern).fullmatch for kind, pattern in _PATTERNS.items()}
_ALL_PLAIN = {kind: re.compile(f"(?:{p}\n)*+").fullmatch for kind, p in _PATTERNS.items()}
_NUMBERS = frozenset((bool, int, float))
_NOTHING = Outcome(None)


class TableBuilder:
    """Builds one Imported; the header row is `header` (from 0) of `grid`."""

    def __init__(self, grid: Grid, header: int, layout: Layout | None) -> None:
        self.grid = grid
        self.header = header
        self.layout = layout
        self.events: list[Event] = []
        self.columns: list[tuple[int, Field | None, str]] = []  # place, known field, name
        self.body: list[tuple[int, Sequence[Any]]] = []  # Excel row, cells
        self.width = 0
        self._columns: list[tuple[Any, ...]] | None = None

    def build(self, source: str, notes: Sequence[str] = ()) -> Imported:
        """Read header and rows; the frame has a RangeIndex."""
        self._collect_rows()
        self._name_columns()
        self._remark_merged()
        series: dict[str, pd.Series] = {}
        key_values: list[Any] = []
        for place, field, name in self.columns:
            kind = field.kind if field else self._guess_kind(place, name)
            values = self._convert(place, name, kind, field)
            if kind == "id":
                self._check_lost_digits(place, name, values)
            if self.layout and self.layout.key == name:
                key_values = values
            series[name] = _series(values, kind)
        frame = pd.DataFrame(series, columns=[name for _, _, name in self.columns])
        if key_values:
            frame = self._refuse_keyless(frame, key_values)
        if self.layout and self.layout.unique:
            frame = self._refuse_repeated(frame)
        report = make_report(self.grid.sheet, self.events)
        rows = tuple(number for number, _ in self.body)
        return Imported(frame, report, source, (*self.grid.notes, *notes), rows)

    # rows

    def _collect_rows(self) -> None:
        names = self.grid.rows[self.header]
        header_keys = [key_of(cell) for cell in names]
        below = self.grid.rows[self.header + 1 :]
        plain = bool(names) and {*map(len, below)} == {len(names)}
        if plain and _plain_starts(below, {*header_keys, *_TOTALS}):
            self.body = list(enumerate(below, start=self.header + 2))
            self.width = len(names)
            return
        filled = list(map(_first_filled, below))
        # lines of a text table may all end in a separator more than the header does
        lengths = Counter(
            len(row) for row, first in zip(below, filled, strict=True) if first is not None
        )
        most, times = lengths.most_common(1)[0] if lengths else (0, 0)
        usual = max(len(names), most if times * 2 > lengths.total() else 0)
        for number, (row, first) in enumerate(
            zip(below, filled, strict=True), start=self.header + 2
        ):
            if first is None:
                continue
            key = _row_key(first)
            if len(row) > usual:
                reason = f"这一行有 {len(row)} 格，表头只有 {len(names)} 列（多半有分隔符没加引号）"
                self._refuse_row(number, row, reason)
            elif (
                key in header_keys  # all the others need not be looked at for most rows
                and len(row) >= len(names)
                and all(key_of(cell) == k for cell, k in zip(row, header_keys, strict=False))
            ):
                self._refuse_row(number, row, "重复的表头")
            elif key in _TOTALS:
                self._refuse_row(number, row, "合计行，不是数据")
            else:
                if len(row) < len(names):
                    reason = f"这一行只有 {len(row)} 格，表头有 {len(names)} 列，缺的按空值处理"
                    self._add(number, -1, WHOLE_ROW, _shown(row), CHECK, reason)
                self.body.append((number, row))
        self.width = usual

    def _refuse_row(self, number: int, row: Sequence[Any], reason: str) -> None:
        self._add(number, -1, WHOLE_ROW, _shown(row), REFUSED, reason)

    def _add(self, row: int, place: int, column: str, raw: Any, action: str, reason: str) -> None:
        self.events.append(Event(row, place, column, raw, action, reason))

    # header

    def _name_columns(self) -> None:
        cells = self.grid.rows[self.header]
        chosen: list[tuple[int, Field | None, str]] = []
        keys = set(map(key_of, cells))
        used: set[str] = set()
        for place in range(self.width):
            cell = cells[place] if place < len(cells) else ""
            key = key_of(cell)
            if (not key and (cell == "" or isinstance(cell, str))) or _PANDAS_INDEX.fullmatch(key):
                self._remark_nameless(place, cell)
                continue
            field = self.layout.by_key.get(key) if self.layout else None
            if field is not None and (field.name in used or _stands_beside(field, key, keys)):
                field = None
            name = field.name if field else _plain_name(cell)
            if field:
                used.add(field.name)
            chosen.append((place, field, name))
        # known fields keep their names, whatever stands before them
        ordered = sorted(range(len(chosen)), key=lambda i: (chosen[i][1] is None, i))
        unique = unique_names([chosen[i][2] for i in ordered])
        for i, name in zip(ordered, unique, strict=True):
            place, field, _ = chosen[i]
            chosen[i] = (place, field, name)
            if isinstance(cells[place], str) and cells[place] != name:
                self._remark_renamed(place, cells[place], name)
        self.columns = chosen

    def _remark_nameless(self, place: int, cell: Any) -> None:
        values = [row[place] for _, row in self.body if place < len(row)]
        if all(map(_blank, values)):
            return
        numbered = [to_number(v).value for v in values] == list(range(len(values)))
        action = MENDED if place == 0 and numbered else CHECK
        reason = "没有列名的行号列，没有读入" if action == MENDED else "这一列没有列名，没有读入"
        self._add(self.header + 1, place, f"（第 {place + 1} 列）", cell, action, reason)

    def _remark_renamed(self, place: int, cell: Any, name: str) -> None:
        plain = _plain_name(cell)
        if name != plain and name.startswith(plain + "."):
            action, reason = CHECK, "列名重复，后面的加了序号"
        elif match_key(plain) == match_key(name):
            action, reason = MENDED, "列名去掉空格、统一写法"
        else:
            action, reason = MENDED, f"列名读作“{name}”"
        self._add(self.header + 1, place, name, cell, action, reason)

    def _remark_merged(self) -> None:
        for (top, left), (bottom, right) in self.grid.merged:
            if top > self.header + 1:
                reason = (
                    f"合并单元格（{bottom - top + 1} 行 {right - left + 1} 列），只有左上角有值"
                )
                raw = _cell(self.grid.rows, top, left)
                self._add(top, left - 1, f"（第 {left} 列）", raw, CHECK, reason)

    # cells

    def _convert(self, place: int, name: str, kind: str, field: Field | None) -> list[Any]:
        convert, plain = CONVERTERS[kind], _PLAIN.get(kind)
        words = field.words if field else None
        facts = self.grid.facts
        errors = {row: text for (row, column), text in facts.errors.items() if column == place + 1}
        uncomputed = {row for row, column in facts.uncomputed if column == place + 1}
        cells = self._column(place)
        if words is None and not (errors or uncomputed) and _all_plain(cells, kind):
            return [cell or None for cell in cells]
        # 1, 1.0 and True are the same key but not the same cell
        keys: Sequence[Any] = cells
        if len(_NUMBERS.intersection(map(type, cells))) > 1:
            keys = list(zip(map(type, cells), cells, strict=True))
        known: dict[Any, Any] = {}
        remarks: dict[Any, Outcome] = {}
        for key, raw in dict(zip(keys, cells, strict=True)).items():
            if plain is not None and words is None and type(raw) is str and plain(raw):
                known[key] = raw
                continue
            if raw == "" and not (errors or uncomputed):
                known[key] = None
                continue
            outcome = convert(raw)
            if words is not None and outcome.value is not None:
                outcome = _word(outcome, words)
            known[key] = outcome.value
            if outcome.action:
                remarks[key] = outcome
        values = [known[key] for key in keys]
        if not (remarks or errors or uncomputed):
            return values
        for i, (number, _) in enumerate(self.body):
            raw, outcome = cells[i], remarks.get(keys[i], _NOTHING)
            if number in errors:
                raw = errors[number]
                outcome = Outcome(None, REFUSED, f"单元格是错误值 {raw}")
            elif number in uncomputed and raw == "":
                outcome = Outcome(
                    None, REFUSED, "公式没有存下结果，请在 Excel 或 WPS 里打开、保存后再读"
                )
            if outcome.action:
                values[i] = outcome.value
                self._add(number, place, name, raw, outcome.action, outcome.reason)
        return values

    def _column(self, place: int) -> Sequence[Any]:
        """The cells of one column; short rows end in blanks."""
        if self._columns is None and len({len(row) for _, row in self.body}) == 1:
            self._columns = list(zip(*(row for _, row in self.body), strict=True))
        if self._columns is not None:
            return self._columns[place] if place < len(self._columns) else [""] * len(self.body)
        return [row[place] if place < len(row) else "" for _, row in self.body]

    def _guess_kind(self, place: int, name: str) -> str:
        """Type of a column the kit does not know, from its name and all its values."""
        if _ID_LIKE.search(name):
            return "id"
        cells = {(type(c), c) for _, row in self.body for c in row[place : place + 1]}
        distinct = [c for _, c in cells if not _blank(c)]
        if any(isinstance(c, bool) or _LEADING_ZERO.match(str(c).strip()) for c in distinct):
            return "text"
        if not distinct:
            return "text"
        numbers = [to_number(c) for c in distinct]
        if all(n.action != REFUSED for n in numbers):
            values = [n.value for n in numbers]
            whole = all(v is not None and v == int(v) for v in values)
            return "int" if whole and not _AMOUNT_LIKE.search(name) else "number"
        moments = [to_time(c) for c in distinct if not isinstance(c, (int, float))]
        if len(moments) == len(distinct) and all(m.action != REFUSED for m in moments):
            return "time"
        return "text"

    def _check_lost_digits(self, place: int, name: str, values: list[Any]) -> None:
        long = [v for v in values if isinstance(v, str) and len(v) > EXACT_DIGITS and v.isdigit()]
        rounded = {v for v in long if not v[EXACT_DIGITS:].strip("0")}
        share = sum(v in rounded for v in long) / len(long) if long else 0
        if share <= _SUSPICIOUS_SHARE:
            return
        lost = share >= _LOST_SHARE and len(long) >= 3
        reason = "第 16 位起全是 0：多半曾存成数字，末几位已丢失"
        reason += "，请从平台重新导出" if lost else "，请对照平台核对"
        for i, (number, row) in enumerate(self.body):
            if values[i] in rounded:
                self._add(number, place, name, row[place], REFUSED if lost else CHECK, reason)
                if lost:
                    values[i] = None

    # rows again, once their key is known

    def _refuse_keyless(self, frame: pd.DataFrame, keys: list[Any]) -> pd.DataFrame:
        assert self.layout is not None
        key = self.layout.key
        bad = {number: i for i, (number, _) in enumerate(self.body) if keys[i] is None}
        if not bad:
            return frame
        reasons = {e.row: e for e in self.events if e.column == key and e.action == REFUSED}
        self.events = [e for e in self.events if e.row not in bad or e.place < 0]
        for number, i in bad.items():
            event = reasons.get(number)
            reason = f"{key}：{event.reason}" if event else f"没有{key}"
            raw = event.raw if event else _shown(self.body[i][1])
            self._add(number, -1, WHOLE_ROW, raw, REFUSED, f"{reason}；整行没有读入")
        keep = [i for i, value in enumerate(keys) if value is not None]
        self.body = [self.body[i] for i in keep]
        return frame.iloc[keep].reset_index(drop=True)

    def _refuse_repeated(self, frame: pd.DataFrame) -> pd.DataFrame:
        assert self.layout is not None
        key = self.layout.key
        first: dict[Any, int] = {}
        same = frame.duplicated(keep="first").tolist()
        keep = []
        for i, value in enumerate(frame[key].tolist()):
            number = self.body[i][0]
            if value not in first:
                first[value] = number
            elif same[i]:
                reason = f"与第 {first[value]} 行完全相同，只留第一行"
                self._add(number, -1, WHOLE_ROW, value, REFUSED, reason)
                continue
            else:
                reason = f"与第 {first[value]} 行的{key}相同、内容不同，两行都保留"
                self._add(number, -1, WHOLE_ROW, value, CHECK, reason)
            keep.append(i)
        if len(keep) == len(frame):
            return frame
        self.body = [self.body[i] for i in keep]
        return frame.iloc[keep].reset_index(drop=True)


def _stands_beside(field: Field, key: str, keys: set[str]) -> bool:
    """Whether the header has the field's real name beside this other spelling of it."""
    real = match_key(field.name)
    return key != real and real in keys


def _word(outcome: Outcome, words: Any) -> Outcome:
    word = words.get(match_key(outcome.value))
    if word is None:
        return Outcome(outcome.value, CHECK, "不认识的状态，原样保留")
    if word != outcome.value and match_key(word) == match_key(outcome.value):
        reason = "；".join(filter(None, (outcome.reason, "统一状态的写法")))
        return Outcome(word, MENDED, reason)
    return outcome._replace(value=word)


def _all_plain(cells: Sequence[Any], kind: str) -> bool:
    """Whether every cell is empty or a text that its converter would leave as it is."""
    if kind not in _ALL_PLAIN or set(map(type, cells)) != {str}:
        return False
    different = set(cells) - {""}
    lines = "\n".join([*different, ""])
    return lines.count("\n") == len(different) and _ALL_PLAIN[kind](lines) is not None


def _series(values: list[Any], kind: str) -> pd.Series:
    gaps = kind in ("int", "bool") and None in values
    if kind in ("money", "number"):
        return pd.Series(values, dtype="float64")
    if kind == "int":
        return pd.Series(values, dtype="Int64" if gaps else "int64")
    if kind == "bool":
        return pd.Series(values, dtype="boolean" if gaps else "bool")
    if kind in ("time", "date"):
        return pd.Series(values, dtype="datetime64[us]")
    return pd.Series(values, dtype="str")


def _plain_name(cell: Any) -> str:
    return str(to_text(cell).value or "")


def _row_key(cell: Any) -> str:
    """`key_of`, faster for what most rows start with."""
    if isinstance(cell, str) and _WORD.fullmatch(cell):
        return cell.lower().replace("帐", "账")
    return key_of(cell)


def _plain_starts(rows: Sequence[Sequence[Any]], others: Set[str]) -> bool:
    """Whether all rows start with a word and none of them with one of the `others` (`_row_key`s)."""
    words = [row[0] for row in rows]
    if set(map(type, words)) != {str}:
        return False
    lines = "\n".join([*words, ""])
    if lines.count("\n") != len(words) or not _ALL_WORDS(lines):
        return False
    return others.isdisjoint(lines[:-1].lower().replace("帐", "账").split("\n"))


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _first_filled(row: Sequence[Any]) -> Any:
    """The first cell with something in it, or None."""
    if row and type(row[0]) is str and row[0].strip():
        return row[0]
    return next((cell for cell in row if not _blank(cell)), None)


def _cell(rows: Sequence[Sequence[Any]], row: int, column: int) -> Any:
    cells = rows[row - 1] if row <= len(rows) else ()
    return cells[column - 1] if column <= len(cells) else ""


def _shown(row: Sequence[Any]) -> str:
    return "｜".join(str(cell) for cell in row if not _blank(cell))
