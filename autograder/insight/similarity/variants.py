"""Answers that belong to another student's data.

Everyone's data is their own cut, so a right answer fits one student's data and hardly any other's.
An answer is worth a look when it does not fit the student's own data (not even with a mistake that
the judge knows, nor with their own earlier result), but fits that of one classmate exactly; or when
it is the same, down to every value, as what a classmate with other data handed in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.judge import Submission
from autograder.spec import Item, LabSpec
from crmkit.errors import KitError
from crmkit.lab.snapshot import Bars, FileAnswer, encode

FITS, SAME = "fits", "same"
RICH = 5  # values an answer needs before an exact coincidence means something
DIGITS = 5  # or significant digits, when it is a single number
# What reading or comparing an answer that nobody foresaw may raise.
UNREADABLE = (
    KitError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    IndexError,
)
_NEAR = 0.9  # lists of ids that share less than this are not compared further


@dataclass(frozen=True)
class Foreign:
    """One answer of `student` that leads to `owner`'s data.

    `kind` is `FITS` (right for the owner's data) or `SAME` (equal to what the owner handed in).
    """

    student: str
    owner: str
    item: str
    title: str
    kind: str


def foreign_answers(
    spec: LabSpec, submissions: Mapping[str, Submission], *, most: float,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> list[Foreign]:  # fmt: skip
    """Look through a class for answers that belong to another student's data.

    Parameters
    ----------
    spec : LabSpec
        The lab, with its items and `world(student)`.
    submissions : mapping of str to Submission
        Student → answers, as data.
    most : float
        Share of the class (but at least one other student): an answer that fits the data of more
        classmates says nothing about any of them and is left out.
    progress : callable
        Called as ``progress(item, done, total)``.

    Notes
    -----
    Left out are functions (the judge calls them with each student's own inputs), what was done in
    the CRM (a shop file of somebody else is refused as a whole) and answers too small to mean
    something: fewer than `RICH` values and no number of `DIGITS` significant digits.
    """
    students = sorted(submissions)
    allowed = max(1, math.floor(most * len(students)))
    items = [i for i in spec.automatic if i.calls is None and i.reads is None]
    worlds = {s: spec.world(s) for s in students}
    found: list[Foreign] = []
    for done, item in enumerate(items):
        progress(item.id, done, len(items))
        found += _of_item(item, students, submissions, worlds, allowed)
    progress("", len(items), len(items))
    return sorted(found, key=lambda f: (f.student, f.owner, f.item, f.kind))


@dataclass(frozen=True)
class _Value:
    """An answer, or an expected one, with what is asked of it many times."""

    value: Any

    @cached_property
    def ids(self) -> set[str]:
        """Ids anywhere in it: text that begins with a letter and ends with digits."""
        return {
            leaf for leaf in leaves(self.value)
            if isinstance(leaf, str) and leaf[:1].isascii() and leaf[:1].isalpha() and leaf[-1:].isdigit()
        }  # fmt: skip

    @cached_property
    def says_much(self) -> bool:
        """Whether two students would hardly give it by chance."""
        single = [x for x in leaves(self.value) if x is not None and not isinstance(x, bool)]
        if len(set(map(str, single))) >= RICH:
            return True
        return any(_significant(x) >= DIGITS for x in single if isinstance(x, (int, float)))

    @cached_property
    def text(self) -> str:
        """Equal texts are equal answers; "" where it says too little."""
        if isinstance(self.value, FileAnswer):
            return self.value.sha256
        if not self.says_much:
            return ""
        try:
            return json.dumps(encode(self.value), ensure_ascii=True, sort_keys=True)
        except KitError:
            return ""


def _of_item(
    item: Item, students: Sequence[str], submissions: Mapping[str, Submission],
    worlds: Mapping[str, Any], allowed: int,
) -> list[Foreign]:  # fmt: skip
    answers = {
        s: _Value(got) for s in students if (got := _answer(item, submissions[s])) is not None
    }
    as_given = {s: _Value(submissions[s].answers[item.id]) for s in answers}
    expected: dict[str, _Value] = {}

    def right_for(student: str) -> _Value:
        if student not in expected:
            expected[student] = _Value(item.expect(worlds[student]))
        return expected[student]

    found = []
    for student, got in answers.items():
        if _fits_own(item, submissions[student], worlds[student], got, right_for(student)):
            continue
        others = [o for o in students if o != student]
        fits = [o for o in others if _betrays(item, got, right_for(o))]
        mine = as_given[student].text
        same = [o for o in others if mine and o in as_given and as_given[o].text == mine]
        for kind, owners in ((FITS, fits), (SAME, [o for o in same if o not in fits])):
            if len(owners) <= allowed:
                found += [Foreign(student, o, item.id, item.title, kind) for o in owners]
    return found


def _answer(item: Item, submission: Submission) -> Any:
    """The answer as the judge reads it; None where there is none."""
    if item.id not in submission.answers:
        return None
    try:
        return submission.answer(item)
    except KitError:  # the file was not handed in or is no workbook: nothing to compare
        return None


def _fits_own(item: Item, submission: Submission, world: Any, got: _Value, right: _Value) -> bool:
    """Whether the student's own data explains the answer, right or wrong."""
    if _fits(item, got, right):
        return True
    if item.follow is not None and item.rests_on in submission.answers:
        earlier = _computed(item.follow, world, submission.answers[item.rests_on])
        if earlier is not None and _fits(item, got, _Value(earlier)):
            return True
    for mistake in item.mistakes:
        if mistake.answer is not None:
            wrong = _computed(mistake.answer, world)
            if wrong is not None and _fits(item, got, _Value(wrong)):
                return True
    return False


def _computed(compute: Callable[..., Any], *values: Any) -> Any:
    """An expected value, or None where it cannot be computed from what was handed in."""
    try:
        return compute(*values)
    except UNREADABLE:
        return None


def _fits(item: Item, got: _Value, right: _Value) -> bool:
    lists = len(got.ids) >= RICH and len(right.ids) >= RICH
    if lists and len(got.ids & right.ids) < _NEAR * len(got.ids | right.ids):
        return False  # comparing order and columns would only take time
    try:
        return item.compare(got.value, right.value).share >= 1
    except UNREADABLE:
        return False


def _betrays(item: Item, got: _Value, right: _Value) -> bool:
    """Whether the answer is right for other data, and could hardly be so by chance."""
    x, y = got.value, right.value
    if isinstance(x, (int, float)) and isinstance(y, (int, float)):
        # Within the judge's tolerance somebody's number lies near everybody's.
        return _significant(x) >= DIGITS and math.isclose(x, y, rel_tol=1e-9)
    return right.says_much and _fits(item, got, right)


def _significant(value: float) -> int:
    """Significant digits of a number as it is written, at most 15.

    >>> _significant(0.583417), _significant(120), _significant(0.25)
    (6, 2, 2)
    """
    digits = f"{abs(value):.15g}".split("e")[0].replace(".", "").strip("0")
    return len(digits)


def leaves(value: Any) -> list[Any]:
    """All single values in an answer."""
    import numpy as np
    import pandas as pd

    found: list[Any] = []
    todo = [value]
    while todo:
        x = todo.pop()
        if isinstance(x, pd.DataFrame):
            todo += [x[c].tolist() if x.columns.is_unique else x.to_numpy().tolist() for c in x]
        elif isinstance(x, (pd.Series, pd.Index, np.ndarray)):
            todo.append(x.tolist())
        elif isinstance(x, dict):
            todo += [list(x.keys()), list(x.values())]
        elif isinstance(x, Bars):
            todo += [list(x.labels), list(x.heights)]
        elif isinstance(x, (list, tuple, set, frozenset)):
            todo += x
        elif isinstance(x, (str, int, float)) or x is None:
            found.append(x)
    return found
