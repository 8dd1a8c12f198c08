"""Zip archives as learning platforms and students make them: names, times, traps."""

from __future__ import annotations

import os
import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autograder.collecting.entries import CHINA, JUNK, MAX_DEPTH, Entry, Unreadable, readable

MAX_DIRECTORY = 16_000_000  # bytes of an archive's table of contents, checked before it is read

OTHER_KINDS = {".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".iso", ".zipx", ".arj", ".lzh"}
MAGIC = (
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ", "xz"),
)
BROKEN = "压缩包损坏或没有传完，打不开；请学生重新压缩后再交"


def is_archive(name: str) -> bool:
    """Whether the name is that of an archive of any kind."""
    suffix = os.path.splitext(name)[1].lower()
    return suffix == ".zip" or suffix in OTHER_KINDS


def members(archive: Entry, path: Path) -> Iterator[Entry]:
    """The files in the archive at `path`; what may not be taken carries its reason.

    Raises
    ------
    Unreadable
        Not a zip, damaged, empty, or far too many files.
    """
    _check_kind(archive, path)
    try:
        with zipfile.ZipFile(path) as opened:
            listed = opened.infolist()
    except (zipfile.BadZipFile, struct.error, OSError, ValueError, NotImplementedError) as e:
        raise Unreadable(BROKEN) from e
    inside = (*archive.archives, (len(archive.parts) - 1, archive.time))
    empty = True
    for info in listed:
        name = _name(info)
        parts = [p for p in name.split("/") if p not in ("", ".")]
        if info.is_dir() or name.endswith("/") or not parts:
            continue
        if any(JUNK.fullmatch(p) for p in parts if p != ".."):
            continue
        empty = False
        yield Entry(
            (*archive.parts, *([p for p in parts if p != ".."] or ["?"])),
            info.file_size,
            _time(info) or archive.time,
            path,
            member=info,
            problem=_problem(info, name, parts),
            archives=inside,
        )
    if empty:
        raise Unreadable("压缩包是空的")


def _check_kind(archive: Entry, path: Path) -> None:
    with path.open("rb") as f:
        head = f.read(8)
    if not head:
        raise Unreadable("压缩包是空文件（0 字节），多半没有传完；请学生重交")
    kind = next((k for magic, k in MAGIC if head.startswith(magic)), "")
    if not kind and not head.startswith(b"PK") and archive.suffix in OTHER_KINDS:
        kind = archive.suffix[1:]
    if kind:
        raise Unreadable(f"是 {kind} 压缩包，这里只认 zip；请先解开再收取，或请学生改交 zip")
    if _directory_size(path) > MAX_DIRECTORY:
        raise Unreadable("压缩包里的文件太多，不像是一份作业")


def _directory_size(path: Path) -> int:
    """Bytes of the table of contents by the end record; zipfile reads all of it at once."""
    size = path.stat().st_size
    with path.open("rb") as f:
        f.seek(max(0, size - 66_000))
        tail = f.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16:
        return 0
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if directory == 0xFFFFFFFF and wide >= 0 and len(tail) >= wide + 48:
        (directory,) = struct.unpack_from("<Q", tail, wide + 40)
    return min(int(directory), size)


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename.split("\0")[0]
    if not info.flag_bits & 0x800:  # not marked as UTF-8: zipfile read it as cp437
        name = readable(name, packed=True)
    return unicodedata.normalize("NFC", name).replace("\\", "/")


def _problem(info: zipfile.ZipInfo, name: str, parts: list[str]) -> str:
    mode = info.external_attr >> 16
    if info.flag_bits & 0x1:
        return "压缩包有密码；请学生去掉密码后再交"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts:
        return "压缩包里的路径指向别处（绝对路径或 ..），未取"
    if stat.S_ISLNK(mode):
        return "是链接，不是文件；链接不跟随"
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "是管道或设备，不是普通文件"
    if len(parts) > MAX_DEPTH:
        return "文件夹套得太深，未取"
    return ""


def _time(info: zipfile.ZipInfo) -> datetime | None:
    extra, at = info.extra, 0
    while at + 4 <= len(extra):  # Info-ZIP's extended timestamp: seconds since 1970, UTC
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 0x5455 and length >= 5 and at + 9 <= len(extra) and extra[at + 4] & 1:
            (seconds,) = struct.unpack_from("<i", extra, at + 5)
            return datetime.fromtimestamp(seconds, tz=UTC).astimezone(CHINA)
        at += 4 + length
    if info.date_time[0] <= 1980:  # packers that know no time write the first day of 1980
        return None
    try:
        return datetime(*info.date_time, tzinfo=CHINA)
    except ValueError:
        return None
