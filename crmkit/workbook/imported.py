"""What reading a file gives: a clean frame and a report of all that was mended or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from crmkit.workbook.values import CHECK, MENDED, REFUSED

REPORT_COLUMNS = ("工作表", "行", "列", "原值", "处理", "原因")
WHOLE_ROW = "（整行）"
_SHOWN = 200  # characters of an original value


class Event(NamedTuple):
    """One line of the report; `row` counts from 1 as the spreadsheet shows it."""

    row: int
    place: int  # order of the column, for sorting
    column: str
    raw: Any
    action: str
    reason: str


@dataclass(frozen=True, repr=False)
class Imported:
    """A file that was read.

    Attributes
    ----------
    frame
        The clean rows: ids and mobiles text, money float64 with two decimals, times datetime64.
    report
        One row per cell or row that was mended (已修正), refused (已拒收) or should be looked at
        (请核对), with the row number that Excel shows.
    source
        In words: what kind of file it was taken for, and how it was written.
    notes
        Remarks about the file as a whole.
    rows
        For every row of the frame the row number that Excel shows.
    """

    frame: pd.DataFrame
    report: pd.DataFrame
    source: str
    notes: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()

    def summary(self) -> str:
        """The report in words.

        Returns
        -------
        str
            One Chinese paragraph: rows and columns read, then each treatment with its reasons,
            the most frequent first.
        """
        rows, columns = self.frame.shape
        parts = [f"{self.source}：读入 {rows} 行、{columns} 列。"]
        if self.report.empty:
            parts.append("没有需要修正的地方。")
        for action in (MENDED, REFUSED, CHECK):
            chosen = self.report[self.report["处理"] == action]
            if len(chosen):
                reasons = Counter(chosen["原因"]).most_common(4)
                told = "；".join(f"{reason}（{count} 处）" for reason, count in reasons)
                more = chosen["原因"].nunique() - len(reasons)
                told += f"；另有 {more} 种原因" if more else ""
                parts.append(f"{action} {len(chosen)} 处：{told}。")
        parts.extend(f"{note}。" for note in self.notes)
        return "".join(parts)

    def __repr__(self) -> str:
        return self.summary()


def make_report(sheet: str, events: Iterable[Event]) -> pd.DataFrame:
    """The report frame, in the order of the sheet."""
    ordered = sorted(events, key=lambda e: (e.row, e.place))
    columns: dict[str, Any] = {
        "工作表": pd.Series([sheet] * len(ordered), dtype="str"),
        "行": pd.Series([e.row for e in ordered], dtype="int64"),
        "列": pd.Series([e.column for e in ordered], dtype="str"),
        "原值": pd.Series([str(e.raw)[:_SHOWN] for e in ordered], dtype="str"),
        "处理": pd.Series([e.action for e in ordered], dtype="str"),
        "原因": pd.Series([e.reason for e in ordered], dtype="str"),
    }
    return pd.DataFrame(columns, columns=list(REPORT_COLUMNS))
