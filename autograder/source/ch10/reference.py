"""The right answers of chapter 10's exercises, step by step in plain Python.

The notebook's own solutions use pandas and `crmkit.analytics`. Keyword arguments make the typical
mistakes that the judge recognises.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from autograder.source.ch10.keys import STEPS, mode_of
from crmkit.lab.inputs import ch10

CELLS = ("客户忠诚", "客户扩充", "客户获得", "客户多样化")
YEARS = (2024, 2025)
# customers few / medium / many (rows) × margin low / medium / high
GRID = (
    ("负责型", "能动型", "伙伴型"),
    ("被动型", "负责型", "能动型"),
    ("基本型", "被动型", "负责型"),
)
LEVELS = ("基本型", "被动型", "负责型", "能动型", "伙伴型")


@dataclass(frozen=True)
class Sale:
    customer: str
    line: str
    year: int
    day: str
    fen: int
    void: bool


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @cached_property
    def sales(self) -> list[Sale]:
        rows = ch10.ledger(self.student).itertuples(index=False)
        return [
            Sale(str(r[1]), str(r[2]), int(str(r[3])[:4]), str(r[3]), round(100 * float(r[4])), r[5] != "有效")
            for r in rows
        ]  # fmt: skip

    @property
    def rule(self) -> ch10.Rule:
        return ch10.rule(self.student)


def growth(
    w: World, *, keep_void: str = "none", running: bool = False, line_new_to: str = "firm",
    swapped: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Revenue in the four cells; the keywords make the typical mistakes."""
    valid = [s for s in w.sales if keep_void == "all" or not s.void]
    history = w.sales if keep_void in ("all", "history") else valid
    found = {year: dict.fromkeys(CELLS, 0) for year in YEARS}
    for s in valid:
        if s.year not in YEARS:
            continue
        before = [x for x in history if (x.day < s.day if running else x.year < s.year)]
        known = any(x.customer == s.customer for x in before)
        lines = (x for x in before if line_new_to == "firm" or x.customer == s.customer)
        old = any(x.line == s.line for x in lines)
        cell = CELLS[0 if known and old else 1 if known else 2 if old else 3]
        if swapped:
            cell = {CELLS[1]: CELLS[2], CELLS[2]: CELLS[1]}.get(cell, cell)
        found[s.year][cell] += s.fen
    columns = {str(year): [found[year][c] / 100 for c in CELLS] for year in YEARS}
    return pd.DataFrame({"战略": CELLS, **columns})


def relation(
    case: tuple[int, float], rule: ch10.Rule, *, open_limits: bool = False, closed_few: bool = True,
    turned: bool = False, low_open: bool = True,
) -> str:  # fmt: skip
    """The level of one group; the keywords make the typical mistakes."""
    customers, margin = case
    many = customers > rule.many if open_limits else customers >= rule.many
    few = customers <= rule.few if closed_few else customers < rule.few
    high = margin > rule.high if open_limits else margin >= rule.high
    low = margin < rule.low if low_open else margin <= rule.low
    row, column = 2 if many else 0 if few else 1, 2 if high else 0 if low else 1
    return GRID[2 - row][column] if turned else GRID[row][column]


def cases(w: World) -> list[tuple[int, float]]:
    """Groups of customers on and beside every limit, and some anywhere."""
    r = w.rule
    sizes = (
        r.many,
        r.many - 1,
        r.many * 3,
        r.few,
        r.few + 1,
        max(1, r.few // 3),
        (r.many + r.few) // 2,
    )
    margins = (r.high, round(r.high - 0.01, 2), 0.8, r.low, round(r.low - 0.01, 2), 0.0)
    d = ch10.draw(w.student)
    anywhere = [
        (d.step(("case", k), 1, 2 * r.many), d.step(("margin", k), 0, 80) / 100) for k in range(8)
    ]
    return [(n, m) for n in sizes for m in margins] + anywhere


def modes(w: World) -> dict[str, str]:
    return {k: mode_of(ch10.SCENE_POOL[i]) for k, i in ch10.scenes(w.student).items()}


def step_order(w: World) -> list[str]:
    letter = {topic: k for k, (topic, _) in ch10.steps(w.student).items()}
    return [letter[topic] for topic in STEPS]
