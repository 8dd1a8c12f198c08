"""The work on one submission: take it in, run it, judge it. The same call on every machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder import grade, judge, snapshots
from autograder.intake import take_in
from autograder.record import Record, key
from autograder.run.outputs import shown
from autograder.sandbox import Backend, Limits, SandboxError
from crmkit.errors import KitError

MAX_SHOWN = 2_000_000  # characters of output that a graded notebook keeps


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    Attributes
    ----------
    folder : str
        The folder it was handed in.
    submission : str
        Fingerprint of that folder as it is.
    judge : str
        Fingerprint of the lab's judge as the class has it.
    known : str
        Key of the record that is there; with the same key nothing runs.
    taken : Taken, optional
        What was taken in from the folder, for a machine that cannot see it.
    """

    lab: str
    student: str
    folder: str = ""
    submission: str = ""
    judge: str = ""
    known: str = ""
    taken: Taken | None = None


@dataclass(frozen=True)
class Taken:
    """A hand-in that was taken in, as plain data.

    Attributes
    ----------
    notebook : NotebookNode or dict
        The mended notebook.
    """

    notebook: Any
    files: dict[str, bytes]
    mends: list[str]
    moment: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task: data only, so that it can come from another process or machine.

    Attributes
    ----------
    record : Record
        Graded or not; without items when `same`.
    notebook : str
        The graded notebook as JSON; empty when there is none or nothing ran.
    answers : bytes
        Packed answers (`autograder.snapshots`).
    files : dict of str to bytes
        What lies beside the notebook: handed in, and made by it as an answer.
    moment : datetime, optional
        When it was handed in.
    same : bool
        The record that is there has this key already.
    """

    record: Record
    notebook: str = ""
    answers: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    moment: datetime | None = None
    same: bool = False


def ship(task: Task) -> Task:
    """The task with its content in it, for a machine that cannot see the folder.

    Raises
    ------
    KitError
        It cannot be taken in.
    """
    made = take_in(Path(task.folder), task.lab)
    plain = json.loads(json.dumps(made.notebook))
    taken = Taken(plain, dict(made.files), list(made.mends), made.moment)
    return replace(task, folder="", taken=taken)


def work(task: Task, backend: Backend, limits: Limits | None = None) -> Outcome:
    """Grade one submission. Whatever is wrong with it is said in the record.

    Raises
    ------
    SandboxError
        The sandbox does not work; the submission is not to blame.
    """
    try:
        return _work(task, backend, limits)
    except SandboxError:
        raise
    except Exception as e:  # one submission that cannot be graded must not stop the class
        return refused(task, backend.name, grade.describe(e))


def refused(task: Task, backend: str, reason: str) -> Outcome:
    """The outcome of a submission that cannot be graded: a reason and no mark."""
    inputs = {"submission": task.submission} if task.submission else {}
    return Outcome(
        Record(task.lab, task.student, backend, inputs, status="ungradable", reason=reason)
    )


def _work(task: Task, backend: Backend, limits: Limits | None) -> Outcome:
    spec = judge.load(task.lab)
    if task.judge and task.judge != judge.fingerprint(task.lab):
        raise KitError(f"这台机器上 {task.lab} 的题目与班级用的不同：请装同一版本的课程")
    handin: Any
    if task.taken is None:
        handin = take_in(Path(task.folder), task.lab)
    else:
        handin = replace(task.taken, notebook=nbformat.from_dict(task.taken.notebook))
    given = {"submission": task.submission} if task.submission else {}
    inputs = given | grade.fingerprints(handin, task.lab)
    address = key(task.lab, task.student, backend.name, inputs)
    if task.known == address:
        made = Record(task.lab, task.student, backend.name, inputs, key=address)
        return Outcome(made, moment=handin.moment, same=True)
    record, run = grade.grade(handin, spec, task.student, backend, limits)
    record.inputs.update(given)
    return Outcome(
        record,
        json.dumps(graded_notebook(handin.notebook, run, record), ensure_ascii=False),
        snapshots.pack(run, record.inputs["content"]),
        {**handin.files, **run.files},
        handin.moment,
    )


def graded_notebook(nb: NotebookNode, run: grade.Run, record: Record) -> NotebookNode:
    """The notebook with the outputs of the run, and the judge's words in the grade cells."""
    out = nbformat.from_dict(nb)
    left = MAX_SHOWN
    for i, cell in enumerate(out.cells):
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        kept = [shown(o) for o in run.outputs.get(i, [])]
        left -= sum(len(json.dumps(o)) for o in kept)
        cell.outputs = [nbformat.from_dict(o) for o in kept] if left >= 0 else [_TOO_MUCH]
    put_results(out, record)
    return out


def put_results(nb: NotebookNode, record: Record) -> None:
    """Write the judge's words and score into the grade cells, where nbgrader reads them."""
    results = {r.id: r for r in record.items}
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not marks.get("grade") or marks.get("solution"):
            continue
        result = results.get(marks.get("grade_id", ""))
        if result is None:  # of no item of this lab: nbgrader must not find a mark in it
            del cell.metadata["nbgrader"]
            continue
        cell.outputs = [nbformat.from_dict(o) for o in grade.outputs_for_nbgrader(result)]


_TOO_MUCH = nbformat.from_dict({
    "output_type": "stream", "name": "stdout", "text": "（这份提交的输出太多，这里没有保留）\n",
})  # fmt: skip
