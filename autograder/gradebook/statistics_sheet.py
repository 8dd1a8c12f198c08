"""The statistics of a class: mean, median, spread, distribution by tens, pass rate; live, with a chart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook import Workbook

from autograder.gradebook.exact import show
from autograder.gradebook.page import TEAL, Formula, Page
from autograder.gradebook.scheme import COMPLETE, ClassTotals
from autograder.gradebook.scheme_sheets import TOTALS, TOTALS_FIRST

STATISTICS = "统计"
EXCELLENT = 90
BINS = tuple(range(90, -10, -10))


def bin_label(low: int) -> str:
    """The name of a band of ten marks; the highest holds 100.

    >>> bin_label(90), bin_label(50)
    ('90–100', '50–59')
    """
    return f"{low}–{100 if low == 90 else low + 9}"


def statistics_page(book: Workbook, made: ClassTotals) -> Page:
    """Figures of the totals for all and per class, and of every item for all."""
    groups = sorted({s.group for s in made.students if s.group})[:12]
    groups = groups if len(groups) > 1 else []
    columns = 2 + len(groups)
    page = Page(book, STATISTICS, "成绩统计", [20, 12, *([12] * max(6, len(groups)))])
    open_marks = sum(made.totals[s.id].status != COMPLETE for s in made.students)
    page.remark(
        "只统计有总评的学生；标准差按全体计算；各段含下限，例如 80–89 是不低于 80、不到 90。"
    )
    if open_marks:
        page.remark(f"还有 {open_marks} 人的总评没有或是暂定的，见总评表的“状态”。", warning=True)
    page.row = 5
    page.head(["总评", "全班", *groups])
    last = TOTALS_FIRST + max(len(made.students), 1) - 1
    at = 4 + sum(len(c.items) + 1 for c in made.components)
    marks = f"'{TOTALS}'!${letter(at)}${TOTALS_FIRST}:${letter(at)}${last}"
    where = f"'{TOTALS}'!$C${TOTALS_FIRST}:$C${last}"
    every = _values(made, None)
    by_group = [(g, _values(made, g)) for g in groups]
    _summary(page, marks, where, every, by_group, made)
    first_bin = page.row
    for low in BINS:
        below = 10**6 if low == 90 else low + 10
        line: list[object] = [bin_label(low)]
        band = f'{marks},">={low}",{marks},"<{below}"'
        line.append(Formula(f"COUNTIFS({band})", float(sum(low <= v < below for v in every))))
        for n, (_, values) in enumerate(by_group):
            inside = f"{where},{letter(3 + n)}$5"
            found = sum(low <= v < below for v in values)
            line.append(Formula(f"COUNTIFS({inside},{band})", float(found)))
        page.line(line, text=1, forms=dict.fromkeys(range(2, columns + 1), "0"))
    table_end = page.row - 1
    page.row += 1
    _items(page, made, last)
    _chart(page, first_bin, table_end, columns)
    page.finish(6, frozen=1, last=table_end)
    page.sheet.auto_filter.ref = f"A5:{letter(columns)}{table_end}"
    page.sheet.print_title_rows = "1:1"
    return page


def _summary(
    page: Page, marks: str, where: str, every: Sequence[float],
    groups: Sequence[tuple[str, Sequence[float]]], made: ClassTotals,
) -> None:  # fmt: skip
    passing, top = show(made.settings.passing), str(EXCELLENT)
    least = float(made.settings.passing)
    whole: list[tuple[str, str, float | str, str]] = [
        ("人数", f"COUNT({marks})", float(len(every)), "0"),
        ("平均", _safe(f"AVERAGE({marks})"), statistics.fmean(every) if every else "", "0.00"),
        ("中位数", _safe(f"MEDIAN({marks})"), statistics.median(every) if every else "", "0.00"),
        ("标准差", _safe(f"STDEVP({marks})"), statistics.pstdev(every) if every else "", "0.00"),
        ("最高", _safe(f"MAX({marks})", every), max(every, default=""), "0.0"),
        ("最低", _safe(f"MIN({marks})", every), min(every, default=""), "0.0"),
        ("及格率", _safe(f'COUNTIF({marks},">={passing}")/COUNT({marks})'), _share(every, least), "0.0%"),
        ("优秀率", _safe(f'COUNTIF({marks},">={top}")/COUNT({marks})'), _share(every, EXCELLENT), "0.0%"),
    ]  # fmt: skip
    labels = {"及格率": f"及格率（≥{passing}）", "优秀率": f"优秀率（≥{top}）"}
    for name, formula, value, form in whole:
        line: list[object] = [labels.get(name, name), Formula(formula, value)]
        for n, (_, values) in enumerate(groups):
            line.append(_of_group(name, marks, f"{where},{letter(3 + n)}$5", values, passing, least))  # fmt: skip
        page.line(line, text=1, forms=dict.fromkeys(range(2, 3 + len(groups)), form))


def _of_group(
    name: str, marks: str, inside: str, values: Sequence[float], passing: str, least: float
) -> object:
    numbers = f'{inside},{marks},">=0"'
    if name == "人数":
        return Formula(f"COUNTIFS({numbers})", float(len(values)))
    if name == "平均":
        mean = statistics.fmean(values) if values else ""
        return Formula(_safe(f"AVERAGEIFS({marks},{inside})"), mean)
    if name in ("及格率", "优秀率"):
        bound, number = (passing, least) if name == "及格率" else (str(EXCELLENT), EXCELLENT)
        share = _share(values, number)
        return Formula(_safe(f'COUNTIFS({inside},{marks},">={bound}")/COUNTIFS({numbers})'), share)
    return ""


def _items(page: Page, made: ClassTotals, last: int) -> None:
    page.line(["各项（百分制）", "人数", "平均", "中位数", "标准差", "最高", "最低"], text=1, sums=range(1, 8))  # fmt: skip
    column = 4
    for component in made.components:
        for item in component.items:
            cells = f"'{TOTALS}'!${letter(column)}${TOTALS_FIRST}:${letter(column)}${last}"
            found = [item.results[s.id].value for s in made.students]
            values = [float(v) for v in found if v is not None]
            line: list[object] = [item.title, Formula(f"COUNT({cells})", float(len(values)))]
            for function, compute in (
                ("AVERAGE", statistics.fmean), ("MEDIAN", statistics.median),
                ("STDEVP", statistics.pstdev), ("MAX", max), ("MIN", min),
            ):  # fmt: skip
                value = float(compute(values)) if values else ""
                line.append(Formula(_safe(f"{function}({cells})", values), value))
            page.line(line, text=1, forms={2: "0", **dict.fromkeys(range(3, 8), "0.00")})
            column += 1
        column += 1


def _chart(page: Page, first: int, last: int, columns: int) -> None:
    chart = BarChart()
    chart.title, chart.legend = "总评分布（人数）", None
    chart.add_data(Reference(page.sheet, min_col=2, min_row=first, max_row=last))
    chart.set_categories(Reference(page.sheet, min_col=1, min_row=first, max_row=last))
    chart.series[0].graphicalProperties.solidFill = TEAL
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for flag in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, flag, False)
    chart.gapWidth, chart.height, chart.width = 40, 9.5, 17
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.majorGridlines = None
    chart.y_axis.delete = True
    page.sheet.add_chart(chart, f"{letter(max(columns, 2) + 2)}5")


def _values(made: ClassTotals, group: str | None) -> list[float]:
    chosen = (s for s in made.students if group is None or s.group == group)
    totals = (made.totals[s.id].rounded for s in chosen)
    return [float(t) for t in totals if t is not None]


def _share(values: Sequence[float], least: float) -> float | str:
    return sum(v >= least for v in values) / len(values) if values else ""


def _safe(formula: str, values: Sequence[float] | None = None) -> str:
    """ "" where nothing can be computed; MAX and MIN of nothing would say 0."""
    if values is not None and not values:
        return f'IF({formula}=0,"",{formula})'
    return f'IFERROR({formula},"")'
