"""From an audience to recipients: who is left out and why, who is held out, who gets the message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from crmkit.crm import clock
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.campaigns.audience import Facts
from crmkit.crm.errors import InvalidInput
from crmkit.crm.storage import tables
from crmkit.settings import settings

SENDS = tables.metadata.tables["campaign_sends"]
SEND, HOLD_OUT, LEFT_OUT = "发送", "留白", "排除"
LISTED, BLACK, OPTED, NO_CONSENT, NO_MOBILE, ALREADY, CAPPED = (
    "排除名单", "黑名单", "已退订", "未同意接受营销", "没有手机号", "已经发送过", "频次上限",
)  # fmt: skip
# Why somebody gets nothing, in the order in which it is looked at: the first that holds is named.
REASONS: Mapping[str, str] = {
    LISTED: "在活动的排除名单里",
    BLACK: "店铺的黑名单",
    OPTED: "回复过退订",
    NO_CONSENT: "没有同意接受营销信息",
    NO_MOBILE: "没有可用的手机号（短信）",
    ALREADY: "同一件事已经发送过",
    CAPPED: "近几天收到的营销信息已到上限（课程约定）",
}


@dataclass(frozen=True)
class Target:
    """One customer of the audience: `part` is SEND, HOLD_OUT or LEFT_OUT, `why` one of REASONS."""

    customer_id: str
    part: str
    why: str


def split(
    op: Operation, facts: Facts, audience: Collection[str], *, campaign_id: str, via: str,
    hold_out: float = 0.0, excluded: Collection[str] = (), already: Collection[str] = (),
) -> list[Target]:  # fmt: skip
    """Every customer of an audience, by id: gets the message, is held out, or is left out.

    The control group is taken by a hash of student, campaign and customer from those who would get
    the message, so that both groups are alike.
    """
    frame = facts.frame
    chosen = frame[frame["客户编号"].isin(set(audience))]
    opted = {r["customer_id"] for r in op.rows(sa.select(tables.opt_outs.c.customer_id))}
    capped, student = at_cap(op), gateway.facts(op)["student"]
    targets = []
    for customer, black, consent, mobile in zip(
        chosen["客户编号"], chosen["黑名单"], chosen["接受营销"], chosen["手机"], strict=True
    ):
        holds = {
            LISTED: customer in excluded,
            BLACK: bool(black),
            OPTED: customer in opted,
            NO_CONSENT: not consent,
            NO_MOBILE: via == gateway.SMS and not usable(mobile),
            ALREADY: customer in already,
            CAPPED: customer in capped,
        }
        why = next((reason for reason in REASONS if holds[reason]), "")
        if why:
            targets.append(Target(customer, LEFT_OUT, why))
        elif gateway.chance(student, campaign_id, customer, HOLD_OUT) < hold_out:
            targets.append(Target(customer, HOLD_OUT, ""))
        else:
            targets.append(Target(customer, SEND, ""))
    return sorted(targets, key=lambda t: t.customer_id)


def usable(mobile: object) -> bool:
    """Whether a mobile number has the form of one."""
    return isinstance(mobile, str) and len(mobile) == 11 and mobile.isdigit() and mobile[0] == "1"


def at_cap(op: Operation) -> set[str]:
    """Customers who had as many marketing contacts lately as the cap allows, over all campaigns."""
    rules = settings()["marketing"]
    since = clock.parse(gateway.now(op)) - dt.timedelta(days=rules["cap_days"])
    counted = (
        sa.select(SENDS.c.customer_id)
        .where(SENDS.c.via != HOLD_OUT, SENDS.c.sent_at > clock.text(since))
        .group_by(SENDS.c.customer_id)
        .having(sa.func.count() >= rules["cap_contacts"])
    )
    return {r["customer_id"] for r in op.rows(counted)}


def require_waking_hours(op: Operation) -> None:
    """Marketing is not sent at night, by the shop's own clock.

    Raises
    ------
    InvalidInput
        Says from when it can be sent.
    """
    rules, moment = settings()["marketing"], clock.parse(gateway.now(op))
    if not rules["quiet_until"] <= moment.hour < rules["quiet_from"]:
        raise InvalidInput(
            f"现在是 {moment:%H:%M}，营销信息只能在 {rules['quiet_until']}:00–{rules['quiet_from']}:00 "
            "发送。先推进时间，或白天再发。",
            {"campaign_id": "免打扰时间"},
        )
