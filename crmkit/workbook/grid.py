"""A sheet as it lies in the file: rows of raw cells, before anything is understood."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from crmkit.workbook.delimited import read_delimited
from crmkit.workbook.errors import WorkbookError, refusal
from crmkit.workbook.formats import SAVE_AS_XLSX, Source
from crmkit.workbook.limits import MAX_CELLS, MAX_MEMORY, MAX_SECONDS
from crmkit.workbook.package import BROKEN, SheetFacts, check_package

T = TypeVar("T")
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class Grid:
    """Row 1 is ``rows[0]``, as the spreadsheet numbers them. Empty cells are ``""``."""

    sheet: str
    rows: list[list[Any]]
    merged: Sequence[Range] = ()  # ((row, column), (row, column)), from 1
    facts: SheetFacts = field(default_factory=SheetFacts)
    visible: bool = True
    how: str = ""  # file format in words, for Imported.source
    notes: tuple[str, ...] = ()


def load_grids(source: Source, sheet: str | None = None) -> list[Grid]:
    """All sheets of a file, or the one named `sheet`.

    Raises
    ------
    WorkbookError
        The file cannot be read, or has no such sheet.
    """
    if source.kind == "text":
        return [_text_grid(source)]
    if source.kind == "xls":
        return _old_grids(source, sheet)
    return _xlsx_grids(source, sheet)


def list_sheets(source: Source) -> list[str]:
    """Names of the worksheets in their order; a text table has one, named after the file."""
    if source.kind == "text":
        return [source.stem]
    if source.kind == "xls":
        return [grid.sheet for grid in _old_grids(source, None)]
    check_package(source)
    with _open(source) as workbook:
        return _worksheets(workbook)


def unknown_sheet(source: Source, sheet: str, names: Sequence[str]) -> WorkbookError:
    listed = "、".join(f"「{name}」" for name in names)
    return refusal(source.name, f"里没有工作表「{sheet}」", f"它的工作表有：{listed}")


def _text_grid(source: Source) -> Grid:
    table = read_delimited(source)
    notes = []
    if source.extension in (".xls", ".xlsx", ".xlsm"):
        notes.append(
            f"扩展名是 {source.extension}，内容却是{table.separator_name}分隔的文本，已按文本读取"
        )
    if table.open_quote:
        notes.append("引号的个数是单数：有一个引号没有配对，请核对最后几行")
    return Grid(
        source.stem,
        list(table.rows),
        how=f"{table.separator_name}分隔文本，编码 {table.encoding}",
        notes=tuple(notes),
    )


def _open(source: Source) -> Any:
    from python_calamine import CalamineWorkbook

    return _guarded(
        source,
        "已损坏，读不出工作簿",
        lambda: CalamineWorkbook.from_filelike(io.BytesIO(source.data)),
    )


def _guarded(source: Source, complaint: str, read: Callable[[], T]) -> T:
    """What `read` gives; the reader's own errors in words."""
    from python_calamine import CalamineError, PasswordError

    try:
        return read()
    except PasswordError as error:
        raise refusal(source.name, "有打开密码", "请去掉密码后另存为 .xlsx") from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise refusal(source.name, complaint, BROKEN) from error
    except BaseException as error:
        # a panic of the Rust code is no Exception, and its class has no public name
        if type(error).__name__ != "PanicException":
            raise
        raise refusal(source.name, complaint, BROKEN) from error


def _worksheets(workbook: Any) -> list[str]:
    from python_calamine import SheetTypeEnum

    return [m.name for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]


def _xlsx_grids(source: Source, sheet: str | None) -> list[Grid]:
    from python_calamine import SheetVisibleEnum

    facts = check_package(source)
    notes: tuple[str, ...] = ()
    if source.extension not in (".xlsx", ".xlsm", ".xltx", ""):
        notes = (f"扩展名是 {source.extension}，内容却是 xlsx 工作簿，已按工作簿读取",)
    with _open(source) as workbook:
        names = _worksheets(workbook)
        if sheet is not None and sheet not in names:
            raise unknown_sheet(source, sheet, names)
        hidden = {m.name for m in workbook.sheets_metadata if m.visible != SheetVisibleEnum.Visible}
        grids = []
        for name in names if sheet is None else [sheet]:
            rows, merged = _guarded(
                source, f"的工作表「{name}」已损坏", partial(_cells, workbook, name)
            )
            grids.append(
                Grid(
                    name,
                    rows,
                    merged,
                    facts.get(name, SheetFacts()),
                    name not in hidden,
                    how="xlsx",
                    notes=notes,
                )
            )
    return grids


def _cells(workbook: Any, name: str) -> tuple[list[list[Any]], list[Range]]:
    page = workbook.get_sheet_by_name(name)
    areas = page.merged_cell_ranges or ()
    merged = [((a + 1, b + 1), (c + 1, d + 1)) for (a, b), (c, d) in areas]
    return page.to_python(skip_empty_area=False), merged


# Damaged .xls files can make the reader ask for memory without end, which ends the process
# and cannot be caught. So it runs in a process of its own with limits.
_CHILD = """
import io, json, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
import python_calamine as c
def plain(v):
    if hasattr(v, "isoformat"):
        return {type(v).__name__: v.isoformat()}
    return {"timedelta": v.total_seconds()}
out = []
try:
    book = c.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for m in book.sheets_metadata:
        if m.typ != c.SheetTypeEnum.WorkSheet:
            continue
        page = book.get_sheet_by_name(m.name)
        if page.total_height * page.total_width > int(sys.argv[2]):
            out = {"refused": "large"}
            break
        out.append({"sheet": m.name, "visible": m.visible == c.SheetVisibleEnum.Visible,
                    "merged": page.merged_cell_ranges or [],
                    "rows": page.to_python(skip_empty_area=False)})
except c.PasswordError:
    out = {"refused": "password"}
except BaseException:
    out = {"refused": "broken"}
sys.stdout.write(json.dumps(out, default=plain))
"""


def _old_grids(source: Source, sheet: str | None) -> list[Grid]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-c", _CHILD, str(MAX_MEMORY), str(MAX_CELLS)],
            input=source.data,
            capture_output=True,
            timeout=MAX_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        answer = json.loads(done.stdout.decode("utf-8"), object_hook=_revive)
    except subprocess.TimeoutExpired as error:
        raise refusal(source.name, "读取时间太长，已停止", SAVE_AS_XLSX) from error
    except (OSError, ValueError) as error:
        raise refusal(source.name, "已损坏，读不出工作簿", SAVE_AS_XLSX) from error
    if not answer:
        answer = {"refused": "broken"}
    if isinstance(answer, dict):
        what = {
            "password": "有打开密码",
            "large": f"的工作表铺得太大（最多 {MAX_CELLS:,} 格）",
        }.get(answer["refused"], "已损坏，读不出工作簿")
        raise refusal(source.name, what, SAVE_AS_XLSX)
    names = [page["sheet"] for page in answer]
    if sheet is not None and sheet not in names:
        raise unknown_sheet(source, sheet, names)
    return [
        Grid(
            page["sheet"],
            page["rows"],
            [((a + 1, b + 1), (c + 1, d + 1)) for (a, b), (c, d) in page["merged"]],
            visible=page["visible"],
            how="xls（97–2003 工作簿）",
        )
        for page in answer
        if sheet is None or page["sheet"] == sheet
    ]


def _revive(item: dict[str, Any]) -> Any:
    if len(item) != 1:
        return item
    ((kind, value),) = item.items()
    if kind == "datetime":
        return dt.datetime.fromisoformat(value)
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "time":
        return dt.time.fromisoformat(value)
    if kind == "timedelta":
        return dt.timedelta(seconds=value)
    return item
