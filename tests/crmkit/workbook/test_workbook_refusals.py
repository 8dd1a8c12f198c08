"""What is no workbook, or would not end well, gets an error in words that names file and remedy."""

import io
import json
import os
import re
import struct
import zipfile

import openpyxl
import pytest
from workbook_files import (
    compound_bytes,
    edit_part,
    package_bytes,
    raw_workbook,
    xlsx_bytes,
    xlsx_file,
)

from crmkit.errors import KitError
from crmkit.workbook import WorkbookError, inspect, read_sheet, read_table, sheet_names
from crmkit.workbook.limits import MAX_BYTES

GOOD = xlsx_bytes([["昵称", "手机"], ["清风", "13800000001"]])


def refused(tmp_path, name, data, *words):
    """Every reader refuses the file, with the same sentence; it names the file and the words."""
    path = tmp_path / name
    path.write_bytes(data)
    messages = set()
    for reader in (read_table, read_sheet, sheet_names):
        with pytest.raises(WorkbookError) as caught:
            reader(path)
        messages.add(str(caught.value))
    (message,) = messages
    assert f"「{name}」" in message
    for word in words:
        assert word in message
    assert not re.search(r"[A-Za-z]*(?:Error|Exception)\b", message)
    return message


def test_the_error_is_an_error_of_the_kit():
    assert issubclass(WorkbookError, KitError)


HTML = "<html><table><tr><td>订单编号</td></tr></table></html>"


@pytest.mark.parametrize(
    "data",
    [
        HTML.encode("gbk"),
        ("\ufeff \n<!DOCTYPE html>" + HTML).encode(),
        b"<table border=1><tr><td>1</td></tr></table>",
        b"<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>"
        + HTML.encode("gbk"),
    ],
)
def test_html_named_xls(tmp_path, data):
    refused(tmp_path, "订单.xls", data, "网页（HTML）", "另存为 .xlsx")


def test_web_archive_named_xls(tmp_path):
    refused(tmp_path, "a.xls", b"MIME-Version: 1.0\nContent-Type: multipart/related", "MHTML")


def test_xml_spreadsheet_of_2003(tmp_path):
    data = b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
    refused(tmp_path, "a.xls", data, "XML 表格 2003", "另存为 .xlsx")


def test_wps_own_format(tmp_path):
    refused(tmp_path, "客户.et", compound_bytes("Workbook"), "WPS", ".et", "另存为 .xlsx")
    refused(tmp_path, "客户.et", GOOD, "WPS")


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_password(tmp_path, name):
    refused(
        tmp_path, name, compound_bytes("EncryptedPackage", "EncryptionInfo"), "密码", "去掉密码"
    )


def test_zip_password(tmp_path):
    data = bytearray(GOOD)
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(re.escape(signature), GOOD):
            data[found.start() + offset] |= 1
    refused(tmp_path, "a.xlsx", bytes(data), "压缩密码")


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n....", "图片"),
        ("a.csv", b"\xff\xd8\xff\xe0....", "图片"),
        ("a.xlsx", b"Rar!\x1a\x07\x00", "RAR"),
        ("a.xlsx", b"SQLite format 3\0", "SQLite"),
        ("a.xlsx", compound_bytes("WordDocument"), "Word"),
        ("a.xlsx", compound_bytes("PowerPoint Document"), "PowerPoint"),
        ("a.xls", compound_bytes("Something"), "里面没有工作簿"),
        ("a.xls", compound_bytes("Workbook"), "已损坏"),
        ("a.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00", "Excel 4.0"),
        ("a.docx", package_bytes({"word/document.xml": b"<w/>"}), "Word"),
        ("a.ods", package_bytes({"content.xml": b"<o/>"}), "OpenDocument"),
        ("a.xlsb", package_bytes({"xl/workbook.bin": b"x"}), ".xlsb"),
        ("作业.zip", package_bytes({"张三/a.xlsx": GOOD}), "请先解压，再读里面的「张三/a.xlsx」"),
        ("a.zip", package_bytes({"a.txt": b"x"}), "不是工作簿"),
        ("a.zip", package_bytes({}), "空的压缩包"),
        ("a.ipynb", json.dumps({"cells": [], "nbformat": 4}).encode(), "ipynb"),
        ("a.csv", bytes(range(256)) * 8, "二进制"),
        ("a.csv", b"<?xml version='1.0'?><a/>", "XML"),
    ],
)
def test_other_files_are_called_what_they_are(tmp_path, name, data, word):
    refused(tmp_path, name, data, word)


def test_empty_file(tmp_path):
    refused(tmp_path, "a.xlsx", b"", "空文件（0 字节）")


@pytest.mark.parametrize("data", [b"\n\n\n", "\ufeff".encode(), b" , , \n"])
def test_text_without_content(tmp_path, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(WorkbookError, match="没有内容"):
        read_table(path)


def test_workbook_without_content(tmp_path):
    with pytest.raises(WorkbookError, match="没有内容"):
        read_table(xlsx_bytes([[]]))


@pytest.mark.parametrize(
    "length", [100, 1000, len(GOOD) // 2, len(GOOD) - 30], ids=["start", "some", "half", "most"]
)
def test_cut_off_download(tmp_path, length):
    refused(tmp_path, "a.xlsx", GOOD[:length], "已损坏", "重新下载")


def test_damaged_inside(tmp_path):
    data = edit_part(GOOD, "xl/worksheets/sheet1.xml", b"</row>", b"<")
    with pytest.raises(WorkbookError, match="已损坏"):
        read_table(data)


def test_a_panic_inside_the_reader_ends_in_words(monkeypatch):
    class PanicException(BaseException):  # as pyo3 names what Rust code throws
        pass

    class Panicking:
        @staticmethod
        def from_filelike(_):
            raise PanicException("index out of bounds")

    monkeypatch.setattr("python_calamine.CalamineWorkbook", Panicking)
    with pytest.raises(WorkbookError, match="已损坏"):
        read_table(GOOD)


def test_60_megabytes(tmp_path):
    path = tmp_path / "大.csv"
    with path.open("wb") as stream:
        stream.truncate(60 * 2**20)
    assert MAX_BYTES < 60 * 2**20
    with pytest.raises(WorkbookError, match=r"「大.csv」太大（60 MB，最多 50 MB）.*分成几个文件"):
        read_table(path)


@pytest.fixture
def small_limit(monkeypatch):
    monkeypatch.setattr("crmkit.workbook.package.MAX_EXPANDED", 4 * 2**20)


def bomb(declared):
    """5 MB of blanks in 5 kB, with the size in the directory as it is or as the maker likes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"<workbook/>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as stream:
            for _ in range(5):
                stream.write(b" " * 2**20)
    data = bytearray(buffer.getvalue())
    if declared:
        place = data.rindex(b"PK\x01\x02")
        struct.pack_into("<I", data, place + 24, declared)
    return bytes(data)


def test_zip_bomb_that_says_so(tmp_path, small_limit):
    refused(tmp_path, "a.xlsx", bomb(None), "解开后太大", "压缩炸弹")


def test_zip_bomb_that_lies(tmp_path, small_limit):
    # zipfile stops at the declared size, finds the checksum wrong, and the file counts as broken
    refused(tmp_path, "a.xlsx", bomb(1000), "已损坏")


def sheet_xml(cells, before=b""):
    return before + b"<sheetData>" + cells + b"</sheetData>"


V = b"<v>1</v></c>"


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1">' + V + b'</row><row r="1048576"><c r="XFD1048576">' + V + b"</row>",
        b'<row><c s=">" r="A1">' + V + b"</row><row><c\n r='XFD1048576' >" + V + b"</row>",
        b'<row r="1048575"/><row><c r="XFC1">' + V + b"<c>" + V + b"</row>",
        b'<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_a_far_cell_does_not_reserve_the_whole_rectangle(tmp_path, cells):
    refused(tmp_path, "a.xlsx", raw_workbook(sheet_xml(cells)), "铺得太大", "删去")


def test_formatted_but_empty_far_cells_do_no_harm():
    cells = (
        b'<row r="1"><c r="A1"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    frame = read_sheet(raw_workbook(sheet_xml(cells)))
    assert list(frame.columns) == ["7"]


def test_one_long_text_in_very_many_cells_is_refused(tmp_path):
    strings = b"<si><t>" + b"x" * 32_000 + b"</t></si>"
    row = b'<row><c t="s"><v>0</v></c></row>'
    refused(tmp_path, "a.xlsx", raw_workbook(sheet_xml(row * 30_000), strings), "压缩炸弹")


def test_entities_are_refused(tmp_path):
    data = edit_part(
        GOOD,
        "xl/worksheets/sheet1.xml",
        b"<worksheet",
        b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet',
    )
    refused(tmp_path, "a.xlsx", data, "DOCTYPE")


def test_utf_16_parts_are_refused(tmp_path):
    part = '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")
    with zipfile.ZipFile(io.BytesIO(GOOD)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/extra.xml"] = part
    refused(tmp_path, "a.xlsx", package_bytes(parts), "不是 UTF-8")


@pytest.mark.parametrize("part", ["mergeCell", "hyperlink"])
def test_huge_merges_and_links_are_not_inspected(part):
    area = b'<%s ref="A1:XFD1048576"/>' % part.encode()
    outer = (
        b"<mergeCells>%s</mergeCells>" if part == "mergeCell" else b"<hyperlinks>%s</hyperlinks>"
    )
    cells = sheet_xml(b'<row r="1"><c r="A1">' + V + b"</row>") + outer % area
    with pytest.raises(WorkbookError, match="单元格太多"):
        inspect(raw_workbook(cells))


# ── places ───────────────────────────────────────────────────────────────────────────────────


def test_folder(tmp_path):
    with pytest.raises(WorkbookError, match=f"「{tmp_path.name}」是一个文件夹"):
        read_table(tmp_path)


def test_missing_file_names_what_is_near(tmp_path):
    xlsx_file(tmp_path / "客户档案.xlsx", [["昵称"]])
    with pytest.raises(WorkbookError, match="「客户档按.xlsx」找不到.*客户档案.xlsx"):
        read_table(tmp_path / "客户档按.xlsx")
    with pytest.raises(WorkbookError, match="文件夹「没有」也不存在"):
        read_table(tmp_path / "没有" / "a.xlsx")


def test_locked_file(tmp_path, monkeypatch):
    path = xlsx_file(tmp_path / "a.xlsx", [["昵称"]])

    def locked(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", locked)
    with pytest.raises(WorkbookError, match="「a.xlsx」打不开.*关闭"):
        read_table(path)


def test_marker_file_of_an_open_workbook(tmp_path):
    path = tmp_path / "~$客户.xlsx"
    path.write_bytes(b"\x05user")
    with pytest.raises(WorkbookError, match="临时标记.*「客户.xlsx」"):
        read_table(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipe(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(WorkbookError, match="不是普通文件"):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("path", [None, 7, "a\0b.csv", "x" * 5000])
def test_impossible_paths(path):
    with pytest.raises(WorkbookError):
        read_table(path)


def test_a_chart_only_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.create_chartsheet("图")
    book.remove(book.worksheets[0])
    # openpyxl will not save a book without a visible sheet of cells, so make the cells hidden
    page = book.create_sheet("藏")
    page["A1"] = "昵称"
    page.sheet_state = "hidden"
    book.active = 0
    book.save(tmp_path / "a.xlsx")
    assert sheet_names(tmp_path / "a.xlsx") == ["藏"]


def test_a_cell_beyond_the_last_row_of_excel_is_refused_and_not_walked_to():
    far = b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
    with pytest.raises(WorkbookError, match="超出 Excel 范围"):
        inspect(raw_workbook(b'<row r="1"><c r="A1"><v>1</v></c></row>' + far))


def test_thousands_of_names_for_one_sheet_are_refused():
    data = raw_workbook(b'<row r="1"><c r="A1"><v>1</v></c></row>')
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    more = b"".join(b'<sheet xmlns:q="%b" name="s%d" sheetId="%d" q:id="rId1"/>' % (kind, n, n)
                    for n in range(100, 1000))  # fmt: skip
    with pytest.raises(WorkbookError, match="张工作表"):
        inspect(edit_part(data, "xl/workbook.xml", b"</sheets>", more + b"</sheets>"))
