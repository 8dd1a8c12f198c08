"""Folders, zips and loose notebooks become submitted/<student>/<lab>/."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from autograder.collect import collect
from tests.autograder.collecting.downloads import (
    ROSTER,
    gbk_zip,
    notebook,
    packed,
    put,
    row,
    submitted,
    take,
)


def test_a_folder_of_folders_zips_and_loose_notebooks(source: Path, course: Path) -> None:
    put(source / "张三-2025010101-实验三" / "E3.ipynb", notebook())
    put(source / "张三-2025010101-实验三" / "out" / "男性客户.xlsx", b"PK")
    put(
        source / "张三-2025010101-实验三" / ".ipynb_checkpoints" / "E3-checkpoint.ipynb", notebook()
    )
    put(
        source / "2025010102 李四 E3.zip", packed({"E3/E3.ipynb": notebook(), "E3/out/a.csv": b"1"})
    )
    put(source / "E3_2025010103王芳_尝试1.ipynb", notebook())
    put(source / "欧阳修文_991_assignsubmission_file_" / "E3.ipynb", notebook())
    done = []
    collected = collect(
        source, "E3", course, roster=ROSTER, progress=lambda s, n, total: done.append((n, total))
    )
    assert submitted(course) == {
        "2025010101": ["E3.ipynb", "out/男性客户.xlsx"],
        "2025010102": ["E3.ipynb", "out/a.csv"],
        "2025010103": ["E3.ipynb"],
        "2025010105": ["E3.ipynb"],
    }
    assert collected.table["处理"].eq("已收取").all()
    assert collected.students == sorted(submitted(course))
    assert collected.missing == ["2025010104", "2025010106", "S20250107"]
    assert "按姓名「欧阳修文」对应" in row(collected, "2025010105")["原因"]
    assert row(collected, "2025010101")["时间"] == "2025-11-20 10:00"
    assert done[-1] == (4, 4)
    assert "名册里还有 3 人没有交" in collected.summary()


def test_one_zip_of_a_platform_with_folders_zips_and_gbk_names(source: Path, course: Path) -> None:
    whole = gbk_zip(
        {
            "E3作业/2025010101 张三/E3.ipynb": notebook(),
            "E3作业/2025010101 张三/数据.csv": b"1",
            "E3作业/2025010102李四.zip": gbk_zip({"实验三/E3-副本.ipynb": notebook()}),
            "__MACOSX/x/._E3.ipynb": b"x",
        }
    )
    path = put(source / "客户关系管理_E3_20251121.zip", whole)
    collected = take(path, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb", "数据.csv"], "2025010102": ["E3.ipynb"]}
    assert collected.problems.empty
    assert row(collected, "2025010102")["文件"].endswith("2025010102李四.zip/实验三/E3-副本.ipynb")


def test_backslashes_of_windows_packers_are_folders(source: Path, course: Path) -> None:
    put(source / "2025010101.zip", packed({"E3\\E3.ipynb": notebook(), "E3\\out\\a.csv": b"1"}))
    take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb", "out/a.csv"]}


def test_the_timestamp_is_the_one_nbgrader_reads(source: Path, course: Path) -> None:
    from nbgrader.utils import parse_utc

    put(source / "2025010101" / "E3.ipynb", notebook(), "2025-11-20T10:00")
    take(source, course)
    text = (course / "submitted/2025010101/E3/timestamp.txt").read_text(encoding="utf-8").strip()
    assert parse_utc(text) == datetime(2025, 11, 20, 2, 0)


def test_a_students_own_timestamp_is_not_believed(source: Path, course: Path) -> None:
    files = {"E3.ipynb": notebook(), "timestamp.txt": b"2001-01-01", "submission_secret.txt": b"s"}
    put(source / "2025010101.zip", packed(files), "2025-11-25T08:00")
    take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    text = (course / "submitted/2025010101/E3/timestamp.txt").read_text(encoding="utf-8")
    assert text == "2025-11-25T08:00:00+08:00\n"


def test_the_time_of_a_class_archive_is_not_every_students_time(source: Path, course: Path) -> None:
    put(source / "一班.zip", packed({"2025010101 张三/E3.ipynb": notebook()}), "2025-12-01T08:00")
    assert row(take(source, course), "2025010101")["时间"] == "2025-11-20 09:30"


def test_of_several_hand_ins_the_newest_counts_and_the_others_are_named(
    source: Path, course: Path
) -> None:
    put(
        source / "2025010101 张三.zip",
        packed({"E3.ipynb": notebook(answer="old")}),
        "2025-11-19T10:00",
    )
    put(
        source / "补交" / "2025010101 张三.zip",
        packed({"E3.ipynb": notebook(answer="new")}),
        "2025-11-21T10:00",
    )
    table = take(source, course).table
    assert sorted(table["处理"]) == ["已收取", "较早，未用"]
    assert b"new" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()


def test_numbered_attempts_go_by_their_numbers(source: Path, course: Path) -> None:
    put(source / "E3_2025010101张三_尝试10.ipynb", notebook(answer="tenth"))
    put(source / "E3_2025010101张三_尝试9.ipynb", notebook(answer="ninth"), "2025-11-22T10:00")
    take(source, course)
    assert b"tenth" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "E3-Copy1.ipynb",
        "E3 (1).ipynb",
        "实验三 客户档案.ipynb",
        "E3.ipynb.txt",
        "E3.json",
        "e3.IPYNB",
    ],
)
def test_a_renamed_notebook_is_known_by_its_cells(source: Path, course: Path, name: str) -> None:
    put(source / "2025010101" / name, notebook())
    put(source / "2025010101" / "草稿.ipynb", b'{"cells": []}')
    collected = take(source, course)
    assert submitted(course) == {"2025010101": ["E3.ipynb"]}
    assert row(collected, "2025010101")["文件"].endswith(name)


def test_of_two_copies_the_one_that_was_worked_on_counts(source: Path, course: Path) -> None:
    put(course / "release" / "E3" / "E3.ipynb", notebook(answer="# 在这里写代码"))
    put(source / "2025010101" / "E3.ipynb", notebook(answer="# 在这里写代码"), "2025-11-22T10:00")
    put(source / "2025010101" / "E3-Copy1.ipynb", notebook(answer="done"), "2025-11-20T10:00")
    collected = take(source, course)
    assert b"done" in (course / "submitted/2025010101/E3/E3.ipynb").read_bytes()
    assert "另有「E3.ipynb」没有用（还是发下去的样子）" in row(collected, "2025010101")["原因"]


def test_another_labs_notebook_is_reported_and_not_taken(source: Path, course: Path) -> None:
    put(source / "2025010101 张三" / "E3.ipynb", notebook("E2"))
    put(source / "2025010102 李四" / "E3" / "E3.ipynb", notebook())
    put(source / "2025010102 李四" / "E2" / "E2.ipynb", notebook("E2"))
    put(source / "2025010102 李四" / "E2" / "out" / "x.csv")
    collected = take(source, course)
    assert submitted(course) == {"2025010102": ["E3.ipynb"]}
    assert row(collected, "2025010101")["处理"] == "未收取"
    assert "是 E2 的笔记本，不是 E3 的" in row(collected, "2025010101")["原因"]


@pytest.mark.parametrize("content", [b"", b'{"cells": [{"cell_type"', b"\xff\xfe\x00", b"[1, 2]"])
def test_a_broken_notebook_is_taken_so_that_the_grader_can_say_why(
    source: Path, course: Path, content: bytes
) -> None:
    put(source / "2025010101" / "E3.ipynb", content)
    assert row(take(source, course), "2025010101")["处理"] == "已收取"
    assert (course / "submitted/2025010101/E3/E3.ipynb").read_bytes() == content


def test_gbk_and_utf16_notebooks_are_recognised(source: Path, course: Path) -> None:
    text = notebook(answer="男性客户").decode()
    put(source / "2025010101" / "作业.ipynb", text.encode("gbk"))
    put(source / "2025010102" / "作业.ipynb", text.encode("utf-16"))
    put(source / "2025010102" / "别的.ipynb", notebook("E2"))
    assert take(source, course).students == ["2025010101", "2025010102"]
