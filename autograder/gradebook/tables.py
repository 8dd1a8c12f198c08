"""Marks that do not come from notebooks: tables imported for a class, kept as plain JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.gradebook.settings import ATTENDANCE, TABLE
from autograder.record import write_text
from autograder.roster import Problem, Roster
from autograder.roster.cleaning import is_student_id
from crmkit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "marks"
CHANGES = ["学号", "姓名", "列", "原来", "现在"]


class TableError(KitError):
    """An imported table cannot be read or kept."""


@dataclass(frozen=True)
class MarkTable:
    """Columns (title → full marks as text) and, per student, the cells: a number or a word."""

    name: str
    kind: str  # 表 or 考勤
    columns: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """What an import would change; `keep` writes it."""

    table: MarkTable
    changes: tuple[tuple[str, str, str, str, str], ...]
    unchanged: int
    problems: tuple[Problem, ...]
    without: tuple[str, ...]  # students of the class list who are not in the file

    @property
    def frame(self) -> pd.DataFrame:
        """The changes: 学号 姓名 列 原来 现在."""
        import pandas as pd

        return pd.DataFrame(list(self.changes), columns=CHANGES)

    @property
    def report(self) -> pd.DataFrame:
        """What could not be read or was mended, row by row."""
        return Roster((), self.problems).report

    def summary(self) -> str:
        new = sum(c[3] == "" for c in self.changes)
        refused = sum(p.treatment == "已拒收" for p in self.problems)
        return (
            f"「{self.table.name}」：新增 {new} 格，改动 {len(self.changes) - new} 格，"
            f"不变 {self.unchanged} 格，没有读进 {refused} 处"
            + (f"；名册里有 {len(self.without)} 人不在这张表里" if self.without else "")
        )

    def keep(self, course: Path | str) -> Path:
        """Write the table into the class folder."""
        path = _path(course, self.table.name)
        data = {
            "schema": 1, "name": self.table.name, "kind": self.table.kind,
            "columns": dict(self.table.columns),
            "cells": {s: dict(self.table.cells[s]) for s in sorted(self.table.cells)},
        }  # fmt: skip
        write_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return path


def read_table(course: Path | str, name: str) -> MarkTable | None:
    """A table that was imported before, None when there is none."""
    path = _path(course, name)
    if not path.is_file():
        return None
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return MarkTable(data["name"], data["kind"], data["columns"], data["cells"])
    except (ValueError, KeyError, TypeError) as e:
        raise TableError(f"「{path}」读不出来：删去它，再导入一次「{name}」") from e


def merge(
    course: Path | str, new: MarkTable, problems: tuple[Problem, ...], roster: Roster | None
) -> Preview:
    """What keeping `new` would change. Cells that the new file leaves empty stay as they are."""
    old = read_table(course, new.name) or MarkTable(new.name, new.kind)
    if old.kind != new.kind:
        raise TableError(
            f"「{new.name}」已经是{'考勤表' if old.kind == ATTENDANCE else '分数表'}，请换一个名称"
        )
    cells: dict[str, dict[str, str]] = {s: dict(row) for s, row in old.cells.items()}
    changes, unchanged = [], 0
    for student, row in new.cells.items():
        for column, value in row.items():
            before = cells.setdefault(student, {}).get(column, "")
            if before == value:
                unchanged += 1
                continue
            name = roster.name(student) if roster is not None else ""
            changes.append((student, name, column, before, value))
            cells[student][column] = value
    columns = {**old.columns, **new.columns}
    without = tuple(s for s in roster.ids if s not in new.cells) if roster is not None else ()
    return Preview(
        MarkTable(new.name, new.kind, columns, cells), tuple(changes), unchanged, problems, without
    )


def remove_table(course: Path | str, name: str) -> bool:
    """Forget an imported table; whether there was one."""
    path = _path(course, name)
    if not path.is_file():
        return False
    path.unlink()
    return True


def table_names(course: Path | str) -> list[str]:
    """Names of the tables that were imported."""
    return sorted(p.stem for p in (Path(course) / FOLDER).glob("[!_]*.json"))


def _path(course: Path | str, name: str) -> Path:
    if not is_student_id(name) or re.search(r"[<>:\"/\\|?*]", name) or name.startswith("_"):
        raise TableError(f"「{name}」不能作表的名称：只用汉字、字母、数字，例如 {TABLE} 课堂表现")
    return Path(course) / FOLDER / f"{name}.json"
