"""Registers and tables of marks from sheets as teachers keep them: previewed, reported cell by cell."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.gradebook.attendance import read_register
from autograder.gradebook.importing import preview_import
from autograder.gradebook.settings import settings_of
from autograder.gradebook.tables import Preview, TableError, read_table
from autograder.roster import Roster, Student
from tests.autograder.test_roster import workbook

ROSTER = Roster((Student("2025010101", "张三"), Student("2025010102", "李四"), Student("2025010103", "王芳")))  # fmt: skip


def see(folder: Path, name: str, rows: list[list[Any]], roster: Roster | None = ROSTER, merged: tuple[str, ...] = (), **more: Any) -> Preview:  # fmt: skip
    path = workbook(folder / f"{name}.xlsx", rows, merged)
    return preview_import(folder, path, name, settings_of(folder), roster=roster, **more)


def places(preview: Preview) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.value) for p in preview.problems if p.treatment == "已拒收"]


def test_a_register_knows_the_marks_that_teachers_write(tmp_path: Path) -> None:
    days = [dt.datetime(2025, 9, d) for d in (1, 8, 15, 22)]
    seen = see(tmp_path, "考勤", [
        ["点名册"],
        ["学号", "姓名", *days, "备注", "出勤率"],
        ["２０２５０１０１０１", "张 三", "√", "迟到", "旷课", "病假", "好", 0.5],
        [2025010102.0, "李四", "✓", " 事假 ", "公假", 1],
        ["2025010103", "王芳", "来了", 95, 120, None],
        ["2025019999", "路人", "√"],
        ["2025010102", "李思", "×"],
        ["合计", None, 3, 2],
    ])  # fmt: skip
    assert list(seen.table.columns) == ["2025-09-01", "2025-09-08", "2025-09-15", "2025-09-22"]
    assert seen.table.cells == {
        "2025010101": dict(zip(seen.table.columns, ["出勤", "迟到", "旷课", "病假"], strict=True)),
        "2025010102": dict(zip(seen.table.columns, ["出勤", "事假", "公假", "出勤"], strict=True)),
        "2025010103": {"2025-09-08": "95"},
    }
    assert places(seen) == [
        (5, "2025-09-01", "来了"), (5, "2025-09-15", "120"), (6, "学号", "2025019999"), (7, "学号", "2025010102"),
    ]  # fmt: skip
    assert "名册里 2025010102 是「李四」，这里是「李思」" in seen.problems[-1].reason
    seen.keep(tmp_path)
    table = read_table(tmp_path, "考勤")
    assert table is not None
    register = read_register(table, ROSTER.ids, settings_of(tmp_path).attendance)
    assert register.results == {"2025010101": Fraction(70), "2025010102": Fraction(95), "2025010103": Fraction(95)}  # fmt: skip
    assert register.warned == {}


def test_a_header_over_two_rows_and_full_marks(tmp_path: Path) -> None:
    rows = [
        ["学号", "姓名", "小测", None, "作业（满分20）"],
        [None, None, "第1次", "第2次", None],
        ["满分", None, 10, 50, None],
        ["2025010101", "张三", "9.5分", 50, "１８"],
        ["2025010102", "李四", 11, "缺考", "优秀"],
    ]
    seen = see(tmp_path, "小测", rows, merged=("A1:A2", "B1:B2", "C1:D1", "E1:E2"))
    assert seen.table.columns == {"小测 第1次": "10", "小测 第2次": "50", "作业": "20"}
    assert seen.table.cells["2025010101"] == {"小测 第1次": "9.5", "小测 第2次": "50", "作业": "18"}
    assert seen.table.cells["2025010102"] == {"小测 第2次": "缺考", "作业": "优秀"}
    assert places(seen) == [(5, "小测 第1次", "11")]
    assert "0 到 10" in next(p.reason for p in seen.problems if p.value == "11")


def test_a_second_import_shows_what_changes_and_keeps_the_rest(tmp_path: Path) -> None:
    first = see(tmp_path, "课堂表现", [["学号", "成绩"], ["2025010101", 80], ["2025010102", 70]])
    assert first.without == ("2025010103",)
    first.keep(tmp_path)
    again = see(tmp_path, "课堂表现", [["学号", "成绩"], ["2025010101", 85], ["2025010102", None], ["2025010103", 60]])  # fmt: skip
    assert again.frame.to_numpy().tolist() == [
        ["2025010101", "张三", "成绩", "80", "85"], ["2025010103", "王芳", "成绩", "", "60"],
    ]  # fmt: skip
    assert "新增 1 格，改动 1 格" in again.summary()
    before = read_table(tmp_path, "课堂表现")
    assert before is not None and before.cells["2025010101"] == {
        "成绩": "80"
    }  # nothing written yet
    again.keep(tmp_path)
    after = read_table(tmp_path, "课堂表现")
    assert after is not None and after.cells["2025010102"] == {"成绩": "70"}


def test_two_values_for_one_cell_are_refused_and_both_named(tmp_path: Path) -> None:
    seen = see(tmp_path, "课堂表现", [["学号", "成绩"], ["2025010101", 80], ["2025010101", 90], ["2025010102", 70], ["2025010102", 70]])  # fmt: skip
    assert seen.table.cells == {"2025010102": {"成绩": "70"}}
    assert places(seen) == [(2, "成绩", "80"), (3, "成绩", "90")]


def test_errors_and_formulas_without_a_result_are_named(tmp_path: Path) -> None:
    seen = see(tmp_path, "课堂表现", [["学号", "成绩", "加分"], ["2025010101", "=A1+1", True]])
    assert [(r, c) for r, c, _ in places(seen)] == [(2, "成绩"), (2, "加分")]
    assert "另存一次" in seen.problems[0].reason


def test_gbk_text_and_a_list_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes("学号,姓名,成绩,学号,姓名,成绩\n2025010101,张三,80,2025010102,李四,良好\n".encode("gb18030"))  # fmt: skip
    seen = preview_import(tmp_path, path, "课堂表现", settings_of(tmp_path), roster=ROSTER)
    assert seen.table.cells == {"2025010101": {"成绩": "80"}, "2025010102": {"成绩": "良好"}}


def test_what_is_no_table_of_marks_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="请给表加一列学号"):
        see(tmp_path, "a", [["姓名", "成绩"], ["张三", 80]])
    with pytest.raises(TableError, match="没有别的列"):
        see(tmp_path, "b", [["学号", "姓名", "备注"], ["2025010101", "张三", "好"]])
    with pytest.raises(TableError, match="不能作表的名称"):
        preview_import(
            tmp_path,
            workbook(tmp_path / "c.xlsx", [["学号", "成绩"], ["1", 80]]),
            "../x",
            settings_of(tmp_path),
        )


def test_an_empty_cell_is_what_the_class_says(tmp_path: Path) -> None:
    rows = [["学号", "1周", "2周"], ["2025010101", None, "旷课"], ["2025010102", "√", None]]
    see(tmp_path, "考勤", rows).keep(tmp_path)
    table = read_table(tmp_path, "考勤")
    assert table is not None
    for blank, expected in (("不计", (0, 100)), ("出勤", (50, 100)), ("旷课", (0, 50))):
        (tmp_path / "grading.yaml").write_text(f"考勤: {{空格: {blank}}}", encoding="utf-8")
        found = read_register(table, ROSTER.ids, settings_of(tmp_path).attendance)
        assert (found.results["2025010101"], found.results["2025010102"]) == expected
        assert found.results["2025010103"] is None  # not in the register at all
        assert "2025010101" in found.warned
