"""The tea shop as marketing sees it, and a campaign that runs in it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.crm import Session
from crmkit.crm.campaigns.campaigning import SENDS
from crmkit.settings import settings as kit_settings
from tests.crmkit.crm.conftest import STUDENT

Work = Callable[..., Session]
FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
RULES = kit_settings()["marketing"]
REGULARS = {
    "all": [
        {"field": "累计订单数", "op": "≥", "value": 2},
        {"field": "距上次购买天数", "op": "≤", "value": 180},
    ]
}
EVERYBODY = {"all": []}


def raw(shop: str = "tea") -> shops.Shop:
    return shops.variant(shop, STUDENT, "O1")


def buying(shop: str = "tea") -> pd.DataFrame:
    """Orders, amount and last day of every customer, straight from the frames."""
    data = raw(shop)
    valid = shops.valid_orders(data.orders)
    by = valid.groupby("客户编号")
    return (
        data.customers.set_index("客户编号")
        .join(
            pd.DataFrame(
                {"n": by.size(), "sum": by["实付金额"].sum(), "last": by["付款时间"].max()}
            )
        )
        .fillna({"n": 0})
    )


def running(crm: Session, **more: Any) -> str:
    """A started campaign of today."""
    given = {
        "starts": crm.as_of,
        "ends": crm.as_of + dt.timedelta(days=7),
        "budget": 500,
        "coupon": 20,
    }
    number = crm.marketing.create_campaign("茶友回馈", **{**given, "rule": REGULARS, **more})
    crm.marketing.change_campaign(number, "启动")
    return number


def sends(crm: Session, number: str) -> pd.DataFrame:
    frame = crm.store.frame(SENDS)
    return frame[frame["campaign_id"] == number]
