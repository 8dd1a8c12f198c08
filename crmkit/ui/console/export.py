"""Tables as workbooks for the browser to save."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from crmkit import workbook as books
from crmkit.ui.console import cells


def workbook(title: str, frame: pd.DataFrame, kinds: Mapping[str, str]) -> bytes:
    """An .xlsx with one sheet: ids as text, days as days, yuan with two decimals."""
    out = frame.copy()
    for name in out.columns:
        if kinds.get(name) == "chips":
            out[name] = out[name].map(lambda v: "、".join(cells.chips(v)))
        elif kinds.get(name) == "flag":
            out[name] = out[name].map(lambda v: cells.written(v, "flag"))
    by_kind = {
        kind: [n for n in out.columns if kinds.get(n) == kind] for kind in ("id", "date", "money")
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        books.write(
            path, {sheet_name(title): out}, ids=by_kind["id"], dates=by_kind["date"], money=by_kind["money"],
        )  # fmt: skip
        return path.read_bytes()


def sheet_name(title: str) -> str:
    """A title as Excel allows it for a sheet."""
    return "".join("_" if c in "[]:*?/\\'" else c for c in title)[:31] or "Sheet1"
