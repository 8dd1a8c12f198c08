"""Writes .xlsx and old .xls files of the exports and workbooks, with the same bytes everywhere."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .deflate import zipped

Cell = str | int | float | dt.date | dt.datetime | None


@dataclass(frozen=True)
class Sheet:
    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    money: frozenset[str] = frozenset()
    frozen: bool = False  # header fixed and filtered


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = dt.datetime(1899, 12, 30)
_GENERAL, _TEXT, _DAY, _TIME, _MONEY, _HEAD = range(6)

_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6">'
    + "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for number, font in ((0, 0), (49, 0), (164, 0), (165, 0), (2, 0), (49, 1))
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def column(index: int) -> str:
    """0 → 'A', 26 → 'AA'."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


class _Strings:
    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.uses = 0

    def place(self, text: str) -> int:
        self.uses += 1
        return self.places.setdefault(text, len(self.places))

    def xml(self) -> str:
        items = "".join(
            f'<si><t xml:space="preserve">{escape(s)}</t></si>'
            if s != s.strip() or "\n" in s
            else f"<si><t>{escape(s)}</t></si>"
            for s in self.places
        )
        return f'<sst xmlns="{_MAIN}" count="{self.uses}" uniqueCount="{len(self.places)}">{items}</sst>'


def _cell(value: Cell, money: bool, strings: _Strings) -> str:
    """One cell. Without an address it stands right of the one before it, which saves a third."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        return f'<c s="{_TEXT}" t="s"><v>{strings.place(value)}</v></c>'
    if isinstance(value, dt.datetime):
        serial = (value - _EPOCH).total_seconds() / 86400
        return f'<c s="{_TIME}"><v>{serial:.10f}</v></c>'
    if isinstance(value, dt.date):
        return f'<c s="{_DAY}"><v>{(value - _EPOCH.date()).days}</v></c>'
    return f'<c s="{_MONEY if money else _GENERAL}"><v>{value}</v></c>'


def _sheet(sheet: Sheet, strings: _Strings) -> str:
    last = f"{column(len(sheet.header) - 1)}{len(sheet.rows) + 1}"
    pane = (
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        if sheet.frozen
        else ""
    )
    out = [
        f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:{last}"/><sheetViews>'
        f'<sheetView workbookViewId="0">{pane}</sheetView></sheetViews><sheetData>'
    ]
    head = "".join(
        f'<c s="{_HEAD}" t="s"><v>{strings.place(name)}</v></c>' for name in sheet.header
    )
    out.append(f'<row r="1">{head}</row>')
    coins = [name in sheet.money for name in sheet.header]
    for number, row in enumerate(sheet.rows, start=2):
        cells = "".join(_cell(value, coins[i], strings) for i, value in enumerate(row))
        out.append(f'<row r="{number}">{cells}</row>')
    out.append("</sheetData>" + (f'<autoFilter ref="A1:{last}"/>' if sheet.frozen else ""))
    return "".join(out) + "</worksheet>"


def xlsx(sheets: Sequence[Sheet], author: str) -> bytes:
    """An .xlsx workbook. Text cells are text cells, so long numbers keep all their digits."""
    strings = _Strings()
    pages = {
        f"xl/worksheets/sheet{n}.xml": _sheet(s, strings) for n, s in enumerate(sheets, start=1)
    }
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PKG}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/{name}" ContentType="{kind}.worksheet+xml"/>' for name in pages
        )
        + f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PKG}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{_PKG}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>",
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PKG}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:creator>{escape(author)}</dc:creator>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2025-12-31T00:00:00Z</dcterms:created>'
        '<dcterms:modified xsi:type="dcterms:W3CDTF">2025-12-31T00:00:00Z</dcterms:modified>'
        "</cp:coreProperties>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        + "".join(
            f'<sheet name="{escape(s.name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, s in enumerate(sheets, start=1)
        )
        + "</sheets>"
        + _filters(sheets)
        + "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PKG}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + f'<Relationship Id="rId{len(sheets) + 1}" Type="{_REL}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId{len(sheets) + 2}" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": strings.xml(),
        **pages,
    }
    return zipped({name: (_XML + text).encode("utf-8") for name, text in parts.items()})


def _filters(sheets: Sequence[Sheet]) -> str:
    """The hidden names by which spreadsheet programs remember a filter."""
    names = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"'{escape(s.name)}'!$A$1:${column(len(s.header) - 1)}${len(s.rows) + 1}</definedName>"
        for n, s in enumerate(sheets)
        if s.frozen
    )
    return f"<definedNames>{names}</definedNames>" if names else ""


def _record(number: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def _label(row: int, col: int, text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, col, 15, len(encoded) // 2, 1) + encoded)


def xls(name: str, rows: Sequence[Sequence[str]]) -> bytes:
    """An old Excel file (BIFF8 in a compound document) with one sheet of text cells."""
    page = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    width = max(map(len, rows))
    page += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    page += b"".join(
        _label(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text
    )
    page += _record(0x023E, struct.pack("<HHHHHHI", 0x06B6, 0, 0, 64, 0, 0, 0)) + _record(0x000A)
    font = struct.pack("<HHHHHBBBB", 220, 0, 0x7FFF, 400, 0, 0, 0, 0, 0)
    font += struct.pack("<BB", 5, 0) + b"Arial"
    title = name.encode("utf-16-le")
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    plain = struct.pack("<HHHBBBBIIH", 0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    head += _record(0x0042, struct.pack("<H", 1200))
    head += _record(0x003D, struct.pack("<9H", 0, 0, 16000, 9000, 0x38, 0, 0, 1, 600))
    head += _record(0x0022, struct.pack("<H", 0))
    head += _record(0x0031, font) * 4
    head += _record(0x00E0, style) * 15 + _record(0x00E0, plain)
    head += _record(0x0293, struct.pack("<HBB", 0x8000, 0, 0xFF))
    size = 4 + 4 + 2 + 2 + len(title) + len(_record(0x000A))
    sheet = struct.pack("<IHBB", len(head) + size, 0, len(title) // 2, 1) + title
    return _compound(head + _record(0x0085, sheet) + _record(0x000A) + page)


def _compound(stream: bytes) -> bytes:
    """A compound document that holds nothing but the stream "Workbook"."""
    sector = 512
    stream = stream.ljust(4096, b"\0")  # shorter streams would live in a mini stream
    body = -(-len(stream) // sector)
    tables = 1
    while tables * 128 < tables + 1 + body:
        tables += 1
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [table] * tables + [end] + [tables + 2 + i for i in range(body - 1)] + [end]
    chain += [free] * (tables * 128 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *range(tables), *[free] * (109 - tables))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        label = (name + "\0").encode("utf-16-le") if name else b""
        return (
            label.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(label), kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, end, 0) + entry(
        "Workbook", 2, free, tables + 1, len(stream)
    )
    directory += entry("", 0, free, 0, 0) * 2
    return (
        header
        + struct.pack(f"<{len(chain)}I", *chain)
        + directory
        + stream.ljust(body * sector, b"\0")
    )
