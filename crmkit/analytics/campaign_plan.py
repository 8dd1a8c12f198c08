"""Planning a festival campaign: last year's base rate, and what a held-out group can tell.

Festivals by the lunar calendar move by up to a month: last year's figure is read at the same
number of days before the festival, not on the same date. The base rate is the share of the list
that buys without a message; only what comes on top of it is the campaign's.
"""

from __future__ import annotations

import datetime as dt
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

_NORMAL = NormalDist()


def last_years_day(send: dt.date, festival: dt.date, last: dt.date, *, aligned: bool) -> dt.date:
    """The day of last year that a sending day is compared with.

    Parameters
    ----------
    send, festival
        Day of sending and of the festival, this year.
    last
        Day of the festival last year.
    aligned
        By days before the festival; else the same month and day (28 February for the 29th).

    Examples
    --------
    >>> day = dt.date(2026, 9, 15), dt.date(2026, 9, 25), dt.date(2025, 10, 6)
    >>> str(last_years_day(*day, aligned=True)), str(last_years_day(*day, aligned=False))
    ('2025-09-26', '2025-09-15')
    """
    if aligned:
        return last - (festival - send)
    year = send.year - (festival.year - last.year)
    leap = send.month == 2 and send.day == 29
    return dt.date(year, 2, 28) if leap else send.replace(year=year)


class BaseRate(NamedTuple):
    """People on the list, and how many of them bought in the days after."""

    people: int
    buyers: int

    @property
    def share(self) -> float:
        """Buyers ÷ people; NaN without people."""
        return self.buyers / self.people if self.people else float("nan")


def base_rate(
    orders: pd.DataFrame, on: dt.date, *, recent: int, days: int, customer: str = "客户编号",
    paid: str = "付款时间",
) -> BaseRate:  # fmt: skip
    """Who bought in the `recent` days before a day, and how many of them in the `days` from it on.

    Parameters
    ----------
    orders
        Valid orders.
    """
    inputs.require(orders, "订单", {"customer": customer, "paid": paid})
    for name, value in (("recent", recent), ("days", days)):
        if value < 1:
            raise AnalyticsError(f"{name} 要至少 1 天，给的是 {value}。")
    day, times = np.datetime64(on), orders[paid].to_numpy()
    who = orders[customer].to_numpy()
    before = set(who[(times >= day - np.timedelta64(recent, "D")) & (times < day)])
    after = set(who[(times >= day) & (times < day + np.timedelta64(days, "D"))])
    return BaseRate(len(before), len(before & after))


class Detectable(NamedTuple):
    """Sizes of the two groups, standard error of the uplift, least uplift that shows, chance."""

    sent: int
    held: int
    error: float
    least: float
    power: float


def detectable(
    people: int, held: float, base: float, uplift: float, *, confidence: float = 0.95,
    wanted: float = 0.8,
) -> Detectable:  # fmt: skip
    """What a hold-out of this size can tell apart (two proportions, normal approximation).

    Parameters
    ----------
    people
        On the list.
    held
        Share held out, between 0 and 1.
    base, uplift
        Response without the message, and what comes on top of it.
    wanted
        Chance with which an uplift of `least` would show.

    Examples
    --------
    >>> found = detectable(1000, 0.2, 0.1, 0.05)
    >>> found.held, round(found.error, 4), round(found.least, 3), round(found.power, 2)
    (200, 0.0247, 0.069, 0.53)
    """
    for name, value in (("base", base), ("base + uplift", base + uplift)):
        if not 0 <= value <= 1:
            raise AnalyticsError(f"{name} 要在 0 和 1 之间，给的是 {value:.3g}。")
    quiet = round(people * held)
    busy = people - quiet
    if quiet < 1 or busy < 1:
        raise AnalyticsError(
            f"{people} 人里留白 {quiet} 人、发送 {busy} 人，有一组没有人，比不出差别。"
        )
    rate = base + uplift
    error = sqrt(rate * (1 - rate) / busy + base * (1 - base) / quiet)
    z = _NORMAL.inv_cdf((1 + confidence) / 2)
    power = _NORMAL.cdf(uplift / error - z) if error else float(uplift > 0)
    return Detectable(busy, quiet, error, (z + _NORMAL.inv_cdf(wanted)) * error, power)
