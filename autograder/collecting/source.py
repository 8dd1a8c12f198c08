"""What a teacher downloaded, as one flat list of files, in folders or in archives.

Nothing is written here but copies of inner archives into the run's private work folder, and
nothing is followed: a link, a pipe or a device becomes an entry that says what it is.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from autograder.collecting import archives
from autograder.collecting.entries import CHINA, JUNK, MAX_DEPTH, Entry, Unreadable, readable

MAX_ENTRIES = 200_000  # in one source, all students together
MAX_NESTED = 50_000_000  # bytes of an archive inside an archive
MAX_ARCHIVES = 2  # a class archive with a student's archive in it
OPEN_ARCHIVES = 16


class Source:
    """What the teacher downloaded, opened for one run.

    Parameters
    ----------
    path : Path
        A folder or one file.
    work : Path, optional
        Private folder for copies of archives that lie inside archives; without it these stay shut.
    """

    def __init__(self, path: Path, work: Path | None = None) -> None:
        self.path = path
        self._work = work
        self._open_zips: OrderedDict[Path, zipfile.ZipFile] = OrderedDict()

    def close(self) -> None:
        for opened in self._open_zips.values():
            opened.close()
        self._open_zips.clear()

    def scan(self, limit: int = MAX_ENTRIES) -> list[Entry]:
        """All files, archives replaced by what is in them, sorted by path.

        Raises
        ------
        Unreadable
            There are more than `limit` files.
        """
        folder = self.path.is_dir() and not self.path.is_symlink()
        first = _walk(self.path, ()) if folder else iter([_entry(self.path, self.path.name)])
        found: list[Entry] = []
        for entry in self._expanded(first):
            found.append(entry)
            if len(found) > limit:
                raise Unreadable(f"里面的文件超过 {limit} 个，请分批收取")
        return sorted(found, key=lambda e: e.parts)

    def read(self, entry: Entry, limit: int) -> Iterator[bytes]:
        """The content in pieces. Raises Unreadable if that fails or passes `limit` bytes."""
        if entry.problem:
            raise Unreadable(entry.problem)
        total = 0
        try:
            with self._stream(entry) as stream:
                while piece := stream.read(1 << 18):
                    total += len(piece)
                    if total > limit:
                        raise Unreadable(f"展开后超过 {limit / 1e6:.0f} MB")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error) as e:
            raise Unreadable("压缩包损坏，里面的文件解不出来；请学生重新压缩后再交") from e
        except NotImplementedError as e:
            raise Unreadable("压缩包用了不支持的压缩方法；请学生改用普通 zip") from e
        except OSError as e:
            raise Unreadable(f"文件读不出来（{e.strerror or type(e).__name__}）") from e

    def copy(self, entry: Entry, target: Path, limit: int) -> int:
        """Write the content to the new file `target`; returns the bytes written."""
        written = 0
        try:
            with target.open("xb") as out:
                for piece in self.read(entry, limit):
                    written += out.write(piece)
        except Unreadable:
            target.unlink(missing_ok=True)
            raise
        return written

    @contextmanager
    def _stream(self, entry: Entry) -> Iterator[IO[bytes]]:
        if entry.member is not None:
            with self._zip(entry.path).open(entry.member) as stream:
                yield stream
            return
        # The file may have been swapped since it was listed: no link is followed, no pipe waited for.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        fd = os.open(entry.path, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(fd, "rb") as stream:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise Unreadable("不是普通文件，未取")
            yield stream

    def _zip(self, path: Path) -> zipfile.ZipFile:
        if path not in self._open_zips:
            self._open_zips[path] = zipfile.ZipFile(path)
            if len(self._open_zips) > OPEN_ARCHIVES:
                self._open_zips.popitem(last=False)[1].close()
        self._open_zips.move_to_end(path)
        return self._open_zips[path]

    def _expanded(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        for entry in entries:
            if entry.problem or not archives.is_archive(entry.name):
                yield entry
                continue
            try:
                if len(entry.archives) >= MAX_ARCHIVES:
                    raise Unreadable("压缩包里套了太多层压缩包；请学生只压缩一层")
                path = entry.path if entry.member is None else self._copied_out(entry)
                yield from self._expanded(archives.members(entry, path))
            except Unreadable as e:
                yield replace(entry, problem=str(e))

    def _copied_out(self, entry: Entry) -> Path:
        if self._work is None:
            raise Unreadable("压缩包里又有压缩包，未取；请学生只压缩一层")
        folder = self._work / "archives"
        folder.mkdir(exist_ok=True)
        path = folder / f"{len(os.listdir(folder))}.zip"
        self.copy(entry, path, MAX_NESTED)
        return path


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[Entry]:
    try:
        children = sorted(os.scandir(folder), key=lambda c: c.name)
    except OSError as e:
        reason = f"文件夹打不开（{e.strerror or type(e).__name__}）"
        yield Entry(above or (folder.name,), 0, None, folder, problem=reason)
        return
    if not children and above and above[-1].lower().endswith((".ipynb", ".zip")):
        yield Entry(above, 0, None, folder, problem="是空文件夹，不是文件")
    for child in children:
        if JUNK.fullmatch(child.name):
            continue
        if not child.is_dir(follow_symlinks=False):
            yield _entry(Path(child.path), child.name, above)
        elif len(above) >= MAX_DEPTH:
            name = (*above, readable(child.name))
            yield Entry(name, 0, None, Path(child.path), problem="文件夹套得太深，未取")
        else:
            yield from _walk(Path(child.path), (*above, readable(child.name)))


def _entry(path: Path, name: str, above: tuple[str, ...] = ()) -> Entry:
    parts = (*above, readable(name))
    try:
        st = os.lstat(path)
    except OSError as e:
        return Entry(parts, 0, None, path, problem=f"文件读不出来（{e.strerror}）")
    problem = ""
    if stat.S_ISLNK(st.st_mode):
        problem = "是链接，不是文件；链接不跟随"
    elif not stat.S_ISREG(st.st_mode):
        problem = "是管道或设备，不是普通文件"
    time = datetime.fromtimestamp(int(st.st_mtime), tz=UTC).astimezone(CHINA)
    return Entry(parts, st.st_size, time, path, problem=problem)
