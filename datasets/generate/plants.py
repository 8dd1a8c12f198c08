"""Facts planted on purpose, so that tests and judges know what there is to find."""

from __future__ import annotations

import datetime as dt
from typing import Any

from .draws import Draws
from .purchases import Buyer
from .reviews import Review
from .spec import AS_OF, END, Customer, Line, Order, Shop
from .texts import GENERAL

# Years chosen so that age bands change on, just before and just after AS_OF.
BIRTHDAYS = (
    ("leap_day", dt.date(1988, 2, 29)),
    ("leap_day", dt.date(1996, 2, 29)),
    ("leap_day", dt.date(2000, 2, 29)),
    ("on_as_of", dt.date(1990, 12, 31)),  # 35 on that very day
    ("on_as_of", dt.date(2000, 12, 31)),  # 25
    ("day_before", dt.date(1980, 12, 30)),
    ("day_before", dt.date(1970, 12, 30)),
    ("day_after", dt.date(1991, 1, 1)),  # still 34
    ("day_after", dt.date(2001, 1, 1)),  # still 24
    ("year_end", dt.date(1985, 12, 28)),
    ("year_end", dt.date(1993, 12, 29)),
    ("year_end", dt.date(1978, 1, 2)),
    ("year_end", dt.date(1999, 1, 5)),
    ("year_end", dt.date(1987, 1, 7)),
)
_MISMATCHES = (1000, -500, 10)  # fen by which the amount of an order is wrong
_OUTLIERS = 8
_BURST = 26


def birthdays(shop: Shop, people: list[Customer], buyers: list[Buyer]) -> dict[str, list[str]]:
    """Give some buyers of the last year a birthday at the edges, and consent to be greeted."""
    draws = Draws(shop.name, "plants", "birthdays")
    recent = [
        who
        for who, buyer in zip(people, buyers, strict=True)
        if buyer.purchases[-1].at > END - dt.timedelta(days=200)
    ]
    found: dict[str, list[str]] = {}
    for (kind, day), who in zip(BIRTHDAYS, draws.sample(recent, len(BIRTHDAYS)), strict=True):
        who.birthday = day
        who.consent = True
        found.setdefault(kind, []).append(who.id)
    return found


def odd_orders(shop: Shop, orders: list[Order]) -> dict[str, Any]:
    """Amounts that do not add up, and far too large orders of customers who bought but once."""
    draws = Draws(shop.name, "plants", "orders")
    count: dict[str, int] = {}
    for order in orders:
        if order.paid:
            count[order.customer.id] = count.get(order.customer.id, 0) + 1
    settled = [o for o in orders if o.paid and not o.gift and o.at < END - dt.timedelta(days=45)]
    once = [o for o in settled if count[o.customer.id] == 1]
    largest = max(o.amount for o in orders)
    bulk = [p for p in shop.products if p.discounted and not p.last_sold and p.price >= 5000]
    outliers = draws.sample(once, _OUTLIERS)
    for order in outliers:
        ware = draws.pick([p for p in bulk if p.listed <= order.at.date().isoformat()])
        wanted = largest * draws.uniform(1.7, 2.8)
        order.lines = [Line(ware.sku, int(wanted / ware.price) + 1, ware.price)]
        order.freight = order.discount = 0
        order.amount = order.goods
        order.plant = "outlier"
    wrong = draws.sample([o for o in settled if not o.plant and not o.discount], len(_MISMATCHES))
    for order, error in zip(wrong, _MISMATCHES, strict=True):
        order.amount += error
        order.plant = "mismatch"
    return {
        "amount_mismatch": [
            {"order_id": o.id, "error_fen": e} for o, e in zip(wrong, _MISMATCHES, strict=True)
        ],
        "outlier_orders": sorted(o.id for o in outliers),
    }


def illegal_step(shop: Shop, orders: list[Order]) -> str:
    """One order that was sent out while it still waited for payment."""
    draws = Draws(shop.name, "plants", "step")
    order = draws.pick(
        [
            o
            for o in orders
            if o.status == "TRADE_FINISHED"
            and not o.plant
            and o.at < END - dt.timedelta(days=60)
            and o.shipped_at is not None
            and o.shipped_at - o.at < dt.timedelta(hours=16)
        ]
    )
    assert order.shipped_at is not None
    order.paid_at = order.shipped_at + dt.timedelta(hours=5, minutes=12)
    order.plant = "step"
    return order.id


def burst(shop: Shop, orders: list[Order], reviews: list[Review]) -> list[Review]:
    """Within one evening two dozen buyers write bad reviews, most of them unanswered."""
    draws = Draws(shop.name, "plants", "burst")
    evening = dt.datetime.fromisoformat(shop.burst_day) + dt.timedelta(hours=19)
    reviewed = {id(r.order) for r in reviews}
    fresh: dict[str, Order] = {}
    for order in orders:
        if order.received_at is None or order.plant or id(order) in reviewed:
            continue
        if dt.timedelta(0) < evening - order.received_at < dt.timedelta(days=14):
            fresh.setdefault(order.customer.id, order)
    attackers = draws.sample(sorted(fresh.values(), key=lambda o: o.id), _BURST)
    out = []
    for order in attackers:
        at = evening + dt.timedelta(seconds=draws.integer(0, 4 * 3600 - 60))
        text = "，".join(draws.sample(GENERAL["burst"], draws.integer(1, 2))) + "！"
        replied = at + dt.timedelta(hours=draws.uniform(2, 30)) if draws.chance(0.2) else None
        replied = replied.replace(microsecond=0) if replied else None
        stars = 1 if draws.chance(0.85) else 2
        out.append(Review(order, order.lines[0].sku, stars, at, text, replied))
    return out


def keepers(shop: Shop, orders: list[Order], quiet: str) -> list[str]:
    """Customers that every variant needs: the last orders of the dormant channel, each state."""
    paid = [o for o in orders if o.paid]
    ids = [o.customer.id for o in paid if o.channel == quiet][-3:]
    for status, enough in (
        ("WAIT_BUYER_PAY", 8),
        ("SELLER_CONSIGNED_PART", 3),
        ("WAIT_SELLER_SEND_GOODS", 4),
        ("WAIT_BUYER_CONFIRM_GOODS", 8),
    ):
        ids += [o.customer.id for o in orders if o.status == status][:enough]
    return ids


def unsold(shop: Shop, orders: list[Order]) -> list[str]:
    """Products without a paid order in the 90 days up to AS_OF."""
    since = dt.datetime.combine(AS_OF - dt.timedelta(days=89), dt.time())
    sold = {line.sku for o in orders if o.paid and o.at >= since for line in o.lines}
    return [p.sku for p in shop.products if p.sku not in sold]
