"""From YAML fields to the body of each kind of question, with the checks of that kind."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator, Mapping

from crmkit.quizbank import answer_text
from crmkit.quizbank.fields import Fields
from crmkit.quizbank.question import (
    BLANK,
    Ask,
    Blank,
    Body,
    Choice,
    Fill,
    Match,
    Miscalculation,
    Misreading,
    Numeric,
    Order,
    Pair,
    Step,
    TrueFalse,
)
from crmkit.quizbank.variants import FormulaError, evaluate

# A student's numbers are one of many combinations; the loader tries about this many of them.
TRIED = 60


def _choice(f: Fields, many: bool) -> Choice:
    options = f.text_map("options", least=3)
    letters = string.ascii_uppercase[: len(options)]
    if list(options) != list(letters):
        raise f.fault("options", f"选项的键应依次是 {'、'.join(letters)}")
    if len(set(options.values())) < len(options):
        raise f.fault("options", "有两个选项文字相同")
    answer = frozenset(f.texts("answer", least=2)) if many else frozenset({f.text("answer")})
    if unknown := answer - set(options):
        raise f.fault("answer", f"没有选项 {'、'.join(sorted(unknown))}")
    wrong = f.text_map("wrong", least=0)
    for key in options:
        if key not in answer and key not in wrong:
            raise f.fault(f"wrong.{key}", "每个错误选项都要写一句解释")
    for key in wrong:
        if key not in options or key in answer:
            raise f.fault(f"wrong.{key}", "只能解释错误选项")
    return Choice(options, answer, wrong, many)


def _truefalse(f: Fields) -> TrueFalse:
    return TrueFalse(f.truth("answer"), f.text("wrong"))


def _blank(f: Fields) -> Blank:
    f.only(("accept", "number", "tolerance", "unit"))
    if f.has("number"):
        return Blank((), f.number("number"), f.number("tolerance"), f.text("unit", ""))
    accept = f.texts("accept")
    if not all(map(answer_text.canonical, accept)):
        raise f.fault("accept", "只有标点的答案无法比较")
    return Blank(accept)


def _fill(f: Fields) -> Fill:
    blanks = tuple(map(_blank, f.each("blanks")))
    gaps = f.text("stem").count(BLANK)
    if gaps != len(blanks):
        raise f.fault("blanks", f"题干有 {gaps} 个空（{BLANK}），答案却有 {len(blanks)} 个")
    order_free = f.truth("order_free", False)
    if order_free:
        for a, b in itertools.combinations(blanks, 2):
            for text in a.accept:
                if answer_text.fits(b, text):
                    raise f.fault("blanks", f"「{text}」同时是两个空的答案，不分先后时无法判定")
    mistakes = []
    for m in f.each("mistakes", least=0):
        m.only(("blank", "texts", "why"))
        place = int(m.number("blank", 1)) - 1
        if not 0 <= place < len(blanks):
            raise m.fault("blank", f"没有第 {place + 1} 个空")
        texts = m.texts("texts")
        for t in texts:
            if any(
                answer_text.fits(b, t)
                for b in (blanks if order_free else blanks[place : place + 1])
            ):
                raise m.fault("texts", f"「{t}」是正确答案")
        mistakes.append(Misreading(place, texts, m.text("why")))
    return Fill(blanks, f.text("hint"), order_free, tuple(mistakes))


def _match(f: Fields) -> Match:
    pairs = []
    for p in f.each("pairs", least=3):
        p.only(("left", "right", "why"))
        pairs.append(Pair(p.text("left"), p.text("right"), p.text("why")))
    if len({p.left for p in pairs}) < len(pairs):
        raise f.fault("pairs", "左边有重复的项")
    rights = {p.right for p in pairs}
    extra = f.text_map("extra", least=0)
    if both := rights & set(extra):
        raise f.fault("extra", f"「{both.pop()}」已是某一对的右边")
    if len(rights) + len(extra) < 2:
        raise f.fault("pairs", "右边至少要有两种")
    return Match(tuple(pairs), extra)


def _order(f: Fields) -> Order:
    steps = []
    for s in f.each("steps", least=3):
        s.only(("text", "why"))
        steps.append(Step(s.text("text"), s.text("why")))
    if len({s.text for s in steps}) < len(steps):
        raise f.fault("steps", "有重复的项")
    return Order(tuple(steps))


def _numeric(f: Fields) -> Numeric:
    params = {}
    for name, values in f.under("params").lists():
        if not name.isidentifier():
            raise f.fault(f"params.{name}", "参数名只能用字母、数字和下划线")
        params[name] = values
    asks = []
    for a in f.each("asks"):
        a.only(("label", "formula", "tolerance", "unit", "hint", "mistakes"))
        mistakes = []
        for m in a.each("mistakes"):
            m.only(("formula", "why"))
            mistakes.append(Miscalculation(m.text("formula"), m.text("why")))
        ask = Ask(
            a.text("label"),
            a.text("formula"),
            a.number("tolerance"),
            a.text("unit", ""),
            a.text("hint"),
            tuple(mistakes),
        )
        _try_out(a, ask, params)
        asks.append(ask)
    body = Numeric(params, tuple(asks))
    first = next(combinations(params))
    for name in ("stem", "case"):
        check_placeholders(f, name, f.text(name, " "), first)
    return body


def combinations(
    params: Mapping[str, tuple[float, ...]], most: int | None = None
) -> Iterator[dict[str, float]]:
    """Every set of numbers a student may get, or at most `most` of them, evenly spread."""
    total = 1
    for values in params.values():
        total *= len(values)
    step = max(1, -(-total // most)) if most else 1
    # A step that shares no factor with the lists' lengths does not walk past the same values.
    while step > 1 and any(step % len(v) == 0 for v in params.values() if len(v) > 1):
        step += 1
    for combination in itertools.islice(itertools.product(*params.values()), 0, None, step):
        yield dict(zip(params, combination, strict=True))


def _try_out(f: Fields, ask: Ask, params: Mapping[str, tuple[float, ...]]) -> None:
    if ask.tolerance <= 0:
        raise f.fault("tolerance", "容差应大于 0")
    for values in combinations(params, TRIED):
        try:
            right = evaluate(ask.formula, values)
        except FormulaError as e:
            raise f.fault("formula", f"{e}（取值 {values}）") from e
        for i, m in enumerate(ask.mistakes):
            try:
                wrong = evaluate(m.formula, values)
            except FormulaError as e:
                raise f.fault(f"mistakes[{i}].formula", f"{e}（取值 {values}）") from e
            if abs(wrong - right) <= 2 * ask.tolerance:
                raise f.fault(f"mistakes[{i}].formula", f"取值 {values} 时与正确答案分不开")


def check_placeholders(f: Fields, name: str, text: str, values: Mapping[str, float]) -> None:
    """Only plain parameter names may stand in braces, and the text must take the numbers."""
    try:
        fields = [part[1] for part in string.Formatter().parse(text) if part[1] is not None]
        for field in fields:
            if field not in values:
                raise f.fault(name, f"花括号里的「{field}」不是参数；可用的有 {', '.join(values)}")
        text.format_map(values)
    except (ValueError, KeyError, IndexError) as e:
        raise f.fault(name, f"花括号的写法有误（{e}）") from e


_READERS: dict[str, tuple[Callable[[Fields], Body], tuple[str, ...]]] = {
    "single": (lambda f: _choice(f, many=False), ("options", "answer", "wrong")),
    "multi": (lambda f: _choice(f, many=True), ("options", "answer", "wrong")),
    "truefalse": (_truefalse, ("answer", "wrong")),
    "fill": (_fill, ("blanks", "hint", "order_free", "mistakes")),
    "match": (_match, ("pairs", "extra")),
    "order": (_order, ("steps",)),
    "numeric": (_numeric, ("params", "asks")),
}


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields that only this kind has."""
    return _READERS[kind][1]


def body_of(kind: str, fields: Fields) -> Body:
    """Read the body of a question of this kind. Raises QuizBankError."""
    return _READERS[kind][0](fields)
