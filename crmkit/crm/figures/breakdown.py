"""Counts by group as the tables of the CRM show them: Chinese headers, yuan, shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Ints, Paid, sums
from crmkit.analytics.purchases import Groups, by_group, month_codes
from crmkit.analytics.window import Window
from crmkit.crm.figures.scope import Scope

COUNTS = ("买家数", "订单数", "支付金额", "金额占比", "客单价")


def divide(top: Any, bottom: Any) -> NDArray[np.float64]:
    """top ÷ bottom, NaN where there is nothing to divide by."""
    above, below = np.broadcast_arrays(
        np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    )
    out = np.full(above.shape, np.nan)
    np.divide(above, below, out=out, where=below != 0)
    return out


def value(indicator: Indicator) -> float:
    """For a cell: NaN for no value."""
    return np.nan if indicator.value is None else float(indicator.value)


def counted(labels: dict[str, Sequence[Any]], groups: Groups) -> pd.DataFrame:
    """The columns of `labels`, then `COUNTS`."""
    table = pd.DataFrame(labels)
    table["买家数"], table["订单数"] = groups.buyers, groups.orders
    table["支付金额"] = groups.cents / 100
    table["金额占比"] = divide(groups.cents, groups.cents.sum())
    table["客单价"] = divide(groups.cents / 100, groups.buyers)
    return table


def largest_first(table: pd.DataFrame, label: str, by: str = "支付金额") -> pd.DataFrame:
    return table.sort_values([by, label], ascending=[False, True], ignore_index=True)


class Factors:
    """支付金额 = 买家数 × 人均订单数 × 连带率 × 件单价, by group code."""

    def __init__(self, scope: Scope, paid: Paid, group: Ints, size: int) -> None:
        self.groups = by_group(paid, group, size)
        self.pieces = pieces_by_group(scope, paid, group, size)

    def frame(self, labels: dict[str, Sequence[Any]]) -> pd.DataFrame:
        """支付金额, 买家数, 订单数, 件数 and the four prices and factors, one row a group."""
        g, table = self.groups, pd.DataFrame(labels)
        yuan = g.cents / 100
        table["支付金额"], table["买家数"], table["订单数"] = yuan, g.buyers, g.orders
        table["件数"] = self.pieces
        table["客单价"], table["笔单价"] = divide(yuan, g.buyers), divide(yuan, g.orders)
        table["件单价"] = divide(yuan, self.pieces)
        table["人均订单数"] = divide(g.orders, g.buyers)
        table["连带率"] = divide(self.pieces, g.orders)
        return table

    def figures(self) -> dict[str, Indicator]:
        """The same for a single group (size 1)."""
        g = self.groups
        yuan, buyers, orders = int(g.cents[0]) / 100, int(g.buyers[0]), int(g.orders[0])
        pieces = int(self.pieces[0])
        return {
            "支付金额": Indicator.total(yuan),
            "买家数": Indicator.total(buyers),
            "订单数": Indicator.total(orders),
            "件数": Indicator.total(pieces),
            "客单价": Indicator.ratio(yuan, buyers),
            "笔单价": Indicator.ratio(yuan, orders),
            "件单价": Indicator.ratio(yuan, pieces),
            "人均订单数": Indicator.ratio(orders, buyers),
            "连带率": Indicator.ratio(pieces, orders),
        }


def pieces_by_group(scope: Scope, paid: Paid, group: Ints, size: int) -> NDArray[np.int64]:
    """Pieces of the orders; with net figures without those that came back."""
    ledger = scope.facts.ledger
    lines = ledger.lines_of(paid, net=scope.net, as_of=scope.as_of)
    if size == 1:
        return np.array([lines.qty.sum()], dtype=np.int64)
    of_order = np.zeros(len(ledger), dtype=np.int64)
    of_order[slice(None) if paid.rows is None else paid.rows] = group
    return sums(of_order[lines.order], lines.qty, size)


def in_months(paid: Paid, months: Sequence[Window]) -> NDArray[np.int64]:
    """Position of each order's month in `months` (neighbouring, oldest first); −1: none of them."""
    codes = month_codes(paid.day, months[0].start, len(months))
    codes[codes == len(months)] = -1
    return codes
