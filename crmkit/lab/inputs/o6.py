"""Inputs of lab O6: one student's cut of the tea shop, a campaign to set up, a plan of messages."""

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
from crmkit.crm.clock import opening
from crmkit.lab.inputs.o1 import bought
from crmkit.shops import Shop

LAB, SHOP, KEY, ORDER = "O6", "tea", "客户编号", "订单编号"
PLAN, MESSAGE = "发送计划.xlsx", "发送编号"
NAMES = ("开年品鉴会", "陈皮专场", "岩茶周", "白茶节", "老客答谢")
FESTIVALS = ("元旦", "腊八节", "除夕", "春节", "元宵节", "妇女节", "清明节", "劳动节", "端午节")
PAST = ("TP01", "TP05", "TP06", "TP08", "TP09", "TP10", "TP11", "TP12")
TEXT_A, TEXT_B = "TP03", "TP04"
# Hours from the first message of a customer to the next ones; 168 is seven days to the minute.
RHYTHMS = (
    (0, 72, 168), (0, 48, 120, 192), (0, 24, 96, 170, 240), (0, 167, 168), (0, 100), (0, 1, 2, 169),
    (0, 30, 60, 168, 200, 336), (0, 96, 191, 264),
)  # fmt: skip
PLANNED = 14  # customers in the plan


@dataclass(frozen=True)
class Data:
    """What one student works on. `figures`: 累计订单数 and 累计金额 by 客户编号; `plan`: messages."""

    shop: Shop
    now: dt.datetime
    figures: pd.DataFrame
    plan: pd.DataFrame
    tasks: dict[str, dict[str, Any]]


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the tea shop and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    figures = bought(shop)
    now = opening(shops.as_of())
    plan = _plan(student, shop.customers[KEY].tolist())
    return Data(shop, now, figures, plan, _tasks(student, shop, figures))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def _tasks(student: str, shop: Shop, figures: pd.DataFrame) -> dict[str, dict[str, Any]]:
    days = 120 + 30 * _number(student, "days", 6)
    people = shop.customers["省份"].value_counts().head(10).index
    provinces = sorted(shops.draw(people, 5, student, LAB, "provinces"))
    least = _least(student, shop, figures, days, provinces)
    starts = dt.date(2026, 1, 4 + _number(student, "starts", 20))
    ends = starts + dt.timedelta(days=6 + _number(student, "lasts", 8))
    first = dt.date(2026, 2, 22 + _number(student, "week", 7))
    names = shop.campaigns.set_index("活动编号")["活动名称"]
    past, other = (shops.draw(PAST, 1, student, LAB, salt)[0] for salt in ("tag", "figures"))
    received = dt.date(2025, 1, 6) + dt.timedelta(days=7 * _number(student, "received", 45))
    return {
        "O6-01": {
            "活动名称": NAMES[_number(student, "name", len(NAMES))], "开始日期": f"{starts}",
            "结束日期": f"{ends}", "预算": 500 + 100 * _number(student, "budget", 30),
            "优惠券": 10 + 5 * _number(student, "coupon", 6), "累计订单数不少于": 2,
            "累计金额不低于": float(least), "距上次购买不超过（天）": days,
            "省份": provinces,
        },
        "O6-02": {"再看七天，从": f"{first}"},
        "O6-03": {"节日": shops.draw(FESTIVALS, 3, student, LAB, "festivals")},
        "O6-04": {"活动编号": past, "活动": str(names[past])},
        "O6-06": {"活动编号": other, "活动": str(names[other])},
        "O6-07": {"A": TEXT_A, "B": TEXT_B},
        "O6-08": {"收货从": f"{received}", "到": f"{received + dt.timedelta(days=6)}"},
    }  # fmt: skip


def _least(
    student: str, shop: Shop, figures: pd.DataFrame, days: int, provinces: list[str]
) -> float:
    """An amount that somebody of the audience has spent exactly."""
    home = shop.customers.set_index(KEY)["省份"].reindex(figures.index)
    since = (pd.Timestamp(shops.as_of()) - figures["最近购买"].dt.normalize()).dt.days
    keep = (figures["累计订单数"] >= 2) & (since <= days) & home.isin(provinces)
    amounts = sorted(set(figures.loc[keep, "累计金额"]))
    return float(amounts[len(amounts) * (20 + _number(student, "amount", 30)) // 100])


def _plan(student: str, customers: list[str]) -> pd.DataFrame:
    """Messages somebody planned without looking at who gets how many."""
    rows = []
    for n, customer in enumerate(shops.draw(customers, PLANNED, student, LAB, "plan")):
        hours = RHYTHMS[(n + _number(student, "rhythm", 8)) % 8]
        start = dt.datetime(2026, 1, 5, 9) + dt.timedelta(
            days=_number(student, f"day{n}", 10), minutes=_number(student, f"minute{n}", 59)
        )
        rows += [(customer, start + dt.timedelta(hours=h)) for h in hours]
    frame = pd.DataFrame(rows, columns=[KEY, "发送时间"]).sort_values(["发送时间", KEY])
    frame.insert(0, MESSAGE, [f"P{n:03d}" for n in range(1, len(frame) + 1)])
    return frame.reset_index(drop=True)


def _written(path: Path, student: str) -> None:
    workbook.write(path, {"发送计划": data(student).plan}, ids=(MESSAGE, KEY))


def _number(student: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{student}|{LAB}|{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % below


FILES: dict[str, Callable[[Path, str], None]] = {PLAN: _written}
