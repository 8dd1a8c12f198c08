"""Orders that count as sorted columns of whole numbers, from a frame or from a `Ledger`."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics.window import Window

Ints = NDArray[np.int64] | NDArray[np.int32]
Flags = NDArray[np.bool_]
SECONDS = 86_400  # of a day
_EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(number: int) -> dt.date:
    """The inverse of `day_number`."""
    return _EPOCH + dt.timedelta(days=int(number))


def seconds(times: pd.Series) -> NDArray[np.int64]:
    """Seconds since 1970; a missing time is the smallest number there is."""
    return times.to_numpy().astype("datetime64[s]").astype(np.int64)


def sums(codes: Ints, values: Ints, size: int) -> NDArray[np.int64]:
    """Sum of whole numbers by code, exact up to 2^53 (90 million million yuan)."""
    return np.bincount(codes, weights=values, minlength=size).astype(np.int64)


class Paid:
    """Orders that count, sorted by buyer and then by time.

    Parameters
    ----------
    people
        Number of customer codes; the codes are 0 … people − 1.
    customer, day, cents, channel
        One entry an order. `cents` is what the refund policy leaves.
    rows
        Positions of the orders in their ledger; None: all of it.
    """

    def __init__(
        self, people: int, customer: Ints, day: Ints, cents: Ints, channel: Ints,
        rows: Ints | None = None,
    ) -> None:  # fmt: skip
        self.people = people
        self.customer = customer
        self.day = day
        self.cents = cents
        self.channel = channel
        self.rows = rows

    def __len__(self) -> int:
        return len(self.customer)

    @classmethod
    def of(cls, frame: pd.DataFrame, ids: pd.Index | None = None) -> Paid:
        """From what `selection.paid_orders` returns.

        `ids`: the customers in the order of their codes; default: those of the frame.
        """
        if ids is None:
            codes, names = pd.factorize(frame["customer_id"])
            people = len(names)
        else:
            codes, people = ids.get_indexer(frame["customer_id"]), len(ids)
        days = seconds(frame["paid_at"]) // SECONDS
        order = np.lexsort((days, codes))
        nowhere = np.zeros(len(frame), dtype=np.int64)
        cents = frame["cents"].to_numpy()
        return cls(people, codes[order], days[order], cents[order], nowhere)

    def take(self, which: Flags | Ints) -> Paid:
        """Some of the orders; `which` must keep their order."""
        at: Ints = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.int64)
        rows = at if self.rows is None else self.rows[at]
        return Paid(self.people, self.customer[at], self.day[at], self.cents[at],
                    self.channel[at], rows)  # fmt: skip

    def between(self, window: Window) -> Paid:
        """The orders of a period."""
        first, end = day_number(window.start), day_number(window.end)
        return self.take(np.flatnonzero((self.day >= first) & (self.day < end)))

    def of_channel(self, channel: int) -> Paid:
        """The orders of one channel."""
        return self.take(np.flatnonzero(self.channel == channel))

    @cached_property
    def orders_of(self) -> NDArray[np.int64]:
        """Number of orders by customer code."""
        return np.bincount(self.customer, minlength=self.people)

    @cached_property
    def cents_of(self) -> NDArray[np.int64]:
        """Amount in 分 by customer code."""
        return sums(self.customer, self.cents, self.people)

    @cached_property
    def bought(self) -> Flags:
        """Whether a customer has an order, by customer code."""
        return self.orders_of > 0

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Position of the first order of every buyer, in the order of their codes."""
        if not len(self):
            return np.empty(0, dtype=np.int64)
        ends = np.cumsum(self.orders_of[self.bought])
        return np.concatenate(([0], ends[:-1]))

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Position of the last order of every buyer."""
        return np.cumsum(self.orders_of[self.bought]) - 1

    @cached_property
    def who(self) -> NDArray[np.int64]:
        """Customer codes of the buyers, ascending."""
        return np.flatnonzero(self.bought)

    @property
    def amount(self) -> int:
        """Sum in 分."""
        return int(self.cents.sum())

    @property
    def yuan(self) -> float:
        """Sum in yuan."""
        return self.amount / 100

    @cached_property
    def buyers(self) -> int:
        """Number of different customers."""
        return int(np.count_nonzero(self.bought))
