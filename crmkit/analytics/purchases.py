"""The arithmetic of buying and buying again, on sorted columns.

One definition for both callers: `crmkit.analytics.indicators` and `breakdowns` give it the orders
of a frame, the CRM the orders of a `Ledger`. Everything takes `Paid`: orders that count, chosen
and valued by the rules of `crmkit.analytics.selection`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.indicator import Indicator
from crmkit.analytics.paid import Flags, Ints, Paid, sums

REPEAT_VARIANTS: Mapping[str, str] = {
    "people": "按人：下单 2 次及以上的买家 ÷ 买家",
    "days": "按人（同日去重）：在 2 个及以上不同日子购买的买家 ÷ 买家",
    "orders": "按单：重复购买的订单（n 单买家算 n − 1 单）÷ 订单",
}
NEW_DEFINITIONS: Mapping[str, str] = {
    "first_ever": "首购定义：本期内第一次购买的是新客，其余是老客",
    "365_days": "生意参谋定义：期初之前 365 天内买过的是老客，其余（含隔年回来的）是新客",
}
_WIDE = 64_000_000  # cells of a customers × groups table that is still worth making


# --- buying again ---------------------------------------------------------------------------------
def repeaters(paid: Paid) -> int:
    """Buyers with at least two orders."""
    return int(np.count_nonzero(paid.orders_of >= 2))


def days_of(paid: Paid) -> NDArray[np.int64]:
    """Number of different days on which a customer bought, by customer code."""
    return np.bincount(paid.customer[_first_of_day(paid)], minlength=paid.people)


def repeat_rate(paid: Paid, variant: str = "people") -> Indicator:
    """复购率 in one of the three `REPEAT_VARIANTS`."""
    inputs.choice(variant, "variant", REPEAT_VARIANTS)
    if variant == "orders":
        return Indicator.ratio(len(paid) - paid.buyers, len(paid))
    if variant == "days":
        return Indicator.ratio(int(np.count_nonzero(days_of(paid) >= 2)), paid.buyers)
    return Indicator.ratio(repeaters(paid), paid.buyers)


def repurchase_rate(base: Paid, later: Paid) -> Indicator:
    """回购率 = buyers of the earlier period who bought in the later one ÷ buyers of the earlier."""
    return Indicator.ratio(int(np.count_nonzero(base.bought & later.bought)), base.buyers)


def repeat_within(history: Paid, who: Flags, days: int) -> Indicator:
    """N 天内复购率 = customers whose second order came within `days` of the first ÷ customers.

    Parameters
    ----------
    history
        All orders up to the day of knowledge, so that first orders are first orders.
    who
        Which customers are asked of, by customer code (all must be buyers).
    """
    several = np.flatnonzero(history.orders_of[history.bought] >= 2)
    at = history.starts[several]
    soon = np.zeros(history.people, dtype=np.bool_)
    soon[history.who[several]] = history.day[at + 1] - history.day[at] <= days
    return Indicator.ratio(int(np.count_nonzero(soon & who)), int(np.count_nonzero(who)))


def intervals(paid: Paid) -> Ints:
    """Days between consecutive orders of a buyer (0: on the same day)."""
    same = paid.customer[1:] == paid.customer[:-1]
    return (paid.day[1:] - paid.day[:-1])[same]


def quantiles(values: Ints, shares: Sequence[float]) -> list[float | None]:
    """Quantiles of whole numbers ≥ 0, linear between two neighbours (as pandas has it).

    >>> quantiles(np.array([0, 10, 20, 40]), [0.5, 0.9])
    [15.0, 34.0]
    """
    n = len(values)
    if not n:
        return [None] * len(shares)
    upto = np.cumsum(np.bincount(values))
    found: list[float | None] = []
    for share in shares:
        place = share * (n - 1)
        low = int(place)
        a, b = np.searchsorted(upto, [low, min(low + 1, n - 1)], side="right")
        found.append(float(a + (b - a) * (place - low)))
    return found


def cycle(paid: Paid) -> dict[str, float | None]:
    """回购周期 in days: 中位数, P80, P90, 平均 and 间隔数; None without any repeat order."""
    gaps = intervals(paid)
    middle, p80, p90 = quantiles(gaps, (0.5, 0.8, 0.9))
    mean = float(gaps.mean()) if len(gaps) else None
    return {"中位数": middle, "P80": p80, "P90": p90, "平均": mean, "间隔数": len(gaps)}


# --- new and old ----------------------------------------------------------------------------------
def bought_between(history: Paid, first: int | None, end: int) -> Flags:
    """Who bought from day `first` up to but not including day `end`, by customer code."""
    if first is None:  # the first order of every buyer is enough
        flags = np.zeros(history.people, dtype=np.bool_)
        flags[history.who] = history.day[history.starts] < end
        return flags
    flags = np.zeros(history.people, dtype=np.bool_)
    flags[history.customer[(history.day >= first) & (history.day < end)]] = True
    return flags


def old_buyers(history: Paid, start: int, definition: str = "first_ever") -> Flags:
    """Who counts as old in a period that starts on day `start`, by one of `NEW_DEFINITIONS`."""
    inputs.choice(definition, "definition", NEW_DEFINITIONS)
    return bought_between(history, start - 365 if definition == "365_days" else None, start)


@dataclass(frozen=True)
class Split:
    """Buyers, amount (分) and orders on the new side and in all, and new buyers who came again."""

    new_buyers: int
    buyers: int
    new_orders: int
    orders: int
    new_cents: int
    cents: int
    new_repeaters: int


def split(paid: Paid, old: Flags) -> Split:
    """Cut a period's orders in those of new and of old buyers."""
    new = paid.bought & ~old
    count = paid.orders_of[new]
    return Split(
        int(np.count_nonzero(new)), paid.buyers, int(count.sum()), len(paid),
        int(paid.cents_of[new].sum()), paid.amount, int(np.count_nonzero(count >= 2)),
    )  # fmt: skip


# --- into groups ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Groups:
    """Orders, amount (分) and different buyers by group code."""

    orders: NDArray[np.int64]
    cents: NDArray[np.int64]
    buyers: NDArray[np.int64]


def by_group(paid: Paid, group: Ints, size: int) -> Groups:
    """Count by a group code of each order; a buyer of two groups counts in both."""
    return Groups(
        np.bincount(group, minlength=size), sums(group, paid.cents, size),
        people_by_group(paid.customer, group, paid.people, size),
    )  # fmt: skip


def by_person(paid: Paid, group: Ints, size: int) -> Groups:
    """The same when the group belongs to the customer: `group` by customer code."""
    own = group[paid.who]
    return Groups(
        sums(own, paid.orders_of[paid.who], size), sums(own, paid.cents_of[paid.who], size),
        np.bincount(own, minlength=size),
    )  # fmt: skip


def people_by_group(customer: Ints, group: Ints, people: int, size: int) -> NDArray[np.int64]:
    """Number of different customers by group code."""
    key = group.astype(np.int64) * people + customer
    if people * size <= _WIDE and people * size <= 50 * len(customer) + 1000:
        seen = np.zeros(people * size, dtype=np.bool_)
        seen[key] = True
        return np.count_nonzero(seen.reshape(size, people), axis=1) if people else _zeros(size)
    return np.bincount(np.unique(key) // people, minlength=size) if people else _zeros(size)


def month_codes(day: Ints, first: dt.date, months: int) -> NDArray[np.int64]:
    """Calendar month of each day: 0 for the month of `first`, −1 and `months` for outside."""
    from crmkit.analytics.paid import day_number
    from crmkit.analytics.window import add_months

    start = first.replace(day=1)
    edges = [day_number(add_months(start, k)) for k in range(months + 1)]
    table = np.repeat(np.arange(-1, months + 1), np.diff([edges[0] - 1, *edges, edges[-1] + 1]))
    return table[np.clip(day, edges[0] - 1, edges[-1]) - (edges[0] - 1)]


def cohorts(history: Paid, first: dt.date, months: int, width: int) -> NDArray[np.int64]:
    """同期群: customers by month of their first order (rows) and months since then (columns).

    Column 0 is the month of the first order itself: the size of the cohort. Months that are not
    over are for the caller to leave out.
    """
    month = month_codes(history.day, first, months)
    start = np.full(history.people, -1, dtype=np.int64)
    start[history.who] = month[history.starts]
    born = start[history.customer]
    since = month - born
    # one entry for each buyer and month: orders of a buyer stand in the order of time
    fresh = np.ones(len(history), dtype=np.bool_)
    fresh[1:] = (history.customer[1:] != history.customer[:-1]) | (month[1:] != month[:-1])
    keep = fresh & (born >= 0) & (born < months) & (since < width) & (month < months)
    cells = np.bincount(born[keep] * width + since[keep], minlength=months * width)
    return cells.reshape(months, width)


def frequency_buckets(bounds: Sequence[int]) -> list[str]:
    """Names of the buckets with these upper bounds.

    >>> frequency_buckets([1, 2, 5])
    ['1次', '2次', '3–5次', '5次以上']
    """
    lows = [1, *(b + 1 for b in bounds)]
    names = [
        f"{low}次" if low == high else f"{low}–{high}次"
        for low, high in zip(lows, bounds, strict=False)
    ]
    return [*names, f"{bounds[-1]}次以上"]


def by_frequency(paid: Paid, bounds: Sequence[int]) -> Groups:
    """Buyers, orders and amount by number of orders, in the buckets of `frequency_buckets`."""
    bucket = np.searchsorted(np.array(bounds), paid.orders_of, side="left")
    return by_person(paid, bucket, len(bounds) + 1)


def _first_of_day(paid: Paid) -> Flags:
    fresh = np.ones(len(paid), dtype=np.bool_)
    fresh[1:] = (paid.customer[1:] != paid.customer[:-1]) | (paid.day[1:] != paid.day[:-1])
    return fresh


def _zeros(size: int) -> NDArray[np.int64]:
    return np.zeros(size, dtype=np.int64)
