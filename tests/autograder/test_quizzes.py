"""Quiz marks from the answer files of a class, in a real nbgrader gradebook and in the course mark."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder import cli, quizzes
from autograder.course import Course
from autograder.gradebook.database import open_gradebook
from autograder.gradebook.marks import read_marks
from autograder.gradebook.scheme import compute
from autograder.gradebook.settings import parse
from autograder.quizzes import QuizFileError, grade, mark, read
from autograder.roster import Roster, Student
from crmkit import quizbank
from crmkit.lab.identity import DEMO, VARIABLE
from crmkit.quizbank import Question
from crmkit.quizbank.question import KIND_LABELS
from crmkit.ui.quiz import Quiz

CHAPTER = "ch09"
NAME = "quiz_ch09"
FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
WHOLE = quizbank.load(CHAPTER)
# One question of each kind; the whole bank in make test-full.
FEW = [q for kind in KIND_LABELS for q in WHOLE.matching(None, [kind])[:1]]
BANK = replace(WHOLE, questions=WHOLE.questions if FULL else tuple(q for q in WHOLE if q in FEW))
ALL, HALF, COPY, BROKEN, NONE, AWAY, LINK = (f"20250101{n:02d}" for n in range(1, 8))
ROSTER = Roster(tuple(Student(s, f"学生{s[-2:]}") for s in (ALL, HALF, COPY, BROKEN, NONE, AWAY, LINK)))  # fmt: skip


def right(question: Question, student: str) -> Any:
    """The right answer as the screen gives it."""
    shown, key = quizbank.present(question, student), quizbank.key(question, student)
    match question.kind:
        case "single" | "multi" | "truefalse":
            options = zip(shown["options"], key["options"], strict=True)
            good = [o["key"] for o, found in options if found["right"]]
            return good if question.kind == "multi" else good[0]
        case "fill":
            return key["blanks"]
        case "match":
            return {p["left"]: p["right"] for p in key["pairs"]}
        case "order":
            return [s["text"] for s in key["steps"]]
    return [n["value"] for n in key["numbers"]]


def answered(folder: Path, student: str, ids: list[str]) -> Path:
    """A chapter's folder after these questions were answered rightly in the notebook's quizzes."""
    folder.mkdir(parents=True, exist_ok=True)
    for section in {q.section for q in BANK}:
        quiz = Quiz(CHAPTER, section=section, student=student, folder=folder)
        quiz.submit({q.id: right(q, student) for q in BANK.select(section) if q.id in ids})
    return folder / "out" / f"{NAME}.json"


def handed_in(room: Course, student: str) -> Path:
    folder = room.root / "submitted" / student / CHAPTER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text("2025-11-20 10:00:00 +0800", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def bank() -> Iterator[None]:
    """The chapter has the questions of `BANK`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(quizbank, "load", lambda chapter: BANK)
        yield


@pytest.fixture(scope="module")
def room(bank: None, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class whose quizzes of one chapter were marked once."""
    assert VARIABLE not in os.environ
    made = Course(tmp_path_factory.mktemp("quiz") / "class")
    ids = [q.id for q in BANK]
    first = answered(handed_in(made, ALL), ALL, ids)
    answered(handed_in(made, HALF), HALF, ids[::2])
    copy = handed_in(made, COPY) / "out"
    copy.mkdir()
    shutil.copy(first, copy / f"{COPY}_{NAME}(1).json")  # as a platform renames it
    broken = handed_in(made, BROKEN) / "out" / f"{NAME}.json"
    broken.parent.mkdir()
    broken.write_text(first.read_text(encoding="utf-8")[:500], encoding="utf-8")
    handed_in(made, NONE)
    link = handed_in(made, LINK) / "out"
    link.mkdir()
    (link / f"{NAME}.json").symlink_to(first)
    assert quizzes.chapters(made.root) == [CHAPTER]
    lines = {m.student: m for m in grade(made, CHAPTER)}
    assert set(lines) == {ALL, HALF, COPY, BROKEN, NONE, LINK}
    return made


def scores(room: Course) -> dict[str, float | None]:
    sheet = read_marks(room.root, [NAME], ROSTER).labs[0]
    return {s: m.score for s, m in sheet.marks.items()}


def test_the_gradebook_of_nbgrader_has_a_point_for_every_question(room: Course) -> None:
    with open_gradebook(room.root) as gb:
        best, half = (gb.find_submission(NAME, s) for s in (ALL, HALF))
        assert (best.score, best.max_score) == (len(BANK), len(BANK))
        assert half.score == len(BANK.questions[::2]) and not half.needs_manual_grade
        assert best.timestamp.isoformat() == "2025-11-20T02:00:00"
        (row,) = (s for s in gb.student_dicts() if s["id"] == ALL)
        assert row["score"] == len(BANK)


def test_calculations_count_on_the_numbers_of_the_student_who_hands_in(room: Course) -> None:
    numeric = [q for q in BANK if q.kind == "numeric"]
    own = [q for q in numeric if quizbank.expected(q, ALL) != quizbank.expected(q, COPY)]
    assert own  # the copied answers are another student's
    sheet = read_marks(room.root, [NAME], ROSTER).labs[0]
    mine = sheet.marks[COPY]
    assert mine.score is not None and mine.score < len(BANK)
    wrong = {i.removeprefix("quiz_") for i, m in mine.items.items() if (m.score or 0) < 1}
    assert wrong and wrong <= {q.id for q in own}
    assert any(f"作答文件里的学号是「{ALL}」" in m for m in mine.mends)
    assert any("改了名" in m for m in mine.mends)


def test_no_file_no_hand_in_and_no_mark_are_three_things(room: Course) -> None:
    sheet = read_marks(room.root, [NAME], ROSTER).labs[0]
    status = {s: m.status for s, m in sheet.marks.items()}
    assert status == {ALL: "已评", HALF: "已评", COPY: "已评", BROKEN: "不能评分", NONE: "未交", AWAY: "未交", LINK: "不能评分"}  # fmt: skip
    assert "读不出来" in sheet.marks[BROKEN].reason
    assert sheet.title.endswith("小测") and len(sheet.items) == len(BANK)


def test_the_marks_are_the_quiz_part_of_the_60_40_scheme_and_no_homework(room: Course) -> None:
    marks = read_marks(room.root, roster=ROSTER)
    made = compute(room.root, marks, parse("方案: course_64"))
    items = {i.id: i for i in made.items}
    assert [c.title for c in items["quiz"].columns] == [NAME] and not items["homework"].columns
    results = items["quiz"].results
    assert results[ALL].value == 100 and results[AWAY].value == 0
    assert results[HALF].value == Fraction(100 * len(BANK.questions[::2]), len(BANK))
    assert (results[BROKEN].value, results[BROKEN].open) == (None, True)
    assert not any("小测" in w for w in made.warnings)  # no table is missed
    first = compute(room.root, marks, parse("方案: course_48"))
    assert not next(i for i in first.items if i.id == "homework").columns
    named = parse("来源: {course_48: {homework: {作业: [全部, 小测]}}}")
    homework = next(i for i in compute(room.root, marks, named).items if i.id == "homework")
    assert [c.title for c in homework.columns] == [NAME]


def test_marking_again_changes_nothing_and_keeps_what_a_teacher_gave(room: Course) -> None:
    records = room.root / "records" / NAME
    before, told = {p.name: p.read_bytes() for p in records.iterdir()}, scores(room)
    cell = f"quiz_{BANK.questions[1].id}"  # HALF has not answered it
    with open_gradebook(room.root) as gb:
        gb.find_grade(cell, NAME, NAME, HALF).manual_score = 0.5
        gb.db.commit()
    grade(room, CHAPTER)
    assert {p.name: p.read_bytes() for p in records.iterdir()} == before
    half = told[HALF]
    assert half is not None and scores(room) == {**told, HALF: half + 0.5}
    with open_gradebook(room.root) as gb:
        gb.find_grade(cell, NAME, NAME, HALF).manual_score = None
        gb.db.commit()
    grade(room, CHAPTER, [HALF])
    assert scores(room) == told


def test_a_newer_hand_in_without_the_file_takes_the_marks_away(room: Course) -> None:
    path = room.root / "submitted" / HALF / CHAPTER / "out" / f"{NAME}.json"
    content, told = path.read_bytes(), scores(room)
    path.unlink()
    grade(room, CHAPTER)
    assert read_marks(room.root, [NAME], ROSTER).labs[0].marks[HALF].status == "未交"
    path.write_bytes(content)
    # Handed in and not marked yet is not the same as not handed in.
    assert read_marks(room.root, [NAME], ROSTER).labs[0].marks[HALF].status == "未评分"
    grade(room, CHAPTER)
    assert scores(room) == told


@pytest.mark.full
def test_other_questions_in_the_bank_are_marked_for_all_or_not_at_all(
    room: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = scores(room)
    less = replace(BANK, questions=BANK.questions[:-1])
    with monkeypatch.context() as patched:
        patched.setattr(quizbank, "load", lambda chapter: less)
        with pytest.raises(Exception, match="不要用 --only"):
            grade(room, CHAPTER, [ALL])
        grade(room, CHAPTER)
        assert scores(room)[ALL] == len(BANK) - 1
    grade(room, CHAPTER)
    assert scores(room) == told


def test_the_first_submission_counts_where_the_class_wants_it(tmp_path: Path) -> None:
    quiz = Quiz(CHAPTER, student=ALL, folder=tmp_path)
    question = next(q for q in BANK if q.kind == "single")
    good = right(question, ALL)
    bad = next(o["key"] for o in quizbank.present(question)["options"] if o["key"] != good)
    quiz.submit({question.id: bad})
    quiz.submit({question.id: good})
    given = read((tmp_path / "out" / f"{NAME}.json").read_bytes(), CHAPTER)
    last, first = (
        {r.id: r for r in mark(BANK, given, ALL, first=only)}[f"quiz_{question.id}"]
        for only in (False, True)
    )
    assert (last.score, last.status, last.hint) == (1.0, "right", "")
    assert (first.score, first.status) == (0.0, "wrong") and "第一次提交" in first.found
    assert parse("小测取分: 首次").quiz_first and not parse("").quiz_first
    forged = quizzes.Answers({question.id: bad}, {question.id: 1.0}, ALL)
    for only in (False, True):  # a share in the file earns nothing
        assert sum(r.score or 0 for r in mark(BANK, forged, ALL, first=only)) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "读不出来"), (b"\xff\xfe", "读不出来"), (b"[" * 100_000, "读不出来"), (b"[]", "不是小测"), (b'{"schema": 2}', "不是小测"),
        (b'{"schema": 1, "chapter": "ch02"}', "另一章"), (b"9" * 5000, "读不出来"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(QuizFileError, match=said):
        read(data, CHAPTER)


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"answers": 3}, [[[]]], float("nan"), {"a": {"b": [1]}}])  # fmt: skip
def test_no_content_makes_marking_fail_or_earns_a_point(odd: Any) -> None:
    file = {"schema": 1, "chapter": CHAPTER, "student": odd, "first": odd,
            "answers": {q.id: odd for q in BANK}}  # fmt: skip
    given = read(json.dumps(file).encode(), CHAPTER)
    assert given.student == (odd if isinstance(odd, str) else DEMO)
    results = mark(BANK, given, ALL)
    assert sum(r.score or 0 for r in results) == 0 and len(results) == len(BANK)


def test_the_commands_say_what_became_of_the_quizzes(
    room: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = CliRunner().invoke(cli.app, ["quizzes", "--course", str(room.root)])
    assert done.exit_code == 0, done.output
    assert "ch09 小测：评分 3 份，没有作答文件 1 份，不能评分 2 份" in done.output
    assert f"{BROKEN}　ch09 小测　不能评分：作答文件读不出来" in done.output
    # Grading the chapter marks its quizzes too.
    monkeypatch.setattr("autograder.sandbox.best", lambda level: type("B", (), {"says": "无"}))
    monkeypatch.setattr(Course, "grade", lambda *words: (x for x in ()))
    done = CliRunner().invoke(cli.app, ["grade", CHAPTER, "--course", str(room.root)])
    assert done.exit_code == 0 and "ch09 小测：评分 3 份" in done.output, done.output
    empty = CliRunner().invoke(cli.app, ["quizzes", "--course", str(tmp_path / "空")])
    assert empty.exit_code == 2 and "还没有人交来" in empty.output


def test_feedback_export_and_formgrader_know_the_quiz(room: Course, tmp_path: Path) -> None:
    from nbgrader.apps.api import NbGraderAPI

    from autograder import feedback
    from autograder.insight.board import board
    from autograder.insight.classroom import read_lab

    made = feedback.write(room.root, NAME)
    page = made.pages[HALF].read_text(encoding="utf-8")
    assert "小测" in page and BANK.questions[1].why[:12] in page
    seen = board(read_lab(room.root, NAME), names=True)
    assert len(seen["items"]) == len(BANK)
    found = {s["id"]: s["score"] for s in NbGraderAPI(config=room.config).get_students()}
    assert found[ALL] == len(BANK)  # formgrader's list of students
    out = CliRunner().invoke(cli.app, ["gradebook", "--course", str(room.root), "--out", str(tmp_path / "册.xlsx")])  # fmt: skip
    assert out.exit_code == 0 and (tmp_path / "册.xlsx").is_file(), out.output


@pytest.mark.full
def test_a_chapter_goes_the_whole_way_from_the_zip_to_the_quiz_marks(tmp_path: Path) -> None:
    """Collected with the chapter's notebook, graded by one command, in nbgrader's own export."""
    from autograder import build, judge
    from tests.autograder.test_class import TOOLS, autograder, run

    spec = judge.load(CHAPTER)
    given = tmp_path / "收到" / ALL
    released = build.ROOT / "chapters" / f"{spec.notebook}.ipynb"
    given.mkdir(parents=True)
    shutil.copy(released, given)
    answered(given, ALL, [q.id for q in BANK])
    autograder("collect", CHAPTER, "收到", cwd=tmp_path)
    said = autograder("grade", CHAPTER, cwd=tmp_path)
    assert "ch09 小测：评分 1 份" in said and "平均 100.0 / 100 分" in said
    exported = run(str(TOOLS / "nbgrader"), "export", "--to", "marks.csv", cwd=tmp_path / "class")
    assert exported.returncode == 0, exported.stderr
    text = (tmp_path / "class" / "marks.csv").read_text(encoding="utf-8")
    assert any(line.startswith(NAME) and ALL in line for line in text.splitlines())
