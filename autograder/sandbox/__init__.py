"""Where a student's notebook runs: one interface, one backend per level of protection."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    cell_seconds: float = 60
    total_seconds: float = 300
    output_chars: int = 200_000
    file_bytes: int = 20_000_000


class Session(Protocol):
    """A running kernel in its own folder. Outputs are nbformat dicts."""

    dead: str  # why no further cell can run; "" while the kernel lives

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run one cell. A cell that does not end is ended; its output then is an error."""

    def read(self, path: str) -> bytes | None:
        """A regular file inside the folder, within the limits; None when it is not there."""


class Backend(Protocol):
    """One way to run submissions."""

    name: str
    says: str  # one Chinese sentence on what it protects against, shown in every run

    def open(
        self, files: dict[str, bytes], environment: dict[str, str], limits: Limits
    ) -> AbstractContextManager[Session]:
        """A fresh kernel in a fresh folder that holds `files` (relative path → content)."""


def best() -> Backend:
    """The best backend this machine offers."""
    from autograder.sandbox.plain import PlainKernel

    return PlainKernel()


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
