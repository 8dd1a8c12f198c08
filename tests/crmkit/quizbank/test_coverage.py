"""What every bank covers: facts, sections, levels, kinds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from crmkit import quizbank
from crmkit.quizbank.question import (
    KIND_LABELS,
    LEVELS,
)
from crmkit.syllabus import course
from tests.crmkit.quizbank.banks import (
    BANK,
    COMPUTED,
    FACTS,
    INFERRED,
    every_bank,
    of_kind,
    right_answer,
)


@every_bank
def test_every_fact_of_the_chapter_is_asked(chapter: str) -> None:
    first, last = FACTS[chapter]
    own = {f"Q{n:03d}" for n in range(first, last + 1)}
    asked = {fact for q in quizbank.load(chapter) for fact in q.facts}
    assert own - asked == set()
    assert all(1 <= int(f[1:]) <= (190 if f[0] == "Q" else 507) for f in asked)


@every_bank
def test_every_section_and_every_kind_is_there(chapter: str) -> None:
    bank = quizbank.load(chapter)
    assert len(bank) >= (45 if chapter == "ch02" else 20)
    assert bank.chapter == chapter and bank.title == course().chapter(chapter).title
    sections = {s.num for s in course().chapter(chapter).sections}
    assert set(bank.levels) == {q.section for q in bank} == sections
    assert {q.kind for q in bank} >= set(KIND_LABELS) - {"numeric"}
    assert ("numeric" in {q.kind for q in bank}) or chapter not in COMPUTED
    assert [q.id for q in bank] == [f"{chapter}-{n:02d}" for n in range(1, len(bank) + 1)]


@every_bank
def test_the_levels_are_those_of_the_syllabus(chapter: str) -> None:
    """Where the syllabus names a section by its title; other sections are the writer's reading."""

    def plain(text: str) -> str:
        for long, short in (("客户关系管理", "CRM"), ("顾客", "客户"), ("客户", "")):
            text = text.replace(long, short)
        return text

    bank = quizbank.load(chapter)
    for level, topics in course().chapter(chapter).requirements.items():
        for topic in map(plain, topics):
            for section in course().chapter(chapter).sections:
                title = plain(section.title)
                if topic in title or title in topic:
                    assert LEVELS.index(bank.levels[section.num]) >= LEVELS.index(level), topic


def test_the_levels_of_chapter_2_are_read_from_the_syllabus_one_by_one() -> None:
    assert dict(BANK.levels) == {
        "2.1": "理解", "2.2": "掌握", "2.3": "掌握", "2.4": "理解", "2.5": "理解", "2.6": "理解",
        "2.7": "了解",
    }  # fmt: skip


@every_bank
def test_what_must_be_mastered_is_examined_by_calculation_or_on_a_case(chapter: str) -> None:
    bank = quizbank.load(chapter)
    mastered = [q for q in bank if q.level == "掌握"]
    assert {q.section for q in mastered} == {s for s, v in bank.levels.items() if v == "掌握"}
    assert all(q.kind == "numeric" or q.case or q.grid for q in mastered)
    assert all(q.level == "掌握" for q in bank if q.kind == "numeric")


@every_bank
def test_answers_are_not_betrayed_by_their_place_or_length(chapter: str) -> None:
    bank = quizbank.load(chapter)
    singles = of_kind(bank, "single")
    places = Counter(right_answer(q) for q in singles)
    assert set(places) == set("ABCD") and max(places.values()) <= 0.5 * places.total()
    longest = [q.id for q in singles if _right_is_longest(q.body)]
    assert len(longest) <= 0.5 * len(singles), longest
    chosen = [set(right_answer(q)) for q in of_kind(bank, "multi")]
    assert not set.intersection(*chosen) or len(chosen) < 3
    assert all(len(letters) >= 2 for letters in chosen)
    judgements = Counter(right_answer(q) for q in of_kind(bank, "truefalse"))
    assert min(judgements[True], judgements[False]) >= 1


def _right_is_longest(body: Any) -> bool:
    right = max(len(body.options[k]) for k in body.answer)
    return all(len(text) < right for k, text in body.options.items() if k not in body.answer)


@every_bank
def test_inferred_facts_are_marked_as_inferred(chapter: str) -> None:
    for q in quizbank.load(chapter):
        assert q.inferred == bool(INFERRED & set(q.facts)), q.id
        assert not q.inferred or "推断" in q.why, q.id


@every_bank
def test_no_question_is_asked_twice(chapter: str) -> None:
    stems = Counter((q.case, q.stem) for q in quizbank.load(chapter))
    assert max(stems.values()) == 1
