"""Rounds in class: which questions are asked, where the points go, what the key shows."""

from __future__ import annotations

import json

import pytest

from crmkit import quizbank
from crmkit.quizbank.fields import QuizBankError
from crmkit.quizbank.question import KIND_LABELS
from crmkit.quizbank.rounds import Round, choose

BANK = quizbank.load("ch01")


def test_questions_of_a_kind_a_level_and_a_section_are_chosen() -> None:
    everything = choose(BANK, None, None, None, len(BANK))
    assert everything == BANK.questions
    for kind in KIND_LABELS:
        found = BANK.matching(None, [kind])
        assert found and choose(BANK, None, kind, None, len(found)) == found
        assert {q.kind for q in found} == {kind}
    first = BANK.questions[0]
    chosen = choose(BANK, first.section, None, first.level, 1)
    assert {(q.section, q.level) for q in chosen} == {(first.section, first.level)}
    eight = choose(BANK, None, None, None, 8)
    assert len({q.id for q in eight}) == 8 and len({q.section for q in eight}) >= 5


def test_a_second_round_asks_what_was_not_asked_before() -> None:
    first = choose(BANK, None, None, None, 15)
    asked = {q.id for q in first}
    second = choose(BANK, None, None, None, 15, asked)
    assert asked.isdisjoint(q.id for q in second)
    asked |= {q.id for q in second}
    third = choose(BANK, None, None, None, 15, asked)  # only some are left: they come first
    left = {q.id for q in BANK} - asked
    assert left <= {q.id for q in third} and len({q.id for q in third}) == 15


@pytest.mark.parametrize(
    ("section", "n", "said"), [(None, 0, "不能出 0 题"), (None, 999, "不能出 999 题"), ("9.9", 1, "没有「9.9」节")]
)  # fmt: skip
def test_what_cannot_be_asked_is_said(section: str | None, n: int, said: str) -> None:
    with pytest.raises(QuizBankError, match=said):
        choose(BANK, section, None, None, n)


def test_nothing_matching_is_said() -> None:
    section = next(s for s in BANK.levels if not BANK.matching(s, ["numeric"]))
    with pytest.raises(QuizBankError, match="请放宽条件"):
        choose(BANK, section, "numeric", None, 1)


def test_points_are_summed_by_section_and_team() -> None:
    a, b, c, d = choose(BANK, None, None, None, 4)
    now = Round((a, b, c, d), ("甲", "乙"))
    now.shown |= {a.id, b.id, c.id}
    now.award(a, 0, 2)
    now.award(a, 1)
    now.award(b, 1)
    now.award(b, 1)
    now.award(c, 0)
    now.award(c, 0, -5)  # taken back: never below none
    assert now.totals == [2, 3] and now.of(c) == [0, 0] and now.of(d) == [0, 0]
    told = now.summary({a.section: "题目"})
    assert (told["asked"], told["known"], told["first"]) == (3, 2, ["乙"])
    assert [u["place"] for u in told["unknown"]] == [3]
    assert sum(s["asked"] for s in told["sections"]) == 3
    for team in (0, 1):
        assert sum(s["points"][team] for s in told["sections"]) == now.totals[team]
    assert [told["sections"][0][k] for k in ("section", "title")] == [a.section, "题目"]
    with pytest.raises(QuizBankError, match="没有第 3 组"):
        now.award(a, 2)


def test_without_teams_the_summary_counts_questions_only() -> None:
    asked = choose(BANK, None, None, None, 3)
    now = Round(asked, (), shown={q.id for q in asked})
    told = now.summary({})
    assert told["asked"] == 3 and told["totals"] == [] and told["first"] == told["unknown"] == []


@pytest.mark.parametrize("chapter", ["ch01", "ch05"])
def test_the_key_explains_every_wrong_option_and_marks_as_right(chapter: str) -> None:
    for q in quizbank.load(chapter):
        shown, key = quizbank.present(q), quizbank.key(q)
        json.dumps(key)
        assert key["why"] == q.why
        match q.kind:
            case "single" | "multi" | "truefalse":
                letters = [o["key"] for o in shown["options"]]
                right = [k for k, o in zip(letters, key["options"], strict=True) if o["right"]]
                assert quizbank.mark(q, right if q.kind == "multi" else right[0]).right
                assert all(bool(o["why"]) != o["right"] for o in key["options"])
            case "fill":
                assert quizbank.mark(q, key["blanks"]).right
            case "match":
                assert quizbank.mark(q, {p["left"]: p["right"] for p in key["pairs"]}).right
                assert all(p["why"] for p in key["pairs"])
            case "order":
                assert quizbank.mark(q, [s["text"] for s in key["steps"]]).right
            case "numeric":
                assert quizbank.mark(q, [n["value"] for n in key["numbers"]]).right
