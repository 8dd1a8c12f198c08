"""Judge again from stored answers, after a judge has changed: nothing is run.

First comes a preview (`preview`), which writes nothing; then what it shows is written (`write`).
All items are judged anew, which is cheap, and what came out differently is what has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import crmkit
from autograder import grade, judge, record, snapshots
from autograder.judge import Result
from autograder.record import Record
from autograder.spec import Item, LabSpec
from crmkit.errors import KitError

if TYPE_CHECKING:
    from autograder.course import Course

Progress = Callable[[str, int, int], None]


class RegradeError(KitError):
    """There is nothing that could be judged again."""


@dataclass(frozen=True)
class Change:
    """One item of one student that came out differently."""

    student: str
    before: Result
    after: Result

    @property
    def difference(self) -> float:
        """Points won (or lost, below zero)."""
        return round((self.after.score or 0.0) - (self.before.score or 0.0), 2)


@dataclass(frozen=True)
class Rejudged:
    """One submission judged again: the record to write, and what is different in it."""

    record: Record
    changes: list[Change]
    stored_key: str


@dataclass
class Preview:
    """What a regrade would do.

    Attributes
    ----------
    rejudged : list of Rejudged
        Submissions whose record would be another one, though the marks may be the same.
    same : int
        Submissions that would stay as they are.
    rerun : dict of str to list of str
        Item → students whose stored answer does not serve any more: they need a new run.
    passed : dict of str to str
        Student → why the submission cannot be judged again.
    """

    lab: str
    rejudged: list[Rejudged] = field(default_factory=list)
    same: int = 0
    rerun: dict[str, list[str]] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> list[Change]:
        """Changed items, by student and item."""
        return [c for one in self.rejudged for c in one.changes]

    @property
    def moved(self) -> list[Change]:
        """Those changes that move a mark."""
        return [c for c in self.changes if c.difference]


def preview(
    course: Course, lab: str, items: Collection[str] = (), only: Collection[str] = (),
    progress: Progress = lambda student, done, total: None,
) -> Preview:  # fmt: skip
    """Judge the stored answers of a lab again and say what would change; nothing is written.

    Parameters
    ----------
    items : collection of str, optional
        Only these items; all when empty.
    only : collection of str, optional
        Only these students.

    Raises
    ------
    RegradeError
        No such item, or nothing was graded yet.
    """
    spec = judge.load(lab)
    known = {i.id for i in spec.items}
    wrong = [i for i in items if i not in known]
    if wrong:
        raise RegradeError(f"{lab} 没有这些题：{'、'.join(wrong)}；有 {'、'.join(sorted(known))}")
    students = [s for s in course.submitted(lab) if not only or s in only]
    found = Preview(lab)
    for n, student in enumerate(students):
        progress(student, n, len(students))
        _look_at(course, spec, student, items, found)
    progress("", len(students), len(students))
    if not students or len(found.passed) == len(students):
        raise RegradeError(f"{lab} 还没有可以重判的评分：先运行 autograder grade {lab}")
    return found


def write(course: Course, found: Preview) -> None:
    """Write what a preview has shown: notebook, gradebook and record, as grading does.

    Raises
    ------
    RegradeError
        A record has changed since the preview.
    KitError
        Another process is writing the class's marks.
    """
    from autograder.gradebook.database import open_gradebook
    from autograder.run.lock import only_writer
    from autograder.run.writer import Writer

    with only_writer(course.root):
        course.prepare(found.lab)
        with open_gradebook(course.root) as gb:
            writer = Writer(course.root, course.config, gb)
            for one in found.rejudged:
                there = record.read(course.records, found.lab, one.record.student)
                if there is None or there.get("key", "") != one.stored_key:
                    raise RegradeError(
                        f"{one.record.student} 的评分刚才变了：再运行一次 autograder regrade {found.lab}"
                    )
                writer.rejudged(one.record, [c.after for c in one.changes])


def _look_at(
    course: Course, spec: LabSpec, student: str, items: Collection[str], found: Preview
) -> None:
    """Judge one submission again."""
    data = record.read(course.records, spec.id, student)
    stored = snapshots.read(course.records, spec.id, student)
    if data is None or data.get("status") != "graded":
        found.passed[student] = "没有评分，或不能评分"
        return
    if stored is None or stored.content != data["inputs"].get("content"):
        found.passed[student] = "没有存下答案，要重新评分"
        return
    old = Record.from_json(data)
    submission = stored.submission(student)
    rerun = _need_a_run(spec, stored, submission)
    for item in rerun:
        found.rerun.setdefault(item, []).append(student)
    before = {r.id: r for r in old.items}
    new, changes, held_back = [], [], bool(rerun)
    for after in judge.judge(spec, submission):
        was = before.get(after.id)
        if was == after:
            new.append(after)
        elif after.id in rerun or (items and after.id not in items):
            held_back = True  # its old result stays, so the record is not that of the new judge
            new += [was] if was is not None else []
        else:
            new.append(after)
            if after.mode == "auto" and was is not None:
                changes.append(Change(student, was, after))
    if held_back:
        made = replace(old, items=new)
    else:
        inputs = {**old.inputs, "judge": judge.fingerprint(spec.id)}
        address = record.key(spec.id, student, old.backend, inputs)
        made = replace(old, items=new, inputs=inputs, key=address, kit=crmkit.__version__)
    if made == old:
        found.same += 1
    else:
        found.rejudged.append(Rejudged(made, changes, old.key))


def _need_a_run(spec: LabSpec, stored: snapshots.Stored, submission: judge.Submission) -> set[str]:
    """Items that cannot be judged from what is stored: other inputs now, or answers too large."""
    found = set(stored.left_out)
    functions: list[Item] = [i for i in spec.automatic if i.calls and i.id in stored.answers]
    if functions:
        world = spec.world(submission.student)
        for item in functions:
            now = grade.inputs_fingerprint(grade.asked(item, world))
            if stored.asked.get(item.id) != now:
                found.add(item.id)
    return found
