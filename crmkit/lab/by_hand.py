"""Answers worked out in Excel, WPS or LibreOffice instead of in code.

A lab names one workbook. A table stands on the sheet its task names; single values and lists of
named values stand on the sheet 「答案」 with the columns 题号, 名称, 值. A chart lies on its sheet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from crmkit.lab import forms
from crmkit.lab.snapshot import Bars

ANSWERS = "答案"


def read(path: Path, item: str, sheet: str | None) -> Any:
    """The answer to an item as the workbook has it; None when it is not there.

    Raises
    ------
    WorkbookError
        The file is there but cannot be read.
    """
    from crmkit import workbook

    if not path.is_file():
        return None
    names = workbook.sheet_names(path)
    if sheet is not None:
        return workbook.read_sheet(path, sheet) if sheet in names else None
    if ANSWERS not in names:
        return None
    return pick(workbook.read_sheet(path, ANSWERS), item)


def read_chart(path: Path, sheet: str | None) -> Bars | None:
    """The bar chart that lies on a sheet of the workbook; None when there is no such sheet.

    Raises
    ------
    WorkbookError
        The file cannot be read, or no bar chart lies there.
    """
    from crmkit import workbook

    if sheet is None or not path.is_file() or sheet not in workbook.sheet_names(path):
        return None
    drawn = workbook.read_bar_chart(path, sheet)
    return Bars(drawn.title, drawn.category_title, drawn.value_title, drawn.labels, drawn.heights)


def pick(answers: pd.DataFrame, item: str) -> Any:
    """One value, or a dict of named values, from the rows of an item."""
    frame = forms.table(answers, ("题号", "值"))
    rows = frame[[forms.text(x) == item for x in frame["题号"]]]
    rows = rows[[not forms.missing(x) for x in rows["值"]]]
    if rows.empty:
        return None
    named = "名称" in rows and any(not forms.missing(x) for x in rows["名称"])
    if named:
        return dict(zip(rows["名称"].map(forms.text), rows["值"], strict=True))
    return rows["值"].iloc[0] if len(rows) == 1 else rows["值"].tolist()
