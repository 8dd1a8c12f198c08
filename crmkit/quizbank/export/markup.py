"""Questions as plain HTML, and what Moodle XML and GIFT both need of a question's answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from crmkit.quizbank import answer_text
from crmkit.quizbank.export.answers_in_words import explanations, values
from crmkit.quizbank.export.paper import Item, Paper
from crmkit.quizbank.question import Ask, Blank, Choice, Fill, Match, Numeric, Order
from crmkit.quizbank.variants import draw, evaluate, plain


def html(text: str) -> str:
    """Text as HTML without attributes (quotes need no mark then)."""
    return escape(text, quote=False).replace("\n", "<br>")


def material(item: Item) -> str:
    """What stands above the stem: the mark of an inferred fact, case and table."""
    shown = item.shown
    parts = ["<p>〔推断〕</p>"] if shown["inferred"] else []
    parts += [f"<p>{html(shown['case'])}</p>"] if shown["case"] else []
    if "grid" in shown:
        rows = [("th", shown["grid"]["columns"]), *(("td", r) for r in shown["grid"]["rows"])]
        lines = [
            "<tr>" + "".join(f"<{tag}>{html(cell)}</{tag}>" for cell in row) + "</tr>"
            for tag, row in rows
        ]
        parts.append("<table>" + "".join(lines) + "</table>")
    return "".join(parts)


def reasons(item: Item) -> str:
    """What is shown to everybody afterwards."""
    return html(item.question.why)


def reasons_in_full(item: Item) -> str:
    """The same with what each pair or step is about, for kinds without feedback of their own."""
    return "".join(f"<p>{html(line)}</p>" for line in explanations(item))


def name(paper: Paper, item: Item) -> str:
    """Id and kind; a calculation says whose numbers it has."""
    own = f" {paper.variant}" if isinstance(item.question.body, Numeric) else ""
    return f"{item.question.id} {item.shown['label']}{own}"


def fraction(share: float) -> str:
    """A share of the points in percent, with the five decimals that Moodle's list has.

    >>> fraction(1), fraction(1 / 3)
    ('100', '33.33333')
    """
    text = f"{100 * share:.5f}"
    return text.rstrip("0").rstrip(".")


def weights(body: Choice) -> dict[str, str]:
    """Option → fraction: right ones share the points; a wrong one costs all of a multi choice."""
    lost = "-100" if body.many else "0"
    right = fraction(1 / len(body.answer))
    return {key: right if key in body.answer else lost for key in body.options}


@dataclass(frozen=True)
class Accepted:
    """What may be typed into a gap. `number` gaps hold (value, tolerance) as text."""

    right: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]  # text → explanation
    hint: str
    number: bool


def of_gap(body: Fill, place: int) -> Accepted:
    """One gap of a fill question.

    Where the gaps may be filled in any order, every gap takes every answer: neither format can
    say that an answer counts only once.
    """
    blank = body.blanks[place]
    if blank.number is not None:
        return Accepted(_numbers(blank), _misread_numbers(body, place), body.hint, True)
    blanks = body.blanks if body.order_free else (blank,)
    wrong = {
        text: m.why
        for m in body.mistakes
        if body.order_free or m.blank == place
        for text in m.texts
    }
    right = tuple(dict.fromkeys(text for b in blanks for text in b.accept))
    return Accepted(right, tuple(wrong.items()), body.hint, False)


def _numbers(blank: Blank) -> tuple[str, ...]:
    assert blank.number is not None
    return _with_fraction(f"{blank.number:g}", blank.number, blank.tolerance, blank.unit)


def _misread_numbers(body: Fill, place: int) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for m in body.mistakes:
        for text in m.texts if m.blank == place else ():
            typed = answer_text.number(text)
            if typed is not None:
                found.setdefault(f"{typed.value:g}:0", m.why)
    return tuple(found.items())


def of_ask(item: Item, student: str, place: int) -> Accepted:
    """One number of a calculation, with the wrong ways that were foreseen."""
    body = item.question.body
    assert isinstance(body, Numeric)
    ask: Ask = body.asks[place]
    drawn = draw(item.question, student or None)
    value = values(item, student)[place]
    right = _with_fraction(plain(value, ask.tolerance), value, ask.tolerance, ask.unit)
    wrong = {
        f"{plain(evaluate(m.formula, drawn), ask.tolerance)}:{ask.tolerance:g}": m.why
        for m in reversed(ask.mistakes)
    }
    return Accepted(right, tuple(reversed(wrong.items())), ask.hint, True)


def _with_fraction(shown: str, value: float, tolerance: float, unit: str) -> tuple[str, ...]:
    """``85:0.05``; a percentage may be typed as 0.85 too, unless that is itself a percentage."""
    first = f"{shown}:{tolerance:g}"
    if unit == "%" and 1 < abs(value) <= 100:
        return first, f"{plain(value / 100, tolerance / 100)}:{tolerance / 100:g}"
    return (first,)


def pairs(item: Item) -> Iterator[tuple[str, str]]:
    """Left and right of a match; an order is matched with its places. Extra rights have no left."""
    match item.question.body:
        case Match(pairs=found, extra=extra):
            yield from ((p.left, p.right) for p in found)
            yield from (("", text) for text in extra)
        case Order(steps=steps):
            places = {s.text: f"第 {i} 位" for i, s in enumerate(steps, 1)}
            yield from ((text, places[text]) for text in item.shown["items"])
