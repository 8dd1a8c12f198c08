"""Small classes: one graded by real workers, one graded in this process. Tests take copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.autograder.run import room


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was handed in and not graded."""
    return room.make(tmp_path_factory.mktemp("run") / "未评")


@pytest.fixture(scope="session")
def graded(fresh: Path) -> Path:
    """The same class after an undisturbed run with two workers."""
    course = room.copy(fresh, fresh.with_name("已评"))
    said = room.autograder("grade", room.LAB, "--jobs", 2, course=course)
    (course.parent / "said.txt").write_text(said, encoding="utf-8")
    return course


@pytest.fixture(scope="session")
def graded_here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class graded in this process."""
    handins = room.kinds(ends_the_kernel=False)
    course = room.make(tmp_path_factory.mktemp("here") / "class", handins)
    room.grade(course)
    return course


@pytest.fixture
def course(graded_here: Path, tmp_path: Path) -> Path:
    """A copy of the class that was graded in this process."""
    return room.copy(graded_here, tmp_path / "class")
