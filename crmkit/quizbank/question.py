"""What a question is: the part that all kinds share, and one body for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = ("了解", "理解", "掌握")
# How the course may examine each level: what has to be known or understood by choice and blank,
# what has to be mastered by calculation or by working on a given case.
OBJECTIVE_LEVELS = LEVELS[:2]
MASTERY_LEVEL = LEVELS[2]

KIND_LABELS: Mapping[str, str] = {
    "single": "单选",
    "multi": "多选",
    "truefalse": "判断",
    "fill": "填空",
    "match": "配对",
    "order": "排序",
    "numeric": "计算",
}
BLANK = "____"


@dataclass(frozen=True)
class Choice:
    """Single or multiple choice; `wrong` explains every option that is not an answer."""

    options: Mapping[str, str]
    answer: frozenset[str]
    wrong: Mapping[str, str]
    many: bool = False


@dataclass(frozen=True)
class TrueFalse:
    """`wrong` explains what is amiss with the opposite judgement."""

    answer: bool
    wrong: str


@dataclass(frozen=True)
class Blank:
    """One gap: accepted texts, or a number with its tolerance (absolute) and unit."""

    accept: tuple[str, ...] = ()
    number: float | None = None
    tolerance: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class Misreading:
    """A foreseen wrong text in one gap (counted from 0) and what it mixes up."""

    blank: int
    texts: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Fill:
    """Gaps in the stem, in their order, or as a set when `order_free`."""

    blanks: tuple[Blank, ...]
    hint: str
    order_free: bool = False
    mistakes: tuple[Misreading, ...] = ()


@dataclass(frozen=True)
class Pair:
    """`why` tells how to recognise `left`; it is shown when something else was chosen."""

    left: str
    right: str
    why: str


@dataclass(frozen=True)
class Match:
    """Every left goes to one right; `extra` are rights that nothing goes to, each with its why."""

    pairs: tuple[Pair, ...]
    extra: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    text: str
    why: str


@dataclass(frozen=True)
class Order:
    """Steps in their right order."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Miscalculation:
    """A foreseen wrong way, as a formula, and what it forgets."""

    formula: str
    why: str


@dataclass(frozen=True)
class Ask:
    """One number to be found."""

    label: str
    formula: str
    tolerance: float
    unit: str
    hint: str
    mistakes: tuple[Miscalculation, ...]


@dataclass(frozen=True)
class Numeric:
    """Numbers of the student's own: each parameter is one of `params`, chosen by hash."""

    params: Mapping[str, tuple[float, ...]]
    asks: tuple[Ask, ...]


Body = Choice | TrueFalse | Fill | Match | Order | Numeric


@dataclass(frozen=True)
class Grid:
    """A small table of given data above the stem."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Question:
    """One question of the bank. `facts` are ids of the course's fact list."""

    id: str
    section: str
    level: str
    facts: tuple[str, ...]
    kind: str
    stem: str
    why: str
    body: Body
    inferred: bool = False
    case: str = ""
    grid: Grid | None = None
