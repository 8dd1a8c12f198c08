"""How long a routine task takes by hand: the keystroke-level model, and when a system pays.

Card, Moran, Newell (1980): time = Σ of operators, each with a fixed mean time. Here a click is
pointing plus pressing and letting go (P + 2 B), a key is K, and one mental preparation (M) stands
before each step. The times are those of the paper for an average typist.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from crmkit.analytics.errors import AnalyticsError

KEY, POINT, BUTTON, THINK = 0.28, 1.10, 0.10, 1.35  # seconds


@dataclass(frozen=True)
class Step:
    """One step that a person takes in one go: what for, clicks and keys."""

    what: str
    clicks: int = 0
    keys: int = 0


def actions(steps: Iterable[Step]) -> int:
    """Clicks and keys together.

    >>> actions([Step("打开", 2), Step("输入", 1, 3)])
    6
    """
    return sum(s.clicks + s.keys for s in steps)


def seconds(steps: Iterable[Step]) -> float:
    """Time of the steps by the keystroke-level model, without errors and waiting.

    >>> round(seconds([Step("打开", 2), Step("输入", 1, 3)]), 2)
    7.44
    """
    return sum(THINK + s.clicks * (POINT + 2 * BUTTON) + s.keys * KEY for s in steps)


def without_slip(count: int, slip: float) -> float:
    """The chance that `count` actions all go right, each with the chance `slip` to go wrong."""
    if not 0 <= slip <= 1:
        raise AnalyticsError(f"每一下弄错的可能要在 0 和 1 之间，给的是 {slip!r}。")
    return (1 - slip) ** count


def break_even(setup: float, slow: float, fast: float) -> float:
    """How often a task must be done until a set-up pays, in the unit of the times; inf: never.

    Parameters
    ----------
    setup
        Time that the faster way costs once.
    slow, fast
        Time of the task in the two ways.

    Examples
    --------
    >>> break_even(3600, 60, 15)
    80.0
    """
    return setup / (slow - fast) if slow > fast else math.inf
