"""Whose a file is: student id and name in any order, attempts and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collecting.entries import readable
from autograder.collecting.identity import Doubt, Identity, attempt, identify, written_time
from autograder.roster import Roster, Student
from tests.autograder.collecting.downloads import (
    ROSTER,
    TITLE,
)


@pytest.mark.parametrize(
    "name",
    [
        "2025010101 张三 E3.zip",
        "张三-2025010101-实验三",
        "E3_2025010101张三_尝试1.ipynb",
        "2025010101_张三_E3客户档案分析.ipynb",
        "E3-张三（2025010101）.zip",
        "【E3】2025010101+张三.zip",
        "张三2025010101E3最终版(1).zip",
        "实验三_张 三_2025010101_20251120153000",
        "２０２５０１０１０１张三",
        "市场2501班-张三-2025010101",
        "2025010101",
        "2025010101_5551234567_assignsubmission_file_",
        "E3_2025010101_尝试_2025-11-20-15-30-00_E3.ipynb",
        "张三2025010101(123456789@qq.com)",
        "Screenshot 2025-11-20 张三 2025010101",
        "E3-市场营销2501-2025010101-张三",
        "【张三 2025010101】实验三.zip",
        "E32025010101张三",
        "2025010101张三_附件1.zip",
    ],
)
def test_id_and_name_are_found_in_any_order_and_style(name: str) -> None:
    found = identify(name, ROSTER, ["E3", TITLE])
    assert isinstance(found, Identity)
    assert (found.student, found.name) == ("2025010101", "张三")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("张三_5551234_assignsubmission_file_", "2025010101"),
        ("实验三-李四", "2025010102"),
        ("张三丰 E3终稿.ipynb", "2025010106"),
        ("欧阳修文客户档案分析", "2025010105"),
        ("Tom Lee E3", "S20250107"),
        ("tom lee_s20250107", "S20250107"),
        ("202501010 张三", "2025010101"),  # a digit is missing: the name decides
        ("市营2501张三.zip", "2025010101"),
        ("01号张三", "2025010101"),
        ("张三的E3作业", "2025010101"),
        ("第3组组长李四", "2025010102"),
    ],
)
def test_a_name_that_is_unique_on_the_list_is_matched(name: str, student: str) -> None:
    found = identify(name, ROSTER, ["E3", TITLE])
    assert isinstance(found, Identity)
    assert found.student == student


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("王芳 E3", "2 位「王芳」"),
        ("2025010101 李四", "学号 2025010101 是「张三」，名字里写的却是「李四」"),
        ("2025019999 E3", "不在名册"),
        ("2025010101-2025010102 E3", "几个学号"),
        ("张三 李四 E3", "分不清"),
        ("李四光 E3", "像是「李四」"),
    ],
)
def test_an_unclear_name_is_a_doubt_with_its_reason(name: str, words: str) -> None:
    found = identify(name, ROSTER, ["E3", TITLE])
    assert isinstance(found, Doubt)
    assert words in found.reason


@pytest.mark.parametrize(
    "name", ["E3", "实验三", "20251120导出", "作业.zip", "out", "E3-Copy1.ipynb"]
)
def test_a_name_of_nobody_is_nobody(name: str) -> None:
    assert identify(name, ROSTER, ["E3", TITLE]) is None


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("2025010101 张三 E3.zip", "2025010101"),
        ("S2025010101-E3", "S2025010101"),
        ("E3_2025010101张三_尝试2.ipynb", "2025010101"),
        ("2025010101_20251120", "2025010101"),  # a date is not preferred
        ("20230115 张三", "20230115"),  # but an id may look like one
        ("stu07", "stu07"),
    ],
)
def test_without_a_class_list_the_long_number_is_the_id(name: str, student: str) -> None:
    found = identify(name, None, ["E3"])
    assert isinstance(found, Identity)
    assert found.student == student


def test_a_short_id_is_not_a_labs_number() -> None:
    roster = Roster((Student("01", "张三"), Student("07", "李四")))
    for name, student in (
        ("E3_01_张三", "01"),
        ("实验01_李四", "07"),
        ("07 E3", "07"),
        ("E07", None),
    ):
        found = identify(name, roster, ["E3"])
        assert (found.student if isinstance(found, Identity) else None) == student, name


@pytest.mark.parametrize(
    ("on_disk", "written"),
    [
        ("张三.ipynb".encode("gbk").decode("utf-8", "surrogateescape"), "张三.ipynb"),
        ("张三.ipynb".encode("gbk").decode("cp437"), "张三.ipynb"),
        ("Résumé.ipynb", "Résumé.ipynb"),
        ("张三\ud800.ipynb", "张三?.ipynb"),
    ],
)
def test_names_that_were_unpacked_wrongly_are_read(on_disk: str, written: str) -> None:
    assert readable(on_disk) == written


def test_attempts_and_times_that_platforms_write_into_names_are_read() -> None:
    assert attempt("E3_2025010101张三_尝试12.ipynb") == 12
    assert attempt("第3次 张三") == 3
    assert attempt("2025010101") == 0
    moment = written_time("E3_张三_attempt_2025-11-20-15-30-05_E3.ipynb")
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2025, 11, 20, 7, 30, 5, tzinfo=UTC)


@given(st.text(max_size=60))
def test_any_name_is_nobody_a_doubt_or_a_student_on_the_list(text: str) -> None:
    found = identify(text, ROSTER, ["E3"])
    assert found is None or isinstance(found, Doubt) or found.student in ROSTER
