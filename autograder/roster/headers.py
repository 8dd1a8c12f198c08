"""Find the header of a list of students, however it is worded and wherever it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.roster.cleaning import text_of
from crmkit.workbook.grid import Grid

# The first word wins where a list has several: 学号 before 考号.
ID_WORDS = (
    "学号", "学生学号", "学生编号", "学生号", "学员编号", "学籍号", "考号", "准考证号", "StudentID", "studentid", "IDnumber",
)  # fmt: skip
NAME_WORDS = ("姓名", "学生姓名", "学员姓名", "真实姓名", "名字", "Fullname", "Name")
GROUP_WORDS = (
    "班级", "行政班", "行政班级", "教学班", "教学班级", "班别", "班级名称", "所在班级", "所属班级", "班",
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Where one block of a list has its columns, from 0; -1 when it has none."""

    id: int
    name: int
    group: int


def header_word(value: Any) -> str:
    """A header without spaces, marks and remarks.

    >>> header_word(" 姓　名*"), header_word("学 号（必填）")
    ('姓名', '学号')
    """
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text_of(value)))
    return re.sub(r"[*:(].*", "", bare)


def find_blocks(row: Iterable[Any]) -> list[Columns]:
    """The blocks of a header row; [] when it is none. Two pairs side by side are two blocks.

    >>> find_blocks(["考号", "学号", "姓名"])
    [Columns(id=1, name=2, group=-1)]
    """
    words = [header_word(v) for v in row]
    ranks = {n: rank for n, w in enumerate(words) if (rank := _rank(w, ID_WORDS)) is not None}
    if not ranks or (len(ranks) == 1 and sum(w != "" for w in words) < 2):
        return []
    starts = [n for n, rank in ranks.items() if rank == min(ranks.values())]
    names = [n for n, w in enumerate(words) if _rank(w, NAME_WORDS) is not None]
    groups = [n for n, w in enumerate(words) if _rank(w, GROUP_WORDS) is not None]
    if len(starts) > 1 and len(names) not in (0, len(starts)):
        starts = starts[:1]
    blocks = []
    for n, start in enumerate(starts):
        group = groups[n] if len(groups) == len(starts) else (groups[0] if groups else -1)
        blocks.append(Columns(start, names[n] if n < len(names) else -1, group))
    return blocks


def _rank(word: str, words: tuple[str, ...]) -> int | None:
    """The place of a header in a list of words; 学号/工号 is read as 学号."""
    places = [words.index(part) for part in word.split("/") if part in words]
    return min(places, default=None)


def filled_rows(grid: Grid, *, across: bool = False) -> Iterator[list[Any]]:
    """Rows with the value of a merged range in each of its rows (a class over many students).

    `across` also fills the range's columns, as a header over several columns is meant.
    """
    fill: dict[tuple[int, int], Any] = {}
    for (top, left), (bottom, right) in grid.merged:
        if top <= len(grid.rows) and left <= len(grid.rows[top - 1]):
            value = grid.rows[top - 1][left - 1]
            for column in range(left, (right if across else left) + 1):
                fill.update({(number, column): value for number in range(top, bottom + 1)})
    for number, row in enumerate(grid.rows, start=1):
        yield [
            fill.get((number, column), cell) if cell in ("", None) else cell
            for column, cell in enumerate(row, start=1)
        ]


def group_in(row: Iterable[Any]) -> str:
    """The class that a line above the list names (班级：市营2501), "" without one."""
    for value in row:
        found = re.search(r"班\s*级?\s*[:：]\s*(\S+)", text_of(value))
        if found:
            return found[1]
    return ""
