"""The committed banks, and the right answer of any question."""

from __future__ import annotations

import os
from typing import Any

import pytest

from crmkit import quizbank
from crmkit.quizbank.loading import FOLDER
from crmkit.quizbank.question import (
    Choice,
    Fill,
    Match,
    Numeric,
    Order,
    Question,
    TrueFalse,
)

BANK = quizbank.load("ch02")
FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))
STUDENTS = [f"20250101{n:02d}" for n in range(1, 100 if FULL else 5)]
# The course's fact list is numbered through the chapters: the first and last fact of each.
FACTS = {
    "ch01": (1, 33), "ch02": (34, 93), "ch03": (94, 106), "ch04": (107, 109), "ch05": (110, 127),
    "ch06": (128, 150), "ch07": (151, 156), "ch08": (157, 166), "ch09": (167, 168),
    "ch10": (169, 178), "ch11": (179, 180), "ch12": (181, 186), "ch13": (187, 188),
    "ch14": (189, 190),
}  # fmt: skip
# Facts whose wording or answer the sources leave open; a question on them must say so.
INFERRED = {
    f"Q{n:03d}"
    for n in (3, 34, 48, 49, 50, 51, 58, 59, 73, 108, 110, 113, 120, 121, *range(129, 145), 147)
} | {"Q152", "Q153", "Q154", "Q178", "Q184", "F231", "F325"}
# Chapters that compute something for the student's own numbers.
COMPUTED = {f"ch{n:02d}" for n in range(1, 15)}

# Banks are read inside the tests, so that a fault in one does not hide what the others are like.
every_bank = pytest.mark.parametrize("chapter", sorted(p.stem for p in FOLDER.glob("ch*.yaml")))


def of_kind(bank: quizbank.Bank, *kinds: str) -> list[Question]:
    return [q for q in bank if q.kind in kinds]


def right_answer(question: Question, student: str | None = None) -> Any:
    match question.body:
        case Choice(answer=answer, many=many):
            return sorted(answer) if many else next(iter(answer))
        case TrueFalse(answer=answer):
            return answer
        case Fill(blanks=blanks):
            return [b.accept[0] if b.accept else f"{b.number:g}" for b in blanks]
        case Match(pairs=pairs):
            return {p.left: p.right for p in pairs}
        case Order(steps=steps):
            return [s.text for s in steps]
        case Numeric():
            return [f"{value:.4f}" for value in quizbank.expected(question, student)]
