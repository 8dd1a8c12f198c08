"""A class's marks as data: nbgrader's gradebook is the truth, the records add the detail.

nbgrader's gradebook knows what formgrader changed (marks by hand, extra credit, comments) and the
penalty for being late. The records know the items' titles, why something could not be graded, and
what was mended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.gradebook.database import FILE, open_gradebook
from autograder.gradebook.exact import exact
from autograder.gradebook.late import Deduction
from autograder.quizzes import chapter_of
from autograder.roster import Roster, Student, is_student_id
from crmkit.errors import KitError

GRADED, PENDING, UNGRADABLE, UNGRADED, MISSING = "已评", "待人工批阅", "不能评分", "未评分", "未交"
EXCUSED = "免做"
NO_MARK = (UNGRADABLE, UNGRADED, MISSING, EXCUSED)
NO_RESPONSE = "No response."  # what nbgrader's autograder says of an untouched written answer


class GradebookError(KitError):
    """The marks cannot be read or written."""


@dataclass(frozen=True)
class Item:
    """One graded item of a lab."""

    id: str
    title: str
    points: float


@dataclass(frozen=True)
class ItemMark:
    """One student's mark for one item. `score` is None as long as nobody has given one."""

    score: float | None
    pending: bool = False
    by_hand: bool = False  # a teacher has set it
    extra: float = 0.0  # extra credit, contained in `score`
    comment: str = ""


@dataclass(frozen=True)
class LabMark:
    """One student's mark for one lab."""

    status: str
    items: Mapping[str, ItemMark] = field(default_factory=dict)
    penalty: float = 0.0
    reason: str = ""
    mends: tuple[str, ...] = ()
    note: str = ""
    comments: tuple[str, ...] = ()  # by the teacher, to no item in particular
    record: Mapping[str, Any] = field(default_factory=dict)
    handed_in: datetime | None = None  # UTC, as nbgrader keeps it
    due: datetime | None = None  # this student's own deadline, UTC
    deduction: Deduction | None = None  # by the class's late policy; `penalty` is its amount

    @property
    def exact_raw(self) -> Fraction:
        """The sum over the items, exactly."""
        return sum((exact(m.score) for m in self.items.values() if m.score), Fraction(0))

    @property
    def exact_penalty(self) -> Fraction:
        return exact(self.penalty) if self.deduction is None else self.deduction.amount

    @property
    def final(self) -> Fraction | None:
        """The final mark, exactly; None without one."""
        if self.status in NO_MARK:
            return None
        return max(Fraction(0), self.exact_raw - self.exact_penalty)

    @property
    def raw(self) -> float:
        """The sum over the items, as nbgrader sums it."""
        return float(self.exact_raw)

    @property
    def score(self) -> float | None:
        """The final mark, None without one."""
        return None if self.final is None else float(self.final)


@dataclass(frozen=True)
class LabMarks:
    """One lab: its items and everyone's marks."""

    lab: str
    title: str
    items: tuple[Item, ...]
    marks: Mapping[str, LabMark]
    due: datetime | None = None  # for all, UTC
    extended: Mapping[str, timedelta] = field(default_factory=dict)  # by student, in formgrader

    @property
    def points(self) -> float:
        return sum(i.points for i in self.items)


@dataclass(frozen=True)
class ClassMarks:
    """A class: students in the order of the list, labs in the order of the course."""

    students: tuple[Student, ...]
    labs: tuple[LabMarks, ...]
    unlisted: frozenset[str] = frozenset()  # not on the class list that was given

    def total(self, student: str) -> float:
        return sum(lab.marks[student].score or 0.0 for lab in self.labs)

    @property
    def points(self) -> float:
        return sum(lab.points for lab in self.labs)


def read_marks(
    course: Path | str, labs: Sequence[str] | None = None, roster: Roster | None = None
) -> ClassMarks:
    """Read the marks of a class.

    Parameters
    ----------
    course : path
        The class folder.
    labs : sequence of str, optional
        Labs to read; all that are in the gradebook or have records when not given.
    roster : Roster, optional
        The class list, for order, names and classes.

    Raises
    ------
    GradebookError
        There is no class in this folder, no such lab, or a record that cannot be read.
    """
    from autograder.gradebook.lateness import apply_late_policy

    course = Path(course)
    if not (course / FILE).is_file() and not (course / "records").is_dir():
        raise GradebookError(f"「{course}」里还没有成绩：先运行 autograder grade 评分")
    base = _from_gradebook(course) if (course / FILE).is_file() else _Base()
    records = {lab: _records(course, lab) for lab in _folders(course / "records")}
    known = _ordered({*base.labs, *(lab for lab, found in records.items() if found)})
    wanted = list(labs) if labs else known
    unknown = [lab for lab in wanted if lab not in known]
    if unknown:
        raise GradebookError(
            f"没有 {'、'.join(unknown)} 的成绩；有成绩的是 {'、'.join(known) or '（无）'}"
        )
    handed = {lab: _handed_in(course, lab) for lab in wanted}
    everyone = {s for lab in wanted for s in (*records.get(lab, {}), *handed[lab])}
    students, unlisted = _students(base, everyone, roster)
    sheets = tuple(
        _lab_marks(lab, base.labs.get(lab, _Lab()), records.get(lab, {}), handed[lab], students)
        for lab in wanted
    )
    return apply_late_policy(ClassMarks(students, sheets, unlisted), course)


def lab_title(lab: str) -> str:
    """The title of a lab or chapter in the syllabus, "" when it is not there."""
    from crmkit.syllabus import SyllabusError, course

    if chapter_of(lab):
        return f"{course().chapter(chapter_of(lab)).title}　小测"
    try:
        return course().lab(lab).title
    except SyllabusError:
        try:
            return course().chapter(lab[:4]).title
        except SyllabusError:
            return ""


@dataclass
class _Lab:
    """What the gradebook has of one lab."""

    points: dict[str, float] = field(default_factory=dict)
    marks: dict[str, dict[str, ItemMark]] = field(default_factory=dict)
    penalties: dict[str, float] = field(default_factory=dict)
    comments: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    due: datetime | None = None
    extended: dict[str, timedelta] = field(default_factory=dict)


@dataclass
class _Base:
    """What the gradebook has."""

    names: dict[str, str] = field(default_factory=dict)
    labs: dict[str, _Lab] = field(default_factory=dict)


def _from_gradebook(course: Path) -> _Base:
    from nbgrader.api import (
        BaseCell,
        Comment,
        Grade,
        SubmittedAssignment,
        SubmittedNotebook,
    )

    base = _Base()
    with open_gradebook(course) as gb:
        for s in gb.students:
            base.names[s.id] = _whole_name(s.last_name, s.first_name)
        for assignment in gb.assignments:
            lab = base.labs.setdefault(assignment.name, _Lab())
            lab.due = assignment.duedate
            for notebook in assignment.notebooks:
                for cell in (*notebook.grade_cells, *notebook.task_cells):
                    lab.points[cell.name] = float(cell.max_score)
            notebooks = gb.db.query(SubmittedAssignment, SubmittedNotebook).filter(
                SubmittedAssignment.assignment_id == assignment.id,
                SubmittedNotebook.assignment_id == SubmittedAssignment.id,
            )
            owner = {}
            for submission, notebook in notebooks:
                student = owner[notebook.id] = submission.student_id
                lab.marks.setdefault(student, {})
                penalty = float(notebook.late_submission_penalty or 0.0)
                lab.penalties[student] = lab.penalties.get(student, 0.0) + penalty
                if submission.timestamp is not None:
                    lab.times[student] = submission.timestamp
                if submission.extension:
                    lab.extended[student] = submission.extension
            grades = gb.db.query(BaseCell.name, Grade).filter(
                Grade.cell_id == BaseCell.id, Grade.notebook_id.in_(owner)
            )
            for name, grade in grades:
                given = grade.manual_score is not None or grade.auto_score is not None
                lab.marks[owner[grade.notebook_id]][name] = ItemMark(
                    score=float(grade.score) if given or grade.extra_credit else None,
                    pending=bool(grade.needs_manual_grade),
                    by_hand=grade.manual_score is not None,
                    extra=float(grade.extra_credit or 0.0),
                )
            comments = gb.db.query(BaseCell.name, Comment).filter(
                Comment.cell_id == BaseCell.id, Comment.notebook_id.in_(owner)
            )
            for name, comment in comments:
                text = (comment.manual_comment or "").strip()
                if text and text != NO_RESPONSE:
                    lab.comments.setdefault(owner[comment.notebook_id], []).append((name, text))
    return base


def _lab_marks(
    lab: str,
    base: _Lab,
    records: Mapping[str, dict[str, Any]],
    handed_in: set[str],
    students: Sequence[Student],
) -> LabMarks:
    items = _items(base, records)
    marks = {s.id: _one(base, records.get(s.id), s.id, s.id in handed_in, items) for s in students}
    return LabMarks(lab, lab_title(lab), items, marks, base.due, base.extended)


def _items(base: _Lab, records: Mapping[str, dict[str, Any]]) -> tuple[Item, ...]:
    """Items in the order of the records; points as the gradebook has them."""
    found: dict[str, Item] = {}
    for student in sorted(records):
        for raw in records[student]["items"]:
            points = base.points.get(raw["id"], float(raw["points"]))
            found.setdefault(raw["id"], Item(raw["id"], str(raw["title"]), points))
    for name in sorted(base.points):
        found.setdefault(name, Item(name, "", base.points[name]))
    return tuple(found.values())


def _one(
    base: _Lab,
    record: dict[str, Any] | None,
    student: str,
    handed_in: bool,
    items: Sequence[Item],
) -> LabMark:
    record = record or {}
    mends = tuple(map(str, record.get("mends", ())))
    marks = dict(base.marks.get(student, {}))
    comments = base.comments.get(student, [])
    in_gradebook = any(m.score is not None for m in marks.values())
    by_hand = any(m.by_hand for m in marks.values())
    note = ""
    if record.get("status") == "ungradable" and not by_hand:
        reason = str(record.get("reason", ""))
        return LabMark(UNGRADABLE, reason=reason, mends=mends, record=record, handed_in=base.times.get(student))  # fmt: skip
    if not in_gradebook and any(r.get("score") is not None for r in record.get("items", ())):
        note = "nbgrader 成绩册里没有这份提交，此分取自评分记录"
        marks = {r["id"]: _of_record(r) for r in record["items"]}
    elif not in_gradebook and not marks:
        return LabMark(UNGRADED if handed_in else MISSING, handed_in=base.times.get(student))
    ids = [i.id for i in items]
    general = []
    for name, text in comments:
        item = next((i for i in ids if name == i or name.startswith(f"{i}-")), "")
        if item in marks:
            before = marks[item].comment
            marks[item] = ItemMark(**{**vars(marks[item]), "comment": f"{before}\n{text}".strip()})
        else:
            general.append(text)
    status = PENDING if any(m.pending for m in marks.values()) else GRADED
    return LabMark(
        status, marks, base.penalties.get(student, 0.0), "", mends, note, tuple(general), record,
        base.times.get(student),
    )  # fmt: skip


def _of_record(raw: Mapping[str, Any]) -> ItemMark:
    score = raw.get("score")
    return ItemMark(None if score is None else float(score), pending=score is None)


def _records(course: Path, lab: str) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((course / "records" / lab).glob("*.json")):
        if path.name.startswith(".") or not is_student_id(path.stem):
            continue
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            ids = [i["id"] for i in data["items"]]
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise GradebookError(
                f"评分记录「{path}」读不出来：删去这个文件，再运行 autograder grade {lab}"
            ) from e
        if len(ids) == len(set(ids)):
            found[path.stem] = data
    return found


def _folders(above: Path) -> list[str]:
    return sorted(p.name for p in above.iterdir() if p.is_dir()) if above.is_dir() else []


def _handed_in(course: Path, lab: str) -> set[str]:
    """Students with something of it in the class folder; a quiz comes with its chapter."""
    if chapter := chapter_of(lab):
        files = (course / "submitted").glob(f"*/{chapter}/out/{lab}.json")
        return {p.parents[2].name for p in files if is_student_id(p.parents[2].name)}
    folders = (course / "submitted").glob(f"*/{lab}")
    return {p.parent.name for p in folders if p.is_dir() and is_student_id(p.parent.name)}


def _students(
    base: _Base, everyone: set[str], roster: Roster | None
) -> tuple[tuple[Student, ...], frozenset[str]]:
    listed = list(roster.students) if roster is not None else []
    there = {s.id for s in listed}
    further = sorted({*base.names, *everyone} - there)
    students = [Student(s.id, s.name or base.names.get(s.id, ""), s.group) for s in listed]
    students += [Student(s, base.names.get(s, "")) for s in further]
    return tuple(students), frozenset(further) if roster is not None else frozenset()


def _whole_name(last: str | None, first: str | None) -> str:
    """The kit puts the whole name into last_name; other tools split it."""
    last, first = (last or "").strip(), (first or "").strip()
    latin = last.isascii() and first.isascii()
    return f"{first} {last}".strip() if latin else f"{last}{first}"


def _ordered(labs: set[str]) -> list[str]:
    """Chapters, then labs as the course has them, then the rest by name."""
    from crmkit.syllabus import course

    places = {lab.id: n for n, lab in enumerate(course().labs)}
    return sorted(labs, key=lambda lab: (not lab.startswith("ch"), places.get(lab, 99), lab))
