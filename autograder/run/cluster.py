"""The same work on a dask.distributed cluster: submissions go out as data, outcomes come back.

A cluster machine needs this kit in the same version and nothing of the class. Install it with
``pip install "crmkit[cluster]"``.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from autograder import grade
from autograder.run.work import Outcome, Task, refused, ship, work
from autograder.sandbox import Backend
from crmkit.errors import KitError

_AHEAD = 2  # tasks at the cluster for each of its threads; the rest waits here
_ONE_AT_A_TIME = threading.Lock()  # in a worker: a backend runs one submission after the other
_BACKENDS: dict[str, Backend] = {}


class ClusterError(KitError):
    """The cluster cannot be used."""


class Cluster:
    """Workers of a dask scheduler; a context manager.

    Parameters
    ----------
    address : str
        The scheduler's address, e.g. ``tcp://10.0.0.5:8786``.
    level : str
        Level of the sandbox on the cluster's machines; it stands in the records.

    Raises
    ------
    ClusterError
        dask is not installed, or nobody answers at the address.
    """

    def __init__(self, address: str, level: str) -> None:
        try:
            from distributed import Client
        except ImportError as e:
            raise ClusterError(
                "用集群评分要先装 dask：pip install distributed（或 crmkit[cluster]）"
            ) from e
        self._level = level
        try:
            self._client = Client(address, timeout="20s", set_as_default=False)
        except (OSError, ValueError) as e:
            raise ClusterError(f"连不上集群 {address}：检查地址，以及调度程序是否在运行") from e

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes in the order in which they are ready."""
        from distributed import as_completed

        waiting = deque(tasks)
        threads = sum(self._client.nthreads().values())
        if waiting and not threads:
            raise ClusterError("集群里没有工作进程：先启动 dask worker")
        sent: dict[str, Task] = {}
        ready = as_completed(loop=self._client.loop)
        for _ in range(threads * _AHEAD):
            yield from self._send(waiting, sent, ready)
        while sent:
            future = next(ready)
            task = sent.pop(str(future.key))
            if future.status == "finished":
                yield future.result()
            else:
                yield refused(task, self._level, _why(future.exception()))
            future.release()
            yield from self._send(waiting, sent, ready)

    def _send(self, waiting: deque[Task], sent: dict[str, Task], ready: Any) -> Iterator[Outcome]:
        """Send the next task off; one that cannot be taken in is an outcome at once."""
        while waiting:
            task = waiting.popleft()
            try:
                shipped = ship(task)
            except Exception as e:
                yield refused(task, self._level, grade.describe(e))
                continue
            future = self._client.submit(_work, shipped, self._level, pure=False, retries=2)
            sent[str(future.key)] = task
            ready.add(future)
            return


def _work(task: Task, level: str) -> Outcome:
    """In a worker of the cluster: the same work with that process's own sandbox."""
    from autograder import sandbox

    with _ONE_AT_A_TIME:
        if level not in _BACKENDS:
            _BACKENDS[level] = sandbox.best(level)
            atexit.register(_BACKENDS[level].close)
        return work(task, _BACKENDS[level])


def _why(error: Any) -> str:
    if type(error).__name__ == "KilledWorker":
        return "评这份提交时，集群的工作进程多次意外中止，没有得出分数：请看一看它的代码"
    return grade.describe(error)
