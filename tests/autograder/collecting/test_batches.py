"""A whole class: doubts are reported, later runs and interruptions lose nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.collect import CollectError
from autograder.collecting import placing
from tests.autograder.collecting.downloads import (
    notebook,
    packed,
    put,
    row,
    submitted,
    take,
)


def test_an_unclear_hand_in_is_reported_and_the_batch_goes_on(source: Path, course: Path) -> None:
    put(source / "王芳 E3.ipynb", notebook())
    put(source / "2025010101 李四.zip", packed({"E3.ipynb": notebook()}))
    put(source / "E3.ipynb", notebook())
    put(source / "2025010105.ipynb", notebook())
    put(source / "成绩统计.xlsx")
    collected = take(source, course)
    assert submitted(course) == {"2025010105": ["E3.ipynb"]}
    reasons = dict(zip(collected.table["文件"], collected.table["原因"], strict=True))
    assert "2 位「王芳」" in reasons["王芳 E3.ipynb"]
    assert "名字里写的却是「李四」" in reasons["2025010101 李四.zip"]
    assert "不知道是谁的" in reasons["E3.ipynb"]
    assert reasons["成绩统计.xlsx"] == "1 个文件与提交无关"
    assert len(collected.problems) == 3


def test_nobodys_folder_hands_in_for_others(source: Path, course: Path) -> None:
    for name in ("2025010102.ipynb", "2025010103.ipynb", "E3.ipynb"):
        put(source / "2025010101 张三" / name, notebook(answer=name))
        put(source / "2025010199 赵六" / name, notebook(answer=name))
    assert take(source, course).students == ["2025010101"]
    assert take(source, course.parent / "other", roster=None).students == [
        "2025010101",
        "2025010199",
    ]


def test_a_folder_named_after_its_collector_is_not_one_students(source: Path, course: Path) -> None:
    for name in ("2025010101 张三", "2025010103 王芳", "2025010105 欧阳修文"):
        put(source / "李四收的作业" / f"{name}.ipynb", notebook())
        put(source / "作业1234567" / f"{name}.ipynb", notebook())
    expected = ["2025010101", "2025010103", "2025010105"]
    assert take(source, course).students == expected
    assert take(source / "作业1234567", course.parent / "other", roster=None).students == expected


def test_a_single_students_folder_may_be_the_source(source: Path, course: Path) -> None:
    put(source / "2025010101 张三" / "E3.ipynb", notebook())
    assert take(source / "2025010101 张三", course).students == ["2025010101"]


def test_running_again_changes_nothing(source: Path, course: Path) -> None:
    put(source / "2025010101.zip", packed({"E3.ipynb": notebook(), "out/a.csv": b"1"}))
    take(source, course)
    before = {p: p.stat().st_mtime_ns for p in course.rglob("*") if p.is_file()}
    again = take(source, course)
    assert row(again, "2025010101")["处理"] == "没有变化"
    assert {p: p.stat().st_mtime_ns for p in course.rglob("*") if p.is_file()} == before
    assert not list(course.glob(".collecting-*"))


def test_a_newer_hand_in_replaces_and_an_older_one_does_not(source: Path, course: Path) -> None:
    put(
        source / "周一" / "2025010101.zip",
        packed({"E3.ipynb": notebook(answer="one"), "a.csv": b"1"}),
    )
    put(
        source / "周二" / "2025010101.zip",
        packed({"E3.ipynb": notebook(answer="two")}),
        "2025-11-21T10:00",
    )
    take(source / "周一", course)
    assert row(take(source / "周二", course), "2025010101")["处理"] == "已更新"
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}  # nothing of the old one stays
    kept = row(take(source / "周一", course), "2025010101")
    assert kept["处理"] == "保留已收的"
    assert "2025-11-21 10:00" in kept["原因"]
    assert b"two" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()


def test_when_the_newest_cannot_be_taken_the_one_before_counts(source: Path, course: Path) -> None:
    put(source / "2025010101 张三_尝试1.zip", packed({"E3.ipynb": notebook(answer="first")}))
    files = {f"{n}.txt": b"" for n in range(placing.MAX_FILES)}
    put(source / "2025010101 张三_尝试2.zip", packed({"E3.ipynb": notebook(), **files}))
    table = take(source, course).table
    assert list(table["处理"]) == ["已收取", "未收取"]
    assert "较新的一份不能收" in table["原因"][0]


def test_an_interrupted_copy_leaves_the_old_hand_in_whole(
    source: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(source / "2025010101" / "E3.ipynb", notebook(answer="one"))
    take(source, course)
    put(source / "2025010101" / "E3.ipynb", notebook(answer="two"), "2025-11-22T10:00")
    put(source / "2025010101" / "a.csv", b"1", "2025-11-22T10:00")

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(placing, "place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        take(source, course)
    assert b"one" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    assert not list(course.glob(".collecting-*"))


@pytest.mark.parametrize("above", ["", "crm", "crm/inbound"])
def test_nbgraders_exchange_is_collected(source: Path, course: Path, above: str) -> None:
    inbound = source / "crm" / "inbound"
    for name, answer in (
        ("zhang+E3+2025-11-19 10:00:00.000001 UTC+abcDEF_-1234", "old"),
        ("zhang+E3+2025-11-20 10:00:00.000001 UTC+abcDEF_-1235", "new"),
        ("a+b@x.cn+E3+2025-11-20 18:00:00.000001 +0800", "plus"),
        ("2025010102+E3+2025-11-20 18:00:00.000001 +0800+abcDEF_-1234", "zone"),
        ("zhang+E2+2025-11-21 10:00:00.000001 UTC+abcDEF_-1235", "E2"),
    ):
        put(inbound / name / "E3.ipynb", notebook(answer=answer))
        put(inbound / name / "timestamp.txt", name.split("+")[2].encode())
        put(inbound / name / "submission_secret.txt", b"secret")
    put(inbound / "notes.txt")
    collected = take(source / above, course)
    there = submitted(course)
    assert there == {
        "2025010102": ["E3.ipynb", "submission_secret.txt"],
        "zhang": ["E3.ipynb", "submission_secret.txt"],
    }
    assert b"new" in (course / "submitted/zhang/E3/E3.ipynb").read_bytes()
    assert row(collected, "2025010102")["时间"] == "2025-11-20 18:00"
    reasons = " ".join(collected.problems["原因"])
    assert "不能用的字符" in reasons
    assert "不在名册" in " ".join(collected.table["原因"])


def test_exchanges_of_two_courses_ask_which(source: Path, course: Path) -> None:
    for name in ("crm", "stat"):
        (source / name / "inbound").mkdir(parents=True)
    with pytest.raises(CollectError, match="几门课"):
        take(source, course)


def test_a_source_that_is_not_there_is_said_in_chinese(source: Path, course: Path) -> None:
    with pytest.raises(CollectError, match="找不到"):
        take(source, course)


def test_work_folders_of_killed_runs_are_swept(source: Path, course: Path) -> None:
    put(source / "2025010101.ipynb", notebook())
    left = course / ".collecting-old"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    take(source, course)
    assert not left.exists()
