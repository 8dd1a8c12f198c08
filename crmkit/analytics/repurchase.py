"""复购 in all its named variants: the same word stands for different shares.

A report that says "复购率 30 %" says little without the variant, the period and whether customers
who came too late to buy again are among the base. `VARIANTS` names them; `rates` shows them
beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from crmkit.analytics import indicators, inputs, purchases
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Paid, day_number
from crmkit.analytics.selection import Scope, Selection, paid_orders
from crmkit.analytics.window import Window
from crmkit.settings import settings

VARIANTS: Mapping[str, str] = {
    "people": "复购率（按人）：本期下单 2 次及以上的买家 ÷ 本期买家",
    "days": "复购率（按人，同日去重）：本期在 2 个及以上不同日子购买的买家 ÷ 本期买家",
    "orders": "复购率（按单）：本期重复购买的订单（n 单买家算 n − 1 单）÷ 本期订单",
    "ever": "老客复购：本期买家里本期之前买过的 ÷ 本期买家",
    "new": "新客复购率：本期新客里本期下单 2 次及以上的 ÷ 本期新客",
    "next": "回购率：上期买家里本期又买的 ÷ 上期买家",
    "within": "N 天内复购率：首单后 N 天内有第二单的 ÷ 首单满 N 天的买家",
}


def repeat_within(
    orders: pd.DataFrame, as_of: Any, days: int | None = None, window: Window | None = None, *,
    mature: bool = True, **scope: Unpack[Selection],
) -> Indicator:  # fmt: skip
    """N 天内复购率 of the buyers whose first order fell in `window`.

    Parameters
    ----------
    days
        N; default settings ``repurchase.within_days`` (90). The N-th day itself counts.
    window
        Period of the first order; default: all up to `as_of`.
    mature
        Leave out buyers whose N days are not over on `as_of`. False counts them as not having
        come again, and the rate of the newest customers looks too low.
    """
    n = inputs.whole(settings()["repurchase"]["within_days"] if days is None else days, "days")
    last = day_number(inputs.as_day(as_of))
    history = Paid.of(paid_orders(orders, as_of=as_of, **scope))
    first = history.day[history.starts]
    asked = first + n <= last if mature else np.ones(len(first), dtype=np.bool_)
    if window is not None:
        asked &= (first >= day_number(window.start)) & (first < day_number(window.end))
    who = np.zeros(history.people, dtype=np.bool_)
    who[history.who[asked]] = True
    return purchases.repeat_within(history, who, n)


def bought_before(orders: pd.DataFrame, window: Window, **scope: Unpack[Scope]) -> Indicator:
    """Buyers of the period with an order before it ÷ buyers of the period."""
    return indicators.old_share(orders, window, **scope)


def rates(
    orders: pd.DataFrame, window: Window, as_of: Any, *, days: int | None = None,
    **scope: Unpack[Selection],
) -> pd.DataFrame:  # fmt: skip
    """All `VARIANTS` for one period: 口径, 说明, 分子, 分母, 值 (blank when the base is empty)."""
    known: Scope = {**scope, "as_of": as_of}
    found = {
        **{
            name: indicators.repeat_rate(orders, window, variant=name, **known)
            for name in ("people", "days", "orders")
        },
        "ever": bought_before(orders, window, **known),
        "new": indicators.new_repeat_rate(orders, window, **known),
        "next": indicators.repurchase_rate(orders, window, **known),
        "within": repeat_within(orders, as_of, days, window, **scope),
    }
    rows = [
        (name, VARIANTS[name], rate.numerator, rate.denominator, rate.value)
        for name, rate in found.items()
    ]
    table = pd.DataFrame(rows, columns=["口径", "说明", "分子", "分母", "值"])
    return table.astype({"分子": "int64", "分母": "int64", "值": "float64"})
