"""A figure with what it was made of, and how it changed."""

from __future__ import annotations

from typing import NamedTuple


class Indicator(NamedTuple):
    """A figure with what it was made of; `denominator` is None for a plain total."""

    value: float | None
    numerator: float
    denominator: float | None

    @classmethod
    def ratio(cls, numerator: float, denominator: float) -> Indicator:
        """numerator ÷ denominator, without a value when the denominator is zero."""
        value = numerator / denominator if denominator else None
        return cls(value, numerator, denominator)

    @classmethod
    def total(cls, value: float) -> Indicator:
        """A sum or a count."""
        return cls(value, value, None)


class Comparison(NamedTuple):
    """An indicator now and in the previous period, and the 环比 between them."""

    now: Indicator
    before: Indicator
    change: Indicator


def change(now: Indicator, before: Indicator) -> Indicator:
    """环比 = (now − before) ÷ before; no value when one is missing or `before` is not positive.

    >>> change(Indicator.total(150), Indicator.total(120)).value
    0.25
    """
    if now.value is None or before.value is None:
        return Indicator(None, 0, before.value)
    difference = tidy(now.value - before.value)
    value = difference / before.value if before.value > 0 else None
    return Indicator(value, difference, before.value)


def tidy(yuan: float) -> float:
    """Drop the dust of subtracting two amounts that have two decimals."""
    return round(yuan, 10)
