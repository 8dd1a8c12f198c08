"""Lab E1: each mistake in the workbook is named, and costs only its own item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.workbook import Workbook

from autograder import judge
from tests.autograder.workbooks import judged, solved, spoilt

STUDENT = "2025010101"
WORLD = judge.load("E1").world(STUDENT)
FILE, BACK = "客户档案", "退回"


def column(book: Workbook, name: str, sheet: str = FILE) -> Any:
    page = book[sheet]
    place = [c.value for c in page[1]].index(name)
    return [row[place] for row in page.iter_rows(min_row=2)]


def row_of(book: Workbook, mobile: str) -> Any:
    return next(row for row in book[FILE].iter_rows(min_row=2) if row[4].value == mobile)


def raw(reason: str) -> list[dict[str, str]]:
    return [r for r in WORLD.rows if WORLD.reasons[r["序号"]] == reason]


def append(book: Workbook, record: dict[str, str], number: str = "C000099") -> None:
    import datetime as dt

    day = {
        k: dt.datetime.fromisoformat(record[k]) if record[k] else None for k in ("生日", "注册日期")
    }
    values = {
        **record,
        **day,
        "累计订单数": int(record["累计订单数"]),
        "累计金额": float(record["累计金额"]),
    }
    book[FILE].append([number, *(values[c.value] for c in book[FILE][1][1:])])
    page = book[FILE]
    last = page[page.max_row]
    last[3].number_format = last[9].number_format = "yyyy-mm-dd"
    last[11].number_format = "0.00"


def first_column_index(book: Workbook) -> None:
    book[FILE].insert_cols(1)
    for n, row in enumerate(book[FILE].iter_rows(min_row=2)):
        row[0].value = n


def phones_as_numbers(book: Workbook) -> None:
    for cell in column(book, "手机"):
        cell.value, cell.number_format = int(cell.value), "General"


def days_as_text(book: Workbook) -> None:
    for name in ("生日", "注册日期"):
        for cell in column(book, name):
            cell.value = cell.value and cell.value.strftime("%Y-%m-%d")


def swap_names(book: Workbook) -> None:
    row = row_of(book, WORLD.card["手机"])
    row[1].value, row[2].value = row[2].value, row[1].value


def with_doubles(book: Workbook) -> None:
    for n, record in enumerate(raw("重复")):
        append(book, record, f"C0000{80 + n}")


def with_impossible(book: Workbook) -> None:
    for n, record in enumerate(r for k in ("手机格式", "生日晚于今日", "缺昵称") for r in raw(k)):
        append(book, record, f"C0000{80 + n}")


def keep_last(book: Workbook) -> None:
    for record in raw("重复"):
        row_of(book, record["手机"])[1].value = record["昵称"]


def without_card(book: Workbook) -> None:
    book[FILE].delete_rows(row_of(book, WORLD.card["手机"])[0].row)


def refuse_first(book: Workbook) -> None:
    first = {r["手机"]: r["序号"] for r in reversed(WORLD.sound)}
    for row in book[BACK].iter_rows(min_row=2):
        if row[2].value == "重复":
            row[0].value = int(first[row[1].value])


def refuse_both(book: Workbook) -> None:
    first = {r["手机"]: r["序号"] for r in WORLD.sound}
    for record in raw("重复"):
        book[BACK].append([int(first[record["手机"]]), record["手机"], "重复"])


def other_words(book: Workbook) -> None:
    for cell in column(book, "原因", BACK):
        if cell.value != "重复":
            cell.value = "错误"


def refuse_without_birthday(book: Workbook) -> None:
    for r in WORLD.sound:
        if not r["生日"]:
            book[BACK].append([int(r["序号"]), r["手机"], "生日晚于今日"])


def numbers_of_raw(book: Workbook) -> None:
    by_mobile = {r["手机"]: r["序号"] for r in WORLD.sound}
    for row in book[FILE].iter_rows(min_row=2):
        row[0].value = f"C{int(by_mobile.get(row[4].value, 0)):06d}"


def numbers_without_letter(book: Workbook) -> None:
    for n, cell in enumerate(column(book, "客户编号"), start=1):
        cell.value = n


def freeze_column(book: Workbook) -> None:
    book[FILE].freeze_panes = "B1"


def narrow_filter(book: Workbook) -> None:
    book[FILE].auto_filter.ref = "A1:H72"


def title_above(book: Workbook) -> None:
    book[FILE].insert_rows(1)
    book[FILE]["A1"] = "客户档案表"


MISTAKES = [
    ("E1-01", first_column_index, "index=False"),
    ("E1-01", title_above, "第 1 行就应是列名"),
    ("E1-02", phones_as_numbers, "手机存成了数"),
    ("E1-02", days_as_text, "日期存成了文本"),
    ("E1-03", swap_names, "昵称和姓名录颠倒"),
    ("E1-04", with_doubles, "重复的客户没有退回"),
    ("E1-04", with_impossible, "不可能的行没有退回"),
    ("E1-04", keep_last, "后出现的那一行"),
    ("E1-04", without_card, "少了卡片上的客户"),
    ("E1-05", refuse_first, "退回的是先出现的"),
    ("E1-05", refuse_both, "两行都退回了"),
    ("E1-06", other_words, "没有照抄"),
    ("E1-06", refuse_without_birthday, "没有生日的行也退回了"),
    ("E1-07", numbers_of_raw, "照搬了原始文件的序号"),
    ("E1-07", numbers_without_letter, "编号存成了数"),
    ("E1-08", freeze_column, "冻结的是第 1 列"),
    ("E1-08", narrow_filter, "12 列"),
]


@pytest.mark.parametrize(
    ("item", "spoil", "words"), MISTAKES, ids=lambda x: getattr(x, "__name__", str(x))
)
def test_the_mistake_is_named_and_stays_below_full_marks(
    item: str, spoil: Callable[[Workbook], None], words: str
) -> None:
    result = judged("E1", STUDENT, spoilt("E1", STUDENT, spoil))[item]
    assert result.score is not None and result.score < result.points
    assert words in result.hint, result


def test_a_mistake_in_the_frozen_header_costs_nothing_elsewhere() -> None:
    before = judged("E1", STUDENT, solved("E1", STUDENT))
    after = judged("E1", STUDENT, spoilt("E1", STUDENT, freeze_column))
    assert {k for k in before if before[k].score != after[k].score} == {"E1-08"}


def test_every_sign_of_the_judge_is_tried_here() -> None:
    signs = {(i.id, m.hint) for i in judge.load("E1").automatic for m in i.mistakes if m.sign}
    tried = {
        (i, next(h for k, h in signs if k == i and w in h))
        for i, _, w in MISTAKES
        if any(k == i and w in h for k, h in signs)
    }
    untried = {h for _, h in signs - tried}
    assert untried <= {"生日和注册日期录颠倒了"}


def test_swapped_days_on_the_card_are_named() -> None:
    def swap(book: Workbook) -> None:
        row = row_of(book, WORLD.card["手机"])
        row[3].value, row[9].value = row[9].value, row[3].value

    result = judged("E1", STUDENT, spoilt("E1", STUDENT, swap))["E1-03"]
    assert "颠倒" in result.hint and result.score is not None and result.score < result.points


def test_a_file_that_is_no_workbook_gets_a_reason_for_each_item_and_no_crash() -> None:
    for result in judged("E1", STUDENT, b"<html><table></table></html>").values():
        assert result.score == 0 and "xlsx" in result.found + result.hint


def test_rows_of_another_student_are_not_mine() -> None:
    result = judged("E1", STUDENT, solved("E1", "2025010102"))["E1-04"]
    assert result.score == 0 and "不该录" in result.found


def test_the_list_is_as_hard_for_everybody_but_not_the_same() -> None:
    found = set()
    for n in range(40):
        world = judge.load("E1").world(f"2025{n:06d}")
        reasons = [world.reasons[r["序号"]] for r in world.rows]
        doubled, sound = reasons.count("重复"), reasons.count("")
        assert len(reasons) == 80
        assert 3 <= doubled <= 7 and 3 <= 80 - doubled - sound <= 6
        assert {"手机格式", "生日晚于今日", "缺昵称"} <= set(reasons)
        found.add((doubled, sound))
    assert len(found) >= 10
