"""nbgrader's rows of one submission, written in one transaction.

What stands here follows nbgrader 0.9.6 line by line: ``converters/autograde.py`` (student and
submission), ``preprocessors/saveautogrades.py`` (grades and comments) and
``preprocessors/latesubmissions.py`` (penalties). nbgrader opens its gradebook anew for each of
these steps and commits after every cell; here one open gradebook commits once a submission, so that
a killed run leaves either all of a submission's marks or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from autograder.judge import Result
from crmkit.errors import KitError


@contextmanager
def transaction(gb: Gradebook) -> Iterator[None]:
    """Everything inside is written, or nothing of it.

    Raises
    ------
    KitError
        Another program has kept the gradebook locked for too long.
    """
    try:
        yield
        gb.db.commit()
    except OperationalError as e:
        gb.db.rollback()
        raise KitError(f"写不了成绩册：它被别的程序占用，或磁盘已满（{e.orig}）") from e
    except BaseException:
        gb.db.rollback()
        raise


def auto_scores(gb: Gradebook, lab: str) -> dict[str, dict[str, float | None]]:
    """Student → item → what the autograder gave, as the gradebook has it."""
    rows = (
        gb.db.query(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .filter(Assignment.name == lab)
    )
    found: dict[str, dict[str, float | None]] = {}
    for student, item, score in rows:
        found.setdefault(student, {})[item] = score
    return found


def points(gb: Gradebook, lab: str) -> dict[str, float]:
    """Item → the most it can give, as the gradebook has it; empty when the lab is not in it."""
    found = gb.db.query(Assignment).filter(Assignment.name == lab).one_or_none()
    notebooks = found.notebooks if found is not None else []
    return {c.name: float(c.max_score) for nb in notebooks for c in nb.grade_cells}


def has_submissions(gb: Gradebook, lab: str) -> bool:
    """Whether anyone's submission of this lab stands in the gradebook."""
    query = gb.db.query(SubmittedAssignment.id).join(Assignment).filter(Assignment.name == lab)
    return query.first() is not None


def save(
    gb: Gradebook, lab: str, notebook: str, student: str, nb: NotebookNode,
    timestamp: datetime | None, config: Config,
) -> None:  # fmt: skip
    """Write what nbgrader's autograde writes of one graded notebook; the caller commits."""
    submitted = _submission(gb, lab, notebook, student, timestamp)
    grades = {g.cell.name: g for g in submitted.grades}
    comments = {c.cell.name: c for c in submitted.comments}
    for cell in nb.cells:
        if utils.is_grade(cell):
            _score(grades[cell.metadata.nbgrader["grade_id"]], utils.determine_grade(cell)[0])
        if utils.is_solution(cell) or utils.is_task(cell):
            comment = comments.get(cell.metadata.nbgrader["grade_id"])
            if comment is not None:
                comment.auto_comment = _auto_comment(cell)
    _penalize(gb, submitted, student, config)


def resubmit(
    gb: Gradebook, lab: str, notebook: str, student: str, timestamp: datetime | None, config: Config
) -> None:
    """Write what changes when the same work is handed in again: time and penalty."""
    submitted = _submission(gb, lab, notebook, student, timestamp)
    _penalize(gb, submitted, student, config)


def rescore(
    gb: Gradebook, lab: str, notebook: str, student: str, results: list[Result], config: Config
) -> None:
    """Write new scores of some items; marks by hand stay and ask for another look."""
    submitted = _submission(gb, lab, notebook, student, None)
    grades = {g.cell.name: g for g in submitted.grades}
    for result in results:
        _score(grades[result.id], result.score)
    _penalize(gb, submitted, student, config)


def withdraw(gb: Gradebook, lab: str, student: str) -> None:
    """Take back what the autograder gave: a reason and no mark, never a zero.

    What a teacher gave by hand stays.
    """
    rows = (
        gb.db.query(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == lab, SubmittedAssignment.student_id == student)
    )
    for grade in rows:
        _score(grade, None)


def _score(grade: Any, score: float | None) -> None:
    grade.auto_score = score
    grade.needs_manual_grade = grade.manual_score is not None or score is None


def _auto_comment(cell: NotebookNode) -> str | None:
    untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return "No response." if untouched and not utils.is_task(cell) else None


def _submission(
    gb: Gradebook, lab: str, notebook: str, student: str, timestamp: datetime | None
) -> SubmittedNotebook:
    """The submission's row for this notebook; made with all its grades when it is the first."""
    db = gb.db
    person = db.get(Student, student)
    if person is None:
        person = Student(id=student)
        db.add(person)
    assignment = db.query(Assignment).filter(Assignment.name == lab).one()
    submission = (
        db.query(SubmittedAssignment)
        .filter(
            SubmittedAssignment.assignment_id == assignment.id,
            SubmittedAssignment.student_id == student,
        )
        .one_or_none()
    )
    if submission is None:
        submission = SubmittedAssignment(assignment=assignment, student=person)
        for source in assignment.notebooks:
            _empty(SubmittedNotebook(notebook=source, assignment=submission), source)
        db.add(submission)
    if timestamp is not None:
        submission.timestamp = timestamp
    db.flush()
    of_it = (
        db.query(SubmittedNotebook)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .filter(SubmittedNotebook.assignment_id == submission.id, Notebook.name == notebook)
    )
    return of_it.one()


def _empty(submitted: SubmittedNotebook, source: Notebook) -> None:
    for cell in source.grade_cells:
        Grade(cell_id=cell.id, notebook=submitted)
    for cell in source.solution_cells:
        Comment(cell_id=cell.id, notebook=submitted)
    for cell in source.task_cells:
        Comment(cell_id=cell.id, notebook=submitted)
        Grade(cell_id=cell.id, notebook=submitted)


def _penalize(gb: Gradebook, submitted: SubmittedNotebook, student: str, config: Config) -> None:
    """The penalty of nbgrader's late-submission plugin, whichever the class has configured."""
    submitted.late_submission_penalty = None
    seconds = submitted.assignment.total_seconds_late
    if seconds <= 0:
        return
    gb.db.flush()
    gb.db.refresh(submitted)
    step = AssignLatePenalties(config=config)
    step.gradebook, step.assignment_id = gb, submitted.assignment.assignment.name
    step.init_plugin()
    penalty = step.plugin_inst.late_submission_penalty(student, submitted.score, seconds)
    if penalty is not None:
        submitted.late_submission_penalty = step._check_late_penalty(submitted, penalty)
