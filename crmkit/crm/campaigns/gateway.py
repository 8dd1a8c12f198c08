"""The simulated message gateway: everything that leaves the shop goes into the outbox.

Nothing is really sent. What becomes of a message is decided by a hash of the shop, the student
and the message's own key: the same on every machine, different for everyone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crmkit.crm import clock
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import sms
from crmkit.crm.storage import tables
from crmkit.settings import settings

OUTBOX = tables.outbox
SMS, WECHAT = "短信", "微信"
DELIVERED, HARD, SOFT = "已送达", "失败（空号）", "失败（暂时）"
SENT, OPENED, CLICKED, OPTED_OUT = "已发送", "打开", "点击", "退订"
TEST = "测试发送"


@dataclass(frozen=True)
class Message:
    """One message to write. `once` is its key: a second message with it is never written."""

    once: str
    to: str
    text: str
    purpose: str
    customer_id: str | None = None
    campaign_id: str | None = None
    via: str = SMS


@dataclass(frozen=True)
class Outcome:
    """A message that was written, and what became of it."""

    message: Message
    message_id: str
    status: str
    events: tuple[str, ...]  # 已发送, and for marketing 打开 点击 退订


def facts(op: Operation) -> dict[str, str]:
    """The store's facts as they are inside a transaction."""
    return {r["name"]: r["value"] for r in op.rows(tables.meta)}


def now(op: Operation) -> str:
    """The shop's time as text, read inside a transaction."""
    chosen = sa.select(tables.meta.c.value).where(tables.meta.c.name == "now")
    return str(op.connection.execute(chosen).scalar_one())


def chance(*names: str) -> float:
    """A number in [0, 1) that depends on nothing but the names."""
    digest = hashlib.sha256("|".join(names).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def write(op: Operation, messages: Sequence[Message]) -> list[Outcome]:
    """Write messages to the outbox; those whose key is there already are left out.

    Writers of a store never overlap, so what is looked up here is still true when it is written;
    the unique key of the table is the second lock.
    """
    fresh = {m.once: m for m in reversed(messages)}
    taken = written(op, list(fresh))
    wanted = [m for m in messages if m.once not in taken and fresh[m.once] is m]
    about, rules = facts(op), settings()["gateway"]
    ids = op.next_ids(OUTBOX, "M", 8, len(wanted))
    outcomes = [_outcome(m, i, about, rules) for m, i in zip(wanted, ids, strict=True)]
    op.insert_many(OUTBOX, [
        {
            "message_id": o.message_id, "customer_id": o.message.customer_id, "via": o.message.via,
            "to": o.message.to, "text": o.message.text,
            "parts": sms.parts(o.message.text) if o.message.via == SMS else 0,
            "purpose": o.message.purpose, "once_key": o.message.once, "at": about["now"],
            "status": o.status, "campaign_id": o.message.campaign_id,
        }
        for o in outcomes
    ])  # fmt: skip
    return outcomes


def written(op: Operation, keys: Sequence[str]) -> set[str]:
    """Those of the keys that stand in the outbox already."""
    found: set[str] = set()
    for n in range(0, len(keys), 400):
        chosen = sa.select(OUTBOX.c.once_key).where(OUTBOX.c.once_key.in_(keys[n : n + 400]))
        found.update(r["once_key"] for r in op.rows(chosen))
    return found


def _outcome(
    m: Message, message_id: str, about: dict[str, str], rules: dict[str, float]
) -> Outcome:
    def drawn(what: str) -> bool:
        return chance(about["shop"], about["student"], m.once, what) < rules[what]

    if m.via == SMS and drawn("hard_bounce"):
        return Outcome(m, message_id, HARD, (SENT, HARD))
    if drawn("soft_bounce"):
        return Outcome(m, message_id, SOFT, (SENT, SOFT))
    events = [SENT]
    if m.campaign_id and m.purpose != TEST:
        if drawn("opened"):
            events.append(OPENED)
            if drawn("clicked"):
                events.append(CLICKED)
        if drawn("opted_out"):
            events.append(OPTED_OUT)
    return Outcome(m, message_id, DELIVERED, tuple(events))


def day(op: Operation) -> str:
    """The shop's date, ``"2025-12-31"``, read inside a transaction."""
    return clock.parse(now(op)).date().isoformat()
