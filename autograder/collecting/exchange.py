"""nbgrader's own exchange: ``<course>/inbound/<student>+<lab>+<time>+<random>/``."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from autograder.collecting.entries import CHINA, Entry, parse_moment
from autograder.collecting.handins import HandIn
from autograder.collecting.placing import SECRET
from autograder.roster import Roster, is_student_id

# As ExchangeSubmit writes it; a student id and a time zone (+0800) may have a plus sign themselves.
FOLDER = re.compile(
    r"(?P<student>.+)\+(?P<lab>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)"
    r"(?: (?P<zone>[A-Za-z/_]+|[+-]\d{2}:?\d{2}))?(?:\+(?P<random>[\w\-]+=*))?"
)


def inbound(source: Path) -> Path | list[Path] | None:
    """The inbound folder that `source` is or holds; a list when it holds those of several courses."""
    if not source.is_dir():
        return None
    if source.name == "inbound" or any(FOLDER.fullmatch(n) for n in os.listdir(source)):
        return source
    if (source / "inbound").is_dir():
        return source / "inbound"
    found = sorted(p / "inbound" for p in source.iterdir() if (p / "inbound").is_dir())
    return found[0] if len(found) == 1 else found or None


def handins(
    folder: Path, entries: list[Entry], lab: str, roster: Roster | None
) -> tuple[list[HandIn], list[tuple[str, str]]]:
    """Hand-ins of one lab, and folders that cannot be used with the reason."""
    found: dict[str, HandIn] = {}
    refused: dict[str, str] = {}
    for entry in entries:
        top = entry.parts[0]
        if top not in found and top not in refused:
            match = FOLDER.fullmatch(top)
            if match is None:
                refused[top] = "不是 nbgrader 交换目录里的提交（名字应为 学号+实验+时间）"
                continue
            if match["lab"] != lab:
                refused[top] = ""
                continue
            student = match["student"]
            if not is_student_id(student):
                refused[top] = f"学号「{student[:40]}」里有不能用的字符"
                continue
            try:
                moment = parse_moment(f"{match['time']} {match['zone'] or ''}")
            except (ValueError, OverflowError):
                refused[top] = f"时间「{match['time']} {match['zone']}」看不懂"
                continue
            notes = _owner_note(folder / top, student)
            if roster is not None and student not in roster:
                notes.append(f"学号 {student} 不在名册里")
            name = roster.name(student) if roster is not None else ""
            found[top] = HandIn(
                student, name, top, 1, time=moment.astimezone(CHINA), notes=notes,
                keep=frozenset({SECRET}),
            )  # fmt: skip
        if top in found:
            found[top].entries.append(entry)
    return list(found.values()), [(k, v) for k, v in refused.items() if v]


def _owner_note(folder: Path, student: str) -> list[str]:
    """On a shared server a hand-in belongs to the account that made it."""
    if sys.platform == "win32":
        return []
    import pwd

    owner = folder.stat().st_uid
    if owner in (0, os.getuid()):
        return []
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        return [f"文件夹属于未知账号 {owner}，请核对"]
    return [] if name == student else [f"文件夹属于账号「{name}」，请核对是不是本人提交"]
