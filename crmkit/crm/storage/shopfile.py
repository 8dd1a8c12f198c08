"""A shop's file before it is opened, and how a new one comes to its place.

Nothing here writes into a file that may not be ours: what it is is read from its first bytes.
"""

from __future__ import annotations

import contextlib
import glob
import os
import struct
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from crmkit.crm.errors import StoreError
from crmkit.crm.storage import connecting
from crmkit.crm.storage.trouble import DAMAGED, in_words

APPLICATION = 0x43524D4B  # "CRMK" in the file's header: ours, not another program's
MAX_BYTES = 500_000_000
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps next to a file in use
_STALE = 3600  # seconds after which the remains of an interrupted creation are swept away


class Taken(StoreError):
    """There is a file of this name already."""


def examine(path: Path) -> None:
    """Refuse whatever is not a sound shop file that can be written; changes nothing.

    Raises
    ------
    StoreError
        Missing, a folder, read-only, too large, not SQLite, another program's, or damaged.
    """
    if not path.is_file():
        raise StoreError(f"找不到店铺文件「{path}」。")
    with in_words(path.name):
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StoreError(
                f"「{path.name}」有 {size / 1e6:,.0f} MB，超过 {MAX_BYTES // 1_000_000} MB，"
                "不是课程的店铺文件。"
            )
        with path.open("rb") as file:
            head = file.read(100)
    if not head.startswith(b"SQLite format 3\0"):
        raise StoreError(f"「{path.name}」不是店铺文件（不是 SQLite 数据库），或文件已损坏。")
    if len(head) < 100:
        raise StoreError(f"「{path.name}」{DAMAGED}")
    if struct.unpack(">I", head[68:72])[0] != APPLICATION:
        raise StoreError(f"「{path.name}」是别的程序的数据库，不是课程的店铺文件。")
    if not (_writable(path) and _writable(path.parent)):
        raise StoreError(
            f"「{path.name}」文件或文件夹是只读的，不能保存。把它复制到自己可以写的文件夹里再打开。"
        )
    with in_words(path.name):
        connection = connecting.look(path)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    if found != "ok":
        raise StoreError(f"「{path.name}」{DAMAGED}")


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextlib.contextmanager
def making(path: Path) -> Iterator[Path]:
    """A file to be written beside `path`, moved there when the block ends without an error.

    So an interruption leaves no half store, and of two programs that make the same one, the
    second is refused.

    Raises
    ------
    Taken
        The name is in use already.
    """
    if path.exists():
        raise Taken(f"「{path.name}」已经存在，不会覆盖它。")
    if not path.parent.is_dir():
        raise StoreError(f"没有文件夹「{path.parent}」，先建好它。")
    _sweep(path)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")
    try:
        yield part
        with in_words(path.name):
            _place(part, path)
    finally:
        for name in (part, *_beside(part)):
            name.unlink(missing_ok=True)


def _place(part: Path, path: Path) -> None:
    """Give a finished file its name; never over another."""
    if not path.exists():  # what a deleted file left behind would be played into the new one
        for name in _beside(path):
            name.unlink(missing_ok=True)
    taken = Taken(f"「{path.name}」刚刚由另一个程序建好了，不会覆盖它。")
    try:
        if os.name == "nt":
            os.rename(part, path)  # on Windows refused when the name is in use
            return
        os.link(part, path)
    except FileExistsError as error:
        raise taken from error
    except OSError:  # a file system without hard links: claim the name, then fill it
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError as error:
            raise taken from error
        os.replace(part, path)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in _BESIDE]


def _sweep(path: Path) -> None:
    """Remove what a creation that was interrupted long ago left."""
    old = time.time() - _STALE
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part*"):
        with contextlib.suppress(OSError):  # another program may be sweeping too
            if part.stat().st_mtime < old:
                part.unlink()
