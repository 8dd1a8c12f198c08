"""Contacts with customers: interactions, reviews, the hotline's call log, business opportunities."""

from __future__ import annotations

import datetime as dt
import heapq
from dataclasses import dataclass

from .draws import Draws, Weighted
from .fulfilment import LATE
from .marketing import Send
from .spec import AS_OF, END, CallLog, Customer, Order, Return, Shop
from .texts import GENERAL


def office_hours(when: dt.datetime, draws: Draws) -> dt.datetime:
    """The moment, or one soon after that lies in 9:00–20:59, when calls may be made."""
    if 9 <= when.hour <= 20:
        return when
    day = when.date() + dt.timedelta(days=1 if when.hour > 20 else 0)
    return dt.datetime.combine(day, dt.time(9)) + dt.timedelta(seconds=draws.integer(0, 4 * 3600))


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
            at = max(order.at + shift, dt.datetime.combine(order.customer.registered, dt.time(8)))
            contact(
                order.customer, "咨询", at, draws.lognormal(190, 0.7), topic,
                draws.weighted(_RESULTS), None if early else order,
            )  # fmt: skip
        section = sections[order.lines[0].sku]
        if order.shipped_at and draws.chance(shop.calls_by_section.get(section, 0.05)):
            slow = order.shipped_at - order.paid_at > LATE
            topic = (
                "催发货"
                if slow and draws.chance(0.6)
                else draws.pick(("使用方法", "物流查询", "发票", "质量问题"))
            )
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


@dataclass
class Review:
    order: Order
    sku: str
    stars: int
    at: dt.datetime
    text: str
    replied_at: dt.datetime | None


DEFAULT_TEXT = "此用户没有填写评价。"


def _text(shop: Shop, section: str, stars: int, draws: Draws) -> str:
    tone = "good" if stars >= 4 else "mid" if stars == 3 else "bad"
    if stars == 5 and draws.chance(0.08):
        return DEFAULT_TEXT
    own = shop.reviews.get(f"{section}|{tone}") or GENERAL[tone]
    parts = draws.sample(own, 2 if draws.chance(0.45) else 1)
    if draws.chance(0.55):
        parts.append(draws.pick(GENERAL[tone]))
    if stars == 4 and draws.chance(0.5):
        parts.append("扣一分给" + draws.pick(("物流", "包装", "价格")))
    end = draws.pick(("。", "！", "，推荐。")) if tone == "good" else draws.pick(("。", "。", "！"))
    return "，".join(parts) + (end if tone != "mid" else "。")


def reviews(shop: Shop, orders: list[Order], cases: list[Return]) -> list[Review]:
    """What buyers wrote; whoever sent something back is harder to please."""
    draws = Draws(shop.name, "reviews")
    stars = Weighted(shop.stars)
    hard = Weighted({5: 0.12, 4: 0.16, 3: 0.22, 2: 0.2, 1: 0.3})
    sections = {p.sku: p.section for p in shop.products}
    returned = {id(case.order) for case in cases}
    out = []
    for order in orders:
        if order.received_at is None or not draws.chance(0.24):
            continue
        at = order.received_at + dt.timedelta(hours=draws.exponential(60))
        at = at.replace(microsecond=0)
        if at >= END or at - order.received_at > dt.timedelta(days=15):
            continue
        line = draws.pick(order.lines)
        mark = draws.weighted(hard if id(order) in returned else stars)
        replied = None
        hours = draws.exponential(14 if mark <= 3 else 60)
        if draws.chance(0.72 if mark <= 3 else 0.25):
            replied = (at + dt.timedelta(hours=hours)).replace(microsecond=0)
            replied = replied if replied < END else None
        out.append(
            Review(order, line.sku, mark, at, _text(shop, sections[line.sku], mark, draws), replied)
        )
    return sorted(out, key=lambda r: (r.at, r.order.id))


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
            at = hour * 3600.0 + draws.exponential(3600.0 / rate)
            while at < (hour + 1) * 3600.0:
                arrivals.append(at)
                at += draws.exponential(3600.0 / rate)
        busy: list[tuple[float, int]] = []  # (free again at, desk)
        for at in sorted(arrivals):
            path, skill = draws.weighted(skills)
            patience = draws.exponential(log.patience_s)
            handle = max(10.0, draws.exponential(log.handle_s))
            start, desk = _start(at, busy, log)
            lost = start - at > patience
            if not lost:
                busy = [b for b in busy if b[1] != desk]
                heapq.heappush(busy, (start + handle, desk))
            out.append(
                Call(
                    midnight + dt.timedelta(seconds=int(at)),
                    "呼入",
                    path,
                    skill,
                    int(patience if lost else start - at),
                    0 if lost else int(handle),
                    lost,
                    "" if lost else shop.agents[desk % len(shop.agents)],
                )  # fmt: skip
            )
        for _ in range(draws.poisson(9)):
            at = midnight + dt.timedelta(seconds=draws.integer(9 * 3600 + 1800, 20 * 3600))
            out.append(
                Call(
                    at,
                    "呼出",
                    "",
                    "回访",
                    0,
                    int(draws.exponential(110)) + 8,
                    False,
                    draws.pick(shop.agents),
                )
            )
    return sorted(out, key=lambda c: (c.at, c.direction, c.handle_s))


def _start(at: float, busy: list[tuple[float, int]], log: CallLog) -> tuple[float, int]:
    """When the next caller is served, and at which desk."""
    free_at = dict.fromkeys(range(max(log.agents.values())), 0.0)
    for until, desk in busy:
        free_at[desk] = max(free_at[desk], until)
    best: tuple[float, int] | None = None
    for desk, free in free_at.items():
        start = max(at, free)
        while desk >= log.agents.get(int(start // 3600), 1):  # not on duty in that hour
            start = (start // 3600 + 1) * 3600.0
            if start >= 24 * 3600:
                break
        if start < 24 * 3600 and (best is None or (start, desk) < best):
            best = (start, desk)
    return best if best else (24 * 3600.0, 0)


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
        amount = int(draws.lognormal(typical * 9 / 10000, 0.7)) * 100 * 100
        out.append(Opportunity(who, stage, max(amount, 50000), marks, opened, closed))
    return sorted(out, key=lambda o: (o.opened, o.customer.id))
