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
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Unpack

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import (
    COLUMNS,
    Scope,
    column,
    paid_orders,
    refund_lines,
)
from crmkit.analytics.window import Window
from crmkit.settings import settings

REPEAT_VARIANTS: Mapping[str, str] = {
    "people": "按人：下单 2 次及以上的买家 ÷ 买家",
    "days": "按人（同日去重）：在 2 个及以上不同日子购买的买家 ÷ 买家",
    "orders": "按单：重复购买的订单（n 单买家算 n − 1 单）÷ 订单",
}
NEW_DEFINITIONS: Mapping[str, str] = {
    "first_ever": "首购定义：本期内第一次购买的是新客，其余是老客",
    "365_days": "生意参谋定义：期初之前 365 天内买过的是老客，其余（含隔年回来的）是新客",
}
REFUND_MEASURES: Mapping[str, str] = {
    "amount": "退款金额 ÷ 支付金额",
    "orders": "有退款的订单 ÷ 订单",
    "lines": "退款的明细行 ÷ 明细行",
}
REFUND_BASES: Mapping[str, str] = {
    "paid": "按付款日归集：这批订单后来退了多少（近期的还没退完）",
    "refunded": "按退款日归集：这段时间退了多少 ÷ 这段时间卖了多少（可能超过 100%）",
}


class Indicator(NamedTuple):
    """A figure with what it was made of; `denominator` is None for a plain total."""

    value: float | None
    numerator: float
    denominator: float | None

    @classmethod
    def ratio(cls, numerator: float, denominator: float) -> Indicator:
        """numerator ÷ denominator, without a value when the denominator is zero."""
        value = numerator / denominator if denominator else None
        return cls(value, numerator, denominator)

    @classmethod
    def total(cls, value: float) -> Indicator:
        """A sum or a count."""
        return cls(value, value, None)


class Comparison(NamedTuple):
    """An indicator now and in the previous period, and the 环比 between them."""

    now: Indicator
    before: Indicator
    change: Indicator


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
    inputs.choice(variant, "variant", REPEAT_VARIANTS)
    paid = paid_orders(orders, window, **scope)
    people = _people(paid)
    if variant == "orders":
        return Indicator.ratio(len(paid) - people, len(paid))
    if variant == "days":
        paid = paid.assign(paid_at=paid["paid_at"].dt.normalize())
        paid = paid.drop_duplicates(["customer_id", "paid_at"])
    return Indicator.ratio(_repeaters(paid), people)


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
    first = paid_orders(orders, base or window.previous(), **scope)["customer_id"].unique()
    again = paid_orders(orders, window, **scope)["customer_id"].unique()
    return Indicator.ratio(int(pd.Index(first).isin(again).sum()), len(first))


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
    paid, is_new = _split_new(orders, window, definition, new_to, scope)
    if of == "sales":
        return Indicator.ratio(_yuan(paid[is_new]), _yuan(paid))
    return Indicator.ratio(_people(paid[is_new]), _people(paid))


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
    return Indicator.ratio(_tidy(total - new.numerator), total)


def new_repeat_rate(
    orders: pd.DataFrame,
    window: Window,
    *,
    definition: str = "first_ever",
    new_to: str = "shop",
    **scope: Unpack[Scope],
) -> Indicator:
    """新客复购率 = new buyers with at least 2 orders inside the period ÷ new buyers."""
    paid, is_new = _split_new(orders, window, definition, new_to, scope)
    return Indicator.ratio(_repeaters(paid[is_new]), _people(paid[is_new]))


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


def change(now: Indicator, before: Indicator) -> Indicator:
    """环比 = (now − before) ÷ before; no value when one is missing or `before` is not positive.

    >>> change(Indicator.total(150), Indicator.total(120)).value
    0.25
    """
    if now.value is None or before.value is None:
        return Indicator(None, 0, before.value)
    difference = _tidy(now.value - before.value)
    value = difference / before.value if before.value > 0 else None
    return Indicator(value, difference, before.value)


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


def _split_new(
    orders: pd.DataFrame, window: Window, definition: str, new_to: str, scope: Scope
) -> tuple[pd.DataFrame, pd.Series]:
    inputs.choice(definition, "definition", NEW_DEFINITIONS)
    inputs.choice(new_to, "new_to", ("shop", "channel"))
    paid = paid_orders(orders, window, **scope)
    history = scope.copy()
    if new_to == "shop":
        history["channel"] = None
    before = paid_orders(orders, None, **history)
    start = pd.Timestamp(window.start)
    earlier = before["paid_at"] < start
    if definition == "365_days":
        earlier &= before["paid_at"] >= start - dt.timedelta(days=365)
    return paid, ~paid["customer_id"].isin(before.loc[earlier, "customer_id"])


def _yuan(paid: pd.DataFrame) -> float:
    return int(paid["cents"].sum()) / 100


def _people(paid: pd.DataFrame) -> int:
    return int(paid["customer_id"].nunique())


def _repeaters(paid: pd.DataFrame) -> int:
    return int((paid["customer_id"].value_counts() >= 2).sum())


def _tidy(yuan: float) -> float:
    """Drop the dust of subtracting two amounts that have two decimals."""
    return round(yuan, 10)
