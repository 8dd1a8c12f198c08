"""The gradebook: nbgrader's numbers, as a workbook whose formulas give the same numbers."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from autograder.gradebook.database import open_gradebook
from autograder.gradebook.exact import show
from autograder.gradebook.export import Exported, export, workbook_bytes
from autograder.gradebook.marks import (
    ClassMarks,
    GradebookError,
    Item,
    ItemMark,
    LabMark,
    LabMarks,
    read_marks,
)
from autograder.gradebook.scheme import compute
from autograder.roster import Roster, Student
from tests.autograder import classroom, fifty
from tests.autograder.classroom import ROSTER

NOW = datetime(2025, 12, 31, 8, 30)
OFFICE = shutil.which("soffice")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return classroom.make(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def exported(course: Path) -> Exported:
    return export(course, course / "成绩册.xlsx", roster=ROSTER, now=NOW)


def nbgraders(course: Path) -> dict[tuple[str, str], float]:
    """(lab, student) → the mark after the penalty, as nbgrader's own export computes it."""
    with open_gradebook(course) as gb:
        return {
            (a.name, s.student_id): max(0.0, s.score - s.late_submission_penalty)
            for a in gb.assignments
            for s in a.submissions
        }


def table(path: Path, sheet: str, header: int) -> pd.DataFrame:
    """A sheet as a reader sees it that does not compute."""
    frame = pd.read_excel(
        path, sheet_name=sheet, header=header, dtype={"学号": str}, engine="calamine"
    )
    return frame.set_index("学号")


def test_marks_are_nbgraders_marks(course: Path) -> None:
    marks = read_marks(course, roster=ROSTER)
    assert [lab.lab for lab in marks.labs] == ["E1", "E3"]
    ours = {
        (lab.lab, student): mark.score
        for lab in marks.labs
        for student, mark in lab.marks.items()
        if mark.score is not None
    }
    assert ours == pytest.approx(nbgraders(course))
    assert ours["E3", "2025010104"] == pytest.approx(1.0 + 13.5 + 0 - 5)
    assert ours["E1", "2025010104"] == 0.0  # never below zero


def test_each_state_of_a_hand_in_is_told_apart(course: Path) -> None:
    marks = read_marks(course, roster=ROSTER)
    e3 = marks.labs[1].marks
    assert {s: m.status for s, m in e3.items()} == {
        "2025010101": "已评",
        "2025010102": "待人工批阅",
        "2025010103": "不能评分",
        "2025010104": "待人工批阅",
        "2025010105": "未交",
        "2025010106": "未评分",
    }
    assert e3["2025010103"].score is None  # never a silent 0
    assert e3["2025010102"].items["E3-12"] == ItemMark(None, pending=True)


def test_points_and_titles_come_from_gradebook_and_records(course: Path) -> None:
    lab = read_marks(course, ["E3"]).labs[0]
    assert lab.title == "客户档案分析"
    assert [(i.id, i.title, i.points) for i in lab.items] == classroom.ITEMS["E3"]
    assert lab.points == 38.5


def test_comments_of_the_teacher_reach_their_item(course: Path) -> None:
    marks = read_marks(course).labs[1].marks
    assert "数字用得好" in marks["2025010101"].items["E3-12"].comment
    assert marks["2025010102"].items["E3-12"].comment == ""  # nbgrader's English is not shown
    assert marks["2025010104"].items["E3-02"].comment == "公式对，区域选错了"


def test_a_mark_by_hand_counts_even_when_the_program_could_not_grade(tmp_path: Path) -> None:
    course = classroom.make(tmp_path)
    with open_gradebook(course) as gb:
        gb.add_submission("E3", "2025010103")
        gb.find_grade("E3-01", "E3", "E3", "2025010103").manual_score = 6.0
        gb.db.commit()
    mark = read_marks(course, ["E3"]).labs[0].marks["2025010103"]
    assert (mark.status, mark.score) == ("待人工批阅", 6.0)


def test_a_record_without_gradebook_entry_is_not_lost(tmp_path: Path) -> None:
    classroom.put_record(tmp_path, classroom.record("E1", "2025010109", [1, 0.5]))
    marks = read_marks(tmp_path)
    mark = marks.labs[0].marks["2025010109"]
    assert mark.score == 35.0
    assert "取自评分记录" in mark.note


def test_a_student_not_on_the_list_is_shown_and_marked(course: Path) -> None:
    short = Roster(ROSTER.students[:5])
    marks = read_marks(course, roster=short)
    assert marks.students[-1].id == "2025010106"
    assert marks.unlisted == {"2025010106"}


def test_what_is_not_there_is_said(tmp_path: Path, course: Path) -> None:
    with pytest.raises(GradebookError, match="还没有成绩"):
        read_marks(tmp_path)
    with pytest.raises(GradebookError, match="没有 E9 的成绩；有成绩的是 E1、E3"):
        read_marks(course, ["E9"])
    (tmp_path / "records" / "E1").mkdir(parents=True)
    (tmp_path / "records" / "E1" / "1.json").write_text("{", encoding="utf-8")
    with pytest.raises(GradebookError, match="读不出来"):
        read_marks(tmp_path)


def test_the_workbook_has_its_sheets_and_readers_see_the_values(
    exported: Exported, course: Path
) -> None:
    book = openpyxl.load_workbook(exported.workbook)
    assert book.sheetnames == [
        "总评表", "统计", "课堂表现", "出勤情况", "作业成绩", "技能考试", "E1", "E3",
        "迟交", "待人工批阅", "不能评分", "说明",
    ]  # fmt: skip
    homework = table(exported.workbook, "作业成绩", 5)
    expected = nbgraders(course)
    for student in ROSTER.ids:
        for lab in ("E1", "E3"):
            mark, shown = expected.get((lab, student)), homework.loc[student, lab]
            assert shown == (pytest.approx(mark) if mark is not None else shown)
            assert isinstance(shown, str) is (mark is None)
    assert homework.loc["2025010103", "E1":"得分"].tolist() == ["未交", "不能评分", 0]
    totals = table(exported.workbook, "总评表", 7)
    both = [expected["E1", "2025010101"] / 50, expected["E3", "2025010101"] / 38.5]
    assert totals.loc["2025010101", "作业成绩"] == pytest.approx(50 * sum(both))
    assert totals.loc["2025010101", "状态"] == "缺 期末考核"
    assert totals.loc["2025010103", "备注"].startswith("未交：E1；不能评分：E3")
    assert "待批：E3 8 分" in totals.loc["2025010102", "备注"]
    assert "迟交扣：E1 5、E3 5" in totals.loc["2025010104", "备注"]


def test_lab_sheets_show_every_item_of_every_student(exported: Exported) -> None:
    sheet = table(exported.workbook, "E3", 4)
    assert list(sheet.columns[1:5]) == ["E3-01", "E3-02", "E3-03", "E3-12"]
    assert list(sheet.loc["2025010101", ["E3-01", "E3-02", "E3-03", "E3-12"]]) == [10, 14, 6.5, 7]
    assert sheet.loc["2025010102", "E3-12"] == "待批"
    assert sheet.loc["2025010104", "E3-02"] == 13.5
    assert sheet["状态"].tolist()[2] == "不能评分"
    raw = pd.read_excel(exported.workbook, sheet_name="E3", header=None, engine="calamine")
    assert raw.iloc[1, 2:6].tolist() == ["男性客户", "透视表", "省份柱形图", "营销建议"]
    assert raw.iloc[2, 2:7].tolist() == [10, 14, 6.5, 8, 38.5]


def test_lists_for_the_teacher(exported: Exported) -> None:
    waiting = pd.read_excel(
        exported.workbook, sheet_name="待人工批阅", header=2, dtype={"学号": str}, engine="calamine"
    )
    assert waiting[["学号", "题号"]].to_numpy().tolist() == [
        ["2025010102", "E3-12"],
        ["2025010104", "E3-12"],
    ]
    refused = pd.read_excel(
        exported.workbook, sheet_name="不能评分", header=2, dtype={"学号": str}, engine="calamine"
    )
    assert refused["原因"].tolist() == ["笔记本不完整：上传时断了"]


def test_sheets_are_frozen_filtered_and_printable(exported: Exported) -> None:
    book = openpyxl.load_workbook(exported.workbook)
    for sheet in book.worksheets:
        assert isinstance(sheet, Worksheet)
        assert sheet.freeze_panes, sheet.title
        assert sheet.auto_filter.ref, sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
    assert book["E3"].freeze_panes == "C6"
    assert book["E3"].auto_filter.ref == "A5:K11"


def test_ids_are_text_and_no_name_is_a_formula(exported: Exported) -> None:
    sheet = openpyxl.load_workbook(exported.workbook)["总评表"]
    ids = [sheet.cell(row, 1) for row in range(9, 15)]
    assert [(c.value, c.data_type, c.number_format) for c in ids[:1]] == [("2025010101", "s", "@")]
    assert (sheet["B13"].value, sheet["B13"].data_type) == ("=1+1", "s")
    text = exported.table.read_bytes().decode("utf-8-sig")
    assert ",'=1+1," in text


def test_the_text_table_has_a_bom_and_the_same_totals(exported: Exported) -> None:
    data = exported.table.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert list(rows[0]) == [
        "学号", "姓名", "班级", "课堂表现", "出勤情况", "作业成绩", "过程考核（70）", "技能考试",
        "期末考核（30）", "总评", "等级", "状态", "备注",
    ]  # fmt: skip
    component = exported.totals.components[0]
    process = [component.results[s].value for s in ROSTER.ids]
    assert [r["过程考核（70）"] for r in rows] == [show(v) for v in process if v is not None]
    assert rows[0]["出勤情况"] == "未录入"


def test_the_same_marks_and_time_give_the_same_bytes(exported: Exported) -> None:
    assert exported.workbook.read_bytes() == workbook_bytes(exported.totals, NOW)


def test_only_the_labs_asked_for(course: Path, tmp_path: Path) -> None:
    made = export(course, tmp_path / "E1.xlsx", ["E1"], now=NOW)
    assert openpyxl.load_workbook(made.workbook).sheetnames[6:8] == ["E1", "迟交"]
    assert made.marks.points == 50


def recomputed(path: Path, folder: Path) -> Path:
    """The workbook after LibreOffice has opened it, computed every formula, and saved it."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>',
        encoding="utf-8",
    )
    assert OFFICE is not None
    out = folder / "saved"
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
         "--convert-to", "xlsx", "--outdir", str(out), str(path)],
        check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    return out / path.name


def values(path: Path) -> dict[tuple[str, str], Any]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def spoilt(data: bytes, path: Path) -> Path:
    """Every stored number of a formula is wrong, so that only computing makes it right."""
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"(</f>)<v>[0-9.e+-]+</v>", rb"\1<v>777</v>", part)
            new.writestr(name, part)
    assert 777 in values(path).values()
    return path


@pytest.mark.office
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    ("scheme", "policy"),
    [
        ("course_64", "normalize"),
        pytest.param("course_48", "normalize", marks=pytest.mark.full),
        pytest.param("course_64", "cap", marks=pytest.mark.full),
    ],
)  # fmt: skip
def test_libreoffice_computes_the_same_numbers_for_fifty_students(
    scheme: str, policy: str, tmp_path: Path
) -> None:
    made = fifty.totals(tmp_path, scheme, policy)
    data = workbook_bytes(made, NOW)
    theirs = values(recomputed(spoilt(data, tmp_path / "成绩册.xlsx"), tmp_path))
    (tmp_path / "ours.xlsx").write_bytes(data)
    ours = values(tmp_path / "ours.xlsx")
    assert ours.keys() == theirs.keys()
    for cell, value in ours.items():
        expected = pytest.approx(value, abs=1e-9) if isinstance(value, float | int) else value
        assert theirs[cell] == expected, cell
    column = next(c for (sheet, c), v in ours.items() if sheet == "总评表" and v == "总评").rstrip("8")  # fmt: skip
    for row, student in enumerate(made.students, start=9):
        total = made.totals[student.id].rounded
        assert theirs.get(("总评表", f"{column}{row}")) == (None if total is None else float(total))


@pytest.mark.office
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_a_changed_and_sorted_lab_sheet_still_gives_the_right_totals(tmp_path: Path) -> None:
    made = fifty.totals(tmp_path, "course_48", count=8)
    path = tmp_path / "成绩册.xlsx"
    path.write_bytes(workbook_bytes(made, NOW))
    book = openpyxl.load_workbook(path)
    sheet = book["X1"]
    first, second = ([sheet.cell(r, c).value for c in range(1, 11)] for r in (6, 7))
    for column in range(1, 11):  # swap two students' rows as a sort does; formulas stay in place
        sheet.cell(6, column).value = second[column - 1]
        sheet.cell(7, column).value = first[column - 1]
    a, b = (s.id for s in made.students[:2])
    lab = made.marks.labs[-1]
    assert lab.lab == "X1" and not (lab.marks[a].penalty or lab.marks[b].penalty)
    before = lab.marks[a].items["X1-01"].score or 0.0
    sheet["C7"] = before - 2
    book.save(path)
    saved = table(recomputed(path, tmp_path), "总评表", 7)
    for student, change in ((a, -2), (b, 0)):
        exam = made.components[1].items[0].results[student].value
        assert exam is not None
        assert saved.loc[student, "技能考试"] == pytest.approx(float(exam) + change)


def test_a_large_class_with_many_labs_is_written(tmp_path: Path) -> None:
    count = 200 if int(os.environ.get("CRMKIT_FULL", 0)) else 20
    students = tuple(Student(f"2025{n:06d}", f"学生{n}") for n in range(count))
    labs = tuple(
        LabMarks(
            f"L{n}", "", tuple(Item(f"L{n}-{k:02d}", "题", 10.0) for k in range(12)),
            {s.id: LabMark("已评", {f"L{n}-{k:02d}": ItemMark(float(k)) for k in range(12)}) for s in students},
        )
        for n in range(24)
    )  # fmt: skip
    data = workbook_bytes(compute(tmp_path, ClassMarks(students, labs)), NOW)
    frame = pd.read_excel(
        io.BytesIO(data), sheet_name="作业成绩", header=5, dtype={"学号": str}, engine="calamine"
    )
    assert frame["得分"].tolist() == pytest.approx([55.0] * count)
