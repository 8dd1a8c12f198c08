"""Member cards: every customer with what they bought, ready to be searched, sorted and paged.

Built from the store once per change of it. Searching works on arrays of whole columns, so that
half a million customers answer as fast as five thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit import schema
from crmkit.crm.frames import labelled
from crmkit.crm.paging import Page, bounds
from crmkit.crm.sorting import Sort, ordered, page_of
from crmkit.crm.storage import tables

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from crmkit.crm.store import Store

# What the card counts, in words for the screen.
MEANING = (
    "累计订单数、累计金额：付过款、没有作废的订单（有效订单），金额含运费、不减退款；"
    "关闭笔数、关闭金额：未付款关闭和退款关闭的订单"
)
FIGURES = (
    "累计订单数", "累计金额", "购买件数", "平均客单价", "首次购买", "最近购买", "关闭笔数", "关闭金额",
)  # fmt: skip
_VALID = ", ".join(f"'{s}'" for s in schema.VALID_ORDER_STATUS)
_CLOSED = "'TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO'"
_ORDERS = f"""
SELECT customer_id,
       SUM(CASE WHEN status IN ({_VALID}) AND paid_at IS NOT NULL THEN 1 ELSE 0 END) AS orders,
       SUM(CASE WHEN status IN ({_VALID}) AND paid_at IS NOT NULL THEN amount ELSE 0 END) AS amount,
       MIN(CASE WHEN status IN ({_VALID}) THEN paid_at END) AS first,
       MAX(CASE WHEN status IN ({_VALID}) THEN paid_at END) AS last,
       SUM(CASE WHEN status IN ({_CLOSED}) THEN 1 ELSE 0 END) AS closed,
       SUM(CASE WHEN status IN ({_CLOSED}) THEN amount ELSE 0 END) AS closed_amount
FROM orders GROUP BY customer_id"""
_ITEMS = f"""
SELECT o.customer_id, SUM(i.qty) AS items FROM order_items i
JOIN orders o ON o.order_id = i.order_id
WHERE o.status IN ({_VALID}) AND o.paid_at IS NOT NULL GROUP BY o.customer_id"""


class Cards:
    """All member cards of one state of the shop; rows in the order of 客户编号."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._texts: dict[str, Text] = {}
        self._codes: dict[str, tuple[dict[str, int], np.ndarray]] = {}
        self._ranks: dict[tuple[str, bool], np.ndarray] = {}

    @classmethod
    def of(cls, store: Store, connection: Connection) -> Cards:
        import sqlalchemy as sa

        people = store.frame(tables.metadata.tables["customers"], connection)
        people = people.sort_values("customer_id", ignore_index=True)
        sums = store.frame(sa.text(_ORDERS), connection).set_index("customer_id")
        items = store.frame(sa.text(_ITEMS), connection).set_index("customer_id")["items"]
        frame = labelled(people, "customers")
        found = sums.reindex(people["customer_id"]).reset_index(drop=True)
        count = found["orders"].fillna(0).astype("int64")
        amount = found["amount"].fillna(0).astype("int64")
        frame["累计订单数"] = count
        frame["累计金额"] = amount / 100
        frame["购买件数"] = (
            items.reindex(people["customer_id"]).fillna(0).astype("int64").to_numpy()
        )
        frame["平均客单价"] = (amount / count.where(count > 0) / 100).round(2)
        for label, name in (("首次购买", "first"), ("最近购买", "last")):
            frame[label] = pd.to_datetime(found[name], format="%Y-%m-%d %H:%M:%S")
        frame["关闭笔数"] = found["closed"].fillna(0).astype("int64")
        frame["关闭金额"] = found["closed_amount"].fillna(0) / 100
        return cls(frame.copy())  # columns added one by one lie apart; a copy puts them together

    def __len__(self) -> int:
        return len(self.frame)

    def page(self, chosen: np.ndarray, page: int, size: int, sort: Sort) -> Page:
        """The page of the chosen rows in the order wanted (see `sorting.page_of`).

        By one column it needs no sorting: the place of every row in that order is kept.
        """
        if len(sort) != 1 or sort[0][0] not in self.frame.columns:
            return page_of(self.frame, chosen, page, size, sort)
        first, count = bounds(page, size)
        if sort[0] not in self._ranks:
            order = ordered(self.frame, np.arange(len(self)), sort)
            self._ranks[sort[0]] = ranks = np.empty(len(self), dtype="int32")
            ranks[order] = np.arange(len(self), dtype="int32")
        ranks = self._ranks[sort[0]][chosen]
        last = min(first + count, len(chosen))
        best = np.arange(len(chosen))
        if last < len(chosen):
            best = np.argpartition(ranks, last)[:last]
        rows = chosen[best[np.argsort(ranks[best])]][first:last]
        shown = self.frame.take(rows)
        shown.index = pd.RangeIndex(len(shown))
        return Page(shown, len(chosen), page, size)

    @cached_property
    def place(self) -> dict[str, int]:
        """Row number of every 客户编号."""
        return {key: n for n, key in enumerate(self.frame["客户编号"].tolist())}

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """Row numbers of the ids that exist, ascending."""
        return np.array(sorted(self.place[i] for i in ids if i in self.place), dtype="int64")

    def containing(self, label: str, part: str) -> np.ndarray:
        """Mask: the text of a column contains `part`, small or capital letters alike."""
        return self._text(label).containing(part)

    def ending(self, label: str, tail: str) -> np.ndarray:
        """Mask: the text of a column ends with `tail`, small or capital letters alike."""
        return self._text(label).ending(tail)

    def _text(self, label: str) -> Text:
        if label not in self._texts:
            self._texts[label] = Text(self.frame[label].fillna("").tolist())
        return self._texts[label]

    def equal(self, label: str, value: str) -> np.ndarray:
        """Mask: the text of a column is `value`."""
        if label not in self._codes:
            codes, names = pd.factorize(self.frame[label])
            self._codes[label] = ({str(n): k for k, n in enumerate(names)}, codes)
        numbers, codes = self._codes[label]
        return codes == numbers.get(value, -2)

    def between(self, label: str, low: Any, high: Any) -> np.ndarray:
        """Mask: low ≤ value ≤ high; None leaves that side open. Blank values are outside."""
        values = self.frame[label].to_numpy()
        mask = np.ones(len(self), dtype=bool)
        if low is not None:
            mask &= values >= low
        if high is not None:
            mask &= values <= high
        return mask


class Text:
    """A column of short texts as one long one: searching it is a single pass in C."""

    def __init__(self, values: list[str]) -> None:
        lines = [v.replace("\n", " ").casefold() for v in values]
        self._all = "\n".join([*lines, ""])
        self._ends = np.cumsum(np.fromiter((len(v) + 1 for v in lines), "int64", len(lines)))

    def containing(self, part: str) -> np.ndarray:
        """Mask: which texts contain `part`."""
        if not part:
            return np.ones(len(self._ends), dtype=bool)
        return self._rows(part.casefold()) if "\n" not in part else self._none()

    def ending(self, tail: str) -> np.ndarray:
        """Mask: which texts end with `tail`."""
        return self._rows(tail.casefold() + "\n") if "\n" not in tail else self._none()

    def _rows(self, wanted: str) -> np.ndarray:
        # Finds of one text may overlap and be missed; the first one of every text never is.
        found = [m.start() for m in re.finditer(re.escape(wanted), self._all)]
        mask = self._none()
        mask[np.searchsorted(self._ends, np.array(found, dtype="int64"), side="right")] = True
        return mask

    def _none(self) -> np.ndarray:
        return np.zeros(len(self._ends), dtype=bool)
