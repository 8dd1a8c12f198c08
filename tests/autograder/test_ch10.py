"""Chapter 10's exercises: the reference against the library, legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch10 import keys, reference
from crmkit.analytics import strategy
from crmkit.lab.inputs import ch10
from crmkit.lab.snapshot import decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch10")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_the_library(student: str) -> None:
    world = SPEC.world(student)
    ledger = ch10.ledger(student)
    table = strategy.growth_matrix(ledger[ledger["状态"] == "有效"], [2024, 2025])
    right = ITEMS["ch10-01"].expect(world).set_index("战略")
    assert right.to_numpy().tolist() == table.to_numpy().tolist()
    r = world.rule
    limits = {"many": r.many, "few": r.few, "high": r.high, "low": r.low}
    levels = [strategy.relation_level(n, m, **limits) for n, m in reference.cases(world)]
    assert ITEMS["ch10-02"].expect(world) == levels


@pytest.mark.parametrize("student", STUDENTS)
def test_difficulty_stays_within_bounds(student: str) -> None:
    world = SPEC.world(student)
    right = reference.growth(world)
    assert (right[["2024", "2025"]].to_numpy() > 2000).all()
    for how in (
        {"keep_void": "all"},
        {"keep_void": "history"},
        {"running": True},
        {"line_new_to": "customer"},
    ):
        assert not reference.growth(world, **how).equals(right), how  # type: ignore[arg-type]
    assert len(set(reference.modes(world).values())) >= 2
    assert set(ITEMS["ch10-02"].expect(world)) == set(reference.LEVELS)


def test_the_matrix_counts_in_every_usual_form() -> None:
    right = reference.growth(SPEC.world("1")).set_index("战略")
    forms = [right, right.reset_index(), right.rename(columns=int), right[::-1],
             right.round(2).reset_index().to_dict("list")]  # fmt: skip
    for form in forms:
        assert result_of("ch10-01", "1", form).score == 26
    one_year = right.assign(**{"2025": 0.0})
    assert result_of("ch10-01", "1", one_year).score == 13


def test_a_function_with_other_names_is_told_the_five() -> None:
    world = SPEC.world("1")
    wrong = [x.removesuffix("型") for x in ITEMS["ch10-02"].expect(world)]
    result = result_of("ch10-02", "1", wrong)
    assert "一字不差" in result.hint and result.score == 0


def test_the_pools_stand_apart_from_their_keys() -> None:
    held = inspect.getsource(ch10)
    shown = "\n".join(c.source for c in notebooks.release("ch10").cells)
    assert not any(f'"{mode}"' in held for mode in keys.MODES)
    assert not any(scene in shown for scene in ch10.SCENE_POOL)
    assert list(ch10.STEP_POOL) != list(keys.STEPS)
    assert pd.Series(keys.MODE_OF).value_counts().to_dict() == dict.fromkeys(keys.MODES, 8)
