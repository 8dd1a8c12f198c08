"""The quiz round without a browser: messages in, traits out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crmkit import quizbank
from crmkit.quizbank.fields import QuizBankError
from crmkit.ui.quiz_round import QuizRound


def tell(page: QuizRound, method: str, **params: Any) -> dict[str, Any]:
    """What happens when the browser sends this message."""
    return page.receive({"id": "1", "method": method, "params": params})


def state(page: QuizRound) -> str:
    return json.dumps(page.get_state(page.keys), ensure_ascii=False, default=str)


def test_the_key_reaches_the_browser_only_when_it_is_revealed() -> None:
    page = QuizRound(chapter="ch01", n=6)
    assert tell(page, "start")["ok"] and page.phase == "question"
    bank = quizbank.load("ch01")
    why = bank[page.question["id"]].why
    assert not any(q.why in state(page) for q in bank) and page.key == {}
    tell(page, "reveal")
    assert why in state(page) and sum(q.why in state(page) for q in bank) == 1
    tell(page, "go", place=1)
    assert page.key == {} and why not in state(page)
    tell(page, "go", place=0)  # what was revealed stays revealed
    assert page.key["why"] == why
    tell(page, "reveal", shown=False)
    assert page.key == {}


def test_a_round_goes_from_the_choices_to_the_summary_and_on() -> None:
    page = QuizRound()
    assert page.phase == "setup" and page.chosen["chapter"] == "ch01"
    tell(page, "choose", settings={"chapter": "ch05", "kind": "single", "n": 3, "teams": 2})
    first_fresh = page.options["fresh"]
    tell(page, "start")
    assert [page.marks, [s["name"] for s in page.scores]] == [["shown", "", ""], ["第 1 组", "第 2 组"]]  # fmt: skip
    tell(page, "award", team=1)
    tell(page, "award", team=1, points=2)
    assert page.scores[1] == {"name": "第 2 组", "total": 3, "here": 3} and page.marks[0] == "known"
    tell(page, "go", place=1)
    assert page.scores[1] == {"name": "第 2 组", "total": 3, "here": 0}
    tell(page, "go", place=2)
    tell(page, "go", place=3)  # beyond the last one
    assert page.phase == "summary"
    assert page.summary["teams"] == ["第 1 组", "第 2 组"] and page.summary["totals"] == [0, 3]
    assert (page.summary["asked"], page.summary["known"]) == (3, 1)
    tell(page, "go", place=2)
    assert page.phase == "question" and page.place == 2
    tell(page, "end")
    tell(page, "again")
    assert page.phase == "setup" and page.options["fresh"] == first_fresh - 3


def test_choices_that_no_longer_fit_go_back_to_all() -> None:
    page = QuizRound(chapter="ch02", section="2.4", kind="match")
    tell(page, "choose", settings={"chapter": "ch05"})
    assert (page.chosen["section"], page.chosen["chapter"]) == ("", "ch05")
    assert page.options["sections"][0] == ["", "全章"]
    assert page.options["sections"][1][0] == "5.1" and "5.1" in page.options["sections"][1][1]
    tell(page, "choose", settings={"n": "500"})  # more than there are: all there are
    tell(page, "start")
    assert len(page.marks) == page.options["available"]


@pytest.mark.parametrize(
    "settings", [{"chapter": "ch77"}, {"section": "1.9"}, {"kind": "essay"}, {"level": "精通"}, {"n": 0},
                 {"n": "两"}, {"teams": 7}, {"seconds": 13}, {"colour": "red"}],
)  # fmt: skip
def test_a_choice_that_is_none_is_refused_in_words(settings: dict[str, Any]) -> None:
    with pytest.raises(QuizBankError):
        QuizRound(**settings)
    page = QuizRound()
    answer = tell(page, "choose", settings=settings)
    assert (
        not answer["ok"] and page.chosen["chapter"] == "ch01" and "程序出错" not in answer["error"]
    )


def test_nothing_can_be_done_before_the_start() -> None:
    page = QuizRound()
    for method, params in (
        ("reveal", {}),
        ("award", {"team": 0}),
        ("go", {"place": 1}),
        ("end", {}),
    ):
        answer = tell(page, method, **params)
        assert not answer["ok"] and "程序出错" not in answer["error"], method
