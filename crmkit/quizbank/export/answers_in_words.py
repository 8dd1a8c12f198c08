"""The key of a question as a teacher reads it: the answer in one line, and the explanations."""

from __future__ import annotations

import string
from collections.abc import Sequence

from crmkit.quizbank.export.paper import Item
from crmkit.quizbank.question import (
    Blank,
    Choice,
    Fill,
    Match,
    Numeric,
    Order,
    TrueFalse,
)
from crmkit.quizbank.variants import draw, evaluate, plain

LETTERS = string.ascii_uppercase


def lettered(texts: Sequence[str]) -> dict[str, str]:
    """Text → the letter under which it stands on the paper."""
    return {text: LETTERS[i] for i, text in enumerate(texts)}


def values(item: Item, student: str) -> list[float]:
    """The right numbers of a numeric question."""
    body = item.question.body
    assert isinstance(body, Numeric)
    drawn = draw(item.question, student or None)
    return [evaluate(ask.formula, drawn) for ask in body.asks]


def blank_in_words(blank: Blank) -> str:
    """All that counts in a gap, e.g. ``考察期 | 考察`` or ``85%``."""
    if blank.number is not None:
        return f"{blank.number:g}{blank.unit}"
    return " | ".join(blank.accept)


def answer(item: Item, student: str) -> str:
    """The key in one line; letters and numbers are those that stand on the paper."""
    match item.question.body:
        case Choice(answer=right):
            return "".join(sorted(right))
        case TrueFalse(answer=right):
            return "对" if right else "错"
        case Fill(blanks=blanks, order_free=free):
            parts = [f"（{i}）{blank_in_words(b)}" for i, b in enumerate(blanks, 1)]
            return "　".join(parts) + ("　（不分先后）" if free else "")
        case Match(pairs=pairs):
            letters = lettered(item.shown["rights"])
            return "　".join(f"（{i}）{letters[p.right]}" for i, p in enumerate(pairs, 1))
        case Order(steps=steps):
            letters = lettered(item.shown["items"])
            return " → ".join(letters[s.text] for s in steps)
        case Numeric(asks=asks):
            return "　".join(
                f"{ask.label} {plain(value, ask.tolerance)}{ask.unit}（误差不超过 {ask.tolerance:g}）"
                for ask, value in zip(asks, values(item, student), strict=True)
            )


def explanations(item: Item) -> list[str]:
    """The reason, then what is amiss with each wrong way that was foreseen."""
    lines = [item.question.why]
    match item.question.body:
        case Choice(wrong=wrong):
            lines += [f"{key}：{why}" for key, why in sorted(wrong.items())]
        case TrueFalse(wrong=wrong):
            lines.append(f"判反了：{wrong}")
        case Fill(mistakes=mistakes):
            lines += [f"第 {m.blank + 1} 空写“{'”“'.join(m.texts)}”：{m.why}" for m in mistakes]
        case Match(pairs=pairs, extra=extra):
            lines += [f"{p.left}：{p.why}" for p in pairs]
            lines += [f"“{text}”不选：{why}" for text, why in extra.items()]
        case Order(steps=steps):
            lines += [f"{s.text}：{s.why}" for s in steps]
        case Numeric(asks=asks):
            lines += [f"{ask.label}：{m.why}" for ask in asks for m in ask.mistakes]
    return lines
