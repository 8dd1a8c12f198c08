"""Which orders an indicator counts: valid status, paid, inside the period, in the channel.

Every indicator, table and segment starts here, so that two screens never disagree about what
an order is. Rules (reference: 生意参谋 and the ISV manual of the platform):

* valid = status one of 待发货 部分发货 已发货 交易成功 退款关闭 **and** a pay time is present;
  an order that was refunded after payment stays in, one that was never paid does not;
* an order belongs to the day it was *paid*;
* ``refunds="gross"`` (default, as 生意参谋 shows 支付金额): postage in, refunds not subtracted;
  ``refunds="net"``: the successful refunds **of these orders** are subtracted, whenever they
  finished (up to `as_of`), and an order of which nothing is left is no longer counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, TypedDict, Unpack

import pandas as pd

from crmkit import schema
from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.window import Window

VALID_STATUS = frozenset(schema.VALID_ORDER_STATUS) | {
    schema.ORDER_STATUS[code] for code in schema.VALID_ORDER_STATUS
}
REFUNDED = frozenset({"SUCCESS", schema.CODES["return_status"]["SUCCESS"]})

# Keyword → default column: the English name of the schema and its Chinese label.
COLUMNS: Mapping[str, str] = {
    **{
        name: schema.TABLES["orders"].labels()[name]
        for name in ("order_id", "customer_id", "paid_at", "channel_id", "amount", "status")
    },
    **{name: schema.TABLES["order_items"].labels()[name] for name in ("sku", "qty", "unit_price")},
    "refund_amount": schema.TABLES["returns"].labels()["amount"],
    "refund_status": schema.TABLES["returns"].labels()["status"],
    "refund_kind": schema.TABLES["returns"].labels()["kind"],
    "refunded_at": schema.TABLES["returns"].labels()["finished_at"],
    "refund_qty": "退换数量",  # the CRM's own column; without it a return is the whole line
}


class Selection(TypedDict, total=False):
    """The keywords that choose orders and name columns, in every function of these modules.

    Parameters
    ----------
    channel : str or collection of str, optional
        Only orders of this channel id (these ids). Buyers are de-duplicated inside the scope.
    refunds : {"gross", "net"}
        See the module. ``"net"`` needs `returns`.
    returns : DataFrame, optional
        The table 退换货.
    valid : collection of str, optional
        Statuses that count, default `VALID_STATUS` (words or platform codes).
    order_id, customer_id, paid_at, channel_id, amount, status, refund_amount, refund_status, \
    refund_kind, refunded_at, refund_qty, sku, qty, unit_price : str
        Column names, default the Chinese labels of `crmkit.schema`. ``status=None``: the frame
        has no status column and every row counts.
    """

    channel: str | Collection[str] | None
    refunds: str
    returns: pd.DataFrame | None
    valid: Collection[str] | None
    order_id: str
    customer_id: str
    paid_at: str
    channel_id: str
    amount: str
    status: str | None
    refund_amount: str
    refund_status: str
    refund_kind: str | None
    refunded_at: str
    refund_qty: str
    sku: str
    qty: str
    unit_price: str


class Scope(Selection, total=False):
    """`Selection` and the day of knowledge: the keywords of an indicator.

    Parameters
    ----------
    as_of : date, optional
        What was known at the end of this day: later orders and refunds are left out.
    """

    as_of: Any


def column(scope: Selection, name: str) -> str:
    """The column name the caller gave for `name`, or its Chinese default."""
    return str(scope.get(name, COLUMNS[name]))


def paid_orders(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> pd.DataFrame:
    """The orders that count, one row each, in the order of the input.

    Parameters
    ----------
    orders
        One row per order.
    window
        Only orders paid in this period; None for all.
    **scope
        See `Scope`.

    Returns
    -------
    DataFrame
        Columns ``customer_id``, ``paid_at``, ``cents`` (int64 分) and, where the input has
        them, ``order_id`` and ``channel_id``.

    Raises
    ------
    AnalyticsError
        A column is missing; a date, an amount or an id of a counted row is unusable; an order
        id comes twice;
        ``refunds="net"`` without `returns`.
    """
    _check(scope)
    paid_at, amount = column(scope, "paid_at"), column(scope, "amount")
    customer, channel_id = column(scope, "customer_id"), column(scope, "channel_id")
    order_id = column(scope, "order_id")
    status = scope.get("status", COLUMNS["status"])
    channel, net = scope.get("channel"), scope.get("refunds", "gross") == "net"
    inputs.require(
        orders,
        "订单表",
        {
            "customer_id": customer,
            "paid_at": paid_at,
            "amount": amount,
            "status": status,
            "channel_id": channel_id if channel is not None else None,
            "order_id": order_id if net else None,
        },
    )
    at = inputs.times(orders, "订单表", paid_at)
    keep = at.notna() if window is None else window.contains(at)
    if status is not None:
        valid = scope.get("valid")
        keep &= orders[status].isin(VALID_STATUS if valid is None else set(valid))
    if (day := known_until(scope)) is not None:
        keep &= at < day
    if channel is not None:
        wanted = {channel} if isinstance(channel, str) else set(channel)
        keep &= orders[channel_id].isin(wanted)
    # Money and ids are only asked of rows that count: an unpaid order may lack them.
    counted = orders.loc[keep.to_numpy()]
    out = pd.DataFrame(
        {
            "customer_id": inputs.ids(counted, "订单表", customer),
            "paid_at": at[keep.to_numpy()],
            "cents": inputs.cents(counted, "订单表", amount),
        }
    )
    if order_id in orders.columns:
        # A table joined with its lines would count every order several times.
        out["order_id"] = inputs.ids(counted, "订单表", order_id, unique=True)
    if channel_id in orders.columns:
        out["channel_id"] = counted[channel_id]
    if net:
        back = out["order_id"].map(refunded_cents(scope)).fillna(0).astype("int64")
        out["cents"] -= back
        out = out[(out["cents"] > 0) | (back == 0)]
    return out


def refund_lines(scope: Scope) -> pd.DataFrame:
    """The successful refunds known by `as_of`: order_id, refunded_at, cents (and sku, kind, qty)."""
    returns = scope.get("returns")
    if returns is None:
        raise AnalyticsError(
            '净额和退款指标要用退换货表：加上参数 returns=退换货表，或改用 refunds="gross"。'
        )
    order_id, amount = column(scope, "order_id"), column(scope, "refund_amount")
    state, at = column(scope, "refund_status"), column(scope, "refunded_at")
    inputs.require(
        returns,
        "退换货表",
        {"order_id": order_id, "refund_amount": amount, "refund_status": state, "refunded_at": at},
    )
    finished = inputs.times(returns, "退换货表", at)
    keep = returns[state].isin(REFUNDED)
    if (day := known_until(scope)) is not None:
        keep &= ~(finished >= day)
    done = returns.loc[keep.to_numpy()]
    out = pd.DataFrame(
        {
            "order_id": inputs.ids(done, "退换货表", order_id),
            "refunded_at": finished[keep.to_numpy()],
            "cents": inputs.cents(done, "退换货表", amount),
        }
    )
    kind, sku = scope.get("refund_kind", COLUMNS["refund_kind"]), column(scope, "sku")
    for name, label in (("kind", kind), ("sku", sku), ("qty", column(scope, "refund_qty"))):
        if label in returns.columns:
            out[name] = done[label]
    return out


def refunded_cents(scope: Scope) -> pd.Series:
    """Sum of the successful refunds of each order, in 分, indexed by order id."""
    return refund_lines(scope).groupby("order_id")["cents"].sum()


def purchase_summary(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> pd.DataFrame:
    """One row per buyer: 客户编号, 订单数, 累计金额 (元), 首次购买, 最近购买; sorted by 客户编号."""
    paid = paid_orders(orders, window, **scope)
    grouped = paid.groupby("customer_id", sort=True)
    out = grouped.agg(
        订单数=("cents", "size"),
        累计金额=("cents", "sum"),
        首次购买=("paid_at", "min"),
        最近购买=("paid_at", "max"),
    )
    out["累计金额"] = out["累计金额"] / 100
    return out.rename_axis("客户编号").reset_index()


def known_until(scope: Scope) -> pd.Timestamp | None:
    """The first moment after `as_of`."""
    as_of = scope.get("as_of")
    if as_of is None:
        return None
    return pd.Timestamp(inputs.as_day(as_of)) + dt.timedelta(days=1)


def _check(scope: Scope) -> None:
    unknown = sorted(set(scope) - set(Scope.__annotations__))
    if unknown:
        raise AnalyticsError(
            f"不认识参数 {'、'.join(unknown)}；可以用：{'、'.join(Scope.__annotations__)}。"
        )
    inputs.choice(scope.get("refunds", "gross"), "refunds", ("gross", "net"))
