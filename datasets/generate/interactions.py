"""Contacts with customers: questions, calls in and out, WeChat, SMS surveys."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .draws import Draws, Weighted
from .fulfilment import LATE
from .marketing import Send
from .spec import END, Customer, Order, Return, Shop


def office_hours(when: dt.datetime, draws: Draws) -> dt.datetime:
    """The moment, or one soon after that lies in 9:00–20:59, when calls may be made."""
    if 9 <= when.hour <= 20:
        return when
    day = when.date() + dt.timedelta(days=1 if when.hour > 20 else 0)
    return dt.datetime.combine(day, dt.time(9)) + dt.timedelta(seconds=draws.integer(0, 4 * 3600))


def _since_midnight(when: dt.datetime) -> int:
    return when.hour * 3600 + when.minute * 60 + when.second


@dataclass
class Contact:
    customer: Customer
    kind: str
    at: dt.datetime
    seconds: int
    agent: str
    topic: str
    result: str
    order: Order | None


_RESULTS = Weighted({"已解决": 0.80, "待跟进": 0.12, "转专项": 0.08})
_CALL_BACK = Weighted({"满意": 0.5, "一般": 0.16, "不满意": 0.06, "无人接听": 0.28})
_AFTER_SALE = frozenset(("物流查询", "退换货", "催发货", "投诉", "质量问题", "保修", "包装与破损"))
_WECHAT = ("领取优惠券", "新品咨询", "查询积分", "晒单返现", "活动报名")


def interactions(
    shop: Shop, orders: list[Order], cases: list[Return], sends: list[Send]
) -> list[Contact]:
    """Questions, calls in and out, WeChat and SMS surveys, in the order of time."""
    draws = Draws(shop.name, "interactions")
    topics = Weighted(shop.topics)
    before = Weighted((t, w) for t, w in shop.topics.items() if t not in _AFTER_SALE)
    sections = {p.sku: p.section for p in shop.products}
    out: list[Contact] = []

    def contact(
        who: Customer, kind: str, at: dt.datetime, seconds: float, topic: str, result: str,
        order: Order | None,
    ) -> None:  # fmt: skip
        at = at.replace(microsecond=0)
        if at < END - dt.timedelta(minutes=40):
            agent = draws.pick(shop.agents) if kind != "短信问卷" else ""
            out.append(Contact(who, kind, at, int(seconds), agent, topic, result, order))

    for order in orders:
        if order.paid_at is None:
            continue
        if draws.chance(shop.contacts_per_order):
            early = draws.chance(0.55)
            shift = dt.timedelta(hours=-draws.exponential(3) if early else draws.exponential(50))
            topic = draws.weighted(before if early else topics)
            at = order.at + shift
            if at.date() < order.customer.registered:  # who is not known yet asks on the very spot
                at = order.at - dt.timedelta(
                    seconds=min(draws.integer(90, 1500), _since_midnight(order.at))
                )
            contact(
                order.customer, "咨询", at, draws.lognormal(190, 0.7), topic,
                draws.weighted(_RESULTS), None if early else order,
            )  # fmt: skip
        section = sections[order.lines[0].sku]
        if order.shipped_at and draws.chance(shop.calls_by_section.get(section, 0.05)):
            slow = order.shipped_at - order.paid_at > LATE
            topic = "催发货" if slow and draws.chance(0.6) else draws.weighted(topics)
            at = order.shipped_at + dt.timedelta(hours=draws.exponential(70))
            result = draws.weighted(_RESULTS)
            contact(
                order.customer,
                "呼入",
                office_hours(at, draws),
                draws.lognormal(200, 0.6),
                topic,
                result,
                order,
            )
            if result != "已解决" and draws.chance(0.7):
                again = office_hours(at + dt.timedelta(hours=draws.uniform(15, 80)), draws)
                contact(
                    order.customer, "呼入", again, draws.lognormal(240, 0.6), topic, "已解决", order
                )
        if order.received_at and order.customer.consent and draws.chance(0.035):
            at = office_hours(order.received_at + dt.timedelta(days=draws.uniform(2, 9)), draws)
            result = draws.weighted(_CALL_BACK)
            seconds = 0.0 if result == "无人接听" else draws.lognormal(95, 0.5)
            contact(order.customer, "呼出", at, seconds, "满意度回访", result, order)
    for case in cases:
        if draws.chance(0.55):
            at = office_hours(case.applied_at + dt.timedelta(hours=draws.uniform(0.1, 20)), draws)
            result = (
                "已退款"
                if case.status == "SUCCESS" and case.kind != "换货"
                else draws.weighted(_RESULTS)
            )
            topic = "投诉" if draws.chance(0.25) else "退换货"
            contact(
                case.order.customer,
                draws.pick(("呼入", "咨询")),
                at,
                draws.lognormal(260, 0.6),
                topic,
                result,
                case.order,
            )
    for send in sends:
        if send.via == "微信" and draws.chance(0.16):
            at = send.at + dt.timedelta(hours=draws.exponential(5))
            contact(
                send.customer,
                "微信",
                at,
                draws.lognormal(60, 0.6),
                draws.pick(_WECHAT),
                "已解决",
                None,
            )
    received = [o for o in orders if o.received_at and o.customer.consent]
    for order in draws.sample(received, len(received) // 25):
        assert order.received_at is not None
        answered = draws.chance(0.38)
        at = office_hours(order.received_at + dt.timedelta(days=draws.uniform(1, 6)), draws)
        contact(
            order.customer,
            "短信问卷",
            at,
            0,
            "满意度问卷",
            "已回复" if answered else "未回复",
            order,
        )
    return sorted(out, key=lambda c: (c.at, c.customer.id, c.kind))
