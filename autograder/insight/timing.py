"""When hand-ins came, from the time stamps that they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# Before the deadline: upper ends in hours, and what the reader sees; the last is what is over it.
EARLY = (
    (6, "6 时内"),
    (24, "6–24 时"),
    (72, "1–3 天"),
    (168, "3–7 天"),
)
EARLIEST, LATE = "7 天以上", "截止后"


@dataclass(frozen=True)
class Timing:
    """Hand-ins of one lab in the order of time; `bins` is empty without a deadline or time stamps."""

    known: int
    late: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    bins: tuple[tuple[str, int], ...]


def timing(
    handed_in: Mapping[str, datetime | None],
    due: datetime | None,
    own_due: Mapping[str, datetime] | None = None,
) -> Timing:
    """How long before the deadline hand-ins came.

    Parameters
    ----------
    handed_in : mapping of str to datetime
        Student → time of the hand-in; None where it carries no time.
    due : datetime or None
        The deadline, in the same time zone.
    own_due : mapping of str to datetime, optional
        Deadlines of those who were given more time.
    """
    times = {s: t for s, t in handed_in.items() if t is not None}
    if not times:
        return Timing(0, (), None, None, ())
    first, last = min(times.values()), max(times.values())
    if due is None:
        return Timing(len(times), (), first, last, ())
    names = [EARLIEST, *(name for _, name in reversed(EARLY)), LATE]
    counts = dict.fromkeys(names, 0)
    left = {s: (own_due or {}).get(s, due) - moment for s, moment in times.items()}
    for rest in left.values():
        counts[_bin(rest)] += 1
    late = tuple(sorted(s for s, rest in left.items() if rest < timedelta(0)))
    return Timing(len(times), late, first, last, tuple(counts.items()))


def _bin(left: timedelta) -> str:
    if left < timedelta(0):
        return LATE
    return next((name for hours, name in EARLY if left <= timedelta(hours=hours)), EARLIEST)
