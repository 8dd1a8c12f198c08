"""Puts a shop together, step by step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from . import aftersales, baskets, fulfilment, marketing, people, plants, purchases
from .draws import Draws, Weighted
from .hotline import Call, calls
from .interactions import Contact, interactions
from .opportunities import Opportunity, opportunities
from .reviews import Review, written
from .season import Clock
from .spec import END, Channel, Customer, Order, Return, Shop

_UNPAID_SHARE = 0.055
_LAST_DAY_UNPAID = 26  # a year-end sale leaves many baskets waiting for payment
_HOME = 0.82  # share of orders in the customer's usual channel


@dataclass
class World:
    shop: Shop
    clock: Clock
    customers: list[Customer]
    buyers: list[purchases.Buyer]
    orders: list[Order]
    returns: list[Return]
    sends: list[marketing.Send]
    effects: list[marketing.Effect]
    surveys: list[Any]
    tags: list[tuple[str, str, str]]
    interactions: list[Contact]
    reviews: list[Review]
    calls: list[Call]
    opportunities: list[Opportunity]
    planted: dict[str, Any] = field(default_factory=dict)


def _open(channel: Channel, day: str) -> bool:
    return channel.opened <= day and (not channel.last_order or day <= channel.last_order)


def _channel(shop: Shop, who: Customer, at: dt.datetime, draws: Draws) -> str:
    day = at.date().isoformat()
    home = next(c for c in shop.channels if c.id == who.channel)
    if _open(home, day) and draws.chance(_HOME):
        return home.id
    return draws.weighted(Weighted((c.id, c.weight) for c in shop.channels if _open(c, day)))


def order_id(at: dt.datetime, number: int, who: Customer) -> str:
    """18 digits: seconds of the day it was placed, a counter, the tail of the buyer."""
    seconds = int((at - dt.datetime(2010, 1, 1)).total_seconds())
    return f"{seconds:09d}{number % 1000:03d}{(int(who.id[1:]) * 7919) % 1000000:06d}"


def place(shop: Shop, clock: Clock, owners: list[Customer], buyers: list[purchases.Buyer], visitors: list[Customer]) -> list[Order]:  # fmt: skip
    """Every order, paid or not, with its basket, in the order of time."""
    draws = Draws(shop.name, "orders")
    coupons = {c.id: c.coupon for c in shop.campaigns}
    p, q, v = shop.spending
    mean = p * v / (q - 1.0)
    orders = []
    for who, buyer in zip(owners, buyers, strict=True):
        for bought in buyer.purchases:
            order = Order(who, bought.at, max(round(bought.yuan * 100), 700), paid=True)
            order.coupon = coupons.get(bought.campaign, 0)
            orders.append(order)
    everybody = [*owners, *visitors]
    for number in range(round(len(orders) * _UNPAID_SHARE) + _LAST_DAY_UNPAID):
        late = number < _LAST_DAY_UNPAID
        while True:
            at = (
                END - dt.timedelta(seconds=draws.integer(300, 23 * 3600 + 1800))
                if late
                else clock.when(draws.random() * (clock.end - 1.2))
            )
            who = draws.pick(visitors if draws.chance(0.25) else everybody)
            if who.registered < at.date():
                break
        orders.append(Order(who, at, round(draws.gamma(4.0, 4.0 / mean) * 100) + 700, paid=False))
    orders.sort(key=lambda o: (o.at, o.customer.id))
    shelf = baskets.Shelf(shop)
    fillings = Draws(shop.name, "baskets")
    for number, order in enumerate(orders):
        order.id = order_id(order.at, number, order.customer)
        order.channel = _channel(shop, order.customer, order.at, draws)
        season = 2.0 if order.at.month in shop.gift_months else 0.65
        wealth = (order.target / (mean * 100)) ** 0.5
        order.gift = draws.chance(min(0.8, shop.gift_share * season * wealth))
        order.gift = order.gift and order.target > 3 * shelf.wrap().price
        baskets.fill(shop, shelf, order, fillings)
    return orders


def fulfil(shop: Shop, orders: list[Order]) -> None:
    """Payment, dispatch and receipt of every order."""
    draws = Draws(shop.name, "fulfilment")
    for order in orders:
        if order.paid:
            fulfilment.pay(order, draws)
            fulfilment.send(order, draws)
        else:
            fulfilment.unpaid(order, draws)


def close_refunded(orders: list[Order], cases: list[Return]) -> None:
    """An order all of whose lines are refunded before it is finished is closed."""
    done: dict[str, set[int]] = {}
    for case in cases:
        if case.status == "SUCCESS" and case.amount:
            done.setdefault(case.order.id, set()).add(case.line)
    for order in orders:
        unfinished = order.status in ("WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS")
        if unfinished and done.get(order.id) == set(range(len(order.lines))):
            order.status = "TRADE_CLOSED"
            order.closed_reason = "退款成功，交易关闭"


def grade(shop: Shop, customers: list[Customer], orders: list[Order]) -> None:
    """Member level by cumulative paid amount, trade status by any paid order."""
    total: dict[str, int] = {}
    for order in orders:
        if order.paid:
            total[order.customer.id] = total.get(order.customer.id, 0) + order.amount
    for who in customers:
        who.dealt = who.id in total
        amount = total.get(who.id, 0)
        who.level = [name for name, least in shop.levels if amount >= least][-1]


def build(shop: Shop) -> World:
    """The whole world of a shop, with nothing written yet."""
    clock = Clock(shop)
    buyers = purchases.buyers(shop, clock)
    owners, visitors = people.customers(shop, [b.purchases[0].at for b in buyers])
    found: dict[str, Any] = {"birthdays": plants.birthdays(shop, owners, buyers)}
    sends, effects = marketing.run(shop, clock, owners, buyers)
    orders = place(shop, clock, owners, buyers, visitors)
    found |= plants.odd_orders(shop, orders)
    fulfil(shop, orders)
    found["illegal_transition"] = plants.illegal_step(shop, orders)
    cases = aftersales.claims(shop, orders)
    close_refunded(orders, cases)
    marketing.link(sends, orders)
    customers = sorted([*owners, *visitors], key=lambda c: c.id)
    grade(shop, customers, orders)
    reviews = written(shop, orders, cases)
    attack = plants.burst(shop, orders, reviews)
    found["review_burst"] = {"day": shop.burst_day, "reviews": len(attack)}
    quiet = next(c.id for c in shop.channels if c.status == "open" and c.last_order)
    found["dormant_channel"] = quiet
    found["unsold_products"] = plants.unsold(shop, orders)
    contacts = interactions(shop, orders, cases, sends)
    p, q, v = shop.spending
    world = World(
        shop=shop,
        clock=clock,
        customers=customers,
        buyers=buyers,
        orders=orders,
        returns=cases,
        sends=sends,
        effects=effects,
        surveys=marketing.surveys(shop, orders),
        tags=marketing.tags(shop, customers, sends),
        interactions=contacts,
        reviews=sorted([*reviews, *attack], key=lambda r: (r.at, r.order.id)),
        calls=calls(shop, shop.call_log),
        opportunities=opportunities(shop, owners, round(p * v / (q - 1.0) * 100)),
        planted=found,
    )
    odd = {o.id: o.customer.id for o in orders}
    keep = {i for ids in found["birthdays"].values() for i in ids}
    keep |= {odd[m["order_id"]] for m in found["amount_mismatch"]}
    keep |= {odd[i] for i in found["outlier_orders"]} | {odd[found["illegal_transition"]]}
    keep |= {r.order.customer.id for r in attack}
    keep |= set(plants.keepers(shop, orders, quiet))
    found["customers"] = sorted(keep)
    return world
