"""A class of E3 hand-ins with known marks: solutions, empty releases and six kinds of mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.autograder.notebooks import release, replace_cell, solution

LAB, AUTOMATIC = "E3", 92.0


@dataclass(frozen=True)
class Kind:
    """One kind of hand-in, and what it deserves: the points lost by item."""

    name: str
    make: Callable[[], NotebookNode]
    lost: dict[str, float]
    everything: bool = False

    @property
    def score(self) -> float:
        return 0.0 if self.everything else AUTOMATIC - sum(self.lost.values())


def _with(changes: dict[str, str]) -> Callable[[], NotebookNode]:
    def make() -> NotebookNode:
        nb = solution(LAB)
        for cell_id, source in changes.items():
            replace_cell(nb, cell_id, source)
        return nb

    return make


def _without(*cell_ids: str) -> Callable[[], NotebookNode]:
    def make() -> NotebookNode:
        nb = solution(LAB)
        nb.cells = [c for c in nb.cells if c["id"] not in cell_ids]
        return nb

    return make


MALE_UPWARDS = 'male = customers[customers["性别"] == "男"].sort_values(["累计金额", "客户编号"])'
NOT_DEALT = 'target = customers[(customers["性别"] == "男") & customers["年龄"].between(25, 34)]'
PERCENT = """n = len(customers) * 20 // 100
top20_share = 100 * customers["累计金额"].nlargest(n).sum() / customers["累计金额"].sum()"""
NO_TOTALS = """pivot = pd.pivot_table(
    customers, index="省份", columns="性别", values="累计金额", aggfunc=["count", "sum"])"""
REVERSED = """days = (pd.Timestamp(lab.as_of) - dealt["最近下单日"]).dt.days
rfm = dealt[["客户编号"]].copy()
for name, values in {"R": days, "F": dealt["累计订单数"], "M": dealt["累计金额"]}.items():
    rfm[name] = (1 + (values.rank(method="min") - 1) * 5 // len(dealt)).astype(int)"""

KINDS = (
    Kind("solution", lambda: solution(LAB), {}),
    Kind("release", lambda: release(LAB), {}, everything=True),
    Kind("sorted upwards", _with({"E3-01-work": MALE_UPWARDS}), {"E3-01": 5.0}),
    Kind("condition forgotten, percent", _with({"E3-03-work": NOT_DEALT, "E3-07-work": PERCENT}),
         {"E3-03": 4.8, "E3-07": 1.6}),
    Kind("pivot without totals", _with({"E3-05-work": NO_TOTALS}), {"E3-05": 4.2}),
    # E3-09 is judged on the student's own scores, so only E3-08 loses points
    Kind("R reversed", _with({"E3-08-work": REVERSED}), {"E3-08": 2.64}),
    Kind("crash in one cell", _with({"E3-10-work": "pyramid = 1 / 0"}), {"E3-10": 6.0}),
    # the hand-in cell comes back by itself; nothing is lost
    Kind("hand-in cell deleted", _without("E3-04"), {}),
)  # fmt: skip


def student_of(n: int) -> str:
    return f"2025{n:06d}"


def name_of(n: int) -> str:
    return "赵钱孙李周吴郑王冯陈"[n % 10] + "明华芳强静"[n // 10]


def kind_of(n: int) -> Kind:
    return KINDS[n % len(KINDS)]


def write(folder: Path, count: int) -> dict[str, float]:
    """Write hand-ins as a teacher gets them (one folder each); return the marks they deserve."""
    deserved = {}
    for n in range(count):
        student = student_of(n)
        target = folder / f"{student} {name_of(n)}"
        target.mkdir(parents=True)
        nbformat.write(kind_of(n).make(), target / "E3.ipynb")
        deserved[student] = round(kind_of(n).score, 2)
    return deserved
