"""Who buys when, and for how much.

Times follow BG/NBD on the shop's clock (Fader, Hardie and Lee 2005): a buyer's rate is gamma,
and after each *repeat* purchase the buyer leaves for good with a beta probability. Spending is
gamma-gamma (Fader and Hardie 2013) and independent of the rate. A campaign may bring a purchase
forward; it never adds one.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field

from .draws import Draws, Weighted
from .season import Clock
from .spec import DAYS, END, Shop

_WEEK = 7.0
_MIN_GAP = dt.timedelta(minutes=7)


@dataclass
class Purchase:
    at: dt.datetime
    yuan: float
    campaign: str = ""


@dataclass
class Buyer:
    purchases: list[Purchase] = field(default_factory=list)

    def before(self, moment: dt.datetime) -> list[Purchase]:
        return [p for p in self.purchases if p.at < moment]


def _first_days(clock: Clock) -> Weighted[int]:
    # The member programme began with the first day: many join early, then a steady stream.
    return Weighted(
        (d, clock.speed[d] * (1.0 + 3.2 * math.exp(-d / 40.0))) for d in range(DAYS - 3)
    )


def buyers(shop: Shop, clock: Clock) -> list[Buyer]:
    """All buyers with their purchases, by time of the first one."""
    draws = Draws(shop.name, shop.stream)
    r, alpha, a, b = shop.bgnbd
    p, q, v = shop.spending
    days = _first_days(clock)
    firsts = sorted(
        clock.of(clock.when(0.0) + dt.timedelta(days=draws.weighted(days))) + draws.random() * 0.999
        for _ in range(shop.buyers)
    )
    out = []
    for shown in firsts:
        rate = draws.gamma(r, alpha) / _WEEK  # purchases per day of the clock
        leave = draws.beta(a, b)
        nu = draws.gamma(q, v)
        buyer = Buyer([Purchase(clock.when(shown), draws.gamma(p, nu))])
        while True:
            shown += draws.exponential(1.0 / rate)
            if shown >= clock.end:
                break
            at = max(clock.when(shown), buyer.purchases[-1].at + _MIN_GAP)
            if at >= END:
                break
            buyer.purchases.append(Purchase(at, draws.gamma(p, nu)))
            if draws.chance(leave):
                break
        out.append(buyer)
    return sorted(out, key=lambda x: x.purchases[0].at)
