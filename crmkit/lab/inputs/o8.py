"""Inputs of lab O8: one student's cut of the ceramics shop, the period and the channel to maintain."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw
from crmkit.shops import Shop

LAB, SHOP, CHANNEL, KEY = "O8", "ceramics", "渠道编号", "客户编号"
MONTHS = 6  # of the period
# The first months of a period: half a year of history before, half a year of data after.
STARTS = pd.period_range("2024-07", "2025-07", freq="M")
WEIGHTS = (0.4, 0.3, 0.2, 0.1)
SCORED = ("支付金额", "新客占比", "复购率", "退货率（反向）")
CONTACTS = ("柳运营", "季店员", "苗主播", "章运营", "费店长助理", "洪店员")
NOTES = ("门店装修，暂停营业", "平台改版，暂停营业", "换供应商，暂停营业", "盘点，暂停营业")


@dataclass(frozen=True)
class Data:
    """What one student works on; `orders` are the valid ones with 日, 月份 and 分."""

    shop: Shop
    orders: pd.DataFrame
    tasks: dict[str, dict[str, Any]]


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the ceramics shop and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    orders = shops.valid_orders(shop.orders)
    orders = orders.assign(
        日=orders["付款时间"].dt.normalize(), 月份=orders["付款时间"].dt.strftime("%Y-%m"),
        分=(orders["实付金额"] * 100).round().astype("int64"),
    )  # fmt: skip
    return Data(shop, orders, _tasks(student, shop.channels))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def _tasks(student: str, channels: pd.DataFrame) -> dict[str, dict[str, Any]]:
    draw = Draw(student, LAB)
    opened = channels.sort_values("开通日期", ignore_index=True)
    # From the third channel on, so that there are earlier ones to maintain, and up to the last
    # one that is open, so that the closed one is always in the list.
    place = draw.step("since", 2, len(opened) - 2)
    since = opened["开通日期"][place].date().isoformat()
    earlier = opened.loc[opened["开通日期"] < since, CHANNEL].tolist()
    start = STARTS[draw.step("period", 0, len(STARTS) - 1)]
    meeting = shops.as_of() + dt.timedelta(days=draw.step("meeting", 4, 27))
    weights = shops.draw(SCORED, len(SCORED), student, LAB, "weights")
    return {
        "O8-01": {"开通日期不早于": since},
        "O8-02": {"开会那天": meeting.isoformat(), "看最后几个月": draw.step("months", 3, 9)},
        "O8-03": {"从": str(start.start_time.date()), "到": str((start + MONTHS - 1).end_time.date())},
        "O8-08": {"权重": dict(zip(weights, WEIGHTS, strict=True))},
        "O8-09": {CHANNEL: draw.pick("channel", earlier), "渠道状态": "已关闭",
                  "负责人": draw.pick("contact", CONTACTS), "备注": draw.pick("note", NOTES)},
    }  # fmt: skip


FILES: dict[str, Any] = {}
