"""Inputs of lab O5: one student's cut of the electronics shop, six orders to end, a carrier's list."""

from __future__ import annotations

import calendar
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
from crmkit.crm.ordering.shipping import CARRIERS
from crmkit.settings import settings
from crmkit.shops import Shop

LAB, SHOP, ORDER = "O5", "electronics", "订单编号"
UNPAID, FINISHED, SENT = "等待付款", "交易成功", "已发货"
TO_SHIP = ("待发货", "部分发货")
OPEN_RETURNS = ("待卖家同意", "待买家退货", "待卖家收货")
WAYBILLS = "发货单.xlsx"
REASONS = ("买家不想买了", "联系不上买家", "缺货")
OVER = "售后期已过"


@dataclass(frozen=True)
class Data:
    """What one student works on.

    `allowed`: the five orders of O5-04 that may be ended; `refused`: the sixth.
    `parcels`: the carrier's list, `stray`: the order in it that has left already.
    """

    shop: Shop
    now: dt.datetime
    tasks: dict[str, dict[str, Any]]
    allowed: list[str]
    refused: str
    parcels: pd.DataFrame
    stray: str


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the electronics shop and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    now = opening(shops.as_of())
    allowed, refused = _to_close(student, shop, now)
    parcels, stray = _parcels(student, shop.orders)
    tasks = {
        "O5-01": _query(student, shop.orders),
        "O5-03": _month(student, "returns"),
        "O5-04": {
            "订单": shops.draw([*allowed, refused], 6, student, LAB, "mixed"),
            "没付款的写": REASONS[_number(student, "reason", len(REASONS))],
            "售后到期的写": OVER,
        },
        "O5-08": _month(student, "shipping"),
    }  # fmt: skip
    return Data(shop, now, tasks, allowed, refused, parcels, stray)


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def _query(student: str, orders: pd.DataFrame) -> dict[str, Any]:
    """Conditions whose ends are an amount and a day of orders that are found."""
    month = _month(student, "query")
    day = orders["下单时间"].dt.normalize()
    inside = (orders["订单状态"] == FINISHED) & day.between(month["从"], month["到"])
    amounts = sorted(set(orders.loc[inside, "实付金额"]))
    low = amounts[len(amounts) * (40 + _number(student, "low", 15)) // 100]
    high = amounts[len(amounts) * (65 + _number(student, "high", 15)) // 100]
    last = day[inside & orders["实付金额"].between(low, high)].max()
    return {
        "订单状态": FINISHED, "下单从": month["从"], "到": f"{last:%Y-%m-%d}",
        "实付从": float(low), "至": float(high),
    }  # fmt: skip


def _month(student: str, what: str) -> dict[str, Any]:
    """A month of 2025 whose parcels and returns have all come to an end."""
    month = 2 + _number(student, what, 9)
    last = calendar.monthrange(2025, month)[1]
    return {"月份": f"2025 年 {month} 月", "从": f"2025-{month:02d}-01", "到": f"2025-{month:02d}-{last}"}  # fmt: skip


def _to_close(student: str, shop: Shop, now: dt.datetime) -> tuple[list[str], str]:
    """Three unpaid orders, two whose after-sale time is over, and one whose is not."""
    o, r = shop.orders, shop.returns
    busy = set(r.loc[r["退换状态"].isin(OPEN_RETURNS), ORDER])
    end = pd.Timestamp(now) - pd.Timedelta(days=settings()["orders"]["aftersale_days"])
    finished = o[(o["订单状态"] == FINISHED) & ~o[ORDER].isin(busy)]
    since = finished["收货时间"] - end
    over = finished.loc[since.between(pd.Timedelta(days=-30), pd.Timedelta(days=-1)), ORDER]
    fresh = finished.loc[since.between(pd.Timedelta(days=1), pd.Timedelta(days=10)), ORDER]
    unpaid = o.loc[o["订单状态"] == UNPAID, ORDER]
    allowed = [
        *shops.draw(unpaid, 3, student, LAB, "unpaid"),
        *shops.draw(over, 2, student, LAB, "over"),
    ]
    return sorted(allowed), shops.draw(fresh, 1, student, LAB, "fresh")[0]


def _parcels(student: str, orders: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The carrier's list: all orders to ship, and one that has left already."""
    due = orders.loc[orders["订单状态"].isin(TO_SHIP), ORDER].tolist()
    gone = orders.loc[orders["订单状态"] == SENT, ORDER]
    stray = shops.draw(gone, 1, student, LAB, "stray")[0]
    listed = shops.draw([*due, stray], len(due) + 1, student, LAB, "listed")
    first = 73 * 10**10 + _number(student, "waybill", 10**9) * 10
    frame = pd.DataFrame({
        ORDER: listed,
        "快递公司": CARRIERS[_number(student, "carrier", 6)],
        "运单号": [str(first + 7 * n) for n in range(len(listed))],
    })  # fmt: skip
    return frame, stray


def _waybills(path: Path, student: str) -> None:
    workbook.write(path, {"发货单": data(student).parcels}, ids=(ORDER, "运单号"))


def _number(student: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{student}|{LAB}|{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % below


FILES: dict[str, Callable[[Path, str], None]] = {WAYBILLS: _waybills}
