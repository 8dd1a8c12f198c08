"""The question bank: YAML files under ``crmkit/content/quiz`` read, checked, varied and marked.

Nothing here draws anything; `crmkit.ui.quiz` shows what `present` gives away and asks `mark`.

Examples
--------
>>> from crmkit import quizbank
>>> bank = quizbank.load("ch02")
>>> question = bank["ch02-01"]
>>> quizbank.mark(question, "B").right
True
"""

from __future__ import annotations

from crmkit.quizbank.answers import shape
from crmkit.quizbank.fields import QuizBankError
from crmkit.quizbank.loading import Bank, kind_of, load, read
from crmkit.quizbank.marking import Mark, Note, mark, score
from crmkit.quizbank.presenting import present
from crmkit.quizbank.question import Question
from crmkit.quizbank.revealing import key
from crmkit.quizbank.variants import draw, expected

__all__ = [
    "Bank",
    "Mark",
    "Note",
    "Question",
    "QuizBankError",
    "draw",
    "expected",
    "key",
    "kind_of",
    "load",
    "mark",
    "present",
    "read",
    "score",
    "shape",
]
