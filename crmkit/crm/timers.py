"""Moving the shop's time on: what is due by then happens, as one logged operation."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from crmkit.crm import clock
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.errors import InvalidInput
from crmkit.crm.ordering import buying
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.storage import tables
from crmkit.settings import settings

CAMPAIGNS = tables.metadata.tables["campaigns"]
LAST_DAY = dt.date(2026, 12, 31)  # official holidays are known until then


def advance(op: Operation, hours: int, days: int) -> dict[str, int]:
    """Move on and let the timers run; counts by event.

    Raises
    ------
    InvalidInput
        Not forward, too far at once, or past the last day the calendar knows.
    """
    longest = settings()["orders"]["longest_step_days"]
    for name, label, value in (("hours", "小时", hours), ("days", "天", days)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InvalidInput(f"{label}数要是不小于 0 的整数", {name: "要是不小于 0 的整数"})
    if not 0 < hours + days * 24 <= longest * 24:
        raise InvalidInput(
            f"时间只能向前，一次最多 {longest} 天", {"days": f"1 小时到 {longest} 天"}
        )
    then = clock.parse(gateway.now(op)) + dt.timedelta(hours=hours, days=days)
    if then.date() > LAST_DAY:
        raise InvalidInput(f"时间最多到 {LAST_DAY}", {"days": f"最多到 {LAST_DAY}"})
    moment = clock.text(then)
    op.connection.execute(
        sa.update(tables.meta).where(tables.meta.c.name == "now").values(value=moment)
    )
    return {
        "超时关闭": close_unpaid(op, moment),
        "超时确认": confirm_shipped(op, moment),
        "活动到期": end_campaigns(op, moment[:10]),
    }


def close_unpaid(op: Operation, moment: str) -> int:
    """超时关闭: orders not paid in time."""
    limit = facts.later(moment, hours=-settings()["orders"]["auto_close_hours"])
    o = facts.ORDERS
    due = op.rows(sa.select(o).where(o.c.status == life.PAY, o.c.ordered_at <= limit))
    step = life.ORDER.step(life.PAY, "超时关闭", life.TIMER)
    op.update_many(
        o, [r["order_id"] for r in due], {"status": step.target, "closed_reason": buying.TIMED_OUT}
    )
    return len(due)


def confirm_shipped(op: Operation, moment: str) -> int:
    """超时确认: parcels out for long enough; an open return stops this clock."""
    days = settings()["orders"]["auto_confirm_days"]
    o = facts.ORDERS
    limit = facts.later(moment, days=-days)
    due = op.rows(
        sa.select(o.c.order_id).where(o.c.status == life.SENT, o.c.shipped_at <= limit)
        .order_by(o.c.order_id)
    )  # fmt: skip
    step = life.ORDER.step(life.SENT, "超时确认", life.TIMER)
    count = 0
    for order in facts.load_many(op, [r["order_id"] for r in due]).values():
        if order.open_returns:
            continue
        ended = (r["finished_at"] for x in order.lines.values() for r in x.returns)
        at = max([facts.later(order.row["shipped_at"], days=days), *(t for t in ended if t)])
        facts.update(op, order, status=step.target, received_at=min(at, moment))
        count += 1
    return count


def end_campaigns(op: Operation, today: str) -> int:
    """到期: campaigns whose last day is over."""
    c = CAMPAIGNS
    running = (life.ACTIVE, life.INACTIVE)
    due = op.rows(sa.select(c).where(c.c.status.in_(running), c.c.ends < today))
    for row in due:
        step = life.CAMPAIGN.step(row["status"], "到期", life.TIMER, row["campaign_id"])
        op.update(c, row["campaign_id"], to={"status": step.target})
    return len(due)
