"""After a judge has changed: stored answers are judged again, first on paper, then for good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.course import Course
from autograder.gradebook.database import open_gradebook
from autograder.run import regrade
from tests.autograder.run import room, tables

MILDER = ('ascending=False", share=0.5)', 'ascending=False", share=0.8)')
REWORDED = ("交的是百分数：比率写成 0 到 1 之间的小数", "交的是百分数：请交小数")
WORTH_MORE = ('"E3-01", points=10', '"E3-01", points=12')


def again(course: Path, **words: object) -> regrade.Preview:
    """Preview and write."""
    found = regrade.preview(Course(course), room.LAB, **words)  # type: ignore[arg-type]
    regrade.write(Course(course), found)
    return found


def auto(course: Path, item: str) -> dict[str, float]:
    with open_gradebook(course) as gb:
        return {
            s.student.id: gb.find_grade(item, room.LAB, room.LAB, s.student.id).auto_score
            for s in gb.assignment_submissions(room.LAB)
        }


def outputs(course: Path, student: str, item: str) -> list:
    path = course / "autograded" / student / room.LAB / f"{room.LAB}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return next(c["outputs"] for c in cells if c["id"] == item)


def test_the_command_shows_who_moves_asks_and_then_writes(course: Path, tmp_path: Path) -> None:
    from autograder.cli import app

    command = ["regrade", room.LAB, "--course", str(course)]
    before, rows = room.records(course), tables.read(course)
    with room.other_labs(tmp_path / "labs", MILDER, REWORDED):
        said = CliRunner().invoke(app, command, input="n\n", env={"COLUMNS": "160"})
        assert said.exit_code == 1 and "没有写入" in said.output, said.output
        assert "2025000002" in said.output and "+3" in said.output
        assert "1 人的得分会变，另有 1 处只改说明文字" in said.output
        assert room.records(course) == before and tables.read(course) == rows
        said = CliRunner().invoke(app, [*command, "--yes"])
        assert said.exit_code == 0 and "已写入 5 份" in said.output, said.output
        assert auto(course, "E3-01")["2025000002"] == 8.0
        said = CliRunner().invoke(app, command)
        assert said.exit_code == 0 and "没有什么要改" in said.output, said.output
        said = CliRunner().invoke(app, [*command, "--item", "E3-99"])
        assert said.exit_code == 2 and "没有这些题：E3-99" in said.output


def test_what_is_written_is_what_grading_anew_would_give(course: Path, tmp_path: Path) -> None:
    anew = room.copy(course, tmp_path / "anew")
    with room.other_labs(tmp_path / "labs", MILDER, REWORDED):
        again(course)
        room.grade(anew, again=True)
        assert room.records(course) == room.records(anew)
        assert tables.differences(tables.read(course), tables.read(anew)) == {}
        for student in room.DESERVED:
            for item in ("E3-01", "E3-07"):
                assert outputs(course, student, item) == outputs(anew, student, item)
        assert {line.status for line in room.grade(course).values()} == {"unchanged"}


def test_a_mark_by_hand_survives_and_asks_for_another_look(course: Path, tmp_path: Path) -> None:
    with open_gradebook(course) as gb:
        grade = gb.find_grade("E3-01", room.LAB, room.LAB, "2025000002")
        grade.manual_score, grade.needs_manual_grade = 9.0, False
        gb.db.commit()
    with room.other_labs(tmp_path / "labs", MILDER):
        again(course)
    with open_gradebook(course) as gb:
        grade = gb.find_grade("E3-01", room.LAB, room.LAB, "2025000002")
        assert (grade.auto_score, grade.manual_score, grade.score) == (8.0, 9.0, 9.0)
        assert grade.needs_manual_grade


def test_only_the_items_asked_for_move_and_the_others_wait(course: Path, tmp_path: Path) -> None:
    with room.other_labs(tmp_path / "labs", MILDER, REWORDED):
        again(course, items=["E3-07"])
        items = json.loads(room.records(course)["张三"])["items"]
        hints = {i["id"]: i["hint"] for i in items}
        assert hints["E3-07"] == "交的是百分数：请交小数"
        assert auto(course, "E3-01")["2025000002"] == 5.0
        found = again(course)
        assert [(c.student, c.after.id, c.difference) for c in found.moved] == [
            ("2025000002", "E3-01", 3.0)
        ]
        assert auto(course, "E3-01")["2025000002"] == 8.0


def test_new_points_reach_the_gradebook(course: Path, tmp_path: Path) -> None:
    with room.other_labs(tmp_path / "labs", WORTH_MORE):
        again(course)
        assert auto(course, "E3-01")["2025000001"] == 12.0
        with open_gradebook(course) as gb:
            assert gb.find_grade("E3-01", room.LAB, room.LAB, "2025000001").max_score == 12.0


def test_answers_of_an_earlier_hand_in_are_not_judged_for_a_later_one(
    course: Path, tmp_path: Path
) -> None:
    """A run that was killed after the answers were stored and before the record was."""
    mine = course / "records" / room.LAB / "2025000001.answers.gz"
    mine.write_bytes((course / "records" / room.LAB / "2025000002.answers.gz").read_bytes())
    with room.other_labs(tmp_path / "labs", MILDER):
        found = regrade.preview(Course(course), room.LAB)
    assert found.passed == {"2025000001": "没有存下答案，要重新评分"}


def test_a_record_that_changed_after_the_preview_is_not_overwritten(
    course: Path, tmp_path: Path
) -> None:
    with room.other_labs(tmp_path / "labs", MILDER):
        found = regrade.preview(Course(course), room.LAB)
        room.grade(course, again=True)
        with pytest.raises(regrade.RegradeError, match="刚才变了"):
            regrade.write(Course(course), found)
