"""From a shop's frames to the rows of a store: English names, codes, 分, ISO text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from crmkit import schema
from crmkit.crm import tables
from crmkit.shops import Shop

_FORMATS = {"date": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M:%S"}


Columns = dict[str, list[Any]]


def columns_of(shop: Shop) -> Iterator[tuple[sa.Table, Columns]]:
    """Every base table in an order in which references are met, with its columns' values."""
    sent = {
        key for key, status in zip(shop.orders["订单编号"], shop.orders["订单状态"], strict=True)
        if status in ("已发货", "交易成功", "退款关闭")
    }  # fmt: skip
    for table in tables.metadata.sorted_tables:
        if table.name not in schema.TABLES:
            continue
        columns = _columns(shop, table.name)
        if table.name == "order_items":  # what had left the shop when the data were taken
            columns["shipped_qty"] = [
                qty if order in sent else 0
                for order, qty in zip(columns["order_id"], columns["qty"], strict=True)
            ]
        yield table, columns


def _columns(shop: Shop, name: str) -> Columns:
    frame = schema.to_english(getattr(shop, name), name)
    columns: Columns = {}
    for c in schema.TABLES[name].columns:
        values = frame[c.name]
        if c.type in _FORMATS:
            values = values.dt.strftime(_FORMATS[c.type])
        elif c.type == "money":
            values = (values * 100).round().astype("int64")
        elif c.type == "bool":
            values = values.astype("int64")
        columns[c.name] = values.astype(object).where(values.notna(), None).tolist()
    return columns
