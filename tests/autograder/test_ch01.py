"""Chapter 1's exercises: the reference against pandas, legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os

import pytest

from autograder import judge
from autograder.source.ch01 import keys, reference
from crmkit.lab.inputs import ch01
from crmkit.lab.snapshot import decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch01")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_pandas(student: str) -> None:
    orders = ch01.orders(student)
    mine = orders[orders["付款时间"].dt.year == 2025]
    right = reference.aims(SPEC.world(student))
    assert right["销售额"] == pytest.approx(mine["实付金额"].sum(), abs=0.001)
    assert right["毛利率"] == pytest.approx(1 - mine["货品成本"].sum() / mine["实付金额"].sum())


@pytest.mark.parametrize("student", STUDENTS)
def test_difficulty_stays_within_bounds(student: str) -> None:
    world = SPEC.world(student)
    right = reference.aims(world)
    assert 0.2 < right["毛利率"] < 0.8 and 0.01 < right["营销费用率"] < 0.3
    assert 1 < right["满意度"] < 5
    assert len(set(reference.views(world).values())) >= 3
    assert set(reference.types(world).values()) == set(keys.TYPES)
    assert len(set(reference.elements(world).values())) >= 5


def test_the_four_aims_count_in_every_usual_form_and_one_by_one() -> None:
    right = reference.aims(SPEC.world("1"))
    rounded = {k: round(v, 2 if k in ("销售额", "满意度") else 4) for k, v in right.items()}
    for form in (right, rounded, {k: str(v) for k, v in right.items()}):
        assert result_of("ch01-05", "1", form).score == 24
    assert result_of("ch01-05", "1", right | {"满意度": 3.0}).score == 18


def test_software_everywhere_is_told() -> None:
    answer = dict.fromkeys(reference.views(SPEC.world("1")), "软件")
    assert "软件只是其中一种" in result_of("ch01-01", "1", answer).hint


def test_the_pools_stand_apart_from_their_keys() -> None:
    held = inspect.getsource(ch01)
    shown = "\n".join(c.source for c in notebooks.release("ch01").cells)
    assert not any(f'"{kind}"' in held for kind in (*keys.TYPES, *keys.VIEWS))
    for pool in (ch01.VIEW_POOL, ch01.SCENE_POOL, ch01.MIX_POOL):
        assert not any(card in shown for card in pool)
