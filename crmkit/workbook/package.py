"""Look into an .xlsx (a zip of XML parts) before a reader opens it.

Readers reserve memory for the whole rectangle from A1 to the last used cell, and copy a shared
text into every cell that uses it, so a file of a few kilobytes can ask for terabytes. Here the
parts are unpacked once, one at a time, and counted; only then is the file handed on.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from crmkit.workbook.errors import WorkbookError, refusal
from crmkit.workbook.extent import extent
from crmkit.workbook.formats import SAVE_AS_XLSX, Source
from crmkit.workbook.limits import MAX_CELLS, MAX_EXPANDED, MAX_PARTS, MAX_SHARED_TEXT

BROKEN = "请在 Excel 或 WPS 里打开它（必要时让程序修复），另存为 .xlsx 后再读"

# Namespace prefixes, quotes of either kind and ">" inside an attribute are all legal XML.
_P = rb"<(?:[\w.-]+:)?"
_ATTRIBUTES = rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*"""
_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]*(\d{1,10})["']""")
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,8})(\d{1,10})["']""")
_PREFIXED = re.compile(rb"<[\w.-]+:")
_FEW, _FAR = 1_000, 10_000  # colons to look at one by one; bytes to look back from each
_CELL_START = re.compile(_P + rb"c[\s/>]")
_EMPTY_CELL = re.compile(_P + rb"c(" + _ATTRIBUTES + rb")/>")
_ROW_START = re.compile(_P + rb"row[\s/>]")
_SHARED_INDEX = re.compile(_P + rb"v(?:\s[^<>]*)?>\s*(\d{1,9})\s*<")
_STRING_START = re.compile(_P + rb"si[\s/>]")
_FORMULA = _P + rb"f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:[\w.-]+:)?f>)\s*"
_NO_VALUE = _P + rb"v\s*/>|" + _P + rb"v></(?:[\w.-]+:)?v>"
_ERROR_CELL = re.compile(
    _P + rb"c(" + _ATTRIBUTES + rb")>\s*(?:" + _FORMULA + rb")?" + _P + rb"v>(#[^<]*)<"
)
_UNCOMPUTED_CELL = re.compile(
    _P + rb"c(" + _ATTRIBUTES + rb")>\s*" + _FORMULA + rb"(?:" + _NO_VALUE + rb")?\s*</"
)
_TEXT_RESULT = re.compile(rb"""\st\s*=\s*["']str["']""")  # an empty text is a result, too
_SPREAD = re.compile(
    _P
    + rb"""(?:mergeCell|hyperlink)\s[^<>]*?ref\s*=\s*["']"""
    + rb"""([A-Za-z]{1,8})(\d{1,10}):([A-Za-z]{1,8})(\d{1,10})["']"""
)


@dataclass
class SheetFacts:
    """What a fast reader does not tell about a sheet. Positions are (row, column) from 1."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)  # e.g. "#N/A"
    uncomputed: list[tuple[int, int]] = field(default_factory=list)  # formulas without a result
    area: int = 0  # cells from A1 to the last used one
    cells: int = 0  # cells written down
    spread: int = 0  # cells under merged ranges and hyperlinks


def column_number(letters: str) -> int:
    """``A`` → 1.

    >>> column_number("AB")
    28
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def check_package(source: Source) -> dict[str, SheetFacts]:
    """Facts by sheet name of an .xlsx that is safe to open.

    Raises
    ------
    WorkbookError
        It is no .xlsx, broken, encrypted, or larger inside than the kit accepts.
    """
    by_path: dict[str, SheetFacts] = {}
    strings: list[int] = []
    values = 0
    for path, part in _parts(source):
        if (b"<c" in part or b":c" in part) and _CELL_START.search(part):
            by_path[path] = _scan_sheet(source, part)
            values += by_path[path].cells
        elif _STRING_START.search(part):
            strings = _string_sizes(part)
    if strings and values * max(strings) > MAX_SHARED_TEXT:
        _measure_shared_text(source, strings)
    names = sheet_paths(source)
    return {name: by_path.get(path, SheetFacts()) for name, path in names.items()}


def _parts(source: Source) -> Iterator[tuple[str, bytes]]:
    """Every part with its path, unpacked; refuses what no spreadsheet program writes."""
    budget = MAX_EXPANDED
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as package:
            entries = package.infolist()
            _refuse_other_packages(source, {entry.filename for entry in entries})
            if len(entries) > MAX_PARTS or sum(e.file_size for e in entries) > budget:
                raise _bomb(source)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise refusal(source.name, "有压缩密码", "请去掉密码后再读")
                with package.open(entry) as stream:
                    part = stream.read(budget + 1)
                budget -= len(part)
                if budget < 0:
                    raise _bomb(source)
                _refuse_declarations(source, part)
                yield entry.filename, part
    except WorkbookError:
        raise
    except Exception as error:  # a damaged zip raises a dozen kinds, from zlib to struct
        raise refusal(source.name, "已损坏（压缩包不完整）", "请重新下载或上传") from error


def _refuse_other_packages(source: Source, names: set[str]) -> None:
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names and _has_workbook(names):
        return
    if "xl/workbook.bin" in names:
        raise refusal(source.name, "是二进制工作簿（.xlsb）", SAVE_AS_XLSX)
    if "content.xml" in names:
        raise refusal(source.name, "是 OpenDocument 格式（.ods 等）", SAVE_AS_XLSX)
    if "word/document.xml" in names:
        raise refusal(source.name, "是 Word 文档", "请把其中的表格复制到 Excel，另存为 .xlsx")
    if "ppt/presentation.xml" in names:
        raise refusal(source.name, "是 PowerPoint 文档", "请选择表格文件")
    if not names:
        raise refusal(source.name, "是空的压缩包", "请重新取得这个文件")
    inside = sorted(n for n in names if n.lower().endswith((".xlsx", ".xls", ".csv")))
    if inside:
        raise refusal(source.name, "是压缩包", f"请先解压，再读里面的「{inside[0]}」")
    raise refusal(source.name, "不是工作簿（压缩包里没有工作表）", "请选择 .xlsx 或 .csv 文件")


def _has_workbook(names: set[str]) -> bool:
    return any(posixpath.basename(name).startswith("workbook") for name in names)


def _refuse_declarations(source: Source, part: bytes) -> None:
    """No spreadsheet program writes a DOCTYPE or UTF-16 parts; they serve to get past checks."""
    start = part[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"<" in start[:4] and b"\0" in start[:4]):
        raise refusal(source.name, "内部编码不是 UTF-8，不像表格软件写出的文件", BROKEN)
    if start.startswith(b"<") and (b"<!DOCTYPE" in part or b"<!ENTITY" in part):
        raise refusal(source.name, "内部含有不允许的声明（DOCTYPE）", BROKEN)


def _scan_sheet(source: Source, part: bytes) -> SheetFacts:
    found = None if _prefixed(part) else extent(part)
    if found is None:
        initials = ""
        facts = SheetFacts(cells=len(_CELL_START.findall(part)))
        facts.area = _area(part, facts.cells, strict=False)
    else:
        initials = found.initials
        facts = SheetFacts(cells=found.cells, area=found.row * found.column)
    if facts.area > MAX_CELLS:
        facts.area = _area(part, facts.cells, strict=True)
    if facts.area > MAX_CELLS:
        raise refusal(
            source.name,
            f"的工作表铺得太大（到最后一个单元格共 {facts.area:,} 格，最多 {MAX_CELLS:,} 格）",
            "请删去表格右边和下边多余的行列，或按时间段分成几个文件",
        )
    if not initials or "m" in initials or "h" in initials:  # mergeCell, hyperlink
        for a, b, c, d in _SPREAD.findall(part):
            width = column_number(c.decode()) - column_number(a.decode()) + 1
            facts.spread += max(0, width) * max(0, int(d) - int(b) + 1)
    if b'"e"' in part or b"'e'" in part:
        for attributes, text in _ERROR_CELL.findall(part):
            if re.search(rb"""\st\s*=\s*["']e["']""", attributes):
                facts.errors[_position(attributes)] = text.decode("utf-8", "replace")
    if (not initials or "f" in initials) and re.search(_P + rb"f[\s/>]", part):
        without = _UNCOMPUTED_CELL.findall(part)
        facts.uncomputed = [_position(a) for a in without if not _TEXT_RESULT.search(a)]
    return facts


def _prefixed(part: bytes) -> bool:
    """Whether a tag has a namespace prefix: from the colons, when there are few."""
    if part.count(b":") > _FEW:
        return _PREFIXED.search(part) is not None
    for colon in re.finditer(b":", part):
        end = colon.end()
        start = part.rfind(b"<", max(0, end - _FAR), end)
        if start < 0 or _PREFIXED.fullmatch(part, start, end):
            return True  # so far from the tag's start nothing is certain
    return False


def _area(part: bytes, cells: int, strict: bool) -> int:
    """Upper bound of the rectangle from A1 to the last cell; strict skips cells without content."""
    if strict:
        part = _EMPTY_CELL.sub(b"", part)
        cells = len(_CELL_START.findall(part))
    references = _REFERENCE.findall(part)
    columns = max((column_number(c.decode()) for c in {c for c, _ in references}), default=0)
    rows = max(map(int, {r for _, r in references}), default=0)
    if len(references) < cells:
        # cells may leave out their address and then follow the one before
        pieces = _ROW_START.split(part)
        rows = max(rows, *map(int, set(_ROW.findall(part))), 0) + len(pieces) - 1
        columns += max(len(_CELL_START.findall(piece)) for piece in pieces)
    return rows * columns


def _position(attributes: bytes) -> tuple[int, int]:
    found = _REFERENCE.search(attributes)
    if found is None:
        return (0, 0)
    return int(found[2]), column_number(found[1].decode())


def _string_sizes(part: bytes) -> list[int]:
    """Upper bounds of the shared texts' lengths, in order."""
    usual = part.count(b"<si>")
    if usual == part.count(b"<si") and b":si" not in part:
        return list(map(len, part.split(b"<si>")[1:]))
    return [len(piece) for piece in _STRING_START.split(part)[1:]]


def _measure_shared_text(source: Source, strings: list[int]) -> None:
    total = 0
    for _, part in _parts(source):
        if _CELL_START.search(part):
            indices = map(int, _SHARED_INDEX.findall(part))
            total += sum(strings[i] for i in indices if i < len(strings))
        if total > MAX_SHARED_TEXT:
            raise _bomb(source)


def sheet_paths(source: Source) -> dict[str, str]:
    """Sheet name → path of its part, as workbook.xml and its relations say.

    Only for packages that `check_package` has passed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as package:
            workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}  # unusual places: the reader will find them or say that it cannot
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    paths = {}
    for sheet in workbook.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        relation = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), None)
        target = targets.get(relation, "")
        paths[sheet.get("name", "")] = (
            target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        )
    return paths


def _bomb(source: Source) -> WorkbookError:
    return refusal(
        source.name,
        f"解开后太大（超过 {MAX_EXPANDED // 2**20} MB 的上限），可能是“压缩炸弹”",
        "请确认它的来历；真的数据请按时间段分成几个文件",
    )
