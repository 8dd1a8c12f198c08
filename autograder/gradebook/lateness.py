"""The late policy and the exceptions of a class, applied to its marks and kept in nbgrader."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from autograder.gradebook.database import FILE, open_gradebook
from autograder.gradebook.exact import exact
from autograder.gradebook.exceptions import Leave, Leaves, read_leaves
from autograder.gradebook.late import Deduction
from autograder.gradebook.marks import EXCUSED, NO_MARK, ClassMarks, LabMark, LabMarks
from autograder.gradebook.settings import GradingSettings, settings_of


def apply_late_policy(marks: ClassMarks, course: Path) -> ClassMarks:
    """The marks with each hand-in's deduction by the policy in grading.yaml, and what is excused.

    Where the policy has no say (no rules, no deadline), the penalty that nbgrader holds stays.
    """
    settings, leaves = settings_of(course), read_leaves(course)
    if not leaves and not settings.late.steps:
        return marks
    labs = tuple(_with_policy(lab, settings, leaves) for lab in marks.labs)
    return replace(marks, labs=labs)


def _with_policy(lab: LabMarks, settings: GradingSettings, leaves: Leaves) -> LabMarks:
    due = settings.deadlines.get(lab.lab, lab.due)
    marks = {}
    for student, mark in lab.marks.items():
        leave = leaves.get((student, lab.lab))
        if leave is not None and leave.excused:
            marks[student] = replace(mark, status=EXCUSED, reason=leave.reason, penalty=0.0)
            continue
        own = own_deadline(due, lab.extended.get(student), leave)
        changed = replace(mark, due=own)
        decided = leave is not None or lab.lab in settings.deadlines
        deduction = _deduction(changed, lab, settings)
        if deduction is not None and (deduction.why or decided):
            if leave is not None and deduction.why:
                deduction = replace(deduction, why=f"{deduction.why}；{leave.words()}")
            changed = replace(changed, deduction=deduction, penalty=float(deduction.amount))
        marks[student] = changed
    return replace(lab, marks=marks, due=due)


def own_deadline(
    due: datetime | None, extended: timedelta | None, leave: Leave | None
) -> datetime | None:
    """A student's deadline: an exception in our table, else nbgrader's extension."""
    if leave is not None:
        return leave.deadline(due)
    return due + extended if due is not None and extended else due


def _deduction(mark: LabMark, lab: LabMarks, settings: GradingSettings) -> Deduction | None:
    if mark.status in NO_MARK or mark.handed_in is None or mark.due is None:
        return None
    if not settings.late.steps:
        return None
    points = sum((exact(i.points) for i in lab.items), exact(0))
    return settings.late.deduct(mark.handed_in - mark.due, mark.exact_raw, points)


def write_deadlines(course: Path | str) -> int:
    """Put the deadlines of grading.yaml and the extensions into nbgrader's gradebook.

    So that formgrader shows them and nbgrader's own late step sees the same lateness. Returns the
    number of entries that changed.
    """
    course = Path(course)
    settings, leaves = settings_of(course), read_leaves(course)
    if not (course / FILE).is_file() or not (settings.deadlines or leaves):
        return 0
    changed = 0
    with open_gradebook(course) as gb:
        for assignment in gb.assignments:
            due = settings.deadlines.get(assignment.name)
            if due is not None and assignment.duedate != due:
                assignment.duedate = due
                changed += 1
            for submission in assignment.submissions:
                leave = leaves.get((submission.student_id, assignment.name))
                if leave is None or leave.excused or assignment.duedate is None:
                    continue
                own = leave.deadline(assignment.duedate)
                more = own - assignment.duedate if own is not None else None
                if submission.extension != more:
                    submission.extension = more
                    changed += 1
        gb.db.commit()
    return changed


def write_penalties(course: Path | str, marks: ClassMarks) -> int:
    """Put the deductions into nbgrader's gradebook, so that formgrader shows the same marks.

    nbgrader computes its penalty once, while a teacher may still mark by hand; this brings it up
    to date. Returns the number of submissions that changed.
    """
    course = Path(course)
    wanted = {
        (lab.lab, student): float(mark.exact_penalty)
        for lab in marks.labs
        for student, mark in lab.marks.items()
        if mark.deduction is not None
    }
    if not wanted or not (course / FILE).is_file():
        return 0
    changed = 0
    with open_gradebook(course) as gb:
        for assignment in gb.assignments:
            for submission in assignment.submissions:
                penalty = wanted.get((assignment.name, submission.student_id))
                if penalty is None or not submission.notebooks:
                    continue
                if abs((submission.late_submission_penalty or 0.0) - penalty) < 1e-9:
                    continue
                first, *others = submission.notebooks
                first.late_submission_penalty = penalty
                for notebook in others:
                    notebook.late_submission_penalty = 0.0
                changed += 1
        gb.db.commit()
    return changed
