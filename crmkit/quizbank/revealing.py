"""The key of a question for a screen that shows it to all: what is right, and why the rest is not."""

from __future__ import annotations

from typing import Any

from crmkit.quizbank.question import (
    Blank,
    Choice,
    Fill,
    Match,
    Numeric,
    Order,
    Question,
    TrueFalse,
)
from crmkit.quizbank.variants import expected, plain


def key(question: Question, student: str | None = None) -> dict[str, Any]:
    """The key as plain JSON, laid out as `present` lays out the question.

    Returns
    -------
    dict
        ``why``, and by kind: ``options`` (right, why; in the order of the options shown),
        ``blanks``, ``pairs`` and ``extra``, ``steps``, ``numbers``.
    """
    found: dict[str, Any] = {"why": question.why}
    match question.body:
        case Choice(options=options, answer=answer, wrong=wrong):
            found["options"] = [{"right": k in answer, "why": wrong.get(k, "")} for k in options]
        case TrueFalse(answer=answer, wrong=wrong):
            found["options"] = [
                {"right": said is answer, "why": "" if said is answer else wrong}
                for said in (True, False)
            ]
        case Fill(blanks=blanks, order_free=order_free):
            found["blanks"] = [_in_words(b) for b in blanks]
            found["order_free"] = order_free
        case Match(pairs=pairs, extra=extra):
            found["pairs"] = [{"left": p.left, "right": p.right, "why": p.why} for p in pairs]
            found["extra"] = [{"text": text, "why": why} for text, why in extra.items()]
        case Order(steps=steps):
            found["steps"] = [{"text": s.text, "why": s.why} for s in steps]
        case Numeric(asks=asks):
            found["numbers"] = [
                {"label": ask.label, "value": plain(value, ask.tolerance), "unit": ask.unit}
                for ask, value in zip(asks, expected(question, student), strict=True)
            ]
    return found


def _in_words(blank: Blank) -> str:
    return f"{blank.number:g}{blank.unit}" if blank.number is not None else blank.accept[0]
