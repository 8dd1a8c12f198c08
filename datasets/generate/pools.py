"""The pools of the Excel labs E1–E3, from which each student's own cut is drawn.

A small world of its own, made like a tea shop: its customers and orders are nobody else's.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

from crmkit.schema import CUSTOMER_FILE, ORDER_STATUS

from . import aftersales, people, plants, purchases, tea, world
from .draws import Draws, Weighted
from .season import Clock
from .spec import Customer, Order
from .tables import csv_bytes, money

NEW_CUSTOMERS = 360
CARDS = 72
RAW = CUSTOMER_FILE[1:]  # what a shop assistant gets: everything but the number
_NO_GENDER = 0.07
_EQUAL_AMOUNTS = 14
_EQUAL_TIMES = 10

SHOP = dataclasses.replace(
    tea.SHOP,
    name="excel",
    title="Excel 练习池",
    letter="E",
    buyers=860,
    visitors=180,
    bgnbd=(0.55, 7.0, 0.9, 2.4),
    sources={name: weight for name, weight in tea.SHOP.sources.items() if name},
    campaigns=(),
    female=0.52,
)
_PLATFORM = {c.id: c.platform for c in SHOP.channels}


def _alike(orders: list[Order]) -> dict[str, list[list[str]]]:
    """Make some totals equal to the fen, and some last orders equal to the second."""
    draws = Draws("excel", "ties")
    mine: dict[str, list[Order]] = {}
    for order in orders:
        if order.paid:
            mine.setdefault(order.customer.id, []).append(order)
    single = draws.shuffled(
        o[0] for o in mine.values() if len(o) == 1 and o[0].status == "TRADE_FINISHED"
    )
    amounts = []
    for number in range(_EQUAL_AMOUNTS):
        group = [single.pop() for _ in range(2 if number % 3 else 3)]
        for order in group[1:]:
            order.amount = group[0].amount
        amounts.append(sorted(o.customer.id for o in group))
    times: list[list[str]] = []
    for _ in range(_EQUAL_TIMES):
        model, twin = single.pop(), single.pop()
        if twin.customer.registered > model.at.date():
            model, twin = twin, model
        twin.at, twin.paid_at = model.at, model.paid_at
        twin.id = world.order_id(twin.at, len(times), twin.customer)
        twin.shipped_at, twin.received_at = model.shipped_at, model.received_at
        times.append(sorted((model.customer.id, twin.customer.id)))
    return {"equal_amount": amounts, "equal_last_order": times}


def _row(who: Customer, count: int, amount: int) -> list[Any]:
    return [
        who.id, who.nick, who.name, who.birthday, who.mobile, who.city.province, who.city.name,
        who.source, _PLATFORM[who.channel], who.registered, count, money(amount),
    ]  # fmt: skip


def _strangers() -> list[list[Any]]:
    """New customers and paper cards: nobody of the customer file, no mobile or nick twice."""
    shop = dataclasses.replace(SHOP, name="excel-new", visitors=NEW_CUSTOMERS + CARDS, buyers=0)
    _, visitors = people.customers(shop, [])
    draws = Draws("excel", "new")
    counts = Weighted({0: 0.30, 1: 0.34, 2: 0.16, 3: 0.10, 4: 0.06, 7: 0.04})
    rows = []
    for who in draws.shuffled(visitors):
        count = draws.weighted(counts)
        amount = sum(round(draws.lognormal(190, 0.6) * 10) * 10 for _ in range(count))
        rows.append(_row(who, count, amount)[1:])
    return rows


def files() -> tuple[dict[str, bytes], dict[str, Any], dict[str, Any]]:
    """Files of datasets/excel, the facts planted in them, and what they were made from."""
    clock = Clock(SHOP)
    buyers = purchases.buyers(SHOP, clock)
    owners, visitors = people.customers(SHOP, [b.purchases[0].at for b in buyers])
    planted: dict[str, Any] = {"birthdays": plants.birthdays(SHOP, owners, buyers)}
    orders = world.place(SHOP, clock, owners, buyers, visitors)
    world.fulfil(SHOP, orders)
    world.close_refunded(orders, aftersales.claims(SHOP, orders))
    planted |= _alike(orders)
    orders.sort(key=lambda o: (o.at, o.id))
    customers = sorted([*owners, *visitors], key=lambda c: c.id)
    world.grade(SHOP, customers, orders)
    count: dict[str, int] = {}
    total: dict[str, int] = {}
    for order in orders:
        if order.paid:
            count[order.customer.id] = count.get(order.customer.id, 0) + 1
            total[order.customer.id] = total.get(order.customer.id, 0) + order.amount
    draws = Draws("excel", "gender")
    known = [c for c in customers if not draws.chance(_NO_GENDER)]
    new = _strangers()
    cards = [c for c in new if c[2] is not None][:CARDS]
    pool = sorted((c for c in new if c not in cards), key=lambda c: (c[8], c[3]))
    planted["gender_missing"] = len(customers) - len(known)
    planted["customers"] = sorted(
        {i for ids in planted["birthdays"].values() for i in ids}
        | {i for kind in ("equal_amount", "equal_last_order") for g in planted[kind] for i in g}
    )
    out = {
        "customer_file.csv": csv_bytes(
            CUSTOMER_FILE, (_row(c, count.get(c.id, 0), total.get(c.id, 0)) for c in customers)
        ),
        "gender.csv": csv_bytes(("客户编号", "性别"), ((c.id, c.sex) for c in known)),
        "orders.csv": csv_bytes(
            ("订单编号", "客户编号", "下单时间", "付款时间", "渠道", "实付金额", "订单状态"),
            (
                (
                    o.id, o.customer.id, o.at, o.paid_at, _PLATFORM[o.channel], money(o.amount),
                    ORDER_STATUS[o.status],
                )
                for o in orders
            ),
        ),
        "new_customers.csv": csv_bytes(RAW, pool),
        "cards.json": _json([dict(zip(RAW, _card(c), strict=True)) for c in cards]),
    }  # fmt: skip
    truth = {
        "bgnbd": dict(zip(("r", "alpha", "a", "b"), SHOP.bgnbd, strict=True)),
        "累计订单数": "number of orders with a valid 订单状态 (paid and not void: 待发货 部分发货 已发货 交易成功 退款关闭)",
        "累计金额": "sum of 实付金额 over the same orders, refunds not deducted",
    }
    return out, planted, truth


def _card(row: list[Any]) -> list[Any]:
    """A card as JSON: dates as text, the count a number, the amount a number of yuan."""
    out = [x.isoformat() if isinstance(x, dt.date) else x for x in row]
    out[-1] = float(out[-1])
    return out


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
