"""The class list: read from whatever the school hands out, written into nbgrader's gradebook."""

from __future__ import annotations

import datetime as dt
import os
import string
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.gradebook.database import open_gradebook
from autograder.roster import (
    Roster,
    RosterError,
    Student,
    clean_id,
    clean_name,
    is_student_id,
    read_roster,
    write_names,
)


def workbook(path: Path, rows: list[list[Any]], merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名单"
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    book.save(path)
    return path


def reasons(roster: Roster) -> list[tuple[int, str, str]]:
    return [(row, treatment, reason) for _, row, _, _, treatment, reason in roster.problems]


def test_columns_in_any_order_below_a_preamble_with_a_footer(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "名单.xlsx",
        [
            ["××大学 2025—2026 学年第一学期学生名单"],
            ["课程：客户关系管理", None, "教师：王老师"],
            [],
            ["序号", "姓  名", "班级", " 学号 ", "性别"],
            [1, "张三", "市场营销2501", "2025010101", "男"],
            [2, "李 四", "市场营销2501", 2025010102, "女"],
            [3, "王芳", "市场营销2502", "2025010103.0", "女"],
            [],
            ["合计", 3],
            ["制表人：教务处", None, None, "2025-09-01"],
        ],
    )
    roster = read_roster(path)
    assert roster.students == (
        Student("2025010101", "张三", "市场营销2501"),
        Student("2025010102", "李四", "市场营销2501"),
        Student("2025010103", "王芳", "市场营销2502"),
    )
    assert (7, "已修正", "去掉多余的字符") in reasons(roster)


def test_each_kind_of_mess_is_mended_or_named_with_its_row(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "名单.xlsx",
        [
            ["学号", "姓名"],
            ["２０２５０１０１０１", "张三"],  # full-width digits
            ["'2025010102", "李四（班长）"],  # apostrophe, remark
            ["2025 0101 03", "王　芳"],  # spaces
            ["\u200b2025010104\t", "赵六"],  # invisible characters
            [2025010105.0, "钱七"],  # a number
            ["2025010101", "张三"],  # the same line twice
            ["2025010102", "李思"],  # the same id, another name
            ["2.025E+09", "孙八"],  # scientific notation
            [dt.datetime(2025, 1, 1), "周九"],  # Excel made it a date
            [None, "吴十"],  # no id
            ["2025010107", None],  # no name
            ["../2025010108", "郑一"],  # not an id
            [202501010612345678, "冯二"],  # digits lost
            ["2025010109", "王芳"],  # a namesake
            ["学号", "姓名"],  # the header of the next page
            ["2025010110", "欧阳修文"],
        ],
    )
    roster = read_roster(path)
    expected = ["01", "03", "04", "05", "07", "09", "10"]
    assert roster.ids == [f"20250101{n}" for n in expected]
    assert roster.name("2025010103") == "王芳"
    said = {row: (treatment, reason) for row, treatment, reason in reasons(roster)}
    assert said[2] == ("已修正", "全角字符改为半角")
    assert said[4][0] == "已修正"
    assert said[7] == ("已拒收", "与第 2 行重复，只收一次")
    assert "这里是「李思」，第 3 行是「李四」" in said[8][1]
    assert (3, "已拒收") in [
        r[:2] for r in reasons(roster)
    ]  # nobody knows which of the two is right
    assert "科学计数法" in said[9][1]
    assert "日期" in said[10][1]
    assert "「吴十」没有学号" in said[11][1]
    assert said[12] == ("请核对", "学号 2025010107 没有姓名")
    assert "不像学号" in said[13][1]
    assert "后几位已经丢失" in said[14][1]
    assert "同名的有 2 人" in said[15][1]
    assert list(roster.report.columns) == ["工作表", "行", "列", "原值", "处理", "原因"]
    assert 6 not in said and 16 not in said and 17 not in said


def test_a_merged_class_cell_holds_for_all_its_rows(tmp_path: Path) -> None:
    rows = [
        ["班级", "学号", "姓名"],
        ["一班", "101", "甲一"],
        [None, "102", "乙二"],
        [None, "103", "丙三"],
    ]
    roster = read_roster(workbook(tmp_path / "名单.xlsx", rows, merged=("A2:A3",)))
    assert [s.group for s in roster.students] == ["一班", "一班", ""]


def test_two_columns_of_students_side_by_side(tmp_path: Path) -> None:
    rows = [
        ["班级：市营2501"],
        ["学号", "姓名", None, "学号", "姓名"],
        ["101", "甲一", None, "103", "丙三"],
        ["102", "乙二"],
    ]
    roster = read_roster(workbook(tmp_path / "名单.xlsx", rows))
    assert sorted(roster.ids) == ["101", "102", "103"]
    assert {s.group for s in roster.students} == {"市营2501"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_tables_in_the_encodings_that_occur(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes("姓名,学号\n张三,0102\n李四,0103\n".encode(encoding))
    assert read_roster(path).ids == ["0102", "0103"]  # leading zeros stay


def test_all_sheets_with_a_header_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "名单.xlsx", [["学号", "姓名"], ["101", "甲一"]])
    book = openpyxl.load_workbook(path)
    second = book.create_sheet("二班")
    second.append(["姓名", "学号"])
    second.append(["乙二", "102"])
    book.create_sheet("说明").append(["本表由教务处提供"])
    book.save(path)
    assert read_roster(path).ids == ["101", "102"]
    assert read_roster(path, "二班").ids == ["102"]


def test_a_table_without_the_header_or_without_students_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="请给名册加一行表头"):
        read_roster(workbook(tmp_path / "a.xlsx", [["2025010101", "张三"]]))
    with pytest.raises(RosterError, match="没有一行可用的学号"):
        read_roster(workbook(tmp_path / "b.xlsx", [["学号", "姓名"], [None, None]]))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2025010101", True), ("王芳 (重修)", True), ("a.b-c_d@x", True), ("Ж12", True), ("x" * 80, True),
        ("x" * 81, False), (".hidden", False), ("..", False), ("a/b", False), ("a\\b", False), ("", False),
        (" a", False), ("a ", False), ("a.", False), ("a\nb", False), ("CON", False), ("nul.txt", False),
        ("a+b", False), ("*", False), ("=1", False), ("<b>", False),
    ],
)  # fmt: skip
def test_student_ids_are_safe_as_folder_names(text: str, good: bool) -> None:
    assert is_student_id(text) is good


@given(
    st.one_of(
        st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.none(), st.dates()
    )
)
def test_any_cell_gives_a_safe_id_or_a_reason(value: Any) -> None:
    student, how = clean_id(value)
    assert is_student_id(student) if student else how
    clean_name(value)


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=20))
def test_a_good_id_is_not_touched(text: str) -> None:
    if is_student_id(text):
        assert clean_id(text) == (text, "")


def test_names_in_nbgraders_gradebook_stay_whole(tmp_path: Path) -> None:
    roster = Roster((Student("2025010101", "张三"), Student("2025010102", "")))
    assert write_names(roster, tmp_path) == 2
    assert write_names(roster, tmp_path) == 0
    with open_gradebook(tmp_path) as gb:
        gb.update_or_create_student("2025010102", first_name="四", last_name="李")
    assert write_names(roster, tmp_path) == 0  # no name on the list: what is there stays
    assert write_names(Roster((Student("2025010101", "张三丰"),)), tmp_path) == 1
    with open_gradebook(tmp_path) as gb:
        there = {s.id: (s.last_name, s.first_name) for s in gb.students}
    assert there == {"2025010101": ("张三丰", ""), "2025010102": ("李", "四")}


# ------------------------------------------------------------------ the mess of real lists
HEAD = ["学号", "姓名", "班级"]
CLEAN = [
    ["2025010101", "张三", "市营2501"],
    ["2025010102", "李四", "市营2501"],
    ["2025010103", "王芳", "市营2502"],
]


def students(roster: Roster) -> list[list[str]]:
    return [[s.id, s.name, s.group] for s in roster.students]


def hide(path: Path, row: int | None = None, sheet: str | None = None) -> Path:
    book = openpyxl.load_workbook(path)
    page = book[sheet] if sheet else book.worksheets[0]
    if row is None:
        page.sheet_state = "hidden"
    else:
        page.row_dimensions[row].hidden = True
    book.save(path)
    return path


def test_a_hidden_row_is_read_and_named(tmp_path: Path) -> None:
    roster = read_roster(hide(workbook(tmp_path / "名单.xlsx", [HEAD, *CLEAN]), row=3))
    assert students(roster) == CLEAN
    assert [(p.row, p.treatment) for p in roster.problems] == [(3, "请核对")]
    assert "隐藏" in roster.problems[0].reason


def test_a_hidden_sheet_is_not_read_and_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "名单.xlsx", [HEAD, *CLEAN[:2]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("旧名单").append(HEAD)
    book["旧名单"].append(CLEAN[2])
    book.save(path)
    roster = read_roster(hide(path, sheet="旧名单"))
    assert students(roster) == CLEAN[:2]
    assert roster.problems[0].sheet == "旧名单" and "隐藏" in roster.problems[0].reason


@pytest.mark.parametrize(
    "footer",
    [
        ["合计", 45],
        ["合计：3人", None],
        ["制表人：教务处", "2025-09-01"],
        [None, "任课教师：王"],
        ["共", 3, "人"],
    ],
)
def test_footers_are_no_students(footer: list[Any], tmp_path: Path) -> None:
    roster = read_roster(workbook(tmp_path / "名单.xlsx", [HEAD, *CLEAN, footer]))
    assert students(roster) == CLEAN


@pytest.mark.parametrize(
    "head",
    [
        ["学生学号", "学生姓名", "行政班"], ["考号", "姓　名", "班级名称"], ["学号（必填）", "姓名*", "教学班"],
        ["学号/工号", "真实姓名", "所属班级"], ["学 号", "名字", "班"],
    ],
)  # fmt: skip
def test_headers_have_synonyms(head: list[str], tmp_path: Path) -> None:
    roster = read_roster(workbook(tmp_path / "名单.xlsx", [["×× 学院"], head, *CLEAN]))
    assert students(roster) == CLEAN


def test_the_number_of_the_course_wins_over_that_of_the_examination(tmp_path: Path) -> None:
    rows = [["考号", "姓名", "学号"], *[[f"K{n}", c[1], c[0]] for n, c in enumerate(CLEAN)]]
    assert read_roster(workbook(tmp_path / "名单.xlsx", rows)).ids == [c[0] for c in CLEAN]


def test_a_class_on_each_sheet_gives_its_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for n, title in enumerate(("市营1班", "市营2班")):
        sheet = book.create_sheet(title)
        sheet.append(HEAD[:2])
        sheet.append(CLEAN[n][:2])
    book.save(tmp_path / "名单.xlsx")
    assert [s.group for s in read_roster(tmp_path / "名单.xlsx").students] == ["市营1班", "市营2班"]


@pytest.mark.parametrize(
    "lost", ["2.02501E+09", "2.02501e+09", "２.025E+09", "2E+09", 202501010612345678.0]
)
def test_an_id_whose_digits_are_lost_is_refused_with_its_row(lost: Any, tmp_path: Path) -> None:
    roster = read_roster(
        workbook(tmp_path / "名单.xlsx", [HEAD, *CLEAN, [lost, "赵六", "市营2502"]])
    )
    assert students(roster) == CLEAN
    assert (roster.problems[0].row, roster.problems[0].treatment) == (5, "已拒收")
    assert "后几位已经丢失" in roster.problems[0].reason


def test_one_id_with_two_names_is_refused_and_both_rows_are_named(tmp_path: Path) -> None:
    rows = [HEAD, *CLEAN, ["2025010102", "李思", "市营2502"], CLEAN[0]]
    roster = read_roster(workbook(tmp_path / "名单.xlsx", rows))
    assert roster.ids == ["2025010101", "2025010103"]
    named = {p.row: p.reason for p in roster.problems}
    assert "第 5 行是「李思」" in named[3] and "第 3 行是「李四」" in named[5]
    assert named[6] == "与第 2 行重复，只收一次"


def test_formulas_errors_and_leavers_are_named(tmp_path: Path) -> None:
    rows = [
        [*HEAD, "学籍"],
        [*CLEAN[0], "休学"],
        ["=1/0", "李四", ""],
        ["2025010103", "=VLOOKUP(1,A9:B9,2,0)", ""],
    ]
    roster = read_roster(workbook(tmp_path / "名单.xlsx", rows))
    said = {p.row: (p.treatment, p.reason) for p in roster.problems}
    assert said[2] == ("请核对", "这一行写着「休学」，仍收入名册")
    assert said[3][0] == "已拒收" and "公式" in said[3][1]
    assert said[4][0] == "请核对"


def test_an_odd_id_among_many_of_one_shape_is_worth_a_look(tmp_path: Path) -> None:
    rows = [
        HEAD,
        *CLEAN,
        ["202501O104", "赵六"],
        ["25010105", "孙七"],
        *[[f"20250101{n}", f"学生{n}"] for n in range(10, 25)],
    ]
    roster = read_roster(workbook(tmp_path / "名单.xlsx", rows))
    assert [(p.row, p.treatment) for p in roster.problems] == [(5, "请核对"), (6, "请核对")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_tables_of_wps_and_excel(separator: str, tmp_path: Path) -> None:
    lines = [
        separator.join(HEAD),
        *(
            separator.join([f'="{c[0]}"' if separator != "," else f"'{c[0]}", *c[1:]])
            for c in CLEAN
        ),
    ]
    path = tmp_path / "名单.csv"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    assert students(read_roster(path)) == CLEAN


def test_no_usable_id_at_all_says_the_first_reason(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="第 2 行「2.02501E[+]09」.*后几位已经丢失"):
        read_roster(workbook(tmp_path / "名单.xlsx", [HEAD, ["2.02501E+09", "张三", ""]]))


NAMES = st.sampled_from(["张三", "李四", "王小芳", "欧阳娜娜", "古丽·阿依", "赵六"])
MESS = (
    "full",
    "space",
    "apostrophe",
    "number",
    "float",
    "invisible",
    "tab",
    "twice",
    "lost",
    "date",
    "none",
    "plain",
    "name spaces",
    "monitor",
)


def messed(kind: str, student: str, name: str) -> tuple[list[list[Any]], bool]:
    """The rows of a student after a mess, and whether the student must come back."""
    full = student.translate({48 + n: 0xFF10 + n for n in range(10)})
    ids: dict[str, Any] = {
        "full": full, "space": f"{student[:4]}　{student[4:]} ", "apostrophe": f"'{student}", "number": int(student),
        "float": f"{student}.0", "invisible": f"\ufeff{student}\u200b", "tab": f"\t{student}", "lost": "2.02501E+09",
        "date": dt.datetime(2025, 1, 1), "none": None,
    }  # fmt: skip
    shown = {"name spaces": "　".join(name), "monitor": f"{name}（班长）"}.get(kind, name)
    row = [ids.get(kind, student), shown]
    return ([row, row] if kind == "twice" else [row]), kind not in ("lost", "date", "none")


@given(
    st.lists(st.tuples(NAMES, st.sampled_from(MESS)), min_size=1, max_size=25),
    st.integers(0, 3), st.booleans(), st.booleans(),
)  # fmt: skip
@settings(max_examples=200 if int(os.environ.get("CRMKIT_FULL", 0)) else 25, deadline=None)
def test_a_messed_list_comes_back_equal_or_says_which_row(
    people: list[tuple[str, str]], above: int, swapped: bool, footer: bool
) -> None:
    rows: list[list[Any]] = [["课程名单"]] * above + [
        ["姓名", "学号"] if swapped else ["学号", "姓名"]
    ]
    expected, refused = [], []
    for n, (name, kind) in enumerate([*people, ("孙七", "plain")]):
        student = f"20250101{n:02d}"
        lines, comes = messed(kind, student, name)
        if comes:
            expected.append([student, name, ""])
        else:
            refused.append(len(rows) + 1)
        rows += [line[::-1] if swapped else line for line in lines]
    rows += [["合计", len(people)]] if footer else []
    with tempfile.TemporaryDirectory() as folder:
        roster = read_roster(workbook(Path(folder) / "名单.xlsx", rows))
    assert students(roster) == expected
    assert {
        p.row for p in roster.problems if p.treatment == "已拒收" and "重复" not in p.reason
    } == set(refused)
