"""A bar chart on a sheet is read by what its file stored: titles, labels, heights."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import AxDataSource, NumData, NumVal, StrData, StrRef, StrVal

from crmkit.workbook import WorkbookError, read_bar_chart

ROWS = [("省份", "客户数"), ("北京", 3), ("上海", 5), ("云南", 0)]


def workbook(kind: Any = BarChart, *, stored: bool = True, title: str = "各省客户数") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "图"
    for row in ROWS:
        page.append(row)
    book.create_sheet("空")
    chart = kind()
    chart.title, chart.x_axis.title, chart.y_axis.title = title or None, "省份", "客户数（人）"
    chart.add_data(Reference(page, min_col=2, min_row=1, max_row=4), titles_from_data=True)
    chart.set_categories(Reference(page, min_col=1, min_row=2, max_row=4))
    if stored:  # as programs that calculate store it, here in another order
        (series,) = chart.series
        points = [(n, *row) for n, row in enumerate(ROWS[1:])][::-1]
        series.val.numRef.numCache = NumData(pt=[NumVal(idx=n, v=str(x)) for n, _, x in points])
        texts = StrData(pt=[StrVal(idx=n, v=name) for n, name, _ in points])
        series.cat = AxDataSource(strRef=StrRef(f="'图'!$A$2:$A$4", strCache=texts))
    page.add_chart(chart, "D2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_titles_labels_and_heights_are_read_in_order() -> None:
    found = read_bar_chart(workbook(), "图")
    assert (found.title, found.category_title, found.value_title) == (
        "各省客户数",
        "省份",
        "客户数（人）",
    )
    assert found.labels == ("北京", "上海", "云南")
    assert found.heights == (3.0, 5.0, 0.0)


def test_a_chart_without_a_title_has_none() -> None:
    assert read_bar_chart(workbook(title=""), "图").title == ""


@pytest.mark.parametrize(
    ("data", "sheet", "words"),
    [
        (workbook(), "空", "没有柱形图"),
        (workbook(LineChart), "图", "没有柱形图"),
        (workbook(stored=False), "图", "没有存下数值"),
        (b"a,b\n1,2\n", "图", "不是 .xlsx"),
    ],
)
def test_what_is_no_readable_bar_chart_is_refused_with_a_reason(
    data: bytes, sheet: str, words: str
) -> None:
    with pytest.raises(WorkbookError, match=words):
        read_bar_chart(data, sheet)
