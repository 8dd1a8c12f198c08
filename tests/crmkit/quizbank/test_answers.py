"""Answers as people write them, numbers by hash, formulas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import quizbank
from crmkit.quizbank import answer_text, variants
from tests.crmkit.quizbank.banks import (
    BANK,
    FULL,
    right_answer,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("　考察期 ", "考察期"),
        ("考察期。", "考察期"),
        ("“考察期”", "考察期"),
        ("ＲＦＭ", "rfm"),
        ("顾客满意", "客户满意"),
        ("客户\u200b体验", "客户体验"),
    ],
)
def test_width_spaces_quotes_and_synonyms_do_not_matter(typed: str, meant: str) -> None:
    assert answer_text.canonical(typed) == answer_text.canonical(meant)


@pytest.mark.parametrize("sign", ["、", "，", ",", "；", ";", "/", "｜", " ", "　", "\n"])
def test_any_separator_parts_an_enumeration(sign: str) -> None:
    items = ["价值资产", "品牌资产", "关系资产"]
    assert answer_text.split(sign.join(items)) == items


@pytest.mark.parametrize(
    ("typed", "value", "percent"),
    [
        ("9210.08", 9210.08, False),
        ("￥9,210.08 元", 9210.08, False),
        ("９，２１０．０８", 9210.08, False),
        ("约 1.2 万元", 12000, False),
        ("26％", 26, True),
        ("−0.4", -0.4, False),
        ("= 85%。", 85, True),
    ],
)
def test_numbers_are_read_as_written(typed: str, value: float, percent: bool) -> None:
    assert answer_text.number(typed) == answer_text.Typed(pytest.approx(value), percent)


@pytest.mark.parametrize("typed", ["", "八十五", "1.2.3", "12、34", "1e5", "nan", "inf", "0x1f"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert answer_text.number(typed) is None


@pytest.mark.parametrize("typed", ["85", "85%", "85 ％", "0.85", "８５％"])
def test_a_percentage_may_be_written_as_percent_or_decimal(typed: str) -> None:
    assert answer_text.agrees(typed, 85, 0.05, "%")


def test_a_percent_sign_counts_where_a_fraction_is_expected() -> None:
    assert answer_text.agrees("26%", 0.26, 0.001)
    assert not answer_text.agrees("26", 0.26, 0.001)
    assert not answer_text.agrees("0.85%", 85, 0.05, "%")


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = answer_text.canonical(text)
    assert answer_text.canonical(once) == once


@given(
    value=st.floats(-1e7, 1e7).map(lambda v: round(v, 2)),
    form=st.sampled_from(["{:.2f}", "{:,.2f}", " {:.2f} 元", "￥{:,.2f}", "约{:.2f}元。"]),
    wide=st.booleans(),
)
def test_a_number_survives_every_way_of_writing_it(value: float, form: str, wide: bool) -> None:
    text = form.format(value)
    if wide:
        text = text.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)})
    assert answer_text.agrees(text, value, 0.005)


@given(st.permutations(["客户满意", "忠诚"]), st.sampled_from(["、", "，", " / "]), st.booleans())
def test_a_set_may_be_given_in_any_order_and_in_one_gap(
    items: list[str], sign: str, together: bool
) -> None:
    answer = [sign.join(items)] if together else items
    assert quizbank.mark(BANK["ch02-07"], answer).right


def test_a_set_tells_what_does_not_belong_and_what_was_written_twice() -> None:
    question = BANK["ch02-07"]
    m = quizbank.mark(question, ["满意", "生命周期"])
    assert m.share == 0.5 and m.parts == (True, False) and "动态" in m.notes[0].why
    twice = quizbank.mark(question, ["满意", "客户满意度"])
    assert twice.share == 0.5 and twice.notes[0].why == "这一项写了两遍。"
    assert quizbank.mark(question, ["满意、忠诚、流失", ""]).share == 0.5
    assert quizbank.mark(question, ["满意", ""]).parts == (True, False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=8,
)


@settings(max_examples=300 if FULL else 60, deadline=None)
@given(json_values)
def test_no_answer_makes_marking_fail_or_earns_more_than_all(answer: Any) -> None:
    for question in BANK:
        m = quizbank.mark(question, answer, "2025010101")
        assert 0 <= m.share <= 1 and m.message
        shaped = quizbank.shape(question, answer)
        assert m.answered is (shaped is not None)
        assert quizbank.shape(question, shaped) == shaped
        json.dumps(shaped, allow_nan=False)


def test_nothing_answered_is_missing_not_wrong() -> None:
    for question in BANK:
        m = quizbank.mark(question, None)
        assert (m.share, m.status, m.answered) == (0.0, "missing", False)


def test_the_score_is_the_mean_over_all_questions() -> None:
    chosen = BANK.select("2.6")
    assert quizbank.score(chosen, {}) == 0
    assert quizbank.score(chosen, {q.id: right_answer(q) for q in chosen}) == 100
    assert quizbank.score(chosen, {chosen[0].id: right_answer(chosen[0])}) == 25


def test_numbers_do_not_change_from_machine_to_machine() -> None:
    assert quizbank.draw(BANK["ch02-22"], "2025010101") == {
        "n": 6, "Co": 500, "Po": 3600, "In": 1200, "r": 0.1,
    }  # fmt: skip


def test_formulas_use_the_models_of_the_course() -> None:
    assert variants.evaluate("annuity(0.08, 10)", {}) == pytest.approx(6.7101, abs=5e-5)  # T-CLV-4
    assert variants.evaluate("margin_multiple(0.9, 0.1)", {}) == pytest.approx(4.5)  # T-CLV-2


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')", "a.b", "a[0]", "lambda: 1", "[1, 2]", "a if a else 1", "'x' * 9",
        "open('x')", "a and 1", "9 ** 9 ** 9", "1 / 0", "log(0)", "b", "a +", "round(a, x=1)",
        "True", "min()", "annuity(a, 1.5)", "margin_multiple(2, a)", "", "exp(1000)", "(-8) ** 0.5",
    ],
)  # fmt: skip
def test_formulas_know_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(variants.FormulaError):
        variants.evaluate(formula, {"a": 1.0})
