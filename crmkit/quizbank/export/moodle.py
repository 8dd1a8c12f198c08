"""Moodle XML: one file that Moodle (3.x, 4.x, 5.x) imports into its question bank.

single, multi → multichoice; truefalse → truefalse; match, order → matching (an order is matched
with its places, so that no plug-in is needed); fill, numeric → cloze, which holds
several gaps and gives every foreseen wrong answer its own feedback. As in the course's own quiz,
one wrong option of a multi choice costs all its points.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
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
from crmkit.quizbank.question import Choice, Fill, Match, Numeric, Order, TrueFalse

_TYPES = {
    Choice: "multichoice",
    TrueFalse: "truefalse",
    Fill: "cloze",
    Numeric: "cloze",
    Match: "matching",
    Order: "matching",
}
# Characters with a meaning inside a Cloze gap. Moodle takes the backslash off only some of them,
# but decodes entities in all of them.
_CLOZE = str.maketrans({c: f"&#{ord(c)};" for c in "\\}#~"})


def write(paper: Paper, target: Path) -> list[Path]:
    """The question bank at `target`."""
    quiz = ET.Element("quiz")
    top = ET.SubElement(quiz, "question", type="category")
    # A slash parts categories; the variant has one of its own, so that papers do not mix.
    _text(ET.SubElement(top, "category"), f"$course$/top/{paper.heading}/{paper.variant}")
    for item in paper.items:
        _question(quiz, paper, item)
    ET.indent(quiz)
    return [put(target, ET.tostring(quiz, encoding="utf-8", xml_declaration=True))]


def _question(quiz: ET.Element, paper: Paper, item: Item) -> None:
    body = item.question.body
    q = ET.SubElement(quiz, "question", type=_TYPES[type(body)])
    _text(ET.SubElement(q, "name"), name(paper, item))
    own_feedback = isinstance(body, (Choice, TrueFalse))
    _html(q, "questiontext", material(item) + _stem(paper, item))
    _html(q, "generalfeedback", reasons(item) if own_feedback else reasons_in_full(item))
    if not isinstance(body, (Fill, Numeric)):  # a Cloze question has the points of its gaps
        _leaf(q, "defaultgrade", str(item.points))
    _leaf(q, "penalty", "0")
    _leaf(q, "hidden", "0")
    match body:
        case Choice():
            _leaf(q, "single", "false" if body.many else "true")
            _leaf(q, "shuffleanswers", "true")
            _leaf(q, "answernumbering", "ABCD")
            for key, share in weights(body).items():
                _answer(q, share, html(body.options[key]), body.wrong.get(key, ""))
        case TrueFalse():
            for word, value in (("true", True), ("false", False)):
                if value is body.answer:
                    _answer(q, "100", word, "", form="")
                else:
                    _answer(q, "0", word, body.wrong, form="")
        case Match() | Order():
            _leaf(q, "shuffleanswers", "true")
            for left, right in pairs(item):
                part = ET.SubElement(q, "subquestion", format="html")
                _leaf(part, "text", html(left))
                _text(ET.SubElement(part, "answer"), right)
    tags = ET.SubElement(q, "tags")
    for tag in (item.question.section, item.question.level, *item.question.facts):
        _text(ET.SubElement(tags, "tag"), tag)


def _stem(paper: Paper, item: Item) -> str:
    shown, body = item.shown, item.question.body
    match body:
        case Fill():
            out = html(shown["stem"][0])
            for place, text in enumerate(shown["stem"][1:]):
                out += cloze(of_gap(body, place)) + html(text)
            return f"<p>{out}</p>"
        case Numeric():
            lines = [f"<p>{html(shown['stem'])}</p>"]
            for place, ask in enumerate(body.asks):
                gap = cloze(of_ask(item, paper.student, place))
                lines.append(f"<p>{html(ask.label)}：{gap}{html(ask.unit)}</p>")
            return "".join(lines)
        case Order():
            return f"<p>{html(shown['stem'])}（给每一项选它的位次）</p>"
    return f"<p>{html(shown['stem'])}</p>"


def cloze(gap: Accepted) -> str:
    """One gap in Cloze, e.g. ``{1:SHORTANSWER:=考察期~%0%形成期#……~%0%*#……}``."""

    def safe(text: str) -> str:
        return html(text).translate(_CLOZE)

    parts = [f"={text if gap.number else safe(text)}" for text in gap.right]
    parts += [f"%0%{text if gap.number else safe(text)}#{safe(why)}" for text, why in gap.wrong]
    parts.append(f"%0%*#{safe(gap.hint)}")
    return "{1:" + ("NUMERICAL:" if gap.number else "SHORTANSWER:") + "~".join(parts) + "}"


def _answer(q: ET.Element, share: str, text: str, feedback: str, form: str = "html") -> None:
    answer = ET.SubElement(q, "answer", fraction=share, format=form or "moodle_auto_format")
    _leaf(answer, "text", text)
    _html(answer, "feedback", html(feedback))


def _html(parent: ET.Element, tag: str, text: str) -> None:
    _leaf(ET.SubElement(parent, tag, format="html"), "text", text)


def _text(parent: ET.Element, text: str) -> None:
    _leaf(parent, "text", text)


def _leaf(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
