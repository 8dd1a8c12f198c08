"""Lab E2: each mistake in the workbook is named, and costs only its own item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from autograder import judge
from tests.autograder.workbooks import judged, solved, spoilt

STUDENT = "2025010101"
WORLD = judge.load("E2").world(STUDENT)
MASTER = "客户档案"


def cells(book: Workbook, name: str, sheet: str = MASTER) -> list[Any]:
    page = book[sheet]
    place = [c.value for c in page[1]].index(name)
    return [row[place] for row in page.iter_rows(min_row=2)]


def set_column(book: Workbook, name: str, values: dict[str, Any]) -> None:
    for key, cell in zip(cells(book, "客户编号"), cells(book, name), strict=True):
        cell.value = values[key.value]


def pages(book: Workbook) -> list[Any]:
    return [book[s] for s in WORLD.sources]


def page_by_channel(book: Workbook) -> None:
    for page in pages(book):
        book.remove(page)
    header = [c.value for c in book[MASTER][1]]
    place = header.index("渠道")
    for channel in dict.fromkeys(WORLD.customers["渠道"]):
        page = book.create_sheet(channel)
        page.append(header)
        for row in book[MASTER].iter_rows(min_row=2, values_only=True):
            if row[place] == channel:
                page.append(row)


def sort_master(book: Workbook) -> None:
    page = book[MASTER]
    rows = sorted(page.iter_rows(min_row=2, values_only=True), key=lambda r: r[1])
    for n, row in enumerate(rows, start=2):
        for c, value in enumerate(row, start=1):
            page.cell(n, c).value = value


def pages_without_added(book: Workbook) -> None:
    for page in pages(book):
        page.delete_cols(13, 4)


def pages_without_header(book: Workbook) -> None:
    for page in pages(book):
        page.delete_rows(1)


def gender_blank(book: Workbook) -> None:
    set_column(book, "性别", {k: WORLD.gender.get(k) for k in WORLD.ids})


def gender_by_row(book: Workbook) -> None:
    listed = list(WORLD.gender.values()) + ["未知"] * 300
    set_column(book, "性别", dict(zip(WORLD.ids, listed, strict=False)))


def ages(rule: Callable[[dt.date, dt.date], int]) -> Callable[[Workbook], None]:
    def spoil(book: Workbook) -> None:
        set_column(book, "年龄", WORLD.ages(rule))

    return spoil


def ages_filled(book: Workbook) -> None:
    set_column(book, "年龄", {k: 0 if v is None else v for k, v in WORLD.ages().items()})


def status(least: int) -> Callable[[Workbook], None]:
    def spoil(book: Workbook) -> None:
        words = ["已成交" if n >= least else "未成交" for n in WORLD.customers["累计订单数"]]
        set_column(book, "交易状态", dict(zip(WORLD.ids, words, strict=True)))

    return spoil


def status_reversed(book: Workbook) -> None:
    words = ["未成交" if n >= 1 else "已成交" for n in WORLD.customers["累计订单数"]]
    set_column(book, "交易状态", dict(zip(WORLD.ids, words, strict=True)))


def wide_commas(book: Workbook) -> None:
    for rule in book[MASTER].data_validations.dataValidation:
        rule.formula1 = rule.formula1.replace(",", "，")


def lists_on_pages(book: Workbook) -> None:
    book[MASTER].data_validations.dataValidation = []
    for page in pages(book):
        rule = DataValidation(type="list", formula1='"男,女,未知"')
        page.add_data_validation(rule)
        rule.add("M2:M300")


def bands_off_by_one(book: Workbook) -> None:
    from autograder.judge import load

    module = __import__("sys").modules[load("E2").world.__module__]
    set_column(
        book,
        "年龄段",
        {k: module.band(None if a is None else a - 1) for k, a in WORLD.ages().items()},
    )


def bands_blank(book: Workbook) -> None:
    for cell in cells(book, "年龄段"):
        if cell.value == "未知":
            cell.value = None


def counts_with_header(book: Workbook) -> None:
    for cell in cells(book, "客户数", "目录"):
        cell.value += 1


def no_links(book: Workbook) -> None:
    for cell in cells(book, "链接", "目录"):
        cell.hyperlink = None


MISTAKES = [
    ("E2-01", page_by_channel, "按渠道分了页"),
    ("E2-01", sort_master, "原来的次序"),
    ("E2-02", pages_without_added, "先给总表加好四列"),
    ("E2-02", pages_without_header, "没有表头"),
    ("E2-03", gender_blank, "要写「未知」"),
    ("E2-03", gender_by_row, "按行对齐"),
    ("E2-04", ages(lambda b, d: d.year - b.year), "只用年份相减"),
    ("E2-04", ages(lambda b, d: (d - b).days // 365), "除以 365 算"),
    ("E2-04", ages(lambda b, d: int((d - b).days / 365.25)), "365.25"),
    (
        "E2-04",
        ages(lambda b, d: d.year - b.year - ((d.month, d.day) <= (b.month, b.day))),
        "生日当天没有长",
    ),
    ("E2-04", ages_filled, "要留空"),
    ("E2-05", status(2), "只买过 1 次"),
    ("E2-05", status_reversed, "写反了"),
    ("E2-06", wide_commas, "中文逗号"),
    ("E2-06", lists_on_pages, "加在了分页上"),
    ("E2-07", bands_off_by_one, "界限放错了一岁"),
    ("E2-07", bands_blank, "没有写「未知」"),
    ("E2-08", counts_with_header, "多数了表头"),
    ("E2-08", no_links, "不会跳"),
]


@pytest.mark.parametrize(
    ("item", "spoil", "words"), MISTAKES, ids=lambda x: getattr(x, "__name__", str(x))
)
def test_the_mistake_is_named_and_stays_below_full_marks(
    item: str, spoil: Callable[[Workbook], None], words: str
) -> None:
    result = judged("E2", STUDENT, spoilt("E2", STUDENT, spoil))[item]
    assert result.score is not None and result.score < result.points
    assert words in result.hint, result


def test_every_sign_of_the_judge_is_tried_here() -> None:
    signs = {(i.id, m.hint) for i in judge.load("E2").automatic for m in i.mistakes if m.sign}
    tried = {(k, h) for k, h in signs if any(k == i and w in h for i, _, w in MISTAKES)}
    assert tried == signs


@pytest.mark.parametrize("dash", ["25－34", "25—34", "25~34", "25至34", "25-34岁"])
def test_the_dash_of_an_age_band_may_be_typed_in_any_way(dash: str) -> None:
    def spoil(book: Workbook) -> None:
        for cell in cells(book, "年龄段"):
            if cell.value == "25-34":
                cell.value = dash

    assert judged("E2", STUDENT, spoilt("E2", STUDENT, spoil))["E2-07"].score == 8


def test_links_made_by_the_hyperlink_function_count() -> None:
    def spoil(book: Workbook) -> None:
        for name, cell in zip(
            cells(book, "页名", "目录"), cells(book, "链接", "目录"), strict=True
        ):
            cell.hyperlink = None
            cell.value = f'=HYPERLINK("#\'{name.value}\'!A1","打开")'

    result = judged("E2", STUDENT, spoilt("E2", STUDENT, spoil))["E2-08"]
    assert result.score == 10 or "没有结果" in result.found


def test_the_edges_of_the_age_rule_are_in_every_students_data() -> None:
    from crmkit.lab.inputs import e2

    for k in range(5):
        born = e2.data(f"2025{k:06d}").customers["生日"].dropna().dt.strftime("%m-%d")
        assert {"02-28", "02-29", "03-01", "03-02"} <= set(born)


def test_a_spoilt_item_leaves_the_others_alone() -> None:
    before = judged("E2", STUDENT, solved("E2", STUDENT))
    after = judged("E2", STUDENT, spoilt("E2", STUDENT, status_reversed))
    assert {k for k in before if before[k].score != after[k].score} == {"E2-05"}
