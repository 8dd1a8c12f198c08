"""Tables as learning platforms and school systems want them; columns stand in grading.yaml."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from autograder.gradebook.exact import exact, half_up
from autograder.gradebook.export import replace_file, unguarded
from autograder.gradebook.marks import GradebookError
from autograder.gradebook.page import clean_text
from autograder.gradebook.scheme import (
    COMPLETE,
    HUNDRED,
    ClassTotals,
    Column,
    ComponentMarks,
    ItemMarks,
)
from autograder.gradebook.settings import Platform, TargetColumn
from autograder.gradebook.sheets import remarks
from autograder.roster import Student

TOTAL = "总评"
FACTS = ("学号", "姓名", "班级", "状态", "备注", "等级")
FIRST, LAST = "平时", "期末"  # the scheme's first and last component, whatever it calls them


@dataclass(frozen=True)
class PlatformExport:
    """The file written, and who has an empty mark in it, and why."""

    path: Path
    rows: int
    left_out: tuple[tuple[str, str, str], ...]  # id, name, why


def export_for(made: ClassTotals, platform: str, path: Path | str) -> PlatformExport:
    """Write the table that a platform wants.

    Parameters
    ----------
    made : ClassTotals
        The class by its scheme.
    platform : str
        A name under 平台 in grading.yaml.
    path : path
        The file; its suffix becomes the platform's format.

    Raises
    ------
    GradebookError
        There is no such platform, or a column asks for something that does not exist.
    """
    target = made.settings.platforms.get(platform)
    if target is None:
        known = "、".join(made.settings.platforms)
        raise GradebookError(f"grading.yaml 里没有平台「{platform}」；有：{known}")
    rows = [[value_of(made, s, c, target) for c in target.columns] for s in made.students]
    path = Path(path).with_suffix(f".{target.form}")
    titles = [c.title for c in target.columns]
    data = _csv(titles, rows, target) if target.form == "csv" else _xlsx(titles, rows, target)
    replace_file(path, data)
    wants_total = any(c.what == TOTAL for c in target.columns)
    left_out = [
        (
            s.id,
            s.name,
            f"{final.status}，总评{'留空' if _is_empty(final.exact, target) else '照填'}",
        )
        for s in made.students
        if wants_total and (final := made.totals[s.id]).status != COMPLETE
    ]
    return PlatformExport(path, len(rows), tuple(left_out))


def _is_empty(total: Fraction | None, target: Platform) -> bool:
    return total is None or target.open_marks == "留空"


def value_of(
    made: ClassTotals, student: Student, column: TargetColumn, target: Platform
) -> str | Decimal:
    """One cell: text, or a mark rounded once from its exact value; "" where there is none."""
    if column.fixed is not None:
        return column.fixed
    final = made.totals[student.id]
    facts = {
        "学号": student.id, "姓名": student.name, "班级": student.group, "等级": final.level,
        "状态": "" if final.status == COMPLETE else final.status,
        "备注": remarks(made.marks, student.id, final.remarks),
    }  # fmt: skip
    if column.what in facts:
        return facts[column.what]
    value, full, word = _mark(made, student.id, column.what)
    if column.what == TOTAL and final.status != COMPLETE and target.open_marks == "留空":
        return ""
    if value is None:
        return word
    rate = HUNDRED * value / full
    if column.levels:
        mark = exact(final.rounded) if column.what == TOTAL and final.rounded is not None else rate
        return made.settings.level(mark, column.levels)
    places = made.settings.places if column.places is None else column.places
    return half_up(value if column.full is None else value * column.full / full, places)


def _mark(made: ClassTotals, student: str, what: str) -> tuple[Fraction | None, Fraction, str]:
    """The mark called `what`, its full marks, and the word where there is none."""
    if what == TOTAL:
        return made.totals[student].exact, HUNDRED, ""
    found = _find(made, what)
    cell = found.cells[student] if isinstance(found, Column) else found.results[student]
    if isinstance(found, Column):
        return cell.value, found.full, cell.word
    full = found.weight if isinstance(found, ComponentMarks) else HUNDRED
    return cell.value, full, cell.word


def _find(made: ClassTotals, what: str) -> Column | ItemMarks | ComponentMarks:
    components = made.components
    named = {FIRST: components[0], LAST: components[-1]}
    columns = {c.title: c for i in made.items for c in i.columns}
    parts: list[ItemMarks | ComponentMarks] = [*components, *made.items]
    by_name = {key: p for p in parts for key in (p.id, p.title)}
    found = {**columns, **named, **by_name}.get(what)
    if found is None:
        known = "、".join([*FACTS, TOTAL, FIRST, LAST, *(p.title for p in parts), *columns])  # fmt: skip
        raise GradebookError(f"grading.yaml 的平台要取「{what}」，没有这一项；可以取：{known}")
    return found


def _csv(titles: Sequence[str], rows: Sequence[Sequence[str | Decimal]], target: Platform) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([unguarded(t) for t in titles])
    for row in rows:
        writer.writerow([unguarded(v) if isinstance(v, str) else str(v) for v in row])
    try:
        return out.getvalue().encode(target.encoding)
    except UnicodeEncodeError as e:
        raise GradebookError(
            f"平台「{target.name}」的编码 {target.encoding} 写不出「{e.object[e.start : e.end]}」：改用 gb18030 或 utf-8-sig"
        ) from e


def _xlsx(titles: Sequence[str], rows: Sequence[Sequence[str | Decimal]], target: Platform) -> bytes:  # fmt: skip
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "成绩"
    for n, row in enumerate([list(titles), *rows], start=1):
        for k, value in enumerate(row, start=1):
            cell = sheet.cell(n, k)
            if isinstance(value, str):
                cell.value = clean_text(value)
                cell.data_type, cell.number_format = "s", "@"
            else:
                places = max(0, -int(value.as_tuple().exponent))
                cell.value = float(value)
                cell.number_format = "0." + "0" * places if places else "0"
    for k, column in enumerate(target.columns, start=1):
        sheet.column_dimensions[get_column_letter(k)].width = 30 if column.what == "备注" else 14
    sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
