"""Whatever a reader is given, it answers with a frame or with the kit's own Chinese error."""

import datetime as dt
import io
import os
import random
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workbook_files import csv_text, order, raw_workbook, taobao_rows, xlsx_bytes

from crmkit.workbook import (
    WorkbookError,
    inspect,
    read_customers,
    read_jd,
    read_order_lines,
    read_orders,
    read_sheet,
    read_table,
    sheet_names,
)
from crmkit.workbook.layouts import LINE_COLUMNS

EXAMPLES = 500 if int(os.environ.get("CRMKIT_FULL", 0)) else 40
READERS = (read_table, read_customers, read_orders, read_order_lines, read_jd, read_sheet)
READERS += (sheet_names, inspect)
calm = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(data):
    """Every reader, on bytes: only WorkbookError comes out, and it speaks Chinese."""
    for reader in READERS:
        try:
            result = reader(data)
        except WorkbookError as error:
            assert any("\u4e00" <= c <= "\u9fff" for c in str(error))
            assert "Traceback" not in str(error)
            continue
        if hasattr(result, "report"):
            assert set(result.report["处理"]) <= {"已修正", "已拒收", "请核对"}
            assert isinstance(result.summary(), str)


anything = st.binary(max_size=400)
starts = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"sep=", b"<html>", b"=", b'"']
)


@calm
@given(starts, anything)
def test_random_bytes(start, rest):
    answer(start + rest)


@calm
@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_random_text(text, encoding):
    answer(text.encode(encoding, "ignore"))


# cells as people, platforms and accidents make them
odd = st.sampled_from(
    [
        "",
        "-",
        '="1"',
        "'1",
        "=1+1",
        '=DISPIMG("ID",1)',
        "1E+17",
        "9" * 400,
        "1,2,3",
        "￥",
        "(",
        "()",
    ]
    + [
        "2025-02-30",
        "2025年13月1日",
        "0000-00-00",
        "%",
        "1e9999",
        "-.",
        "٣٤",
        "𝟙",
        "½",
        "\ud7ff",
        "#REF!",
    ]
    + [
        "99999-01-01",
        "2025-01-01 99:99",
        "下午",
        "1" + "0" * 30 + "万",
        "\x00",
        "\u200d",
        "合计",
        "_x0041_",
    ]
)
numbers = st.integers(-(10**20), 10**20) | st.floats()
cells = odd | st.text(max_size=20) | numbers.map(str)
HEADERS = [taobao_rows("2021 年以后", [])[0], list(LINE_COLUMNS)]
HEADERS += [["昵称", "手机", "生日", "累计订单数", "累计金额", "接受营销", "新列"]]
HEADERS += [["订单号", "订购数量", "京东价", "下单时间", "联系电话", "商品ID"]]


@calm
@given(st.sampled_from(HEADERS), st.lists(st.lists(cells, max_size=12), max_size=5))
def test_random_cells_below_known_headers_in_text(header, rows):
    answer(csv_text([header, *rows]).encode("gb18030", "replace"))


values = (
    odd.filter(lambda t: not openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.search(t))
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(9999, 1, 1))
    | st.times()
    | st.timedeltas(dt.timedelta(0), dt.timedelta(10_000))
)


@calm
@given(st.sampled_from(HEADERS), st.lists(st.lists(values, max_size=12), max_size=5))
def test_random_cells_below_known_headers_in_workbooks(header, rows):
    answer(xlsx_bytes([header, *rows]))


@calm
@given(st.lists(st.lists(values, max_size=6), max_size=25))
def test_random_sheets_without_any_header(rows):
    answer(xlsx_bytes(rows))


GOOD = xlsx_bytes(
    [
        ["昵称", "手机", "注册日期", "累计金额"],
        ["清风", "13800000001", dt.date(2025, 1, 5), "=1+1"],
    ],
    [["甲"], ["#N/A"]],
    formats={"C2": "yyyy-mm-dd"},
    merge=["E1:F2"],
)
TOKENS = [b"0", b"-1", b"99999999999", b"1e999", b"NaN", b"inf", b"A1", b"XFD1", b"s", b"d", b"b"]
TOKENS += [b"<", b">", b'"', b"/", b"&#0;", b"&", b"\xff", b"2025-13-45T99:99", b"", b"str", b"e"]


@calm
@given(st.randoms(use_true_random=False))
def test_damaged_workbooks(chance):
    """Parts of an .xlsx with words, bytes and stretches changed, then zipped again."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for _ in range(chance.choice([1, 1, 2, 5])):
        name = chance.choice(sorted(parts))
        parts[name] = _damaged(parts[name], chance)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    answer(buffer.getvalue())


def _damaged(part: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(part) or 1)
    end = min(len(part), place + chance.randrange(1, 60))
    kind = chance.randrange(4)
    if kind == 0:
        return part[:place] + bytes([chance.randrange(256)]) + part[place + 1 :]
    if kind == 1:
        return part[:place] + chance.choice(TOKENS) + part[end:]
    if kind == 2:
        return part[:place] + part[end:]
    return part[:end] + part[place:end] + part[end:]


@calm
@given(st.randoms(use_true_random=False))
def test_damaged_zips(chance):
    data = bytearray(GOOD)
    for _ in range(chance.choice([1, 3, 10])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    answer(bytes(data[: chance.randrange(len(data)) if chance.random() < 0.1 else None]))


# reads in a process of its own: slow, so few
@settings(calm, max_examples=max(5, EXAMPLES // 20))
@given(anything)
def test_damaged_old_workbooks(rest):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rest + "Workbook\0".encode("utf-16-le")
    with pytest.raises(WorkbookError):
        read_table(data)


@pytest.mark.parametrize(
    "cell",
    [
        b"<v>NaN</v>",
        b"<v>inf</v>",
        b"<v>1e400</v>",
        b"<v>-0</v>",
        b"<v> </v>",
        b"<v>x</v>",
        b"<v/>",
    ],
)
def test_numbers_that_are_none(cell):
    rows = (
        b'<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2">%s</c></row>' % cell
    )
    answer(raw_workbook(b"<sheetData>" + rows + b"</sheetData>"))


def test_the_report_of_a_file_full_of_faults_is_complete():
    rows = taobao_rows("2016 年", [order(总金额="坏", 订单创建时间="坏", 宝贝总数量="半")])
    report = read_orders(csv_text(rows).encode("gb18030")).report
    refused = report[report["处理"] == "已拒收"]
    assert set(refused["列"]) == {"总金额", "订单创建时间", "宝贝总数量"}
    assert isinstance(report, pd.DataFrame)
