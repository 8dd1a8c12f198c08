"""A shop's orders as sorted columns of whole numbers: what large analyses run on.

Frames carry text ids and times and are read and checked by `crmkit.analytics.selection`. A
`Ledger` holds the same valid orders once more as numpy columns, sorted by buyer and time, with
ids as codes, days as numbers and money in 分. `Ledger.select` applies the same rules as
`selection.paid_orders` (period, day of knowledge, channel, gross or net) and gives a `paid.Paid`; the
arithmetic on it stands in `crmkit.analytics.purchases` and serves frames and ledgers alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.paid import SECONDS, Flags, Ints, Paid, day_number, seconds, sums
from crmkit.analytics.selection import Scope, column, paid_orders, refund_lines
from crmkit.analytics.window import Window

NO_TIME = np.iinfo(np.int64).min  # what numpy keeps for "not a time"
RETURNED, REFUND_ONLY, EXCHANGED = 0, 1, 2
KINDS = {"退货": RETURNED, "仅退款": REFUND_ONLY, "换货": EXCHANGED}


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of orders: position of the order in the ledger, product code, pieces, amount in 分."""

    order: Ints
    sku: Ints
    qty: Ints
    cents: Ints

    def __len__(self) -> int:
        return len(self.order)


@dataclass(frozen=True, eq=False)
class Refunds:
    """Successful returns, refunds and exchanges of the ledger's orders.

    `line` is the position of the line it hangs on, `sku` its product (−1: none known), `at`
    seconds since 1970 (`NO_TIME`: not written down), `kind` one of `KINDS` or −1, `qty` the pieces (0: the whole line).
    """

    order: Ints
    sku: Ints
    line: Ints
    kind: Ints
    at: NDArray[np.int64]
    cents: Ints
    qty: Ints

    def __len__(self) -> int:
        return len(self.order)

    def known(self, day: int | None) -> Flags:
        """Those finished by the end of a day (numbered); all of them for None."""
        if day is None:
            return np.ones(len(self), dtype=np.bool_)
        return self.at < (day + 1) * SECONDS

    def during(self, window: Window) -> Flags:
        """Those finished in a period."""
        first, end = day_number(window.start), day_number(window.end)
        return (self.at >= first * SECONDS) & (self.at < end * SECONDS)


@dataclass(frozen=True, eq=False)
class Ledger:
    """Valid paid orders with their lines and refunds.

    Parameters
    ----------
    people, channels, skus
        How many customers, channels and products have a code.
    customer, paid, cents, channel
        One entry an order, sorted by customer and then by `paid` (seconds since 1970). A
        channel that is not known has the code −1.
    lines
        Sorted by order.
    """

    people: int
    channels: int
    skus: int
    customer: Ints
    paid: NDArray[np.int64]
    cents: Ints
    channel: Ints
    lines: Lines
    refunds: Refunds

    def __len__(self) -> int:
        return len(self.customer)

    @cached_property
    def day(self) -> NDArray[np.int32]:
        """Number of the day on which an order was paid."""
        return (self.paid // SECONDS).astype(np.int32)

    @cached_property
    def first_day(self) -> int | None:
        return int(self.day.min()) if len(self) else None

    @cached_property
    def last_day(self) -> int | None:
        return int(self.day.max()) if len(self) else None

    def select(
        self, window: Window | None = None, *, as_of: dt.date | None = None,
        channel: int | Collection[int] | None = None, net: bool = False,
    ) -> Paid:  # fmt: skip
        """The orders that count, by the rules of `selection.paid_orders`.

        Parameters
        ----------
        channel
            Code (codes) of the channels, None for all.
        net
            Subtract the refunds known by `as_of`; an order of which nothing is left is no longer
            counted.
        """
        first = None if window is None else day_number(window.start)
        end = None if window is None else day_number(window.end)
        known = None if as_of is None else day_number(as_of)
        if known is not None:
            end = known + 1 if end is None else min(end, known + 1)
        keep: Flags | None = None
        if first is not None and self.first_day is not None and first > self.first_day:
            keep = self.day >= first
        if end is not None and self.last_day is not None and end <= self.last_day:
            keep = self.day < end if keep is None else keep & (self.day < end)
        if channel is not None:
            wanted = np.isin(self.channel, [channel] if isinstance(channel, int) else [*channel])
            keep = wanted if keep is None else keep & wanted
        cents = self.cents
        if net:
            back = self.refunded(known)
            cents = cents - back
            left = (cents > 0) | (back == 0)
            keep = left if keep is None else keep & left
        if keep is None:
            return Paid(self.people, self.customer, self.day, cents, self.channel)
        rows = np.flatnonzero(keep)
        return Paid(self.people, self.customer[rows], self.day[rows], cents[rows],
                    self.channel[rows], rows)  # fmt: skip

    @cached_property
    def _refunded(self) -> dict[int | None, NDArray[np.int64]]:
        return {}

    def refunded(self, day: int | None) -> NDArray[np.int64]:
        """Refunds in 分 by order, known by the end of a day."""
        if day not in self._refunded:
            known = self.refunds.known(day)
            back = sums(self.refunds.order[known], self.refunds.cents[known], len(self))
            self._refunded.clear()  # one day is asked for again and again
            self._refunded[day] = back
        return self._refunded[day]

    def lines_of(self, paid: Paid, *, net: bool = False, as_of: dt.date | None = None) -> Lines:
        """Lines of the orders of `paid` (selected from this ledger).

        `net`: returned pieces (退货) do not count, and refunds of a line lower its amount.
        """
        lines = self.lines
        qty, cents = lines.qty, lines.cents
        if net:
            known = self.refunds.known(None if as_of is None else day_number(as_of))
            known &= self.refunds.line >= 0
            at = self.refunds.line[known]
            cents = cents - sums(at, self.refunds.cents[known], len(lines))
            known[known] = self.refunds.kind[known] == RETURNED
            at, pieces = self.refunds.line[known], self.refunds.qty[known]
            back = sums(at, np.where(pieces > 0, pieces, lines.qty[at]), len(lines))
            qty = np.maximum(qty - back, 0)
        if paid.rows is None:
            return Lines(lines.order, lines.sku, qty, cents)
        mine = self.of_orders(paid)[lines.order]
        return Lines(lines.order[mine], lines.sku[mine], qty[mine], cents[mine])

    def of_orders(self, paid: Paid) -> Flags:
        """Whether an order of the ledger is in `paid`."""
        flags = np.zeros(len(self), dtype=np.bool_)
        flags[slice(None) if paid.rows is None else paid.rows] = True
        return flags

    @classmethod
    def build(
        cls, *, people: int, channels: int, skus: int, customer: Ints, paid: NDArray[np.int64],
        cents: Ints, channel: Ints, lines: Lines, refunds: Refunds,
    ) -> Ledger:  # fmt: skip
        """Sort columns that come in any order; `order` of lines and refunds counts that order.

        `line` of the refunds is filled in here.
        """
        order = np.lexsort((paid, customer))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        at = place[lines.order]
        key = at * max(skus, 1) + lines.sku
        by_key = np.argsort(key, kind="stable")
        ordered = Lines(
            at[by_key].astype(np.int32), lines.sku[by_key].astype(np.int32),
            lines.qty[by_key], lines.cents[by_key],
        )  # fmt: skip
        back = place[refunds.order]
        found = _position(key[by_key], back * max(skus, 1) + refunds.sku)
        found[refunds.sku < 0] = -1
        return cls(
            people, channels, skus, customer[order].astype(np.int32), paid[order], cents[order],
            channel[order].astype(np.int32), ordered,
            Refunds(back, refunds.sku, found, refunds.kind, refunds.at, refunds.cents,
                    refunds.qty),
        )  # fmt: skip

    @classmethod
    def of_frames(
        cls, orders: pd.DataFrame, items: pd.DataFrame | None = None, *,
        customers: Any = None, channels: Any = None, skus: Any = None, **scope: Unpack[Scope],
    ) -> tuple[Ledger, dict[str, pd.Index]]:  # fmt: skip
        """A ledger of frames, and the ids behind its codes (客户, 渠道, 商品).

        Parameters
        ----------
        customers, channels, skus
            All ids in the order of their codes; default: those that occur, sorted.
        **scope
            See `selection.Scope`; `returns` is the table 退换货.
        """
        returns = scope.get("returns")
        base = Scope(**{k: v for k, v in scope.items() if k not in _CHOOSING})  # type: ignore[typeddict-item]
        paid = paid_orders(orders, None, **base)
        ids = {"客户": _ids(customers, paid["customer_id"])}
        n = len(paid)
        if "channel_id" in paid:
            ids["渠道"] = _ids(channels, paid["channel_id"].dropna())
            channel = ids["渠道"].get_indexer(paid["channel_id"])
        else:
            ids["渠道"], channel = pd.Index([]), np.full(n, -1)
        of_order = pd.Index(paid["order_id"]) if "order_id" in paid else pd.Index(np.arange(n))
        lines, known_skus = _lines(items, of_order, skus, base)
        refunds = _refunds(returns, of_order, known_skus, base)
        ids["商品"] = known_skus
        ledger = cls.build(
            people=len(ids["客户"]), channels=len(ids["渠道"]), skus=len(known_skus),
            customer=ids["客户"].get_indexer(paid["customer_id"]), paid=seconds(paid["paid_at"]),
            cents=paid["cents"].to_numpy(), channel=channel, lines=lines, refunds=refunds,
        )  # fmt: skip
        return ledger, ids


_CHOOSING = ("as_of", "channel", "refunds")
_NONE = np.empty(0, dtype=np.int64)


def _ids(given: Any, found: pd.Series) -> pd.Index:
    return pd.Index(sorted(found.unique())) if given is None else pd.Index(given)


def _lines(
    items: pd.DataFrame | None, orders: pd.Index, skus: Any, scope: Scope
) -> tuple[Lines, pd.Index]:
    if items is None:
        return Lines(_NONE, _NONE, _NONE, _NONE), pd.Index([]) if skus is None else pd.Index(skus)
    order_id, sku = column(scope, "order_id"), column(scope, "sku")
    qty, price = column(scope, "qty"), column(scope, "unit_price")
    needed: dict[str, str | None] = {
        "order_id": order_id, "sku": sku, "qty": qty, "unit_price": price
    }  # fmt: skip
    inputs.require(items, "订单明细表", needed)
    at = orders.get_indexer(items[order_id])
    mine = at >= 0
    sold = items.loc[mine]
    known = _ids(skus, inputs.ids(sold, "订单明细表", sku))
    pieces = inputs.numbers(sold, "订单明细表", qty).to_numpy().astype(np.int64)
    cents = inputs.cents(sold, "订单明细表", price).to_numpy() * pieces
    return Lines(at[mine], known.get_indexer(sold[sku]), pieces, cents), known


def _refunds(
    returns: pd.DataFrame | None, orders: pd.Index, skus: pd.Index, scope: Scope
) -> Refunds:
    if returns is None:
        return Refunds(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE)
    done = refund_lines(scope)
    at = orders.get_indexer(done["order_id"])
    mine = at >= 0
    done = done.loc[mine]
    kind = np.full(len(done), -1)
    if "kind" in done:
        kind = done["kind"].map(KINDS).fillna(-1).to_numpy().astype(np.int64)
    sku = skus.get_indexer(done["sku"]) if "sku" in done else np.full(len(done), -1)
    qty = np.zeros(len(done), dtype=np.int64)
    if "qty" in done:
        qty = inputs.numbers(done, "退换货表", "qty").to_numpy().astype(np.int64)
    return Refunds(
        at[mine], sku, _NONE, kind, seconds(done["refunded_at"]), done["cents"].to_numpy(), qty
    )


def _position(ascending: Ints, wanted: Ints) -> NDArray[np.int64]:
    """Where the wanted keys stand, −1 where they do not."""
    if not len(ascending):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return np.where(ascending[at] == wanted, at, -1)
