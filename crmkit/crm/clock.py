"""The shop's own time: it stands still at the course's data date until somebody moves it on.

Quiet hours, working-time clocks and time-outs are then the same for everyone who does a lab,
at whatever hour they sit down to it.
"""

from __future__ import annotations

import datetime as dt

START = dt.time(10, 0)
FORMAT = "%Y-%m-%d %H:%M:%S"


def opening(day: dt.date) -> dt.datetime:
    """The moment at which a shop of this data date opens for the first time."""
    return dt.datetime.combine(day, START)


def text(moment: dt.datetime) -> str:
    """As the store writes it: ``"2025-12-31 10:00:00"``."""
    return moment.strftime(FORMAT)


def parse(value: str) -> dt.datetime:
    """The inverse of `text`."""
    return dt.datetime.strptime(value, FORMAT)
