"""Inputs of lab O4: one student's cut of the tea shop and what each task asks of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.shops import Shop

LAB, SHOP, SKU = "O4", "tea", "商品编码"
UNSOLD = "滞销"
BEST, ALSO = 5, 3
# Words that find several products, in the name or in the category.
WORDS = ("茶", "茶叶", "茶具", "绿茶", "乌龙", "红茶", "250g")
QUARTERS = {
    "2025 年第一季度": ("2025-01-01", "2025-03-31"), "2025 年第二季度": ("2025-04-01", "2025-06-30"),
    "2025 年第三季度": ("2025-07-01", "2025-09-30"), "2025 年第四季度": ("2025-10-01", "2025-12-31"),
}  # fmt: skip


@dataclass(frozen=True)
class Data:
    """What one student works on.

    `orders`: the valid ones; `lines`: their lines, with 付款时间 and 额 = 数量 × 单价 (分).
    """

    shop: Shop
    orders: pd.DataFrame
    lines: pd.DataFrame
    tasks: dict[str, dict[str, Any]]


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the tea shop and the tasks."""
    shop = shops.variant(SHOP, student, LAB)
    orders = shops.valid_orders(shop.orders)
    lines = shop.order_items.merge(orders[["订单编号", "付款时间"]], on="订单编号")
    lines["额"] = (lines["单价"] * 100).round().astype("int64") * lines["数量"]
    return Data(shop, orders, lines, _tasks(student, shop.products))


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def _tasks(student: str, products: pd.DataFrame) -> dict[str, dict[str, Any]]:
    quarter = list(QUARTERS)[_number(student, "quarter", 4)]
    start, end = QUARTERS[quarter]
    return {
        "O4-01": _query(student, products),
        "O4-02": {
            "首页已放": 1 + _number(student, "shown", 10),
            "接着放": 6 + _number(student, "top", 9),
        },
        "O4-04": {"季度": quarter, "从": start, "到": end},
    }


def _query(student: str, products: pd.DataFrame) -> dict[str, Any]:
    """A word and a range of prices whose two ends are prices of products that are found."""
    for word in shops.draw(WORDS, len(WORDS), student, LAB, "word"):
        text = products["商品名称"] + " " + products["类目"]
        prices = sorted(set(products.loc[text.str.contains(word), "价格"]))
        if len(prices) >= 4:
            low = prices[_number(student, "low", len(prices) - 3)]
            later = [p for p in prices if p > low][1:-1] or [prices[-2]]
            high = later[_number(student, "high", len(later))]
            return {"关键词": word, "价格从": float(low), "到": float(high)}
    raise LookupError("no word fits")


def _number(student: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{student}|{LAB}|{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % below


FILES: dict[str, Any] = {}
