"""Fit and gap: how many of the wanted functions a system has, when most is not known.

What nobody has read or tried is neither there nor missing: a system's coverage is an interval.
Its lower end counts the unknown as missing, its upper end as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

FIT, PART, UNKNOWN = "对上", "沾边", "不知道"
WORTH: Mapping[str, float] = {FIT: 1.0, PART: 0.5}
READINGS: Mapping[str, float] = {"none": 0.0, "half": 0.5, "all": 1.0}


@dataclass(frozen=True)
class Coverage:
    """Of the wanted functions: what is there at least, at this reading, at most.

    Attributes
    ----------
    known
        Worth of what was read: 1 for each fit, ½ for each part.
    unknown
        How many functions nothing is known of, after the trials.
    """

    known: float
    low: float
    point: float
    high: float
    unknown: int


def coverage(
    levels: Iterable[str], *, unknown: str = "none", tried: int = 0, hit: float = 0.5
) -> Coverage:
    """The coverage of one system.

    Parameters
    ----------
    levels
        One of FIT, PART, UNKNOWN for each wanted function.
    unknown
        How to count what is not known: a key of `READINGS`.
    tried
        How many of the unknown functions are tried out; `hit` of them turn out to be there.

    Examples
    --------
    >>> coverage([FIT, PART, UNKNOWN, UNKNOWN], unknown="half")
    Coverage(known=1.5, low=1.5, point=2.5, high=3.5, unknown=2)
    """
    inputs.choice(unknown, "unknown", READINGS)
    if not 0 <= hit <= 1 or tried < 0:
        raise AnalyticsError("试的项数不能小于 0，试成的比例要在 0 和 1 之间。")
    told = list(levels)
    for level in told:
        inputs.choice(level, "levels", (FIT, PART, UNKNOWN))
    known = sum(WORTH.get(level, 0.0) for level in told)
    open_ = told.count(UNKNOWN)
    done = min(tried, open_)
    low = known + done * hit
    rest = open_ - done
    return Coverage(known, low, low + rest * READINGS[unknown], low + rest, rest)


def certain(found: Mapping[str, Coverage]) -> str:
    """The system that is first whatever the unknown turns out to be; "" when none is."""
    for name, mine in found.items():
        if all(mine.low > c.high for other, c in found.items() if other != name):
            return name
    return ""
