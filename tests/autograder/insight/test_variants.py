"""A classmate's answers are recognised; one's own wrong ones and chance are not."""

from __future__ import annotations

from typing import Any

import pytest

from autograder import judge
from autograder.insight.similarity.variants import FITS, SAME, Foreign, foreign_answers
from autograder.judge import Submission
from tests.autograder.answers import as_answer

STUDENTS = [f"20250201{n:02d}" for n in range(1, 7)]
ITEMS = ["E3-01", "E3-03", "E3-05", "E3-07", "E3-09"]


@pytest.fixture(scope="module")
def spec() -> judge.LabSpec:
    """The lab with some of its items, so that the test is quick."""
    whole = judge.load("E3")
    part = judge.LabSpec(whole.id, whole.title, world=whole.world)
    part.items = [i for i in whole.items if i.id in ITEMS]
    return part


@pytest.fixture(scope="module")
def right(spec: judge.LabSpec) -> dict[str, dict[str, Any]]:
    found = {}
    for student in STUDENTS:
        world = spec.world(student)
        found[student] = {i.id: as_answer(i, i.expect(world)) for i in spec.automatic}
    return found


def look(
    spec: judge.LabSpec, answers: dict[str, dict[str, Any]]
) -> list[tuple[str, str, str, str]]:
    submissions = {s: Submission(s, a) for s, a in answers.items()}
    found = foreign_answers(spec, submissions, most=0.05)
    return [(f.student, f.owner, f.item, f.kind) for f in found]


def test_own_right_answers_lead_to_nobody(spec: judge.LabSpec, right: dict[str, Any]) -> None:
    assert look(spec, right) == []


def test_a_classmates_answers_are_found_item_by_item(
    spec: judge.LabSpec, right: dict[str, Any]
) -> None:
    thief, owner = STUDENTS[1], STUDENTS[0]
    answers = right | {thief: {**right[thief], "E3-01": right[owner]["E3-01"],
                               "E3-05": right[owner]["E3-05"], "E3-07": right[owner]["E3-07"]}}  # fmt: skip
    assert look(spec, answers) == [(thief, owner, i, FITS) for i in ("E3-01", "E3-05", "E3-07")]


def test_the_same_wrong_answer_with_other_data_is_found_on_both_sides(
    spec: judge.LabSpec, right: dict[str, Any]
) -> None:
    a, b = STUDENTS[0], STUDENTS[3]
    odd = list(reversed(right[a]["E3-01"]))[:80]
    answers = right | {a: {**right[a], "E3-01": odd}, b: {**right[b], "E3-01": list(odd)}}
    assert look(spec, answers) == [(a, b, "E3-01", SAME), (b, a, "E3-01", SAME)]


def test_a_known_mistake_on_ones_own_data_is_not_foreign(
    spec: judge.LabSpec, right: dict[str, Any]
) -> None:
    student = STUDENTS[2]
    world = spec.world(student)
    upwards = next(m for m in spec.automatic[0].mistakes if "从低到高" in m.hint)
    percent = next(
        m for i in spec.automatic if i.id == "E3-07" for m in i.mistakes if "百分数" in m.hint
    )
    assert upwards.answer is not None and percent.answer is not None
    answers = right | {
        student: {**right[student], "E3-01": upwards.answer(world), "E3-07": percent.answer(world)}
    }
    assert look(spec, answers) == []


def test_what_fits_many_or_says_little_is_chance(
    spec: judge.LabSpec, right: dict[str, Any]
) -> None:
    owner = STUDENTS[0]
    # Everybody hands in one student's list: it says nothing about any single pair of them.
    everybody = {s: {"E3-01": right[owner]["E3-01"]} for s in STUDENTS}
    assert {f[1] for f in look(spec, everybody)} == {owner}
    rounded = {s: {"E3-07": round(right[owner]["E3-07"], 2)} for s in STUDENTS[1:]}
    assert look(spec, rounded | {owner: right[owner]}) == []
    near = right[owner]["E3-07"] + 5e-5  # right for the owner within the judge's tolerance
    assert look(spec, right | {STUDENTS[1]: {"E3-07": near}}) == []


def test_unreadable_answers_are_passed_over(spec: judge.LabSpec, right: dict[str, Any]) -> None:
    strange: list[Any] = [None, "没有", {"a": [1, {2, 3}]}, [[[]]], object, float("nan")]
    for value in strange:
        answers = right | {STUDENTS[0]: dict.fromkeys(ITEMS, value)}
        assert look(spec, answers) == []


def test_a_result_names_student_owner_item_and_kind(
    spec: judge.LabSpec, right: dict[str, Any]
) -> None:
    a, b = STUDENTS[0], STUDENTS[1]
    submissions = {s: Submission(s, right[b] if s in (a, b) else right[s]) for s in STUDENTS}
    found = foreign_answers(spec, submissions, most=0.05)
    assert Foreign(a, b, "E3-01", "男性客户名单", FITS) in found
    assert {f.student for f in found} == {a}
