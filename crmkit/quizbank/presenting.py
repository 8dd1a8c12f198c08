"""What a student may see of a question: everything but the key."""

from __future__ import annotations

from typing import Any

from crmkit.quizbank.question import (
    BLANK,
    KIND_LABELS,
    Choice,
    Fill,
    Match,
    Numeric,
    Order,
    Question,
    TrueFalse,
)
from crmkit.quizbank.variants import draw, rank


def present(question: Question, student: str | None = None) -> dict[str, Any]:
    """The question as plain JSON for a screen, with the student's own numbers filled in."""
    values = draw(question, student)
    shown: dict[str, Any] = {
        "id": question.id,
        "section": question.section,
        "level": question.level,
        "kind": question.kind,
        "label": KIND_LABELS[question.kind],
        "stem": question.stem.format_map(values) if values else question.stem,
        "inferred": question.inferred,
        "case": question.case.format_map(values) if values else question.case,
    }
    if question.grid:
        rows = [[c.format_map(values) if values else c for c in r] for r in question.grid.rows]
        shown["grid"] = {"columns": list(question.grid.columns), "rows": rows}
    match question.body:
        case Choice(options=options):
            shown["options"] = [{"key": k, "text": text} for k, text in options.items()]
        case TrueFalse():
            shown["options"] = [{"key": True, "text": "对"}, {"key": False, "text": "错"}]
        case Fill(blanks=blanks):
            shown["stem"] = question.stem.split(BLANK)
            shown["units"] = [b.unit for b in blanks]
        case Match(pairs=pairs, extra=extra):
            shown["lefts"] = [p.left for p in pairs]
            shown["rights"] = _mixed(
                question, list(dict.fromkeys(p.right for p in pairs)) + [*extra]
            )
        case Order(steps=steps):
            shown["items"] = start_order(question, [s.text for s in steps])
        case Numeric(asks=asks):
            shown["asks"] = [{"label": a.label, "unit": a.unit} for a in asks]
    return shown


def _mixed(question: Question, texts: list[str]) -> list[str]:
    return sorted(texts, key=lambda t: rank(question.id, t))


def start_order(question: Question, right: list[str]) -> list[str]:
    """Where an ordering starts: mixed, and never the answer itself."""
    mixed = _mixed(question, right)
    return mixed if mixed != right else [*mixed[1:], mixed[0]]
