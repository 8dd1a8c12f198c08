"""Periods of whole days, half-open: the start day is in, the end day is not."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.inputs import as_day, whole


@dataclass(frozen=True, order=True)
class Window:
    """The days from `start` up to but not including `end`.

    Half-open periods join without gap or overlap: the end of one is the start of the next.

    Parameters
    ----------
    start, end
        Dates (or text such as ``"2025-12-01"``); `end` must be later than `start`.
    calendar
        True for whole calendar months; `previous` then steps by months, not by days.

    Raises
    ------
    AnalyticsError
        When `end` is not after `start`.
    """

    start: dt.date
    end: dt.date
    calendar: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_day(self.start, "start"))
        object.__setattr__(self, "end", as_day(self.end, "end"))
        if self.start >= self.end:
            raise AnalyticsError(
                f"时间段是空的：开始 {self.start}，结束 {self.end}（结束日不算在内）。"
                "结束日要晚于开始日。"
            )

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> dt.date:
        """The last day that is inside."""
        return self.end - dt.timedelta(days=1)

    @property
    def label(self) -> str:
        """The period in words, both days included."""
        if self.calendar and self._months == 1:
            return f"{self.start:%Y-%m}"
        if self.calendar:
            return f"{self.start:%Y-%m} 至 {self.last_day:%Y-%m}"
        return f"{self.start} 至 {self.last_day}"

    @property
    def _months(self) -> int:
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    def _shift(self, periods: int) -> Window:
        if self.calendar:
            step = periods * self._months
            return Window(add_months(self.start, step), add_months(self.end, step), calendar=True)
        step_days = dt.timedelta(days=periods * self.days)
        return Window(self.start + step_days, self.end + step_days)

    def previous(self) -> Window:
        """The period just before: as many days, or as many months for calendar months.

        >>> month("2025-03").previous().label
        '2025-02'
        >>> last_days("2025-12-31", 30).previous().label
        '2025-11-02 至 2025-12-01'
        """
        return self._shift(-1)

    def next(self) -> Window:
        """The period just after (the reverse of `previous`)."""
        return self._shift(1)

    def year_before(self) -> Window:
        """The same dates one year earlier (29 Feb becomes 28 Feb), for 同比."""
        if self.calendar:
            return Window(add_months(self.start, -12), add_months(self.end, -12), calendar=True)
        start = add_months(self.start, -12)
        return Window(start, start + dt.timedelta(days=self.days))

    def contains(self, times: pd.Series) -> pd.Series:
        """Which times fall inside; blank times do not."""
        return (times >= pd.Timestamp(self.start)) & (times < pd.Timestamp(self.end))


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day `months` later, or the last day of a shorter month."""
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def last_days(as_of: Any, n: int) -> Window:
    """The last `n` days **including** the AS_OF day, which is the last full day of the data.

    The platforms' "last 30 days" leave out today because today is not over; AS_OF is over.

    >>> w = last_days("2025-12-31", 30)
    >>> str(w.start), str(w.end), w.days
    ('2025-12-02', '2026-01-01', 30)
    """
    end = as_day(as_of) + dt.timedelta(days=1)
    return Window(end - dt.timedelta(days=whole(n, "n", low=1)), end)


def between(first: Any, last: Any) -> Window:
    """The days from `first` to `last`, both included (as a date picker gives them)."""
    return Window(as_day(first, "first"), as_day(last, "last") + dt.timedelta(days=1))


def month(text: str) -> Window:
    """A calendar month.

    >>> month("2025-11").days
    30
    """
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", str(text).strip())
    if not found or not 1 <= int(found[2]) <= 12:
        raise AnalyticsError(f"月份要写成 2025-11 这样，给的是 {text!r}。")
    start = dt.date(int(found[1]), int(found[2]), 1)
    return Window(start, add_months(start, 1), calendar=True)


def year(number: int) -> Window:
    """A calendar year."""
    start = dt.date(whole(number, "number", low=1), 1, 1)
    return Window(start, add_months(start, 12), calendar=True)


def last_months(as_of: Any, n: int) -> list[Window]:
    """The last `n` **whole** calendar months, oldest first.

    The month of `as_of` is among them only when `as_of` is its last day: a month that is not
    over would look like a slump.

    >>> [w.label for w in last_months("2025-12-31", 2)], [w.label for w in last_months("2025-12-30", 2)]
    (['2025-11', '2025-12'], ['2025-10', '2025-11'])
    """
    end = (as_day(as_of) + dt.timedelta(days=1)).replace(day=1)
    starts = [add_months(end, -k) for k in range(whole(n, "n", low=1), 0, -1)]
    return [Window(start, add_months(start, 1), calendar=True) for start in starts]
