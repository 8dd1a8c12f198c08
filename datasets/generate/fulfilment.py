"""The life of an order after it is placed: paid, sent, received, or closed."""

from __future__ import annotations

import datetime as dt

from .draws import Draws, Weighted
from .spec import END, Order

# What a platform fixes (simulated, as in crmkit/settings.toml).
AUTO_CLOSE = dt.timedelta(hours=24)
AUTO_CONFIRM = dt.timedelta(days=10)
LATE = dt.timedelta(hours=48)

# On the last day the warehouse counts its stock from noon on: what is not out by then waits.
STOCKTAKE = END - dt.timedelta(hours=12)
_LATE_SHARE = 0.05
_UNPAID_REASONS = Weighted(
    {"买家未付款，超时关闭": 5.0, "我不想买了": 2.5, "信息填写错误，重新拍": 1.5, "卖家缺货": 0.5}
)


def _hours(value: float) -> dt.timedelta:
    return dt.timedelta(seconds=int(value * 3600))


def working_time(when: dt.datetime, draws: Draws) -> dt.datetime:
    """The moment itself, or the next time between nine and eight that the warehouse is open."""
    if 9 <= when.hour < 20:
        return when
    day = when.date() if when.hour < 9 else when.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(9)) + dt.timedelta(seconds=draws.integer(0, 9000))


def unpaid(order: Order, draws: Draws) -> None:
    """Never paid: still open within the platform's time, else closed with a reason."""
    if order.at > END - AUTO_CLOSE:
        order.status = "WAIT_BUYER_PAY"
    else:
        order.status = "TRADE_CLOSED_BY_TAOBAO"
        order.closed_reason = draws.weighted(_UNPAID_REASONS)


def pay(order: Order, draws: Draws) -> None:
    """Most pay within minutes, some sleep on it; nothing of this lies after the last midnight."""
    wait = draws.exponential(90) if draws.chance(0.9) else draws.exponential(3 * 3600)
    latest = min(END - dt.timedelta(seconds=1), order.at + AUTO_CLOSE)
    order.paid_at = min(order.at + dt.timedelta(seconds=8 + int(wait)), latest)


def send(order: Order, draws: Draws) -> None:
    """Dispatch and receipt as far as the last midnight lets us see."""
    assert order.paid_at is not None
    if draws.chance(_LATE_SHARE):
        wait = LATE + _hours(draws.exponential(20.0))
    else:
        wait = _hours(min(draws.lognormal(11.0, 0.7), 40.0))
    shipped = working_time(order.paid_at + wait, draws)
    if shipped - order.paid_at > LATE and wait <= LATE:  # a night in between does not make it late
        shipped = order.paid_at + wait
    if shipped >= STOCKTAKE:
        order.status = "WAIT_SELLER_SEND_GOODS"
        pieces = sum(line.qty for line in order.lines)
        ready = (END - dt.timedelta(hours=4) - order.paid_at).total_seconds() / 3600
        if pieces > 1 and ready > 1 and draws.chance(0.45):  # the first parcel has left
            order.status = "SELLER_CONSIGNED_PART"
            order.shipped_at = order.paid_at + _hours(ready * draws.uniform(0.5, 0.95))
        return
    order.shipped_at = shipped
    days = draws.uniform(1.3, 4.2) + (2.5 if order.customer.city.remote else 0.0)
    # From delivery to the click on 确认收货; many never click, and the platform does it for them.
    opened = draws.exponential(1.6) if draws.chance(0.68) else AUTO_CONFIRM.days
    received = shipped + min(_hours(24 * (days + opened)), AUTO_CONFIRM)
    if received >= END:
        order.status = "WAIT_BUYER_CONFIRM_GOODS"
    else:
        order.status = "TRADE_FINISHED"
        order.received_at = received
