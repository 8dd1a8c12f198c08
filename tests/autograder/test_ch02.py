"""Chapter 2's exercises: right answers for everybody, named mistakes, nothing to be looked up."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch02 import keys, reference
from autograder.spec import Item
from crmkit.analytics import clv, loyalty, satisfaction
from crmkit.lab.inputs import ch02
from crmkit.lab.snapshot import Raised, decode, encode
from crmkit.settings import settings
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 5)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch02")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(item: Item, student: str, answer: Any) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {item.id: got}, {item.id: got})
    return judge.judge_item(item, submission, SPEC.world(student))


@pytest.mark.parametrize("id", [i for i in ITEMS if i != "ch02-08"])
def test_each_mistake_gets_its_hint_and_its_share(id: str) -> None:
    item = ITEMS[id]
    for mistake in (m for m in item.mistakes if m.answer is not None):
        told = 0
        for student in STUDENTS:
            world = SPEC.world(student)
            wrong = decode(encode(mistake.answer(world)))
            partial = item.compare(wrong, item.expect(world)).share
            if partial >= 1:
                continue  # this student's data do not tell the mistake from the right answer
            result = result_of(item, student, wrong)
            if result.hint == mistake.hint:
                told += 1
                share = max(mistake.share, partial)
                assert result.score == pytest.approx(item.points * share, abs=0.005), mistake.hint
        assert told >= len(STUDENTS) / 2, mistake.hint


def test_a_stage_function_that_compares_none_is_told_so() -> None:
    item, world = ITEMS["ch02-03"], SPEC.world(STUDENTS[0])
    error = Raised("TypeError: '<' not supported between instances of 'NoneType' and 'float'")
    case_by_case = zip(reference.cases(world), item.expect(world), strict=True)
    got = [error if case[3] is None and case[0] > 1 else right for case, right in case_by_case]
    assert "None" in result_of(item, STUDENTS[0], got).hint


def test_the_stage_cases_stand_on_every_limit_and_reach_every_stage() -> None:
    for student in STUDENTS:
        world = SPEC.world(student)
        given, rule = reference.cases(world), ch02.rule(student)
        assert {rule.churned_days, rule.churned_days + 1} <= {c[2] for c in given}
        assert {rule.stable_orders, rule.stable_orders - 1} <= {c[0] for c in given}
        assert {rule.stable_days, rule.stable_days - 1} <= {c[1] for c in given}
        assert rule.decline in {c[3] for c in given}
        assert {c[1] >= c[2] for c in given} == {True}
        assert set(ITEMS["ch02-03"].expect(world)) == {"考察期", "形成期", "稳定期", "退化期"}


# --- a guest's value -----------------------------------------------------------------------------
def guest(student: str, **changes: float) -> dict[str, float]:
    card = ch02.guest(student)
    made = {
        "每年次数": 30.0,
        "每次消费": 45.0,
        "毛利率": card.margin,
        "年数": 8.0,
        "折现率": card.rate,
    }
    made |= changes
    made.setdefault("客户价值", reference.guest_value(made))
    return made


def test_any_assumptions_within_the_ranges_are_right_when_the_formula_holds() -> None:
    for visits, spend, years in ((1, 10, 1), (200, 200, 30), (26, 38.5, 6)):
        answer = guest(STUDENTS[0], 每年次数=visits, 每次消费=spend, 年数=years)
        assert result_of(ITEMS["ch02-08"], STUDENTS[0], answer).status == "right"
        answer["客户价值"] = round(answer["客户价值"], 2)
        assert result_of(ITEMS["ch02-08"], STUDENTS[0], answer).status == "right"


WRONG_GUESTS: dict[str, tuple[float, Callable[[dict[str, float]], float]]] = {
    "没有折现": (0.5, lambda a: reference.guest_value(a, discounted=False)),
    "没有乘毛利率": (0.4, lambda a: reference.guest_value(a, margin=False)),
    "第一年的钱": (0.6, lambda a: reference.guest_value(a, first_year=0)),
    "逐年折现后相加": (0.2, lambda a: 12345.0),
}


@pytest.mark.parametrize("words", WRONG_GUESTS)
def test_each_mistake_in_the_guests_value_is_named(words: str) -> None:
    share, value = WRONG_GUESTS[words]
    answer = guest(STUDENTS[0])
    answer["客户价值"] = value(answer)
    result = result_of(ITEMS["ch02-08"], STUDENTS[0], answer)
    assert words in result.hint
    assert result.score == pytest.approx(8 * share)


def test_another_margin_than_the_cards_costs_a_part() -> None:
    mine = ch02.guest(STUDENTS[0])
    answer = guest(STUDENTS[0], 毛利率=round(mine.margin + 0.1, 2))
    result = result_of(ITEMS["ch02-08"], STUDENTS[0], answer)
    assert result.score == pytest.approx(8 * 0.7)
    assert "guest.csv" in result.hint


@pytest.mark.parametrize(
    "odd", [{"每年次数": 0.0}, {"每次消费": 500.0}, {"年数": 2.5}, {"年数": 31.0}]
)
def test_assumptions_out_of_range_earn_nothing_and_say_which(odd: dict[str, float]) -> None:
    answer = guest(STUDENTS[0], **odd, 客户价值=1000.0)
    result = result_of(ITEMS["ch02-08"], STUDENTS[0], answer)
    assert result.score == 0
    assert next(iter(odd)) in result.found


# --- the reference against the library -----------------------------------------------------------
@pytest.mark.parametrize("reading", clv.READINGS)
def test_the_reference_follows_the_teachers_reading_of_the_models(
    reading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings()["lifetime_value"], "variant", reading)
    m = ch02.clv(STUDENTS[0])
    one = clv.clv_model_one(m.n, m.Co, m.Po, m.In, m.r)
    three = clv.clv_model_three(m.n, m.Co, m.Po, m.In, m.r, m.Cs)
    assert ITEMS["ch02-04"].expect(SPEC.world(STUDENTS[0])) == pytest.approx(
        {"模型一": one, "模型三": three}, abs=1e-6
    )


def test_the_reference_gives_the_printed_values_of_exercise_3() -> None:
    """Reference values 3.10, exercise 3; the models are inferred. ±0.005 yuan."""
    printed = ch02.Clv(n=10, Co=500, Po=3000, In=1000, r=0.08, Cs=100)
    how = reference.How()
    assert reference.lifetime(printed, 0, how) == pytest.approx(9210.08, abs=0.005)
    assert reference.lifetime(printed, printed.Cs, how) == pytest.approx(8539.07, abs=0.005)


def test_the_reference_agrees_with_the_library_on_satisfaction_and_loyalty() -> None:
    for student in STUDENTS:
        world = SPEC.world(student)
        seven = satisfaction.seven_indicators(ch02.respondents(student))
        weights = {k: float(v) for k, v in ch02.weights(student).items()}
        expected = {k: v.value for k, v in seven.items()}
        expected["满意度指数"] = satisfaction.csi(world.survey, weights).value
        assert ITEMS["ch02-05"].expect(world) == pytest.approx(expected, abs=1e-9)
        types = loyalty.loyalty_types(ch02.grid(student))
        assert list(ITEMS["ch02-06"].expect(world).values()) == types.tolist()
        trap = loyalty.satisfaction_trap(world.survey, world.orders)
        assert ITEMS["ch02-07"].expect(world) == set(trap)


# --- everybody has something else ----------------------------------------------------------------
def test_no_two_students_share_more_than_a_third_of_the_answers() -> None:
    answers = {s: [repr(i.expect(SPEC.world(s))) for i in SPEC.automatic] for s in STUDENTS[:40]}
    students = list(answers)
    for n, a in enumerate(students):
        for b in students[n + 1 :]:
            same = sum(x == y for x, y in zip(answers[a], answers[b], strict=True))
            assert same <= len(answers[a]) / 3, (a, b)


def test_difficulty_stays_within_bounds() -> None:
    for student in STUDENTS:
        world = SPEC.world(student)
        roles = list(ITEMS["ch02-01"].expect(world).values())
        assert max(roles.count(r) for r in keys.ROLES) <= 9
        assert len(set(ITEMS["ch02-02"].expect(world).values())) >= 4
        assert set(ITEMS["ch02-06"].expect(world).values()) == set(reference.TYPES)
        assert 3 <= len(ITEMS["ch02-07"].expect(world)) <= 60
        buyers = [p for p in world.people if p["订单数"] >= 1]
        assert len(world.people) - len(buyers) >= 5
        assert any(p["称赞"] == "" for p in world.people)


def test_every_sentence_of_the_pools_has_exactly_one_right_answer() -> None:
    pairs = [row[1:] for row in ch02.SENTENCE_POOL]
    assert sorted(pairs) == sorted(keys.ROLE_OF)
    assert [keys.view_of(text) for text in ch02.VIEW_POOL]  # raises unless exactly one fits
    counts = pd.Series(keys.ROLE_OF.values()).value_counts()
    assert counts.to_dict() == dict.fromkeys(keys.ROLES, 12)


def test_the_pools_stand_apart_from_their_key() -> None:
    held = inspect.getsource(ch02)
    notebook = "\n".join(c.source for c in notebooks.release("ch02").cells)
    for label in (*keys.VIEWS, "消费者", "用户"):
        assert f'"{label}"' not in held
    for text, who, whom in ch02.SENTENCE_POOL:
        assert text not in notebook
        assert f"{who}—{whom}" not in notebook
    for text in ch02.VIEW_POOL:
        assert text not in notebook
