"""Lab E2: what the handed-in workbook is worth, pages, added columns, lists and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from autograder import compare, sheets
from autograder.source.E2.reference import KEY
from autograder.spec import Verdict
from crmkit.schema import CUSTOMER_FILE

MASTER, CONTENTS = "客户档案", "目录"
OPTIONS = {"性别": {"男", "女", "未知"}, "交易状态": {"已成交", "未成交"}}


def ids_on(page: Any) -> list[str]:
    sheets.need(page, KEY)
    return [r[KEY].text for r in sheets.rows(page)]


@dataclass(frozen=True)
class Paging:
    """What the pages should hold."""

    sources: dict[str, list[str]]
    master: pd.DataFrame


def paged(book: Any, expected: Paging) -> Verdict:
    master = sheets.sheet(book, MASTER)
    words, share = [], 1.0
    if not _untouched(master, expected.master):
        words.append("总表原来的 12 列与发下来的不同")
        share -= 0.3
    there = {page.name.strip() for page in book}
    lacking = [s for s in expected.sources if s not in there]
    if lacking:
        words.append(f"缺少分页：{'、'.join(lacking)}")
    wrong = [s for s, ids in expected.sources.items()
             if s in there and sorted(ids_on(book.sheet(s))) != sorted(ids)]  # fmt: skip
    if wrong:
        words.append(
            f"分页「{wrong[0]}」上的客户不对" + (f"，共 {len(wrong)} 页" if len(wrong) > 1 else "")
        )
    share -= 0.7 * (len(lacking) + len(wrong)) / len(expected.sources)
    return Verdict(max(0.0, share), "；".join(words) or f"{len(expected.sources)} 张分页，每位客户恰好在一页上",
                   "按「来源」筛选，把结果复制到同名的工作表" if words else "")  # fmt: skip


def _untouched(page: Any, original: pd.DataFrame) -> bool:
    if page.header()[: len(CUSTOMER_FILE)] != list(CUSTOMER_FILE):
        return False
    rows = {r[KEY].text: r for r in sheets.rows(page)}
    if list(rows) != original[KEY].tolist():
        return False
    return all(
        sheets.same(
            rows[record[KEY]][c],
            record[c].date() if isinstance(record[c], pd.Timestamp) else record[c],
        )
        for record in original.to_dict("records")
        for c in CUSTOMER_FILE
    )


def same_headers(book: Any, expected: list[str]) -> Verdict:
    header = sheets.sheet(book, MASTER).header()
    there = {page.name.strip() for page in book}
    lacking = [s for s in expected if s not in there]
    wrong = [s for s in expected if s in there and book.sheet(s).header() != header]
    right = len(expected) - len(lacking) - len(wrong)
    if right == len(expected):
        return Verdict(1.0, f"{len(expected)} 张分页的表头都与总表一致")
    words = ([f"没有分页：{'、'.join(lacking)}"] if lacking else []) + (
        [f"表头与总表不同：{'、'.join(wrong)}"] if wrong else []
    )
    return Verdict(right / len(expected), "；".join(words), "先在总表加好列，再分页")


def column(name: str) -> compare.Comparer:
    """A comparer for one added column of the master sheet: each customer's value."""

    def compare_column(book: Any, expected: dict[str, Any]) -> Verdict:
        mine = values(book, name)
        lacking = set(expected) - set(mine)
        if lacking:
            return Verdict(0.0, f"总表里少了 {len(lacking)} 位客户", "总表要有全部 300 位客户")
        wrong = [k for k, v in expected.items() if not sheets.same(mine[k], v)]
        if not wrong:
            return Verdict(1.0, f"{len(expected)} 行全部正确")
        share = max(0.0, 0.5 - len(wrong) / len(expected))
        found = mine[wrong[0]].text or "空"
        return Verdict(
            round(share, 2),
            f"有 {len(wrong)} 行不对，例如 {wrong[0]} 写的是「{found}」",
            "核对规则，特别是空值和界限",
        )

    return compare_column


def values(book: Any, name: str) -> dict[str, Any]:
    page = sheets.sheet(book, MASTER)
    sheets.need(page, KEY, name)
    return {r[KEY].text: r[name] for r in sheets.rows(page)}


def says(book: Any, name: str, expected: dict[str, Any]) -> bool:
    """Whether the added column holds exactly these values."""
    mine = values(book, name)
    return set(mine) >= set(expected) and all(sheets.same(mine[k], v) for k, v in expected.items())


def drop_downs(book: Any, expected: int) -> Verdict:
    page = sheets.sheet(book, MASTER)
    sheets.need(page, *OPTIONS)
    words, share = [], 0.0
    for name, options in OPTIONS.items():
        place = page.header().index(name) + 1
        lists = [v for v in page.validations if v.type == "list" and v.covers(place, 2, 2)]
        if not lists:
            words.append(f"「{name}」没有下拉列表")
        elif {x.strip() for x in lists[0].words} != options:
            words.append(f"「{name}」的下拉项是「{'、'.join(lists[0].words)}」")
            share += 0.2
        elif not lists[0].covers(place, 2, expected + 1):
            words.append(f"「{name}」的下拉列表只到 {lists[0].cells}")
            share += 0.3
        else:
            share += 0.5
    return Verdict(
        share,
        "；".join(words) or "两列都有下拉列表，盖住全部行",
        "选中整列数据，数据 → 数据有效性 → 序列" if words else "",
    )


def same_bands(book: Any, expected: dict[str, str]) -> Verdict:
    """The dash and the sign may be typed in several ways; they mean the same."""
    mine = values(book, "年龄段")
    plain = {k: _plain(c.text) for k, c in mine.items()}
    wrong = [k for k, v in expected.items() if plain.get(k) != _plain(v)]
    if not wrong:
        return Verdict(1.0, f"{len(expected)} 行全部正确")
    share = max(0.0, 0.5 - len(wrong) / len(expected))
    return Verdict(round(share, 2), f"有 {len(wrong)} 行不对，例如 {wrong[0]} 写的是「{mine[wrong[0]].text if wrong[0] in mine else '空'}」",
                   "核对界限：25、35、45、55 岁各归哪一段")  # fmt: skip


def _plain(text: str) -> str:
    for odd, right in (
        ("－", "-"),
        ("—", "-"),
        ("–", "-"),
        ("~", "-"),
        ("～", "-"),
        ("至", "-"),
        ("<=", "≤"),
        (">=", "≥"),
        ("岁", ""),
        (" ", ""),
    ):
        text = text.replace(odd, right)
    return text


def contents(book: Any, expected: dict[str, int]) -> Verdict:
    page = sheets.sheet(book, CONTENTS)
    sheets.need(page, "页名", "客户数")
    rows = {r["页名"].text: r for r in sheets.rows(page)}
    counts = [s for s, n in expected.items() if s in rows and sheets.same(rows[s]["客户数"], n)]
    links = [
        s
        for s in expected
        if s in rows and any(c.linked_sheet.strip() == s for c in rows[s].values())
    ]
    share = 0.5 * len(counts) / len(expected) + 0.5 * len(links) / len(expected)
    words = []
    if len(counts) < len(expected):
        words.append(f"{len(expected)} 个来源里，客户数对了 {len(counts)} 个")
    if len(links) < len(expected):
        words.append(f"能跳到那一页的超链接有 {len(links)} 个")
    return Verdict(round(share, 2), "；".join(words) or f"{len(expected)} 页的客户数和超链接都正确",
                   "插入 → 超链接 → 本文档中的位置，选到那张分页" if words else "")  # fmt: skip
