"""One class: a folder that nbgrader knows as a course, and what is done in it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import build, judge, record
from autograder.gradebook.database import open_gradebook, tools_on_path
from autograder.nbgrader_config import FILE, STUB, load
from autograder.run.runner import Graded, Wanted, run
from autograder.sandbox import Backend
from crmkit.errors import KitError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


class Course:
    """A class folder. It is made when it is first used.

    Raises
    ------
    KitError
        The folder exists and is something else, or its configuration cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if self.root.exists() and not self.root.is_dir():
            raise KitError(f"「{root}」是一个文件，不能作班级文件夹")
        config = self.root / FILE
        if self.root.is_dir() and not config.exists() and any(self.root.iterdir()):
            raise KitError(
                f"「{root}」里已经有别的文件，不是班级文件夹：换一个空文件夹，或新的文件夹名"
            )
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "exchange").mkdir(exist_ok=True)
        if not config.exists():
            record.write_text(config, STUB)
        self.config = load(self.root)

    @property
    def records(self) -> Path:
        return self.root / "records"

    def release(self, lab: str) -> Path:
        """Put a lab into the class: instructor's and student's notebook, and the gradebook's entry."""
        from nbgrader.converters import GenerateAssignment

        spec = judge.load(lab)
        nb = build.instructor(build.source(lab).text.read_text(encoding="utf-8"), spec)
        record.write_text(self.root / "source" / lab / f"{spec.notebook}.ipynb", build.to_text(nb))
        with _nbgrader():
            converter = GenerateAssignment(coursedir=self._coursedir(lab, "."), config=self.config)
            converter.force = True
            converter.start()
        return self.root / "release" / lab

    def released(self, lab: str) -> bool:
        from nbgrader.api import MissingEntry

        with open_gradebook(self.root) as gb:
            try:
                gb.find_assignment(lab)
            except MissingEntry:
                return False
        return True

    def prepare(self, lab: str) -> None:
        """See to it that the gradebook has the lab with the points that its judge states.

        Raises
        ------
        KitError
            Items came or went after submissions had been graded.
        """
        from autograder.run import rows

        wanted = {i.id: float(i.points) for i in judge.load(lab).items}
        with open_gradebook(self.root) as gb:
            there = rows.points(gb, lab)
            graded = rows.has_submissions(gb, lab)
        if there == wanted:
            return
        if graded and set(there) != set(wanted):
            differing = "、".join(sorted(set(there) ^ set(wanted)))
            raise KitError(
                f"{lab} 的题目和成绩册里的不同（{differing}），而成绩册里已有学生的分：换一个新的班级文件夹再评"
            )
        self.release(lab)

    def submitted(self, lab: str) -> list[str]:
        """Students whose hand-ins of this lab are in the class folder, sorted."""
        return sorted(
            p.parent.name for p in (self.root / "submitted").glob(f"*/{lab}") if p.is_dir()
        )

    def grade(
        self, labs: Sequence[str], wanted: Wanted, backend: Backend
    ) -> Generator[Graded, None, None]:
        """Grade what was handed in of some labs; skip what has not changed.

        Parameters
        ----------
        backend : Backend
            The level that the workers use; its name is part of every record.
        """
        with _nbgrader():
            yield from run(self, list(labs), wanted, backend)

    def labs(self) -> list[str]:
        """Labs of which something was handed in."""
        known = set(judge.known())
        found = {p.name for p in (self.root / "submitted").glob("*/*") if p.is_dir()}
        return sorted(found & known)

    def _coursedir(self, lab: str, student: str) -> CourseDirectory:
        from nbgrader.coursedir import CourseDirectory

        coursedir = CourseDirectory(config=self.config)
        coursedir.assignment_id, coursedir.student_id = lab, student
        return coursedir


@contextmanager
def _nbgrader() -> Iterator[None]:
    """nbgrader finds its tools; its English log stays for its own command line."""
    from sqlalchemy.exc import SAWarning

    logger = logging.getLogger("traitlets")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with tools_on_path(), warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own models, nothing of ours
            yield
    finally:
        logger.setLevel(before)
