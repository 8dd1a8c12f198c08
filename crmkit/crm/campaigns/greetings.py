"""生日关怀: whose birthday is near, and one greeting a year for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crmkit.crm import entry
from crmkit.crm.audit import Operation, Row
from crmkit.crm.campaigns import campaigning, festivals, gateway, sms, targeting
from crmkit.crm.campaigns.audience import Facts
from crmkit.crm.campaigns.campaigning import CAMPAIGNS, SENDS, Sent
from crmkit.crm.campaigns.targeting import Target
from crmkit.crm.ordering import transitions as life

MOST_DAYS = 60


@dataclass(frozen=True)
class Birthday:
    """A customer whose birthday is kept on `day`; `target` says what is to happen."""

    customer_id: str
    day: dt.date
    lunar: bool
    target: Target


def period(op: Operation, days: Any, start: Any) -> tuple[dt.date, dt.date]:
    """First and last day looked at: `days` days from `start`, by default from today."""
    wrong = entry.Wrong()
    count = entry.whole(wrong, "days", "天数", days, 1, MOST_DAYS)
    first = entry.day(wrong, "start", "开始日期", start or gateway.day(op))
    wrong.raise_any()
    return first, first + dt.timedelta(days=count - 1)


def near(op: Operation, facts: Facts, first: dt.date, last: dt.date, via: str) -> list[Birthday]:
    """Everybody with a birthday in the period, by day, and whether a greeting may be sent."""
    frame, days = facts.frame, {}
    known = frame[frame["生日"].notna()]
    for customer, born, lunar in zip(
        known["客户编号"], known["生日"], known["农历生日"], strict=True
    ):
        day = festivals.kept_in(born.date(), first, last, lunar=bool(lunar))
        if day:
            days[customer] = (day, bool(lunar))
    greeted = {y: greeted_in(op, y) for y in {d.year for d, _ in days.values()}}
    already = {c for c, (d, _) in days.items() if c in greeted[d.year]}
    found = targeting.split(op, facts, days, campaign_id="生日", via=via, already=already)
    ordered = sorted(found, key=lambda t: (days[t.customer_id][0], t.customer_id))
    return [Birthday(t.customer_id, *days[t.customer_id], t) for t in ordered]


def greeted_in(op: Operation, year: int) -> set[str]:
    """Customers who had their greeting for the birthday of a year."""
    numbers = [r["campaign_id"] for r in _of_year(op, year)]
    chosen = sa.select(SENDS.c.customer_id).where(SENDS.c.campaign_id.in_(numbers))
    return {r["customer_id"] for r in op.rows(chosen)}


def _of_year(op: Operation, year: int) -> list[Row]:
    c = CAMPAIGNS.c
    return op.rows(
        sa.select(CAMPAIGNS)
        .where(c.kind == "生日", c.ends.like(f"{year}-%"))
        .order_by(c.campaign_id)
    )


def greet(
    op: Operation, role: str, found: list[Birthday], facts: Facts, *, template: str, coupon: Any,
    via: str, title: str, shop: str,
) -> list[Sent]:  # fmt: skip
    """Send the greetings; the campaign of the year of the birthday is made when it is missing."""
    sms.check(template, campaigning.PLACES, title=title, marketing=True)
    wrong = entry.Wrong()
    worth = entry.fen(wrong, "coupon", "优惠券", coupon)
    entry.one_of(wrong, "via", "方式", via, campaigning.CHANNELS)
    wrong.raise_any()
    targeting.require_waking_hours(op)
    done = []
    for year in sorted({b.day.year for b in found}):
        campaign = _campaign(op, role, year, template, worth, shop, title)
        life.CAMPAIGN.step(campaign["status"], "发送", role, campaign["name"])
        own = [b for b in found if b.day.year == year]
        keys = {b.customer_id: f"生日:{year}:{b.customer_id}" for b in own}
        message = {**campaign, "template": template, "template_b": "", "coupon": worth}
        targets = [b.target for b in own]
        done.append(campaigning.deliver(op, message, targets, keys, via, title))
    return done


def _campaign(
    op: Operation, role: str, year: int, template: str, coupon: int, shop: str, title: str
) -> Row:
    existing = _of_year(op, year)
    if existing:
        return existing[-1]
    today = gateway.day(op)
    to = campaigning.checked(op, {
        "name": f"{year}生日关怀", "kind": "生日", "budget": 0, "coupon": coupon / 100,
        "starts": min(today, f"{year}-01-01"), "ends": f"{year}-12-31", "hold_out": 0.0,
        "rule": {"all": []}, "tag": f"生日{year}", "template": template, "template_b": "",
        "include": [], "exclude": [],
    }, title)  # fmt: skip
    number = campaigning.create(op, role, to, shop=shop)
    campaigning.change(op, role, op.get(CAMPAIGNS, number), "启动")
    return op.get(CAMPAIGNS, number)
