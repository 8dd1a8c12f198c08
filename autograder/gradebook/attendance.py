"""The register of a class: words per session, what they are worth, and the mark that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.gradebook.exact import exact
from autograder.gradebook.settings import NOT_COUNTED, AttendanceRule
from autograder.gradebook.tables import MarkTable

ABSENT = "旷课"


@dataclass(frozen=True)
class Register:
    """The register: per student a word (or number, or nothing) per session, and a mark out of 100."""

    name: str
    sessions: tuple[str, ...]
    rule: AttendanceRule
    words: Mapping[str, tuple[str, ...]]
    results: Mapping[str, Fraction | None]
    warned: Mapping[str, str]

    def count(self, student: str, word: str) -> int:
        return self.words[student].count(word)


def read_register(table: MarkTable, students: Sequence[str], rule: AttendanceRule) -> Register:
    """The register of an imported table.

    The mark is the mean over the sessions that count: a session without any entry has not been held,
    an empty cell of a held session is as the rule says, and a word worth 不计 is left out.
    """
    held = [c for c in table.columns if any(row.get(c) for row in table.cells.values())]
    filler = "" if rule.blank == NOT_COUNTED else rule.blank
    words, results, warned = {}, {}, {}
    for student in students:
        row = table.cells.get(student, {})
        shown = tuple((row.get(c) or filler) if student in table.cells else "" for c in held)
        values = [v for v in (_worth(word, rule) for word in shown) if v is not None]
        words[student] = shown
        results[student] = sum(values, Fraction(0)) / len(values) if values else None
        absent = shown.count(ABSENT)
        if rule.warn_absent is not None and held and absent >= rule.warn_absent * len(held) > 0:
            warned[student] = f"旷课 {absent} / {len(held)} 次"
    return Register(table.name, tuple(held), rule, words, results, warned)


def _worth(word: str, rule: AttendanceRule) -> Fraction | None:
    if word == "":
        return None
    return rule.values[word] if word in rule.values else exact(word)
