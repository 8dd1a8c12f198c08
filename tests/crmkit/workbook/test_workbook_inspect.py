"""What judges see of a workbook, whichever program saved it."""

import datetime as dt
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from workbook_files import edit_part, raw_workbook, xlsx_bytes, xlsx_file

from crmkit.workbook import WorkbookError, inspect, write

SHEET = "xl/worksheets/sheet1.xml"
FRAME = pd.DataFrame(
    {
        "客户编号": ["C000001", "C000002"],
        "生日": pd.to_datetime(["1990-02-28", None]),
        "手机": ["013800000001", "13800000002"],
        "性别": ["男", "女"],
        "累计金额": [12.5, 3.0],
    }
)


@pytest.fixture
def book(tmp_path):
    path = write(
        tmp_path / "a.xlsx",
        {"目录": pd.DataFrame({"页名": ["客户 档案"], "行数": [2]}), "客户 档案": FRAME},
        ids=["客户编号", "手机"],
        dates=["生日"],
        money=["累计金额"],
        choices={"性别": ["男", "女", "未知"]},
        links=["页名"],
    )
    return inspect(path)


def test_sheets_headers_cells_and_formats(book):
    assert list(book.sheets) == ["目录", "客户 档案"]
    sheet = book.sheet("客户 档案")
    assert sheet.header() == list(FRAME.columns)
    assert (sheet.height, sheet.width) == (3, 5)
    first = [sheet.cell(2, column) for column in range(1, 6)]
    assert [c.type for c in first] == ["text", "date", "text", "text", "number"]
    assert [c.number_format for c in first] == ["@", "yyyy-mm-dd", "@", "General", "0.00"]
    assert first[1].value == dt.datetime(1990, 2, 28)
    assert sheet.cell(3, 2).type == "empty"
    assert [c.text for c in sheet.column("手机")] == ["013800000001", "13800000002"]
    pd.testing.assert_frame_equal(sheet.frame(), FRAME)


def test_freeze_filter_drop_down_and_link(book):
    sheet = book.sheet("客户 档案")
    assert (sheet.freeze, sheet.filter) == ("A2", "A1:E3")
    assert sheet.filter_covers(5)
    assert not sheet.filter_covers(6)
    (rule,) = sheet.validations
    assert (rule.type, rule.words) == ("list", ("男", "女", "未知"))
    assert rule.covers(4, 2, 3)
    assert not rule.covers(4, 2, 4)
    assert not rule.covers(3, 2, 3)
    assert book.sheet("目录").cell(2, 1).linked_sheet == "客户 档案"


def test_missing_sheets_and_columns_are_said(book):
    with pytest.raises(WorkbookError, match="没有工作表「别页」.*「目录」、「客户 档案」"):
        book.sheet("别页")
    with pytest.raises(WorkbookError, match="没有列“年龄”.*客户编号、生日"):
        book.sheet("客户 档案").column("年龄")


@pytest.mark.parametrize(
    "link",
    ["#'客户 档案'!A1", "#目录!A1", '=HYPERLINK("#\'客户 档案\'!A1","看")', "https://example.com/"],
)
def test_links_in_every_form_students_make(tmp_path, link):
    book = openpyxl.Workbook()
    page = book.active
    page["A1"] = "链接"
    if link.startswith("="):
        page["A1"] = link
    else:
        page["A1"].hyperlink = link
    book.save(tmp_path / "a.xlsx")
    cell = inspect(tmp_path / "a.xlsx").sheet("Sheet").cell(1, 1)
    wanted = "客户 档案" if "客户" in link else "目录" if "目录" in link else ""
    assert cell.linked_sheet == wanted


def test_freeze_is_told_from_the_split_also_after_scrolling():
    pane = b'<pane ySplit="1" topLeftCell="A40" activePane="bottomLeft" state="frozen"/>'
    view = b"<sheetViews><sheetView workbookViewId='0'>%s</sheetView></sheetViews>" % pane
    cells = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    assert inspect(raw_workbook(view + cells)).sheet("表").freeze == "A2"
    split = view.replace(b"frozen", b"split")
    assert inspect(raw_workbook(split + cells)).sheet("表").freeze == ""


def test_the_filter_of_a_table_counts(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", [["甲", "乙"], ["1", "2"]])
    book = openpyxl.load_workbook(path)
    book.active.add_table(Table(displayName="表1", ref="A1:B2"))
    book.save(path)
    assert inspect(path).sheet("Sheet1").filter == "A1:B2"


def test_drop_downs_from_cells_are_resolved(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", [["性别"], ["男"]], [["男"], ["女"]])
    book = openpyxl.load_workbook(path)
    book["Sheet1"].add_data_validation(
        DataValidation("list", formula1="Sheet2!$A$1:$A$2", sqref="A2")
    )
    book.save(path)
    assert inspect(path).sheet("Sheet1").validations[0].words == ("男", "女")


def test_drop_downs_that_excel_writes_as_extension_are_seen():
    data = xlsx_bytes([["性别"], ["男"]], [["男"], ["女"]])
    extension = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:dataValidations count="1" '
        b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        b'<x14:dataValidation type="list"><x14:formula1><xm:f>Sheet2!$A$1:$A$2</xm:f></x14:formula1>'
        b"<xm:sqref>A2:A9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
    )
    data = edit_part(data, SHEET, b"</worksheet>", extension + b"</worksheet>")
    (rule,) = inspect(data).sheet("Sheet1").validations
    assert (rule.type, rule.cells, rule.words) == ("list", "A2:A9", ("男", "女"))
    assert rule.covers(1, 2, 9)


def test_chinese_built_in_date_formats_are_dates():
    data = xlsx_bytes([["生日"], [dt.date(2025, 1, 5)]], formats={"A2": "mm-dd-yy"})
    data = edit_part(data, "xl/styles.xml", b'numFmtId="14"', b'numFmtId="31"')
    cell = inspect(data).sheet("Sheet1").cell(2, 1)
    assert (cell.type, cell.value) == ("date", dt.datetime(2025, 1, 5))
    assert cell.number_format == 'yyyy"年"m"月"d"日"'


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("yyyy\\-mm\\-dd;@", "yyyy-mm-dd"),
        ("[$-804]YYYY-MM-DD", "yyyy-mm-dd"),
        ("yyyy/m/d;@", "yyyy/m/d"),
        ("0.00_ ", "0.00"),
        ("#,##0.00", "#,##0.00"),
        ("@", "@"),
        ("General", "General"),
    ],
)
def test_number_formats_are_told_in_one_spelling(written, told):
    data = xlsx_bytes([["值"], [45000]], formats={"A2": written})
    assert inspect(data).sheet("Sheet1").cell(2, 1).number_format == told


def test_formulas_are_told_with_their_stored_result():
    data = xlsx_bytes([["年龄"], ["=1+1"], ["=2+2"]])
    with zipfile.ZipFile(io.BytesIO(data)) as package:  # how it is spelt depends on lxml
        empty = b"<v></v>" if b"<f>2+2</f><v></v>" in package.read(SHEET) else b"<v />"
    data = edit_part(data, SHEET, b"<f>2+2</f>" + empty, b"<f>2+2</f><v>4</v>")
    sheet = inspect(data).sheet("Sheet1")
    assert (sheet.cell(2, 1).formula, sheet.cell(2, 1).value) == ("=1+1", None)
    assert (sheet.cell(3, 1).formula, sheet.cell(3, 1).value) == ("=2+2", 4)
    assert sheet.height == 3


def test_a_formula_that_comes_to_an_empty_text_has_a_result():
    data = xlsx_bytes([["年龄"], ["=1+1"], ["=2+2"]])
    data = edit_part(data, SHEET, b'<c r="A3">', b'<c r="A3" t="str">')
    sheet = inspect(data).sheet("Sheet1")
    assert [sheet.cell(row, 1).value for row in (2, 3)] == [None, ""]
    assert [sheet.cell(row, 1).type for row in (2, 3)] == ["empty", "empty"]


def test_merged_cells_hidden_sheets_and_error_values(tmp_path):
    path = xlsx_file(tmp_path / "a.xlsx", [["甲"], ["#N/A"]], [["乙"]], merge=["C1:D2"])
    book = openpyxl.load_workbook(path)
    book["Sheet2"].sheet_state = "hidden"
    book.save(path)
    first, second = inspect(path)
    assert first.merged == ("C1:D2",)
    assert first.cell(2, 1).type == "error"
    assert (first.visible, second.visible) == (True, False)


def test_bytes_are_called_as_the_caller_says_and_old_files_are_refused():
    with pytest.raises(WorkbookError, match="「out/客户.xlsx」是空文件"):
        inspect(b"", "out/客户.xlsx")
    with pytest.raises(WorkbookError, match="不是 .xlsx 工作簿"):
        inspect("甲,乙\n1,2\n".encode(), "客户.xlsx")
