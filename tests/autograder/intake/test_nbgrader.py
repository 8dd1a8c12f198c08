"""nbgrader's own autograde takes the same mended notebooks, whatever lies in ``submitted/``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.gradebook.database import open_gradebook
from tests.autograder import broken
from tests.autograder.broken import CASES

pytestmark = [pytest.mark.slow, pytest.mark.full]
NAMES = [
    "every cell doubled",
    "metadata of another nbgrader",
    "work cell deleted",
    "a Chinese name",
    "links to files, folders and nowhere beside it",
    "a pipe and a socket beside it",
    "a timestamp that is no time",
    "saved as .json",
    "cut off",
    "the notebook is a pipe",
]
CLASS = {
    f"20250102{n:02d}": replace(case, student=f"20250102{n:02d}")
    for n, case in enumerate(next(c for c in CASES if c.name == name) for name in NAMES)
    if case.possible
}


def nbgrader(course: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "nbgrader", "autograde", "E3", *words]
    return subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, encoding="utf-8",
        check=False, timeout=500,
    )  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    root = tmp_path_factory.mktemp("room") / "一 班 (周三)"
    Course(root).release("E3")
    for case in CLASS.values():
        case.prepare(root / "submitted")
    return root, nbgrader(root)


def test_a_whole_class_of_broken_hand_ins_goes_through_stock_autograde(course: tuple) -> None:
    root, done = course
    assert done.returncode == 0, done.stderr
    with open_gradebook(root) as gb:
        got = {s.student.id: round(s.score, 2) for s in gb.assignment_submissions("E3")}
    assert got == {k: c.score for k, c in CLASS.items() if c.score is not None}


def test_the_records_hold_the_mends_and_the_reasons(course: tuple) -> None:
    root, done = course
    for student, case in CLASS.items():
        made = json.loads((root / f"records/E3/{student}.json").read_text(encoding="utf-8"))
        if case.reason:
            assert made["status"] == "ungradable" and case.reason in made["reason"]
            assert case.reason in done.stderr
        else:
            assert made["status"] == "graded" and made["auto_score"] == case.score
            said = "\n".join(made["mends"])
            assert [w for w in case.mends if w not in said] == []


def test_no_link_is_followed_and_nothing_is_left_behind(course: tuple) -> None:
    root, _ = course
    assert not list(root.glob(".intake-*"))
    assert not list((root / "autograded").rglob("passwd.txt"))
    assert not (root / "autograded" / next(s for s, c in CLASS.items() if c.reason)).exists()
    folder = root / "submitted"
    assert any(p.is_symlink() for p in folder.rglob("*")), "hand-ins stay as they came"


def test_one_hand_in_that_cannot_be_graded_ends_with_its_reason(course: tuple) -> None:
    root, _ = course
    student = next(s for s, c in CLASS.items() if c.reason == "不完整")
    done = nbgrader(root, "--student", student, "--force")
    assert done.returncode == 1
    assert "不完整" in done.stderr
    assert broken.STUDENT not in done.stderr
