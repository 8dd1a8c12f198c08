"""nbgrader stays whole: its own autograde, manual grading, penalties, feedback and exchange."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from autograder.gradebook.database import open_gradebook
from tests.autograder.notebooks import release
from tests.autograder.run import room, tables

pytestmark = pytest.mark.slow
STUDENTS = ("2025000002", "2025000003", "2025000004")


def notebook(course: Path, student: str) -> dict:
    path = course / "autograded" / student / room.LAB / f"{room.LAB}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class that a teacher has worked on: marks by hand, comments, deadline, extension."""
    handins = {s: nb for s, nb in room.kinds().items() if s in STUDENTS}
    course = room.make(tmp_path_factory.mktemp("used") / "class", handins)
    room.autograder("grade", room.LAB, course=course)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as f:
        f.write(
            "\nc = get_config()"
            "\nc.AssignLatePenalties.plugin_class = 'nbgrader.plugins.LateSubmissionPlugin'"
            "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
        )
    with open_gradebook(course) as gb:
        gb.update_or_create_assignment(room.LAB, duedate=datetime(2025, 11, 20, 9))
        gb.grant_extension(room.LAB, STUDENTS[1], hours=2)
        for student in STUDENTS[:2]:
            essay = gb.find_grade("E3-12", room.LAB, room.LAB, student)
            essay.manual_score, essay.needs_manual_grade = 6.5, False
            other = gb.find_grade("E3-03", room.LAB, room.LAB, student)
            other.manual_score, other.extra_credit, other.needs_manual_grade = 7.0, 0.5, False
            gb.find_comment("E3-12", room.LAB, room.LAB, student).manual_comment = "写得好"
        gb.find_submission_notebook(room.LAB, room.LAB, STUDENTS[0]).flagged = True
        gb.db.commit()
    return course


@pytest.mark.full
def test_the_command_and_nbgraders_autograde_leave_the_same_gradebook(
    used: Path, tmp_path: Path
) -> None:
    """Marks, flags, comments, times and penalties; the marks by hand and comments survive both."""
    ours, theirs = room.copy(used, tmp_path / "ours"), room.copy(used, tmp_path / "theirs")
    room.autograder("grade", room.LAB, "--again", course=ours)
    room.nbgrader("autograde", room.LAB, "--force", course=theirs)
    assert tables.differences(tables.read(ours), tables.read(theirs)) == {}
    assert room.records(ours) == room.records(theirs)
    for student in STUDENTS:
        assert notebook(ours, student) == notebook(theirs, student)
    with open_gradebook(ours) as gb:
        essay = gb.find_grade("E3-12", room.LAB, room.LAB, STUDENTS[0])
        assert (essay.manual_score, essay.needs_manual_grade) == (6.5, True)
        assert gb.find_comment("E3-12", room.LAB, room.LAB, STUDENTS[0]).comment == "写得好"
        late = [gb.find_submission_notebook(room.LAB, room.LAB, s) for s in STUDENTS]
        penalties = [nb.late_submission_penalty for nb in late]
        assert penalties[0] == late[0].score and penalties[1] is None and penalties[2] == 10.0
    assert "没变 3" in room.autograder("grade", room.LAB, course=theirs)


def test_an_untouched_answer_is_no_response_and_an_essay_waits_for_the_teacher(
    tmp_path: Path,
) -> None:
    handins = {"写了": room.short(essay="重要保持客户有 38 位。"), "没写": release(room.LAB)}
    course = room.make(tmp_path / "class", handins)
    room.grade(course)
    with open_gradebook(course) as gb:
        for student, score, comment in (("写了", None, None), ("没写", 0.0, "No response.")):
            grade = gb.find_grade("E3-12", room.LAB, room.LAB, student)
            assert (grade.auto_score, grade.needs_manual_grade) == (score, score is None)
            said = gb.find_comment("E3-12", room.LAB, room.LAB, student)
            assert said.auto_comment == comment


def test_nbgraders_autograde_reports_what_cannot_be_graded_and_goes_on(
    course: Path,
) -> None:
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    from autograder.nbgrader_config import configure

    folder = course / "submitted" / "2025000001" / room.LAB
    (folder / f"{room.LAB}.ipynb").write_text('{"cells": [', encoding="utf-8")
    config = Config()
    configure(config, course)
    result = NbGraderAPI(config=config).autograde(room.LAB, "2025000001")
    assert not result["success"]
    record = json.loads(room.records(course)["2025000001"])
    assert record["status"] == "ungradable" and record["reason"]


@pytest.mark.parametrize("handed_in", [{}, {"E3.docx": b"PK\x03\x04"}, {"out/E3.txt": b"x"}])
def test_nbgraders_autograde_of_a_hand_in_without_a_notebook_says_why_and_writes_it_down(
    course: Path, handed_in: dict[str, bytes]
) -> None:
    """nbgrader itself ends before it calls anything of ours when there is no ``*.ipynb``."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    from autograder.nbgrader_config import configure

    folder = course / "submitted" / "2025000001" / room.LAB
    (folder / f"{room.LAB}.ipynb").unlink()
    for name, content in handed_in.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    before = room.records(course)
    config = Config()
    configure(config, course)
    result = NbGraderAPI(config=config).autograde(room.LAB, "2025000001")
    assert not result["success"] and "2025000001" in result["log"] + result["error"]
    after = room.records(course)
    record = json.loads(after.pop("2025000001"))
    assert record["status"] == "ungradable" and "笔记本" in record["reason"]
    assert record["items"] == [] and record["auto_score"] == 0
    before.pop("2025000001")
    assert after == before


def test_feedback_of_nbgrader_shows_marks_and_comments(used: Path, tmp_path: Path) -> None:
    course = room.copy(used, tmp_path / "class")
    room.nbgrader("generate_feedback", room.LAB, "--student", STUDENTS[0], course=course)
    page = course / "feedback" / STUDENTS[0] / room.LAB / f"{room.LAB}.html"
    text = page.read_text(encoding="utf-8")
    assert "写得好" in text and "Score: 5.0 / 10.0" in text


@pytest.mark.full
def test_a_lab_goes_through_the_exchange_and_back(tmp_path: Path) -> None:
    """Released, fetched, submitted and collected with nbgrader's commands, then graded by ours."""
    from autograder.course import Course

    course, home = tmp_path / "class", tmp_path / "student"
    Course(course).release(room.LAB)
    (course / "exchange").chmod(0o777)
    room.nbgrader("release_assignment", room.LAB, course=course)
    home.mkdir()
    settings = (course / "nbgrader_config.py").read_text(encoding="utf-8")
    settings = settings.replace("Path(__file__).parent", f"Path({str(course)!r})")
    (home / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    room.nbgrader("fetch_assignment", room.LAB, course=home)
    nbformat.write(room.short(), home / room.LAB / f"{room.LAB}.ipynb")
    room.nbgrader("submit", room.LAB, course=home)
    room.nbgrader("collect", room.LAB, course=course)
    said = room.autograder("grade", room.LAB, course=course)
    assert "已评 1" in said
    (text,) = room.records(course).values()
    assert json.loads(text)["auto_score"] == 26.0
    with open_gradebook(course) as gb:
        (submission,) = gb.assignment_submissions(room.LAB)
        assert abs(submission.timestamp - datetime.now().replace(microsecond=0)) < timedelta(days=1)
