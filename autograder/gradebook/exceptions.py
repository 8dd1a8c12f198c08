"""Exceptions a teacher grants: more time for a student and a lab, or no need to do it."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.gradebook.exact import show
from autograder.gradebook.settings import read_moment, utc
from autograder.gradebook.tables import FOLDER, TableError
from autograder.record import write_text
from autograder.roster import REFUSED, Problem, Roster, clean_id, clean_name
from autograder.roster.cleaning import is_footer, text_of
from autograder.roster.headers import filled_rows, find_blocks, header_word
from crmkit.workbook.formats import open_source
from crmkit.workbook.grid import Grid, load_grids

FILE = "_exceptions.json"  # no table can have this name
LAB_WORDS = ("实验", "作业", "实验编号", "作业编号", "项目")
WHAT_WORDS = ("处理", "延期", "批准", "申请", "特殊情况", "延期到", "延期小时", "新截止时间")
WHY_WORDS = ("原因", "备注", "说明", "理由")


@dataclass(frozen=True)
class Leave:
    """What was granted: no need to do it, more hours, or a deadline of one's own (UTC)."""

    excused: bool = False
    hours: Fraction | None = None
    until: dt.datetime | None = None
    reason: str = ""

    def deadline(self, due: dt.datetime | None) -> dt.datetime | None:
        """The student's own deadline."""
        if self.until is not None:
            return self.until
        if due is None or self.hours is None:
            return due
        return due + dt.timedelta(seconds=float(self.hours * 3600))

    def words(self) -> str:
        if self.excused:
            what = "免做"
        elif self.hours is not None:
            what = f"延期 {show(self.hours)} 小时"
        else:
            what = "另定截止时间"
        return f"{what}（{self.reason}）" if self.reason else what


Leaves = Mapping[tuple[str, str], Leave]  # (student, lab) →


@dataclass(frozen=True)
class Granted:
    """What a sheet grants; `keep` writes it over what was there for the same student and lab."""

    leaves: Leaves
    problems: tuple[Problem, ...]

    def keep(self, course: Path | str) -> Path:
        both = {**read_leaves(course), **self.leaves}
        data = [
            {
                "student": student, "lab": lab, "excused": leave.excused,
                "hours": None if leave.hours is None else str(leave.hours),
                "until": None if leave.until is None else leave.until.isoformat(),
                "reason": leave.reason,
            }
            for (student, lab), leave in sorted(both.items())
        ]  # fmt: skip
        path = Path(course) / FOLDER / FILE
        write_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return path


def read_leaves(course: Path | str) -> dict[tuple[str, str], Leave]:
    """Everything granted in a class."""
    path = Path(course) / FOLDER / FILE
    if not path.is_file():
        return {}
    try:
        return {
            (g["student"], g["lab"]): Leave(
                bool(g["excused"]),
                None if g["hours"] is None else Fraction(g["hours"]),
                None if g["until"] is None else dt.datetime.fromisoformat(g["until"]),
                g["reason"],
            )
            for g in json.loads(path.read_text(encoding="utf-8"))
        }
    except (ValueError, KeyError, TypeError) as e:
        raise TableError(f"「{path}」读不出来：删去它，再导入一次延期和免做的表") from e


def read_sheet(
    path: Path | str, labs: tuple[str, ...], zone: dt.timezone, roster: Roster | None = None
) -> Granted:
    """Read a sheet with 学号, 实验 and 处理 (延期 48 小时、延期 2 天、延期到 2025-11-25 23:59、免做).

    Raises
    ------
    TableError
        A column is missing.
    """
    leaves: dict[tuple[str, str], Leave] = {}
    problems: list[Problem] = []
    found = False
    for grid in load_grids(open_source(Path(path))):
        if grid.visible:
            found = _read_grid(grid, labs, zone, roster, leaves, problems) or found
    if not found:
        raise TableError(f"「{Path(path).name}」要有三列：学号、实验、处理（可再加原因）")
    return Granted(leaves, tuple(problems))


def _read_grid(
    grid: Grid, labs: tuple[str, ...], zone: dt.timezone, roster: Roster | None,
    leaves: dict[tuple[str, str], Leave], problems: list[Problem],
) -> bool:  # fmt: skip
    places: dict[str, int] = {}
    for number, row in enumerate(filled_rows(grid), start=1):
        blocks = find_blocks(row)
        if blocks:
            words = [header_word(v) for v in row]
            places = {"id": blocks[0].id, "name": blocks[0].name}
            for key, named in (("lab", LAB_WORDS), ("what", WHAT_WORDS), ("why", WHY_WORDS)):
                places[key] = next((n for n, w in enumerate(words) if w in named), -1)
            continue
        if min(places.get("lab", -1), places.get("what", -1)) < 0:
            continue
        cells = {k: row[n] if 0 <= n < len(row) else "" for k, n in places.items()}
        if not any(text_of(c) for c in cells.values()) or is_footer(text_of(row[0])):
            continue
        student, how = clean_id(cells["id"])
        name = clean_name(cells["name"])[0]
        wanted = _labs_in(text_of(cells["lab"]), labs)
        leave = _leave(cells["what"], zone, text_of(cells["why"]))
        known = roster.name(student) if roster is not None else ""
        column = value = reason = ""
        if not student:
            column, value, reason = "学号", text_of(cells["id"]), how or "没有学号"
        elif roster is not None and student not in roster:
            column, value, reason = "学号", student, "名册里没有这个学号"
        elif name and known and name != known:
            column, value, reason = "姓名", name, f"学号与姓名不符：名册里是「{known}」"
        elif not wanted:
            column, value, reason = "实验", text_of(cells["lab"]), f"没有这个实验；有：{'、'.join(labs)}"  # fmt: skip
        elif leave is None:
            column, value = "处理", text_of(cells["what"])
            reason = "看不懂；写“延期 48 小时”“延期 2 天”“延期到 2025-11-25 23:59”或“免做”"
        if reason:
            problems.append(Problem(grid.sheet, number, column, value, REFUSED, reason))
            continue
        assert leave is not None
        leaves.update({(student, lab): leave for lab in wanted})
    return "lab" in places and min(places["lab"], places["what"]) >= 0


def _labs_in(text: str, labs: tuple[str, ...]) -> list[str]:
    if text in ("全部", "所有"):
        return list(labs)
    by_name = {lab.lower(): lab for lab in labs}
    words = [w for w in re.split(r"[、,，;；\s]+", unicodedata.normalize("NFKC", text)) if w]
    found = [by_name.get(w.lower(), "") for w in words]
    return found if found and all(found) else []


def _leave(raw: Any, zone: dt.timezone, reason: str) -> Leave | None:
    if isinstance(raw, (dt.datetime, dt.date)):
        moment = read_moment(raw)
        return Leave(until=utc(moment, zone), reason=reason) if moment else None
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return Leave(hours=Fraction(str(raw)), reason=reason) if raw > 0 else None
    text = unicodedata.normalize("NFKC", text_of(raw)).strip()
    if re.fullmatch(r"免做|免交|免修|免|豁免", text):
        return Leave(excused=True, reason=reason)
    bare = re.sub(r"^(?:同意|批准)?(?:延期|延长|延迟)?(?:至|到)?", "", text).strip()
    moment = read_moment(bare)
    if moment is not None:
        return Leave(until=utc(moment, zone), reason=reason)
    span = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(天|日|小时|h|H)?", bare)
    if span is None or Fraction(span[1]) == 0:
        return None
    return Leave(hours=Fraction(span[1]) * (24 if span[2] in ("天", "日") else 1), reason=reason)
