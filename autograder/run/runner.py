"""A grading run over a class: plan, work, write; whatever ends it, the next run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from autograder.run.plan import Done, plan
from autograder.run.work import Outcome, Task
from autograder.sandbox import Backend
from crmkit.errors import KitError

if TYPE_CHECKING:
    from autograder.course import Course

Progress = Callable[["Counts"], None]
_WORTH_A_WORKER = 4  # submissions


@dataclass(frozen=True)
class Graded:
    """One line of a grading run."""

    student: str
    status: str  # graded, unchanged, ungradable
    score: float | None
    points: float | None
    words: str
    lab: str = ""


@dataclass
class Counts:
    """How far a run has come."""

    total: int = 0
    graded: int = 0
    unchanged: int = 0
    ungradable: int = 0
    at: str = ""

    @property
    def done(self) -> int:
        return self.graded + self.unchanged + self.ungradable

    def add(self, line: Graded) -> None:
        setattr(self, line.status, getattr(self, line.status) + 1)
        self.at = line.student


@dataclass(frozen=True)
class Wanted:
    """What a run is asked to do.

    Attributes
    ----------
    only : sequence of str
        These students; all when empty.
    again : bool
        Also what has not changed.
    changed : bool
        Only what was handed in anew, whatever else has changed.
    jobs : int
        Workers; when 0, as many as there are cores, and fewer for a small class.
    cluster : str
        Address of a dask scheduler that does the work in place of this machine.
    """

    only: tuple[str, ...] = ()
    again: bool = False
    changed: bool = False
    jobs: int = 0
    cluster: str = ""
    progress: Progress = field(default=lambda counts: None)


class Workers(Protocol):
    """Who does the work: processes of this machine, or a cluster."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]: ...


def run(course: Course, labs: list[str], wanted: Wanted, backend: Backend) -> Iterator[Graded]:
    """Grade the submissions of some labs; yields a line for each, unchanged ones first.

    Raises
    ------
    KitError
        Nothing was handed in, a student is not there, or the class is being written by another.
    """
    from autograder.gradebook.database import open_gradebook
    from autograder.run.lock import only_writer
    from autograder.run.writer import Writer

    with only_writer(course.root):
        for lab in labs:
            course.prepare(lab)
        with open_gradebook(course.root) as gb:
            tasks, done = _plan(course, labs, wanted, backend, gb)
            counts = Counts(total=len(tasks) + sum(map(len, done.values())))
            for lab, lines in done.items():
                for one in lines:
                    yield _tell(counts, wanted, _unchanged(lab, one))
            writer = Writer(course.root, course.config, gb)
            with workers(wanted, len(tasks), backend) as crew:
                for outcome in crew.run(tasks):
                    made = writer.put(outcome)
                    yield _tell(counts, wanted, _line(outcome, made))


def workers(wanted: Wanted, tasks: int, backend: Backend) -> AbstractContextManager[Workers]:
    """Who grades: a cluster when one is named, else processes here."""
    if wanted.cluster:
        from autograder.run.cluster import Cluster

        return Cluster(wanted.cluster, backend.name)
    from autograder.run.pool import Pool, cores

    # The start of a worker costs about as much as grading so many.
    few = -(-tasks // _WORTH_A_WORKER)
    return Pool(max(1, min(wanted.jobs or min(cores(), few), tasks)), backend.name)


def _plan(
    course: Course, labs: list[str], wanted: Wanted, backend: Backend, gb: object
) -> tuple[list[Task], dict[str, list[Done]]]:
    from autograder.run import rows

    found = {lab: course.submitted(lab) for lab in labs}
    missing = [s for s in wanted.only if not any(s in there for there in found.values())]
    if missing:
        raise KitError(f"{'、'.join(labs)} 没有这些学号的提交：{'、'.join(missing)}")
    empty = [lab for lab in labs if not found[lab]]
    if len(empty) == len(labs):
        lab = empty[0]
        raise KitError(f"班级里还没有 {lab} 的提交：先运行 autograder collect {lab} 收作业")
    tasks: list[Task] = []
    done: dict[str, list[Done]] = {}
    for lab in labs:
        students = [s for s in found[lab] if not wanted.only or s in wanted.only]
        scores = rows.auto_scores(gb, lab)
        more, done[lab] = plan(
            course.root, lab, students, backend.name, scores,
            again=wanted.again, changed=wanted.changed,
        )  # fmt: skip
        tasks += more
    return tasks, done


def _tell(counts: Counts, wanted: Wanted, line: Graded) -> Graded:
    counts.add(line)
    wanted.progress(counts)
    return line


def _unchanged(lab: str, done: Done) -> Graded:
    old = done.record
    words = "提交没有变，沿用上次的评分"
    return Graded(done.student, "unchanged", old["auto_score"], old["auto_points"], words, lab)


def _line(outcome: Outcome, made: object) -> Graded:
    from autograder.record import Record

    assert isinstance(made, Record)
    if made.status == "ungradable":
        return Graded(made.student, "ungradable", None, None, made.reason, made.lab)
    status = "unchanged" if outcome.same else "graded"
    words = "；".join(made.mends)
    return Graded(made.student, status, made.auto_score, made.auto_points, words, made.lab)
