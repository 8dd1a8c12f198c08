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
from autograder.roster import Roster, Student
from tests.autograder import classroom
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
    assert book.sheetnames == ["总评表", "E1", "E3", "待人工批阅", "不能评分", "说明"]
    totals = table(exported.workbook, "总评表", 4)
    expected = nbgraders(course)
    for student in ROSTER.ids:
        row = totals.loc[student]
        both = [expected.get((lab, student)) for lab in ("E1", "E3")]
        for lab, mark in zip(("E1", "E3"), both, strict=True):
            assert (pd.isna(row[lab]) and mark is None) or row[lab] == pytest.approx(mark)
        assert row["总分"] == pytest.approx(sum(m or 0 for m in both))
        assert row["总得分率"] == pytest.approx(sum(m or 0 for m in both) / 88.5)
    assert totals.loc["2025010103", "备注"] == "E1 未交；E3 不能评分"
    assert totals.loc["2025010102", "备注"] == "E3 待批 8 分"
    assert "E3 迟交扣 5" in totals.loc["2025010104", "备注"]


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
    ids = [sheet.cell(row, 1) for row in range(6, 12)]
    assert [(c.value, c.data_type, c.number_format) for c in ids[:1]] == [("2025010101", "s", "@")]
    assert (sheet["B10"].value, sheet["B10"].data_type) == ("=1+1", "s")
    text = exported.table.read_bytes().decode("utf-8-sig")
    assert ",'=1+1," in text


def test_the_text_table_has_a_bom_and_the_same_totals(exported: Exported) -> None:
    data = exported.table.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert list(rows[0]) == ["学号", "姓名", "班级", "E1", "E3", "总分", "满分", "得分率", "备注"]
    assert [float(r["总分"]) for r in rows] == pytest.approx(
        [exported.marks.total(s) for s in ROSTER.ids]
    )
    assert rows[2]["E3"] == ""


def test_the_same_marks_and_time_give_the_same_bytes(exported: Exported) -> None:
    assert exported.workbook.read_bytes() == workbook_bytes(exported.marks, NOW)


def test_only_the_labs_asked_for(course: Path, tmp_path: Path) -> None:
    made = export(course, tmp_path / "E1.xlsx", ["E1"], now=NOW)
    assert openpyxl.load_workbook(made.workbook).sheetnames[:2] == ["总评表", "E1"]
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


@pytest.mark.office
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same_numbers(exported: Exported, tmp_path: Path) -> None:
    wrong = (
        tmp_path / "成绩册.xlsx"
    )  # every stored value is spoilt, so that only formulas can be right
    with zipfile.ZipFile(exported.workbook) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = re.sub(rb"(</f>)<v>[0-9.e+-]+</v>", rb"\1<v>777</v>", data)
            new.writestr(name, data)
    assert 777 in values(wrong).values()
    ours, theirs = values(exported.workbook), values(recomputed(wrong, tmp_path))
    assert ours.keys() == theirs.keys()
    for cell, value in ours.items():
        expected = pytest.approx(value) if isinstance(value, float | int) else value
        assert theirs[cell] == expected, cell


@pytest.mark.office
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_a_changed_and_sorted_lab_sheet_still_gives_the_right_totals(
    exported: Exported, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(exported.workbook)
    sheet = book["E3"]
    first, second = ([sheet.cell(r, c).value for c in range(1, 7)] for r in (6, 7))
    for column in range(1, 7):  # swap two students' rows as a sort does; formulas stay in place
        sheet.cell(6, column).value = second[column - 1]
        sheet.cell(7, column).value = first[column - 1]
    sheet["C7"] = 4  # the first student's first item: 10 → 4
    path = tmp_path / "改过.xlsx"
    book.save(path)
    saved = table(recomputed(path, tmp_path), "总评表", 4)
    marks = exported.marks
    assert saved.loc["2025010101", "总分"] == pytest.approx(marks.total("2025010101") - 6)
    assert saved.loc["2025010102", "总分"] == pytest.approx(marks.total("2025010102"))


def test_a_large_class_with_many_labs_is_written() -> None:
    count = 200 if int(os.environ.get("CRMKIT_FULL", 0)) else 20
    students = tuple(Student(f"2025{n:06d}", f"学生{n}") for n in range(count))
    labs = tuple(
        LabMarks(
            f"L{n}", "", tuple(Item(f"L{n}-{k:02d}", "题", 10.0) for k in range(12)),
            {s.id: LabMark("已评", {f"L{n}-{k:02d}": ItemMark(float(k)) for k in range(12)}) for s in students},
        )
        for n in range(24)
    )  # fmt: skip
    data = workbook_bytes(ClassMarks(students, labs), NOW)
    frame = pd.read_excel(
        io.BytesIO(data), sheet_name="总评表", header=4, dtype={"学号": str}, engine="calamine"
    )
    assert frame["总分"].tolist() == [66.0 * 24] * count
