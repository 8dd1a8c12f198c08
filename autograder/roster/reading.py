"""Read a class list, whatever the school's table looks like."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from autograder.roster.cleaning import clean_id, clean_name, is_footer, is_person, text_of
from autograder.roster.headers import Columns, filled_rows, find_blocks, group_in
from autograder.roster.hidden import hidden_rows
from autograder.roster.model import CHECK, MENDED, REFUSED, Problem, Roster, RosterError, Student
from crmkit.workbook.formats import open_source
from crmkit.workbook.grid import Grid, load_grids

_LEFT = re.compile("休学|退学|转学|转出|转专业|退课|取消选课|开除|保留学籍|已毕业|参军")
_ERROR = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)")
_USUAL = 0.8  # share of ids of one shape from which on another shape is worth a look


def read_roster(path: Path | str, sheet: str | None = None) -> Roster:
    """Read a class list from a workbook or a text table.

    The header may stand below a preamble, the columns in any order; a header that comes again, on
    the next page or beside the first, is understood. A student who stands there twice comes once;
    one id with two names is refused in every row, because nobody but the teacher knows who is right.

    Parameters
    ----------
    path : path
        .xlsx, .xls or .csv (UTF-8 or GBK).
    sheet : str, optional
        The worksheet; all visible sheets with a 学号 column when not given.

    Raises
    ------
    RosterError
        No sheet has a column 学号, or no student is left.
    crmkit.workbook.WorkbookError
        The file is no workbook and no text table.
    """
    path = Path(path)
    source = open_source(path)
    grids = load_grids(source, sheet)
    reading = _Reading(hidden_rows(source))
    headed = [reading.read(grid) for grid in grids if grid.visible or sheet]
    for grid in grids:
        if not grid.visible and not sheet and any(map(find_blocks, grid.rows)):
            reading.note(
                grid.sheet,
                0,
                "工作表",
                grid.sheet,
                CHECK,
                "工作表是隐藏的，没有读；要读它，请先取消隐藏",
            )
    if not any(headed):
        raise RosterError(
            f"「{path.name}」里找不到表头「学号」：请给名册加一行表头，至少有学号、姓名两列"
        )
    roster = reading.finish(path.name)
    if not roster.students:
        raise RosterError(f"「{path.name}」里没有一行可用的学号：{_first_reason(roster)}")
    return roster


def _first_reason(roster: Roster) -> str:
    refused = [p for p in roster.problems if p.treatment == REFUSED]
    if not refused:
        return "请检查「学号」一列"
    first = refused[0]
    return f"例如「{first.sheet}」第 {first.row} 行「{first.value}」：{first.reason}"


class _Reading:
    """Students and problems collected over the sheets of one file."""

    def __init__(self, hidden: dict[str, frozenset[int]]) -> None:
        self.hidden = hidden
        self.students: dict[str, Student] = {}
        self.problems: list[Problem] = []
        self._places: dict[str, list[tuple[str, int, str]]] = {}  # id → sheet, row, name
        self._sheets: list[str] = []

    def read(self, grid: Grid) -> bool:
        """Take the students of one sheet; False when it has no header."""
        blocks: list[Columns] = []
        self._sheets.append(grid.sheet)
        group = grid.sheet if "班" in grid.sheet else ""
        for number, row in enumerate(filled_rows(grid), start=1):
            header = find_blocks(row)
            if header:
                blocks = header
            elif blocks:
                for block in blocks:
                    self._take(grid, number, row, block, group)
            else:
                group = group_in(row) or group
        return bool(blocks)

    def finish(self, name: str) -> Roster:
        """The roster, after what only the whole list can tell."""
        self._refuse_two_names()
        self._note_odd_ids()
        self._note_namesakes()
        order = {sheet: n for n, sheet in enumerate(self._sheets)}
        problems = sorted(self.problems, key=lambda p: (order.get(p.sheet, len(order)), p.row))
        return Roster(tuple(self.students.values()), tuple(problems), name)

    def note(self, *line: Any) -> None:
        self.problems.append(Problem(*line))

    def _take(self, grid: Grid, number: int, row: list[Any], at: Columns, preamble: str) -> None:
        raw, raw_name = _cell(row, at.id), _cell(row, at.name)
        name, mended = clean_name(raw_name)
        broken = grid.facts.errors.get((number, at.name + 1)) or _ERROR.fullmatch(name)
        name = "" if broken else name
        sheet = grid.sheet
        if not is_person(name) and any(is_footer(text_of(cell)) for cell in row):
            return
        reason = self._no_formula_result(grid, number, at.id)
        if text_of(raw) == "" or reason:
            if is_person(name) or reason:
                self.note(
                    sheet, number, "学号", text_of(raw), REFUSED, reason or f"「{name}」没有学号"
                )
            return
        student, how = clean_id(raw)
        if not student:
            if is_person(name) or re.search(r"\d{4}|[eE]\+", text_of(raw)):
                self.note(sheet, number, "学号", text_of(raw), REFUSED, how)
            return
        places = self._places.setdefault(student, [])
        places.append((sheet, number, name))
        if len(places) > 1:
            if name in ("", places[0][2]):
                self.note(sheet, number, "学号", student, REFUSED, f"与{_where(places[0], sheet)}重复，只收一次")  # fmt: skip
            return
        if how:
            self.note(sheet, number, "学号", text_of(raw), MENDED, how)
        if mended and name:
            self.note(sheet, number, "姓名", text_of(raw_name), MENDED, mended)
        if not name and at.name >= 0:
            why = "姓名是公式的错误值" if broken else f"学号 {student} 没有姓名"
            self.note(sheet, number, "姓名", text_of(raw_name), CHECK, why)
        if number in self.hidden.get(sheet, ()):
            self.note(sheet, number, "行", student, CHECK, "这一行在表里是隐藏的，仍收入名册；已退课的请删去")  # fmt: skip
        left = next((text_of(c) for c in row if _LEFT.fullmatch(text_of(c))), "")
        if left:
            self.note(sheet, number, "行", left, CHECK, f"这一行写着「{left}」，仍收入名册")
        group = text_of(_cell(row, at.group)) or preamble
        self.students[student] = Student(student, name, group)

    def _no_formula_result(self, grid: Grid, number: int, column: int) -> str:
        here = (number, column + 1)
        if here in grid.facts.errors:
            return f"学号是公式的错误值 {grid.facts.errors[here]}"
        if here in grid.facts.uncomputed:
            return "学号是公式，文件里没有存结果：请在 Excel 或 WPS 里打开后另存一次"
        return ""

    def _refuse_two_names(self) -> None:
        for student, places in self._places.items():
            named = [p for p in places if p[2]]
            if len({name for _, _, name in named}) < 2:
                continue
            del self.students[student]
            for here in named:
                others = [p for p in named if p[2] != here[2]]
                where = "、".join(f"{_where(p, here[0])}是「{p[2]}」" for p in others)
                self.note(
                    here[0], here[1], "学号", student, REFUSED,
                    f"同一学号有不同的姓名：这里是「{here[2]}」，{where}；几行都没有收，请核对后再导入",
                )  # fmt: skip

    def _note_odd_ids(self) -> None:
        """A digit lost or an O for a 0 shows when nearly all others have one shape."""
        shapes = Counter(len(i) if i.isascii() and i.isdigit() else 0 for i in self.students)
        if not shapes:
            return
        usual, count = shapes.most_common(1)[0]
        if not usual or count < max(3, _USUAL * len(self.students)):
            return
        for student in self.students:
            if len(student) != usual or not (student.isascii() and student.isdigit()):
                sheet, row, _ = self._places[student][0]
                self.note(
                    sheet, row, "学号", student, CHECK,
                    f"名册里其他学号都是 {usual} 位数字，这个不同：是不是少了位数，或把数字写成了字母",
                )  # fmt: skip

    def _note_namesakes(self) -> None:
        by_name: dict[str, list[str]] = {}
        for student in self.students.values():
            if student.name:
                by_name.setdefault(student.name, []).append(student.id)
        for name, ids in by_name.items():
            if len(ids) > 1:
                sheet, row, _ = self._places[ids[-1]][0]
                self.note(
                    sheet, row, "姓名", name, CHECK,
                    f"同名的有 {len(ids)} 人（{'、'.join(ids)}），收作业时要写学号",
                )  # fmt: skip


def _where(place: tuple[str, int, str], sheet: str) -> str:
    return f"第 {place[1]} 行" if place[0] == sheet else f"工作表「{place[0]}」第 {place[1]} 行"


def _cell(row: list[Any], column: int) -> Any:
    return row[column] if 0 <= column < len(row) else ""
