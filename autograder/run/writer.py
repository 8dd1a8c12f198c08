"""The one writer of a class: gradebook, graded notebook, answers and record of a submission.

Why a run that is killed at any point ends, after another run, where an undisturbed one does
--------------------------------------------------------------------------------------------
A submission is written in this order:

1. the key is taken off its record (if there is one);
2. the graded notebook and the answers are put in place, each by one rename;
3. its rows go into the gradebook, in one transaction;
4. the record is written with its key, by one rename.

A submission counts as done only if its record has the right key (`autograder.run.plan`). The key is
there only after step 4, so before step 1 of a submission all four things belong together, and after
step 4 they do again. Killed in between, the record has no key (or there is none), the next run takes
the submission as not done, and does all four steps again. They give the same result when they are
repeated: grading is a function of the hand-in, 2 and 4 replace what is there, and 3 sets values that
do not depend on the rows' automatic values before (marks by hand are only read). Step 1 comes first
because a student may hand in again what was graded before: a record of that time must not vouch for
rows and notebooks of another. Between submissions there is no other state. The folder that a killed
step 2 leaves behind is named for it and replaced by the next one.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder import judge, record, snapshots
from autograder.collecting.placing import together
from autograder.judge import Result
from autograder.record import Record
from autograder.run import rows
from autograder.run.work import Outcome, put_results

_TIME = "timestamp.txt"
# done here, or by intake: the cells of a graded notebook are those of the release
_OWN_STEPS = ("RunAndJudge", "SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata")
_READ_ONLY = 0o444


class Writer:
    """Writes what became of submissions.

    Parameters
    ----------
    root : Path
        The class folder.
    config : Config
        nbgrader's configuration of the class.
    gb : Gradebook
        The class's gradebook, open.
    """

    def __init__(self, root: Path, config: Config, gb: Gradebook) -> None:
        self.root, self.records = root, root / "records"
        self._config, self._gb = config, gb

    def put(self, outcome: Outcome) -> Record:
        """Write one outcome, in the order said above; return the record as it stands now."""
        made = outcome.record
        record.reopen(self.records, made.lab, made.student)
        if made.status == "ungradable":
            self._put_refused(made)
        elif outcome.same:
            made = self._put_again(made, outcome.moment)
        else:
            nb = self._finished(nbformat.from_dict(json.loads(outcome.notebook)), made)
            self._place(made, nb, outcome.files, outcome.moment)
            snapshots.write(outcome.answers, self.records, made.lab, made.student)
            with rows.transaction(self._gb):
                rows.save(self._gb, made.lab, _name(made.lab), made.student, nb,
                          _utc(outcome.moment), self._config)  # fmt: skip
        record.write(made, self.records)
        return made

    def rejudged(self, made: Record, changed: list[Result]) -> None:
        """Write new results of some items of a submission that was graded before."""
        record.reopen(self.records, made.lab, made.student)
        path = self._folder(made) / f"{_name(made.lab)}.ipynb"
        if path.is_file():
            nb = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
            put_results(nb, made)
            record.write_text(path, _text(nb))
            path.chmod(_READ_ONLY)
        with rows.transaction(self._gb):
            rows.rescore(self._gb, made.lab, _name(made.lab), made.student, changed, self._config)
        record.write(made, self.records)

    def _put_refused(self, made: Record) -> None:
        remove(self._folder(made))
        snapshots.place(self.records, made.lab, made.student).unlink(missing_ok=True)
        with rows.transaction(self._gb):
            rows.withdraw(self._gb, made.lab, made.student)

    def _put_again(self, made: Record, moment: datetime | None) -> Record:
        """The same work was handed in again: its marks stay, its time is the new one."""
        before = record.read(self.records, made.lab, made.student)
        assert before is not None, "a record that has vouched for this submission"
        if moment is not None:
            path = self._folder(made) / _TIME
            record.write_text(path, moment.isoformat())
            path.chmod(_READ_ONLY)
        with rows.transaction(self._gb):
            rows.resubmit(self._gb, made.lab, _name(made.lab), made.student,
                          _utc(moment), self._config)  # fmt: skip
        return Record.from_json({**before, "inputs": made.inputs, "key": made.key})

    # --- the graded notebook ---------------------------------------------------------------------
    def _folder(self, made: Record) -> Path:
        return self.root / "autograded" / made.student / made.lab

    def _place(
        self, made: Record, nb: NotebookNode, files: dict[str, bytes], moment: datetime | None
    ) -> None:
        """Put the graded notebook and its files where formgrader and feedback look for them."""
        target = self._folder(made)
        part = target.with_name(f".{made.lab}.part")
        remove(part)
        part.mkdir(parents=True)
        own = {f"{_name(made.lab)}.ipynb": _text(nb).encode("utf-8", "replace")}
        if moment is not None:
            own[_TIME] = moment.isoformat().encode()
        for name, content in together({**files, **own}, own).items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(_READ_ONLY)
        remove(target)
        os.replace(part, target)

    def _finished(self, nb: NotebookNode, made: Record) -> NotebookNode:
        """The notebook after those of nbgrader's own steps that the class has configured."""
        resources = {"nbgrader": {
            "assignment": made.lab, "student": made.student, "notebook": _name(made.lab),
            "db_url": self._config.CourseDirectory.db_url,
        }}  # fmt: skip
        for step in self._steps:
            nb, resources = step(nb, resources)
        return nb

    @cached_property
    def _steps(self) -> list[Any]:
        made = []
        for named in self._config.Autograde.autograde_preprocessors:
            kind = import_item(named) if isinstance(named, str) else named
            if kind.__name__ not in _OWN_STEPS:
                step = kind(config=self._config)
                made += [step] if step.enabled else []
        return made


def _utc(moment: datetime | None) -> datetime | None:
    """A moment as nbgrader keeps it: UTC, and without saying so."""
    found: datetime | None = utils.parse_utc(moment)
    return found


def remove(folder: Path) -> None:
    """Delete a folder of files that cannot be written to; no link is followed."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.is_dir():
        if os.name == "nt":  # there a file has to be writable to be deleted
            for path in _files(folder):
                path.chmod(stat.S_IWRITE)
        shutil.rmtree(folder)


def _files(folder: Path) -> Iterator[Path]:
    yield from (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def _name(lab: str) -> str:
    return judge.load(lab).notebook


def _text(nb: NotebookNode) -> str:
    text: str = nbformat.v4.writes(nb)
    return text
