"""Shop indicators that dashboards, reports, labs and judges share.

Every function takes ``(orders, window, **scope)``; the keywords of `scope` (as_of, channel,
refunds, returns, valid, column names) are listed once, in `crmkit.analytics.selection.Scope`.
Every function returns an `Indicator`: value, numerator, denominator. A ratio whose denominator
is zero has no value (None), not 0 %: nobody bought is not the same as nobody came back.
Money is yuan. Formulas follow 生意参谋 and the ISV manual; where the field has two definitions
both are here, by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any, Unpack

import pandas as pd

from crmkit.analytics import inputs, purchases
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicator import Comparison, Indicator, change, tidy
from crmkit.analytics.paid import Flags, Paid, day_number
from crmkit.analytics.purchases import NEW_DEFINITIONS, REPEAT_VARIANTS, Split
from crmkit.analytics.refunds import REFUND_BASES, REFUND_MEASURES
from crmkit.analytics.selection import (
    COLUMNS,
    Scope,
    column,
    paid_orders,
    refund_lines,
)
from crmkit.analytics.window import Window
from crmkit.settings import settings

__all__ = [
    "NEW_DEFINITIONS",
    "REFUND_BASES",
    "REFUND_MEASURES",
    "REPEAT_VARIANTS",
    "Comparison",
    "Indicator",
    "change",
]


def sales(orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]) -> Indicator:
    """支付金额 (yuan): paid in the period, postage included, refunds by policy.

    Examples
    --------
    >>> shop = pd.DataFrame({
    ...     "客户编号": ["C1", "C1", "C2"], "付款时间": ["2025-12-01", "2025-12-03", None],
    ...     "实付金额": [120.0, 80.0, 50.0], "订单状态": ["交易成功", "退款关闭", "等待付款"]})
    >>> sales(shop).value, spend_per_buyer(shop).value, repeat_rate(shop)
    (200.0, 200.0, Indicator(value=1.0, numerator=1, denominator=1))
    """
    return Indicator.total(_yuan(paid_orders(orders, window, **scope)))


def order_count(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> Indicator:
    """支付订单数."""
    return Indicator.total(len(paid_orders(orders, window, **scope)))


def buyers(orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]) -> Indicator:
    """支付买家数: distinct customers inside the scope."""
    return Indicator.total(_people(paid_orders(orders, window, **scope)))


def spend_per_buyer(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> Indicator:
    """客单价 = 支付金额 ÷ 支付买家数 (distinct). Not to be confused with 笔单价."""
    paid = paid_orders(orders, window, **scope)
    return Indicator.ratio(_yuan(paid), _people(paid))


def spend_per_order(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> Indicator:
    """笔单价 = 支付金额 ÷ 订单数 (some manuals call this 客单价)."""
    paid = paid_orders(orders, window, **scope)
    return Indicator.ratio(_yuan(paid), len(paid))


def orders_per_buyer(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> Indicator:
    """平均购买次数 = 订单数 ÷ 买家数."""
    paid = paid_orders(orders, window, **scope)
    return Indicator.ratio(len(paid), _people(paid))


def repeat_rate(
    orders: pd.DataFrame,
    window: Window | None = None,
    *,
    variant: str = "people",
    **scope: Unpack[Scope],
) -> Indicator:
    """复购率 inside one period, in one of the three `REPEAT_VARIANTS`.

    Parameters
    ----------
    variant
        ``"people"`` (the usual one), ``"days"`` or ``"orders"``.

    Notes
    -----
    100 orders, 20 people bought twice, 10 of them a third time: the variant by orders gives
    (20 + 10) ÷ 100 = 30 %.
    """
    return purchases.repeat_rate(Paid.of(paid_orders(orders, window, **scope)), variant)


def repurchase_rate(
    orders: pd.DataFrame,
    window: Window,
    *,
    base: Window | None = None,
    **scope: Unpack[Scope],
) -> Indicator:
    """回购率 of two periods = buyers of `base` who bought again in `window` ÷ buyers of `base`.

    Parameters
    ----------
    window
        The later period.
    base
        The earlier period, default the one just before (``window.previous()``).
    """
    first = paid_orders(orders, base or window.previous(), **scope)
    again = paid_orders(orders, window, **scope)
    ids = _people_of(first, again)
    return purchases.repurchase_rate(Paid.of(first, ids), Paid.of(again, ids))


def new_share(
    orders: pd.DataFrame,
    window: Window,
    *,
    of: str = "buyers",
    definition: str = "first_ever",
    new_to: str = "shop",
    **scope: Unpack[Scope],
) -> Indicator:
    """新客占比: share of new buyers among the buyers (or of their spending in the sales).

    Parameters
    ----------
    of
        ``"buyers"`` for people, ``"sales"`` for amount. A new buyer's second order inside the
        period still counts on the new side.
    definition
        One of `NEW_DEFINITIONS`.
    new_to
        With a channel: ``"shop"`` looks for earlier purchases in all of `orders`,
        ``"channel"`` only in the channel.
    """
    inputs.choice(of, "of", ("buyers", "sales"))
    found = _split(orders, window, definition, new_to, scope)
    if of == "sales":
        return Indicator.ratio(found.new_cents / 100, found.cents / 100)
    return Indicator.ratio(found.new_buyers, found.buyers)


def old_share(
    orders: pd.DataFrame,
    window: Window,
    *,
    of: str = "buyers",
    definition: str = "first_ever",
    new_to: str = "shop",
    **scope: Unpack[Scope],
) -> Indicator:
    """老客占比 = 1 − 新客占比, with its own numerator; parameters as in `new_share`."""
    new = new_share(orders, window, of=of, definition=definition, new_to=new_to, **scope)
    total = new.denominator or 0
    return Indicator.ratio(tidy(total - new.numerator), total)


def new_repeat_rate(
    orders: pd.DataFrame,
    window: Window,
    *,
    definition: str = "first_ever",
    new_to: str = "shop",
    **scope: Unpack[Scope],
) -> Indicator:
    """新客复购率 = new buyers with at least 2 orders inside the period ÷ new buyers."""
    found = _split(orders, window, definition, new_to, scope)
    return Indicator.ratio(found.new_repeaters, found.new_buyers)


def refund_rate(
    orders: pd.DataFrame,
    window: Window | None = None,
    *,
    measure: str = "amount",
    basis: str = "paid",
    kinds: Collection[str] | None = ("退货", "仅退款"),
    items: pd.DataFrame | None = None,
    **scope: Unpack[Scope],
) -> Indicator:
    """退款率: always four figures, `measure` × `basis`; 退货率 with ``kinds=("退货",)``.

    Parameters
    ----------
    measure
        One of `REFUND_MEASURES`; ``"lines"`` (the platform's own count) needs `items`.
    basis
        One of `REFUND_BASES`. ``"paid"``: recent orders are immature, see `is_mature`.
    kinds
        Kinds that count, None for all. 换货 is no refund and is left out by default.
    items
        The table 订单明细, for ``measure="lines"``.
    **scope
        Needs `returns`. The base is always the gross sale.

    Notes
    -----
    Only successful refunds count. Refunds of orders that are not valid orders of the scope
    (unknown order id, other channel) are left out.
    """
    inputs.choice(measure, "measure", REFUND_MEASURES)
    inputs.choice(basis, "basis", REFUND_BASES)
    scope["refunds"] = "gross"
    inputs.require(orders, "订单表", {"order_id": column(scope, "order_id")})
    sold = paid_orders(orders, window, **scope)
    refunds = refund_lines(scope)
    if kinds is not None:
        if "kind" not in refunds:
            raise AnalyticsError(
                f"退换货表没有列「{scope.get('refund_kind', COLUMNS['refund_kind'])}」，"
                "分不出退货、换货、仅退款。用参数 refund_kind= 指明列名，或用 kinds=None 全部计入。"
            )
        refunds = refunds[refunds["kind"].isin(set(kinds))]
    if basis == "paid" or window is None:
        refunds = refunds[refunds["order_id"].isin(sold["order_id"])]
    else:
        ever = paid_orders(orders, None, **scope)["order_id"]
        refunds = refunds[refunds["order_id"].isin(ever) & window.contains(refunds["refunded_at"])]
    if measure == "amount":
        return Indicator.ratio(_yuan(refunds), _yuan(sold))
    if measure == "orders":
        return Indicator.ratio(refunds["order_id"].nunique(), len(sold))
    order_id, sku = column(scope, "order_id"), column(scope, "sku")
    if items is None:
        raise AnalyticsError('按明细行计算退款率要给订单明细表：items=…；或用 measure="orders"。')
    inputs.require(items, "订单明细表", {"order_id": order_id, "sku": sku})
    inputs.require(refunds, "退换货表", {"sku": "sku"})
    lines = int(items[order_id].isin(sold["order_id"]).sum())
    return Indicator.ratio(len(refunds.drop_duplicates(["order_id", "sku"])), lines)


def is_mature(window: Window, as_of: Any) -> bool:
    """Whether the refunds of orders paid in `window` have had their time by `as_of`.

    The time is auto-confirm + after-sale days of the settings (simulated platform rules).
    Screens grey what is not mature.
    """
    rule = settings()["orders"]
    wait = dt.timedelta(days=rule["auto_confirm_days"] + rule["aftersale_days"])
    return window.last_day + wait <= inputs.as_day(as_of)


def compare(
    measure: Callable[..., Indicator],
    orders: pd.DataFrame,
    window: Window,
    *,
    before: Window | None = None,
    **options: Any,
) -> Comparison:
    """`measure` in `window` and in the period before, with the 环比.

    Parameters
    ----------
    measure
        Any indicator of this module, e.g. `sales`.
    before
        The period to compare with, default ``window.previous()``; ``window.year_before()``
        gives 同比.
    **options
        Passed on to `measure`.
    """
    now = measure(orders, window, **options)
    then = measure(orders, before or window.previous(), **options)
    return Comparison(now, then, change(now, then))


def _split(
    orders: pd.DataFrame, window: Window, definition: str, new_to: str, scope: Scope
) -> Split:
    inputs.choice(definition, "definition", NEW_DEFINITIONS)
    inputs.choice(new_to, "new_to", ("shop", "channel"))
    paid = paid_orders(orders, window, **scope)
    history = scope.copy()
    if new_to == "shop":
        history["channel"] = None
    before = paid_orders(orders, None, **history)
    ids = _people_of(before, paid)
    old: Flags = purchases.old_buyers(Paid.of(before, ids), day_number(window.start), definition)
    return purchases.split(Paid.of(paid, ids), old)


def _people_of(*paid: pd.DataFrame) -> pd.Index:
    return pd.Index(pd.concat([p["customer_id"] for p in paid]).unique())


def _yuan(paid: pd.DataFrame) -> float:
    return int(paid["cents"].sum()) / 100


def _people(paid: pd.DataFrame) -> int:
    return int(paid["customer_id"].nunique())
