"""Fill marks into a school's own workbook: only the empty mark cells change, all else stays.

The file is changed where it lies, cell by cell in the sheet's XML: a library that reads and writes
the whole workbook would lose what it does not know (pictures, macros, validations).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from autograder.gradebook.export import replace_file
from autograder.gradebook.marks import GradebookError
from autograder.gradebook.page import clean_text
from autograder.gradebook.platforms import value_of
from autograder.gradebook.scheme import COMPLETE, ClassTotals
from autograder.gradebook.settings import Platform, TargetColumn
from autograder.roster import CHECK, REFUSED, Problem, Roster, clean_id, clean_name
from autograder.roster.cleaning import is_footer, is_person, text_of
from autograder.roster.headers import filled_rows, find_blocks, header_word
from crmkit.workbook.formats import open_source
from crmkit.workbook.grid import Grid, load_grids
from crmkit.workbook.package import column_number, sheet_paths

_ROW = r"<(?P<p>(?:[\w.-]+:)?)row(?=[\s/>])(?P<a>[^<>]*?)(?:/>|>(?P<body>.*?)</(?P=p)row>)"
_CELL = r"<(?P<p>(?:[\w.-]+:)?)c(?=[\s/>])(?P<a>[^<>]*?)(?:/>|>(?P<body>.*?)</(?P=p)c>)"
_FORMULA = re.compile(r"<(?:[\w.-]+:)?f[\s/>]")


@dataclass
class Filled:
    """What was written, and whom the template or the class does not know."""

    path: Path
    cells: int = 0
    problems: list[Problem] = field(default_factory=list)
    not_in_template: tuple[str, ...] = ()

    @property
    def report(self) -> Any:
        """Row by row: 工作表 行 列 原值 处理 原因."""
        return Roster((), tuple(self.problems)).report


def fill(
    made: ClassTotals, template: Path | str, out: Path | str, columns: Mapping[str, TargetColumn],
    *, overwrite: bool = False,
) -> Filled:  # fmt: skip
    """Write marks into a copy of a school's workbook, matched by 学号.

    Parameters
    ----------
    made : ClassTotals
        The class by its scheme.
    template, out : path
        The school's .xlsx, and the file to write.
    columns : mapping of str to TargetColumn
        Header in the template → what belongs there.
    overwrite : bool
        Replace what already stands in a cell; a formula is never replaced.

    Raises
    ------
    GradebookError
        It is no .xlsx, or has no header with 学号 and one of the columns.
    """
    source = open_source(Path(template))
    if source.kind != "xlsx":
        raise GradebookError(f"「{source.name}」不是 .xlsx：请在 Excel 或 WPS 里另存为 .xlsx 再填")
    filled, seen = Filled(Path(out)), set[str]()
    writes: dict[str, dict[tuple[int, int], str | Decimal]] = {}
    for grid in load_grids(source):
        if grid.visible:
            writes[grid.sheet] = _plan(made, grid, columns, filled, seen, overwrite)
    if not any(writes.values()) and not seen:
        wanted = "、".join(columns)
        raise GradebookError(f"「{source.name}」里找不到有学号和“{wanted}”的表头")
    filled.not_in_template = tuple(s.id for s in made.students if s.id not in seen)
    replace_file(filled.path, _written(source.data, sheet_paths(source), writes, filled))
    return filled


def columns_of(platform: Platform) -> dict[str, TargetColumn]:
    """A platform's columns of marks, by header: what `fill` wants."""
    return {c.title: c for c in platform.columns if c.what not in ("学号", "姓名", "班级")}


def _plan(
    made: ClassTotals, grid: Grid, columns: Mapping[str, TargetColumn], filled: Filled,
    seen: set[str], overwrite: bool,
) -> dict[tuple[int, int], str | Decimal]:  # fmt: skip
    students = {s.id: s for s in made.students}
    target = Platform("", "xlsx", "utf-8", "留空", tuple(columns.values()))
    wanted = {header_word(title): c for title, c in columns.items()}
    places: list[tuple[Any, dict[int, TargetColumn]]] = []
    writes: dict[tuple[int, int], str | Decimal] = {}
    for number, row in enumerate(filled_rows(grid), start=1):
        blocks = find_blocks(row)
        if blocks:
            ends = [*(b.id for b in blocks[1:]), len(row)]
            places = [
                (b, {k: wanted[w] for k in range(b.id, end) if (w := header_word(row[k])) in wanted})
                for b, end in zip(blocks, ends, strict=True)
            ]  # fmt: skip
            continue
        for block, marks in places:
            if not marks:
                continue
            raw = row[block.id] if block.id < len(row) else ""
            name = clean_name(row[block.name] if 0 <= block.name < len(row) else "")[0]
            if text_of(raw) == "" or (is_footer(text_of(raw)) and not is_person(name)):
                continue
            student = students.get(clean_id(raw)[0])
            reason = _refusal(student, name)
            if student is None or reason:
                filled.problems.append(Problem(grid.sheet, number, "学号", text_of(raw), REFUSED, reason))  # fmt: skip
                continue
            seen.add(student.id)
            for k, column in marks.items():
                value = value_of(made, student, column, target)
                there = text_of(row[k]) if k < len(row) else ""
                if there and not overwrite:
                    _note(filled, grid, number, column, there, "格里已经有内容，没有改")
                elif value == "":
                    state = made.totals[student.id].status
                    why = state if state != COMPLETE else "没有这一项的分数"
                    _note(filled, grid, number, column, student.id, f"{student.name}：{why}，留空")
                else:
                    writes[number, k + 1] = value
    return writes


def _refusal(student: Any, name: str) -> str:
    if student is None:
        return "班里没有这个学号，没有填"
    if name and student.name and name != student.name:
        return f"学号与姓名不符：班里 {student.id} 是「{student.name}」，模板里是「{name}」，没有填"
    return ""


def _note(filled: Filled, grid: Grid, row: int, column: TargetColumn, value: str, why: str) -> None:
    filled.problems.append(Problem(grid.sheet, row, column.title, value, CHECK, why))


def _written(
    data: bytes, paths: Mapping[str, str],
    writes: Mapping[str, Mapping[tuple[int, int], str | Decimal]], filled: Filled,
) -> bytes:  # fmt: skip
    by_path = {paths[sheet]: (sheet, cells) for sheet, cells in writes.items() if cells}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename in by_path:
                sheet, cells = by_path[info.filename]
                part = _sheet(part.decode("utf-8"), sheet, cells, filled).encode("utf-8")
            elif info.filename == "xl/workbook.xml":
                part = _recompute(part.decode("utf-8")).encode("utf-8")
            new.writestr(info, part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _recompute(workbook: str) -> str:
    """Have the school's own formulas computed again when the file is opened."""
    if "fullCalcOnLoad" in workbook:
        return workbook
    changed, count = re.subn(r"<((?:[\w.-]+:)?calcPr)(?=[\s/>])", r'<\1 fullCalcOnLoad="1"', workbook, count=1)  # fmt: skip
    return changed if count else workbook


def _sheet(
    xml: str, sheet: str, cells: Mapping[tuple[int, int], str | Decimal], filled: Filled
) -> str:
    by_row: dict[int, dict[int, str | Decimal]] = {}
    for (row, column), value in cells.items():
        by_row.setdefault(row, {})[column] = value
    before = 0

    def one(found: re.Match[str]) -> str:
        nonlocal before
        number = re.search(r'\sr\s*=\s*["\'](\d+)', found["a"])
        before = int(number[1]) if number else before + 1
        wanted = by_row.pop(before, None)
        if not wanted:
            return found[0]
        body = _row_body(found["body"] or "", before, wanted, found["p"], sheet, filled)
        return f"<{found['p']}row{found['a']}>{body}</{found['p']}row>"

    changed = re.sub(_ROW, one, xml, flags=re.DOTALL)
    for row, wanted in by_row.items():
        for column in wanted:
            filled.problems.append(Problem(sheet, row, str(column), "", REFUSED, "模板里没有这一行，没有填"))  # fmt: skip
    return changed


def _row_body(
    body: str, row: int, wanted: Mapping[int, str | Decimal], prefix: str, sheet: str, filled: Filled
) -> str:  # fmt: skip
    """The cells of a row with the wanted ones filled, in the order of their columns."""
    cells: dict[int, str] = {}
    styles: dict[int, str] = {}
    formulas: set[int] = set()
    at = 0
    for found in re.finditer(_CELL, body, flags=re.DOTALL):
        place = re.search(r'\sr\s*=\s*["\']([A-Za-z]+)\d+', found["a"])
        at = column_number(place[1]) if place else at + 1
        cells[at] = found[0]
        style = re.search(r'\ss\s*=\s*["\'](\d+)["\']', found["a"])
        styles[at] = style[1] if style else ""
        if _FORMULA.search(found["body"] or ""):
            formulas.add(at)
    for column, value in wanted.items():
        if column in formulas:
            filled.problems.append(Problem(sheet, row, _letters(column), "", REFUSED, "格里是公式，没有改"))  # fmt: skip
            continue
        look = f' s="{styles[column]}"' if styles.get(column) else ""
        start = f'<{prefix}c r="{_letters(column)}{row}"{look}'
        if isinstance(value, Decimal):
            cells[column] = f"{start}><{prefix}v>{value}</{prefix}v></{prefix}c>"
        else:
            text = f'<{prefix}t xml:space="preserve">{escape(clean_text(value))}</{prefix}t>'
            cells[column] = f'{start} t="inlineStr"><{prefix}is>{text}</{prefix}is></{prefix}c>'
        filled.cells += 1
    return "".join(cells[k] for k in sorted(cells))


def _letters(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


def pick_columns(pairs: Sequence[str], platform: Platform | None) -> dict[str, TargetColumn]:
    """Columns from words like 总评成绩=总评, or a platform's."""
    columns = columns_of(platform) if platform is not None else {}
    for pair in pairs:
        title, sign, what = pair.partition("=")
        if not sign or not title or not what:
            raise GradebookError(f"「{pair}」写成 列名=取什么，例如 总评成绩=总评")
        columns[title.strip()] = TargetColumn(title.strip(), what.strip(), None, None, "", None)
    return columns
