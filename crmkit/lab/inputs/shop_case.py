"""Inputs that the three shop cases share: three raw exports, the role sheet, the shop's tables.

The exports hold 360 of the members in datasets/<shop>/exports: the platform's member file and the
forms as they were typed in, and the list of these people's orders. The tables are the student's
own cut of the whole shop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs import role_needs
from crmkit.lab.inputs.by_hash import Draw, csv

MEMBERS = 360
NICK = "昵称"
# What the platform's list calls the states; a closed order is closed, paid or not.
PLATFORM_STATES = {
    "等待付款": "等待买家付款", "待发货": "买家已付款，等待卖家发货", "部分发货": "买家已付款，等待卖家发货",
    "已发货": "卖家已发货，等待买家确认", "交易成功": "交易成功", "退款关闭": "交易关闭", "未付款关闭": "交易关闭",
}  # fmt: skip


@dataclass(frozen=True)
class Exports:
    """The three raw exports of one student; members and forms are text as it was typed in."""

    members: pd.DataFrame
    forms: pd.DataFrame
    orders: pd.DataFrame


@cache
def _pool(root: Path, shop: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = root / shop / "exports"

    def read(name: str, encoding: str) -> pd.DataFrame:
        return pd.read_csv(folder / name, dtype=str, keep_default_na=False, encoding=encoding)

    return read("members.csv", "gb18030"), read("registrations.csv", "utf-8-sig")


@lru_cache(maxsize=4)
def exports(shop: str, student: str, lab: str) -> Exports:
    """The student's exports: every kind of fault is among the forms, the number differs."""
    members, forms = _pool(shops.root(), shop)
    faults = {
        "twice": (forms[NICK].duplicated(keep=False), 6, 11),
        "no place": (forms["省份"] == "", 16, 28),
        "odd mobile": (~forms["手机"].str.fullmatch(r"1\d{10}"), 18, 27),
    }
    chosen: set[str] = set()
    plain = set(forms[NICK])
    for name, (rows, low, high) in faults.items():
        people = set(forms.loc[rows, NICK])
        plain -= people
        n = Draw(student, lab).step(name, low, high)
        chosen |= set(shops.draw(people, n, student, lab, name))
    chosen |= set(shops.draw(plain, MEMBERS - len(chosen), student, lab, "plain"))
    return Exports(
        members[members["买家昵称"].isin(chosen)].reset_index(drop=True),
        forms[forms[NICK].isin(chosen)].reset_index(drop=True),
        _order_list(shop, chosen),
    )


def _order_list(shop: str, nicks: set[str]) -> pd.DataFrame:
    whole = shops.load(shop)
    name = whole.customers.set_index("客户编号")[NICK]
    orders = whole.orders
    orders = orders.assign(买家会员名=orders["客户编号"].map(name))
    mine = orders[orders["买家会员名"].isin(nicks)]
    return pd.DataFrame({
        "订单编号": mine["订单编号"], "买家会员名": mine["买家会员名"],
        "买家应付货款": mine["实付金额"], "买家实际支付金额": mine["实付金额"].where(mine["付款时间"].notna(), 0.0),
        "订单状态": mine["订单状态"].map(PLATFORM_STATES),
        "订单创建时间": mine["下单时间"], "订单付款时间": mine["付款时间"],
    }).reset_index(drop=True)  # fmt: skip


def cut(shop: str, student: str, lab: str) -> shops.Shop:
    """The student's cut of the whole shop."""
    return shops.variant(shop, student, lab)


Writer = Callable[[Path, str], None]


def files(lab: str, shop: str, *tables: str) -> dict[str, Writer]:
    """The input files of one case; `tables` are those of the shop that it works on."""

    def members(path: Path, student: str) -> None:
        exports(shop, student, lab).members.to_csv(path, index=False, encoding="gb18030")

    def forms(path: Path, student: str) -> None:
        csv(exports(shop, student, lab).forms, path)

    def orders(path: Path, student: str) -> None:
        csv(exports(shop, student, lab).orders, path)

    def needs(path: Path, student: str) -> None:
        csv(role_needs.rows(student, lab), path, "编号", "角色", "需求")

    def table(name: str) -> Writer:
        return lambda path, student: csv(getattr(cut(shop, student, lab), name), path)

    return {
        "members.csv": members, "registrations.csv": forms, "order_list.csv": orders,
        "needs.csv": needs, **{f"{name}.csv": table(name) for name in tables},
    }  # fmt: skip
