"""nbgrader's own ``autograde`` (command line, formgrader's button) on mended hand-ins.

nbgrader 0.9.6 looks for ``*.ipynb`` before any hook runs, copies every other file (it follows links
and stumbles over pipes), parses timestamp.txt, and skips a notebook under another name. Its
converter makes the configured ``exporter_class`` after that first look and before it touches
anything. So this exporter, when it is made, takes in what was found, writes it mended into a work
folder of the class, and points this one converter (a public trait, its ``coursedir``) there.
``submitted/`` is only read.
"""

from __future__ import annotations

import fnmatch
import glob
import shutil
import tempfile
import time
import weakref
from datetime import UTC
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder import record, sandbox
from autograder.collecting.placing import together
from autograder.intake import Intake, Ungradable, released, take_in
from autograder.intake.choosing import TIMESTAMP
from autograder.preprocessor import TakenIn
from autograder.roster import is_student_id
from autograder.run.work import Task, refused
from crmkit.errors import KitError

WORK = ".intake-"
_STALE = 24 * 3600  # seconds after which the work folder of a killed run is removed


class NothingToGrade(Ungradable, NbGraderException):
    """None of the hand-ins can be graded; nbgrader shows it and ends."""


class Staged(TakenIn):
    """nbgrader's exporter of notebooks; made for ``Autograde``, it prepares its hand-ins."""

    def __init__(self, config: Any = None, **more: Any) -> None:
        super().__init__(config=config, **more)
        if isinstance(self.parent, Autograde):
            self._end = stage(self.parent, self)


def stage(converter: Autograde, owner: object) -> weakref.finalize:
    """Let a converter work on mended copies; they go when `owner` does.

    Raises
    ------
    NothingToGrade
        Not one of the hand-ins asked for can be graded.
    """
    course = converter.coursedir
    root = Path(course.root)
    _sweep(root)
    asked = _asked(converter)
    work = Path(tempfile.mkdtemp(prefix=WORK, dir=root))
    end = weakref.finalize(owner, shutil.rmtree, work, ignore_errors=True)
    ready: dict[str, list[str]] = {}
    reasons: list[str] = []
    for folder in asked:
        lab, student = folder.name, folder.parent.name
        if student in (course.student_id_exclude or "").split(","):
            continue
        try:
            taken = take_in(folder, lab)
        except KitError as e:
            reasons.append(_refuse(converter, folder, e))
            continue
        for sentence in taken.mends:
            converter.log.info("%s %s: %s", student, lab, sentence)
        name = released.of(lab).name
        if fnmatch.fnmatch(name, course.notebook_id):
            there = _write(taken, work / student / lab, name)
            ready[str(there.parent)] = [str(there)]
    if reasons and not ready:
        end()
        raise NothingToGrade("；".join(reasons))
    converter.coursedir = _elsewhere(course, work.name)
    converter.assignments = ready
    return end


def _asked(converter: Autograde) -> list[Path]:
    """The folders of the hand-ins that were asked for."""
    course = converter.coursedir
    pattern = converter._format_source(course.assignment_id, course.student_id)
    return [Path(p) for p in sorted(glob.glob(pattern))]


def _refuse(converter: Autograde, folder: Path, error: KitError) -> str:
    """Say and write down why a hand-in cannot be graded; the sentence for the end of the run."""
    lab, student = folder.name, folder.parent.name
    converter.log.error("%s %s: %s", student, lab, error)
    if is_student_id(student):
        outcome = refused(Task(lab, student), sandbox.best().name, str(error))
        record.write(outcome.record, Path(converter.coursedir.root) / "records")
    return f"{student}：{error}"


def look_before_nbgrader() -> None:
    """Where nbgrader finds no notebook at all, say what the kit's intake says, and write it down.

    nbgrader ends there ("No notebooks were matched") before it makes the exporter or calls any
    hook, so its look is wrapped. What it does find is left to `stage`.
    """
    look = Autograde.init_notebooks
    if getattr(look, "of_the_kit", False):
        return

    def init_notebooks(self: Autograde) -> None:
        try:
            look(self)
        except NbGraderException:
            reasons = []
            for folder in _asked(self) if _is_ours(self) else []:
                try:
                    take_in(folder, folder.name)
                except KitError as e:
                    reasons.append(_refuse(self, folder, e))
            if reasons:
                raise NothingToGrade("；".join(reasons)) from None
            raise

    init_notebooks.of_the_kit = True  # type: ignore[attr-defined]
    Autograde.init_notebooks = init_notebooks


def _is_ours(converter: Autograde) -> bool:
    kind = converter.exporter_class
    return isinstance(kind, type) and issubclass(kind, Staged)


def _write(taken: Intake, folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    own = {f"{name}.ipynb": b"", TIMESTAMP: b""}
    for inner, content in together({**taken.files, **own}, own).items():
        if inner in own:
            continue
        path = folder / inner
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if taken.moment is not None:
        when = taken.moment.astimezone(UTC)
        (folder / TIMESTAMP).write_text(f"{when:%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="utf-8")
    notebook = folder / f"{name}.ipynb"
    notebook.write_text(nbformat.writes(taken.notebook), encoding="utf-8")
    return notebook


def _elsewhere(course: CourseDirectory, submitted: str) -> CourseDirectory:
    """The same course with another folder of hand-ins; formgrader's own object stays as it is."""
    other = CourseDirectory(parent=course.parent)
    for name in course.trait_names(config=True):
        setattr(other, name, getattr(course, name))
    other.submitted_directory = submitted
    return other


def _sweep(root: Path) -> None:
    """Remove work folders that a killed run left behind."""
    for left in root.glob(f"{WORK}*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)
