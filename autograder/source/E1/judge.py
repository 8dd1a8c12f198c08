"""Judge of lab E1, 客户档案汇入: a customer file built row by row and in a batch."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograder import compare, sheets
from autograder.source.E1.comparing import (
    BACK,
    FILE,
    batch,
    card_row,
    frozen,
    numbered,
    refused,
    refused_as,
    right_types,
    row_of,
    same_header,
)
from autograder.source.E1.reference import (
    DOUBLED,
    IMPOSSIBLE,
    World,
    fields,
    rates,
    wanted,
    world,
)
from autograder.spec import LabSpec, Level
from crmkit.lab import checks
from crmkit.lab.inputs import e1
from crmkit.schema import CUSTOMER_FILE

WORKBOOK = checks.Workbook(sheets=(FILE,))
BOTH = checks.Workbook(sheets=(FILE, BACK))

lab = LabSpec("E1", "客户档案汇入", world=world, workbook="out/customer_file.xlsx")


# ------------------------------------------------------------------ columns and types


@lab.item("E1-01", points=12, core=True, title="建立栏位", need="工作表「客户档案」第 1 行恰好是规定的 12 列",
          public=WORKBOOK, compare=same_header)  # fmt: skip
def header(w: World) -> list[str]:
    return list(CUSTOMER_FILE)


@header.sign("多了一列没有名字的序号：pandas 写文件时加 index=False", share=0.6)
def header_with_index(w: World, book: Any) -> bool:
    found = sheets.sheet(book, FILE).header()
    return found[:1] == [""] and found[1:] == list(CUSTOMER_FILE)


@header.sign("上面多了标题或空行：删掉它，第 1 行就应是列名", share=0.3)
def header_below(w: World, book: Any) -> bool:
    page = sheets.sheet(book, FILE)
    return any(page.header(r) == list(CUSTOMER_FILE) for r in (2, 3, 4))


@lab.item("E1-02", points=10, core=True, title="单元格类型",
          need="手机是文本，生日和注册日期是日期（yyyy-mm-dd），累计金额是两位小数的数字",
          public=WORKBOOK, compare=right_types)  # fmt: skip
def types(w: World) -> None:
    return None


@types.sign("手机存成了数：先把整列设成文本，再录入或粘贴", share=0.5)
def phones_as_numbers(w: World, book: Any) -> bool:
    rows = sheets.rows(sheets.sheet(book, FILE))
    return all(r["手机"].type == "number" for r in rows)


@types.sign("日期存成了文本：用「分列」或 pd.to_datetime 转成真正的日期", share=0.5)
def days_as_text(w: World, book: Any) -> bool:
    rows = sheets.rows(sheets.sheet(book, FILE))
    return all(r["注册日期"].type == "text" for r in rows)


# ------------------------------------------------------------------ single and batch entry


@lab.item("E1-03", points=8, core=True, title="单笔录入", need="卡片上的客户恰好录成一行，每一格都与卡片相同",
          public=WORKBOOK, compare=card_row)  # fmt: skip
def single(w: World) -> dict[str, Any]:
    return fields(w.card)


@single.sign("昵称和姓名录颠倒了：昵称是网名，姓名是真名", share=0.6)
def single_swapped(w: World, book: Any) -> bool:
    row = row_of(book, w.card["手机"])
    return (
        row is not None
        and sheets.same(row["昵称"], w.card["姓名"])
        and sheets.same(row["姓名"], w.card["昵称"])
    )


@single.sign("生日和注册日期录颠倒了", share=0.6)
def single_dates_swapped(w: World, book: Any) -> bool:
    row, card = row_of(book, w.card["手机"]), fields(w.card)
    return (
        row is not None
        and card["生日"] != card["注册日期"]
        and sheets.same(row["生日"], card["注册日期"])
    )


@lab.item("E1-04", points=15, core=True, title="批次录入", need="每个合格的行恰好录成一位客户，不漏、不多、不重",
          public=WORKBOOK, compare=batch)  # fmt: skip
def batch_entry(w: World) -> dict[str, dict[str, Any]]:
    return wanted(w)


@batch_entry.sign("重复的客户没有退回：手机相同的只留先出现的一行", share=0.6)
def batch_with_doubles(w: World, book: Any) -> bool:
    found = Counter(r["手机"].text for r in sheets.rows(sheets.sheet(book, FILE)))
    doubles = Counter(r["手机"] for r in w.rows if w.reasons[r[e1.NUMBER]] == DOUBLED)
    return found == Counter(list(wanted(w))) + doubles


@batch_entry.sign("不可能的行没有退回：核对手机位数、生日和昵称", share=0.6)
def batch_with_impossible(w: World, book: Any) -> bool:
    found = Counter(r["手机"].text for r in sheets.rows(sheets.sheet(book, FILE)))
    impossible = Counter(r["手机"] for r in w.rows if w.reasons[r[e1.NUMBER]] in IMPOSSIBLE)
    return found == Counter(list(wanted(w))) + impossible


@batch_entry.sign("留下的是后出现的那一行：重复时先出现的留下", share=0.7)
def batch_keeps_last(w: World, book: Any) -> bool:
    rows = {r["手机"].text: r for r in sheets.rows(sheets.sheet(book, FILE))}
    later = [r for r in w.rows if w.reasons[r[e1.NUMBER]] == DOUBLED]
    return set(rows) == set(wanted(w)) and all(
        sheets.same(rows[r["手机"]]["昵称"], r["昵称"]) for r in later
    )


@batch_entry.sign("少了卡片上的客户：单笔录入的那位也在「客户档案」里", share=0.9)
def batch_without_card(w: World, book: Any) -> bool:
    found = Counter(r["手机"].text for r in sheets.rows(sheets.sheet(book, FILE)))
    return found + Counter([w.card["手机"]]) == Counter(list(wanted(w)))


# ------------------------------------------------------------------ refused rows


@lab.item("E1-05", points=12, core=True, title="退回重复的行", need="工作表「退回」里有每一个重复的行，原因写「重复」",
          public=BOTH, compare=refused((DOUBLED,)))  # fmt: skip
def doubled(w: World) -> dict[str, str]:
    return w.refused(DOUBLED)


@doubled.sign("退回的是先出现的那一行：先出现的留下，后出现的退回", share=0.5)
def doubled_first(w: World, book: Any) -> bool:
    again = {r["手机"] for r in w.rows if w.reasons[r[e1.NUMBER]] == DOUBLED}
    first = {r[e1.NUMBER] for r in w.sound if r["手机"] in again}
    return refused_as(book, DOUBLED) == first


@doubled.sign("两行都退回了：手机相同的要留下先出现的一行", share=0.5)
def doubled_both(w: World, book: Any) -> bool:
    again = {r["手机"] for r in w.rows if w.reasons[r[e1.NUMBER]] == DOUBLED}
    both = {r[e1.NUMBER] for r in w.rows if r["手机"] in again}
    return refused_as(book, DOUBLED) == both


@lab.item("E1-06", points=12, core=True, title="退回不可能的行",
          need="工作表「退回」里有每一个不可能的行，原因是手机格式、生日晚于今日或缺昵称",
          public=BOTH, compare=refused(IMPOSSIBLE))  # fmt: skip
def impossible(w: World) -> dict[str, str]:
    return w.refused(*IMPOSSIBLE)


@impossible.sign("原因没有照抄规定的三个词：手机格式、生日晚于今日、缺昵称", share=0.5)
def impossible_in_other_words(w: World, book: Any) -> bool:
    page = sheets.sheet(book, BACK)
    sheets.need(page, e1.NUMBER, "原因")
    given = {r[e1.NUMBER].text: r["原因"].text for r in sheets.rows(page)}
    wrong = w.refused(*IMPOSSIBLE)
    return set(wrong) <= set(given) and not any(given[n] in IMPOSSIBLE for n in wrong)


@impossible.sign("没有生日的行也退回了：没有生日不算错，留空即可", share=0.5)
def impossible_without_birthday(w: World, book: Any) -> bool:
    blank = {r[e1.NUMBER] for r in w.sound if not r["生日"]}
    return bool(blank) and refused_as(book, *IMPOSSIBLE) == blank | set(w.refused(*IMPOSSIBLE))


# ------------------------------------------------------------------ numbers, frozen header


@lab.item("E1-07", points=8, title="客户编号", need="客户编号从 C000001 起连续，不重不跳",
          public=WORKBOOK, compare=numbered)  # fmt: skip
def number_range(w: World) -> None:
    return None


@number_range.sign("编号照搬了原始文件的序号，退回的行留下了空号：全部录完再编号", share=0.5)
def numbered_before_refusing(w: World, book: Any) -> bool:
    ids = {r["客户编号"].text for r in sheets.rows(sheets.sheet(book, FILE)) if "客户编号" in r}
    return {f"C{int(r[e1.NUMBER]):06d}" for r in w.sound} <= ids


@number_range.sign("编号存成了数：C000001 要按文本录入", share=0.2)
def numbered_without_letter(w: World, book: Any) -> bool:
    cells = [r["客户编号"] for r in sheets.rows(sheets.sheet(book, FILE)) if "客户编号" in r]
    return bool(cells) and all(c.type == "number" for c in cells)


@lab.item("E1-08", points=4, title="冻结与筛选", need="「客户档案」的第 1 行冻结，自动筛选盖住 12 列",
          public=WORKBOOK, compare=frozen)  # fmt: skip
def header_frozen(w: World) -> int:
    return len(CUSTOMER_FILE)


@header_frozen.sign("冻结的是第 1 列：要冻结第 1 行（选中 A2 再冻结）", share=0.5)
def frozen_column(w: World, book: Any) -> bool:
    page = sheets.sheet(book, FILE)
    return page.freeze == "B1" and page.filter_covers(len(CUSTOMER_FILE))


@header_frozen.sign("筛选没有盖住全部 12 列：选中整个第 1 行再打开筛选", share=0.75)
def filter_too_narrow(w: World, book: Any) -> bool:
    page = sheets.sheet(book, FILE)
    return page.freeze == "A2" and bool(page.filter) and not page.filter_covers(len(CUSTOMER_FILE))


# ------------------------------------------------------------------ numbers to report


@lab.item("E1-09", points=6, title="汇入小结", need="批次里录入、重复、不可能的行数",
          public=checks.Mapping(keys=("added", "duplicated", "invalid"), low=0, high=80, whole=True),
          compare=compare.mapping())  # fmt: skip
def import_summary(w: World) -> dict[str, int]:
    return {
        "added": len(w.sound),
        "duplicated": len(w.refused(DOUBLED)),
        "invalid": len(w.refused(*IMPOSSIBLE)),
    }


@import_summary.mistake("added 里算上了卡片那一位：这里只数批次录入的行", share=0.8)
def summary_with_card(w: World) -> dict[str, int]:
    right = import_summary.expect(w)
    return {**right, "added": right["added"] + 1}


@import_summary.mistake("added 写成了原始行数：要减去退回的行", share=0.6)
def summary_of_all(w: World) -> dict[str, int]:
    return {**import_summary.expect(w), "added": len(w.rows)}


@lab.item("E1-10", points=8, title="数据质量", need="原始 80 行的准确性、有效性、及时性、完备性",
          public=checks.Mapping(keys=("准确性", "有效性", "及时性", "完备性"), low=0, high=1),
          compare=compare.mapping(1e-4))  # fmt: skip
def quality(w: World) -> dict[str, float]:
    return rates(w, w.rows)


@quality.mistake("只算了录进去的行：四个比率都以原始 80 行为分母", share=0.3)
def quality_of_sound(w: World) -> dict[str, float]:
    return rates(w, w.sound)


@quality.mistake("完备性用了全部列：题目只看昵称、姓名、生日、手机、省份、城市六列", share=0.75)
def quality_all_columns(w: World) -> dict[str, float]:
    return {**rates(w, w.rows), "完备性": rates(w, w.rows, CUSTOMER_FILE[1:])["完备性"]}


lab.manual(
    "E1-11", points=5, title="三条管理原则",
    need="不超过 150 字：集中、动态、分类管理各怎样避免一行退回的数据",
    rubric=(
        Level(5, "三条原则都讲对，各对应一行具体的退回"),
        Level(4, "三条原则都讲对，但只有两条对应到具体的行"),
        Level(3, "讲对两条原则并有对应"),
        Level(1, "只写了原则的名称"),
        Level(0, "没有作答或与题目无关"),
    ),
)  # fmt: skip
