"""Whatever ends a run, and whenever: after the next run all is as after an undisturbed one."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.autograder.inprocess import InProcess
from tests.autograder.run import room, tables

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
KILLS = 100 if FULL else 2
CLASS = 50 if FULL else 3
JOBS = 2 if FULL else 1

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 and process groups are POSIX"),
]


def class_of(folder: Path, count: int) -> Path:
    """A class in which everybody has handed in something else."""
    kinds = list(room.kinds().values())
    handins = {f"2025{n:06d}": kinds[n % len(kinds)] for n in range(count)}
    return room.make(folder, handins)


def kill_tree(pid: int) -> None:
    """kill -9 of a grader only; its workers have to find out by themselves."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def gone(pids: list[int], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while any(psutil.pid_exists(p) for p in pids) and time.monotonic() < end:
        time.sleep(0.1)
    return not any(psutil.pid_exists(p) for p in pids)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    """A class not graded, the same class graded, and the seconds that took."""
    fresh = class_of(tmp_path_factory.mktemp("killed") / "fresh", CLASS)
    course = room.copy(fresh, fresh.with_name("graded"))
    start = time.monotonic()
    room.autograder("grade", room.LAB, "--jobs", JOBS, course=course)
    return fresh, course, time.monotonic() - start


def test_a_grader_or_worker_killed_at_any_time_costs_nothing(
    undisturbed: tuple[Path, Path, float], tmp_path: Path
) -> None:
    fresh, reference, seconds = undisturbed
    course = room.copy(fresh, tmp_path / "class")
    drawn = random.Random(20251231)
    for n in range(KILLS):
        if FULL and n % 5 == 0:  # a class that is finished has nothing left to disturb
            shutil.rmtree(course)
            room.copy(fresh, course)
        process = room.start("grade", room.LAB, "--jobs", JOBS, course=course)
        time.sleep(drawn.uniform(0.1, 1.0) * seconds)
        victims = room.workers(process.pid)
        if n % 2 and victims:
            with contextlib.suppress(psutil.Error):
                drawn.choice(victims).kill()
            said, _ = process.communicate(timeout=600)
            assert process.returncode == 0, said
        else:
            kill_tree(process.pid)
            process.communicate(timeout=60)
            assert gone([v.pid for v in victims]), "a worker outlives its grader"
    room.autograder("grade", room.LAB, "--jobs", JOBS, course=course)
    assert tables.differences(tables.read(course), tables.read(reference)) == {}
    assert room.records(course) == room.records(reference)
    assert room.graded_notebooks(course) == room.graded_notebooks(reference)


@pytest.mark.full
def test_ctrl_c_ends_the_workers_and_the_next_run_goes_on(
    undisturbed: tuple[Path, Path, float], tmp_path: Path
) -> None:
    fresh, reference, _ = undisturbed
    course = room.copy(fresh, tmp_path / "class")
    process = room.start("grade", room.LAB, "--jobs", JOBS, course=course)
    end = time.monotonic() + 300
    while not room.records(course) and time.monotonic() < end:
        time.sleep(0.05)
    victims = [v.pid for v in room.workers(process.pid)]
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130 and "已停止" in said and "Traceback" not in said
    assert victims and gone(victims)
    done = room.records(course)
    assert done and all(room.records(reference)[s] == text for s, text in done.items())
    said = room.autograder("grade", room.LAB, "--jobs", JOBS, course=course)
    assert f"没变 {len(done)}" in said
    assert tables.differences(tables.read(course), tables.read(reference)) == {}
    assert room.records(course) == room.records(reference)


# --- each step of the writer ---------------------------------------------------------------------
def outcome(course: Path, student: str):
    """What a worker would send for a hand-in."""
    from autograder.fingerprint import of_folder
    from autograder.judge import fingerprint
    from autograder.run.work import Task, work

    folder = course / "submitted" / student / room.LAB
    task = Task(room.LAB, student, str(folder), of_folder(folder), fingerprint(room.LAB))
    return work(task, InProcess())


def write(course: Path, made: object, die_at: int = 0) -> int:
    """Write an outcome in a process of its own that ends like one killed before its n-th step.

    Returns the number of steps when it came to the end, else 0.
    """
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert 0 <= code < 100, "the writer failed"
        return code
    with contextlib.suppress(BaseException):
        os._exit(_write(course, made, die_at))
    os._exit(100)


def _write(course: Path, made: object, die_at: int) -> int:
    from autograder.course import Course
    from autograder.gradebook.database import open_gradebook
    from autograder.run.writer import Writer

    steps = 0

    def counted(do):
        def step(*args, **words):
            nonlocal steps
            steps += 1
            if steps == die_at:
                os._exit(0)
            return do(*args, **words)

        return step

    room_of = Course(course)
    with open_gradebook(course) as gb:
        for module, name in ((os, "replace"), (os, "unlink"), (os, "mkdir"), (os, "rmdir")):
            setattr(module, name, counted(getattr(module, name)))
        gb.db.commit = counted(gb.db.commit)
        gb.db.flush = counted(gb.db.flush)
        Writer(course, room_of.config, gb).put(made)  # type: ignore[arg-type]
    return steps


def test_a_writer_that_dies_before_any_of_its_steps_leaves_nothing_that_counts_as_done(
    graded_here: Path, tmp_path: Path
) -> None:
    from autograder.course import Course
    from autograder.gradebook.database import open_gradebook
    from autograder.run import rows
    from autograder.run.plan import plan

    student = "2025000002"
    before = room.copy(graded_here, tmp_path / "before")
    room.hand_in(before, student, room.short(), at="2025-11-22 08:00:00 UTC")
    made = outcome(before, student)
    reference = room.copy(before, tmp_path / "reference")
    last = write(reference, made)
    assert last > 8
    for n in range(1, last + 1):
        course = room.copy(before, tmp_path / str(n))
        assert write(course, made, die_at=n) == 0
        with open_gradebook(course) as gb:
            scores = rows.auto_scores(gb, room.LAB)
        tasks, done = plan(Course(course).root, room.LAB, [student], InProcess.name, scores)
        assert len(tasks) == 1 and not done, f"died before step {n} and counts as done"
        # the student takes it back: what was there before must not count as done either
        shutil.rmtree(course / "submitted" / student)
        shutil.copytree(graded_here / "submitted" / student, course / "submitted" / student)
        again, done = plan(Course(course).root, room.LAB, [student], InProcess.name, scores)
        whole = room.records(course)[student] == room.records(before)[student]
        assert bool(done) == whole
        shutil.rmtree(course / "submitted" / student)
        shutil.copytree(before / "submitted" / student, course / "submitted" / student)
        write(course, made)
        assert room.records(course) == room.records(reference)
        assert tables.differences(tables.read(course), tables.read(reference)) == {}
        shutil.rmtree(course)
