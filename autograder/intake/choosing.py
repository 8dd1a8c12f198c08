"""Which of the files handed in is the notebook, and which files go with it."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.collecting.entries import Entry, Unreadable, parse_moment
from autograder.collecting.notebooks import DISGUISES, GRADE_ID, why_no_file
from autograder.collecting.placing import (
    MAX_BYTES,
    MAX_FILES,
    OWN,
    TIMESTAMP,
    accompanying,
    safe_path,
    together,
)
from autograder.collecting.source import Source
from autograder.intake import cells, reading
from autograder.intake.matching import Match, is_blank, match
from autograder.intake.refusal import Mends, Ungradable, clean, listed
from autograder.intake.released import Release, Role
from autograder.roster import is_student_id

MAX_ENTRIES = 20_000  # files in one hand-in; beyond it is no hand-in
MAX_NOTEBOOKS = 40  # that are read to find the right one
MAX_FILE = 20_000_000  # one file beside the notebook
_TIME_BYTES = 500
_ANSWER = re.compile(r"lab\.answer\(\s*[\"']([\w]+)-")


@dataclass
class Chosen:
    """A notebook that can be graded."""

    entry: Entry
    match: Match
    answers: int  # cells in which something was worked
    rank: tuple[bool, int, bool, bool, int]


def scan(folder: Path) -> tuple[Source, list[Entry]]:
    """The files of a hand-in; a link, a pipe or a device is listed but never opened.

    Raises
    ------
    Ungradable
        There is no such folder, or it is no ordinary one.
    """
    student = folder.parent.name
    if not is_student_id(student):
        raise Ungradable(f"学号「{clean(student, 40)}」里有不能用的字符，不能当作文件夹名；请改名")
    for path in (folder.parent, folder):
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            raise Ungradable(f"没有 {student} 的提交「{folder.name}」") from None
        if stat.S_ISLNK(mode):
            raise Ungradable(f"「{path.name}」是链接，不是文件夹；链接不跟随，请放进真正的文件夹")
        if not stat.S_ISDIR(mode):
            raise Ungradable(f"「{path.name}」不是文件夹；提交要放在 学号/{folder.name}/ 里面")
    source = Source(folder)
    try:
        return source, source.scan(MAX_ENTRIES)
    except Unreadable as e:
        raise Ungradable(f"{student} 的提交{e}") from e


def choose(source: Source, entries: list[Entry], release: Release, mends: Mends) -> Chosen:
    """The notebook in which most was worked; the one with the right name when there are equals.

    Raises
    ------
    Ungradable
        None of them can be graded; the reason is that of the likeliest.
    """
    wanted = f"{release.name}.ipynb"
    candidates = _candidates(source, entries, release)
    if not candidates:
        raise Ungradable(why_no_file(entries, release.name))
    best: Chosen | None = None
    refused: list[tuple[Entry, str]] = []
    for entry in candidates[:MAX_NOTEBOOKS]:
        try:
            found = _read(source, entry, release)
        except Ungradable as e:
            refused.append((entry, str(e)))
            continue
        if best is None or found.rank > best.rank:
            best = found
        if len(candidates) == 1:
            break
    if best is None:
        raise Ungradable(refused[0][1])
    mends.add_all(best.match.mends.sentences)
    best.match.mends = mends
    _say_choice(best, candidates, refused, wanted, mends)
    return best


def files(source: Source, entries: list[Entry], notebook: Entry, mends: Mends) -> dict[str, bytes]:
    """What was handed in beside the notebook, within limits, by safe names."""
    wanted = [(e, inner) for e, inner in accompanying(entries, notebook, 0) if inner[-1] not in OWN]
    wanted.sort(key=lambda w: (w[1][0] != "out", len(w[1]), w[1]))
    if len(wanted) > MAX_FILES:
        mends.add(f"一共交了 {len(wanted)} 个文件，只取了 {MAX_FILES} 个（先取 out 文件夹里的）")
    taken: dict[str, bytes] = {}
    left: list[str] = []
    room = MAX_BYTES
    for entry, inner in wanted[:MAX_FILES]:
        try:
            name = safe_path(inner)
            if name in taken:
                raise Unreadable("有两个同名文件，只取了第一个")
            content = b"".join(source.read(entry, min(room, MAX_FILE)))
        except Unreadable as e:
            left.append(f"「{clean('/'.join(inner))}」{e}")
            continue
        taken[name] = content
        room -= len(content)
    if left:
        mends.add(
            f"没有取{'；'.join(left[:3])}" + (f"；等 {len(left)} 个" if len(left) > 3 else "")
        )
    kept = together(taken)
    if beside := sorted(taken.keys() - kept):
        mends.add(f"没有取{listed([f'「{clean(n)}」' for n in beside])}：与另一个文件的名称冲突")
    return dict(sorted(kept.items()))


def moment(source: Source, entries: list[Entry], mends: Mends) -> datetime | None:
    """When it was handed in, by timestamp.txt; None when that says nothing."""
    entry = next((e for e in entries if e.parts[0] == TIMESTAMP), None)
    if entry is None:
        return None
    try:
        if len(entry.parts) > 1:
            raise Unreadable("是文件夹")
        text = b"".join(source.read(entry, _TIME_BYTES)).decode("utf-8-sig")
        found = parse_moment(text)
        if 2000 <= found.year <= 2100:
            return found
    except (Unreadable, ValueError, OverflowError):
        pass
    mends.add("timestamp.txt 里不是时间，不知道是什么时候交的，不算迟交")
    return None


def _candidates(source: Source, entries: list[Entry], release: Release) -> list[Entry]:
    """Files that may be the notebook, the likeliest first."""
    wanted = f"{release.name}.ipynb"
    found = []
    for entry in entries:
        if ".ipynb" in entry.name.lower() or (
            entry.suffix in DISGUISES and not entry.problem and _has_grade_ids(source, entry)
        ):
            found.append(entry)
    found.sort(
        key=lambda e: (
            e.parts != (wanted,), bool(e.problem), e.name != wanted, not _named(e, release),
            len(e.parts), e.parts,
        )
    )  # fmt: skip
    return found


def _has_grade_ids(source: Source, entry: Entry) -> bool:
    """Whether a .json or .txt file is a notebook under another name."""
    if entry.parts == (TIMESTAMP,):
        return False
    try:
        data = b"".join(source.read(entry, reading.MAX_BYTES)).replace(b"\0", b"")
    except Unreadable:
        return False
    return GRADE_ID.search(data) is not None


def _named(entry: Entry, release: Release) -> bool:
    names = f"{re.escape(release.lab)}|{re.escape(release.name)}"
    return bool(re.search(rf"(?<![A-Za-z0-9])({names})(?![A-Za-z0-9])", entry.name, re.I))


def _read(source: Source, entry: Entry, release: Release) -> Chosen:
    shown = clean(entry.name)
    try:
        data = b"".join(source.read(entry, reading.MAX_BYTES))
    except Unreadable as e:
        raise Ungradable(f"「{shown}」{e}") from e
    mends = Mends()
    nb = reading.parse(data, shown, mends)
    del data
    student = cells.read(nb, shown, mends)
    found = match(student, release, mends)
    _refuse_other_labs(found, release, shown)
    answers = sum(
        p is not None and p.role in (Role.WORK, Role.WRITTEN) and not is_blank(p, c)
        for p, c in zip(found.part_of, found.cells, strict=True)
    )
    own = sum(p is None and c.kind == "code" for p, c in zip(found.part_of, student, strict=True))
    wanted = f"{release.name}.ipynb"
    rank = (found.own > 0, answers, entry.parts == (wanted,), entry.name == wanted, own)
    return Chosen(entry, found, answers, rank)


def _refuse_other_labs(found: Match, release: Release, shown: str) -> None:
    prefix = f"{release.lab}-"
    others: dict[str, int] = {}
    for cell, part in zip(found.cells, found.part_of, strict=True):
        if part is None and "-" in cell.grade_id and not cell.grade_id.startswith(prefix):
            lab = cell.grade_id.split("-")[0]
            others[lab] = others.get(lab, 0) + 1
    named = {m for c in found.cells if c.kind == "code" for m in _ANSWER.findall(c.source)}
    if others and max(others.values()) > found.own:
        other = max(others, key=lambda lab: others[lab])
        raise Ungradable(f"「{shown}」是 {clean(other, 20)} 的笔记本，不是 {release.lab} 的")
    if not found.own and release.lab not in named:
        words = f"，里面是 {clean(min(named), 20)} 的" if named else ""
        raise Ungradable(f"「{shown}」里没有 {release.lab} 的评分单元{words}；请交对应的笔记本")


def _say_choice(
    best: Chosen, candidates: list[Entry], refused: list[tuple[Entry, str]], wanted: str, mends: Mends
) -> None:  # fmt: skip
    if best.entry.parts != (wanted,):
        mends.add(f"笔记本是「{clean(best.entry.shown, 120)}」，已当作 {wanted}")
    reasons = {id(e): reason for e, reason in refused}
    for entry, reason in refused:
        if entry.parts == (wanted,):
            mends.add(f"{wanted} 不能用：{reason}")
    others = [e for e in candidates if e is not best.entry and id(e) not in reasons]
    if others:
        mends.add(f"还有别的笔记本，没有用：{listed([e.shown for e in others])}")
