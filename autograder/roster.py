"""The class list: who belongs to the class, from whatever table the school hands out."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.workbook.grid import Grid

REPORT = ["工作表", "行", "列", "原值", "处理", "原因"]
MENDED, REFUSED, CHECK = "已修正", "已拒收", "请核对"

ID_WORDS = ("学号", "学生学号", "学员编号", "学籍号", "学生编号", "学生号", "考号", "准考证号")
NAME_WORDS = ("姓名", "学生姓名", "名字", "学员姓名", "真实姓名")
GROUP_WORDS = (
    "班级",
    "行政班",
    "行政班级",
    "教学班",
    "教学班级",
    "班别",
    "班级名称",
    "所在班级",
    "班",
)

# The id becomes the name of a folder: letters of any script, digits and a few marks.
_ID = re.compile(r"[\w\-@()][\w \-.@()]{0,79}")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names Windows cannot create
_CJK = "\u3400-\u9fff"
_FOOTER = re.compile("合计|总计|小计|共|人数|制表|打印|审核|教师|任课|日期|备注|签名|说明|注")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")


class RosterError(KitError):
    """The class list cannot be read."""


@dataclass(frozen=True)
class Student:
    """One line of the class list."""

    id: str
    name: str = ""
    group: str = ""


@dataclass(frozen=True)
class Roster:
    """A class list: students in the order of the list, and what was mended or refused in it.

    >>> roster = Roster((Student("2025010101", "张三"), Student("2025010102", "李四")))
    >>> roster.name("2025010102"), roster.with_name("张三"), "9" in roster
    ('李四', ['2025010101'], False)
    """

    students: tuple[Student, ...]
    problems: tuple[tuple[str, int, str, str, str, str], ...] = ()
    source: str = ""
    _names: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._names.update({s.id: s.name for s in self.students})

    def __len__(self) -> int:
        return len(self.students)

    def __contains__(self, student: object) -> bool:
        return student in self._names

    @property
    def ids(self) -> list[str]:
        return list(self._names)

    @property
    def names(self) -> set[str]:
        return {n for n in self._names.values() if n}

    def name(self, student: str) -> str:
        """The name of a student, "" when not on the list."""
        return self._names.get(student, "")

    def with_name(self, name: str) -> list[str]:
        """Ids of everyone of this name."""
        return [i for i, n in self._names.items() if n == name]

    @property
    def report(self) -> pd.DataFrame:
        """What was mended, refused or is worth a look: 工作表 行 列 原值 处理 原因."""
        import pandas as pd

        return pd.DataFrame(list(self.problems), columns=REPORT)


def is_student_id(text: str) -> bool:
    """Whether a text may stand as a student id and so as the name of a folder.

    >>> is_student_id("2025010101"), is_student_id("王芳 (重修)"), is_student_id("../x")
    (True, True, False)
    """
    good = _ID.fullmatch(text) and not _RESERVED.fullmatch(text)
    return bool(good) and text == text.strip() and not text.endswith(".")


def read_roster(path: Path | str, sheet: str | None = None) -> Roster:
    """Read a class list from a workbook or a text table.

    The header may stand below a preamble, the columns in any order; a header that comes again, on
    the next page or beside the first, is understood.

    Parameters
    ----------
    path : path
        .xlsx, .xls or .csv (UTF-8 or GBK).
    sheet : str, optional
        The worksheet; all sheets with a 学号 column when not given.

    Raises
    ------
    RosterError
        No sheet has a column 学号, or no student is left.
    crmkit.workbook.WorkbookError
        The file is no workbook and no text table.
    """
    from crmkit.workbook.formats import open_source
    from crmkit.workbook.grid import load_grids

    path = Path(path)
    grids = [g for g in load_grids(open_source(path), sheet) if g.visible or sheet]
    reading = _Reading()
    headed = [reading.read(grid) for grid in grids]
    if not any(headed):
        raise RosterError(
            f"「{path.name}」里找不到表头「学号」：请给名册加一行表头，至少有学号、姓名两列"
        )
    if not reading.students:
        raise RosterError(f"「{path.name}」里没有一行可用的学号：请检查「学号」一列")
    reading.note_namesakes()
    return Roster(tuple(reading.students.values()), tuple(reading.problems), path.name)


def write_names(roster: Roster, course: Path | str) -> int:
    """Put the class list into nbgrader's gradebook; returns how many students were added or changed.

    The whole name goes into ``last_name`` and ``first_name`` stays empty text: nbgrader's screens
    write "last, first", and a Chinese name must not be torn apart or read "张三, None".
    """
    from nbgrader.api import Student as Row

    from autograder.gradebook.database import open_gradebook

    changed = 0
    with open_gradebook(Path(course)) as gb:
        there = {s.id: s for s in gb.students}
        for student in roster.students:
            row = there.get(student.id)
            if row is None:
                gb.db.add(Row(id=student.id, first_name="", last_name=student.name))
                changed += 1
            elif student.name and (row.last_name, row.first_name) != (student.name, ""):
                row.last_name, row.first_name = student.name, ""
                changed += 1
        gb.db.commit()
    return changed


@dataclass(frozen=True)
class _Columns:
    """Where one block of the list has its columns, from 0; -1 when it has none."""

    id: int
    name: int
    group: int


class _Reading:
    """Students and problems collected over the sheets of one file."""

    def __init__(self) -> None:
        self.students: dict[str, Student] = {}
        self.problems: list[tuple[str, int, str, str, str, str]] = []
        self._rows: dict[str, tuple[str, int]] = {}

    def read(self, grid: Grid) -> bool:
        """Take the students of one sheet; False when it has no header."""
        blocks: list[_Columns] = []
        preamble = ""
        for number, row in enumerate(_filled(grid), start=1):
            header = _header(row)
            if header:
                blocks = header
            elif blocks:
                for block in blocks:
                    self._take(grid.sheet, number, row, block, preamble)
            else:
                preamble = _group_in(row) or preamble
        return bool(blocks)

    def note_namesakes(self) -> None:
        by_name: dict[str, list[str]] = {}
        for student in self.students.values():
            if student.name:
                by_name.setdefault(student.name, []).append(student.id)
        for name, ids in by_name.items():
            if len(ids) > 1:
                sheet, row = self._rows[ids[-1]]
                self._report(
                    sheet,
                    row,
                    "姓名",
                    name,
                    CHECK,
                    f"同名的有 {len(ids)} 人（{'、'.join(ids)}），收作业时要写学号",
                )

    def _take(self, sheet: str, number: int, row: list[Any], at: _Columns, preamble: str) -> None:
        raw, raw_name = _cell(row, at.id), _cell(row, at.name)
        name, mended = clean_name(raw_name)
        if _text(raw) == "":
            if _is_person(name):
                self._report(sheet, number, "学号", "", REFUSED, f"「{name}」没有学号")
            return
        student, how = clean_id(raw)
        if not student:
            if _is_person(name) or re.search(r"\d{4}", _text(raw)):
                self._report(sheet, number, "学号", _text(raw), REFUSED, how)
            return
        if student in self.students:
            self._repeated(sheet, number, student, name)
            return
        if how:
            self._report(sheet, number, "学号", _text(raw), MENDED, how)
        if mended:
            self._report(sheet, number, "姓名", _text(raw_name), MENDED, mended)
        if not name and at.name >= 0:
            self._report(sheet, number, "姓名", "", CHECK, f"学号 {student} 没有姓名")
        group = _text(_cell(row, at.group)) or preamble
        self.students[student] = Student(student, name, group)
        self._rows[student] = (sheet, number)

    def _repeated(self, sheet: str, number: int, student: str, name: str) -> None:
        first = self.students[student]
        where = f"第 {self._rows[student][1]} 行"
        if name in ("", first.name):
            reason = f"与{where}重复"
        else:
            reason = (
                f"学号与{where}相同，姓名却不同（那里是「{first.name}」，这里是「{name}」），请核对"
            )
        self._report(sheet, number, "学号", student, REFUSED, reason)

    def _report(
        self, sheet: str, row: int, column: str, value: str, treatment: str, reason: str
    ) -> None:
        self.problems.append((sheet, row, column, value, treatment, reason))


def clean_id(value: Any) -> tuple[str, str]:
    """A student id as text, and what was mended; ("", reason) when it cannot be one.

    >>> clean_id(2025010101.0), clean_id("２０２５０１０１０１ ")
    (('2025010101', ''), ('2025010101', '全角字符改为半角'))
    """
    if isinstance(value, (bool, dt.date, dt.time, dt.timedelta)):
        return "", "学号变成了日期或逻辑值，请把这一列设为文本后重填"
    if isinstance(value, (int, float)):
        if value < 0 or not float(value).is_integer():
            return "", "不像学号"
        if value >= 10**15:
            return "", "学号超过 15 位又存成了数字，后几位已经丢失，请把这一列设为文本后重填"
        return str(int(value)), ""
    text = _text(value)
    how = []
    half = unicodedata.normalize("NFKC", text)
    if half != text:
        how.append("全角字符改为半角")
    bare = half.removeprefix('="').removesuffix('"').lstrip("'`‘’").strip()
    if re.fullmatch(r"\d\.\d+[eE]\+?\d+", bare):
        return "", "学号变成了科学计数法，后几位已经丢失，请把这一列设为文本后重填"
    whole = re.sub(r"(?<=\d)\.0+$", "", bare)
    if re.fullmatch(r"[\d\s]+", whole) and re.search(r"\s", whole):
        whole = re.sub(r"\s", "", whole)
    if whole != half:
        how.append("去掉多余的字符")
    if re.fullmatch(r"\d{4}[-.]\d{1,2}[-.]\d{1,2}", whole):
        return "", "像日期，不像学号"
    if not is_student_id(whole):
        return "", "不像学号：只能有字母、数字、空格和 _-.@()，最多 80 个字"
    if not re.search(r"[A-Za-z0-9]", whole):
        return "", "不像学号：没有数字也没有字母"
    return whole, "，".join(how)


def clean_name(value: Any) -> tuple[str, str]:
    """A name, and what was mended.

    >>> clean_name("张　三（班长）")
    ('张三', '去掉「(班长)」')
    """
    text = unicodedata.normalize("NFKC", _text(value)).replace("•", "·").replace("・", "·")
    text = re.sub(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])", "", re.sub(r"\s+", " ", text))
    bare = re.sub(rf"(?<=[{_CJK}])\s*[(\[].*$", "", text).rstrip("*# ")
    return bare, f"去掉「{text[len(bare) :].strip()}」" if bare != text else ""


def _filled(grid: Grid) -> Iterator[list[Any]]:
    """Rows with the value of a merged range in each of its rows (a class over many students)."""
    fill: dict[tuple[int, int], Any] = {}
    for (top, left), (bottom, _right) in grid.merged:
        if top <= len(grid.rows) and left <= len(grid.rows[top - 1]):
            value = grid.rows[top - 1][left - 1]
            fill.update({(number, left): value for number in range(top + 1, bottom + 1)})
    for number, row in enumerate(grid.rows, start=1):
        yield [
            fill.get((number, column), cell) if cell in ("", None) else cell
            for column, cell in enumerate(row, start=1)
        ]


def _header(row: Iterable[Any]) -> list[_Columns]:
    """The blocks of a header row; [] when it is none. Two pairs side by side are two blocks."""
    bare = (re.sub(r"\s", "", unicodedata.normalize("NFKC", _text(v))) for v in row)
    words = [re.sub(r"[*:(].*", "", w) for w in bare]
    starts = [n for n, w in enumerate(words) if w in ID_WORDS]
    if not starts or (len(starts) == 1 and _cell_count(words) < 2):
        return []
    names = [n for n, w in enumerate(words) if w in NAME_WORDS]
    groups = [n for n, w in enumerate(words) if w in GROUP_WORDS]
    if len(starts) > 1 and len(names) not in (0, len(starts)):
        starts = starts[:1]
    blocks = []
    for n, start in enumerate(starts):
        group = groups[n] if len(groups) == len(starts) else (groups[0] if groups else -1)
        blocks.append(_Columns(start, names[n] if n < len(names) else -1, group))
    return blocks


def _is_person(name: str) -> bool:
    """A name, not a word of the footer (合计, 制表人 …)."""
    return bool(re.fullmatch(rf"[{_CJK}A-Za-z·. ]{{2,40}}", name)) and not _FOOTER.match(name)


def _group_in(row: Iterable[Any]) -> str:
    for value in row:
        found = re.search(r"班\s*级?\s*[:：]\s*(\S+)", _text(value))
        if found:
            return found[1]
    return ""


def _cell(row: list[Any], column: int) -> Any:
    return row[column] if 0 <= column < len(row) else ""


def _cell_count(row: Iterable[Any]) -> int:
    return sum(_text(v) != "" for v in row)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _INVISIBLE.sub("", str(value)).strip()
