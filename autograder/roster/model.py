"""What a class list is: students, and what was mended or refused while it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crmkit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

REPORT = ["工作表", "行", "列", "原值", "处理", "原因"]
MENDED, REFUSED, CHECK = "已修正", "已拒收", "请核对"


class RosterError(KitError):
    """The class list cannot be read."""


class Problem(NamedTuple):
    """One line of a report: where, what stood there, what was done, why."""

    sheet: str
    row: int  # as the spreadsheet numbers it, from 1; 0 for the sheet as a whole
    column: str
    value: str
    treatment: str
    reason: str


@dataclass(frozen=True)
class Student:
    """One line of the class list."""

    id: str
    name: str = ""
    group: str = ""


@dataclass(frozen=True)
class Roster:
    """A class list: students in the order of the list, and what was mended or refused in it.

    >>> roster = Roster((Student("2025010101", "张三"), Student("2025010102", "李四")))
    >>> roster.name("2025010102"), roster.with_name("张三"), "9" in roster
    ('李四', ['2025010101'], False)
    """

    students: tuple[Student, ...]
    problems: tuple[Problem, ...] = ()
    source: str = ""
    _names: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._names.update({s.id: s.name for s in self.students})

    def __len__(self) -> int:
        return len(self.students)

    def __contains__(self, student: object) -> bool:
        return student in self._names

    @property
    def ids(self) -> list[str]:
        return list(self._names)

    @property
    def names(self) -> set[str]:
        return {n for n in self._names.values() if n}

    def name(self, student: str) -> str:
        """The name of a student, "" when not on the list."""
        return self._names.get(student, "")

    def with_name(self, name: str) -> list[str]:
        """Ids of everyone of this name."""
        return [i for i, n in self._names.items() if n == name]

    @property
    def report(self) -> pd.DataFrame:
        """What was mended, refused or is worth a look: 工作表 行 列 原值 处理 原因."""
        import pandas as pd

        return pd.DataFrame([tuple(p) for p in self.problems], columns=REPORT)
