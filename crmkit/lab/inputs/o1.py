"""Inputs of lab O1: one student's tasks in the tea shop, and a file of 30 people to import."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit import shops, workbook
from crmkit.shops import Shop

LAB, SHOP = "O1", "tea"
ROWS, KEY = 30, "客户编号"
NICK, NAME, MOBILE, BORN = "会员名", "真实姓名", "联系手机", "出生日期"
PROVINCE, CITY, SOURCE, NOTE = "所在省份", "所在城市", "获客途径", "备忘"
MOVED, STALE = "本人来电说搬了家，按本表更新", "门店旧登记，以系统里的为准"
HELD = (MOVED, STALE, MOVED, STALE)  # what to do with the people who are customers already
STEMS = ("品香", "同学", "姐姐", "先生", "闲人", "茶客", "居士", "掌柜", "姑娘", "时光")
MERGED = ("送礼", "口粮茶", "茶友会", "企业采购")  # tags that customers have in every cut
TAG, INTO = "高潜力", "重点联系"
SINCE = dt.date(2025, 10, 1)


@dataclass(frozen=True)
class Data:
    """What one student works on.

    Attributes
    ----------
    rows
        The file: 30 rows as they stand in it.
    kinds
        Of every row: "新" (somebody new), the id of the customer it is, or "" (cannot be imported).
    tasks
        Item → what it asks of this student.
    """

    shop: Shop
    rows: pd.DataFrame
    kinds: tuple[str, ...]
    tasks: dict[str, dict[str, Any]]


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the tea shop, the 30 people and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    rows, kinds = _people(student, shop)
    return Data(shop, rows, kinds, _tasks(student, shop, rows))


def bought(shop: Shop) -> pd.DataFrame:
    """Per customer, by id: 累计订单数, 累计金额, 最近购买 of the valid orders; 0 for who has none."""
    orders = shops.valid_orders(shop.orders)
    by = orders.groupby(KEY)
    found = pd.DataFrame({
        "累计订单数": by.size(), "累计金额": by["实付金额"].sum().round(2), "最近购买": by["付款时间"].max(),
    })  # fmt: skip
    found = found.reindex(sorted(shop.customers[KEY]))
    return found.fillna({"累计订单数": 0, "累计金额": 0.0}).rename_axis(KEY)


# ------------------------------------------------------------------ the file


def _people(student: str, shop: Shop) -> tuple[pd.DataFrame, tuple[str, ...]]:
    known = 3 + _number(student, "known", 2)
    spoilt = 4 + _number(student, "spoilt", 2)
    people = _pool()
    places = shops.draw(map(str, range(len(people))), ROWS - known, student, LAB, "people")
    fresh = [dict(people[int(i)]) for i in places]
    for k in range(spoilt):
        _spoil(fresh[k], k, fresh[-1 - k])
    rows = [(row, "" if k < spoilt else "新") for k, row in enumerate(fresh)]
    rows += [(row, row.pop(KEY)) for row in _known(student, shop, known)]
    order = shops.draw(map(str, range(ROWS)), ROWS, student, LAB, "order")
    listed = [rows[int(i)] for i in order]
    listed = _copies_below(listed)
    return pd.DataFrame([r for r, _ in listed]), tuple(kind for _, kind in listed)


def _pool() -> list[dict[str, Any]]:
    """People whom no shop of the course knows, neither by mobile nor by nick."""
    path = shops.root() / "excel" / "new_customers.csv"
    raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    nicks = set(shops.load(SHOP).customers["昵称"])
    return [
        {NICK: r["昵称"], NAME: r["姓名"], MOBILE: r["手机"],
         BORN: pd.Timestamp(r["生日"]) if r["生日"] else pd.NaT,
         PROVINCE: r["省份"], CITY: r["城市"], SOURCE: r["来源"], NOTE: ""}
        for r in raw.to_dict("records") if r["昵称"] not in nicks
    ]  # fmt: skip


def _spoil(row: dict[str, Any], kind: int, other: dict[str, Any]) -> None:
    """Make a row that the CRM cannot take: a short mobile, no province, nobody, a copy."""
    if kind == 1:
        row[PROVINCE] = row[CITY] + "市"
    elif kind == 2:
        row[NICK] = row[MOBILE] = ""
    elif kind == 3:  # the same person entered by a second clerk
        row |= {MOBILE: other[MOBILE], NICK: other[NICK] + "2", NAME: other[NAME]}
    else:
        row[MOBILE] = row[MOBILE][:-1]


def _copies_below(listed: list[tuple[dict[str, Any], str]]) -> list[tuple[dict[str, Any], str]]:
    """The copy of a person stands below the row it was copied from."""
    first: dict[str, int] = {}
    for n, (row, _) in enumerate(listed):
        mobile = row[MOBILE]
        if mobile and mobile in first:
            k = first[mobile]
            if not listed[k][1]:  # the copy came first
                listed[k], listed[n] = listed[n], listed[k]
        first.setdefault(mobile, n)
    return listed


def _known(student: str, shop: Shop, count: int) -> list[dict[str, Any]]:
    """Customers of the shop again, with another address; the last has a new mobile as well."""
    customers = shop.customers.set_index(KEY, drop=False)
    held = shops.draw(customers.index, count, student, LAB, "held")
    cities = shop.customers[["省份", "城市"]].drop_duplicates().sort_values(["省份", "城市"])
    rows = []
    for n, (i, note) in enumerate(zip(held, HELD, strict=False)):
        c = customers.loc[i]
        other = cities[cities["省份"] != c["省份"]]
        province, city = other.iloc[_number(student, f"city{n}", len(other))]
        mobile = c["手机"]
        if n == count - 1 and note == MOVED:
            mobile = mobile[:3] + f"{(int(mobile[3:]) + 12_345_678) % 10**8:08d}"
        rows.append({
            KEY: i, NICK: c["昵称"], NAME: c["姓名"], MOBILE: mobile, BORN: pd.NaT,
            PROVINCE: province, CITY: city, SOURCE: "线下活动", NOTE: note,
        })  # fmt: skip
    return rows


# ------------------------------------------------------------------ the tasks


def _tasks(student: str, shop: Shop, rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    stem, province = _clues(student, shop, rows)
    least = _limit(student, shop)
    a, b = shops.draw(MERGED, 2, student, LAB, "merge")
    return {
        "O1-04": {"手机尾号": _tail(student, shop, rows)},
        "O1-05": {"昵称含": stem, "省份": province},
        "O1-06": {"文件": "import_30.xlsx"},
        "O1-08": {"排序": "累计金额从高到低", "每页": 20, "第几页": 3 + _number(student, "page", 9)},
        "O1-09": {"会员等级": ("VIP会员", "至尊VIP")[_number(student, "level", 2)]},
        "O1-10": {"标签": TAG, "累计订单数": "1 到 2（都含）", "累计金额不低于": least,
                  "最近购买不早于": SINCE, "角色": "客服"},
        "O1-11": {"合并": [a, b], "合成": INTO},
    }  # fmt: skip


def _tail(student: str, shop: Shop, rows: pd.DataFrame) -> str:
    """Last four digits of exactly one mobile; another mobile has them in another place."""
    mobiles = pd.concat([shop.customers["手机"], rows[MOBILE]], ignore_index=True)
    counts = mobiles.str[-4:].value_counts()
    inner = " ".join(m[:-1] for m in shop.customers["手机"])
    known = shop.customers.set_index(KEY)["手机"]
    for i in shops.draw(known.index, 400, student, LAB, "tail"):
        tail = known[i][-4:]
        if counts[tail] == 1 and tail in inner:
            return str(tail)
    raise LookupError("no mobile fits")


def _clues(student: str, shop: Shop, rows: pd.DataFrame) -> tuple[str, str]:
    """Part of a nick and a province that 2–8 customers have, none of the file's people."""
    c = shop.customers
    held = set(c[KEY]) & set(shops.draw(c[KEY], 4, student, LAB, "held"))
    pairs = [f"{s}|{p}" for s in STEMS for p in sorted(c["省份"].unique())]
    for pair in shops.draw(pairs, len(pairs), student, LAB, "clues"):
        stem, province = pair.split("|")
        found = c[c["昵称"].str.contains(stem) & (c["省份"] == province)]
        new = rows[rows[NICK].str.contains(stem) & (rows[PROVINCE] == province)]
        if 2 <= len(found) <= 8 and new.empty and not held & set(found[KEY]):
            return stem, province
    raise LookupError("no clues fit")


def potential(
    figures: pd.DataFrame, least: float, *, most_orders: int = 2, strict: bool = False,
    dated: bool = True,
) -> list[str]:  # fmt: skip
    """Ids of the customers who meet the rule of O1-10, or a wrong reading of it."""
    amount, orders = figures["累计金额"], figures["累计订单数"]
    keep = orders.between(1, most_orders) & ((amount > least) if strict else (amount >= least))
    if dated:
        keep &= figures["最近购买"] >= pd.Timestamp(SINCE)
    return sorted(figures.index[keep])


def _limit(student: str, shop: Shop) -> float:
    """An amount that somebody of the rule has spent exactly: the limit itself counts."""
    figures = bought(shop)
    spent = figures.loc[potential(figures, 240.0), "累计金额"]
    spent = spent[spent <= 420.0]
    return float(spent[shops.draw(spent.index, 1, student, LAB, "limit")[0]])


def _number(student: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{student}|{LAB}|{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % below


def _file(path: Path, student: str) -> None:
    rows = data(student).rows
    workbook.write(path, {"门店登记": rows}, ids=(MOBILE,), dates=(BORN,))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


FILES: dict[str, Callable[[Path, str], None]] = {"import_30.xlsx": _file}
