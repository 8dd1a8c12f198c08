"""The self-test of the course before: for the students alone, explained, and in nobody's marks."""

from __future__ import annotations

from pathlib import Path

from autograder.quizzes import chapter_of
from crmkit import quizbank
from crmkit.syllabus import course
from crmkit.ui.quiz import Quiz
from tests.crmkit.quizbank.banks import right_answer

BANK = quizbank.load("pre01")


def test_five_questions_ask_for_the_course_that_the_syllabus_requires() -> None:
    assert len(BANK) == 5 and {q.facts for q in BANK} == {("F003",)}
    assert [BANK.title] == [f"先修自测：{name}" for name in course().prerequisites]


def test_every_key_is_right_and_a_wrong_choice_is_explained(tmp_path: Path) -> None:
    right = {q.id: right_answer(q) for q in BANK}
    quiz = Quiz("pre01", student="2025010101", folder=tmp_path, title=BANK.title)
    quiz.submit(right)
    assert quiz.heading == "先修自测：市场营销学" and quiz.score == 100
    for q in BANK:
        wrong = {
            "match": dict.fromkeys(right["pre01-01"], "人员（People）"),
            "order": list(reversed(right["pre01-02"])),
            "multi": ["B", "E"],
            "single": "B",
            "truefalse": True,
        }[q.kind]
        assert quizbank.mark(q, wrong).notes, q.id


def test_its_answers_lie_in_a_file_that_the_grade_book_does_not_know(tmp_path: Path) -> None:
    quiz = Quiz("pre01", student="2025010101", folder=tmp_path, title=BANK.title)
    quiz.submit({"pre01-04": "C"})
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "quiz_pre01.json" and chapter_of(file.stem) == ""
