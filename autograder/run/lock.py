"""One writer for a class: a lock that ends with the process that holds it, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmkit.errors import KitError

FILE = ".grading.lock"


class Busy(KitError):
    """Another process is writing this class's marks."""


@contextmanager
def only_writer(course: Path) -> Iterator[None]:
    """Hold the class's lock.

    Raises
    ------
    Busy
        Another process holds it.
    """
    with (course / FILE).open("a", encoding="utf-8") as file:
        try:
            _take(file.fileno())
        except OSError:
            raise Busy(f"另一个评分程序正在写「{course}」的成绩：等它做完，再运行一次") from None
        yield


def _take(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
