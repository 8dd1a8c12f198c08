"""Where a customer stands in the relation: stages, patterns, states, path, retention.

The literature (Dwyer, Schurr & Oh; in Chinese teaching 考察期 形成期 稳定期 退化期) names stages and
patterns but gives no thresholds. The rules here are **choices of this course** that can be
decided from order data; their numbers stand in settings ``[lifecycle]`` and ``[churn]``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.indicators import Indicator
from crmkit.analytics.selection import Selection, paid_orders, purchase_summary
from crmkit.analytics.window import Window
from crmkit.settings import settings

STAGES = ("考察期", "形成期", "稳定期", "退化期")
PATTERNS = ("早期流产型", "中途夭折型", "提前退出型", "长久保持型")
UNDECIDED = "未定"
STATES = ("非客户", "潜在客户", "目标客户", "现实客户", "流失客户")
PATH = ("潜在客户", "新客户", "老客户", "新业务的新客户")


def stage(orders: int, first_days: float, last_days: float, trend: float | None = None) -> str:
    """The stage of one buyer. The first rule that fits decides.

    ======  =====================================================================
    退化期   last order more than ``churned_days`` (180) ago; or at least
            ``stable_orders`` orders and `trend` below ``decline`` (0.5)
    考察期   one order
    稳定期   at least ``stable_orders`` (4) orders and first order at least
            ``stable_days`` (180) ago
    形成期   all others
    ======  =====================================================================

    Parameters
    ----------
    orders
        Number of valid orders, at least 1.
    first_days, last_days
        Days since the first and since the last order.
    trend
        Spending of the last ``trend_days`` (180) days ÷ spending of as many days before; None
        when nothing was bought before.

    Examples
    --------
    >>> stage(1, 20, 20), stage(3, 90, 10), stage(6, 400, 15), stage(6, 400, 15, trend=0.2)
    ('考察期', '形成期', '稳定期', '退化期')
    """
    n = inputs.whole(orders, "orders", low=1)
    last = inputs.number(last_days, "last_days", low=0)
    first = inputs.number(first_days, "first_days", low=0)
    if first < last:
        raise AnalyticsError(f"首购距今 {first:g} 天不能少于末购距今 {last:g} 天，请检查是否写反。")
    rule = settings()["lifecycle"]
    many = n >= rule["stable_orders"]
    falling = trend is not None and not math.isnan(trend) and trend < rule["decline"]
    if last > settings()["churn"]["churned_days"] or (many and falling):
        return "退化期"
    if n == 1:
        return "考察期"
    return "稳定期" if many and first >= rule["stable_days"] else "形成期"


def stages(orders: pd.DataFrame, as_of: Any, **scope: Unpack[Selection]) -> pd.DataFrame:
    """`stage` of every buyer: 客户编号, 订单数, 首购距今, 末购距今, 近期消费比, 阶段."""
    day = pd.Timestamp(inputs.as_day(as_of))
    table = purchase_summary(orders, as_of=as_of, **scope)
    for source, label in (("首次购买", "首购距今"), ("最近购买", "末购距今")):
        table[label] = (day - table[source].dt.normalize()).dt.days
    length = pd.Timedelta(days=settings()["lifecycle"]["trend_days"])
    end = day + pd.Timedelta(days=1)
    recent = Window((end - length).date(), end.date())
    halves = [
        paid_orders(orders, window, as_of=as_of, **scope).groupby("customer_id")["cents"].sum()
        for window in (recent.previous(), recent)
    ]
    before, now = (table["客户编号"].map(h).fillna(0).astype("float64") for h in halves)
    table["近期消费比"] = now / before.where(before > 0)
    table["阶段"] = [
        stage(n, first, last, trend)
        for n, first, last, trend in zip(
            table["订单数"], table["首购距今"], table["末购距今"], table["近期消费比"], strict=True
        )
    ]
    return table[["客户编号", "订单数", "首购距今", "末购距今", "近期消费比", "阶段"]]


def pattern(profits: Sequence[float]) -> str:
    """The life-cycle pattern of a curve of profit per period.

    With P the highest profit: the relation has *turned* at the last period with at least
    ``plateau`` (80 %) of P; it has *ended* when the last period shows less than ``decline``
    (50 %) of P; it was *stable* when at least ``stable_periods`` (5) periods in a row showed at
    least ``plateau`` of P.

    ==========  ==============================================================
    早期流产型    never a profit; or ended and turned within the first
                ``trial_periods`` (6) periods
    中途夭折型    ended, never stable
    提前退出型    ended, was stable
    长久保持型    not ended, was stable
    未定         not ended and not stable (the curve is too short to tell)
    ==========  ==============================================================
    """
    curve = np.array([inputs.number(p, "profits") for p in profits], dtype="float64")
    if not len(curve):
        raise AnalyticsError("利润曲线是空的，至少要有一期。")
    rule = settings()["lifecycle"]
    peak = curve.max()
    if peak <= 0:
        return PATTERNS[0]
    top = curve >= rule["plateau"] * peak
    ended = curve[-1] < rule["decline"] * peak
    if ended and np.flatnonzero(top)[-1] < rule["trial_periods"]:
        return PATTERNS[0]
    stable = _longest_run(top) >= rule["stable_periods"]
    if not ended:
        return PATTERNS[3] if stable else UNDECIDED
    return PATTERNS[2] if stable else PATTERNS[1]


def lifecycle_curve(
    periods: int = 40, *, leave: int | None = None, peak: float = 100.0, loss: float = 20.0
) -> pd.DataFrame:
    """An illustrative life cycle: 期, 利润, 阶段; the relation breaks after period `leave`.

    Profit = peak × logistic growth − a loss at the start that is worked off in 考察期; from the
    break on it falls by 60 % a period (退化期). For teaching only, not fitted to data.

    Parameters
    ----------
    periods
        Length of the curve, numbered from 1.
    leave
        Last full period before the break; None: the relation lasts.
    """
    n = inputs.whole(periods, "periods", low=1)
    trial = settings()["lifecycle"]["trial_periods"]
    stable = 2 * trial + 4
    t = np.arange(n, dtype="float64")
    profit = peak / (1 + np.exp(-0.6 * (t - (trial + stable) / 2 + 0.5)))
    profit -= loss * np.clip(1 - t / trial, 0, None)
    names = np.select([t < trial, t < stable], [STAGES[0], STAGES[1]], STAGES[2]).astype("object")
    if leave is not None:
        last = inputs.whole(leave, "leave", low=1) - 1
        after = t > last
        if last < n:
            profit[after] = profit[last] * 0.4 ** (t[after] - last)
        names[after] = STAGES[3]
    return pd.DataFrame({"期": np.arange(1, n + 1), "利润": profit, "阶段": names})


def customer_state(
    orders: int, last_days: float | None, *, targeted: bool, interested: bool = True
) -> str:
    """One of the five `STATES`.

    With orders: 流失客户 when the last one is more than ``churned_days`` (180) ago, else 现实客户.
    Without: 非客户 when not interested, 目标客户 when the shop markets to them, else 潜在客户.

    >>> customer_state(0, None, targeted=True), customer_state(3, 200, targeted=True)
    ('目标客户', '流失客户')
    """
    if inputs.whole(orders, "orders") == 0:
        return STATES[0] if not interested else STATES[2] if targeted else STATES[1]
    if last_days is None or math.isnan(last_days):
        raise AnalyticsError("有订单的客户要给末购距今天数 last_days。")
    return STATES[4] if last_days > settings()["churn"]["churned_days"] else STATES[3]


def customer_states(
    customers: pd.DataFrame,
    orders: pd.DataFrame,
    as_of: Any,
    *,
    consent: str = "接受营销",
    blacklist: Collection[str] = (),
    customer: str = "客户编号",
    **scope: Unpack[Selection],
) -> pd.Series:
    """`customer_state` of every row of `customers`.

    Interested = not on the `blacklist`; targeted = accepts marketing (`consent`; blank = no).
    """
    inputs.require(customers, "客户表", {"customer": customer, "consent": consent})
    day = pd.Timestamp(inputs.as_day(as_of))
    bought = purchase_summary(orders, as_of=as_of, **scope).set_index("客户编号")
    who = inputs.ids(customers, "客户表", customer)
    bought = bought.reindex(who.to_numpy())
    count = bought["订单数"].fillna(0).astype("int64")
    last = (day - bought["最近购买"].dt.normalize()).dt.days
    accepts = customers[consent].eq(True)
    banned = who.isin(set(blacklist))
    states = [
        customer_state(n, None if pd.isna(d) else float(d), targeted=bool(a), interested=not b)
        for n, d, a, b in zip(count, last, accepts, banned, strict=True)
    ]
    return pd.Series(states, index=customers.index, dtype="object", name="客户状态")


def relation_path(
    purchases: pd.DataFrame,
    window: Window,
    *,
    customers: Sequence[str] | None = None,
    customer_id: str = "客户编号",
    at: str = "付款时间",
    business: str = "类目",
) -> pd.Series:
    """Path of the relation at the end of `window`: 潜在客户 → 新客户 → 老客户 → 新业务的新客户.

    新客户: first purchase inside the window. 老客户: bought before. 新业务的新客户: bought before
    and, inside the window, something of a business (category) never bought before.

    Parameters
    ----------
    purchases
        One row per purchase and business (orders joined with their lines and products).
    customers
        All customer ids; those without a purchase are 潜在客户. Default: only buyers.

    Returns
    -------
    Series
        Position by customer id, sorted by id.
    """
    inputs.require(
        purchases, "购买表", {"customer_id": customer_id, "at": at, "business": business}
    )
    when = inputs.times(purchases, "购买表", at)
    known = purchases.assign(_at=when)[when < pd.Timestamp(window.end)]
    start = pd.Timestamp(window.start)
    first = known.groupby(customer_id)["_at"].min()
    first_in_business = known.groupby([customer_id, business])["_at"].min()
    fresh = first_in_business[first_in_business >= start].index.get_level_values(0)
    everyone = first.index if customers is None else pd.Index(customers).unique()
    where = first.reindex(everyone.sort_values())
    names = np.select(
        [where.isna(), where >= start, where.index.isin(fresh)],
        [PATH[0], PATH[1], PATH[3]],
        PATH[2],
    )
    return pd.Series(names.astype("object"), index=where.index, name="客户路径")


def retention_rate(start: float, end: float, new: float = 0) -> Indicator:
    """客户保持率 = (E − N) ÷ S: customers at the end without the new ones ÷ at the start.

    >>> retention_rate(start=200, end=190, new=30).value
    0.8
    """
    base = inputs.number(start, "start", low=0)
    stayed = inputs.number(end, "end", low=0) - inputs.number(new, "new", low=0)
    if not 0 <= stayed <= base:
        raise AnalyticsError(
            f"期末 {end:g} 减新增 {new:g} 得留下 {stayed:g} 人，应在 0 和期初 {base:g} 之间。"
        )
    return Indicator.ratio(stayed, base)


def monthly_retention(
    months: pd.DataFrame, *, start: str = "期初客户数", lost: str = "流失客户数"
) -> pd.DataFrame:
    """Adds 流失率 = lost ÷ start and 保持率 = 1 − 流失率; both missing (NaN) when start is 0."""
    inputs.require(months, "月度表", {"start": start, "lost": lost})
    base, gone = inputs.numbers(months, "月度表", start), inputs.numbers(months, "月度表", lost)
    bad = (gone < 0) | (base < 0) | (gone > base)
    if bad.any():
        raise AnalyticsError(f"月度表{inputs.rows(bad)}：流失客户数要在 0 和期初客户数之间。")
    churn = gone / base.where(base > 0)
    return months.assign(流失率=churn, 保持率=1 - churn)


def leaky_bucket(
    start: float,
    churn: float,
    new: float,
    periods: int,
    *,
    margin: float = 0.0,
    acquisition_cost: float = 0.0,
) -> pd.DataFrame:
    """漏桶: S′ = S × (1 − churn) + new.

    Returns
    -------
    DataFrame
        期 (0…periods), 客户数, 流失, 新增, 利润 = 客户数 × margin − new × acquisition cost (yuan).
    """
    size = inputs.number(start, "start", low=0)
    leak = inputs.number(churn, "churn", low=0, high=1)
    inflow = inputs.number(new, "new", low=0)
    per_head, per_new = inputs.number(margin, "margin"), inputs.number(acquisition_cost, "cost")
    rows = [(0, size, 0.0, 0.0, size * per_head)]
    for period in range(1, inputs.whole(periods, "periods") + 1):
        gone = size * leak
        size = size - gone + inflow
        rows.append((period, size, gone, inflow, size * per_head - inflow * per_new))
    return pd.DataFrame(rows, columns=["期", "客户数", "流失", "新增", "利润"])


def steady_state(churn: float, new: float) -> float | None:
    """The size at which the bucket neither fills nor drains: new ÷ churn; None without a leak.

    >>> steady_state(churn=0.05, new=40)
    800.0
    """
    leak = inputs.number(churn, "churn", low=0, high=1)
    return inputs.number(new, "new", low=0) / leak if leak else None


def churn_reasons(lost: pd.DataFrame, *, reason: str = "流失原因") -> pd.DataFrame:
    """Pareto table of the reasons: 流失原因, 人数, 占比, 累计占比; most frequent first, ties by name."""
    inputs.require(lost, "流失客户表", {"reason": reason})
    counts: Mapping[Any, int] = lost[reason].fillna("未知").value_counts().to_dict()
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    table = pd.DataFrame(rows, columns=[reason, "人数"])
    total = table["人数"].sum()
    table["占比"] = table["人数"] / total
    table["累计占比"] = table["人数"].cumsum() / total
    return table


def _longest_run(flags: np.ndarray) -> int:
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest
