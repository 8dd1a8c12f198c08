"""Reads and checks a chapter's question bank.

A bank is one YAML file, ``crmkit/content/quiz/<chapter>.yaml``. Every fault is reported with
file, question and field, so that a teacher who writes questions can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crmkit.quizbank.bodies import body_of, fields_of
from crmkit.quizbank.fields import Fields, QuizBankError
from crmkit.quizbank.question import KIND_LABELS, LEVELS, MASTERY_LEVEL, Grid, Question

FOLDER = Path(__file__).parents[1] / "content" / "quiz"
_SHARED = (
    "id", "section", "level", "facts", "kind", "note", "case", "table", "stem", "why",
)  # fmt: skip


@dataclass(frozen=True)
class Bank:
    """A chapter's questions in their order; `levels` gives what each section requires."""

    chapter: str
    title: str
    levels: Mapping[str, str]
    questions: tuple[Question, ...]

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)

    def __getitem__(self, id: str) -> Question:
        for q in self.questions:
            if q.id == id:
                return q
        raise QuizBankError(f"题库 {self.chapter} 没有题目「{id}」。")

    def matching(
        self, section: str | None = None, kinds: Collection[str] = (), level: str | None = None
    ) -> tuple[Question, ...]:
        """The questions of a section, of some kinds, of a level; may be none.

        Raises
        ------
        QuizBankError
            The chapter has no such section.
        """
        if section is not None and section not in self.levels:
            raise QuizBankError(
                f"{self.chapter} 没有「{section}」节，可用的有：{'、'.join(self.levels)}。"
            )
        return tuple(
            q
            for q in self.questions
            if section in (None, q.section)
            and (not kinds or q.kind in kinds)
            and level in (None, q.level)
        )

    def select(
        self, section: str | None = None, n: int | None = None, kinds: Collection[str] = ()
    ) -> tuple[Question, ...]:
        """The questions of a section (all without one) and of some kinds, or `n` of them.

        Raises
        ------
        QuizBankError
            The chapter has no such section, there are none, or `n` is not between 1 and their
            number.
        """
        found = self.matching(section, kinds)
        if not found:
            where = f"{self.chapter} 的 {section} 节" if section else self.chapter
            raise QuizBankError(f"{where}没有{'、'.join(KIND_LABELS[k] for k in kinds)}题。")
        if n is None:
            return found
        if not 1 <= n <= len(found):
            raise QuizBankError(f"这里共有 {len(found)} 题，不能取 {n} 题。")
        return spread(found, n)


def spread(questions: Sequence[Question], n: int) -> tuple[Question, ...]:
    """`n` of the questions, evenly over the list."""
    return tuple(questions[i * len(questions) // n] for i in range(n))


def kind_of(word: str) -> str:
    """The kind that is meant by its Chinese name or its field name.

    >>> kind_of("单选"), kind_of("计算题"), kind_of("fill")
    ('single', 'numeric', 'fill')

    Raises
    ------
    QuizBankError
        There is no such kind.
    """
    text = word.strip().removesuffix("题")
    for kind, label in KIND_LABELS.items():
        if text in (kind, label):
            return kind
    raise QuizBankError(f"没有「{word}」这种题型；可用的有：{'、'.join(KIND_LABELS.values())}。")


@cache
def load(chapter: str) -> Bank:
    """The bank of a chapter, e.g. "ch02".

    Raises
    ------
    QuizBankError
        There is no bank for it, or a question in it is faulty.
    """
    path = FOLDER / f"{chapter}.yaml"
    if not re.fullmatch(r"\w+", chapter) or not path.is_file():
        known = "、".join(sorted(p.stem for p in FOLDER.glob("*.yaml"))) or "（还没有）"
        raise QuizBankError(f"没有「{chapter}」的题库，现有：{known}。")
    return read(path.read_text(encoding="utf-8"), path.name)


def read(text: str, name: str = "题库") -> Bank:
    """The bank in a YAML text; `name` stands for the file in messages. Raises QuizBankError."""
    try:
        data = yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as e:
        raise QuizBankError(f"题库 {name} 不是合格的 YAML：{' '.join(str(e).split())}") from e
    head = Fields(data, name)
    head.only(("chapter", "title", "levels", "questions"))
    levels = head.text_map("levels")
    for section, level in levels.items():
        if level not in LEVELS:
            raise head.fault(
                f"levels.{section}", f"「{level}」不是教学要求，应是 {'、'.join(LEVELS)}"
            )
    questions = tuple(
        _question(item, f"{name}，第 {i + 1} 题", levels)
        for i, item in enumerate(head.items("questions"))
    )
    seen: set[str] = set()
    for i, q in enumerate(questions):
        if q.id in seen:
            raise QuizBankError(f"题库 {name}，第 {i + 1} 题，字段 id：「{q.id}」前面已经用过。")
        seen.add(q.id)
    return Bank(head.text("chapter"), head.text("title"), levels, questions)


def _question(data: Any, where: str, levels: Mapping[str, str]) -> Question:
    f = Fields(data, where)
    id = f.text("id")
    f.where = f"{where} {id}"
    if not re.fullmatch(r"[a-z]+\d+-\d+", id):
        raise f.fault("id", "应像 ch02-07 这样写")
    kind = f.word("kind", tuple(KIND_LABELS))
    f.only(_SHARED + fields_of(kind))
    section = f.word("section", tuple(levels))
    level = f.word("level", LEVELS)
    _check_level(f, kind, level, levels[section])
    facts = f.texts("facts")
    for fact in facts:
        if not re.fullmatch(r"[QF]\d{3}", fact):
            raise f.fault("facts", f"「{fact}」应像 Q034（知识点）或 F016（课程内容）这样写")
    if f.has("note"):
        f.word("note", ("inferred",))
    return Question(
        id=id,
        section=section,
        level=level,
        facts=facts,
        kind=kind,
        stem=f.text("stem"),
        why=f.text("why"),
        body=body_of(kind, f),
        inferred=f.has("note"),
        case=f.text("case", ""),
        grid=_grid(f.under("table")) if f.has("table") else None,
    )


def _check_level(f: Fields, kind: str, level: str, required: str) -> None:
    """The rule of examination: what is to be mastered is calculated or worked out on a case."""
    if LEVELS.index(level) > LEVELS.index(required):
        raise f.fault("level", f"这一节只要求「{required}」，题目不能考到「{level}」")
    given = f.has("case") or f.has("table")
    if level == MASTERY_LEVEL and kind != "numeric" and not given:
        raise f.fault("kind", "「掌握」用计算题或综合题（给出 case 或 table）考核")
    if level != MASTERY_LEVEL and kind == "numeric":
        raise f.fault("kind", f"「{level}」用选择、填空等题考核，不用计算题")


def _grid(f: Fields) -> Grid:
    f.only(("columns", "rows"))
    columns = f.texts("columns", least=2)
    rows = []
    for i, row in enumerate(f.items("rows")):
        if not isinstance(row, list) or len(row) != len(columns):
            raise f.fault(f"rows[{i}]", f"每行应有 {len(columns)} 格")
        rows.append(tuple(str(cell) for cell in row))
    return Grid(columns, tuple(rows))


class _UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reports a key written twice, which YAML would otherwise quietly overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, (str, int, float, bool)):
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"「{key}」写了两遍 (duplicate key)", key_node.start_mark
                    )
                seen.add(key)
        return super().construct_mapping(node, deep)
