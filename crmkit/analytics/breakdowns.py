"""Indicators cut into rows: by time, channel, province, product and number of purchases.

Each function returns a frame with Chinese headers, built on the same orders as
`crmkit.analytics.indicators`; the keywords of `scope` are listed in
`crmkit.analytics.selection.Scope`. Shares are fractions and add to 1; where there is nothing to
divide by, the cell is missing (NaN). Amounts are yuan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from crmkit.analytics import inputs, purchases
from crmkit.analytics.paid import Paid
from crmkit.analytics.selection import Scope, Selection, column, paid_orders, refund_lines
from crmkit.analytics.window import Window, last_days, last_months
from crmkit.settings import settings

UNKNOWN = "未知"


def trend(
    orders: pd.DataFrame, as_of: Any, *, bins: int = 12, days: int = 7, **scope: Unpack[Selection]
) -> pd.DataFrame:
    """Sales per bin of `days` days, counted **backwards** from the AS_OF day.

    The last bin ends with AS_OF and every bin is full, so that no partial bin at either end
    looks like a slump.

    Returns
    -------
    DataFrame
        起始日期, 结束日期 (inclusive), 支付金额, 订单数, 买家数, 客单价; oldest first, one row per
        bin, also for bins without orders.
    """
    bins, days = inputs.whole(bins, "bins", low=1), inputs.whole(days, "days", low=1)
    whole = last_days(as_of, bins * days)
    paid = paid_orders(orders, whole, as_of=as_of, **scope)
    end = pd.Timestamp(whole.end)
    back = (end - paid["paid_at"].dt.normalize()).dt.days - 1
    number = bins - 1 - back // days
    edges = pd.Timestamp(whole.start) + pd.to_timedelta(np.arange(bins) * days, unit="D")
    return _periods(paid, number, edges, edges + pd.Timedelta(days=days - 1))


def monthly(
    orders: pd.DataFrame, as_of: Any, *, months: int = 12, **scope: Unpack[Selection]
) -> pd.DataFrame:
    """Sales per calendar month, the last `months` **whole** months up to AS_OF; as `trend`."""
    windows = last_months(as_of, months)
    paid = paid_orders(orders, Window(windows[0].start, windows[-1].end), as_of=as_of, **scope)
    first, at = windows[0].start, paid["paid_at"].dt
    number = (at.year - first.year) * 12 + at.month - first.month
    starts = pd.DatetimeIndex([w.start for w in windows])
    return _periods(paid, number, starts, pd.DatetimeIndex([w.last_day for w in windows]))


def by_channel(
    orders: pd.DataFrame,
    window: Window,
    *,
    channels: pd.DataFrame | None = None,
    name: str = "渠道名称",
    **scope: Unpack[Scope],
) -> pd.DataFrame:
    """渠道销量: one row per channel, largest first.

    Parameters
    ----------
    channels
        The table 渠道: adds 渠道名称 and the channels that sold nothing.

    Returns
    -------
    DataFrame
        渠道编号, (渠道名称,) 支付金额, 金额占比, 订单数, 买家数, 客单价, 环比 (of 支付金额, against
        ``window.previous()``). A buyer of two channels counts in both, so 买家数 need not add up.
    """
    channel_id = column(scope, "channel_id")
    inputs.require(orders, "订单表", {"channel_id": channel_id})
    now = paid_orders(orders, window, **scope)
    before = paid_orders(orders, window.previous(), **scope)
    table = _grouped(now, now["channel_id"].fillna(UNKNOWN), channel_id)
    if channels is not None:
        inputs.require(channels, "渠道表", {"channel_id": channel_id, "name": name})
        inputs.ids(channels, "渠道表", channel_id, unique=True)
        table = table.set_index(channel_id)
        table = table.reindex(table.index.union(pd.Index(channels[channel_id]), sort=False))
        table = table.rename_axis(channel_id).reset_index()
        table.insert(1, name, table[channel_id].map(channels.set_index(channel_id)[name]))
        table[name] = table[name].fillna(UNKNOWN)
        table[_COUNTS] = table[_COUNTS].fillna(0)
        table = _shares(table)
    base = before.groupby(before["channel_id"].fillna(UNKNOWN))["cents"].sum() / 100
    earlier = table[channel_id].map(base).astype("float64")
    table["环比"] = ((table["支付金额"] - earlier) / earlier).where(earlier > 0)
    return _largest_first(table, channel_id)


def by_province(
    orders: pd.DataFrame,
    customers: pd.DataFrame,
    window: Window | None = None,
    *,
    province: str = "省份",
    **scope: Unpack[Scope],
) -> pd.DataFrame:
    """地域分析 by the province of the **customer**, largest first.

    The platforms take the receiver's province of each order; the shops here keep no receiver
    address, so the customer's own province stands in. Missing provinces and unknown customers
    are one row 未知.

    Returns
    -------
    DataFrame
        省份, 支付金额, 金额占比, 订单数, 买家数, 客单价.
    """
    customer = column(scope, "customer_id")
    inputs.require(customers, "客户表", {"customer_id": customer, "province": province})
    inputs.ids(customers, "客户表", customer, unique=True)
    paid = paid_orders(orders, window, **scope)
    home = paid["customer_id"].map(customers.set_index(customer)[province])
    home = home.astype("object").where(home.notna() & (home != ""), UNKNOWN)
    return _largest_first(_grouped(paid, home, province), province)


def best_products(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    window: Window | None = None,
    *,
    products: pd.DataFrame | None = None,
    n: int | None = 10,
    by: str = "金额",
    name: str = "商品名称",
    category: str = "类目",
    **scope: Unpack[Scope],
) -> pd.DataFrame:
    """商品销量: the `n` best products by line amount (or by 数量), ties by 商品编码.

    Line amount = 数量 × 单价, before order discounts and without postage, so it does not add up
    to 支付金额. With ``refunds="net"`` returned pieces do not count and the refunds of a line lower
    its amount. 金额占比 is the share of all lines sold, not only of the rows shown.

    Returns
    -------
    DataFrame
        商品编码, (商品名称, 类目,) 数量, 金额, 金额占比, 订单数.
    """
    inputs.choice(by, "by", ("金额", "数量"))
    order_id, sku = column(scope, "order_id"), column(scope, "sku")
    qty, price = column(scope, "qty"), column(scope, "unit_price")
    inputs.require(orders, "订单表", {"order_id": order_id})
    inputs.require(
        items, "订单明细表", {"order_id": order_id, "sku": sku, "qty": qty, "unit_price": price}
    )
    paid = paid_orders(orders, window, **scope)
    lines = items.loc[items[order_id].isin(paid["order_id"]).to_numpy()]
    amount = inputs.cents(lines, "订单明细表", price) * inputs.numbers(lines, "订单明细表", qty)
    sold = pd.DataFrame(
        {
            sku: inputs.ids(lines, "订单明细表", sku),
            "数量": inputs.numbers(lines, "订单明细表", qty),
            "金额": amount,
            "order": lines[order_id],
        }
    )
    if scope.get("refunds") == "net":
        back = _back(sold, sku, scope)
        sold["数量"] -= back["qty"]
        sold["金额"] -= back["cents"]
    table = (
        sold.groupby(sku)
        .agg(数量=("数量", "sum"), 金额=("金额", "sum"), 订单数=("order", "nunique"))
        .reset_index()
    )
    table["金额"] = table["金额"] / 100
    table.insert(3, "金额占比", _divide(table["金额"], table["金额"].sum()))
    if products is not None:
        inputs.require(products, "商品表", {"sku": sku, "name": name, "category": category})
        inputs.ids(products, "商品表", sku, unique=True)
        known = products.set_index(sku)
        table.insert(1, name, table[sku].map(known[name]).fillna(UNKNOWN))
        table.insert(2, category, table[sku].map(known[category]).fillna(UNKNOWN))
    table = table.sort_values([by, sku], ascending=[False, True]).reset_index(drop=True)
    return table if n is None else table.head(inputs.whole(n, "n", low=1))


def frequency_distribution(
    orders: pd.DataFrame,
    window: Window | None = None,
    *,
    bounds: Sequence[int] | None = None,
    **scope: Unpack[Scope],
) -> pd.DataFrame:
    """次数分析: buyers by number of orders in the period.

    Parameters
    ----------
    bounds
        Upper bounds of the buckets, both ends included; default settings ``frequency.bounds``
        [1, 2, 5] → 1次, 2次, 3–5次, 5次以上 (published buckets).

    Returns
    -------
    DataFrame
        购买次数, 买家数, 买家占比, 订单数, 支付金额, 金额占比, 客单价; every bucket has a row.
    """
    limits = list(settings()["frequency"]["bounds"] if bounds is None else bounds)
    found = purchases.by_frequency(Paid.of(paid_orders(orders, window, **scope)), limits)
    table = pd.DataFrame({"购买次数": purchases.frequency_buckets(limits), "买家数": found.buyers})
    table["买家占比"] = _divide(table["买家数"], table["买家数"].sum())
    table["订单数"] = found.orders
    table["支付金额"] = found.cents / 100
    table["金额占比"] = _divide(table["支付金额"], table["支付金额"].sum())
    table["客单价"] = _divide(table["支付金额"], table["买家数"])
    return table


def repurchase_intervals(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> pd.Series:
    """Days between consecutive orders of a buyer, both in the period (0: on the same day)."""
    gaps = purchases.intervals(Paid.of(paid_orders(orders, window, **scope)))
    return pd.Series(gaps, name="间隔天数", dtype="int64")


def repurchase_cycle(
    orders: pd.DataFrame, window: Window | None = None, **scope: Unpack[Scope]
) -> dict[str, float | None]:
    """回购周期 in days: 中位数, P80, P90, 平均 and 间隔数; None without any repeat order.

    The mean alone misleads: a few very long intervals pull it up.
    """
    return purchases.cycle(Paid.of(paid_orders(orders, window, **scope)))


def amount_factors(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    window: Window | None = None,
    **scope: Unpack[Scope],
) -> dict[str, float | None]:
    """支付金额 = 买家数 × 人均订单数 × 连带率 (件 ÷ 单) × 件单价 (金额 ÷ 件), as one dict.

    A factor without a denominator is None. With ``refunds="net"`` returned pieces do not count.
    """
    order_id, qty = column(scope, "order_id"), column(scope, "qty")
    inputs.require(orders, "订单表", {"order_id": order_id})
    inputs.require(items, "订单明细表", {"order_id": order_id, "qty": qty})
    paid = paid_orders(orders, window, **scope)
    lines = items.loc[items[order_id].isin(paid["order_id"]).to_numpy()]
    pieces = float(inputs.numbers(lines, "订单明细表", qty).sum())
    if scope.get("refunds") == "net":
        sku = column(scope, "sku")
        inputs.require(items, "订单明细表", {"sku": sku})
        sold = pd.DataFrame(
            {
                sku: lines[sku],
                "order": lines[order_id],
                "数量": inputs.numbers(lines, "订单明细表", qty),
            }
        )
        pieces -= float(_back(sold, sku, scope)["qty"].sum())
    amount, people = int(paid["cents"].sum()) / 100, int(paid["customer_id"].nunique())
    return {
        "支付金额": amount,
        "买家数": people,
        "人均订单数": len(paid) / people if people else None,
        "连带率": pieces / len(paid) if len(paid) else None,
        "件单价": amount / pieces if pieces else None,
    }


def _back(sold: pd.DataFrame, sku: str, scope: Scope) -> pd.DataFrame:
    """Returned pieces (qty) and refunds (cents) of each line of `sold`, by its index."""
    refunds = refund_lines(scope)
    inputs.require(refunds, "退换货表", {"sku": "sku", "refund_kind": "kind"})
    if "qty" not in refunds:
        refunds = refunds.assign(qty=0)
    mine = sold.reset_index().merge(
        refunds, left_on=["order", sku], right_on=["order_id", "sku"], suffixes=("", "_back")
    )
    pieces = mine["qty"].where(mine["qty"] > 0, mine["数量"]).where(mine["kind"] == "退货", 0)
    back = pd.DataFrame({"qty": pieces.astype("float64"), "cents": mine["cents"]})
    back = back.groupby(mine["index"]).sum().reindex(sold.index, fill_value=0)
    back["qty"] = back["qty"].clip(upper=sold["数量"])
    return back


_COUNTS = ["支付金额", "订单数", "买家数"]


def _periods(
    paid: pd.DataFrame, number: pd.Series, starts: pd.DatetimeIndex, ends: pd.DatetimeIndex
) -> pd.DataFrame:
    grouped = paid.groupby(number.to_numpy())
    sums = grouped.agg(c=("cents", "sum"), n=("cents", "size"), p=("customer_id", "nunique"))
    sums = sums.reindex(range(len(starts)), fill_value=0)
    table = pd.DataFrame({"起始日期": starts, "结束日期": ends})
    table["支付金额"] = sums["c"].to_numpy() / 100
    table["订单数"] = sums["n"].to_numpy()
    table["买家数"] = sums["p"].to_numpy()
    table["客单价"] = _divide(table["支付金额"], table["买家数"])
    return table


def _grouped(paid: pd.DataFrame, key: pd.Series, label: str) -> pd.DataFrame:
    grouped = paid.groupby(key.to_numpy())
    table = grouped.agg(
        支付金额=("cents", "sum"), 订单数=("cents", "size"), 买家数=("customer_id", "nunique")
    )
    table["支付金额"] = table["支付金额"] / 100
    return _shares(table.rename_axis(label).reset_index())


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    table["订单数"] = table["订单数"].astype("int64")
    table["买家数"] = table["买家数"].astype("int64")
    table["金额占比"] = _divide(table["支付金额"], table["支付金额"].sum())
    table["客单价"] = _divide(table["支付金额"], table["买家数"])
    fixed = ["支付金额", "金额占比", "订单数", "买家数", "客单价"]
    return table[[c for c in table.columns if c not in fixed] + fixed]


def _largest_first(table: pd.DataFrame, label: str) -> pd.DataFrame:
    return table.sort_values(["支付金额", label], ascending=[False, True]).reset_index(drop=True)


def _divide(top: pd.Series, bottom: pd.Series | float) -> pd.Series:
    base = bottom if isinstance(bottom, pd.Series) else pd.Series(bottom, index=top.index)
    return top / base.astype("float64").where(base != 0)
