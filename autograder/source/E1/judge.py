"""Judge of lab E1, 客户档案汇入: a customer file built row by row and in a batch."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder import compare, sheets
from autograder.spec import LabSpec, Level, Verdict
from crmkit import shops
from crmkit.lab import checks
from crmkit.lab.inputs import e1
from crmkit.schema import CUSTOMER_FILE

FILE, BACK = "客户档案", "退回"
DOUBLED = "重复"
IMPOSSIBLE = ("手机格式", "生日晚于今日", "缺昵称")
RECENT_DAYS = 365
WORKBOOK = checks.Workbook(sheets=(FILE,))
BOTH = checks.Workbook(sheets=(FILE, BACK))


@dataclass(frozen=True)
class World:
    """One student's raw rows, each with the reason why it is refused ("" when it is sound)."""

    card: dict[str, Any]
    rows: list[dict[str, str]]
    as_of: dt.date

    @cached_property
    def reasons(self) -> dict[str, str]:
        seen: set[str] = set()
        out = {}
        for row in self.rows:
            mobile, born = row["手机"], row["生日"]
            if re.fullmatch(r"1\d{10}", mobile) is None:
                reason = "手机格式"
            elif born and dt.date.fromisoformat(born) > self.as_of:
                reason = "生日晚于今日"
            elif not row["昵称"].strip():
                reason = "缺昵称"
            else:
                reason = DOUBLED if mobile in seen else ""
                seen.add(mobile)
            out[row[e1.NUMBER]] = reason
        return out

    @property
    def sound(self) -> list[dict[str, str]]:
        return [r for r in self.rows if not self.reasons[r[e1.NUMBER]]]

    def refused(self, *reasons: str) -> dict[str, str]:
        return {n: r for n, r in self.reasons.items() if r in reasons}


def world(student: str) -> World:
    data = e1.data(student)
    return World(data.card, data.rows.to_dict("records"), shops.as_of())


lab = LabSpec("E1", "客户档案汇入", world=world, workbook="out/customer_file.xlsx")


# ------------------------------------------------------------------ columns and types


def same_header(book: Any, expected: list[str]) -> Verdict:
    header = sheets.sheet(book, FILE).header()
    if header == expected:
        return Verdict(1.0, "12 个列名和次序都正确")
    if sorted(header) == sorted(expected):
        at = next(i for i, (a, b) in enumerate(zip(header, expected, strict=True)) if a != b)
        return Verdict(
            0.5, f"列名都有，但从第 {at + 1} 列「{header[at]}」起次序不对", "照题目给的次序排列"
        )
    lacking = [c for c in expected if c not in header]
    extra = [c for c in header if c not in expected]
    words = (f"缺少：{'、'.join(lacking)}。" if lacking else "") + (
        f"多出：{'、'.join(extra[:4])}。" if extra else ""
    )
    return Verdict(0.0, words, "列名要一字不差，不要多加列")


@lab.item("E1-01", points=12, core=True, title="建立栏位", need="工作表「客户档案」第 1 行恰好是规定的 12 列",
          public=WORKBOOK, compare=same_header)  # fmt: skip
def header(w: World) -> list[str]:
    return list(CUSTOMER_FILE)


@header.sign("多了一列没有名字的序号：pandas 写文件时加 index=False", share=0.6)
def header_with_index(w: World, book: Any) -> bool:
    found = sheets.sheet(book, FILE).header()
    return found[:1] == [""] and found[1:] == list(CUSTOMER_FILE)


@header.sign("列名前后多了空格或标题行：第 1 行就应是列名", share=0.3)
def header_below(w: World, book: Any) -> bool:
    page = sheets.sheet(book, FILE)
    return any(page.header(r) == list(CUSTOMER_FILE) for r in (2, 3, 4))


def right_types(book: Any, expected: None) -> Verdict:
    page = sheets.sheet(book, FILE)
    sheets.need(page, "手机", "生日", "注册日期", "累计金额")
    rows = sheets.rows(page)
    if not rows:
        return Verdict(0.0, "「客户档案」里没有客户", "先录入客户")
    share, words = 0.0, []
    phones = sum(r["手机"].type != "text" for r in rows)
    share += 0.4 * (not phones)
    if phones:
        words.append(f"「手机」有 {phones} 行不是文本")
    days = [r[c] for r in rows for c in ("生日", "注册日期") if r[c].type != "empty"]
    text_days = sum(c.type != "date" for c in days)
    share += 0.2 * (not text_days)
    if text_days:
        words.append(f"日期里有 {text_days} 格不是真正的日期")
    else:
        odd = sum(not sheets.is_day_format(c.number_format) for c in days)
        share += 0.1 * (not odd)
        words += [f"{odd} 格日期没有显示成 yyyy-mm-dd"] if odd else []
    money = sum(r["累计金额"].type != "number" for r in rows)
    share += 0.2 * (not money)
    if money:
        words.append(f"「累计金额」有 {money} 行不是数字")
    else:
        odd = sum(not sheets.is_fen_format(r["累计金额"].number_format) for r in rows)
        share += 0.1 * (not odd)
        words += [f"「累计金额」有 {odd} 行没有设成两位小数"] if odd else []
    if not words:
        return Verdict(1.0, "手机、日期、金额的类型和格式都正确")
    return Verdict(
        round(share, 2), "；".join(words), "选中整列，在「设置单元格格式」里选文本、日期或数值"
    )


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


def fields(record: dict[str, Any]) -> dict[str, Any]:
    """The cells a raw record should have become (the number is given by the file)."""
    out: dict[str, Any] = {}
    for c in CUSTOMER_FILE[1:]:
        value = record[c]
        if c in ("生日", "注册日期"):
            out[c] = dt.date.fromisoformat(value) if value else None
        elif c in ("累计订单数", "累计金额"):
            out[c] = float(value)
        else:
            out[c] = value
    return out


def card_row(book: Any, expected: dict[str, Any]) -> Verdict:
    page = sheets.sheet(book, FILE)
    sheets.need(page, *CUSTOMER_FILE)
    mine = [r for r in sheets.rows(page) if sheets.same(r["手机"], expected["手机"])]
    if not mine:
        return Verdict(
            0.0, "「客户档案」里没有这张卡上的手机", "把 card.json 里的客户作为一行录进去"
        )
    if len(mine) > 1:
        return Verdict(0.5, f"这位客户录了 {len(mine)} 次", "一位客户只占一行")
    wrong = [c for c, v in expected.items() if not sheets.same(mine[0][c], v)]
    if wrong:
        return Verdict(
            max(0.0, 1 - len(wrong) / 4),
            f"这一行与卡片不同的列：{'、'.join(wrong)}",
            "逐格和卡片核对",
        )
    return Verdict(1.0, "卡片上的客户录得一格不差")


@lab.item("E1-03", points=8, core=True, title="单笔录入", need="卡片上的客户恰好录成一行，每一格都与卡片相同",
          public=WORKBOOK, compare=card_row)  # fmt: skip
def single(w: World) -> dict[str, Any]:
    return fields(w.card)


@single.sign("昵称和姓名录颠倒了：昵称是网名，姓名是真名", share=0.6)
def single_swapped(w: World, book: Any) -> bool:
    row = _row_of(book, w.card["手机"])
    return (
        row is not None
        and sheets.same(row["昵称"], w.card["姓名"])
        and sheets.same(row["姓名"], w.card["昵称"])
    )


@single.sign("生日和注册日期录颠倒了", share=0.6)
def single_dates_swapped(w: World, book: Any) -> bool:
    row, card = _row_of(book, w.card["手机"]), fields(w.card)
    return (
        row is not None
        and card["生日"] != card["注册日期"]
        and sheets.same(row["生日"], card["注册日期"])
    )


def _row_of(book: Any, mobile: str) -> sheets.Row | None:
    page = sheets.sheet(book, FILE)
    sheets.need(page, *CUSTOMER_FILE)
    return next((r for r in sheets.rows(page) if sheets.same(r["手机"], mobile)), None)


def batch(book: Any, expected: dict[str, dict[str, Any]]) -> Verdict:
    page = sheets.sheet(book, FILE)
    sheets.need(page, *CUSTOMER_FILE)
    rows = sheets.rows(page)
    found = Counter(r["手机"].text for r in rows)
    lacking, extra = set(expected) - set(found), set(found) - set(expected)
    again = [m for m, n in found.items() if n > 1]
    if lacking or extra or again:
        words = [f"录了 {len(rows)} 位客户"]
        words += [f"漏了 {len(lacking)} 位"] if lacking else []
        words += (
            [f"有 {len(extra)} 位不该录（例如手机 {sorted(extra)[0] or '空'}）"] if extra else []
        )
        words += [f"{len(again)} 位录了两次（例如手机 {sorted(again)[0]}）"] if again else []
        return Verdict(0.0, "，".join(words), "对照三条录入规则，从原始文件的第一行起核一遍")
    wrong = [r["手机"].text for r in rows
             if any(not sheets.same(r[c], v) for c, v in expected[r["手机"].text].items())]  # fmt: skip
    if wrong:
        share = max(0.3, 1 - len(wrong) / len(rows))
        return Verdict(share, f"客户都对，但有 {len(wrong)} 行的内容与原始数据不同（例如手机 {wrong[0]}）",
                       "重复的客户要留先出现的那一行；其余的逐列核对")  # fmt: skip
    return Verdict(1.0, f"{len(rows)} 位客户全部正确")


def wanted(w: World) -> dict[str, dict[str, Any]]:
    return {r["手机"]: fields(r) for r in (w.card, *w.sound)}


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


def refused(kinds: tuple[str, ...]) -> compare.Comparer:
    """A comparer for the rows refused for these reasons: number of the raw row → reason."""

    def compare_rows(book: Any, expected: dict[str, str]) -> Verdict:
        page = sheets.sheet(book, BACK)
        sheets.need(page, e1.NUMBER, "手机", "原因")
        given = {r[e1.NUMBER].text: r["原因"].text for r in sheets.rows(page)}
        right = [n for n, reason in expected.items() if given.get(n) == reason]
        extra = [n for n, reason in given.items() if reason in kinds and n not in expected]
        if len(right) == len(expected) and not extra:
            return Verdict(1.0, f"{len(expected)} 行全部正确")
        words = [f"应退回的行里对了 {len(right)} 行"]
        words += [f"多退了 {len(extra)} 行（例如序号 {extra[0]}）"] if extra else []
        misnamed = [n for n in expected if n in given and given[n] != expected[n]]
        words += [f"序号 {misnamed[0]} 的原因不对"] if misnamed else []
        share = max(0.0, (len(right) - len(extra)) / len(expected))
        return Verdict(share, "，".join(words), "对照录入规则的第 2、3 条")

    return compare_rows


@lab.item("E1-05", points=12, core=True, title="退回重复的行", need="工作表「退回」里有每一个重复的行，原因写「重复」",
          public=BOTH, compare=refused((DOUBLED,)))  # fmt: skip
def doubled(w: World) -> dict[str, str]:
    return w.refused(DOUBLED)


@doubled.sign("退回的是先出现的那一行：先出现的留下，后出现的退回", share=0.5)
def doubled_first(w: World, book: Any) -> bool:
    again = {r["手机"] for r in w.rows if w.reasons[r[e1.NUMBER]] == DOUBLED}
    first = {r[e1.NUMBER] for r in w.sound if r["手机"] in again}
    return _refused_as(book, DOUBLED) == first


@doubled.sign("两行都退回了：手机相同的要留下先出现的一行", share=0.5)
def doubled_both(w: World, book: Any) -> bool:
    again = {r["手机"] for r in w.rows if w.reasons[r[e1.NUMBER]] == DOUBLED}
    both = {r[e1.NUMBER] for r in w.rows if r["手机"] in again}
    return _refused_as(book, DOUBLED) == both


def _refused_as(book: Any, *reasons: str) -> set[str]:
    page = sheets.sheet(book, BACK)
    sheets.need(page, e1.NUMBER, "原因")
    return {r[e1.NUMBER].text for r in sheets.rows(page) if r["原因"].text in reasons}


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
    return bool(blank) and _refused_as(book, *IMPOSSIBLE) == blank | set(w.refused(*IMPOSSIBLE))


# ------------------------------------------------------------------ numbers, frozen header


def numbered(book: Any, expected: None) -> Verdict:
    page = sheets.sheet(book, FILE)
    ids = [r["客户编号"].text for r in sheets.rows(page) if "客户编号" in r]
    if not ids:
        return Verdict(0.0, "没有「客户编号」", "第一列就是客户编号")
    odd = [i for i in ids if not re.fullmatch(r"C\d{6}", i)]
    if odd:
        return Verdict(
            0.0,
            f"有 {len(odd)} 个编号不是 C 加 6 位数字，例如「{odd[0]}」",
            "编号写成 C000001 的样子，按文本存",
        )
    if len(set(ids)) < len(ids):
        return Verdict(0.3, f"有 {len(ids) - len(set(ids))} 个编号重复", "一位客户一个编号")
    if sorted(ids) != [f"C{n:06d}" for n in range(1, len(ids) + 1)]:
        return Verdict(
            0.5,
            f"编号从 {min(ids)} 到 {max(ids)}，不是从 C000001 起连续的",
            "全部录完再编号，就不会跳号",
        )
    return Verdict(1.0, f"C000001 到 {max(ids)}，连续不重")


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


def frozen(book: Any, expected: int) -> Verdict:
    page = sheets.sheet(book, FILE)
    words, share = [], 1.0
    if page.freeze not in ("A2", "B2", "C2"):
        words.append("没有冻结第 1 行")
        share -= 0.5
    if not page.filter_covers(expected):
        words.append("自动筛选没有打开" if not page.filter else f"自动筛选只到 {page.filter}")
        share -= 0.5
    return Verdict(
        share,
        "；".join(words) or "表头已冻结，12 列都能筛选",
        "" if not words else "视图 → 冻结窗格；数据 → 筛选",
    )


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


SIX = ("昵称", "姓名", "生日", "手机", "省份", "城市")


def rates(w: World, rows: list[dict[str, str]], columns: tuple[str, ...] = SIX) -> dict[str, float]:
    n = len(rows)
    ages = [(w.as_of - dt.date.fromisoformat(r["注册日期"])).days for r in rows]
    return {
        "准确性": sum(re.fullmatch(r"1\d{10}", r["手机"]) is not None for r in rows) / n,
        "有效性": sum(not w.reasons[r[e1.NUMBER]] for r in rows) / n,
        "及时性": sum(0 <= a <= RECENT_DAYS for a in ages) / n,
        "完备性": sum(r[c] != "" for r in rows for c in columns) / (n * len(columns)),
    }


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
