"""Where a student's notebook runs: one interface, one backend per level of protection."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from crmkit.errors import KitError

LEVELS = ("bubblewrap", "landlock", "limits", "plain")  # best first


class SandboxError(KitError):
    """The sandbox itself does not work; nothing of the submission is to blame."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds, bytes, characters, numbers of processes."""

    cell_seconds: float = 60
    total_seconds: float = 300
    cpu_seconds: int = 180  # of one process
    memory_bytes: int = 600_000_000  # of all processes, beyond what the warm process brings along
    processes: int = 40  # and threads
    file_bytes: int = 20_000_000  # one file that is taken in or read back
    disk_bytes: int = 100_000_000  # all files together
    output_chars: int = 200_000  # of one cell
    total_output_chars: int = 2_000_000
    answer_bytes: int = 24_000_000  # everything that crosses, answers and pictures included


class Session(Protocol):
    """A running kernel in its own folder. Outputs are nbformat dicts."""

    dead: str  # why no further cell can run; "" while the kernel lives

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run one cell. A cell that does not end is ended; its output then is an error."""

    def read(self, path: str) -> bytes | None:
        """A regular file inside the folder, within the limits; None when it is not there."""


class Backend(Protocol):
    """One way to run submissions, one after the other."""

    name: str
    says: str  # one Chinese sentence on what it protects against, shown in every run

    def open(
        self, files: dict[str, bytes], environment: dict[str, str], limits: Limits
    ) -> AbstractContextManager[Session]:
        """A fresh kernel in a fresh folder that holds `files` (relative path → content).

        Raises
        ------
        SandboxError
            The sandbox does not start.
        """

    def close(self) -> None:
        """End what the backend keeps running between submissions."""


def best(level: str | None = None) -> Backend:
    """The best backend that this machine offers, found by trying.

    Parameters
    ----------
    level
        One of `LEVELS`, to have this one and no other.

    Raises
    ------
    SandboxError
        There is no such level, or it does not work here.
    """
    from autograder.sandbox.levels import choose

    return choose(level)


def gather(folder: Path, limits: Limits) -> dict[str, bytes]:
    """The regular files of a hand-in (no links, no notebooks), within the size limit."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
            continue
        if any(p.is_symlink() for p in path.parents if p != folder and folder in p.parents):
            continue
        if path.stat().st_size <= limits.file_bytes and not inside.name.startswith("."):
            found[inside.as_posix()] = path.read_bytes()
    return found
