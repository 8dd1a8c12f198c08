"""The call log of the shop's hotline."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .draws import Draws, Weighted
from .spec import CallLog, Shop


@dataclass
class Call:
    at: dt.datetime
    direction: str
    path: str
    skill: str
    wait_s: int
    handle_s: int
    abandoned: bool
    agent: str


def calls(shop: Shop, log: CallLog) -> list[Call]:
    """The hotline for some weeks, caller by caller: Poisson in, exponential handling, one queue.

    Who waits longer than his patience hangs up. An agent on duty takes the next caller when free;
    one who ends his shift finishes the call in hand.
    """
    draws = Draws(shop.name, "calls")
    skills = Weighted(((path, skill), share) for path, skill, share in log.skills)
    out = []
    for day in range(log.days):
        midnight = dt.datetime.fromisoformat(log.first_day) + dt.timedelta(days=day)
        arrivals = []
        for hour, rate in log.hourly.items():
            moment = hour * 3600.0 + draws.exponential(3600.0 / rate)
            while moment < (hour + 1) * 3600.0:
                arrivals.append(moment)
                moment += draws.exponential(3600.0 / rate)
        free = dict.fromkeys(range(max(log.agents.values())), 0.0)  # desk → when it is free again
        for moment in sorted(arrivals):
            path, skill = draws.weighted(skills)
            patience = draws.exponential(log.patience_s)
            handle = max(10.0, draws.exponential(log.handle_s))
            start, desk = _start(moment, free, log)
            lost = start - moment > patience
            if not lost:
                free[desk] = start + handle
            out.append(
                Call(
                    midnight + dt.timedelta(seconds=int(moment)),
                    "呼入",
                    path,
                    skill,
                    int(patience if lost else start - moment),
                    0 if lost else int(handle),
                    lost,
                    "" if lost else shop.agents[desk % len(shop.agents)],
                )  # fmt: skip
            )
        for _ in range(draws.poisson(9)):
            at = midnight + dt.timedelta(seconds=draws.integer(9 * 3600 + 1800, 20 * 3600))
            talk = int(draws.exponential(110)) + 8
            agent = draws.pick(shop.agents)
            out.append(Call(at, "呼出", "", "回访", 0, talk, False, agent))
    return sorted(out, key=lambda c: (c.at, c.direction, c.handle_s))


def _start(at: float, free: dict[int, float], log: CallLog) -> tuple[float, int]:
    """When the next caller is served, and at which desk."""
    best = (24 * 3600.0, 0)
    for desk, until in free.items():
        start = max(at, until)
        while start < best[0] and desk >= log.agents.get(int(start // 3600), 1):
            start = (start // 3600 + 1) * 3600.0  # nobody at this desk before the next hour
        best = min(best, (start, desk))
    return best
