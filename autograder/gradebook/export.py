"""Write a class's marks as a workbook with live formulas, and the totals as a text table."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from autograder.gradebook.exact import show
from autograder.gradebook.lateness import write_deadlines, write_penalties
from autograder.gradebook.marks import ClassMarks, GradebookError, read_marks
from autograder.gradebook.page import Page
from autograder.gradebook.scheme import ClassTotals, ComponentMarks, ItemMarks, compute
from autograder.gradebook.settings import settings_of
from autograder.roster import Roster, kept_roster


@dataclass(frozen=True)
class Exported:
    """The files written, and the marks in them."""

    workbook: Path
    table: Path
    totals: ClassTotals

    @property
    def marks(self) -> ClassMarks:
        return self.totals.marks

    def words(self) -> list[str]:
        """What the teacher must know, for the screen: scheme, policy, what is missing or open."""
        made = self.totals
        states = Counter(made.totals[s.id].status for s in made.students)
        count = "，".join(f"{state} {n} 人" for state, n in states.most_common())
        return [*made.policy_words(), *made.warnings, f"总评：{count}"]


def export(
    course: Path | str,
    path: Path | str,
    labs: Sequence[str] | None = None,
    *,
    roster: Roster | None = None,
    now: datetime | None = None,
) -> Exported:
    """Export the gradebook of a class.

    The class's grading.yaml says how; it is made, with comments, when there is none. Its deadlines
    and what they cost go into nbgrader's gradebook too, so that formgrader shows the same marks.

    Parameters
    ----------
    course : path
        The class folder.
    path : path
        The workbook to write; a .csv of the totals is written beside it.
    labs : sequence of str, optional
        Labs to export; all with marks when not given.
    roster : Roster, optional
        The class list, for order, names and classes; the one kept in the class when not given.
    now : datetime, optional
        The time of the export that is written into the workbook.

    Raises
    ------
    GradebookError
        There are no marks, or the file is open in another program.
    SettingsError
        grading.yaml is wrong.
    """
    path = Path(path).with_suffix(".xlsx")
    settings = settings_of(course, create=Path(course).is_dir())
    roster = roster if roster is not None else kept_roster(course)
    write_deadlines(course)
    made = compute(course, read_marks(course, labs, roster), settings)
    moment = now or datetime.now()
    table = path.with_suffix(".csv")
    replace_file(path, workbook_bytes(made, moment))
    replace_file(table, table_text(made).encode("utf-8-sig"))
    write_penalties(course, made.marks)
    return Exported(path, table, made)


def workbook_bytes(made: ClassTotals, now: datetime) -> bytes:
    """The workbook; the same marks and time give the same bytes."""
    from openpyxl import Workbook

    import crmkit
    from autograder.gradebook import scheme_sheets, sheets
    from autograder.gradebook.statistics_sheet import statistics_page
    from crmkit.syllabus import course

    book = Workbook()
    book.remove(book.worksheets[0])
    title, marks, settings = course().title, made.marks, made.settings
    names = sheet_names(made)
    pages = [
        scheme_sheets.totals(book, made, names, title),
        statistics_page(book, made),
        *(scheme_sheets.item_page(book, item, marks, names) for item in made.items),
        *(scheme_sheets.register_page(book, r, marks, names) for r in made.registers),
        *(sheets.lab_page(book, lab, marks, settings.late.base) for lab in marks.labs),
        sheets.late(book, marks, settings),
        sheets.waiting(book, marks),
        sheets.refused(book, marks),
        sheets.rules(book, title, now, crmkit.__version__, made.policy_words(), settings),
    ]
    book.properties.title, book.properties.creator = f"《{title}》成绩册", "crmkit"
    assert book.calculation is not None
    book.calculation.fullCalcOnLoad = True
    buffer = io.BytesIO()
    book.save(buffer)
    return _with_values(buffer.getvalue(), pages, now)


def sheet_names(made: ClassTotals) -> dict[str, str]:
    """A name for the sheet of every item and register, different from all others."""
    from autograder.gradebook import sheets
    from autograder.gradebook.scheme_sheets import TOTALS, register_end
    from autograder.gradebook.statistics_sheet import STATISTICS

    fixed = (TOTALS, STATISTICS, sheets.LATE, sheets.WAITING, sheets.REFUSED, sheets.RULES)
    taken = {*fixed, *(lab.lab for lab in made.marks.labs)}
    names = {lab.lab: lab.lab for lab in made.marks.labs}
    wanted = [(i.id, i.title) for i in made.items] + [(r.name, r.name) for r in made.registers]
    for key, title in wanted:
        bare = re.sub(r"[\\/*?:\[\]']", " ", title)[:26].strip() or "表"
        name, n = bare, 1
        while name in taken:
            n += 1
            name = f"{bare} {n}"
        taken.add(name)
        names[key] = name
    return names | {f"{r.name}/end": register_end(r) for r in made.registers}


def table_text(made: ClassTotals) -> str:
    """The table of totals as CSV: ids, names, items, components, total, word, state, remarks."""
    from autograder.gradebook.sheets import remarks

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    parts: list[ItemMarks | ComponentMarks] = []
    for component in made.components:
        parts += [*component.items, component]
    titles = [
        f"{p.title}（{show(p.weight)}）" if isinstance(p, ComponentMarks) else p.title
        for p in parts
    ]
    writer.writerow(["学号", "姓名", "班级", *titles, "总评", "等级", "状态", "备注"])
    for student in made.students:
        final = made.totals[student.id]
        cells = [p.results[student.id] for p in parts]
        warned = [r.warned[student.id] for r in made.registers if student.id in r.warned]
        writer.writerow(
            [
                *(unguarded(c) for c in (student.id, student.name, student.group)),
                *(c.word if c.value is None else show(c.value) for c in cells),
                "" if final.rounded is None else str(final.rounded),
                final.level,
                final.status,
                unguarded(remarks(made.marks, student.id, (*final.remarks, *warned))),
            ]
        )
    return out.getvalue()


def unguarded(text: str) -> str:
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


def replace_file(path: Path, data: bytes) -> None:
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
