"""Worker processes: each takes one submission after the other; one that dies is replaced.

The processes come from a fork server that has imported the judge's libraries once (elsewhere than
on POSIX they are started plainly), and never from this process, which has threads and an open
gradebook.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from autograder.grade import RESTARTS
from autograder.run.work import Outcome, Task, refused, work
from autograder.sandbox import Limits, SandboxError

ATTEMPTS = 3  # a submission that ends its worker this often cannot be graded
_PATIENCE = 120.0  # seconds beyond what the limits allow until a worker counts as stuck
_SCRATCH = "crmkit-run-"
_PASSABLE = 0o711  # a sandbox that runs as another user gets to its own folder, and lists nothing
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def cores() -> int:
    """How many workers to start when nobody says."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


class Pool:
    """Some workers. Use it as a context manager: leaving it ends them all.

    Parameters
    ----------
    jobs : int
        How many submissions are worked on at a time.
    level : str
        Level of the sandbox. Every worker uses this one: which it is stands in the records.
    """

    def __init__(self, jobs: int, level: str) -> None:
        self._jobs, self._level = max(1, jobs), level
        limits = Limits()
        self._patience = limits.total_seconds * (RESTARTS + 1) + _PATIENCE
        _sweep()
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-"))
        self._scratch.chmod(_PASSABLE)
        self._context = _context()
        self._workers: list[_Worker] = []
        self._count = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.reap()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes in the order in which they are ready.

        A worker gets its next task before its outcome is handed on, and no more than one: what is
        held in memory does not grow with the class.
        """
        waiting, died = deque(tasks), Counter[str]()
        while len(self._workers) < min(self._jobs, len(waiting)):
            self._workers.append(self._start())
        for worker in self._workers:
            worker.give(waiting)
        while busy := [w for w in self._workers if w.task is not None]:
            ready = wait([x for w in busy for x in (w.pipe, w.process.sentinel)], timeout=1.0)
            for worker in busy:
                stuck = time.monotonic() - worker.since > self._patience
                if not stuck and worker.pipe not in ready and worker.process.sentinel not in ready:
                    continue
                outcome = None if stuck else worker.take()
                if outcome is None:
                    outcome = self._after_death(worker, waiting, died, stuck)
                else:
                    worker.give(waiting)
                if outcome is not None:
                    yield outcome

    def _after_death(
        self, worker: _Worker, waiting: deque[Task], died: Counter[str], stuck: bool
    ) -> Outcome | None:
        """Replace a worker that ended; its task is tried again, or given up."""
        task = worker.task
        assert task is not None
        worker.kill()
        self._workers[self._workers.index(worker)] = new = self._start()
        name = f"{task.lab}/{task.student}"
        died[name] += 1
        given_up = died[name] >= ATTEMPTS
        if not given_up:
            waiting.appendleft(task)
        new.give(waiting)
        if not given_up:
            return None
        if worker.last_words:
            return refused(task, self._level, worker.last_words)
        why = "超过时限没有结束" if stuck else f"意外中止（退出码 {worker.process.exitcode}）"
        reason = f"评这份提交时，评分进程 {ATTEMPTS} 次{why}，没有得出分数：请看一看它的代码"
        return refused(task, self._level, reason)

    def _start(self) -> _Worker:
        self._count += 1
        return _Worker(self._context, self._level, self._scratch / str(self._count))


class _Worker:
    """One process and what it is working on."""

    def __init__(self, context: BaseContext, level: str, scratch: Path) -> None:
        scratch.mkdir()
        scratch.chmod(_PASSABLE)
        self.task: Task | None = None
        self.since = 0.0
        self.last_words = ""  # why its sandbox does not work
        self.scratch = scratch
        self.pipe, theirs = context.Pipe()
        make: Callable[..., Any] = context.Process  # type: ignore[attr-defined]
        self.process = make(target=_serve, args=(theirs, level, str(scratch)), daemon=False)
        with _one_thread_each():
            self.process.start()
        theirs.close()

    def give(self, waiting: deque[Task]) -> None:
        """Give it the next task, if there is one; without one it has nothing to do."""
        self.task = waiting.popleft() if waiting else None
        if self.task is None:
            return
        self.since = time.monotonic()
        with contextlib.suppress(OSError):  # it has died: `take` finds out
            self.pipe.send(self.task)

    def take(self) -> Outcome | None:
        """Its outcome, or None when it has died."""
        try:
            if not self.pipe.poll():
                return None
            outcome: Outcome | str = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if isinstance(outcome, str):
            self.last_words = outcome
            return None
        return outcome

    def end(self) -> None:
        """Ask it to end: it closes its sandbox first."""
        with contextlib.suppress(OSError):
            self.pipe.close()
        if self.task is not None:
            self.process.terminate()

    def reap(self, seconds: float = 15.0) -> None:
        """Wait for its end, and bring it about if need be."""
        self.process.join(seconds)
        self.kill()

    def kill(self) -> None:
        """End it and everything in its process group at once."""
        pid = self.process.pid
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        if os.name == "posix" and pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self.pipe.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


# --- in the worker -------------------------------------------------------------------------------
def _serve(pipe: Connection, level: str, scratch: str) -> None:
    """Work until the pipe is closed. Everything temporary lies in `scratch`."""
    from autograder.sandbox.levels import backend_of

    if os.name == "posix":
        os.setpgid(0, 0)  # a Ctrl-C in the terminal is the parent's business
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    tempfile.tempdir = scratch
    threading.Thread(target=_end_with_parent, daemon=True).start()
    backend = backend_of(level)
    try:
        while True:
            try:
                task: Task = pipe.recv()
            except (EOFError, OSError):
                return
            pipe.send(work(task, backend))
    except SandboxError as e:  # another process may have better luck
        with contextlib.suppress(BrokenPipeError):
            pipe.send(str(e))
    except BrokenPipeError:
        return
    finally:
        backend.close()


def _end_with_parent() -> None:
    """A grader that was killed leaves no worker behind, and no student's process."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    if os.name == "posix":
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


# --- how they are started ------------------------------------------------------------------------
def _context() -> BaseContext:
    if os.name != "posix":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.run.preload"])
    return context


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Numerical libraries with one thread: many workers share the cores, and forks stay safe."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _sweep() -> None:
    """Remove what the workers of a killed run left in the temporary folder."""
    for left in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        pid = left.name.removeprefix(_SCRATCH).split("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # there is no harmless way to ask
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
