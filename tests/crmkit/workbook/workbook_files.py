"""Makes the files of the workbook tests: every shape and quirk, nothing real."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from crmkit.workbook.layouts import TAOBAO_ERAS

# Headers of these columns really end with a blank.
TRAILING_BLANK = ("收货地址", "联系电话", "订单付款时间", "宝贝标题", "宝贝种类", "物流单号")

JD_HEADER = [
    "订单号",
    "商品ID",
    "商品名称",
    "订购数量",
    "支付方式",
    "下单时间",
    "京东价",
    "订单金额",
    "结算金额",
    "余额支付",
    "应付金额",
    "订单状态",
    "订单类型",
    "下单帐号",
    "客户姓名",
    "客户地址",
    "联系电话",
    "订单备注",
    "发票类型",
    "发票抬头",
    "发票内容",
    "商家备注",
    "商家备注等级(1–5，由高到低)",
    "运费金额",
    "付款确认时间",
    "增值税发票",
    "货号",
    "订单完成时间",
    "订单来源",
    "订单渠道",
]

ORDER_ID = "198765432101234567"


def order(**changes: str) -> dict[str, str]:
    """One order as a platform writes it, by column name."""
    row = {
        "订单编号": f'="{ORDER_ID}"',
        "买家会员名": "清风01",
        "买家支付宝账号": "qf01@example.com",
        "支付单号": '="2018070122001400000000000001"',
        "买家应付货款": "120.00",
        "买家应付邮费": "8.00",
        "买家支付积分": "0",
        "总金额": "128.00",
        "返点积分": "0",
        "买家实际支付金额": "118.50",
        "买家实际支付积分": "0",
        "订单状态": "卖家已发货，等待买家确认",
        "买家留言": '请包好，"易碎"',
        "收货人姓名": "李明",
        "收货地址": "浙江省 杭州市 西湖区 某街道1号(310000)",
        "运送方式": "快递",
        "联系电话": '=""',
        "联系手机": "'13800000001",
        "订单创建时间": "2018-07-01 09:05:06",
        "订单付款时间": "2018-07-01 09:06:00",
        "宝贝标题": "龙井茶 100g，铁观音 250g",
        "宝贝种类": "2",
        "物流单号": '="No:7700000000001"',
        "宝贝总数量": "3",
        "店铺Id": "0",
        "订单关闭原因": "订单未关闭",
        "卖家服务费": "0",
        "买家服务费": "0元",
        "是否手机订单": "手机订单",
        "打款商家金额": "118.50元",
        "确认收货时间": "",
        "是否代付": "否",
    }
    return row | changes


def taobao_header(era: str) -> list[str]:
    return [name + " " if name in TRAILING_BLANK else name for name in TAOBAO_ERAS[era]]


def taobao_rows(era: str, orders: Sequence[Mapping[str, str]]) -> list[list[str]]:
    return [taobao_header(era), *([o.get(c, "") for c in TAOBAO_ERAS[era]] for o in orders)]


def csv_text(rows: Sequence[Sequence[Any]], separator: str = ",") -> str:
    """As a platform writes it: quoted where needed; ids as ="…" stay bare."""

    def cell(value: Any) -> str:
        text = str(value)
        if text.startswith('="') and separator not in text:
            return text
        if any(c in text for c in (separator, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text

    return "".join(separator.join(map(cell, row)) + "\r\n" for row in rows)


def csv_file(
    path: Path, rows: Sequence[Sequence[Any]], encoding: str = "gb18030", separator: str = ","
) -> Path:
    path.write_bytes(csv_text(rows, separator).encode(encoding))
    return path


def xlsx_bytes(
    *sheets: Sequence[Sequence[Any]], formats: Mapping[str, str] | None = None, **changes: Any
) -> bytes:
    """Sheets as openpyxl writes them. `formats`: address → number format on the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        page = book.create_sheet(f"Sheet{number}")
        for r, row in enumerate(rows, start=1):
            for c, value in enumerate(row, start=1):
                if value not in (None, ""):
                    page.cell(r, c, value)
    for address, format in (formats or {}).items():
        book.worksheets[0][address].number_format = format
    for area in changes.get("merge", ()):
        book.worksheets[0].merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xlsx_file(path: Path, *sheets: Sequence[Sequence[Any]], **changes: Any) -> Path:
    path.write_bytes(xlsx_bytes(*sheets, **changes))
    return path


def edit_part(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The .xlsx with one part changed, as another program might have written it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", 8) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(name, content)
    return buffer.getvalue()


def package_bytes(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def raw_workbook(sheet_data: bytes, strings: bytes = b"") -> bytes:
    """A minimal .xlsx around hand-written sheet XML."""
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = b"http://schemas.openxmlformats.org/package/2006/"
    content = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
    parts = {
        "[Content_Types].xml": b'<Types xmlns="%scontent-types">' % package
        + b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + b'<Override PartName="/xl/workbook.xml" ContentType="%ssheet.main+xml"/>' % content
        + b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="%sworksheet+xml"/>'
        % content
        + b'<Override PartName="/xl/sharedStrings.xml" ContentType="%ssharedStrings+xml"/>'
        % content
        + b"</Types>",
        "_rels/.rels": b'<Relationships xmlns="%srelationships">' % package
        + b'<Relationship Id="rId1" Type="%s/officeDocument" Target="xl/workbook.xml"/>' % office
        + b"</Relationships>",
        "xl/workbook.xml": b'<workbook %s xmlns:r="%s"><sheets>' % (main, office)
        + '<sheet name="表" sheetId="1" r:id="rId1"/>'.encode()
        + b"</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%srelationships">' % package
        + b'<Relationship Id="rId1" Type="%s/worksheet" Target="worksheets/sheet1.xml"/>' % office
        + b'<Relationship Id="rId2" Type="%s/sharedStrings" Target="sharedStrings.xml"/>' % office
        + b"</Relationships>",
        "xl/worksheets/sheet1.xml": b"<worksheet %s>%s</worksheet>" % (main, sheet_data),
        "xl/sharedStrings.xml": b"<sst %s>%s</sst>" % (main, strings),
    }
    return package_bytes(parts)


def compound_bytes(*streams: str) -> bytes:
    """The skeleton of an OLE file that names these streams."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<I", header, 44, 1)
    struct.pack_into("<I", header, 48, 1)
    directory = b""
    for name in ("Root Entry", *streams):
        entry = bytearray(128)
        encoded = (name + "\0").encode("utf-16-le")
        entry[: len(encoded)] = encoded
        struct.pack_into("<H", entry, 64, len(encoded))
        directory += bytes(entry)
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE).ljust(512, b"\xff")
    return bytes(header) + table + directory.ljust(512, b"\0")


def reasons(imported: Any, column: str, header: bool = False) -> list[tuple[int, str, str]]:
    """Row, treatment and reason of the report lines of a column; row 1 only with `header`."""
    report = imported.report
    chosen = report[(report["列"] == column) & (header | (report["行"] > 1))]
    return list(zip(chosen["行"], chosen["处理"], chosen["原因"], strict=True))
