"""Write a class's marks as a workbook with live formulas, and the totals as a text table."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from autograder.gradebook.marks import ClassMarks, GradebookError, read_marks
from autograder.gradebook.page import Page
from autograder.roster import Roster


@dataclass(frozen=True)
class Exported:
    """The files written, and the marks in them."""

    workbook: Path
    table: Path
    marks: ClassMarks


def export(
    course: Path | str,
    path: Path | str,
    labs: Sequence[str] | None = None,
    *,
    roster: Roster | None = None,
    now: datetime | None = None,
) -> Exported:
    """Export the gradebook of a class.

    Parameters
    ----------
    course : path
        The class folder.
    path : path
        The workbook to write; a .csv of the totals is written beside it.
    labs : sequence of str, optional
        Labs to export; all with marks when not given.
    roster : Roster, optional
        The class list, for order, names and classes.
    now : datetime, optional
        The time of the export that is written into the workbook.

    Raises
    ------
    GradebookError
        There are no marks, or the file is open in another program.
    """
    path = Path(path).with_suffix(".xlsx")
    marks = read_marks(course, labs, roster)
    moment = now or datetime.now()
    table = path.with_suffix(".csv")
    _replace(path, workbook_bytes(marks, moment))
    _replace(table, table_text(marks).encode("utf-8-sig"))
    return Exported(path, table, marks)


def workbook_bytes(marks: ClassMarks, now: datetime) -> bytes:
    """The workbook; the same marks and time give the same bytes."""
    from openpyxl import Workbook

    import crmkit
    from autograder.gradebook import sheets
    from crmkit.syllabus import course

    book = Workbook()
    book.remove(book.worksheets[0])
    title = course().title
    pages = [
        sheets.totals(book, marks, title),
        *(sheets.lab_page(book, lab, marks) for lab in marks.labs),
        sheets.waiting(book, marks),
        sheets.refused(book, marks),
        sheets.rules(book, title, now, crmkit.__version__),
    ]
    book.properties.title, book.properties.creator = f"《{title}》成绩册", "crmkit"
    assert book.calculation is not None
    book.calculation.fullCalcOnLoad = True
    buffer = io.BytesIO()
    book.save(buffer)
    return _with_values(buffer.getvalue(), pages, now)


def table_text(marks: ClassMarks) -> str:
    """The table of totals as CSV: ids, names, one column per lab, total, remarks."""
    from autograder.gradebook.sheets import remarks

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["学号", "姓名", "班级", *(lab.lab for lab in marks.labs), "总分", "满分", "得分率", "备注"]
    )
    for student in marks.students:
        scores = [lab.marks[student.id].score for lab in marks.labs]
        total = marks.total(student.id)
        share = f"{total / marks.points:.4f}" if marks.points else ""
        cells = [student.id, student.name, student.group]
        writer.writerow(
            [
                *(_unguarded(c) for c in cells),
                *("" if s is None else f"{s:.10g}" for s in scores),
                f"{total:.10g}",
                f"{marks.points:.10g}",
                share,
                _unguarded(remarks(marks, student.id)),
            ]
        )
    return out.getvalue()


def _unguarded(text: str) -> str:
    """Text that a spreadsheet does not run as a formula."""
    text = text.replace("\n", " ").replace("\r", " ")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _with_values(data: bytes, pages: Sequence[Page], now: datetime) -> bytes:
    """Put each formula's value beside it, as Excel does and openpyxl cannot.

    Readers that do not compute (previews, pandas, import pages of learning platforms) see it.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            sheet = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            if sheet:
                text = _filled(text.decode("utf-8"), pages[int(sheet[1]) - 1]).encode("utf-8")
            elif name == "docProps/core.xml":
                stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                text = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, text)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            new.writestr(info, text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _filled(xml: str, page: Page) -> str:
    def cell(found: re.Match[str]) -> str:
        value = page.formulas[found["ref"]]
        kind, text = (' t="str"', escape(value)) if isinstance(value, str) else ("", repr(value))
        return f'<c r="{found["ref"]}"{found["rest"]}{kind}><f>{found["f"]}</f><v>{text}</v></c>'

    pattern = r'<c r="(?P<ref>[A-Z]+\d+)"(?P<rest>[^>]*)><f>(?P<f>[^<]*)</f><v\s*(?:/>|></v>)</c>'
    filled, count = re.subn(pattern, cell, xml)
    if count != len(page.formulas):
        raise GradebookError(
            f"工作表「{page.name}」的公式没有写全（{count} / {len(page.formulas)}）"
        )
    return filled


def _replace(path: Path, data: bytes) -> None:
    """Write a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except PermissionError as e:
        Path(temporary).unlink(missing_ok=True)
        raise GradebookError(
            f"「{path.name}」写不进去：如果在 Excel 或 WPS 里开着，请先关闭它"
        ) from e
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
