"""The quiz without a browser: messages in, traits and the answer file out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from crmkit import quizbank
from crmkit.lab.identity import DEMO, VARIABLE
from crmkit.ui.quiz import REVEAL_AFTER, Quiz

STUDENT = "2025010101"


@pytest.fixture(autouse=True)
def no_forced_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def tell(quiz: Quiz, method: str, **params: Any) -> dict[str, Any]:
    """What happens when the browser sends this message."""
    return quiz.receive({"id": "1", "method": method, "params": params})


def saved(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "out" / "quiz_ch02.json").read_text(encoding="utf-8"))


def right_answers(quiz: Quiz) -> dict[str, Any]:
    """The key of section 2.6, which has only choices and judgements."""
    bank = quizbank.load("ch02")
    answers: dict[str, Any] = {}
    for item in quiz.items:
        body: Any = bank[item["id"]].body
        if item["kind"] == "truefalse":
            answers[item["id"]] = body.answer
        else:
            answers[item["id"]] = sorted(body.answer) if body.many else next(iter(body.answer))
    return answers


def test_nothing_the_browser_gets_holds_the_key(tmp_path: Path) -> None:
    quiz = Quiz("ch02", folder=tmp_path)
    state = json.dumps(quiz.get_state(quiz.keys), ensure_ascii=False, default=str)
    for question in quizbank.load("ch02"):
        assert question.why not in state
    assert '"wrong"' not in state and '"accept"' not in state and '"formula"' not in state


def test_a_submission_is_marked_question_by_question(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    answers = right_answers(quiz)
    first, second = list(answers)[:2]
    answer = tell(quiz, "submit", answers={first: answers[first], second: ["C"]})
    assert answer["ok"] and answer["value"] == quiz.summary
    assert quiz.summary == {
        "score": 25.0, "total": 4, "tries": 1, "right": 1, "partly": 0, "wrong": 1, "missing": 2,
    }  # fmt: skip
    bank = quizbank.load("ch02")
    assert quiz.marks[first]["status"] == "right" and quiz.marks[first]["why"] == bank[first].why
    wrong = quiz.marks[second]
    assert wrong["status"] == "wrong" and wrong["why"] == ""
    assert wrong["notes"] == [[bank[second].body.options["C"], bank[second].body.wrong["C"]]]  # type: ignore[union-attr]


def test_all_right_is_one_hundred(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    tell(quiz, "submit", answers=right_answers(quiz))
    assert quiz.score == 100 and quiz.summary["right"] == 4


def test_the_explanation_comes_after_enough_tries(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    id = next(i["id"] for i in quiz.items if i["kind"] == "single")
    wrong = next(k for k in "ABCD" if k != right_answers(quiz)[id])
    for attempt in range(1, REVEAL_AFTER + 1):
        tell(quiz, "submit", answers={id: wrong})
        assert bool(quiz.marks[id]["why"]) is (attempt >= REVEAL_AFTER)
    assert quiz.summary["tries"] == REVEAL_AFTER


def test_retry_keeps_what_is_right(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    answers = right_answers(quiz)
    first, second = list(answers)[:2]
    tell(quiz, "submit", answers={first: answers[first], second: ["C"]})
    tell(quiz, "retry")
    assert quiz.given == {first: answers[first]} and list(quiz.marks) == [first]
    assert quiz.summary == {}


def test_drafts_survive_and_are_not_marked(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    answers = right_answers(quiz)
    tell(quiz, "draft", answers=answers)
    again = Quiz("ch02", section="2.6", folder=tmp_path)
    assert again.given == answers and again.marks == {} and again.hand_in() == answers


def test_marks_are_there_again_when_the_quiz_is_reopened(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    tell(quiz, "submit", answers=right_answers(quiz))
    again = Quiz("ch02", section="2.6", folder=tmp_path)
    assert again.marks == quiz.marks and again.summary == quiz.summary
    assert again.heading == "2.6 小测：客户满意陷阱及其成因"


def test_quizzes_of_one_chapter_share_the_file(tmp_path: Path) -> None:
    one, two = (Quiz("ch02", section=s, folder=tmp_path) for s in ("2.6", "2.1"))
    tell(one, "submit", answers=right_answers(one))
    tell(two, "draft", answers={"ch02-01": "B"})
    tell(one, "retry")
    whole = Quiz("ch02", folder=tmp_path)
    assert whole.hand_in() == {"ch02-01": "B", **right_answers(one)}


def test_the_file_is_the_same_for_the_same_answers(tmp_path: Path) -> None:
    texts = []
    for name in "ab":
        quiz = Quiz("ch02", section="2.6", student=STUDENT, folder=tmp_path / name)
        tell(quiz, "submit", answers=right_answers(quiz))
        texts.append((tmp_path / name / "out" / "quiz_ch02.json").read_bytes())
    assert texts[0] == texts[1]
    assert saved(tmp_path / "a")["student"] == STUDENT
    assert saved(tmp_path / "a")["first"] == dict.fromkeys([i["id"] for i in quiz.items], 1.0)


def test_opening_a_quiz_writes_nothing(tmp_path: Path) -> None:
    Quiz("ch02", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_working_folder_is_the_one_at_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quiz = Quiz("ch02", section="2.6")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    tell(quiz, "draft", answers=right_answers(quiz))
    assert saved(tmp_path)["answers"] == right_answers(quiz)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"{broken", "读不出来"),
        (b"\xff\xfe\x00", "读不出来"),
        (b"[]", "不是本课程的作答文件"),
        (json.dumps({"schema": 1, "student": "2025019999"}).encode(), "另一个学号"),
    ],
)
def test_a_file_that_cannot_be_used_is_put_aside_not_lost(
    tmp_path: Path, content: bytes, word: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "quiz_ch02.json").write_bytes(content)
    quiz = Quiz("ch02", section="2.6", student=STUDENT, folder=tmp_path)
    assert word in quiz.notice and quiz.given == {}
    tell(quiz, "draft", answers=right_answers(quiz))
    kept = [p for p in (tmp_path / "out").iterdir() if p.name != "quiz_ch02.json"]
    assert [p.read_bytes() for p in kept] == [content]
    assert saved(tmp_path)["answers"] == right_answers(quiz)


def test_answers_that_are_none_of_the_questions_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    junk = {"ch02-59": {"x": 1}, "ch02-60": ["Z", 3], "ch02-61": "对", "nonsense": "A"}
    (tmp_path / "out" / "quiz_ch02.json").write_text(
        json.dumps({"schema": 1, "student": DEMO, "answers": junk, "tries": {"ch02-59": "x"}, "first": 3}),
        encoding="utf-8",
    )  # fmt: skip
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    assert quiz.given == {} and quiz.marks == {} and quiz.notice == ""
    assert tell(quiz, "submit", answers=junk)["ok"]
    assert quiz.summary["missing"] == 4
    assert tell(quiz, "submit", answers=None)["ok"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("not a folder", encoding="utf-8")
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    answer = tell(quiz, "draft", answers=right_answers(quiz))
    assert answer["ok"] and quiz.given == right_answers(quiz)
    assert "作答没有存上" in quiz.notice


@pytest.mark.skipif(sys.platform == "win32", reason="os.replace cannot be broken the same way")
def test_a_write_that_breaks_off_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    tell(quiz, "draft", answers=right_answers(quiz))
    before = (tmp_path / "out" / "quiz_ch02.json").read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    tell(quiz, "draft", answers={})
    assert "作答没有存上" in quiz.notice
    assert (tmp_path / "out" / "quiz_ch02.json").read_bytes() == before
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["quiz_ch02.json"]


def test_the_numbers_are_the_students_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def case(**given: Any) -> str:
        quiz = Quiz("ch02", section="2.2", **given)
        return next(str(i["case"]) for i in quiz.items if i["id"] == "ch02-22")

    classroom = case(folder=tmp_path / "a")
    assert "Co = 500 元" in classroom and "r = 8%" in classroom
    mine = case(student=STUDENT, folder=tmp_path / "b")
    assert mine != classroom
    # The grader knows whose work it is.
    monkeypatch.setenv(VARIABLE, STUDENT)
    assert case(folder=tmp_path / "c") == mine
    assert case(student="somebody", folder=tmp_path / "d") == mine


def test_a_file_belongs_to_the_student_who_began_it(tmp_path: Path) -> None:
    demo = Quiz("ch02", section="2.6", folder=tmp_path)
    tell(demo, "draft", answers=right_answers(demo))
    # Tried out first, number typed afterwards: nothing is lost.
    mine = Quiz("ch02", section="2.6", student=STUDENT, folder=tmp_path)
    assert mine.given == right_answers(demo) and mine.notice == ""
    tell(mine, "draft", answers=right_answers(demo))
    # Opened later without a number: the file's.
    assert Quiz("ch02", section="2.6", folder=tmp_path).student == STUDENT


def test_a_mistyped_number_costs_no_answers_when_it_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiz = Quiz("ch02", section="2.6", student="202501010", folder=tmp_path)
    tell(quiz, "submit", answers=right_answers(quiz))
    monkeypatch.setenv(VARIABLE, STUDENT)
    graded = Quiz("ch02", section="2.6", student="202501010", folder=tmp_path)
    assert graded.student == STUDENT and graded.hand_in() == right_answers(quiz)


def test_what_the_quiz_hands_in_can_be_graded_again(tmp_path: Path) -> None:
    quiz = Quiz("ch02", section="2.2", student=STUDENT, folder=tmp_path)
    question = quizbank.load("ch02")["ch02-22"]
    value = quizbank.expected(question, STUDENT)[0]
    tell(quiz, "submit", answers={"ch02-22": [f"{value:,.2f} 元"]})
    handed_in = json.loads(json.dumps(quiz.hand_in(), ensure_ascii=False))
    assert quizbank.mark(question, handed_in["ch02-22"], STUDENT).right
    assert quizbank.score([question], handed_in, STUDENT) == 100


@pytest.mark.parametrize("method", ["score", "hand_in", "_mark", "close", "__init__", None])
def test_the_browser_can_call_nothing_else(tmp_path: Path, method: Any) -> None:
    quiz = Quiz("ch02", section="2.6", folder=tmp_path)
    assert not quiz.receive({"id": "1", "method": method, "params": {}})["ok"]


def test_a_title_and_a_number_of_questions_can_be_chosen(tmp_path: Path) -> None:
    quiz = Quiz("ch02", n=10, title="课前小测", folder=tmp_path)
    assert quiz.heading == "课前小测" and len(quiz.items) == 10
    with pytest.raises(quizbank.QuizBankError):
        Quiz("ch02", section="2.6", n=99, folder=tmp_path)
