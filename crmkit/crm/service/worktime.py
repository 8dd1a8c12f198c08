"""The clock that only runs in working time: when a case is due."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crmkit.settings import settings


def is_workday(day: dt.date) -> bool:
    """Whether the service desk works: the official calendar, make-up days included.

    The calendar package knows 2004 to 2026; other years go by the weekday.
    """
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def due(start: dt.datetime, hours: float) -> dt.datetime:
    """The moment at which `hours` of working time have passed since `start`.

    >>> due(dt.datetime(2025, 12, 30, 17, 0), 4)  # an hour today, three on the next day
    datetime.datetime(2025, 12, 31, 12, 0)
    """
    left, at = dt.timedelta(hours=hours), start
    while True:
        opens, closes = _hours(at.date())
        at = max(at, opens)
        if is_workday(at.date()) and at < closes:
            if at + left <= closes:
                return at + left
            left -= closes - at
        at = _hours(at.date() + dt.timedelta(days=1))[0]


def worked(start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Working time between two moments; nothing when `end` is not after `start`."""
    total, day = dt.timedelta(), start.date()
    while day <= end.date():
        if is_workday(day):
            opens, closes = _hours(day)
            total += max(min(end, closes) - max(start, opens), dt.timedelta())
        day += dt.timedelta(days=1)
    return total


def _hours(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    rules: dict[str, Any] = settings()["service"]
    midnight = dt.datetime.combine(day, dt.time())
    return (
        midnight + dt.timedelta(hours=rules["work_from"]),
        midnight + dt.timedelta(hours=rules["work_until"]),
    )
