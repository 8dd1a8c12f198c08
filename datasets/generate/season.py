"""The clock of a shop: it runs faster in season, so that purchases crowd there.

BG/NBD purchases happen on this clock, which shows as many days at the end of the two years as
the calendar does. A model may be fitted on either: `of` turns calendar time into clock time.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from itertools import accumulate

from .spec import DAYS, END, FIRST_DAY, START, Festival, Shop

# When in the day people order; the afternoon dip and the evening peak of mobile shopping.
HOURS = (
    2.0, 1.0, 0.5, 0.3, 0.3, 0.5, 1.2, 2.4, 3.8, 5.4, 6.4, 5.8,
    5.2, 5.4, 5.6, 5.4, 5.2, 4.8, 4.6, 6.0, 7.6, 8.4, 7.4, 4.6,
)  # fmt: skip
_DAY = 86400.0


def daily(months: tuple[float, ...], festivals: tuple[Festival, ...]) -> list[float]:
    """The speed of the clock on each day; mean one over the two years."""
    speed = []
    for i in range(DAYS):
        day = FIRST_DAY + dt.timedelta(days=i)
        factor = months[day.month - 1]
        for f in festivals:
            if dt.date.fromisoformat(f.first) <= day <= dt.date.fromisoformat(f.last):
                factor *= f.factor
        speed.append(factor)
    mean = sum(speed) / DAYS
    return [s / mean for s in speed]


class Clock:
    """Days shown by the clock, from 0 at the first midnight to 731 at the last."""

    def __init__(self, shop: Shop) -> None:
        self.speed = daily(shop.months, shop.festivals)
        self._days = [0.0, *accumulate(self.speed)]
        total = sum(HOURS)
        self._hours = [0.0, *accumulate(h / total for h in HOURS)]
        self.end = self._days[-1]

    def of(self, when: dt.datetime) -> float:
        """Clock time at a moment of the calendar."""
        seconds = (when - START).total_seconds()
        if when >= END:
            return self.end
        day, rest = divmod(seconds, _DAY)
        hour, part = divmod(rest / 3600.0, 1.0)
        i, h = int(day), int(hour)
        within = self._hours[h] + (self._hours[h + 1] - self._hours[h]) * part
        return self._days[i] + self.speed[i] * within

    def when(self, shown: float) -> dt.datetime:
        """The moment, to the second, at which the clock shows this."""
        i = min(bisect_right(self._days, shown) - 1, DAYS - 1)
        within = min((shown - self._days[i]) / self.speed[i], 0.999999)
        h = min(bisect_right(self._hours, within) - 1, 23)
        part = (within - self._hours[h]) / (self._hours[h + 1] - self._hours[h])
        return START + dt.timedelta(seconds=int(i * _DAY + (h + part) * 3600.0))
