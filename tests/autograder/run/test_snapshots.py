"""Stored answers, and what a graded notebook may hold: small, and enough to judge again."""

from __future__ import annotations

from dataclasses import replace

import nbformat
import pytest

from autograder import grade, judge, snapshots
from autograder.record import Record
from autograder.run import regrade
from autograder.run.work import MAX_SHOWN, Taken, graded_notebook
from autograder.sandbox import Limits
from tests.autograder import notebooks
from tests.autograder.inprocess import InProcess
from tests.autograder.run import room

SAMPLE = ("C4", "D2", "E3", "O1", "S1", "ch02")
LABS = [
    lab if lab in SAMPLE else pytest.param(lab, marks=pytest.mark.full) for lab in judge.known()
]


@pytest.fixture(scope="module", params=LABS)
def graded(request: pytest.FixtureRequest) -> tuple[Record, grade.Run]:
    """Every lab's solution, with its functions and files."""
    lab = request.param
    nb = notebooks.exercises(notebooks.solution(lab), lab)
    handin = Taken(nb, {}, [])
    return grade.grade(handin, judge.load(lab), "2025010101", InProcess(), Limits())


def test_stored_answers_are_judged_as_the_run_was(graded: tuple[Record, grade.Run]) -> None:
    record, run = graded
    stored = snapshots.unpack(snapshots.pack(run, record.inputs["content"]))
    again = judge.judge(judge.load(record.lab), stored.submission(record.student))
    assert again == record.items and stored.content == record.inputs["content"]
    assert (
        regrade._need_a_run(judge.load(record.lab), stored, stored.submission("2025010101"))
        == set()
    )


def test_answers_to_other_inputs_need_a_new_run(graded: tuple[Record, grade.Run]) -> None:
    record, run = graded
    if not run.asked:
        return  # a lab without functions
    stored = snapshots.unpack(snapshots.pack(run, ""))
    item = sorted(run.asked)[0]
    other = replace(stored, asked={**stored.asked, item: "0" * 64})
    submission = other.submission(record.student)
    assert regrade._need_a_run(judge.load(record.lab), other, submission) == {item}


def test_answers_too_large_are_left_out_and_named() -> None:
    run = grade.Run(answers={"A": "x", "B": 1}, data={"A": "x" * (snapshots.MAX_CHARS + 1), "B": 1})
    stored = snapshots.unpack(snapshots.pack(run, ""))
    assert stored.left_out == ["A"] and stored.answers == {"B": 1}


def test_a_flood_of_output_does_not_reach_the_graded_notebook() -> None:
    nb = room.short()
    flood = {"output_type": "stream", "name": "stdout", "text": "x" * 100_000}
    run = grade.Run(
        outputs={i: [flood] * 3 for i, c in enumerate(nb.cells) if c.cell_type == "code"}
    )
    record = Record("E3", "1", "", {}, items=judge.judge(judge.load("E3"), judge.Submission("1")))
    text = nbformat.v4.writes(graded_notebook(nb, run, record))
    assert len(text) < MAX_SHOWN + 200_000
    assert "输出太多" in text and "0 / 10 分" in text


def test_a_grade_cell_of_no_item_gets_no_mark_from_nbgrader() -> None:
    nb = room.short()
    next(c for c in nb.cells if c["id"] == "E3-01").metadata["nbgrader"]["grade_id"] = "E3-99"
    record = Record("E3", "1", "", {}, items=judge.judge(judge.load("E3"), judge.Submission("1")))
    out = graded_notebook(nb, grade.Run(), record)
    assert "nbgrader" not in next(c for c in out.cells if c["id"] == "E3-01").metadata


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "out/../../x", "C:\\x", "..", "", "a\0b"])
def test_an_answer_names_no_file_outside_the_folder(path: str) -> None:
    assert not grade.inside(path)


def test_an_answer_names_a_file_inside_the_folder() -> None:
    assert grade.inside("out/客户档案.xlsx")
