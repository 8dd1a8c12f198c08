"""What a tree of processes uses, as this machine's /proc tells."""

from __future__ import annotations

import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from crmkit.kernels.forkserver import descendants

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_BROUGHT_ALONG = 150_000_000  # the libraries' pages, if nobody else has them any more


@dataclass(frozen=True)
class Usage:
    """Threads and memory (bytes) of some processes."""

    tasks: int
    memory: int


def tree(root: int, besides: Container[int], most: int = 10_000) -> list[int]:
    """Processes below `root` but for some; it stops looking at `most`."""
    return [pid for pid in descendants(root, most) if pid not in besides]


def usage(pids: list[int], enough: int) -> Usage:
    """Tasks and memory of `pids`.

    Memory is the sum of resident sizes when that is below `enough` bytes (it counts what is shared
    several times over), else of the proportional ones, which cost the kernel more to tell.
    """
    tasks = resident = 0
    for pid in pids:
        try:
            resident += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            tasks += len(os.listdir(f"/proc/{pid}/task"))
        except OSError:  # it has ended
            continue
    memory = resident * _PAGE
    if memory > enough:
        memory = sum(map(_proportional, pids))
    return Usage(tasks, memory)


def _proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return sum(int(x.split()[1]) * 1024 for x in text.splitlines() if x.startswith("Pss:"))


def stored(folder: Path, enough: int) -> int:
    """Bytes of all files below a folder; stops counting above `enough`. Follows no link."""
    total, rest = 0, [str(folder)]
    while rest and total <= enough:
        try:
            with os.scandir(rest.pop()) as entries:
                for entry in entries:
                    total += 500  # an empty file costs something too
                    if entry.is_dir(follow_symlinks=False):
                        rest.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # gone meanwhile, or not to be opened
            continue
    return total


class Watcher:
    """Looks now and then whether a submission uses more than it may.

    Parameters
    ----------
    root, besides
        Processes below `root` belong to the submission, but for `besides`.
    folder
        Where it writes, if that is not limited by a file system of its own.
    """

    def __init__(
        self, root: int, besides: Container[int], memory: int, tasks: int,
        folder: Path | None, disk: int,
    ) -> None:  # fmt: skip
        self._root, self._besides = root, besides
        self._memory, self._tasks, self._folder, self._disk = memory, tasks, folder, disk
        self._looks = 0

    def look(self) -> str:
        """Why the submission has to be ended, or nothing."""
        found = usage(tree(self._root, self._besides, 2 * self._tasks + 20), self._memory)
        if found.memory > self._memory + _BROUGHT_ALONG:
            return f"占用内存超过 {self._memory // 1_000_000} MB"
        if found.tasks > self._tasks:
            return f"同时运行的进程和线程超过 {self._tasks} 个"
        self._looks += 1
        if self._folder is None or self._looks % 3 != 1:  # to walk through a folder takes longer
            return ""
        full = stored(self._folder, self._disk) > self._disk
        return f"写入的文件超过 {self._disk // 1_000_000} MB" if full else ""
