"""Tables for learning platforms, and a school's own workbook filled where it lies."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation
from typer.testing import CliRunner

from autograder.gradebook.commands import app
from autograder.gradebook.exact import half_up
from autograder.gradebook.marks import ClassMarks, GradebookError
from autograder.gradebook.platforms import export_for
from autograder.gradebook.scheme import ClassTotals, compute
from autograder.gradebook.settings import parse
from autograder.gradebook.template import fill, pick_columns
from tests.autograder import classroom, fifty
from tests.autograder.test_roster import workbook


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ClassTotals:
    return fifty.totals(tmp_path_factory.mktemp("class"), "course_64", count=20)


def rows(path: Path) -> list[list[object]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [list(r) for r in sheet.iter_rows(values_only=True)]


def test_the_school_system_gets_its_columns_rounded_once(made: ClassTotals, tmp_path: Path) -> None:
    done = export_for(made, "教务系统", tmp_path / "教务.xlsx")
    head, *lines = rows(done.path)
    assert head == ["学号", "姓名", "平时成绩", "期末成绩", "总评成绩", "等级", "备注"]
    for student, line in zip(made.students, lines, strict=True):
        final = made.totals[student.id]
        usual = made.components[0].results[student.id].value
        assert line[0] == student.id
        assert usual is not None and line[2] == half_up(usual * 100 / 60, 0)
        if final.status == "完整":
            assert final.exact is not None and line[4] == half_up(final.exact, 0)
            assert line[5] == final.level
        else:  # nothing provisional leaves the house by itself
            assert (line[4], line[5]) == (None, None)
            assert student.id in {i for i, _, _ in done.left_out}


def test_names_are_never_formulas(made: ClassTotals, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(export_for(made, "学习通", tmp_path / "a").path).worksheets[0]
    assert {c.data_type for r in sheet.iter_rows(min_row=2, max_col=2) for c in r} == {"s"}
    text = export_for(made, "Moodle", tmp_path / "b").path.read_text(encoding="utf-8")
    names = [r["Full name"] for r in csv.DictReader(io.StringIO(text))]
    assert not any(n.startswith(("=", "+", "-", "@")) for n in names)


def test_any_columns_order_scale_and_encoding_stand_in_the_yaml(tmp_path: Path) -> None:
    everyone = fifty.students(6)
    fifty.tables(tmp_path, everyone)
    yaml = """
等级: {三级: [[80, 甲], [60, 乙], [0, 丙]]}
平台:
  本校:
    格式: csv
    编码: gb18030
    暂定: 照填
    列:
      - {标题: 等第, 取: 总评, 等级: 三级}
      - {标题: 学期, 固定: 2025-2026-1}
      - {标题: 作业, 取: 作业成绩, 小数位: 2, 满分: 40}
      - {标题: 学号, 取: 学号}
"""
    settings = parse(yaml)
    made = compute(tmp_path, fifty.marks(everyone, settings.late, ("E1", "X1")), settings)
    text = export_for(made, "本校", tmp_path / "本校").path.read_bytes().decode("gb18030")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert list(lines[0]) == ["等第", "学期", "作业", "学号"]
    for line in lines:
        total = made.totals[line["学号"]].rounded
        expected = "" if total is None else "甲" if total >= 80 else "乙" if total >= 60 else "丙"
        assert (line["等第"], line["学期"]) == (expected, "2025-2026-1")
        homework = made.items[2].results[line["学号"]].value
        assert homework is None or Decimal(line["作业"]) == half_up(homework * 40 / 100, 2)


def test_what_does_not_exist_is_named(made: ClassTotals, tmp_path: Path) -> None:
    with pytest.raises(GradebookError, match="没有平台「钉钉」；有：学习通"):
        export_for(made, "钉钉", tmp_path / "x")
    settings = parse("平台: {甲: {列: [{标题: 分, 取: 口试}]}}")
    empty = compute(tmp_path, ClassMarks(made.students, ()), settings)
    with pytest.raises(GradebookError, match="没有这一项；可以取：.*总评"):
        export_for(empty, "甲", tmp_path / "x")


@pytest.fixture
def template(made: ClassTotals, tmp_path: Path) -> Path:
    """A school's form: styles, validation, a formula, remarks, a footer, a stranger, a wrong name."""
    lines: list[list[object]] = [
        ["成绩登记表"],
        ["学号", "姓名", "平时成绩", "总评成绩", "合计", "备注"],
    ]
    lines += [
        [s.id, s.name, None, None, f"=C{n}+D{n}", "原有"]
        for n, s in enumerate(made.students[:6], start=3)
    ]
    lines += [
        ["2099000000", "路人"],
        [made.students[6].id, "改了名"],
        [made.students[7].id, made.students[7].name, 61],
        ["合计", None, None],
    ]
    path = workbook(tmp_path / "模板.xlsx", lines)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row in range(3, 9):  # names like =SUM(…) are text in the school's file
        sheet.cell(row, 2).data_type = "s"
    sheet["D3"].font = Font(bold=True, color="FF0000")
    rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="100")
    sheet.add_data_validation(rule)
    rule.add("D3:D20")
    sheet.protection.sheet = True
    book.save(path)
    return path


def test_a_schools_workbook_is_filled_and_all_else_stays(
    made: ClassTotals, template: Path, tmp_path: Path
) -> None:
    columns = pick_columns(["平时成绩=平时", "总评成绩=总评", "合计=总评"], None)
    done = fill(made, template, tmp_path / "填好.xlsx", columns)
    before = openpyxl.load_workbook(template).worksheets[0]
    after = openpyxl.load_workbook(done.path).worksheets[0]
    written = 0
    for row in before.iter_rows():
        for cell in row:
            there = after.cell(cell.row, cell.column)
            assert not cell.has_style or there._style == cell._style, cell.coordinate
            if there.value == cell.value:
                continue
            assert cell.value is None and cell.column in (3, 4, 5), cell.coordinate
            final = made.totals[str(before.cell(cell.row, 1).value)]
            if cell.column == 4:
                assert final.status == "完整" and there.value == float(final.rounded or 0)
            written += 1
    assert written == done.cells > 6
    assert after.data_validations.dataValidation[0].sqref == before.data_validations.dataValidation[0].sqref  # fmt: skip
    assert after.protection.sheet
    said = {(p.row, p.column): p.reason for p in done.problems}
    assert "班里没有这个学号" in said[9, "学号"]
    assert "模板里是「改了名」" in said[10, "学号"]
    assert "已经有内容" in said[11, "平时成绩"]
    assert {r for (row, column), r in said.items() if column == "E"} == {"格里是公式，没有改"}
    assert set(done.not_in_template) == {s.id for s in made.students[6:7] + made.students[8:]}
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(done.path) as new:
        same = [n for n in old.namelist() if old.read(n) == new.read(n)]
        assert old.namelist() == new.namelist()
        assert set(old.namelist()) - set(same) == {"xl/worksheets/sheet1.xml"}


def test_a_formula_is_never_overwritten(made: ClassTotals, template: Path, tmp_path: Path) -> None:
    columns = pick_columns(["合计=平时"], None)
    done = fill(made, template, tmp_path / "填好.xlsx", columns, overwrite=True)
    sheet = openpyxl.load_workbook(done.path).worksheets[0]
    assert sheet["E3"].value == "=C3+D3"
    assert any(p.reason == "格里是公式，没有改" for p in done.problems)


def test_the_commands_go_from_the_class_list_to_the_schools_table(tmp_path: Path) -> None:
    course = tmp_path / "class"
    table = workbook(tmp_path / "表现.xlsx", [["学号", "成绩"], ["2025010101", 90], ["9", 80]])
    names = workbook(
        tmp_path / "名单.xlsx",
        [
            ["学号", "姓名", "班级"],
            *[
                [s.id, s.name.replace("=", "").replace("<b>", "").replace("</b>", ""), s.group]
                for s in classroom.ROSTER.students
            ],
        ],
    )

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*words, "--course", str(course)])
        assert done.exit_code == code, done.output
        return done.output

    assert "收进 6 人" in run("roster", str(names), "--yes")  # a class may begin with its list
    assert (course / "nbgrader_config.py").is_file()
    classroom.make(course)
    assert "没有保存" in run("import", "课堂表现", str(table), "--dry-run")
    assert not (course / "marks" / "课堂表现.json").exists()
    said = run("import", "课堂表现", str(table), "--yes")
    assert "新增 1 格" in said and "没有读进 1 处" in said and "5 人不在" in said
    said = run("settings", "--scheme", "course_64", "--policy", "cap")
    assert "60/40" in said and "现用办法 cap" in said
    said = run("export")
    assert "现用办法 cap" in said and "64" in said
    assert openpyxl.load_workbook(course / "成绩册.xlsx")["总评表"]["C9"].value == "市营2501"
    assert "6 人已写进" in run("platform", "学习通")
    assert "写明填哪些列" in run("fill", str(names), "--out", str(tmp_path / "x.xlsx"), code=2)
