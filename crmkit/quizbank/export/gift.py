"""GIFT, the plain-text form that Moodle and other platforms read.

A GIFT question has one place for answers, so several gaps or numbers become several questions
(``ch02-12 填空-1``, ``-2`` …), each showing the whole text. An order is matched with its places.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crmkit.quizbank.export.markup import (
    Accepted,
    html,
    material,
    name,
    of_ask,
    of_gap,
    pairs,
    reasons,
    reasons_in_full,
    weights,
)
from crmkit.quizbank.export.paper import Item, Paper, put
from crmkit.quizbank.question import BLANK, Choice, Fill, Match, Numeric, Order, TrueFalse

_SIGNS = str.maketrans({c: f"\\{c}" for c in "\\~=#{}:"})


def write(paper: Paper, target: Path) -> list[Path]:
    """The questions at `target`, UTF-8."""
    lines = [
        f"// {paper.heading}，卷号 {paper.variant}，{len(paper.items)} 题",
        "",
        f"$CATEGORY: $course$/top/{paper.heading}/{paper.variant}",
        "",
    ]
    for item in paper.items:
        lines += [question + "\n" for question in _questions(paper, item)]
    return [put(target, "\n".join(lines).encode("utf-8"))]


def escaped(text: str) -> str:
    """Text in which no character has GIFT's meaning; a line break is written out.

    >>> print(escaped("a = {b}: 50% #1 ~ \\\\"))
    a \\= \\{b\\}\\: 50% \\#1 \\~ \\\\
    """
    return text.translate(_SIGNS).replace("\n", "\\n")


def _questions(paper: Paper, item: Item) -> Iterator[str]:
    title, shown, body = name(paper, item), item.shown, item.question.body
    match body:
        case Choice() as choice:
            lines = [f"~%{share}%" for share in weights(choice).values()]
            if not choice.many:
                lines = ["=" if key in choice.answer else "~" for key in choice.options]
            lines = [
                sign + _e(text) + _feedback(choice.wrong.get(key, ""))
                for sign, (key, text) in zip(lines, choice.options.items(), strict=True)
            ]
            yield _one(title, item, shown["stem"], lines, reasons(item))
        case TrueFalse(answer=right, wrong=wrong):
            yield _one(
                title, item, shown["stem"], [f"{right}".upper() + f"#{_e(wrong)}#"], reasons(item)
            )
        case Match():
            lines = [f"={_e(left)} -> {_plain(right)}" for left, right in pairs(item)]
            yield _one(title, item, shown["stem"], lines, reasons_in_full(item))
        case Order():
            lines = [f"={_e(left)} -> {_plain(right)}" for left, right in pairs(item)]
            stem = shown["stem"] + "（给每一项选它的位次）"
            yield _one(title, item, stem, lines, reasons_in_full(item))
        case Fill(blanks=blanks):
            for place in range(len(blanks)):
                which = f"（填第 {place + 1} 空）" if len(blanks) > 1 else ""
                stem = BLANK.join(shown["stem"]) + which
                lines = _typed(of_gap(body, place))
                yield _one(
                    _part(title, place, len(blanks)), item, stem, lines, reasons_in_full(item)
                )
        case Numeric(asks=asks):
            for place, ask in enumerate(asks):
                unit = f"（{ask.unit}）" if ask.unit else ""
                stem = f"{shown['stem']}\n{ask.label}{unit}：{BLANK}"
                lines = _typed(of_ask(item, paper.student, place))
                yield _one(_part(title, place, len(asks)), item, stem, lines, reasons_in_full(item))


def _one(title: str, item: Item, stem: str, lines: list[str], why: str) -> str:
    text = escaped(material(item) + f"<p>{html(stem)}</p>")
    answers = "\n".join(f"  {line}" for line in lines)
    # A calculation's lines start with #, which must stand right behind the brace.
    opening = "{" if lines[0].startswith("#") else "{\n"
    return (
        f"// {item.question.section} 节　{item.question.level}　{'、'.join(item.question.facts)}\n"
        f"::{escaped(title)}::[html]{text}{opening}{answers.lstrip() if opening == '{' else answers}\n"
        f"  ####{escaped(why)}\n}}"
    )


def _typed(gap: Accepted) -> list[str]:
    if gap.number:
        lines = [f"={text}" for text in gap.right]
        lines += [f"=%0%{text}{_feedback(why)}" for text, why in gap.wrong]
        return ["#" + lines[0], *lines[1:], f"~{_feedback(gap.hint)}"]
    lines = [f"={_plain(text)}" for text in gap.right]
    lines += [f"=%0%{_plain(text)}{_feedback(why)}" for text, why in gap.wrong]
    return [*lines, f"=%0%*{_feedback(gap.hint)}"]


def _e(text: str) -> str:
    return escaped(html(text))


def _plain(text: str) -> str:
    """Text that is no HTML; an arrow in it would be taken for the one that parts a pair."""
    return escaped(text.replace("->", "→"))


def _feedback(text: str) -> str:
    return f"#{_e(text)}" if text else ""


def _part(title: str, place: int, count: int) -> str:
    return f"{title}-{place + 1}" if count > 1 else title
