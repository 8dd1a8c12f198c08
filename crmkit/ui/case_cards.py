"""Case cards: what the course documents give of a case, what is sourced, what was written for class.

    from crmkit.ui import case_cards
    case_cards.show("disney")
    case_cards.show(chapter="ch10")

The cards stand in ``crmkit/content/cases``, one file a chapter; its README tells how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from crmkit.errors import KitError
from crmkit.syllabus import course

if TYPE_CHECKING:
    from IPython.display import HTML

FOLDER = Path(__file__).parents[1] / "content" / "cases"
WRITTEN = "〔教学编写〕"


class CaseError(KitError):
    """There is no such case card, or one is not written as it should be."""


@dataclass(frozen=True)
class Fact:
    """Something that is known of a case, and where it stands."""

    text: str
    source: str


@dataclass(frozen=True)
class Card:
    """One case.

    Attributes
    ----------
    feature : str
        Its number in the course's list of contents, e.g. "F404".
    given : str
        What the course documents give of it.
    facts : tuple of Fact
        What is sourced.
    names : tuple of str
        Names of real firms that it bears. The story must not use them.
    story : str
        Written for class; it is always shown as such.
    see : str
        Where the story stands, when it is not here.
    """

    id: str
    title: str
    chapter: str
    feature: str
    given: str
    ask: tuple[str, ...]
    sections: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    industry: str = ""
    facts: tuple[Fact, ...] = ()
    story: str = ""
    see: str = ""


@cache
def load(chapter: str) -> tuple[Card, ...]:
    """The cards of a chapter, in their order; none where it has no cases.

    Raises
    ------
    CaseError
        A card is faulty: names file, card and field.
    """
    path = FOLDER / f"{chapter}.yaml"
    if not re.fullmatch(r"ch\d\d", chapter) or not path.is_file():
        return ()
    return read(path.read_text(encoding="utf-8"), chapter)


def every() -> tuple[Card, ...]:
    """All cards of the course."""
    cards = tuple(c for path in sorted(FOLDER.glob("ch*.yaml")) for c in load(path.stem))
    twice = {c.id for c in cards if [x.id for x in cards].count(c.id) > 1}
    if twice:
        raise CaseError(f"案例卡的编号用了两次：{'、'.join(sorted(twice))}。")
    return cards


def card(id: str) -> Card:
    """A card by its id. Raises CaseError."""
    for found in every():
        if found.id == id:
            return found
    raise CaseError(f"没有案例卡「{id}」，现有：{'、'.join(c.id for c in every())}。")


def show(*ids: str, chapter: str = "") -> HTML:
    """Cards as they stand in a notebook: some by their ids, or all of a chapter to unfold.

    Raises
    ------
    CaseError
        There is no such card, or the chapter has none.
    """
    from IPython.display import HTML

    if chapter and not load(chapter):
        raise CaseError(f"{chapter} 没有案例卡。")
    if not ids and not chapter:
        raise CaseError('写明哪一张（show("disney")）或哪一章（show(chapter="ch10")）。')
    shown = [_panel(_body(card(id), heading=True)) for id in ids]
    shown += [_panel(_folded(c)) for c in (load(chapter) if chapter else ())]
    return HTML("".join(shown))


# --- reading -----------------------------------------------------------------------------------
def read(text: str, chapter: str) -> tuple[Card, ...]:
    """The cards in a YAML text. Raises CaseError."""
    name = f"{chapter}.yaml"
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as e:
        raise CaseError(f"案例卡 {name} 不是合格的 YAML：{' '.join(str(e).split())}。") from e
    if not isinstance(data, list):
        raise CaseError(f"案例卡 {name} 应是一张张卡的列表，每张以“- id:”开头。")
    return tuple(_card(raw, chapter, f"案例卡 {name}，第 {n} 张") for n, raw in enumerate(data, 1))


def _card(raw: Any, chapter: str, where: str) -> Card:
    if not isinstance(raw, Mapping):
        raise CaseError(f"{where}：应是“字段: 内容”的写法。")
    where = f"{where}（{raw.get('id', '没有 id')}）"
    lists = ("ask", "sections", "labs", "names")
    known = [f.name for f in fields(Card) if f.name != "chapter"]
    for field in raw:
        if field not in known:
            raise CaseError(f"{where}：没有“{field}”这个字段；可用的有 {'、'.join(known)}。")
    for field in ("id", "title", "feature", "given", "ask"):
        if not raw.get(field):
            raise CaseError(f"{where}：缺少 {field}。")
    values: dict[str, Any] = {"facts": ()}
    for field, value in raw.items():
        good = isinstance(value, list) if field in (*lists, "facts") else isinstance(value, str)
        if not good or (field in lists and not all(isinstance(v, str) for v in value)):
            raise CaseError(f"{where}，{field}：应是{'文字的列表' if field in lists else '文字'}。")
        if field == "facts":
            values[field] = tuple(_fact(f, where) for f in value)
        else:
            values[field] = tuple(value) if field in lists else value.strip()
    made = Card(chapter=chapter, **values)
    _check(made, where)
    return made


def _fact(raw: Any, where: str) -> Fact:
    if not isinstance(raw, Mapping) or set(raw) != {"text", "source"}:
        raise CaseError(f"{where}，facts：每一条写 text（事实）和 source（出处），缺一不可。")
    return Fact(str(raw["text"]), str(raw["source"]))


def _check(made: Card, where: str) -> None:
    if not re.fullmatch(r"[a-z0-9-]+", made.id):
        raise CaseError(f"{where}，id：只用小写字母、数字和短横线。")
    if not re.fullmatch(r"F\d{3}", made.feature):
        raise CaseError(f"{where}，feature：应像 F404 这样写。")
    sections = {s.num for s in course().chapter(made.chapter).sections}
    labs = {lab.id for lab in course().labs}
    for field, given, allowed in (("sections", made.sections, sections), ("labs", made.labs, labs)):
        for one in given:
            if one not in allowed:
                raise CaseError(f"{where}，{field}：课程里没有「{one}」。")
    if not made.story and not made.see:
        raise CaseError(f"{where}：写上 story（情节），或在 see 里写明情节在哪里。")
    for name in made.names:
        if name.lower() in made.story.lower():
            raise CaseError(
                f"{where}，story：情节是编的，里面不能用真实企业的名字「{name}」，改成“一家……”。"
            )


# --- showing -----------------------------------------------------------------------------------
_BOX = (
    "border:1px solid #84919e;border-left:4px solid #0f766e;border-radius:8px;padding:8px 16px;"
    "margin:8px 0;max-width:920px;line-height:1.7"
)
_TIGHT = "margin:3px 0"
_QUOTE = "border-left:3px solid #84919e;margin:4px 0;padding:0 12px"


def _panel(inner: str) -> str:
    return f'<div lang="zh-CN" class="crm-case" style="{_BOX}">{inner}</div>'


def _where(made: Card) -> str:
    parts = [made.industry, f"第 {int(made.chapter[2:])} 章 {'、'.join(made.sections)} 节" if made.sections else "",
             f"实验 {'、'.join(made.labs)}" if made.labs else ""]  # fmt: skip
    return escape("　".join(p for p in parts if p))


def _folded(made: Card) -> str:
    return (
        f"<details><summary><b>{escape(made.title)}</b>　{_where(made)}</summary>"
        f"{_body(made, heading=False)}</details>"
    )


def _tag(name: str, inner: str) -> str:
    return f'<{name} style="{_TIGHT}">{inner}</{name}>'


def _list(name: str, texts: Iterable[str]) -> str:
    return _tag(name, "".join(f"<li>{escape(text)}</li>" for text in texts))


def _body(made: Card, *, heading: bool) -> str:
    lines = []
    if heading:
        lines.append(_tag("p", f"<b>案例卡　{escape(made.title)}</b>　{_where(made)}"))
    lines.append(_tag("p", f"<b>资料给出的</b>　{escape(made.given)}"))
    if made.facts:
        lines.append(_tag("p", "<b>有出处的</b>"))
        lines.append(_list("ul", (f"{f.text}（出处：{f.source}）" for f in made.facts)))
    if made.story:
        told = [line.strip() for line in made.story.splitlines() if line.strip()]
        said = "".join(_tag("p", escape(line)) for line in (WRITTEN, *told, *_caution(made)))
        lines.append(f'<div style="{_QUOTE}">{said}</div>')
    if made.see:
        mark = "" if made.story else WRITTEN
        lines.append(_tag("p", f"<b>情节在</b>　{escape(made.see)}。{mark}"))
    lines.append(_tag("p", "<b>想一想</b>") + _list("ol", made.ask))
    return "".join(lines)


def _caution(made: Card) -> list[str]:
    if not made.names:
        return []
    return [
        f"这是假想的情境，不是“{made.title}”的事迹。要写真实的，请查公司年报和公开研究，并注明出处。"
    ]
