"""A call centre of one's own or somebody else's: cost of a month, and where the two are equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crmkit.analytics import erlang, inputs
from crmkit.analytics.errors import AnalyticsError


@dataclass(frozen=True)
class Offer:
    """One way to have calls answered: yuan a month whatever comes, and yuan a call."""

    fixed: float
    per_call: float

    def cost(self, calls: float) -> float:
        """Yuan for a month with so many calls.

        >>> Offer(3000, 6).cost(1000)
        9000
        """
        return self.fixed + self.per_call * calls


def break_even(own: Offer, outside: Offer) -> float:
    """Calls a month at which both cost the same; above it the one with the cheaper call wins.

    (fixed costs of one's own − fixed costs outside) ÷ (price outside − cost of a call of one's own).

    Raises
    ------
    AnalyticsError
        They never cost the same: one is cheaper for every number of calls.

    Examples
    --------
    >>> break_even(Offer(30_000, 1.0), Offer(2_000, 8.0))
    4000.0
    """
    saved = outside.per_call - own.per_call
    extra = own.fixed - outside.fixed
    if saved == 0 or extra / saved < 0:
        cheaper = "自建" if (extra, -saved) < (0, 0) or extra < 0 else "外包"
        raise AnalyticsError(f"两条成本线没有交点：来电多少都是{cheaper}便宜，不用算平衡点。")
    return extra / saved


@dataclass(frozen=True)
class OwnCentre:
    """A centre of one's own whose seats follow the load.

    Parameters
    ----------
    fixed
        Yuan a month for systems, lines and rooms.
    seat
        Yuan a month for one person on the roster.
    per_call
        Yuan a call (telephone charges).
    handle_s, target_s
        Seconds.
    busy_share
        Share of the month's calls that fall into the busiest hour of all days together.
    days
        Working days of a month.
    shifts
        People needed in turn for one seat over the opening hours.
    """

    fixed: float
    seat: float
    per_call: float
    handle_s: float = 240
    busy_share: float = 0.12
    days: int = 30
    shifts: float = 2.0
    service_level: float = 0.8
    target_s: float = 20
    shrinkage: float = 0.3

    def people(self, calls: float) -> int:
        """Roster for a month with so many calls: the busiest hour, Erlang C, shifts, shrinkage."""
        hourly = inputs.number(calls, "calls", low=0) * self.busy_share / self.days
        seats = erlang.fewest_seats(
            hourly, 3600, self.handle_s, service_level=self.service_level, target_s=self.target_s
        )
        return erlang.scheduled(int(-(-seats * self.shifts // 1)), self.shrinkage)

    def cost(self, calls: float) -> float:
        """Yuan for a month with so many calls."""
        return self.fixed + self.seat * self.people(calls) + self.per_call * calls


def equal_ranges(own: OwnCentre, outside: Offer, upto: int, step: int = 50) -> list[int]:
    """Numbers of calls (multiples of `step`) at which the cheaper side changes.

    With seats in whole people the own cost is a staircase, so it can cross the line several times.
    """
    sides: Mapping[int, bool] = {c: own.cost(c) < outside.cost(c) for c in range(0, upto + 1, step)}
    return [c for c in list(sides)[1:] if sides[c] != sides[c - step]]
