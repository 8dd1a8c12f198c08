"""Marks one answer to one question. Pure: the same question, answer and student, the same mark.

`crmkit.quizbank.answers` says what an answer looks like; whatever does not look like one counts
as not answered, so that no answer makes `mark` raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmkit.quizbank import answer_text
from crmkit.quizbank.answers import shape
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
from crmkit.quizbank.variants import FormulaError, draw, evaluate

RIGHT, PARTLY, WRONG, MISSING = "right", "partly", "wrong", "missing"


@dataclass(frozen=True)
class Note:
    """What is amiss with one part of the answer."""

    about: str
    why: str


@dataclass(frozen=True)
class Mark:
    """The mark of one answer: `share` of the points (0–1), in words `message` and `notes`.

    `parts` tells for each gap, pair, place or number whether it is right (empty for choices).
    The question's own `why` is not in here: it would give the answer away.
    """

    share: float
    message: str
    notes: tuple[Note, ...] = ()
    parts: tuple[bool, ...] = ()
    answered: bool = True

    @property
    def right(self) -> bool:
        return self.share >= 1

    @property
    def status(self) -> str:
        if not self.answered:
            return MISSING
        return RIGHT if self.right else PARTLY if self.share > 0 else WRONG


def mark(question: Question, answer: Any, student: str | None = None) -> Mark:
    """Mark `answer`; `student` (the student number) chooses the numbers of a numeric question.

    Multiple choice follows the rule students know: a wrong option costs all, options left out
    cost their share. Gaps, pairs and numbers count each; an order counts by its longest part in
    the right sequence.
    """
    given = shape(question, answer)
    if given is None:
        return Mark(0.0, "尚未作答。", answered=False)
    return _MARKERS[type(question.body)](question, given, student)


def score(
    questions: Iterable[Question], answers: Mapping[str, Any], student: str | None = None
) -> float:
    """Points out of 100 for `answers` by question id; every question weighs the same."""
    shares = [mark(q, answers.get(q.id), student).share for q in questions]
    return round(100 * sum(shares) / len(shares), 1) if shares else 0.0


def _of_parts(parts: Sequence[bool], unit: str, notes: Sequence[Note]) -> Mark:
    good, total = sum(parts), len(parts)
    if good == total:
        return Mark(1.0, "正确。", (), tuple(parts))
    message = f"{total} {unit}里对了 {good} {unit}。" if good else "再想一想。"
    return Mark(good / total, message, tuple(notes), tuple(parts))


def _choice(question: Question, answer: Any, student: str | None) -> Mark:
    body = question.body
    assert isinstance(body, Choice)
    chosen = set(answer)  # a single letter is a text of one letter
    notes = tuple(Note(body.options[k], body.wrong[k]) for k in sorted(chosen - body.answer))
    if notes:
        return Mark(0.0, "选入了不该选的项。" if body.many else "再想一想。", notes)
    if chosen == body.answer:
        return Mark(1.0, "正确。")
    missing = len(body.answer) - len(chosen)
    return Mark(len(chosen) / len(body.answer), f"选的都对，但还漏了 {missing} 项。")


def _truefalse(question: Question, answer: Any, student: str | None) -> Mark:
    body = question.body
    assert isinstance(body, TrueFalse)
    if answer is body.answer:
        return Mark(1.0, "正确。")
    return Mark(0.0, "再想一想。", (Note("对" if answer else "错", body.wrong),))


def _fill(question: Question, answer: Any, student: str | None) -> Mark:
    body = question.body
    assert isinstance(body, Fill)
    if body.order_free:
        return _fill_as_set(body, answer)
    parts = [answer_text.fits(b, t) for b, t in zip(body.blanks, answer, strict=True)]
    notes = [
        Note(f"第 {i + 1} 空「{text}」", _misreading(body, i, text))
        for i, (ok, text) in enumerate(zip(parts, answer, strict=True))
        if not ok and text
    ]
    return _of_parts(parts, "空", notes or [Note("空着的地方", body.hint)])


def _misreading(body: Fill, blank: int, text: str) -> str:
    for m in body.mistakes:
        if m.blank == blank and answer_text.canonical(text) in map(answer_text.canonical, m.texts):
            return m.why
    return body.hint


def _fill_as_set(body: Fill, texts: list[str]) -> Mark:
    """Gaps in any order; several items typed into one gap count as several."""
    items = [(gap, item) for gap, text in enumerate(texts) for item in answer_text.split(text)]
    left = list(body.blanks)
    bad = []
    for gap, item in items:
        hit = next((b for b in left if answer_text.fits(b, item)), None)
        if hit is None:
            bad.append((gap, item))
        else:
            left.remove(hit)
    found = [b for b in body.blanks if b not in left]
    notes = [Note(f"「{item}」", _any_misreading(body, item, found)) for _, item in bad]
    if not left and not bad:
        return Mark(1.0, "正确。", (), (True,) * len(texts))
    # An empty gap is in order when everything was found elsewhere.
    parts = tuple(
        (bool(text) or not left) and gap not in {g for g, _ in bad}
        for gap, text in enumerate(texts)
    )
    surplus = max(0, len(items) - len(body.blanks))
    share = max(0, len(found) - surplus) / len(body.blanks)
    message = f"{len(body.blanks)} 项里对了 {len(found)} 项。" if found else "再想一想。"
    return Mark(share, message, tuple(notes) or (Note("空着的地方", body.hint),), parts)


def _any_misreading(body: Fill, item: str, found: list[Blank]) -> str:
    if any(answer_text.fits(b, item) for b in found):
        return "这一项写了两遍。"
    for m in body.mistakes:
        if item in map(answer_text.canonical, m.texts):
            return m.why
    return body.hint


def _match(question: Question, answer: Any, student: str | None) -> Mark:
    body = question.body
    assert isinstance(body, Match)
    parts = [answer.get(p.left) == p.right for p in body.pairs]
    notes = [
        Note(f"「{p.left}」→「{answer[p.left]}」", body.extra.get(answer[p.left], p.why))
        for p in body.pairs
        if p.left in answer and answer[p.left] != p.right
    ]
    return _of_parts(parts, "对", notes)


def _order(question: Question, answer: Any, student: str | None) -> Mark:
    body = question.body
    assert isinstance(body, Order)
    right = [s.text for s in body.steps]
    parts = tuple(g == r for g, r in zip(answer, right, strict=True))
    if all(parts):
        return Mark(1.0, "正确。", (), parts)
    place = parts.index(False)
    why = next(s.why for s in body.steps if s.text == answer[place])
    # One item is always in sequence with itself, so it earns nothing.
    share = (_longest_in_sequence([right.index(g) for g in answer]) - 1) / (len(right) - 1)
    note = Note(f"第 {place + 1} 位的「{answer[place]}」", why)
    return Mark(share, "顺序还不对。", (note,), parts)


def _longest_in_sequence(places: Sequence[int]) -> int:
    best: list[int] = []
    for i, p in enumerate(places):
        best.append(1 + max((best[j] for j in range(i) if places[j] < p), default=0))
    return max(best)


def _numeric(question: Question, answer: Any, student: str | None) -> Mark:
    body = question.body
    assert isinstance(body, Numeric)
    values = draw(question, student)
    parts, notes = [], []
    for ask, text in zip(body.asks, answer, strict=True):
        ok = answer_text.agrees(text, evaluate(ask.formula, values), ask.tolerance, ask.unit)
        parts.append(ok)
        if ok or not text:
            continue
        if answer_text.number(text) is None:
            notes.append(Note(f"{ask.label}「{text}」", "这里要填一个数。"))
            continue
        why = ask.hint
        for m in ask.mistakes:
            if _agrees_with(text, m.formula, values, ask.tolerance, ask.unit):
                why = m.why
                break
        notes.append(Note(ask.label, why))
    return _of_parts(parts, "个数", notes)


def _agrees_with(
    text: str, formula: str, values: Mapping[str, float], tolerance: float, unit: str
) -> bool:
    try:
        return answer_text.agrees(text, evaluate(formula, values), tolerance, unit)
    except FormulaError:  # a wrong way may divide by zero for some numbers; then nobody took it
        return False


_MARKERS: dict[type, Callable[[Question, Any, str | None], Mark]] = {
    Choice: _choice,
    TrueFalse: _truefalse,
    Fill: _fill,
    Match: _match,
    Order: _order,
    Numeric: _numeric,
}
