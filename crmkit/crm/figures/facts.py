"""A shop's orders, lines, refunds and customers as numpy columns, read once and kept.

Analyses ask for the same facts again and again; reading them from the store costs far more than
counting. `of_store` keeps what it read for a store and reads a table again only when an operation
has changed it since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from crmkit import schema
from crmkit.analytics.ledger import KINDS, NO_TIME, Ledger, Lines, Refunds
from crmkit.analytics.paid import Ints
from crmkit.crm.storage import bulk, tables
from crmkit.crm.store import Store

UNKNOWN = "未知"
# table → columns that are read, and which rows
_READ: Mapping[str, tuple[tuple[str, ...], str]] = {
    "customers": (("customer_id", "province", "city", "member_level"), ""),
    "products": (("sku", "name", "category", "price", "cost", "stock", "listed_at"), ""),
    "channels": (("channel_id", "name", "type", "opened_at", "status", "contact", "fee_rate", "note"), ""),
    "orders": (
        ("order_id", "customer_id", "paid_at", "channel_id", "amount"),
        "WHERE paid_at IS NOT NULL AND status IN ({})".format(
            ", ".join(f"'{status}'" for status in schema.VALID_ORDER_STATUS)
        ),
    ),
    "order_items": (("order_id", "sku", "qty", "unit_price"), ""),
    "returns": (("order_id", "sku", "kind", "finished_at", "amount", "qty"), "WHERE status = 'SUCCESS'"),
}  # fmt: skip
_ORDER_BY = {"customers": "customer_id", "products": "sku", "channels": "channel_id"}
Columns = dict[str, list[Any]]


@dataclass(frozen=True, eq=False)
class Coded:
    """A text column as codes into its different values (sorted; empty is 未知)."""

    codes: NDArray[np.int64]
    labels: list[str]

    @classmethod
    def of(cls, values: Iterable[Any]) -> Coded:
        if isinstance(values, pd.Series):
            values = values.tolist()  # a column hands out its elements one by one only slowly
        words = [v if isinstance(v, str) and v else UNKNOWN for v in values]
        codes, labels = pd.factorize(np.array(words, dtype=object), sort=True)
        return cls(codes, [str(x) for x in labels])


@dataclass(frozen=True, eq=False)
class Facts:
    """What the analyses count.

    Parameters
    ----------
    ledger
        Valid orders with lines and refunds; its codes count `customers`, `channels`, `products`.
    customers
        Customer ids.
    province, city, level
        Of every customer.
    products, channels
        The tables with English names, money in 分, one row a code.
    """

    ledger: Ledger
    customers: pd.Index
    province: Coded
    city: Coded
    level: Coded
    products: pd.DataFrame
    channels: pd.DataFrame

    def channel_code(self, channel_id: str) -> int:
        """Code of a channel id; KeyError when there is no such channel."""
        return int(self.channels.index[self.channels["channel_id"] == channel_id][0])

    @classmethod
    def of_frames(
        cls, *, customers: pd.DataFrame, products: pd.DataFrame, channels: pd.DataFrame,
        orders: pd.DataFrame, order_items: pd.DataFrame, returns: pd.DataFrame,
    ) -> Facts:  # fmt: skip
        """From frames with Chinese headers (see `crmkit.shops.Shop`)."""
        people = schema.to_english(customers, "customers")
        goods = schema.to_english(products, "products").sort_values("sku", ignore_index=True)
        for name in ("price", "cost"):
            goods[name] = (goods[name] * 100).round().astype("int64")
        goods["listed_at"] = goods["listed_at"].dt.strftime("%Y-%m-%d")
        places = schema.to_english(channels, "channels")
        places = places.sort_values("channel_id", ignore_index=True).assign(fee_rate=0.0, note="")
        places["opened_at"] = places["opened_at"].dt.strftime("%Y-%m-%d")
        ledger, _ = Ledger.of_frames(
            orders, order_items, customers=people["customer_id"], skus=goods["sku"],
            channels=places["channel_id"], returns=returns,
        )  # fmt: skip
        return cls(
            ledger, pd.Index(people["customer_id"]), Coded.of(people["province"]),
            Coded.of(people["city"]), Coded.of(people["member_level"]), goods, places,
        )  # fmt: skip


@dataclass(eq=False)
class _Kept:
    seq: int
    columns: dict[str, Columns]
    facts: Facts


_kept: WeakKeyDictionary[Store, _Kept] = WeakKeyDictionary()


def of_store(store: Store, connection: Connection) -> Facts:
    """The facts of a store as `connection` sees it."""
    c = tables.changes.c
    kept = _kept.get(store)
    seq = connection.execute(sa.select(sa.func.max(c.seq))).scalar() or 0
    if kept is not None and kept.seq == seq:
        return kept.facts
    stale = set(_READ)
    if kept is not None and kept.seq < seq:
        touched = sa.select(c.table_name).where(c.seq > kept.seq).distinct()
        stale &= set(connection.execute(touched).scalars())
        if not stale:
            kept.seq = seq
            return kept.facts
    columns = {} if kept is None else dict(kept.columns)
    for table in stale:
        columns[table] = _columns(connection, table)
    facts = _facts(columns)
    _kept[store] = _Kept(seq, columns, facts)
    return facts


def _columns(connection: Connection, table: str) -> Columns:
    names, rows = _READ[table]
    order = f"ORDER BY {_ORDER_BY[table]}" if table in _ORDER_BY else ""
    return bulk.columns(connection, names, f"{table} {rows} {order}")


def _facts(columns: dict[str, Columns]) -> Facts:
    people, orders = columns["customers"], columns["orders"]
    goods, places = pd.DataFrame(columns["products"]), pd.DataFrame(columns["channels"])
    customers = pd.Index(people["customer_id"])
    channels, skus = pd.Index(places["channel_id"]), pd.Index(goods["sku"])
    of_order = pd.Index(orders["order_id"])

    items, back = columns["order_items"], columns["returns"]
    at = of_order.get_indexer(items["order_id"])
    mine = at >= 0
    qty, price = _whole(items["qty"])[mine], _whole(items["unit_price"])[mine]
    lines = Lines(at[mine], skus.get_indexer(items["sku"])[mine], qty, price * qty)
    at = of_order.get_indexer(back["order_id"])
    mine = at >= 0
    kind = np.array([KINDS.get(k, -1) for k in back["kind"]], dtype=np.int64)
    refunds = Refunds(
        at[mine], skus.get_indexer(back["sku"])[mine], _whole([]), kind[mine],
        _seconds(back["finished_at"])[mine], _whole(back["amount"])[mine], _whole(back["qty"])[mine],
    )  # fmt: skip
    ledger = Ledger.build(
        people=len(customers), channels=len(channels), skus=len(skus),
        customer=customers.get_indexer(orders["customer_id"]), paid=_seconds(orders["paid_at"]),
        cents=_whole(orders["amount"]), channel=channels.get_indexer(orders["channel_id"]),
        lines=lines, refunds=refunds,
    )  # fmt: skip
    return Facts(
        ledger, customers, Coded.of(people["province"]), Coded.of(people["city"]),
        Coded.of(people["member_level"]), goods, places,
    )  # fmt: skip


def _whole(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _seconds(values: list[str | None]) -> NDArray[np.int64]:
    times = np.array([v or "NaT" for v in values], dtype="datetime64[s]").astype(np.int64)
    times[times == np.datetime64("NaT").astype(np.int64)] = NO_TIME
    return times


def take(codes: Ints, labels: list[str]) -> list[str]:
    """Labels of codes."""
    return [labels[c] for c in codes]
