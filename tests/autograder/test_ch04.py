"""Chapter 4's exercises: legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch04 import keys, reference
from crmkit.lab.inputs import ch04
from crmkit.lab.snapshot import decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 8)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch04")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


def faults(student: str) -> dict[str, str]:
    return {k: v[0] for k, v in reference.faults(SPEC.world(student)).items()}


@pytest.mark.parametrize("student", STUDENTS)
def test_difficulty_stays_in_bounds(student: str) -> None:
    world = SPEC.world(student)
    assert len(set(reference.objects(world).values())) >= 4
    assert sum(len(v) == 2 for k, v in reference.keys(world).items() if k.endswith("主键")) == 2
    assert len(faults(student)) == ch04.FAULTS and len(set(faults(student).values())) >= 3
    right = reference.counts(world)
    assert all(2 <= n <= 20 for n in right.values()), right
    for mistake in ("rows", "blanks", "heads"):
        wrong = reference.counts(world, **{mistake: True})
        assert sum(wrong[k] != right[k] for k in right) == 1
    assert all(1 <= len(v) <= 2 for v in reference.rights(world).values())


def test_the_counts_agree_with_pandas() -> None:
    files = ch04.files("1")
    people, orders, lines = (files[k] for k in ("客户", "订单", "明细"))
    mine = (
        people.loc[people["客户编号"].duplicated(), "客户编号"].nunique(),
        (orders["客户编号"] == "").sum(),
        (~orders["客户编号"].isin([*people["客户编号"], ""])).sum(),
        (~orders["订单编号"].isin(lines["订单编号"])).sum(),
        (~lines["订单编号"].isin(orders["订单编号"])).sum(),
    )
    assert mine == tuple(reference.counts(SPEC.world("1")).values())


def test_answers_count_in_every_usual_form() -> None:
    world = SPEC.world("1")
    right = reference.keys(world)
    for form in (
        right,
        {k: set(v) for k, v in right.items()},
        {k: v[::-1] for k, v in right.items()},
    ):
        assert result_of("ch04-02", "1", form).score == 18
    counts = reference.counts(world)
    for form in (counts, pd.Series(counts), {k: f"{v}" for k, v in counts.items()}):
        assert result_of("ch04-03", "1", form).score == 16
    assert result_of("ch04-01", "1", pd.Series(reference.objects(world))).score == 14
    assert result_of("ch04-05", "1", pd.Series(faults("1"))).score == 16


def test_a_right_that_another_one_covers_is_neither_asked_for_nor_too_much() -> None:
    for student in STUDENTS:
        right = reference.rights(SPEC.world(student))
        fuller = {
            who: [*v, *(keys.COVERS[r] for r in v if r in keys.COVERS)] for who, v in right.items()
        }
        assert result_of("ch04-04", student, fuller).score == 18


def test_both_principles_of_an_ambiguous_line_are_right() -> None:
    for student in STUDENTS:
        other = {k: v[-1] for k, v in reference.faults(SPEC.world(student)).items()}
        assert result_of("ch04-05", student, other).score == 16


def test_rights_that_go_too_far_are_told_apart() -> None:
    right = reference.rights(SPEC.world("1"))
    both = {**right, "财务主管": [keys.ASK, keys.APPROVE, *right["财务主管"]]}
    assert "自己批自己" in result_of("ch04-04", "1", both).hint
    shown = {**right, "仓库": [*right["仓库"], keys.REVEAL]}
    assert "打码的就够" in result_of("ch04-04", "1", shown).hint
    everything = dict.fromkeys(ch04.STAFF, keys.RIGHTS)
    result = result_of("ch04-04", "1", everything)
    assert result.score == 0 and "电话被带走" in result.hint


def test_lines_without_their_principle_earn_a_part() -> None:
    lines = {k: keys.LITTLE if v != keys.LITTLE else keys.TRACE for k, v in faults("1").items()}
    result = result_of("ch04-05", "1", lines)
    assert "五条都找对了" in result.hint and result.score == pytest.approx(16 * 0.6)
    more = {**faults("1"), **dict.fromkeys(ch04.design("1"), keys.LITTLE)}
    assert result_of("ch04-05", "1", more).score == 0


def test_the_pools_stand_apart_from_their_keys() -> None:
    held = inspect.getsource(ch04)
    shown = "\n".join(c.source for c in notebooks.release("ch04").cells)
    assert not any(
        f'"{label}"' in held for label in (*keys.PRINCIPLES, *keys.RIGHTS, *keys.OBJECTS[1:3])
    )
    assert not any(note in shown for note in ch04.NOTE_POOL)
    assert not any(line in shown for pair in ch04.POINT_POOL for line in pair)
