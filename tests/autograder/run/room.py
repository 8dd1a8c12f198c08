"""A small class of E3 whose hand-ins run quickly, and the commands on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import psutil
from nbformat import NotebookNode

from autograder import judge
from autograder.intake import released
from autograder.run import runner
from autograder.run.runner import Graded, Wanted
from autograder.run.work import Outcome, Task, work
from tests.autograder.handins import MALE_UPWARDS, PERCENT
from tests.autograder.inprocess import InProcess
from tests.autograder.notebooks import replace_cell, solution

TOOLS = Path(sys.executable).parent
ROOT = Path(__file__).parents[3]
LAB = "E3"
SHORT = ("E3-01-work", "E3-03-work", "E3-07-work")  # the items that a short hand-in answers
POINTS = {"E3-01": 10.0, "E3-03": 8.0, "E3-07": 8.0}

NOISY = """import sys, warnings, logging
warnings.warn("a warning", stacklevel=1)
print("an error", file=sys.stderr)
logging.getLogger().error("a log line")
"""


def short(changes: dict[str, str] | None = None, essay: str = "") -> NotebookNode:
    """A hand-in that answers three items; its other cells ask for nothing."""
    nb = solution(LAB)
    for cell in nb.cells:
        mine = cell.metadata.get("nbgrader", {})
        if mine.get("solution") and cell["id"] not in SHORT:
            cell.source = "（没有写）" if cell.cell_type == "markdown" else "pass"
    for cell_id, source in (changes or {}).items():
        replace_cell(nb, cell_id, source)
    if essay:
        replace_cell(nb, "E3-12", essay)
    return nb


def kinds(*, ends_the_kernel: bool = True) -> dict[str, NotebookNode]:
    """Student → hand-in: right, half right, noisy, crashing, wrong unit."""
    crash = "import os; os._exit(3)" if ends_the_kernel else "2 / 0"
    right = next(c.source for c in solution(LAB).cells if c["id"] == "E3-01-work")
    return {
        "2025000001": short(),
        "2025000002": short({"E3-01-work": MALE_UPWARDS}),
        "2025000003": short({"E3-01-work": NOISY + right}, essay="重要保持客户有 38 位。"),
        "2025000004": short({"E3-03-work": "1 / 0", "E3-07-work": crash}),
        "张三": short({"E3-07-work": PERCENT}),
    }


DESERVED = {
    "2025000001": 26.0, "2025000002": 21.0, "2025000003": 26.0, "2025000004": 10.0, "张三": 24.4,
}  # fmt: skip


def hand_in(
    course: Path, student: str, nb: NotebookNode, at: str = "2025-11-20 10:00:00 UTC"
) -> Path:
    """Put a hand-in into the class folder, as collecting does."""
    folder = course / "submitted" / student / LAB
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / f"{LAB}.ipynb")
    (folder / "timestamp.txt").write_text(at, encoding="utf-8")
    return folder


def make(course: Path, handins: dict[str, NotebookNode] | None = None) -> Path:
    """A class with a released lab and hand-ins, not graded yet."""
    from autograder.course import Course

    Course(course).release(LAB)
    for student, nb in (kinds() if handins is None else handins).items():
        hand_in(course, student, nb)
    return course


class Here:
    """A worker without a process of its own: for what is the same whoever does the work."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            yield work(task, InProcess())


def grade(course: Path, *labs: str, **wanted: Any) -> dict[str, Graded]:
    """Grade in this process; student → what became of the submission."""
    from autograder.course import Course

    with mock.patch.object(runner, "workers", lambda *given: nullcontext(Here())):
        lines = Course(course).grade(labs or (LAB,), Wanted(**wanted), InProcess())
        return {line.student: line for line in lines}


@contextmanager
def other_labs(folder: Path, *replacements: tuple[str, str]) -> Iterator[Path]:
    """E3's judge reads otherwise, in this process."""
    changed_labs(folder, *replacements)
    with mock.patch.object(judge, "SOURCES", folder):
        _forget()
        yield folder
    _forget()


def _forget() -> None:
    judge.load.cache_clear()
    released.of.cache_clear()


def copy(course: Path, to: Path) -> Path:
    """The same class in another place; its settings follow."""
    shutil.copytree(course, to)
    return to


def environment(**more: str) -> dict[str, str]:
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "PYTHONUTF8": "1", "COLUMNS": "160", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **own, **more}


def start(*words: object, course: Path, **more: str) -> subprocess.Popen[str]:
    """Start ``autograder …`` on a class, in a process group of its own."""
    command = [sys.executable, "-m", "autograder.cli", *map(str, words), "--course", str(course)]
    return subprocess.Popen(
        command, cwd=course, env=environment(**more), start_new_session=True, text=True,
        encoding="utf-8", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def autograder(*words: object, course: Path, expect: int = 0, **more: str) -> str:
    """What a command said."""
    process = start(*words, course=course, **more)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == expect, said
    return said


def nbgrader(*words: str, course: Path) -> str:
    """What a command of nbgrader's said."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words], cwd=course, env=environment(), check=False,
        capture_output=True, text=True, encoding="utf-8", timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def records(course: Path) -> dict[str, bytes]:
    return {p.stem: p.read_bytes() for p in sorted((course / "records" / LAB).glob("*.json"))}


def graded_notebooks(course: Path) -> set[str]:
    found: Iterable[Path] = (course / "autograded").glob(f"*/{LAB}/{LAB}.ipynb")
    return {p.parents[1].name for p in found}


def changed_labs(folder: Path, *replacements: tuple[str, str]) -> Path:
    """A folder of labs in which E3's judge reads otherwise (for ``CRMKIT_LABS``)."""
    source = judge.SOURCES / LAB
    shutil.copytree(source, folder / LAB, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / LAB / "judge.py"
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return folder


def workers(grader: int) -> list[psutil.Process]:
    """The worker processes of a running grader: children of its fork server."""
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(grader).children():
            if "multiprocessing.forkserver" in " ".join(child.cmdline()):
                return child.children()
    return []
