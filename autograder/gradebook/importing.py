"""Read a sheet of marks or a register by 学号: every cell is taken or reported with its place."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.gradebook.exact import exact
from autograder.gradebook.settings import ATTENDANCE, NOT_COUNTED, TABLE, GradingSettings
from autograder.gradebook.tables import MarkTable, Preview, TableError, merge
from autograder.roster import CHECK, MENDED, REFUSED, Problem, Roster, clean_id, clean_name
from autograder.roster.cleaning import is_footer, is_person, text_of
from autograder.roster.headers import Columns, filled_rows, find_blocks, header_word
from crmkit.workbook.formats import open_source
from crmkit.workbook.grid import Grid, load_grids

_NOT_MARKS = re.compile(
    "序号|编号|性别|学院|院系|系别|专业|专业班级|年级|备注|说明|电话|手机|手机号|邮箱|签名|班级.*|行政班.*|教学班.*"
    "|合计|小计|总计|平均.*|出勤率|缺勤率|.*次数|名次|排名|课程.*|学期|姓名|学号|学籍状态"
)
_FULL = re.compile(r"[(（\[]\s*(?:满分)?\s*[:：]?\s*(\d+(?:\.\d+)?)\s*分?\s*[)）\]]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def preview_import(
    course: Path | str, path: Path | str, name: str, settings: GradingSettings,
    *, kind: str | None = None, roster: Roster | None = None, sheet: str | None = None,
    columns: Sequence[str] = (),
) -> Preview:  # fmt: skip
    """What importing a file as table `name` would change; nothing is written.

    Parameters
    ----------
    course, path : path
        The class folder; the .xlsx, .xls or .csv to import.
    name : str
        The table's name, as grading.yaml calls it (考勤, 课堂表现, 小测 …).
    settings : GradingSettings
        Words and their worth.
    kind : {"表", "考勤"}, optional
        Marks or a register; by what grading.yaml says of `name` when not given.
    roster : Roster, optional
        The class list: other ids are refused, and names are compared.
    sheet, columns : optional
        One worksheet; the columns to take. All that hold marks when not given.

    Raises
    ------
    TableError
        There is no header with 学号, or no column of marks.
    """
    path = Path(path)
    reading = _Reading(name, kind or kind_of(name, settings), settings, roster, tuple(columns))
    grids = [g for g in load_grids(open_source(path), sheet) if g.visible or sheet]
    headed = [reading.read(grid) for grid in grids]
    if not any(headed):
        raise TableError(f"「{path.name}」里找不到表头「学号」：分数按学号对应，请给表加一列学号")
    if not reading.columns:
        raise TableError(f"「{path.name}」里除了学号、姓名没有别的列：请给分数列写上表头")
    missing = [c for c in columns if c not in reading.columns]
    if missing:
        raise TableError(
            f"「{path.name}」里没有列 {'、'.join(missing)}；有：{'、'.join(reading.columns)}"
        )
    return merge(course, reading.table(), tuple(reading.problems), roster)


def kind_of(name: str, settings: GradingSettings) -> str:
    """Whether grading.yaml uses a table as a register; a name with 考勤 or 出勤 is one."""
    for origins in settings.origins.values():
        for origin in origins:
            if name in origin.names and origin.kind in (TABLE, ATTENDANCE):
                return origin.kind
    return ATTENDANCE if re.search("考勤|出勤|点名|签到", name) else TABLE


@dataclass
class _Block:
    """One list on the sheet and its columns of marks: position → title."""

    at: Columns
    marks: dict[int, str]
    full: dict[str, str] = field(default_factory=dict)


class _Reading:
    def __init__(
        self, name: str, kind: str, settings: GradingSettings, roster: Roster | None,
        wanted: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.name, self.kind, self.settings, self.roster = name, kind, settings, roster
        self.wanted = wanted
        self.columns: dict[str, str] = {}
        self.problems: list[Problem] = []
        self._cells: dict[tuple[str, str], list[tuple[str, str, int]]] = {}  # value, sheet, row

    def read(self, grid: Grid) -> bool:
        blocks: list[_Block] = []
        header: list[list[Any]] = []
        down = list(filled_rows(grid))
        for number, (row, wide) in enumerate(
            zip(down, filled_rows(grid, across=True), strict=True), start=1
        ):
            if find_blocks(row):
                if not header:
                    blocks = []
                header.append(wide)
                continue
            if header:
                blocks = self._open(header)
                header = []
            for block in blocks:
                self._take(grid, number, row, block)
        return bool(blocks)

    def table(self) -> MarkTable:
        """The table; a cell that has two values is refused wherever it stands."""
        cells: dict[str, dict[str, str]] = {}
        for (student, column), found in self._cells.items():
            if len({value for value, _, _ in found}) == 1:
                cells.setdefault(student, {})[column] = found[0][0]
                continue
            for value, sheet, row in found:
                others = "、".join(f"「{s}」第 {r} 行是 {v}" for v, s, r in found if (s, r) != (sheet, row))  # fmt: skip
                self._note(sheet, row, column, value, REFUSED, f"学号 {student} 这一列有不同的值：{others}；都没有收")  # fmt: skip
        return MarkTable(self.name, self.kind, self.columns, cells)

    def _open(self, header: list[list[Any]]) -> list[_Block]:
        """The blocks under a header of one or more rows; the rows of a merged header are joined."""
        places = find_blocks(header[0])
        ends = [at.id for at in places[1:]] + [max(map(len, header))]
        first = 0
        blocks = []
        for at, end in zip(places, ends, strict=True):
            marks: dict[int, str] = {}
            for column in range(first, end):
                texts = [_title(row[column]) for row in header if column < len(row)]
                title = " ".join(dict.fromkeys(t for t in texts if t))
                full = _FULL.search(title)
                bare = _FULL.sub("", title).strip()
                if column in (at.id, at.name, at.group) or not bare:
                    continue
                if _NOT_MARKS.fullmatch(header_word(bare)) and bare not in self.wanted:
                    continue
                if self.wanted and bare not in self.wanted:
                    continue
                twice = sum(t == bare or t.startswith(f"{bare}(") for t in marks.values())
                bare = f"{bare}({twice + 1})" if twice else bare
                marks[column] = bare
                self.columns.setdefault(bare, full[1] if full else "100")
            blocks.append(_Block(at, marks))
            first = end
        return blocks

    def _take(self, grid: Grid, number: int, row: list[Any], block: _Block) -> None:
        raw, raw_name = _cell(row, block.at.id), _cell(row, block.at.name)
        name = clean_name(raw_name)[0]
        marks = {c: t for c, t in block.marks.items() if text_of(_cell(row, c)) != ""}
        if re.fullmatch(r"满\s*分|分\s*值", text_of(raw) or name):
            for column, title in marks.items():
                if _NUMBER.fullmatch(text_of(row[column])):
                    self.columns[title] = text_of(row[column])
            return
        if not is_person(name) and any(is_footer(text_of(cell)) for cell in row[: block.at.id + 2]):
            return
        if not marks and text_of(raw) == "":
            return
        student, how = clean_id(raw)
        reason = self._refusal(student, how, name, raw)
        if reason:
            if marks or is_person(name):
                self._note(grid.sheet, number, "学号", text_of(raw), REFUSED, reason)
            return
        if how:
            self._note(grid.sheet, number, "学号", text_of(raw), MENDED, how)
        for column, title in block.marks.items():
            here = (number, column + 1)
            if here in grid.facts.errors:
                self._note(grid.sheet, number, title, grid.facts.errors[here], REFUSED, "是公式的错误值")  # fmt: skip
            elif here in grid.facts.uncomputed:
                self._note(grid.sheet, number, title, "", REFUSED, "是公式，文件里没有存结果：请在 Excel 或 WPS 里打开后另存一次")  # fmt: skip
            else:
                self._mark(grid.sheet, number, title, student, _cell(row, column))

    def _refusal(self, student: str, how: str, name: str, raw: Any) -> str:
        if text_of(raw) == "":
            return f"「{name}」没有学号" if name else "没有学号"
        if not student:
            return how
        if self.roster is None:
            return ""
        if student not in self.roster:
            return "名册里没有这个学号（名单用 autograder marks roster 导入）"
        known = self.roster.name(student)
        if name and known and name != known:
            return f"学号与姓名不符：名册里 {student} 是「{known}」，这里是「{name}」"
        return ""

    def _mark(self, sheet: str, row: int, column: str, student: str, raw: Any) -> None:
        text = unicodedata.normalize("NFKC", text_of(raw)).strip().lstrip("'`‘’")
        text = re.sub(r"\s", "", text)
        if text in ("", "-", "—", "–", "/", "\\"):
            return
        value, note = self._value(raw, text, self.columns[column])
        if value == "":
            self._note(sheet, row, column, text_of(raw), REFUSED, note)
            return
        if note:
            self._note(sheet, row, column, text_of(raw), CHECK, note)
        self._cells.setdefault((student, column), []).append((value, sheet, row))

    def _value(self, raw: Any, text: str, full: str) -> tuple[str, str]:
        """The cell as it is kept and a remark; ("", reason) when it cannot be read."""
        if isinstance(raw, (bool, dt.date, dt.time, dt.timedelta)):
            return "", "是日期、时间或逻辑值，不是分数"
        if self.kind == ATTENDANCE:
            word = self.settings.attendance.spellings.get(text.upper())
            word = word or self.settings.attendance.spellings.get(re.sub(r"\(.*\)$", "", text).upper())  # fmt: skip
            if word:
                return word, ""
        elif text in self.settings.words:
            worth = self.settings.words[text]
            meant = NOT_COUNTED if worth is None else f"按 {float(worth):g} 分计"
            return text, f"文字“{text}”{meant}"
        number = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)分?", text)
        if number is None:
            known = "、".join(self.settings.attendance.values if self.kind == ATTENDANCE else self.settings.words)  # fmt: skip
            return "", f"不认得这个写法；可以写 0–{full} 的数，或：{known}"
        value = exact(number[1])
        if not 0 <= value <= exact(full):
            return "", f"超出范围：应当在 0 到 {full} 之间"
        plain = number[1].lstrip("+")
        return (plain.rstrip("0").rstrip(".") if "." in plain else str(int(plain))), ""

    def _note(self, *line: Any) -> None:
        self.problems.append(Problem(*line))


def _title(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text_of(value)))


def _cell(row: list[Any], column: int) -> Any:
    return row[column] if 0 <= column < len(row) else ""
