"""Every requirement of the syllabus is examined, in a form that fits its level."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import crmkit
from crmkit import quizbank
from crmkit.quizbank import Question
from crmkit.syllabus import course

CONTENT = Path(crmkit.__file__).parent / "content"
COVERAGE = yaml.safe_load((CONTENT / "requirements.yaml").read_text(encoding="utf-8"))
LEVEL_FORMS = {
    row["level"]: set(row["forms"])
    for row in yaml.safe_load(
        (CONTENT.parent / "syllabus.yaml").read_text(encoding="utf-8")
    )["requirement_levels"]
}  # fmt: skip
EVERY = [
    pytest.param(chapter.id, level, what, id=f"{chapter.id}-{level}-{what}")
    for chapter in course().chapters
    for level, topics in chapter.requirements.items()
    for what in topics
]


def form(question: Question) -> str:
    """The form of examination that a question is, in the words of the syllabus."""
    if question.kind == "numeric":
        return "计算题"
    if question.case or question.grid:
        return "综合题"
    return "填空题" if question.kind == "fill" else "选择题"


def examining(chapter: str, entry: dict[str, Any]) -> list[Question]:
    """The questions that the entry names, one by one or by their section."""
    return [q for q in quizbank.load(chapter) if {q.section, q.id} & set(entry["quiz"])]


@pytest.mark.parametrize("chapter", course().chapters, ids=lambda c: c.id)
def test_what_is_listed_is_what_the_syllabus_requires_and_the_chapter_has(chapter: Any) -> None:
    listed = COVERAGE[chapter.id]
    assert list(listed) == [what for topics in chapter.requirements.values() for what in topics]
    bank = quizbank.load(chapter.id)
    items = json.loads((CONTENT / "items" / f"{chapter.id}.json").read_text(encoding="utf-8"))
    for entry in listed.values():
        assert set(entry["quiz"]) <= {q.id for q in bank} | set(bank.levels)
        assert set(entry.get("exercises", ())) <= {item["id"] for item in items["items"]}


@pytest.mark.parametrize(("chapter", "level", "what"), EVERY)
def test_the_requirement_is_examined_at_its_level(chapter: str, level: str, what: str) -> None:
    questions = examining(chapter, COVERAGE[chapter][what])
    assert [q.id for q in questions if q.level == level and form(q) in LEVEL_FORMS[level]] != []


def test_no_requirement_is_left_out() -> None:
    assert set(COVERAGE) == {chapter.id for chapter in course().chapters}
    assert len(EVERY) == sum(len(entries) for entries in COVERAGE.values())
