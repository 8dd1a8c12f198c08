"""The final mark by a scheme of the course documents, exactly, with what is open about it.

Four things are kept apart: a mark of 0; work not handed in (counts 0, shown as 未交); what could
not be graded (no mark; left out, and the total is provisional); what was excused (left out for good,
the rest stands for it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from autograder.gradebook.attendance import Register, read_register
from autograder.gradebook.exact import exact, half_up, show
from autograder.gradebook.marks import (
    EXCUSED,
    MISSING,
    PENDING,
    UNGRADABLE,
    ClassMarks,
    LabMarks,
)
from autograder.gradebook.settings import (
    ALL,
    ASSIGNMENTS,
    ATTENDANCE,
    CHAPTERS,
    LABS,
    QUIZZES,
    GradingSettings,
    Origin,
    settings_of,
)
from autograder.gradebook.tables import MarkTable, read_table
from autograder.quizzes import chapter_of
from autograder.roster import Student
from crmkit.syllabus import Component, course

UNRECORDED = "未录入"
COMPLETE, PROVISIONAL = "完整", "暂定"
HUNDRED = Fraction(100)


@dataclass(frozen=True)
class Cell:
    """One value of one student: what it counts (None: left out) and the word shown for it."""

    value: Fraction | None = None
    word: str = ""
    open: bool = False  # may still change without anybody's mistake: not graded, not entered


NOT_ENTERED = Cell(None, UNRECORDED, True)


@dataclass(frozen=True)
class Column:
    """One thing that counts in an item: an assignment, a column of a table, or the register."""

    title: str
    full: Fraction
    weight: Fraction
    cells: Mapping[str, Cell]
    sheet: str = ""  # the assignment's or the register's own sheet, where the numbers live


@dataclass(frozen=True)
class ItemMarks:
    """One item of the scheme: per student a mark out of 100."""

    id: str
    title: str
    points: Fraction  # in the component, by the policy in force
    columns: tuple[Column, ...]
    results: Mapping[str, Cell]


@dataclass(frozen=True)
class ComponentMarks:
    """One component: per student its points, at most `weight`."""

    id: str
    title: str
    weight: Fraction  # by the policy in force
    capped: bool
    items: tuple[ItemMarks, ...]
    results: Mapping[str, Cell]

    @property
    def points(self) -> Fraction:
        return sum((i.points for i in self.items), Fraction(0))

    def share(self, item: ItemMarks) -> Fraction:
        """Points of the final mark that an item is worth."""
        return item.points if self.capped else item.points * self.weight / self.points


@dataclass(frozen=True)
class FinalMark:
    """A student's total: exact, rounded, as a word; None as long as a component is missing."""

    exact: Fraction | None
    rounded: Decimal | None
    level: str
    status: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassTotals:
    """A class by its scheme."""

    marks: ClassMarks
    settings: GradingSettings
    components: tuple[ComponentMarks, ...]
    totals: Mapping[str, FinalMark]
    registers: tuple[Register, ...]
    warnings: tuple[str, ...] = ()

    @property
    def students(self) -> tuple[Student, ...]:
        return self.marks.students

    @property
    def items(self) -> tuple[ItemMarks, ...]:
        return tuple(i for c in self.components for i in c.items)

    def policy_words(self) -> list[str]:
        """The scheme and policy in force, for the screen and the export."""
        return policy_words(self.settings)


def policy_words(settings: GradingSettings) -> list[str]:
    """The scheme and, where its document contradicts itself, the warning and the policy in force."""
    scheme = settings.scheme
    parts = " + ".join(f"{c.title} {show(exact(c.weight))}" for c in scheme.components)
    lines = [f"成绩方案：{scheme.title}：{parts}"]
    for component in scheme.components:
        if component.policies:
            policy = settings.policy
            lines.append(f"注意：{component.note}。现用办法 {policy}：{component.policies[policy]}")
        elif component.items_status == "proposed":
            split = "、".join(
                f"{title} {show(exact(points))}" for _, title, points in component.items
            )
            lines.append(f"{component.title}的分配（{split}）是建议值：大纲只写了几项名称，没有写比例")  # fmt: skip
    return lines


def compute(folder: Path | str, marks: ClassMarks, settings: GradingSettings | None = None) -> ClassTotals:  # fmt: skip
    """Total the marks of a class by its scheme.

    Parameters
    ----------
    folder : path
        The class folder, for imported tables.
    marks : ClassMarks
        The marks of the assignments.
    settings : GradingSettings, optional
        How to grade; the class's grading.yaml when not given.
    """
    settings = settings or settings_of(folder)
    source = _Source(Path(folder), marks, settings)
    weights = _weights(settings)
    components = tuple(
        _component(c, weights[c.id], settings, source) for c in settings.scheme.components
    )
    totals = {s.id: _total(s.id, components, settings) for s in marks.students}
    return ClassTotals(
        marks, settings, components, totals, tuple(source.registers.values()), tuple(source.warnings)
    )  # fmt: skip


def _weights(settings: GradingSettings) -> dict[str, Fraction]:
    """Weights of the components; "raw" takes the items as they stand and shrinks the rest."""
    weights = {c.id: exact(c.weight) for c in settings.scheme.components}
    for component in settings.scheme.components:
        if component.policies and settings.policy == "raw":
            stated = sum((exact(p) for _, _, p in component.items), Fraction(0))
            rest = HUNDRED - weights[component.id]
            weights = {k: w * (HUNDRED - stated) / rest for k, w in weights.items()}
            weights[component.id] = stated
    return weights


def _component(
    component: Component, weight: Fraction, settings: GradingSettings, source: _Source
) -> ComponentMarks:
    raw = settings.component_items(component)
    if component.policies and settings.policy == "fix_quiz":
        excess = sum(p for _, _, p in raw) - weight
        raw = tuple((i, t, p - excess if i == "quiz" else p) for i, t, p in raw)
    elif not component.policies:
        scale = weight / sum(p for _, _, p in raw)
        raw = tuple((i, title, p * scale) for i, title, p in raw)
    items = tuple(source.item(*r) for r in raw)
    capped = bool(component.policies) and settings.policy == "cap"
    results = {s.id: _points(s.id, items, weight, capped) for s in source.marks.students}
    return ComponentMarks(component.id, component.title, weight, capped, items, results)


def _points(student: str, items: Sequence[ItemMarks], weight: Fraction, capped: bool) -> Cell:
    """The component's points; items that do not count are stood for by the others."""
    cells = [i.results[student] for i in items]
    counted = [(i, c.value) for i, c in zip(items, cells, strict=True) if c.value is not None]
    is_open = any(c.open for c in cells)
    if not counted:
        return _without(cells)
    share = sum((i.points * v for i, v in counted), Fraction(0)) / HUNDRED
    share /= sum((i.points for i, _ in counted), Fraction(0))
    if not capped:
        return Cell(share * weight, "", is_open)
    return Cell(min(weight, share * sum(i.points for i in items)), "", is_open)


def _total(
    student: str, components: Sequence[ComponentMarks], settings: GradingSettings
) -> FinalMark:
    cells = [c.results[student] for c in components]
    without = [
        component.title
        for component, cell in zip(components, cells, strict=True)
        if cell.value is None
    ]
    remarks = [
        f"{i.title}{i.results[student].word}"
        for c in components
        for i in c.items
        if i.results[student].value is None and len(c.items) > 1
    ]
    if without:
        return FinalMark(None, None, "", "缺 " + "、".join(without), tuple(remarks))
    value = sum((c.value for c in cells if c.value is not None), Fraction(0))
    rounded = half_up(value, settings.places)
    status = PROVISIONAL if any(c.open for c in cells) else COMPLETE
    return FinalMark(value, rounded, settings.level(exact(rounded)), status, tuple(remarks))


class _Source:
    """Columns of marks for the items, from assignments, tables and registers."""

    def __init__(self, folder: Path, marks: ClassMarks, settings: GradingSettings) -> None:
        self.folder, self.marks, self.settings = folder, marks, settings
        self.labs = {lab.lab: lab for lab in marks.labs}
        self.registers: dict[str, Register] = {}
        self.warnings: list[str] = []

    def item(self, id: str, title: str, points: Fraction) -> ItemMarks:
        columns = tuple(
            c for origin in self.settings.origins.get(id, ()) for c in self._columns(origin, title)
        )
        if not columns:
            self.warnings.append(f"{title}：还没有分数")
        results = {s.id: _average(s.id, columns) for s in self.marks.students}
        return ItemMarks(id, title, points, columns, results)

    def _columns(self, origin: Origin, title: str) -> list[Column]:
        if origin.kind == ASSIGNMENTS:
            return [self._lab(lab, origin) for lab in self._chosen(origin.names, title)]
        columns = []
        for name in origin.names:
            table = read_table(self.folder, name)
            if table is None and origin.optional:
                continue
            if table is None:
                self.warnings.append(f"{title}：还没有导入「{name}」")
            elif origin.kind == ATTENDANCE:
                columns.append(self._attendance(table, origin))
            else:
                columns += [self._table(table, c, origin) for c in table.columns]
        return columns

    def _chosen(self, names: tuple[str, ...], title: str) -> list[LabMarks]:
        exams = {lab.id for lab in course().labs if lab.type == "exam"}
        chosen: dict[str, LabMarks] = {}
        for name in names:
            if name in (ALL, CHAPTERS, LABS, QUIZZES):
                for lab in self.marks.labs:
                    if name == QUIZZES or chapter_of(lab.lab):  # a quiz counts as a quiz only
                        belongs = name == QUIZZES and chapter_of(lab.lab) != ""
                    else:
                        chapter = lab.lab.startswith("ch")
                        belongs = name == ALL or chapter == (name == CHAPTERS)
                    if belongs and lab.lab not in exams:
                        chosen[lab.lab] = lab
                if name == LABS and self.settings.scheme.id == "course_64":
                    chosen.update({k: v for k, v in self.labs.items() if k in exams})
            elif name in self.labs:
                chosen[name] = self.labs[name]
            else:
                self.warnings.append(f"{title}：{name} 还没有成绩，没有计入")
        return list(chosen.values())

    def _lab(self, lab: LabMarks, origin: Origin) -> Column:
        cells = {s.id: self._of_lab(lab, s.id) for s in self.marks.students}
        full = sum((exact(i.points) for i in lab.items), Fraction(0)) or HUNDRED
        return Column(lab.lab, full, origin.weight(lab.lab), cells, sheet=lab.lab)

    def _of_lab(self, lab: LabMarks, student: str) -> Cell:
        mark = lab.marks[student]
        if mark.final is not None:
            return Cell(mark.final, "", mark.status == PENDING)
        if mark.status == MISSING:
            return Cell(Fraction(0), MISSING)
        if mark.status == EXCUSED:
            return Cell(None, EXCUSED)
        if mark.status == UNGRADABLE and self.settings.ungradable_is_zero:
            return Cell(Fraction(0), UNGRADABLE)
        return Cell(None, mark.status, True)

    def _table(self, table: MarkTable, column: str, origin: Origin) -> Column:
        cells = {}
        for student in self.marks.students:
            text = table.cells.get(student.id, {}).get(column, "")
            cells[student.id] = self._of_text(text, exact(table.columns[column]))
        full = exact(table.columns[column]) or HUNDRED
        return Column(column, full, origin.weight(column), cells)

    def _of_text(self, text: str, full: Fraction) -> Cell:
        if text == "":
            return NOT_ENTERED
        if text in self.settings.words:
            worth = self.settings.words[text]
            return Cell(None if worth is None else worth * full / HUNDRED, text)
        return Cell(exact(text))

    def _attendance(self, table: MarkTable, origin: Origin) -> Column:
        register = self.registers.get(table.name)
        if register is None:
            ids = [s.id for s in self.marks.students]
            register = read_register(table, ids, self.settings.attendance)
            self.registers[table.name] = register
        cells = {
            student: NOT_ENTERED if value is None else Cell(value)
            for student, value in register.results.items()
        }
        return Column(table.name, HUNDRED, origin.weight(table.name), cells, sheet=table.name)


def _average(student: str, columns: Sequence[Column]) -> Cell:
    """The weighted mean out of 100 of what counts; extra points never lift it above 100."""
    if not columns:
        return NOT_ENTERED
    cells = [(c, c.cells[student]) for c in columns]
    counted = [(c, cell.value) for c, cell in cells if cell.value is not None and c.weight]
    is_open = any(cell.open for _, cell in cells)
    if not counted:
        return _without([cell for _, cell in cells])
    total = sum((c.weight * v / c.full for c, v in counted), Fraction(0))
    rate = HUNDRED * total / sum((c.weight for c, _ in counted), Fraction(0))
    return Cell(min(HUNDRED, rate), "", is_open)


def _without(cells: Sequence[Cell]) -> Cell:
    """Nothing counts: the word of what may still come, else why it is left out."""
    waiting = next((c for c in cells if c.open), None)
    return Cell(None, (waiting or cells[0]).word or UNRECORDED, waiting is not None)
