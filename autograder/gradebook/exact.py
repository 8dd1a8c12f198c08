"""Exact arithmetic of marks: fractions throughout, one rounding at the very end.

The rule of the kit, stated once: nothing is rounded on the way; the final mark is rounded once, half
up (84.65 → 84.7 with one decimal), from the exact value and never from a rounded one.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

Number = int | float | str | Decimal | Fraction


def exact(value: Number) -> Fraction:
    """The number as it is written: 0.1 is one tenth, not the nearest binary fraction.

    >>> exact(0.1) + exact("0.2") == Fraction(3, 10)
    True
    """
    return value if isinstance(value, Fraction) else Fraction(str(value))


def half_up(value: Number, places: int) -> Decimal:
    """Round a mark, half up.

    >>> half_up("84.65", 1), half_up(Fraction(8464999, 100000), 1), half_up("84.5", 0)
    (Decimal('84.7'), Decimal('84.6'), Decimal('85'))
    """
    scaled = exact(value) * 10**places
    whole = (abs(scaled) + Fraction(1, 2)).__floor__()
    return Decimal(whole if scaled >= 0 else -whole).scaleb(-places)


def rounded(cell: str, places: int) -> str:
    """The same rounding as a spreadsheet formula.

    The inner ROUND takes away the noise of binary fractions (84.6499999999999 for 84.65).
    """
    return f"ROUND(ROUND({cell},9),{places})"


def show(value: Number) -> str:
    """A number without superfluous zeros, at most two decimals.

    >>> show(7.5), show(Fraction(1, 3)), show(80)
    ('7.5', '0.33', '80')
    """
    text = str(half_up(value, 2))
    return text.rstrip("0").rstrip(".") if "." in text else text
