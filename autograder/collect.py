"""Take in what students handed in, from wherever a teacher has it, into the class folder.

A source is a folder (of student folders, loose notebooks, zips), one zip as a learning platform
packs it, or nbgrader's exchange directory. What is taken goes to
``submitted/<student>/<lab>/<notebook>.ipynb`` with the files beside it and ``timestamp.txt``.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from autograder.collecting import exchange, handins, notebooks, placing
from autograder.collecting.archives import is_archive
from autograder.collecting.entries import CHINA, Entry, Unreadable
from autograder.collecting.handins import HandIn
from autograder.collecting.notebooks import Choice, Found
from autograder.collecting.source import Source
from autograder.roster import Roster
from crmkit.errors import KitError

Progress = Callable[[str, int, int], None]

TAKEN, UPDATED, SAME, KEPT = "已收取", "已更新", "没有变化", "保留已收的"
REFUSED, EARLIER, PASSED = "未收取", "较早，未用", "略过"
COLUMNS = ["学号", "姓名", "文件", "时间", "处理", "原因"]

_WORK = ".collecting-"
_STALE = 24 * 3600  # seconds after which the work folder of a killed run is removed


class CollectError(KitError):
    """The source cannot be collected from at all."""


@dataclass(frozen=True)
class Collected:
    """What one run took in.

    Attributes
    ----------
    table : DataFrame
        One row per hand-in or file: 学号 姓名 文件 时间 处理 原因.
    students : list of str
        Students of this source whose hand-in is now in the class folder.
    missing : list of str
        Students on the class list with no hand-in of this lab in the class folder.
    """

    lab: str
    table: pd.DataFrame
    students: list[str]
    missing: list[str] = field(default_factory=list)

    @property
    def problems(self) -> pd.DataFrame:
        """The rows a teacher has to look at."""
        return self.table[self.table["处理"].eq(REFUSED)]

    def summary(self) -> str:
        """One Chinese sentence for the end of the run."""
        counts = self.table["处理"].value_counts()
        parts = [
            f"{word} {counts[word]} 份"
            for word in (TAKEN, UPDATED, SAME, KEPT, EARLIER)
            if word in counts
        ]
        text = f"{self.lab}：" + ("，".join(parts) or "没有收到提交")
        if REFUSED in counts:
            text += f"；{counts[REFUSED]} 个{REFUSED}，原因见表"
        if self.missing:
            text += f"；名册里还有 {len(self.missing)} 人没有交"
        return text


def collect(
    source: Path | str, lab: str, course: Path | str, *, roster: Roster | None = None,
    notebook: str = "", title: str = "", progress: Progress | None = None,
) -> Collected:  # fmt: skip
    """Collect the hand-ins of one lab.

    Parameters
    ----------
    source : path
        A folder, a zip, or nbgrader's exchange directory (its inbound folder, or one above).
    lab : str
        The lab's id, e.g. "E3"; graded cells of its notebook begin with ``E3-``.
    course : path
        The class folder.
    roster : Roster, optional
        The class list: ids must be on it, and names without ids can be matched.
    notebook : str, optional
        File name of the lab's notebook without ending, when it is not the lab's id.
    title : str, optional
        The lab's title, so that it is not taken for a name.
    progress : callable, optional
        Called as ``progress(student, done, total)``.

    Raises
    ------
    CollectError
        The source does not exist, is no folder or zip, or holds the exchanges of several courses.
    """
    path, course = Path(source), Path(course)
    notebook = notebook or lab
    if not re.fullmatch(r"[A-Za-z]\w*", lab):
        raise CollectError(f"「{lab}」不是实验编号，应像 E3、ch02 这样")
    if not path.exists():
        raise CollectError(f"找不到「{path}」：请检查文件夹或压缩包的位置")
    inbound = exchange.inbound(path)
    if isinstance(inbound, list):
        courses = "、".join(p.parent.name for p in inbound)
        raise CollectError(f"「{path}」里有几门课的交换目录（{courses}）：请指明其中一个")
    course.mkdir(parents=True, exist_ok=True)
    _sweep(course)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=course))
    opened = Source(inbound or path, work)
    try:
        run = _Run(opened, work, course, lab, notebook, roster, progress)
        return run.go(inbound, _labels(lab, notebook, title))
    except Unreadable as e:
        raise CollectError(f"「{path.name}」{e}") from e
    finally:
        opened.close()
        shutil.rmtree(work, ignore_errors=True)


def _labels(lab: str, notebook: str, title: str) -> list[str]:
    return [w for w in {lab, notebook, title} if w]


def _sweep(course: Path) -> None:
    """Remove work folders that a killed run left behind."""
    for left in course.glob(f"{_WORK}*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)


class _Run:
    """One run over one source."""

    def __init__(
        self, source: Source, work: Path, course: Path, lab: str, notebook: str,
        roster: Roster | None, progress: Progress | None,
    ) -> None:  # fmt: skip
        self.source, self.work, self.course = source, work, course
        self.lab, self.notebook, self.roster = lab, notebook, roster
        self.progress = progress or (lambda student, done, total: None)
        self.rows: list[dict[str, str]] = []
        self.students: set[str] = set()

    def go(self, inbound: Path | None, labels: list[str]) -> Collected:
        entries = self.source.scan()
        if inbound is not None:
            found, refused = exchange.handins(inbound, entries, self.lab, self.roster)
            for shown, reason in refused:
                self._row("", "", shown, None, REFUSED, reason)
        else:
            name = self.source.path.name
            single = self.source.path.is_file()
            given = handins.sort(entries, self.roster, labels, "" if single else name)
            found = given.handins
            self._report_unknown(given)
        by_student: dict[str, list[HandIn]] = {}
        for handin in found:
            by_student.setdefault(handin.student, []).append(handin)
        for done, student in enumerate(sorted(by_student)):
            self.progress(student, done, len(by_student))
            self._take(student, by_student[student])
        self.progress("", len(by_student), len(by_student))
        table = pd.DataFrame(self.rows, columns=COLUMNS)
        table = table.sort_values(
            ["学号", "文件"], key=lambda c: c.where(c.ne(""), "\uffff"), kind="stable"
        ).reset_index(drop=True)
        return Collected(self.lab, table, sorted(self.students), self._missing())

    def _take(self, student: str, of_student: list[HandIn]) -> None:
        release = self.course / "release" / self.lab / f"{self.notebook}.ipynb"
        usable: list[tuple[HandIn, Found, Choice]] = []
        for handin in of_student:
            choice = notebooks.choose(
                self.source, handin, self.lab, self.notebook, release if release.is_file() else None
            )
            if choice.taken is None:
                self._handin_row(handin, handin.shown, _latest(handin), REFUSED, [choice.reason])
            else:
                usable.append((handin, choice.taken, choice))
        usable.sort(key=lambda u: handins.order(u[0], u[1].moment), reverse=True)
        taken, failed = False, ""
        for number, (handin, found, choice) in enumerate(usable):
            shown = found.entry.shown
            if taken:
                self._handin_row(handin, shown, found.moment, EARLIER, ["同一个人有较新的提交"])
                continue
            try:
                staged = placing.stage(self.source, handin, found, self.notebook, self.work / f"{student}-{number}")  # fmt: skip
            except placing.Refused as e:
                self._handin_row(handin, shown, found.moment, REFUSED, [str(e)])
                failed = failed or "较新的一份不能收，收了这一份"
                continue
            placed = placing.place(staged, self.course / "submitted" / student / self.lab)
            taken = True
            self.students.add(student)
            notes = [failed, found.note, *_others(found, choice)]
            notes += [f"没有取 {left}" for left in staged.left_out]
            word, reason = _outcome(placed, found.moment)
            self._handin_row(handin, shown, found.moment, word, [reason, *notes])

    def _report_unknown(self, given: handins.Sorted) -> None:
        for shown, (reason, entries) in given.doubtful.items():
            if any(_counts(e) for e in entries):
                self._row("", "", shown, entries[0].time, REFUSED, reason)
        where = "名册里的学号或姓名" if self.roster is not None else "学号"
        passed = []
        for entry in given.unknown:
            if _counts(entry):
                reason = entry.problem or f"文件名和文件夹名里没有{where}，不知道是谁的"
                self._row("", "", entry.shown, entry.time, REFUSED, reason)
            else:
                passed.append(entry.shown)
        if passed:
            names = "、".join(passed[:5]) + (" 等" if len(passed) > 5 else "")
            self._row("", "", names, None, PASSED, f"{len(passed)} 个文件与提交无关")

    def _missing(self) -> list[str]:
        if self.roster is None:
            return []
        there = self.course / "submitted"
        return [s for s in self.roster.ids if not (there / s / self.lab).is_dir()]

    def _handin_row(
        self, handin: HandIn, shown: str, moment: datetime | None, word: str, reasons: list[str]
    ) -> None:
        reason = "；".join(r for r in [*reasons[:1], *handin.notes, *reasons[1:]] if r)
        self._row(handin.student, handin.name, shown, moment, word, reason)

    def _row(
        self, student: str, name: str, shown: str, moment: datetime | None, word: str, reason: str
    ) -> None:
        when = moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""
        self.rows.append(
            dict(zip(COLUMNS, (student, name, shown, when, word, reason), strict=True))
        )


def _counts(entry: Entry) -> bool:
    """Whether this file would have been a hand-in."""
    return ".ipynb" in entry.name.lower() or is_archive(entry.name)


def _latest(handin: HandIn) -> datetime | None:
    moments = [m for e in handin.entries if (m := handin.moment(e)) is not None]
    return max(moments, default=None)


def _others(found: Found, choice: Choice) -> list[str]:
    notes = []
    for other in choice.left:
        if other.blank and not found.blank:
            why = "还是发下去的样子"
        elif other.moment == found.moment:
            why = "时间相同"
        else:
            why = "较早"
        notes.append(f"另有「{other.entry.name}」没有用（{why}）")
    return notes


def _outcome(placed: placing.Placed, moment: datetime | None) -> tuple[str, str]:
    there = placed.existing.strftime("%Y-%m-%d %H:%M") if placed.existing else "时间不明"
    if placed.outcome == "taken":
        return TAKEN, ""
    if placed.outcome == "same":
        return SAME, ""
    if placed.outcome == "replaced":
        return UPDATED, f"换下了 {there} 的一份"
    if placed.existing is not None and placed.existing == moment:
        return KEPT, f"已收的一份时间相同（{there}）但内容不同；要换成这一份，请先删去已收的"
    return KEPT, f"已收的一份更新（{there}）"
