"""Inputs of lab O2: one student's cut of the tea shop and what each task asks of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.o1 import bought
from crmkit.shops import Shop

LAB, SHOP, KEY = "O2", "tea", "客户编号"
REGULARS, GROWING, CLUB = "常客", "成长客", "茶友会"
RENAMED, TEMPORARY = "老茶客", "待补来源"
MEMBERS = 10
# How the two classes are put together for the coupon: words → (in 常客, in 成长客).
COUPONS = {
    f"既是{REGULARS}、又是{GROWING}": "both",
    f"是{REGULARS}、但不是{GROWING}": "first",
    f"是{GROWING}、但不是{REGULARS}": "second",
}


@dataclass(frozen=True)
class Data:
    """What one student works on. `figures`: 累计订单数 and 累计金额 by 客户编号."""

    shop: Shop
    figures: pd.DataFrame
    tasks: dict[str, dict[str, Any]]


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the tea shop and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    figures = bought(shop)
    return Data(shop, figures, _tasks(student, figures))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def _tasks(student: str, figures: pd.DataFrame) -> dict[str, dict[str, Any]]:
    limits = _limits(student, figures)
    a, b, c = (f"{x:g}" for x in limits)
    club = sorted(shops.draw(figures.index, MEMBERS, student, LAB, "club"))
    coupon = list(COUPONS)[_number(student, "coupon", len(COUPONS))]
    return {
        "O2-04": {"分档下界（元）": limits, "要保存的一档": f"{b}–{c} 元", "存为": GROWING,
                  "四档": (f"不到 {a} 元", f"{a}–{b} 元", f"{b}–{c} 元", f"{c} 元以上")},
        "O2-05": {"分类": CLUB, "顾客": club},
        "O2-10": {"发给": coupon},
    }  # fmt: skip


def _limits(student: str, figures: pd.DataFrame) -> list[float]:
    """Three limits that somebody has spent exactly, so that it matters where a limit belongs."""
    amounts = figures.loc[figures["累计订单数"] > 0, "累计金额"]
    found = []
    for n, (low, high) in enumerate(((150, 320), (600, 950), (1500, 2400))):
        whole = sorted({x for x in amounts if low <= x <= high and x == round(x)})
        found.append(float(shops.draw(map(str, whole), 1, student, LAB, f"limit{n}")[0]))
    return found


def _number(student: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{student}|{LAB}|{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % below


FILES: dict[str, Any] = {}
