"""Copy one hand-in into the class folder: within limits, by safe names, all of it or nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.collecting.entries import CHINA, JUNK, Entry, Unreadable, parse_moment
from autograder.collecting.handins import HandIn
from autograder.collecting.notebooks import Found
from autograder.collecting.source import Source
from autograder.fingerprint import of_folder

MAX_BYTES = 50_000_000  # one hand-in, expanded
MAX_FILES = 500
MAX_PATH = 200  # characters below the hand-in's folder
TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # nbgrader needs it to hand the feedback back
OWN = {TIMESTAMP, SECRET}
UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\ud800-\udfff]|[. ]$')


class Refused(Exception):
    """The hand-in cannot be taken; the message is the Chinese reason."""


@dataclass
class Staged:
    """A complete copy, not yet in its place."""

    folder: Path
    moment: datetime | None
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Placed:
    """What became of a copy: taken, replaced, same, older."""

    outcome: str
    existing: datetime | None = None


def stage(source: Source, handin: HandIn, found: Found, notebook: str, folder: Path) -> Staged:
    """Copy a hand-in into `folder` under the names it will have.

    Raises
    ------
    Refused
        The notebook cannot be read, or the hand-in is too large or has too many files.
    """
    folder.mkdir(parents=True)
    staged = Staged(folder, found.moment)
    room = MAX_BYTES
    try:
        room -= source.copy(found.entry, folder / f"{notebook}.ipynb", room)
    except Unreadable as e:
        raise Refused(f"笔记本「{found.entry.name}」{e}") from e
    wanted = accompanying(handin.entries, found.entry, handin.depth, handin.keep)
    if len(wanted) + 1 > MAX_FILES:
        raise Refused(
            f"文件太多（{len(wanted) + 1} 个，上限 {MAX_FILES} 个）；请学生只交笔记本和它的输出"
        )
    if found.entry.size + sum(e.size for e, _ in wanted if not e.problem) > MAX_BYTES:
        raise Refused(f"超过 {MAX_BYTES / 1e6:.0f} MB；请学生清除大的输出和无关文件后再交")
    for entry, inner in wanted:
        relative = "/".join(inner)
        try:
            room -= source.copy(entry, _target(folder, safe_path(inner)), room)
        except Unreadable as e:
            if room <= 0 or "展开后超过" in str(e):
                raise Refused(f"展开后超过 {MAX_BYTES / 1e6:.0f} MB；可能是压缩炸弹，未收取") from e
            staged.left_out.append(f"{relative}：{e}")
        except OSError as e:
            staged.left_out.append(f"{relative}：写不进去（{e.strerror}）")
    if found.moment:
        text = found.moment.astimezone(CHINA).isoformat()
        (folder / TIMESTAMP).write_text(text + "\n", encoding="utf-8", newline="\n")
    return staged


def place(staged: Staged, target: Path) -> Placed:
    """Move a copy to its place unless a newer hand-in, or the same one, is there already."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        os.replace(staged.folder, target)
        return Placed("taken")
    there = existing_time(target)
    if of_folder(staged.folder) == of_folder(target):
        return Placed("same", there)
    new = staged.moment
    if new is None or (there is not None and there >= new):
        return Placed("older", there)
    old = staged.folder.with_name(staged.folder.name + ".old")
    os.replace(target, old)
    os.replace(staged.folder, target)
    shutil.rmtree(old, ignore_errors=True)
    return Placed("replaced", there)


def existing_time(folder: Path) -> datetime | None:
    """When the hand-in in the class folder was made; without a usable timestamp, by its files."""
    path = folder / TIMESTAMP
    try:
        return parse_moment(path.read_text(encoding="utf-8")).astimezone(CHINA)
    except (OSError, ValueError, OverflowError):
        times = [p.stat().st_mtime for p in folder.glob("*.ipynb") if p.is_file()]
        return datetime.fromtimestamp(max(times), tz=UTC).astimezone(CHINA) if times else None


def accompanying(
    entries: list[Entry], notebook: Entry, base: int, keep: frozenset[str] = frozenset()
) -> list[tuple[Entry, tuple[str, ...]]]:
    """Files that go with the notebook, with their paths below its folder.

    Parameters
    ----------
    base : int
        Length of the path to the root of the hand-in.
    keep : set of str
        Names that are taken although they are nbgrader's own.
    """
    root = notebook.parts[:-1]
    # A folder beside the notebook's that has a notebook of its own is another lab's.
    foreign = {
        e.parts[: i + 1]
        for e in entries
        if ".ipynb" in e.name.lower()
        for i in range(base, len(e.parts) - 1)
        if e.parts[: i + 1] != root[: i + 1]
    }
    out = []
    for entry in entries:
        if entry is notebook or (".ipynb" in entry.name.lower() and not entry.problem):
            continue
        start = len(root)
        if entry.parts[:start] != root:
            if any(entry.parts[: i + 1] in foreign for i in range(base, len(entry.parts) - 1)):
                continue
            start = base
        packed = {index for index, _ in entry.archives}
        inner = tuple(
            re.sub(r"(?i)\.zip$", "", p) if i in packed else p
            for i, p in enumerate(entry.parts[start:], start)
        )
        own = inner[-1] in OWN and inner[-1] not in keep
        if own or any(JUNK.fullmatch(p) for p in inner):
            continue
        out.append((entry, inner))
    return out


def safe_path(inner: tuple[str, ...]) -> str:
    """The path below the hand-in's folder, if it may be used on every system.

    Raises
    ------
    Unreadable
        It may not.
    """
    relative = "/".join(inner)
    if len(relative) > MAX_PATH or any(len(p.encode("utf-8", "replace")) > 240 for p in inner):
        raise Unreadable("文件名太长，未取")
    if any(UNSAFE.search(p) or p in ("", ".", "..") for p in inner):
        raise Unreadable("文件名里有不能用的字符，未取")
    return relative


def together(files: Mapping[str, bytes], first: Container[str] = ()) -> dict[str, bytes]:
    """The files that can lie in one folder on every system, those of `first` before the others.

    Left out is what leads out of the folder, and what would have to lie inside another file.

    >>> sorted(together({"out": b"", "out/a.xlsx": b"", "Out/A.xlsx": b"", "../b": b""}, {"out"}))
    ['out']
    """
    kept: dict[str, bytes] = {}
    taken: set[str] = set()
    folders: set[str] = set()
    for name in sorted(files, key=lambda n: (n not in first, n)):
        parts = name.casefold().split("/")
        above = {"/".join(parts[:n]) for n in range(1, len(parts))}
        try:
            safe_path(tuple(parts))
        except Unreadable:
            continue
        if "/".join(parts) not in taken and not above & (taken - folders):
            kept[name] = files[name]
            folders |= above
            taken |= {"/".join(parts), *above}
    return kept


def _target(folder: Path, relative: str) -> Path:
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise Unreadable("有两个同名文件，只取了第一个")
    return target
