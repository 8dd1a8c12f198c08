"""Erlang's formulas: how many seats a call centre needs, and what callers experience.

Erlang B (calls that find no free line are lost) and Erlang C (callers wait, nobody hangs up) after
A. K. Erlang 1917; Erlang A, where callers have exponential patience, after Palm 1957. All assume
random (Poisson) calls at a steady rate, exponential handling times and one queue, first come first
served. Load is in Erlang: calls per period × mean handling time ÷ length of the period.

When the load reaches the seats (A ≥ N) and nobody hangs up, the queue grows without end: everybody
waits (C = 1), the mean wait is ∞, nobody is answered in time (service level 0). Without any load
nobody waits. Without seats everybody is lost (B = 1) or waits for ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

MOST_SEATS = 10_000  # where a search for seats gives up


def offered_load(calls: float, period_s: float, handle_s: float) -> float:
    """Erlangs: calls in a period of `period_s` seconds, each handled for `handle_s` seconds.

    >>> offered_load(100, 1800, 180)
    10.0
    """
    calls = inputs.number(calls, "calls", low=0)
    handle = inputs.number(handle_s, "handle_s", low=0)
    return calls * handle / inputs.number(period_s, "period_s", above=0)


def erlang_b(load: float, seats: int) -> float:
    """Share of calls lost on `seats` lines without a queue.

    By the recursion B₀ = 1, B_k = A·B_{k−1} / (k + A·B_{k−1}): no factorials, no overflow.

    >>> round(erlang_b(2, 3), 4)
    0.2105
    """
    load = inputs.number(load, "load", low=0)
    blocked = 1.0
    for k in range(1, inputs.whole(seats, "seats") + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(load: float, seats: int) -> float:
    """Share of callers who wait; 1 when the load reaches the seats.

    >>> round(erlang_c(10, 14), 8)
    0.17413193
    """
    load = inputs.number(load, "load", low=0)
    seats = inputs.whole(seats, "seats")
    if load == 0 and seats:
        return 0.0
    if load >= seats:
        return 1.0
    blocked = erlang_b(load, seats)
    return blocked / (1 - load / seats * (1 - blocked))


@dataclass(frozen=True)
class Performance:
    """What callers experience with so many seats.

    Attributes
    ----------
    load
        Offered load in Erlang.
    wait_share
        Share of callers who wait at all.
    service_level
        Share answered within the target time.
    mean_wait_s
        Mean wait of all callers in seconds (ASA, average speed of answer); ∞ when A ≥ N.
    mean_wait_of_waiting_s
        The same of those who wait at all.
    occupancy
        Share of the time in which a seat is busy, at most 1.
    abandoned
        Share of callers who hang up; 0 under Erlang C.
    """

    load: float
    seats: int
    wait_share: float
    service_level: float
    mean_wait_s: float
    mean_wait_of_waiting_s: float
    occupancy: float
    abandoned: float = 0.0

    @property
    def immediate(self) -> float:
        """Share answered without any wait."""
        return 1 - self.wait_share


def performance(
    calls: float, period_s: float, handle_s: float, seats: int, target_s: float = 20
) -> Performance:
    """Erlang C for one period.

    Parameters
    ----------
    calls
        Calls in the period.
    period_s, handle_s, target_s
        Length of the period, mean handling time (talk and after-call work), target time: seconds.
    """
    load = offered_load(calls, period_s, handle_s)
    seats = inputs.whole(seats, "seats")
    target = inputs.number(target_s, "target_s", low=0)
    waits = erlang_c(load, seats)
    occupancy = min(1.0, load / seats) if seats else float(load > 0)
    if waits == 0:
        return Performance(load, seats, 0.0, 1.0, 0.0, 0.0, occupancy)
    if load >= seats:
        return Performance(load, seats, 1.0, 0.0, math.inf, math.inf, occupancy)
    of_waiting = handle_s / (seats - load)
    level = 1 - waits * math.exp(-(seats - load) * target / handle_s)
    return Performance(load, seats, waits, level, waits * of_waiting, of_waiting, occupancy)


def fewest_seats(
    calls: float, period_s: float, handle_s: float, *, service_level: float = 0.8,
    target_s: float = 20, most_occupied: float = 1.0,
) -> int:  # fmt: skip
    """The smallest number of seats that reaches the service level within the occupancy.

    Raises
    ------
    AnalyticsError
        A service level of 1 or more than `MOST_SEATS` would be needed.

    Examples
    --------
    >>> fewest_seats(100, 1800, 180, service_level=0.8, target_s=20, most_occupied=0.85)
    14
    """
    wanted = inputs.number(service_level, "service_level", low=0)
    if wanted >= 1:
        raise AnalyticsError(
            "服务水平不能定为 100%：再多坐席也不能保证人人都在时限内接通，请定一个小于 1 的数。"
        )
    limit = inputs.number(most_occupied, "most_occupied", above=0, high=1)
    load = offered_load(calls, period_s, handle_s)
    if load == 0:
        return 0
    for seats in range(max(1, math.floor(load)), MOST_SEATS + 1):
        found = performance(calls, period_s, handle_s, seats, target_s)
        if load < seats and found.service_level >= wanted and found.occupancy <= limit + 1e-12:
            return seats
    raise AnalyticsError(f"话务量 {load:g} 爱尔兰太大，{MOST_SEATS} 个坐席也不够，请核对单位。")


def scheduled(seats: int, shrinkage: float) -> int:
    """People to put on the roster so that `seats` are there: seats ÷ (1 − shrinkage), rounded up.

    >>> scheduled(14, 0.30)
    20
    """
    away = inputs.number(shrinkage, "shrinkage", low=0)
    if away >= 1:
        raise AnalyticsError("缩减率要小于 1：人人都不在岗，排多少人也没有用。")
    return math.ceil(inputs.whole(seats, "seats") / (1 - away) - 1e-9)


def with_patience(
    calls: float, period_s: float, handle_s: float, seats: int, patience_s: float,
    target_s: float = 20,
) -> Performance:  # fmt: skip
    """Erlang A (M/M/N+M): as `performance`, but callers hang up after an exponential patience.

    The queue never grows without end, so A ≥ N is allowed. `mean_wait_s` is the mean of all
    callers, whether answered or not; `service_level` is the share of all callers answered within
    the target, found on a grid of the queue's states (Palm 1957; Garnett, Mandelbaum & Reiman
    2002).

    Examples
    --------
    >>> found = with_patience(60, 3600, 240, 4, patience_s=120)
    >>> round(found.abandoned, 3), found.occupancy < 1
    (0.227, True)
    """
    load = offered_load(calls, period_s, handle_s)
    seats = inputs.whole(seats, "seats", low=1)
    patience = inputs.number(patience_s, "patience_s", above=0)
    target = inputs.number(target_s, "target_s", low=0)
    if load == 0:
        return Performance(0.0, seats, 0.0, 1.0, 0.0, 0.0, 0.0)
    rate, serve, leave = calls / period_s, 1 / handle_s, 1 / patience
    states = _balance(rate, serve, leave, seats)
    waits = sum(states[seats:])
    queue = sum(k * p for k, p in enumerate(states[seats:]))
    abandoned = leave * queue / rate
    mean_wait = queue / rate  # Little's law
    level = sum(states[:seats]) + sum(
        p * _served_within(k, seats * serve, leave, target) for k, p in enumerate(states[seats:])
    )
    return Performance(
        load, seats, waits, level, mean_wait, mean_wait / waits,
        load * (1 - abandoned) / seats, abandoned,
    )  # fmt: skip


def _balance(rate: float, serve: float, leave: float, seats: int) -> list[float]:
    """Probabilities of 0, 1, 2 … callers in the system, cut where they no longer matter.

    Kept as logarithms until the largest is known: a load of thousands must not overflow.
    """
    logs = [0.0]
    while True:
        n = len(logs)
        logs.append(logs[-1] + math.log(rate / (min(n, seats) * serve + max(0, n - seats) * leave)))
        if n > seats and logs[-1] < max(logs) - 40:
            break
    top = max(logs)
    weights = [math.exp(x - top) for x in logs]
    total = sum(weights)
    return [w / total for w in weights]


def _served_within(ahead: int, serve: float, leave: float, target: float) -> float:
    """P(a caller who finds `ahead` others waiting is answered by `target` and has not hung up).

    His turn comes after `ahead` + 1 departures, at rates serve + j·leave; P(turn ≤ target before
    his own patience ends). With x = 1 − e^{−leave·s} the turn's density is a beta's, so that
    P = ∫ e^{−leave·s} dF(s) = I_x(ahead + 1, serve/leave + 1) · (serve/leave) / (serve/leave + ahead + 1).
    """
    from scipy.special import betainc

    ratio = serve / leave
    x = -math.expm1(-leave * target)
    return float(betainc(ahead + 1, ratio + 1, x)) * ratio / (ratio + ahead + 1)
