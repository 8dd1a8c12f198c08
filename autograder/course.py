"""One class: a folder that nbgrader knows as a course, and what is done in it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from autograder import build, grade, judge, record, sandbox
from autograder.fingerprint import of_folder
from autograder.gradebook.database import open_gradebook, tools_on_path
from autograder.nbgrader_config import STUB, configure
from crmkit.errors import KitError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Graded:
    """One line of a grading run."""

    student: str
    status: str  # graded, ungradable, unchanged
    score: float | None
    points: float | None
    words: str


class Course:
    """A class folder. It is made when it is first used.

    Raises
    ------
    KitError
        The folder exists and is something else.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if self.root.exists() and not self.root.is_dir():
            raise KitError(f"「{root}」是一个文件，不能作班级文件夹")
        config = self.root / "nbgrader_config.py"
        if self.root.is_dir() and not config.exists() and any(self.root.iterdir()):
            raise KitError(
                f"「{root}」里已经有别的文件，不是班级文件夹：换一个空文件夹，或新的文件夹名"
            )
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "exchange").mkdir(exist_ok=True)
        if not config.exists():
            record.write_text(config, STUB)
        self.config = Config()
        configure(self.config, self.root)

    @property
    def records(self) -> Path:
        return self.root / "records"

    def release(self, lab: str) -> Path:
        """Put a lab into the class: instructor's and student's notebook, and the gradebook's entry."""
        spec = judge.load(lab)
        nb = build.instructor(build.source(lab).text.read_text(encoding="utf-8"), spec)
        record.write_text(self.root / "source" / lab / f"{spec.notebook}.ipynb", build.to_text(nb))
        with _nbgrader():
            converter = GenerateAssignment(coursedir=self._coursedir(lab, "."), config=self.config)
            converter.force = True
            converter.start()
        return self.root / "release" / lab

    def released(self, lab: str) -> bool:
        with open_gradebook(self.root) as gb:
            try:
                gb.find_assignment(lab)
            except MissingEntry:
                return False
        return True

    def submitted(self, lab: str) -> list[str]:
        """Students whose hand-ins of this lab are in the class folder, sorted."""
        return sorted(
            p.parent.name for p in (self.root / "submitted").glob(f"*/{lab}") if p.is_dir()
        )

    def grade(
        self, lab: str, only: list[str] | None = None, *, again: bool = False,
        progress: Progress = lambda student, done, total: None,
    ) -> Iterator[Graded]:  # fmt: skip
        """Grade what was handed in, one submission after the other; skip what has not changed."""
        if not self.released(lab):
            self.release(lab)
        students = [s for s in self.submitted(lab) if not only or s in only]
        missing = [s for s in only or [] if s not in students]
        if missing:
            raise KitError(f"{lab} 没有这些学号的提交：{'、'.join(missing)}")
        if not students:
            raise KitError(f"班级里还没有 {lab} 的提交：先运行 autograder collect {lab} 收作业")
        for n, student in enumerate(students):
            progress(student, n, len(students))
            yield self._grade_one(lab, student, again)
        progress("", len(students), len(students))

    def _grade_one(self, lab: str, student: str, again: bool) -> Graded:
        spec = judge.load(lab)
        old = record.read(self.records, lab, student)
        if old is not None and not again and self._unchanged(spec.id, spec.notebook, student, old):
            return Graded(
                student,
                "unchanged",
                old["auto_score"],
                old["auto_points"],
                "提交没有变，沿用上次的评分",
            )
        (self.records / lab / f"{student}.json").unlink(missing_ok=True)
        try:
            with _nbgrader():
                converter = Autograde(coursedir=self._coursedir(lab, student), config=self.config)
                converter.force = True
                converter.start()
        except Exception as e:  # one submission that cannot be graded must not stop the class
            return self._ungradable(spec, student, e)
        made = record.read(self.records, lab, student)
        if made is None:
            return self._ungradable(
                spec, student, KitError(f"提交里没有笔记本 {spec.notebook}.ipynb")
            )
        words = "；".join(made["mends"])
        return Graded(student, "graded", made["auto_score"], made["auto_points"], words)

    def _unchanged(self, lab: str, notebook: str, student: str, old: dict) -> bool:
        folder = self.root / "submitted" / student / lab
        path = folder / f"{notebook}.ipynb"
        done = self.root / "autograded" / student / lab / f"{notebook}.ipynb"
        if old["status"] != "graded" or not path.is_file() or not done.is_file():
            return False
        return old["inputs"].get("submission") == of_folder(folder) and old["inputs"][
            "judge"
        ] == judge.fingerprint(lab)

    def _ungradable(self, spec: judge.LabSpec, student: str, error: Exception) -> Graded:
        reason = grade.describe(error)
        record.write(
            record.Record(
                spec.id, student, sandbox.best().name, {}, status="ungradable", reason=reason
            ),
            self.records,
        )
        return Graded(student, "ungradable", None, None, reason)

    def _coursedir(self, lab: str, student: str) -> CourseDirectory:
        coursedir = CourseDirectory(config=self.config)
        coursedir.assignment_id, coursedir.student_id = lab, student
        return coursedir


@contextmanager
def _nbgrader() -> Iterator[None]:
    """nbgrader finds its tools; its English log stays for its own command line."""
    logger = logging.getLogger("traitlets")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with tools_on_path(), warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own models, nothing of ours
            yield
    finally:
        logger.setLevel(before)
