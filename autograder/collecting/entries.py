"""One file as found in what the teacher downloaded, and its name as its author wrote it."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

# Archives store wall-clock times without a zone, and the platforms that pack these files run on
# Chinese time; nbgrader converts what is written with an offset.
CHINA = timezone(timedelta(hours=8))

MAX_DEPTH = 24  # folders in folders

# What systems, editors and Jupyter leave beside a student's files.
JUNK = re.compile(
    r"(?i)(\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini|~\$.*|.*\.pyc|.*\.tmp|Icon\r)"
)


class Unreadable(Exception):
    """This one file cannot be read; the message is the Chinese reason."""


@dataclass(frozen=True)
class Entry:
    """One file as found. `problem` is empty for a regular, readable file."""

    parts: tuple[str, ...]  # path below the source; an archive counts as a folder
    size: int
    time: datetime | None
    path: Path  # the file itself, or the archive it lies in
    member: zipfile.ZipInfo | None = None
    problem: str = ""
    archives: tuple[tuple[int, datetime | None], ...] = ()  # which parts are archives, their times

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.parts[-1])[1].lower()

    @property
    def shown(self) -> str:
        return "/".join(self.parts)


def readable(name: str, *, packed: bool = False) -> str:
    """A file name as its author wrote it.

    GBK bytes that were taken for UTF-8 (surrogates) are mended; GBK bytes that were taken for
    cp437 are mended when `packed` (a zip member not marked as UTF-8) or when the name shows the
    box characters that only such a mistake leaves.

    >>> readable("张三.ipynb".encode("gbk").decode("cp437"), packed=True)
    '张三.ipynb'
    """
    raw = b""
    if any("\udc80" <= c <= "\udcff" for c in name):
        raw = name.encode("utf-8", "surrogateescape")
    elif packed or re.search(r"[\u2500-\u259f]", name):
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding) or name
            break
        except UnicodeDecodeError:
            continue
    name = name.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def parse_moment(text: str) -> datetime:
    """A time as nbgrader and the kit write it; without a zone it is UTC, as in nbgrader.

    nbgrader's own parser takes an offset like +0800 for 800 seconds.

    Raises
    ------
    ValueError
        The text is no time.
    """
    from dateutil import tz

    found = re.fullmatch(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(\S*)", text.strip())
    if not found:
        raise ValueError(f"not a time: {text[:40]!r}")
    moment, zone = datetime.fromisoformat(found[1]), found[2]
    if re.fullmatch(r"[+-]\d\d(:?\d\d)?", zone):
        return datetime.fromisoformat(found[1] + zone)
    place = UTC if zone in ("", "Z", "UTC") else tz.gettz(zone)
    if place is None:
        raise ValueError(f"not a time zone: {zone!r}")
    return moment.replace(tzinfo=place)
