"""Every key of every bank, and the published values behind some."""

from __future__ import annotations

import json

import pytest

from crmkit import quizbank
from crmkit.quizbank import variants
from crmkit.quizbank.bodies import combinations
from crmkit.quizbank.question import (
    Choice,
    Fill,
    Match,
    Numeric,
    Order,
    TrueFalse,
)
from tests.crmkit.quizbank.banks import (
    BANK,
    FULL,
    STUDENTS,
    every_bank,
    of_kind,
    right_answer,
)


@every_bank
def test_the_right_answer_is_right(chapter: str) -> None:
    for question in quizbank.load(chapter):
        m = quizbank.mark(question, right_answer(question))
        assert (m.share, m.right, m.status, m.notes) == (1.0, True, "right", ()), question.id


@every_bank
def test_every_wrong_option_is_wrong_and_explained(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "single", "multi"):
        body = question.body
        assert isinstance(body, Choice)
        for key in set(body.options) - body.answer:
            answer = [*body.answer, key] if body.many else key
            m = quizbank.mark(question, answer)
            assert m.status == "wrong", question.id
            assert [n.why for n in m.notes] == [body.wrong[key]], question.id


@every_bank
def test_options_left_out_cost_their_share(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "multi"):
        body = question.body
        assert isinstance(body, Choice)
        m = quizbank.mark(question, sorted(body.answer)[:1])
        assert m.share == pytest.approx(1 / len(body.answer)), question.id
        assert m.status == "partly"


@every_bank
def test_the_opposite_judgement_is_wrong_and_explained(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "truefalse"):
        body = question.body
        assert isinstance(body, TrueFalse)
        m = quizbank.mark(question, not body.answer)
        assert m.status == "wrong" and m.notes[0].why == body.wrong, question.id


@every_bank
def test_every_accepted_text_counts_and_every_foreseen_slip_is_explained(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "fill"):
        body = question.body
        assert isinstance(body, Fill)
        for i, blank in enumerate(body.blanks):
            for text in blank.accept:
                answer = right_answer(question)
                answer[i] = text
                assert quizbank.mark(question, answer).right, (question.id, text)
        for slip in body.mistakes:
            for text in slip.texts:
                answer = right_answer(question)
                answer[slip.blank] = text
                m = quizbank.mark(question, answer)
                assert not m.right, (question.id, text)
                assert slip.why in [n.why for n in m.notes], (question.id, text)


@every_bank
def test_accepted_texts_hold_nothing_that_parts_answers_in_an_export(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "fill"):
        body = question.body
        assert isinstance(body, Fill)
        accepted = "".join(text for blank in body.blanks for text in blank.accept)
        assert not set(accepted) & set("；|"), question.id


@every_bank
def test_every_wrong_pair_is_wrong_and_explained(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "match"):
        body = question.body
        assert isinstance(body, Match)
        for pair in body.pairs:
            for other in {p.right for p in body.pairs} | set(body.extra):
                if other == pair.right:
                    continue
                m = quizbank.mark(question, {**right_answer(question), pair.left: other})
                assert m.share == pytest.approx(1 - 1 / len(body.pairs)), question.id
                assert [n.why for n in m.notes] == [body.extra.get(other, pair.why)]
                assert m.parts.count(False) == 1


@every_bank
def test_two_exchanged_steps_cost_and_a_reversed_order_earns_nothing(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "order"):
        right = right_answer(question)
        swapped = [right[1], right[0], *right[2:]]
        m = quizbank.mark(question, swapped)
        assert 0 < m.share < 1 and m.notes, question.id
        assert quizbank.mark(question, right[::-1]).share == 0, question.id


@every_bank
def test_each_student_has_numbers_of_his_own_and_his_answer_is_right(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "numeric"):
        for student in STUDENTS:
            m = quizbank.mark(question, right_answer(question, student), student)
            assert m.right, (question.id, student, quizbank.draw(question, student))
            assert quizbank.draw(question, student) == quizbank.draw(question, student)
        drawn = {json.dumps(quizbank.draw(question, f"20250102{n:02d}")) for n in range(12)}
        assert len(drawn) >= 4, question.id


@every_bank
def test_every_foreseen_wrong_way_is_told_apart_from_the_right_one(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "numeric"):
        body = question.body
        assert isinstance(body, Numeric)
        for values in combinations(body.params, None if FULL else 20):
            for ask in body.asks:
                right = variants.evaluate(ask.formula, values)
                for slip in ask.mistakes:
                    wrong = variants.evaluate(slip.formula, values)
                    assert abs(wrong - right) > 2 * ask.tolerance, (question.id, values)


@every_bank
def test_a_foreseen_wrong_way_gets_its_own_explanation(chapter: str) -> None:
    for question in of_kind(quizbank.load(chapter), "numeric"):
        body = question.body
        assert isinstance(body, Numeric)
        values = quizbank.draw(question, STUDENTS[0])
        for i, ask in enumerate(body.asks):
            explained = {m.why for m in ask.mistakes}
            for slip in ask.mistakes:
                answer = right_answer(question, STUDENTS[0])
                answer[i] = f"{variants.evaluate(slip.formula, values):.4f}"
                m = quizbank.mark(question, answer, STUDENTS[0])
                assert not m.parts[i] and m.notes[0].why in explained, question.id


@every_bank
def test_what_is_shown_does_not_give_the_key_away(chapter: str) -> None:
    for question in quizbank.load(chapter):
        for student in (None, STUDENTS[0]):
            shown = quizbank.present(question, student)
            text = json.dumps(shown, ensure_ascii=False)
            assert question.why not in text
            match question.body:
                case Choice(wrong=wrong):
                    assert not any(why in text for why in wrong.values())
                    assert [o["key"] for o in shown["options"]] == sorted(question.body.options)
                case TrueFalse(wrong=wrong):
                    assert wrong not in text
                case Order(steps=steps):
                    assert shown["items"] != [s.text for s in steps]
                    assert not quizbank.mark(question, shown["items"]).right
                case Fill(blanks=blanks):
                    assert len(shown["stem"]) == len(blanks) + 1
                case Numeric():
                    assert "formula" not in text and "{" not in shown["stem"] + shown["case"]


def test_the_classroom_numbers_give_the_values_of_the_course() -> None:
    """Course document 003, exercises 3 and 4; tolerance 0.01 yuan."""
    assert quizbank.expected(BANK["ch02-22"]) == pytest.approx([9210.08], abs=0.01)
    assert quizbank.expected(BANK["ch02-23"]) == pytest.approx([8539.07], abs=0.01)
    assert quizbank.expected(BANK["ch02-24"]) == pytest.approx(
        [5855.04, 6190.54, 4513.02, 4177.52], abs=0.01
    )
    # T-CLV-2: the margin multiple at retention 0.8 and 10 % is 2.67.
    assert quizbank.expected(BANK["ch02-28"]) == pytest.approx([266.67], abs=0.01)


def test_the_ranking_turns_round_for_every_student() -> None:
    body = BANK["ch02-24"].body
    assert isinstance(body, Numeric)
    for values in combinations(body.params):
        a1, b1, a3, b3 = (variants.evaluate(ask.formula, values) for ask in body.asks)
        assert b1 > a1 and a3 > b3


def test_the_classroom_numbers_of_the_call_centre_are_the_published_ones() -> None:
    """T-EC-1 and T-EC-2: 10 Erl, occupancy 71.4 %, 14 agents on line are 20 on the roster."""
    bank = quizbank.load("ch05")
    assert quizbank.expected(bank["ch05-12"]) == pytest.approx([10, 71.4286], abs=1e-3)
    assert quizbank.expected(bank["ch05-32"]) == [20]
