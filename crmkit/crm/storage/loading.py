"""From a shop's frames to the rows of a store: English names, codes, 分, ISO text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from crmkit import schema
from crmkit.crm.storage import tables
from crmkit.shops import Shop, as_of

_FORMATS = {"date": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M:%S"}


Columns = dict[str, list[Any]]


def columns_of(shop: Shop) -> Iterator[tuple[sa.Table, Columns]]:
    """Every base table in an order in which references are met, with its columns' values."""
    orders = shop.orders  # as lists: a column hands out its elements one by one only slowly
    status = dict(zip(orders["订单编号"].tolist(), orders["订单状态"].tolist(), strict=True))
    for table in tables.metadata.sorted_tables:
        if table.name not in schema.TABLES:
            continue
        columns = _columns(shop, table.name)
        if table.name == "order_items":  # what had left the shop when the data were taken
            columns["line_no"] = _numbered(columns["order_id"])
            left = set(orders["订单编号"][orders["发货时间"].notna()].tolist())
            several = {
                o for o, n in zip(columns["order_id"], columns["line_no"], strict=True) if n > 1
            }
            columns["shipped_qty"] = [
                0 if order not in left else qty if status[order] != "部分发货" else
                0 if line > 1 else qty if order in several else qty - 1
                for order, line, qty in zip(
                    columns["order_id"], columns["line_no"], columns["qty"], strict=True
                )
            ]  # fmt: skip
        elif table.name == "orders":  # the parcel's number, as the platform shows it
            columns["waybill"] = [
                f"YT{order[:13]}" if at else ""
                for order, at in zip(columns["order_id"], columns["shipped_at"], strict=True)
            ]
        elif table.name == "campaigns":
            today = as_of().isoformat()
            columns["status"] = [
                "筹备中" if starts > today else "已结束" if ends < today else "进行中"
                for starts, ends in zip(columns["starts"], columns["ends"], strict=True)
            ]
        yield table, columns


def _numbered(orders: list[str]) -> list[int]:
    """1, 2, 3 … for the lines of each order, in the order they stand."""
    seen: dict[str, int] = {}
    numbers = []
    for order in orders:
        seen[order] = seen.get(order, 0) + 1
        numbers.append(seen[order])
    return numbers


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
        columns[c.name] = values.to_numpy(dtype=object, na_value=None).tolist()
    return columns
