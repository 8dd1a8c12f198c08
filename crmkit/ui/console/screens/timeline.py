"""One timeline of a customer: orders, returns, reviews, contacts and messages, the newest first."""

from __future__ import annotations

from crmkit.crm.service import timeline as story
from crmkit.crm.session import Session
from crmkit.ui.console.screen import Event, Section

MOST = 100
_TONES = {"评价": "warn", "工单": "bad", "发出短信": "off", "发出微信": "off"}


def timeline(crm: Session, customer_id: str, function: str = "customers.lookup") -> list[Section]:
    """What happened with this customer, read through the function that shows it."""
    with crm.reading(function, "时间线", 客户编号=customer_id) as op:
        op.object = customer_id
        rows = story.of(op, customer_id)
    newest = rows.iloc[::-1].head(MOST)
    events = [
        Event(r["时间"], f"{r['类型']} {r['编号']}", r["内容"], _tone(str(r["类型"])))
        for r in newest.to_dict("records")
    ]
    left = len(rows) - len(newest)
    text = (
        "还没有订单和互动。"
        if not events
        else f"最近 {MOST} 条，更早的 {left} 条没有列出。"
        if left
        else ""
    )
    return [Section("时间线", events=events, text=text)]


def _tone(kind: str) -> str:
    return "warn" if kind.startswith("申请") else _TONES.get(kind, "plain")
