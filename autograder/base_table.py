"""The base customer table of a shop case, made from its raw exports, and what was mended."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pandas as pd

from autograder import sheets
from autograder.spec import Verdict
from crmkit import shops
from crmkit.lab.inputs import shop_case
from crmkit.lab.inputs.customer_file import full_years

SHEET = "客户基本数据"
FIELDS = (
    "客户编号", "昵称", "姓名", "生日", "手机", "省份", "城市", "来源", "渠道", "注册日期", "累计订单数", "累计金额",
    "性别", "年龄", "交易状态", "会员等级",
)  # fmt: skip
NICK, NUMBER = "昵称", "客户编号"
MERGED, MENDED, FILLED = "合并重复", "修正手机", "补上省市"
LOG = (MERGED, MENDED, FILLED)


def mobile(raw: str) -> str:
    """Eleven digits; empty where that cannot be had without guessing."""
    plain = re.sub(r"[\s'\-]", "", unicodedata.normalize("NFKC", raw))
    plain = re.sub(r"^\+?86(?=1\d{10}$)", "", plain)
    return plain if re.fullmatch(r"1[3-9]\d{9}", plain) else ""


def city(name: str) -> str:
    """A city without 市 at its end, as both exports may write it."""
    return name.removesuffix("市")


def base(e: shop_case.Exports, *, unpaid: bool = False) -> pd.DataFrame:
    """The table of 16 fields; the first of doubled forms stays."""
    people = e.forms.drop_duplicates(NICK).reset_index(drop=True)
    platform = e.members.set_index("买家昵称")
    counted = e.orders if unpaid else e.orders[e.orders["订单付款时间"].notna()]
    by = counted.groupby("买家会员名")
    count = people[NICK].map(by.size()).fillna(0).astype(int)
    born = pd.to_datetime(people["生日"], errors="coerce")
    blank = people["省份"] == ""
    nick = people[NICK]
    return pd.DataFrame({
        NUMBER: [f"C{k:06d}" for k in range(1, len(people) + 1)], NICK: nick,
        "姓名": people["姓名"].str.strip(), "生日": born, "手机": people["手机"].map(mobile),
        "省份": people["省份"].mask(blank, nick.map(platform["省"]).map(province)),
        "城市": people["城市"].mask(blank, nick.map(platform["市"])).map(city),
        "来源": people["来源"], "渠道": people["渠道"], "注册日期": pd.to_datetime(people["注册日期"]),
        "累计订单数": count, "累计金额": nick.map(by["买家实际支付金额"].sum()).fillna(0.0).round(2),
        "性别": people["性别"].where(people["性别"] != "", "未知"), "年龄": full_years(born, shops.as_of()),
        "交易状态": ["已成交" if n else "未成交" for n in count], "会员等级": nick.map(platform["会员等级"]),
    })  # fmt: skip


_SHORT = re.compile(r"(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$")


def province(full: str) -> str:
    """The short name of a province: 广西壮族自治区 → 广西."""
    return _SHORT.sub("", full)


def log(e: shop_case.Exports) -> dict[str, int]:
    """How many people were merged, had their mobile mended, got a province and city."""
    people = e.forms.drop_duplicates(NICK)
    clean = people["手机"].map(mobile)
    return {
        MERGED: len(e.forms) - len(people),
        MENDED: int(((clean != people["手机"]) & (clean != "")).sum()),
        FILLED: int((people["省份"] == "").sum()),
    }


# ------------------------------------------------------------------ the handed-in workbook


def read(book: Any) -> list[sheets.Row]:
    """The rows of the student's sheet; a sheet without nicknames cannot be compared."""
    page = sheets.sheet(book, SHEET)
    sheets.need(page, NICK)
    return sheets.rows(page)


def _right(name: str, cell: Any, expected: Any) -> bool:
    if name == "城市":
        mine = city(cell.text)  # 大理 for 大理白族自治州 is the same place
        return mine == expected or (len(mine) > 1 and expected.startswith(mine))
    if name == "省份":
        return province(cell.text) == expected
    if name == "手机":
        return cell.text == expected and cell.type != "number"
    if isinstance(expected, pd.Timestamp):
        expected = expected.date()
    return sheets.same(cell, None if pd.isna(expected) else expected)


def compare(book: Any, expected: pd.DataFrame) -> Verdict:
    """Header 15 %, the right people once each 25 %, each of the 16 columns an equal part of 60 %."""
    page, rows = sheets.sheet(book, SHEET), read(book)
    words, share = [], 1.0
    if [n for n in page.header() if n] != list(FIELDS):
        lacking = [f for f in FIELDS if f not in page.header()]
        words.append(
            f"表头缺少 {'、'.join(lacking)}" if lacking else "16 列的次序和题目不一样，或有多余的列"
        )
        share -= 0.15
    nicks = [r[NICK].text for r in rows]
    right = expected.set_index(NICK, drop=False)
    doubled, extra = len(nicks) - len(set(nicks)), set(nicks) - set(right.index)
    if doubled or set(nicks) != set(right.index):
        lost = len(set(right.index) - set(nicks))
        words.append(f"{len(rows)} 行里重复 {doubled} 行、多出 {len(extra)} 位、缺少 {lost} 位客户")
        share -= 0.25
    wrong = [f for f in FIELDS if _column_wrong(f, rows, right)]
    if wrong:
        words.append(f"与登记和导出不符的列：{'、'.join(wrong)}")
        share -= 0.6 * len(wrong) / len(FIELDS)
    if not rows:
        return Verdict(0.0, "工作表一行也没有", "把做好的表写进去再交")
    hint = "先看行数，再一列一列抽几位客户对照原始文件" if words else ""
    return Verdict(
        max(0.0, share), "；".join(words) or f"{len(rows)} 位客户、16 列，全部正确", hint
    )


def _column_wrong(name: str, rows: list[sheets.Row], right: pd.DataFrame) -> bool:
    if any(name not in r for r in rows):
        return True
    if name == NUMBER:
        found = sorted(r[name].text for r in rows)
        return found != [f"C{k:06d}" for k in range(1, len(found) + 1)]
    values = right[name].to_dict()
    return not all(
        _right(name, r[name], values[r[NICK].text]) for r in rows if r[NICK].text in values
    )


def column(book: Any, name: str) -> dict[str, str]:
    """Nickname → text of one column, for signs of mistakes.

    Raises
    ------
    FormError
        The sheet has no such column.
    """
    page = sheets.sheet(book, SHEET)
    sheets.need(page, NICK, name)
    return {r[NICK].text: r[name].text for r in sheets.rows(page)}
