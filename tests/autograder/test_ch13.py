"""Chapter 13's exercises: an independent recomputation, forms, bounds."""

from __future__ import annotations

import inspect
import os

import pytest
from packaging.version import Version

from autograder import judge
from autograder.source.ch13 import reference
from crmkit.analytics import multicriteria
from crmkit.lab.inputs import ch13
from crmkit.lab.snapshot import decode, encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch13")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_the_library(student: str) -> None:
    world = SPEC.world(student)
    table, weights = ch13.scores(student).set_index("产品"), ch13.weights(student)
    score = multicriteria.weighted_score(
        table.assign(费用=10 * (table["三年费用"].max() - table["三年费用"])
                     / (table["三年费用"].max() - table["三年费用"].min())), weights)  # fmt: skip
    assert reference.ranking(world) == list(score.index)
    states = reference.machine(world)
    for row in ch13.machine(student).itertuples():
        if row.种类 != "端口":
            enough = Version(row.现有) >= Version(row.要求)
            assert states[row.编号] == ("通过" if enough else "不通过")


@pytest.mark.parametrize("student", STUDENTS)
def test_difficulty_stays_within_bounds(student: str) -> None:
    world = SPEC.world(student)
    assert sum(ch13.weights(student).values()) == 100 and min(ch13.weights(student).values()) > 0
    for how in ("plain", "dear", "turned"):
        assert reference.ranking(world, **{how: True}) != reference.ranking(world), how
    assert reference.machine(world, as_text=True) != reference.machine(world)
    assert reference.kinds(world, open_limits=True) != reference.kinds(world)
    assert len(set(reference.ideas(world).values())) >= 3


def test_lists_tuples_and_frames_count() -> None:
    right = reference.ranking(SPEC.world("1"))
    for form in (right, tuple(right)):
        assert result_of("ch13-02", "1", form).score == 24
    assert "倒了" in result_of("ch13-02", "1", right[::-1]).hint


def test_the_pool_does_not_name_the_ideas() -> None:
    held = inspect.getsource(ch13)
    assert not any(idea in held for idea in reference.IDEAS)
