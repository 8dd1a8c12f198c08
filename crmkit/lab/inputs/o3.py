"""Inputs of lab O3: one student's cut of the tea shop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.shops import Shop

LAB, SHOP, KEY = "O3", "tea", "客户编号"
LEVEL_MONTHS = 6  # months of O3-06
AT_RISK = (150, 179)  # days since the last order, both included


@dataclass(frozen=True)
class Data:
    """What one student works on; `orders` are the valid ones with their 月份, the oldest first."""

    shop: Shop
    orders: pd.DataFrame


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the tea shop."""
    shop = shops.variant(SHOP, student, LAB)
    orders = shops.valid_orders(shop.orders)
    orders = orders.assign(
        日=orders["付款时间"].dt.normalize(), 月份=orders["付款时间"].dt.strftime("%Y-%m")
    )
    return Data(shop, orders.sort_values(["付款时间", "订单编号"], ignore_index=True))


FILES: dict[str, Any] = {}
