"""退货率 and 退款率 on columns: by lines or by amount, by the day of payment or of refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.analytics.indicator import Indicator
from crmkit.analytics.ledger import REFUND_ONLY, RETURNED, Ledger
from crmkit.analytics.paid import Ints, Paid, day_number, sums
from crmkit.analytics.window import Window

REFUND_MEASURES: Mapping[str, str] = {
    "amount": "退款金额 ÷ 支付金额",
    "orders": "有退款的订单 ÷ 订单",
    "lines": "退款的明细行 ÷ 明细行",
}
REFUND_BASES: Mapping[str, str] = {
    "paid": "按付款日归集：这批订单后来退了多少（近期的还没退完）",
    "refunded": "按退款日归集：这段时间退了多少 ÷ 这段时间卖了多少（可能超过 100%）",
}
RATES: Mapping[str, str] = {
    "return": "退货率：只算退了货的（退货）",
    "refund": "退款率：退货和仅退款都算",
}
KINDS_OF: Mapping[str, tuple[int, ...]] = {
    "return": (RETURNED,), "refund": (RETURNED, REFUND_ONLY),
}  # fmt: skip


@dataclass(frozen=True)
class Refunded:
    """What was sold and what came back, by group code: lines and amount (分)."""

    lines: NDArray[np.int64]
    cents: NDArray[np.int64]
    lines_back: NDArray[np.int64]
    cents_back: NDArray[np.int64]

    def by_lines(self, group: int | None = None) -> Indicator:
        """Count-based rate of one group, or of all."""
        return _ratio(self.lines_back, self.lines, group, 1)

    def by_amount(self, group: int | None = None) -> Indicator:
        """Amount-based rate (numerator and denominator in yuan)."""
        return _ratio(self.cents_back, self.cents, group, 100)


def refunded(
    ledger: Ledger, sold: Paid, group: Ints, size: int, *, window: Window | None = None,
    basis: str = "paid", rate: str = "return", day: int | None = None,
    among: Paid | None = None,
) -> Refunded:  # fmt: skip
    """Sales of `sold` (gross orders of the period) and what came back of them, by group.

    Parameters
    ----------
    group
        Group code of **every** order of the ledger.
    basis
        ``"paid"``: refunds of the orders `sold`; ``"refunded"``: refunds that finished in
        `window`, of the orders `among` (default: of any order of the ledger).
    day
        Refunds known by the end of this day.
    """
    back = ledger.refunds
    keep = back.known(day) & np.isin(back.kind, KINDS_OF[rate])
    if basis == "paid" or window is None:
        keep &= ledger.of_orders(sold)[back.order]
    else:
        keep &= back.during(window)
        if among is not None:
            keep &= ledger.of_orders(among)[back.order]
    order = back.order[keep]
    # A line that was refunded twice (part by part) is one line.
    key = np.unique(order * (ledger.skus + 1) + back.sku[keep] + 1)
    mine = group if sold.rows is None else group[sold.rows]
    if sold.rows is None:
        of_lines = group[ledger.lines.order]
    else:
        of_lines = group[ledger.lines.order[ledger.of_orders(sold)[ledger.lines.order]]]
    return Refunded(
        np.bincount(of_lines, minlength=size),
        sums(mine, sold.cents, size),
        np.bincount(group[key // (ledger.skus + 1)], minlength=size),
        sums(group[order], back.cents[keep], size),
    )


def is_mature(window: Window, day: int, wait: int) -> bool:
    """Whether refunds of orders paid in `window` have had `wait` days by day number `day`."""
    return day_number(window.last_day) + wait <= day


def _ratio(
    top: NDArray[np.int64], bottom: NDArray[np.int64], group: int | None, unit: int
) -> Indicator:
    if group is None:
        above, below = int(top.sum()), int(bottom.sum())
    else:
        above, below = int(top[group]), int(bottom[group])
    return Indicator.ratio(above / unit if unit > 1 else above, below / unit if unit > 1 else below)
