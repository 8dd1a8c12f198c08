"""Lab E1: what a handed-in customer file is worth, sheet by sheet."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from autograder import compare, sheets
from autograder.spec import Verdict
from crmkit.lab.inputs import e1
from crmkit.schema import CUSTOMER_FILE

FILE, BACK = "客户档案", "退回"


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


def row_of(book: Any, mobile: str) -> sheets.Row | None:
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


def refused_as(book: Any, *reasons: str) -> set[str]:
    page = sheets.sheet(book, BACK)
    sheets.need(page, e1.NUMBER, "原因")
    return {r[e1.NUMBER].text for r in sheets.rows(page) if r["原因"].text in reasons}


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
