"""Business opportunities: bulk enquiries of firms and groups."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .draws import Draws, Weighted
from .spec import AS_OF, Customer, Shop


@dataclass
class Opportunity:
    customer: Customer
    stage: str
    amount: int
    marks: tuple[int, int, int, int]
    opened: dt.date
    closed: dt.date | None


def opportunities(shop: Shop, people: list[Customer], typical: int) -> list[Opportunity]:
    """Bulk enquiries of firms and groups; strong needs and means lead to more wins."""
    draws = Draws(shop.name, "opportunities")
    out = []
    for who in draws.sample(people, 170):
        room = (AS_OF - who.registered).days
        if room < 1:
            continue
        opened = AS_OF - dt.timedelta(days=min(draws.integer(0, room), draws.integer(0, 260)))
        strength = draws.normal()
        c1, c2, c3, c4 = (
            max(1, min(5, round(3.0 + 0.7 * strength + draws.normal(0, 0.8)))) for _ in range(4)
        )
        marks = (c1, c2, c3, c4)
        age = (AS_OF - opened).days
        length = 20 + int(draws.exponential(80))
        closed = opened + dt.timedelta(days=length) if length <= age else None
        if closed is not None:
            stage = "won" if draws.chance(min(0.9, max(0.05, 0.08 * (sum(marks) - 8)))) else "lost"
        else:
            stage = draws.weighted(
                Weighted({"lead": 3.0, "qualified": 2.6, "feasible": 2.0, "target": 1.4})
            )
        amount = int(draws.lognormal(typical * 30 / 10000, 0.7)) * 100 * 100
        out.append(Opportunity(who, stage, max(amount, 50000), marks, opened, closed))
    return sorted(out, key=lambda o: (o.opened, o.customer.id))
