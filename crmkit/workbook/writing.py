"""Write workbooks that survive Excel, WPS and LibreOffice.

Ids are text, dates are dates, headers are bold, frozen and filtered. No cell can be read as a
formula: text that starts like one gets an apostrophe (see `cleaning.guard_formula`). Excel, WPS
and LibreOffice all show such a cell as the text it is; a mere string type would turn into a
formula when the cell is edited, copied by pandas, or saved as CSV and opened again. The kit's
readers take the apostrophe off. The same frames give the same bytes.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import uuid
import warnings
import zipfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit.workbook.cleaning import drop_control_characters
from crmkit.workbook.columns import (
    DATE_FORMAT,
    MONEY_FORMAT,
    TEXT_FORMAT,
    TIME_FORMAT,
    ColumnPreparer,
    PreparedColumn,
    prepare_text,
)
from crmkit.workbook.errors import WorkbookError, WorkbookWarning, refusal
from crmkit.workbook.formats import PathLike
from crmkit.workbook.limits import EXCEL_COLUMNS, EXCEL_ROWS, EXCEL_SHEET_NAME

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_LIST_CHARACTERS = 255  # Excel's limit for a drop-down written into the rule itself
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_CORE_TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_FORMATTED = (TEXT_FORMAT, DATE_FORMAT, TIME_FORMAT, MONEY_FORMAT)


def write(
    path: PathLike,
    sheets: Mapping[str, pd.DataFrame],
    *,
    ids: Collection[str] = (),
    dates: Collection[str] = (),
    money: Collection[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    links: Collection[str] = (),
    index: bool = False,
    frozen: bool = True,
    filtered: bool = True,
) -> Path:
    """Write frames as the sheets of an .xlsx; the old file stays until the new one is complete.

    Parameters
    ----------
    path
        Where to; missing folders are made.
    sheets
        Sheet name → frame. Numbers keep 15 digits, times whole seconds: more Excel does not show.
    ids, dates, money
        Columns (on any sheet) to store as text, as dates yyyy-mm-dd, as yuan with two decimals.
        Other datetime columns show their time of day if any value has one.
    choices
        Column → values of a drop-down list on its cells.
    links
        Columns whose cells name a sheet of this workbook: each becomes a link to it.
    index
        Whether to write the frames' index as first columns.
    frozen, filtered
        Whether the header stays in view, and has filter buttons.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    WorkbookError
        A sheet name, a value or a size that Excel does not take; or the file is open in Excel.

    Warns
    -----
    WorkbookWarning
        Control characters were left out of some cells.
    """
    target = _target(path)
    prepared, mended = _prepare(sheets, ids, dates, money, index)
    _check_names([*ids, *dates, *money, *(choices or ()), *links], prepared)
    data = _render(prepared, choices or {}, links, frozen, filtered)
    _replace(target, _normalise(data))
    if mended:
        shown = "；".join(mended[:5]) + ("……" if len(mended) > 5 else "")
        warnings.warn(
            f"去掉了控制字符，共 {len(mended)} 格：{shown}", WorkbookWarning, stacklevel=2
        )
    return target


def _target(path: PathLike) -> Path:
    try:
        target = Path(path)
    except TypeError as error:
        raise WorkbookError(f"文件名应是文字，现在给的是 {type(path).__name__}。") from error
    if target.suffix.lower() != ".xlsx":
        raise refusal(target.name, "写不了", "工作簿的文件名请以 .xlsx 结尾")
    if target.is_dir():
        raise refusal(target.name, "已经是一个文件夹", "请换一个文件名")
    return target


def _prepare(
    sheets: Mapping[str, pd.DataFrame],
    ids: Collection[str],
    dates: Collection[str],
    money: Collection[str],
    index: bool,
) -> tuple[dict[str, list[PreparedColumn]], list[str]]:
    if not isinstance(sheets, Mapping) or not sheets:
        raise WorkbookError('要写的工作表请写成 {"页名": 表}，至少一页。')
    _check_sheet_names(sheets)
    prepared: dict[str, list[PreparedColumn]] = {}
    mended: list[str] = []
    for sheet, frame in sheets.items():
        if not isinstance(frame, pd.DataFrame):
            kind = type(frame).__name__
            raise WorkbookError(f"工作表「{sheet}」的内容应是表（DataFrame），现在是 {kind}。")
        table = _flat(sheet, frame, index)
        _check_size(sheet, table)
        preparer = ColumnPreparer(sheet, ids, dates, money)
        prepared[sheet] = [
            preparer.prepare(table.columns[i], table.iloc[:, i]) for i in range(table.shape[1])
        ]
        for column in prepared[sheet]:
            mended += [f"「{sheet}」列“{column.name}”第 {row + 2} 行" for row in column.mended]
    return prepared, mended


def _check_sheet_names(sheets: Mapping[str, Any]) -> None:
    seen: dict[str, str] = {}
    for name in sheets:
        if not isinstance(name, str) or not name.strip():
            raise WorkbookError(f"工作表的名字不能是空的（现在是 {name!r}）。")
        if len(name.encode("utf-16-le", "surrogatepass")) // 2 > EXCEL_SHEET_NAME:
            raise WorkbookError(f"工作表的名字「{name}」太长，Excel 最多 {EXCEL_SHEET_NAME} 个字。")
        if _FORBIDDEN.search(name) or drop_control_characters(name) != name:
            raise WorkbookError(f"工作表的名字「{name}」里不能有 [ ] : * ? / \\ 和控制字符。")
        if name.startswith("'") or name.endswith("'"):
            raise WorkbookError(f"工作表的名字「{name}」不能以撇号开头或结尾。")
        if name.lower() == "history":
            raise WorkbookError("工作表不能叫 History：这个名字 Excel 留作自用，请换一个。")
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise WorkbookError(
                f"工作表「{other}」和「{name}」只差大小写，Excel 当作重名，请改一个。"
            )


def _flat(sheet: str, frame: pd.DataFrame, index: bool) -> pd.DataFrame:
    if isinstance(frame.columns, pd.MultiIndex):
        raise WorkbookError(
            f"工作表「{sheet}」的表头有 {frame.columns.nlevels} 层。请先合成一层，例如 "
            'frame.columns = ["_".join(map(str, c)) for c in frame.columns]。'
        )
    if index:
        names = [
            str(name)
            if name is not None
            else ("序号" if frame.index.nlevels == 1 else f"序号{i + 1}")
            for i, name in enumerate(frame.index.names)
        ]
        frame = frame.rename_axis(index=names)
        clash = [name for name in names if name in frame.columns]
        if clash:
            raise WorkbookError(
                f"工作表「{sheet}」：索引和列都叫 {'、'.join(clash)}，请改一个名字。"
            )
        frame = frame.reset_index()
    labels = [str(label) for label in frame.columns]
    twice = [label for label, times in Counter(labels).items() if times > 1]
    if twice:
        raise WorkbookError(f"工作表「{sheet}」的列名重复：{'、'.join(twice)}。")
    if any(not label.strip() for label in labels):
        raise WorkbookError(f"工作表「{sheet}」有一列没有列名。")
    return frame


def _check_size(sheet: str, frame: pd.DataFrame) -> None:
    rows, columns = frame.shape
    if rows + 1 > EXCEL_ROWS:
        raise WorkbookError(
            f"工作表「{sheet}」有 {rows:,} 行，一张工作表连表头最多 {EXCEL_ROWS:,} 行。请分成几页。"
        )
    if columns > EXCEL_COLUMNS:
        raise WorkbookError(
            f"工作表「{sheet}」有 {columns:,} 列，一张工作表最多 {EXCEL_COLUMNS:,} 列。"
        )
    if not columns:
        raise WorkbookError(f"工作表「{sheet}」一列也没有。")


def _check_names(wanted: Sequence[str], prepared: Mapping[str, list[PreparedColumn]]) -> None:
    present = {column.name for columns in prepared.values() for column in columns}
    unknown = [name for name in dict.fromkeys(wanted) if name not in present]
    if unknown:
        raise WorkbookError(
            f"没有这样的列：{'、'.join(unknown)}。各页现有的列：{'、'.join(sorted(present))}。"
        )


def _render(
    prepared: Mapping[str, list[PreparedColumn]],
    choices: Mapping[str, Sequence[str]],
    links: Collection[str],
    frozen: bool,
    filtered: bool,
) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    bold, middle = Font(bold=True), Alignment(vertical="center")
    fill = PatternFill("solid", start_color="DDEEEB")
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "crmkit"
    for sheet, columns in prepared.items():
        page = book.create_sheet(sheet)
        height = len(columns[0].values)
        for place, column in enumerate(columns, start=1):
            letter = get_column_letter(place)
            page.column_dimensions[letter].width = column.width
            head = page.cell(1, place, prepare_text(column.name))
            head.data_type, head.font, head.fill, head.alignment = "s", bold, fill, middle
            for row, value in enumerate(column.values, start=2):
                if value is None:
                    continue
                cell = page.cell(row, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # also texts like "#N/A"
                if column.format in _FORMATTED and (
                    column.format not in (DATE_FORMAT, TIME_FORMAT) or cell.data_type == "d"
                ):
                    cell.number_format = column.format
            if column.name in choices and height:
                page.add_data_validation(
                    _drop_down(column.name, choices[column.name], f"{letter}2:{letter}{height + 1}")
                )
            if column.name in links:
                _link(page, place, column, set(prepared))
        if frozen:
            page.freeze_panes = "A2"
        if filtered:
            page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{height + 1}"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _drop_down(name: str, options: Sequence[str], cells: str) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    words = [str(option) for option in options]
    if not words or any("," in word or '"' in word for word in words):
        raise WorkbookError(f"列“{name}”的下拉选项不能是空的，也不能含半角逗号或引号。")
    formula = ",".join(words)
    if len(formula) > _LIST_CHARACTERS:
        raise WorkbookError(f"列“{name}”的下拉选项太长：连逗号一共最多 {_LIST_CHARACTERS} 个字。")
    rule = DataValidation(type="list", formula1=f'"{formula}"', allow_blank=True, sqref=cells)
    rule.showErrorMessage = True
    rule.errorTitle, rule.error = "输入有误", "请从下拉列表里选择"
    return rule


def _link(page: Any, place: int, column: PreparedColumn, sheets: set[str]) -> None:
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    for row, value in enumerate(column.values, start=2):
        if value is None:
            continue
        if value not in sheets:
            raise WorkbookError(
                f"工作表「{page.title}」列“{column.name}”第 {row} 行：没有工作表「{value}」，链接不了。"
            )
        cell = page.cell(row, place)
        escaped = value.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{escaped}'!A1")
        cell.font = Font(color="0563C1", underline="single")


def _normalise(data: bytes) -> bytes:
    """The same workbook without the moment it was written."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "docProps/core.xml":
                part = _CORE_TIME.sub(rb"\g<1>2000-01-01T00:00:00Z\2", part)
            info = zipfile.ZipInfo(entry.filename, _ZIP_TIME)
            info.create_system = 0  # the same on every operating system
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, part, compresslevel=6)
    return buffer.getvalue()


def _replace(target: Path, data: bytes) -> None:
    """Put `data` in the place of `target` in one step; interrupted, the old file stays."""
    name = target.name
    temporary = target.with_name(f".{name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except PermissionError as error:
        raise refusal(
            name,
            "写不进去（被别的程序占用，或没有权限）",
            "请先关闭 Excel 或 WPS 里的这个文件，再试一次",
        ) from error
    except (OSError, ValueError) as error:
        raise refusal(
            name, "写不进去", f"请检查文件名、文件夹和磁盘空间。系统的说明：{error}"
        ) from error
    finally:
        with contextlib.suppress(OSError, ValueError):  # gone already when all went well
            temporary.unlink(missing_ok=True)
