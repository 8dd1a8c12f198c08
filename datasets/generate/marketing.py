"""Campaigns, their sends and hold-outs, satisfaction surveys and tags.

A campaign draws its audience from what is known on its first morning, leaves a random part of it
alone (留白) and writes to the rest. Its effect is that some of those written to make their next
purchase early, inside the campaign. Both outcomes of everybody in the audience are known here,
so the true uplift is too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .draws import Draws, Weighted
from .purchases import Buyer
from .season import Clock
from .spec import AS_OF, END, Campaign, Customer, Order, Shop

RESPONSE = dt.timedelta(days=7)  # an order this soon after the send, inside the campaign, responds
_REACH = dt.timedelta(days=80)  # a purchase further away than this is not brought forward


@dataclass
class Send:
    campaign: Campaign
    customer: Customer
    buyer: Buyer
    via: str
    at: dt.datetime
    order: Order | None = None

    @property
    def until(self) -> dt.datetime:
        close = dt.datetime.combine(dt.date.fromisoformat(self.campaign.ends), dt.time(23, 59, 59))
        return min(self.at + RESPONSE, close)


@dataclass
class Effect:
    """What a campaign did, from both outcomes of its whole audience."""

    campaign: str
    treated: int
    held_out: int
    base: float
    uplift: float


def _audience(campaign: Campaign, morning: dt.datetime, buyer: Buyer) -> bool:
    least, low, high = campaign.audience
    known = buyer.before(morning)
    if len(known) < least:
        return False
    days = (morning - known[-1].at).days
    return (low is None or days >= low) and (high is None or days <= high)


def run(
    shop: Shop, clock: Clock, people: list[Customer], buyers: list[Buyer]
) -> tuple[list[Send], list[Effect]]:
    """Send every campaign in turn; purchases that a send brings forward move in `buyers`."""
    draws = Draws(shop.name, "campaigns")
    sends: list[Send] = []
    effects: list[Effect] = []
    taken: dict[str, set[str]] = {}
    for campaign in shop.campaigns:
        if campaign.kind == "生日":
            sends += _birthdays(campaign, people, buyers, draws)
            continue
        if not campaign.size:
            continue
        morning = dt.datetime.combine(dt.date.fromisoformat(campaign.starts), dt.time(9))
        used = taken.setdefault(campaign.starts, set())
        ready = [
            (who, buyer)
            for who, buyer in zip(people, buyers, strict=True)
            if who.consent and who.id not in used and _audience(campaign, morning, buyer)
        ]
        chosen = draws.sample(ready, campaign.size)
        used.update(who.id for who, _ in chosen)
        both: list[tuple[bool, bool]] = []
        treated = 0
        for who, buyer in chosen:
            via = (
                "留白"
                if draws.chance(campaign.holdout)
                else "短信"
                if draws.chance(0.6)
                else "微信"
            )
            send = Send(
                campaign,
                who,
                buyer,
                via,
                morning + dt.timedelta(seconds=draws.integer(0, 9 * 3600)),
            )
            anyhow = any(send.at <= p.at <= send.until for p in buyer.purchases)
            later = next((p for p in buyer.purchases if p.at > send.until), None)
            moved = not anyhow and later is not None and later.at - send.until <= _REACH
            moved = moved and draws.chance(campaign.pull)
            both.append((anyhow, anyhow or moved))
            if via != "留白":
                treated += 1
                if moved and later is not None:
                    low, high = clock.of(send.at), clock.of(send.until)
                    # The answer comes soon or not at all: the first days carry most of it.
                    later.at = clock.when(low + (high - low) * draws.random() ** 2)
                    later.at = max(later.at, send.at + dt.timedelta(minutes=5))
                    later.campaign = campaign.id
            sends.append(send)
        base = sum(a for a, _ in both) / len(both)
        after = sum(b for _, b in both) / len(both)
        effects.append(Effect(campaign.id, treated, len(both) - treated, base, after - base))
    return sends, effects


def _birthdays(
    campaign: Campaign, people: list[Customer], buyers: list[Buyer], draws: Draws
) -> list[Send]:
    out = []
    first, last = dt.date.fromisoformat(campaign.starts), dt.date.fromisoformat(campaign.ends)
    for who, buyer in zip(people, buyers, strict=True):
        if who.birthday is None or not who.consent:
            continue
        month, day = who.birthday.month, who.birthday.day
        # 29 February is kept on the 28th in a common year, as in crmkit's birthday care.
        date = dt.date(first.year, month, 28 if (month, day) == (2, 29) else day)
        at = dt.datetime.combine(date, dt.time(9)) + dt.timedelta(seconds=draws.integer(0, 5400))
        if first <= date <= last and len(buyer.before(at)) >= campaign.audience[0]:
            out.append(Send(campaign, who, buyer, "短信" if draws.chance(0.7) else "微信", at))
    return sorted(out, key=lambda s: (s.at, s.customer.id))


def link(sends: list[Send], orders: list[Order]) -> None:
    """Give each send the first paid order that answers it."""
    mine: dict[str, list[Order]] = {}
    for order in orders:
        if order.paid:
            mine.setdefault(order.customer.id, []).append(order)
    for send in sends:
        answers = [o for o in mine.get(send.customer.id, ()) if send.at <= o.at <= send.until]
        send.order = min(answers, key=lambda o: o.at) if answers else None


def surveys(
    shop: Shop, orders: list[Order]
) -> list[tuple[str, Customer, dt.datetime, str, int, int, int]]:
    """Answers item by item, some days after receipt; one customer answers at most twice a year."""
    draws = Draws(shop.name, "surveys")
    ready = [o for o in orders if o.received_at is not None and o.customer.consent]
    answers = []
    last: dict[str, dt.datetime] = {}
    for order in sorted(draws.sample(ready, 480), key=lambda o: (o.at, o.id)):
        assert order.received_at is not None
        at = order.received_at + dt.timedelta(hours=draws.uniform(20, 200))
        at = at.replace(microsecond=0)
        before = last.get(order.customer.id)
        if at >= END - dt.timedelta(minutes=5) or (before and at - before < dt.timedelta(days=180)):
            continue
        last[order.customer.id] = at
        answers.append((at, order))
    answers.sort(key=lambda x: (x[0], x[1].id))
    rows = []
    for number, (at, order) in enumerate(answers, start=1):
        mood = draws.normal(0.0, 0.45)  # a pleased customer marks everything higher
        late = (
            order.shipped_at is not None
            and order.paid_at is not None
            and (order.shipped_at - order.paid_at > dt.timedelta(hours=48))
        )
        for item in shop.survey:
            shift = mood - (0.9 if late and item.name == "物流速度" else 0.0)
            marks = (
                draws.normal(item.expectation, 0.75),
                draws.normal(item.experience + shift, 0.80),
                draws.normal(item.importance, 0.65),
            )
            e, x, i = (max(1, min(5, round(mark))) for mark in marks)
            rows.append((f"Q{number:05d}", order.customer, at, item.name, e, x, i))
            at += dt.timedelta(seconds=draws.integer(5, 24))
    return rows


def tags(shop: Shop, people: list[Customer], sends: list[Send]) -> list[tuple[str, str, str]]:
    """Labels on customers, products and campaigns: tag, object type, object id."""
    draws = Draws(shop.name, "tags")
    rows = {
        (tag, "customer", who.id)
        for tag, share in shop.customer_tags
        for who in people
        if who.dealt and draws.chance(share)
    }
    rows |= {
        (f"响应:{s.campaign.tag}", "customer", s.customer.id)
        for s in sends
        if s.order and s.via != "留白"
    }
    for product in shop.products:
        if product.packaging:
            rows.add((f"包装:{product.packaging}", "product", product.sku))
        if product.category.startswith("礼盒"):
            rows.add(("送礼", "product", product.sku))
        if product.listed >= f"{AS_OF.year - 1}-01-01":
            rows.add(("新品", "product", product.sku))
    best = Weighted((p.sku, p.weight) for p in shop.products)
    top = sorted(shop.products, key=lambda p: -p.weight)[: max(4, len(best.items) // 8)]
    rows |= {("爆款", "product", p.sku) for p in top}
    rows |= {(c.tag, "campaign", c.id) for c in shop.campaigns}
    return sorted(rows, key=lambda r: (r[1], r[2], r[0]))
