"""Where the kit plugs into nbgrader's own pipeline, for its command line and for formgrader.

nbgrader reads each hand-in, mends it, and reads it again to run it. Here the kit's intake reads it
(`TakenIn`), and the run is the same call as that of ``autograder grade`` (`RunAndJudge`); nbgrader
saves the scores, comments and penalties. The record follows when all is saved (`finish`).
"""

from __future__ import annotations

import atexit
import json
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import build, judge, record, sandbox, snapshots
from autograder import grade as grading
from autograder.fingerprint import of_folder
from autograder.intake import take_in
from autograder.run.work import Outcome, Task, refused, work
from autograder.sandbox import Backend

_waiting: dict[tuple[str, str], Outcome] = {}  # graded, not yet saved by nbgrader


class HandOut(NbGraderPreprocessor):
    """Turns the instructor's notebook into the student's (in place of nbgrader's own steps)."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        return build.student(nb), resources


class TakenIn(NotebookExporter):
    """Reads a hand-in through the kit's intake, and everything else as nbgrader does."""

    def from_filename(
        self, filename: str, resources: dict | None = None, **words: Any
    ) -> tuple[NotebookNode, dict]:
        path = Path(filename)
        coursedir: Any = getattr(self.parent, "coursedir", None)
        if coursedir is None or path.parents[2].name != coursedir.submitted_directory:
            return super().from_filename(filename, resources=resources, **words)
        lab, student = path.parents[0].name, path.parents[1].name
        try:
            taken = take_in(path.parent.resolve(), lab)
        except Exception as e:
            root = Path(coursedir.root)
            task = _task(root, lab, student)
            _save(root, refused(task, _backend().name, grading.describe(e)))
            raise
        return self.from_notebook_node(taken.notebook, resources=resources, **words)


class RunAndJudge(NbGraderPreprocessor):
    """Runs the student's cells in a backend and writes the judge's scores into the grade cells.

    It stands in place of nbgrader's Execute; nbgrader's SaveAutoGrades then reads the scores.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        lab = resources["nbgrader"]["assignment"]
        student = resources["nbgrader"]["student"]
        root = Path(resources["metadata"]["path"]).resolve().parents[2]
        outcome = work(_task(root, lab, student), _backend())
        if outcome.record.status == "ungradable":
            _save(root, outcome)
            raise RuntimeError(outcome.record.reason)
        record.reopen(root / "records", lab, student)
        _waiting[lab, student] = outcome
        return nbformat.from_dict(json.loads(outcome.notebook)), resources


@cache
def _backend() -> Backend:
    """One for all hand-ins of this process, the best there is."""
    backend = sandbox.best()
    atexit.register(backend.close)
    return backend


def finish(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook after a hand-in: all is saved, now the record says so."""
    for notebook in notebooks:
        folder = Path(notebook).resolve().parent
        outcome = _waiting.pop((folder.name, folder.parent.name), None)
        if outcome is not None:
            _save(folder.parents[2], outcome)


def _task(root: Path, lab: str, student: str) -> Task:
    folder = root / "submitted" / student / lab
    return Task(lab, student, str(folder), of_folder(folder), judge.fingerprint(lab))


def _save(root: Path, outcome: Outcome) -> None:
    made, records = outcome.record, root / "records"
    if outcome.answers:
        snapshots.write(outcome.answers, records, made.lab, made.student)
    else:
        snapshots.place(records, made.lab, made.student).unlink(missing_ok=True)
    record.write(made, records)
