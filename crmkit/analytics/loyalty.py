"""Loyalty: the 2×2 grid, the satisfaction trap, satisfaction–loyalty curves, switching costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import Scope, purchase_summary
from crmkit.analytics.window import Window
from crmkit.settings import settings

# (attachment high, repeat purchase high) → type. The course documents keep three cells; the
# fourth, high attachment with few purchases, is inferred.
LOYALTY_TYPES: Mapping[tuple[bool, bool], str] = {
    (False, False): "价格忠诚",
    (False, True): "激励忠诚",
    (True, True): "超值忠诚",
    (True, False): "潜在忠诚",
}
# Illustrative exponents after Jones & Sasser (1995): how loyalty follows satisfaction.
MARKETS: Mapping[str, float] = {
    "垄断": 0.15,
    "转移成本高": 0.5,
    "一般": 1.0,
    "竞争较强": 2.5,
    "高度竞争": 5.0,
}
SWITCHING_FACTORS = (
    "客户剩余",
    "心理依附",
    "沉没成本",
    "交易成本",
    "转移成本",
    "机会成本",
    "终止壁垒",
)


def loyalty_type(attachment: float, orders: float) -> str:
    """Type by attachment × repeat purchase; **at or above** the threshold is high.

    Thresholds (course choices): settings ``satisfaction.loyal_attachment`` (3.5 on 1–5) and
    ``satisfaction.loyal_orders`` (2 orders in the year).

    >>> loyalty_type(4.2, 5), loyalty_type(2, 5), loyalty_type(2, 1), loyalty_type(4.2, 1)
    ('超值忠诚', '激励忠诚', '价格忠诚', '潜在忠诚')
    """
    rule = settings()["satisfaction"]
    attached = inputs.number(attachment, "attachment") >= rule["loyal_attachment"]
    repeats = inputs.number(orders, "orders", low=0) >= rule["loyal_orders"]
    return LOYALTY_TYPES[attached, repeats]


def loyalty_types(
    customers: pd.DataFrame, *, attachment: str = "依恋", orders: str = "订单数"
) -> pd.Series:
    """`loyalty_type` of every row."""
    inputs.require(customers, "客户表", {"attachment": attachment, "orders": orders})
    attached = inputs.numbers(customers, "客户表", attachment)
    count = inputs.numbers(customers, "客户表", orders)
    types = [loyalty_type(a, n) for a, n in zip(attached, count, strict=True)]
    return pd.Series(types, index=customers.index, dtype="object", name="忠诚类型")


def satisfaction_trap(
    survey: pd.DataFrame,
    orders: pd.DataFrame,
    window: Window | None = None,
    *,
    score: str = "体验",
    customer: str = "客户编号",
    satisfied: float | None = None,
    **scope: Unpack[Scope],
) -> list[str]:
    """满意陷阱: ids of satisfied buyers who did not come back, sorted.

    Satisfied: mean score of at least `satisfied` (default settings: 4). Did not come back:
    exactly one valid order (in the window). Respondents who never bought are no buyers and are
    left out.

    Parameters
    ----------
    survey
        One or more scored rows per customer; blank scores are left out.
    """
    inputs.require(survey, "问卷表", {"customer": customer, "score": score})
    limit = settings()["satisfaction"]["satisfied"] if satisfied is None else satisfied
    values = inputs.numbers(survey, "问卷表", score, blank=True)
    means = values.groupby(inputs.ids(survey, "问卷表", customer).to_numpy()).mean()
    pleased = means[means >= limit].index
    bought = purchase_summary(orders, window, **scope)
    once = bought.loc[bought["订单数"] == 1, "客户编号"]
    return sorted(once[once.isin(pleased)].tolist())


def satisfaction_loyalty_curve(market: str, points: int = 41) -> pd.DataFrame:
    """Satisfaction (1–5) against loyalty (0–1) in one of the `MARKETS`: 满意度, 忠诚度.

    **Illustrative**: loyalty = ((s − 1)/4)^k. It has the shapes of Jones & Sasser (1995), not
    their data: in a monopoly even the unhappy stay, under hard competition only 5 is enough.

    >>> curve = satisfaction_loyalty_curve("高度竞争", points=5)
    >>> curve["忠诚度"].round(2).tolist()
    [0.0, 0.0, 0.03, 0.24, 1.0]
    """
    inputs.choice(market, "market", MARKETS)
    s = np.linspace(1, 5, inputs.whole(points, "points", low=2))
    return pd.DataFrame({"满意度": s, "忠诚度": ((s - 1) / 4) ** MARKETS[market]})


def switching_cost(factors: Mapping[str, float]) -> float:
    """Sum of the seven factors that hold a customer (`SWITCHING_FACTORS`), each ≥ 0.

    A missing factor counts 0; the unit is the caller's (yuan, or points of one scale).
    """
    unknown = [name for name in factors if name not in SWITCHING_FACTORS]
    if unknown:
        raise AnalyticsError(
            f"不认识的因素：{'、'.join(unknown)}；七个因素是：{'、'.join(SWITCHING_FACTORS)}。"
        )
    return math.fsum(inputs.number(v, k, low=0) for k, v in factors.items())


def stays(factors: Mapping[str, float], gain_elsewhere: Any) -> bool:
    """Whether the customer stays: switching cost at least as high as the gain of leaving."""
    return switching_cost(factors) >= inputs.number(gain_elsewhere, "gain_elsewhere")
