"""Inputs of lab E4: the same shop twice, as files and as a CRM, and three tasks in both."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit import shops, workbook
from crmkit.lab.inputs.o1 import bought
from crmkit.shops import Shop

LAB, SHOP, KEY = "E4", "tea", "客户编号"
TAG = "年末唤醒"
UNPAID = ("等待付款", "未付款关闭")
ENOUGH = (25, 100)  # dealt customers of the province of task A
MONTHS = ("2024-02", "2025-10")  # with which the three months of task B may begin
CITIES = {"广东": ("佛山", "东莞"), "浙江": ("宁波", "嘉兴"), "江苏": ("苏州", "常州")}


@dataclass(frozen=True)
class Data:
    """What one student works on: the cut of the shop, its export, and the tasks by item."""

    shop: Shop
    customers: pd.DataFrame
    orders: pd.DataFrame
    tasks: dict[str, dict[str, Any]]


def number(student: str, what: str, size: int) -> int:
    """A whole number below `size` that depends on nothing but the student and what it is for."""
    text = f"{student}|{LAB}|{what}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") % size


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's shop as both tools show it."""
    shop = shops.variant(SHOP, student, LAB)
    people = ["客户编号", "昵称", "性别", "省份", "城市", "会员等级"]
    customers = shop.customers[people].merge(bought(shop).reset_index(), on=KEY)
    customers["性别"] = customers["性别"].fillna("未知")
    customers["省份"] = customers["省份"].fillna("未知")
    home = customers.set_index(KEY)["省份"]
    names = ["订单编号", "客户编号", "下单时间", "付款时间", "实付金额", "订单状态"]
    orders = shop.orders[names].copy()
    orders.insert(2, "省份", orders[KEY].map(home))
    return Data(shop, customers, orders, _tasks(student, customers, orders))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """What each item asks of this student."""
    return data(student).tasks


def _periods(orders: pd.DataFrame) -> list[pd.Period]:
    """Months with which three months begin that differ by the day of ordering and of payment."""
    ordered, paid = (
        orders.loc[~orders["订单状态"].isin(UNPAID), name].dt.to_period("M")
        for name in ("下单时间", "付款时间")
    )
    over = set(paid[ordered != paid])  # somebody ordered at the end of the month before
    return [first for first in pd.period_range(*MONTHS, freq="M") if over & {first, first + 3}]


def _tasks(
    student: str, customers: pd.DataFrame, orders: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    dealt = customers[customers["累计订单数"] >= 1]
    size = dealt["省份"].value_counts()
    fair = sorted(str(p) for p, n in size.items() if ENOUGH[0] <= n <= ENOUGH[1] and p != "未知")
    province = fair[number(student, "province", len(fair))]
    months = _periods(orders)
    month = months[number(student, "month", len(months))]
    first, last = month.start_time.date(), (month + 2).end_time.date()
    amount = 800 + 100 * number(student, "amount", 8)
    day = dealt["最近购买"].dt.date
    quiet = dealt[(dealt["累计金额"] >= amount)
                  & day.between(dt.date(2025, 3, 1), dt.date(2025, 6, 30))].sort_values(KEY)  # fmt: skip
    # the last purchase of somebody falls on the last day that counts
    limit = day[quiet.index[number(student, "day", len(quiet))]]
    moved_to = [city for pair in CITIES.values() for city in pair]
    # who lives there already does not move: nothing would be changed, and nothing collide
    somebody = dealt[dealt["省份"].isin(CITIES) & ~dealt["城市"].isin(moved_to)].sort_values(KEY)
    who = somebody.iloc[number(student, "who", len(somebody))]
    return {
        "E4-01": {"省份": province},
        "E4-02": {"第一天": first, "最后一天": last},
        "E4-03": {"标签": TAG, "累计金额不低于": amount, "最近购买不晚于": limit},
        "E4-07": {"客户编号": who[KEY], "客服改成": CITIES[who["省份"]][0], "店长改成": CITIES[who["省份"]][1]},
    }  # fmt: skip


def _customers(path: Path, student: str) -> None:
    workbook.write(path, {"客户": data(student).customers}, ids=(KEY,), money=("累计金额",))


def _orders(path: Path, student: str) -> None:
    data(student).orders.to_csv(path, index=False, encoding="utf-8-sig")


FILES = {"customers.xlsx": _customers, "orders.csv": _orders}
