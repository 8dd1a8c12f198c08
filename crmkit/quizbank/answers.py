"""What an answer looks like. It is plain JSON, as the screen saves it and a judge reads it:

========== ==================================================================
single     the option's letter, ``"B"``
multi      letters, ``["A", "C"]``
truefalse  ``true`` / ``false``
fill       one text for each gap, ``["考察期", "形成期"]``
match      left → right, ``{"性别、生日": "描述性数据"}``
order      the texts in the student's order
numeric    one typed number for each ask, ``["9,210.08 元"]``
========== ==================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit.quizbank import answer_text
from crmkit.quizbank.question import Choice, Fill, Match, Numeric, Order, Question, TrueFalse

_LONGEST = 200  # characters of one typed answer that are looked at


def shape(question: Question, answer: Any) -> Any | None:
    """The answer as it should look, without what cannot be part of one; None: not answered."""
    match question.body:
        case Choice() as body:
            return _letters(body, answer)
        case TrueFalse():
            return answer if isinstance(answer, bool) else None
        case Fill(blanks=blanks):
            return _texts(answer, len(blanks))
        case Numeric(asks=asks):
            return _texts(answer, len(asks))
        case Match() as body:
            return _pairs(body, answer)
        case Order(steps=steps):
            right = sorted(s.text for s in steps)
            texts = list(answer) if isinstance(answer, (list, tuple)) else []
            ok = all(isinstance(t, str) for t in texts) and sorted(texts) == right
            return texts if ok else None


def _letters(body: Choice, answer: Any) -> str | list[str] | None:
    given = answer if isinstance(answer, (list, tuple)) else [answer]
    chosen = sorted({a for a in given if isinstance(a, str) and a in body.options})
    if body.many:
        return chosen or None
    return chosen[0] if len(chosen) == 1 else None


def _texts(answer: Any, count: int) -> list[str] | None:
    given = list(answer) if isinstance(answer, (list, tuple)) else [answer]
    texts = [
        str(g)[:_LONGEST].strip()
        if isinstance(g, (str, int, float)) and not isinstance(g, bool)
        else ""
        for g in given[:count]
    ]
    # What is only punctuation is no answer.
    texts = [t if answer_text.canonical(t) else "" for t in texts]
    return texts + [""] * (count - len(texts)) if any(texts) else None


def _pairs(body: Match, answer: Any) -> dict[str, str] | None:
    given = answer if isinstance(answer, Mapping) else {}
    rights = {p.right for p in body.pairs} | set(body.extra)
    chosen = {p.left: given.get(p.left) for p in body.pairs}
    return {k: v for k, v in chosen.items() if isinstance(v, str) and v in rights} or None
