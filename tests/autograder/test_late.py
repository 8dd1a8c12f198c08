"""The late policy: its edges, extensions, and the same numbers in nbgrader."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from autograder.gradebook.database import open_gradebook
from autograder.gradebook.exceptions import read_leaves, read_sheet
from autograder.gradebook.export import export
from autograder.gradebook.late import LatePolicy
from autograder.gradebook.lateness import write_deadlines, write_penalties
from autograder.gradebook.marks import read_marks
from autograder.gradebook.settings import parse
from tests.autograder import classroom
from tests.autograder.test_roster import workbook

RULES = """
迟交:
  规则: [{小时内: 24, 扣: 10%}, {小时内: 72, 扣: 30%}, {之后: true, 扣: 100%}]
  宽限分钟: 10
  截止: {E3: 2025-11-20 17:00}
"""
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def policy() -> LatePolicy:
    return parse(RULES).late


@pytest.mark.parametrize(
    ("late", "amount"),
    [
        (-HOUR, 0), (timedelta(0), 0), (SECOND, 0), (10 * 60 * SECOND, 0), (601 * SECOND, 8),
        (24 * HOUR, 8), (24 * HOUR + SECOND, 24), (72 * HOUR, 24), (72 * HOUR + SECOND, 80), (9999 * HOUR, 80),
    ],
)  # fmt: skip
def test_each_edge_of_the_table(policy: LatePolicy, late: timedelta, amount: int) -> None:
    found = policy.deduct(late, Fraction(80), Fraction(100))
    assert found.amount == amount
    assert bool(found.why) is (late > timedelta(0))


def test_a_share_of_the_full_marks_never_takes_more_than_there_is() -> None:
    policy = parse(RULES + "  扣分基数: 满分\n").late
    assert policy.deduct(30 * HOUR, Fraction(80), Fraction(100)).amount == 30
    assert policy.deduct(30 * HOUR, Fraction(12), Fraction(100)).amount == 12


def test_the_deduction_says_why(policy: LatePolicy) -> None:
    why = policy.deduct(49 * HOUR + 5 * 60 * SECOND, Fraction(80), Fraction(100)).why
    assert why == "迟 2 天 1 小时 5 分，超过 24 小时、72 小时内，扣得分的 30%"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Handed in at 10:00 UTC (18:00 in China), one hour after the deadline of E3."""
    course = classroom.make(tmp_path)
    (course / "grading.yaml").write_text(RULES, encoding="utf-8")
    return course


def test_marks_carry_the_deduction_and_the_own_deadline(course: Path) -> None:
    e3 = read_marks(course).labs[1].marks
    first = e3["2025010101"]
    assert first.exact_raw == Fraction("37.5")
    assert first.exact_penalty == Fraction("3.75")
    assert first.final == Fraction("33.75")
    assert first.deduction is not None and "迟 1 小时" in first.deduction.why
    assert e3["2025010103"].score is None  # no mark, nothing to deduct


def test_extensions_and_excuses_come_from_a_sheet(course: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "延期.xlsx", [
        ["学号", "姓名", "实验", "处理", "原因"],
        ["2025010101", "张三", "e3", "延期 2 小时", "住院"],
        ["2025010102", "李四", "E1、E3", "免做", "校队比赛"],
        ["2025010104", None, "E3", "延期到 2025-11-21", None],
        ["2025010105", None, "E9", "延期2天", None],
        ["2025010106", None, "E3", "看情况", None],
        ["2025019999", None, "E3", "免做", None],
        ["2025010101", "李四", "E1", "免做", None],
    ])  # fmt: skip
    settings = parse(RULES)
    granted = read_sheet(path, ("E1", "E3"), settings.zone, classroom.ROSTER)
    assert [(p.row, p.column) for p in granted.problems] == [(5, "实验"), (6, "处理"), (7, "学号"), (8, "姓名")]  # fmt: skip
    granted.keep(course)
    assert read_leaves(course)["2025010104", "E3"].until == datetime(2025, 11, 21, 16)
    e3 = read_marks(course).labs[1].marks
    assert (e3["2025010101"].penalty, e3["2025010101"].final) == (0, Fraction("37.5"))
    assert e3["2025010102"].status == "免做" and e3["2025010102"].final is None
    assert e3["2025010104"].penalty == 0  # the stored penalty of before no longer holds
    made = export(course, tmp_path / "成绩册.xlsx", roster=classroom.ROSTER)
    assert any("course_48" in w or "70" in w for w in made.words())


def test_nbgrader_gets_the_same_deadline_extension_and_penalty(course: Path) -> None:
    assert write_deadlines(course) == 1
    assert write_deadlines(course) == 0
    marks = read_marks(course)
    assert write_penalties(course, marks) > 0
    assert write_penalties(course, marks) == 0
    with open_gradebook(course) as gb:
        assert gb.find_assignment("E3").duedate == datetime(2025, 11, 20, 9)
        for student, mark in marks.labs[1].marks.items():
            if mark.deduction is not None:
                theirs = gb.find_submission("E3", student)
                assert theirs.late_submission_penalty == pytest.approx(float(mark.exact_penalty))
                assert theirs.score - theirs.late_submission_penalty == pytest.approx(mark.score)


def test_nbgraders_own_late_step_gives_the_same_penalty(course: Path) -> None:
    write_deadlines(course)
    with open_gradebook(course) as gb:
        gb.find_submission_notebook("E3", "E3", "2025010101").late_submission_penalty = None
        gb.db.commit()
    config = Config()
    config.AssignLatePenalties.plugin_class = "autograder.gradebook.late_plugin.LateTable"
    config.LateTable.course = str(course)
    url = f"sqlite:///{(course / 'gradebook.db').as_posix()}"
    place = {"notebook": "E3", "assignment": "E3", "student": "2025010101", "db_url": url}
    nb = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    from nbformat import from_dict

    AssignLatePenalties(config=config).preprocess(from_dict(nb), {"nbgrader": place})
    with open_gradebook(course) as gb:
        found = gb.find_submission_notebook("E3", "E3", "2025010101").late_submission_penalty
    assert found == float(read_marks(course).labs[1].marks["2025010101"].exact_penalty) == 3.75


def test_without_rules_nothing_is_deducted_and_nbgraders_penalty_stays(tmp_path: Path) -> None:
    course = classroom.make(tmp_path)
    (course / "grading.yaml").write_text("迟交: {截止: {E3: 2025-11-01}}", encoding="utf-8")
    marks = read_marks(course).labs[1].marks
    assert (marks["2025010101"].penalty, marks["2025010104"].penalty) == (0, 5.0)
