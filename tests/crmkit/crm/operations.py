"""Things that somebody can do in a shop, with parameters drawn at random, right and wrong ones.

An operation takes a session (in any role) and a random generator; it may raise CrmError and nothing
else. Add those of another module with `@operation`: the machine of test_order_life then mixes them in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import sqlalchemy as sa

from crmkit.crm import Session
from crmkit.crm.campaigns.campaigning import CAMPAIGNS, CUSTOMERS
from crmkit.crm.ordering import order_facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.buying import CANCEL_REASONS
from crmkit.crm.ordering.order_facts import ITEMS, ORDERS, PRODUCTS, RETURNS
from crmkit.crm.storage import tables

Operation = Callable[[Session, Random], object]
OPERATIONS: dict[str, tuple[Operation, int]] = {}
CARRIERS = ["顺丰速运", "中通快递"] * 4 + [""]
WAYBILLS = ["SF0000001", "SF0000002", "YT88888888"] * 3 + ["x"]
WHY = ["不想要了", "破损"] * 4 + [""]


def operation(weight: int = 1) -> Callable[[Operation], Operation]:
    """Register an operation; one of weight 3 is drawn three times as often as one of weight 1."""

    def add(function: Operation) -> Operation:
        OPERATIONS[function.__name__] = (function, weight)
        return function

    return add


def one(rng: Random, crm: Session, column: sa.Column[Any], *where: Any) -> Any:
    """A value of a column, of the newest twelve rows that fit; "无" when none does.

    Few rows, so that the same order is met again and gets somewhere.
    """
    key = column.table.primary_key.columns[0]
    with crm.store.reading() as connection:
        chosen = sa.select(column).where(*where).order_by(key.desc()).limit(12)
        found = [r[0] for r in connection.execute(chosen)]
    return rng.choice(found) if found else "无"


def an_order(rng: Random, crm: Session, *states: str) -> str:
    """An order in one of these states; now and then in any."""
    anything = rng.randint(0, 9) == 0
    return str(
        one(rng, crm, ORDERS.c.order_id, *([] if anything else [ORDERS.c.status.in_(states)]))
    )


def a_return(rng: Random, crm: Session, *states: str) -> str:
    anything = rng.randint(0, 9) == 0
    wanted = [] if anything else [RETURNS.c.status.in_(states)]
    return str(one(rng, crm, RETURNS.c.return_id, *wanted))


def pieces(rng: Random, skus: Sequence[str]) -> dict[str, int]:
    some = rng.sample(list(skus), rng.choice([1, 1, 2, 3, 0]))
    return {sku: rng.choice([1] * 6 + [2, 3, 40, 0]) for sku in some}


def yuan(rng: Random) -> float | None:
    return rng.choice([None] * 5 + [0, 0.01, 3.33, 50, 10_000, 1.005])


# --- buyers ---------------------------------------------------------------------------------------
@operation(4)
def place(crm: Session, rng: Random) -> None:
    skus = crm.store.frame(sa.select(PRODUCTS.c.sku).limit(6))["sku"].tolist()
    customer = one(rng, crm, CUSTOMERS.c.customer_id)
    freight, discount = rng.choice([(0, 0), (8, 0), (6.5, 3.33), (0, 0.01)] * 3 + [(0, 9999)])
    crm.orders.place(customer, pieces(rng, skus), freight=freight, discount=discount)


@operation(4)
def pay(crm: Session, rng: Random) -> None:
    crm.orders.pay(an_order(rng, crm, life.PAY))


@operation()
def cancel(crm: Session, rng: Random) -> None:
    crm.orders.cancel(an_order(rng, crm, life.PAY), rng.choice(CANCEL_REASONS))


@operation(2)
def confirm(crm: Session, rng: Random) -> None:
    crm.orders.confirm(an_order(rng, crm, life.SENT))


@operation(6)
def apply_return(crm: Session, rng: Random) -> None:
    order = an_order(rng, crm, life.SENT, life.SEND, life.PART, life.FINISHED)
    sku = one(rng, crm, ITEMS.c.sku, ITEMS.c.order_id == order)
    kind = rng.choice(list(life.RETURN_KINDS))
    qty = rng.choice([None, None, None, 1, 1, 2, 0])
    crm.orders.apply_return(order, sku, kind, rng.choice(WHY), amount=yuan(rng), qty=qty)


@operation(2)
def revise_return(crm: Session, rng: Random) -> None:
    kind = rng.choice(list(life.RETURN_KINDS))
    number = a_return(rng, crm, life.REFUSED)
    crm.orders.revise_return(number, kind, rng.choice(WHY), amount=yuan(rng))


@operation()
def withdraw_return(crm: Session, rng: Random) -> None:
    crm.orders.withdraw_return(a_return(rng, crm, life.ASKED, life.REFUSED, life.TO_RETURN))


@operation(3)
def send_back(crm: Session, rng: Random) -> None:
    crm.orders.send_back(
        a_return(rng, crm, life.TO_RETURN), rng.choice(CARRIERS), rng.choice(WAYBILLS)
    )


# --- the shop -------------------------------------------------------------------------------------
@operation(4)
def agree(crm: Session, rng: Random) -> None:
    crm.orders.agree(a_return(rng, crm, life.ASKED))


@operation()
def refuse(crm: Session, rng: Random) -> None:
    crm.orders.refuse(a_return(rng, crm, life.ASKED), rng.choice(WHY))


@operation(3)
def accept(crm: Session, rng: Random) -> None:
    crm.orders.accept(
        a_return(rng, crm, life.RETURNED), restock=rng.random() < 0.5,
        carrier=rng.choice(CARRIERS), waybill=rng.choice(WAYBILLS),
    )  # fmt: skip


@operation()
def reject_goods(crm: Session, rng: Random) -> None:
    crm.orders.reject_goods(a_return(rng, crm, life.RETURNED), rng.choice(WHY))


@operation(4)
def ship_order(crm: Session, rng: Random) -> None:
    order = an_order(rng, crm, life.SEND, life.PART)
    some = None
    if rng.random() < 0.5:
        sku = one(rng, crm, ITEMS.c.sku, ITEMS.c.order_id == order)
        some = {sku: rng.randint(0, 3)}
    crm.orders.ship_order(order, rng.choice(CARRIERS), rng.choice(WAYBILLS), pieces=some)


@operation()
def ship_orders(crm: Session, rng: Random) -> None:
    orders = [an_order(rng, crm, life.SEND, life.PART) for _ in range(3)]
    rows = [
        {"订单编号": o, "快递公司": rng.choice(CARRIERS), "运单号": rng.choice(WAYBILLS)}
        for o in orders
    ]
    crm.orders.ship_orders(rows)


@operation(2)
def notify_received(crm: Session, rng: Random) -> None:
    some = rng.random() < 0.5
    orders = [an_order(rng, crm, life.SENT) for _ in range(2)] if some else None
    crm.orders.notify_received(orders, days=rng.choice([None, 0, 3]))


@operation(2)
def close_order(crm: Session, rng: Random) -> None:
    crm.orders.close_order(an_order(rng, crm, life.PAY, life.FINISHED), rng.choice(WHY))


@operation()
def advance(crm: Session, rng: Random) -> None:
    crm.orders.advance(hours=rng.randint(0, 20), days=rng.choice([0, 0, 1, 4, 11, 61]))


@operation(2)
def look(crm: Session, rng: Random) -> None:
    order = an_order(rng, crm, *life.ORDER.states)
    for screen in (
        lambda: crm.orders.detail(order), crm.orders.ship, crm.orders.receive, crm.orders.returns,
        lambda: crm.orders.search(status="已发货"), crm.orders.mismatches, crm.marketing.tags,
        crm.marketing.campaigns, lambda: crm.marketing.birthday(30), crm.marketing.points,
    )[rng.randint(0, 9):][:1]:  # fmt: skip
        screen()


# --- marketing ------------------------------------------------------------------------------------
@operation(2)
def create_campaign(crm: Session, rng: Random) -> None:
    today = crm.as_of
    crm.marketing.create_campaign(
        rng.choice(["活动一", "活动二"] * 3 + [""]), starts=today,
        ends=today + dt.timedelta(days=rng.choice([0, 9, 9, 9, -1])), budget=1000,
        coupon=5, hold_out=rng.choice([0.0, 0.3] * 4 + [2.0]),
        rule={"field": "累计订单数", "op": "≥", "value": rng.choice([1, 2, 3] * 3 + ["x"])},
    )  # fmt: skip


@operation(2)
def change_campaign(crm: Session, rng: Random) -> None:
    event = rng.choice(["启动", "启动", "暂停", "恢复", "结束", "取消"])
    crm.marketing.change_campaign(one(rng, crm, CAMPAIGNS.c.campaign_id), event)


@operation(2)
def send(crm: Session, rng: Random) -> None:
    crm.marketing.send(one(rng, crm, CAMPAIGNS.c.campaign_id, CAMPAIGNS.c.status == life.ACTIVE))


@operation()
def care(crm: Session, rng: Random) -> None:
    if rng.random() < 0.5:
        crm.marketing.send_birthday(rng.randint(0, 20))
    else:
        crm.marketing.create_holiday(rng.choice(["春节", "元宵节", "没有"]))


@operation()
def credit(crm: Session, rng: Random) -> None:
    number = one(rng, crm, CAMPAIGNS.c.campaign_id)
    crm.marketing.record_responses(number)
    crm.marketing.tag_campaign(number, rng.choice(["触达", "响应", "没有"]))


@operation()
def leave(crm: Session, rng: Random) -> None:
    customer = one(rng, crm, CUSTOMERS.c.customer_id)
    if rng.random() < 0.5:
        crm.marketing.opt_out(customer)
    else:
        crm.marketing.opt_in(one(rng, crm, tables.opt_outs.c.customer_id))


@operation()
def maintain_channel(crm: Session, rng: Random) -> None:
    channels = tables.metadata.tables["channels"]
    crm.channels.update(
        one(rng, crm, channels.c.channel_id),
        status=rng.choice([None, "营业中", "营业中", "已关闭", "没有"]),
        note=rng.choice([None, "查过"]), expect=rng.choice([None, 0]),
    )  # fmt: skip


KINDS_OF_MOVEMENT = {
    order_facts.OUT: -1, order_facts.RESEND: -1, order_facts.BACK: +1, order_facts.SCRAP: 0,
}  # fmt: skip
