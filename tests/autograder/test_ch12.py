"""Chapter 12's exercises: the reference against the library, legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch12 import keys, reference
from crmkit.analytics import integration
from crmkit.lab.inputs import ch12
from crmkit.lab.snapshot import decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch12")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_the_library_and_difficulty_stays_in_bounds(student: str) -> None:
    world = SPEC.world(student)
    users, rent, own = ch12.offers(student)
    month = reference.month(world)
    assert integration.break_even_month(rent, own, users) == month
    assert 12 <= month <= 60
    assert reference.month(world, upkeep=False) < month
    times = reference.times(world)
    old, new = (
        integration.process_time(ch12.process(student, x), share="比例")
        for x in ("改造前", "改造后")
    )
    right = [old.total, new.total, 1 - new.total / old.total, new.hand_overs]
    assert list(times.values()) == pytest.approx(right)
    assert 0.5 < times["缩短比例"] < 0.99
    assert len(set(reference.mapped(world).values())) >= 4
    assert len(set(reference.owners(world).values())) >= 3


def test_answers_count_in_every_usual_form() -> None:
    world = SPEC.world("1")
    month = reference.month(world)
    for form in (month, float(month), f"{month}", pd.Series([month])):
        assert result_of("ch12-03", "1", form).score == 18
    times = reference.times(world)
    rounded = {k: round(v, 3) for k, v in times.items()}
    shown = {**times, "缩短比例": f"{times['缩短比例']:.2%}"}
    for form in (times, rounded, shown, pd.Series(times)):
        assert result_of("ch12-04", "1", form).score == 20
    fields = pd.Series(reference.mapped(world))
    assert result_of("ch12-01", "1", fields).score == 16
    assert result_of("ch12-05", "1", tuple(reference.time_order(world))).score == 10


def test_the_exact_time_is_told_to_be_rounded_up() -> None:
    users, rent, own = ch12.offers("1")
    exact = (own.once - rent.once) / (rent.month(users) - own.monthly)
    result = result_of("ch12-03", "1", round(exact, 1))
    assert "向上取整" in result.hint
    assert result.score == pytest.approx(18 * 0.7)


def test_sending_everything_to_the_erp_is_told_apart() -> None:
    for student in STUDENTS:
        right = reference.mapped(SPEC.world(student))
        if keys.KEPT in right.values():
            sent = {k: "客户主数据编号" if v == keys.KEPT else v for k, v in right.items()}
            assert "最少够用" in result_of("ch12-01", student, sent).hint


def test_the_pools_stand_apart_from_their_keys() -> None:
    held = inspect.getsource(ch12)
    shown = "\n".join(c.source for c in notebooks.release("ch12").cells)
    assert not any(f'"{label}"' in held for label in ("ERP", "SCM", "开票信息", "净价", "不传"))
    assert not any(record in shown for record in ch12.RECORD_POOL)
    assert list(ch12.TIMELINE_POOL) != list(keys.TIMELINE)
