"""微信互动: keyword replies, and what customers wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.storage import tables

if TYPE_CHECKING:
    from crmkit.crm.session import Session

KEY = "interactions.wechat"
MATCHES: Mapping[str, str] = {
    "完全": "整句就是关键词（不分大小写和前后空格）", "包含": "句子里有任一关键词",
}  # fmt: skip
DEFAULT = "您好，已为您转接人工客服，请稍等。"
_SEPARATOR = "\n"
_CUSTOMERS = tables.metadata.tables["customers"]
_INTERACTIONS = tables.metadata.tables["interactions"]


class Replies:
    """Rules that answer a message by its words.

    When several rules fit: 完全 before 包含, then the higher priority, then the longer keyword,
    then the older rule.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, keywords: Sequence[str], text: str, *, match: str = "包含", priority: int = 0
    ) -> str:
        """Add a rule; returns its number."""
        with self._session.writing(KEY, "加自动回复", 关键词=list(keywords), 方式=match) as op:
            row = _row(keywords, text, match, priority)
            number = op.object = op.next_id(tables.replies, "K", 4)
            op.insert(tables.replies, {"reply_id": number, **row, "active": 1})
            return number

    def update(
        self, reply_id: str, *, keywords: Sequence[str], text: str, match: str = "包含",
        priority: int = 0, active: bool = True,
    ) -> None:  # fmt: skip
        """Change a rule, or switch it off."""
        with self._session.writing(KEY, "改自动回复", 规则=reply_id) as op:
            op.object = reply_id
            row = _row(keywords, text, match, priority)
            op.update(tables.replies, reply_id, to={**row, "active": int(active)})

    def delete(self, reply_id: str) -> None:
        with self._session.writing(KEY, "删自动回复", 规则=reply_id) as op:
            op.object = reply_id
            op.delete(tables.replies, reply_id)

    def reply_to(self, message: str) -> tuple[str, str]:
        """What would be answered, and the number of the rule ("" for the default); sends nothing."""
        with self._session.reading(KEY, "试回复", 消息=message[:50]) as op:
            return _choose(op, message)

    def receive(self, customer_id: str, message: str) -> str:
        """A customer writes: record it and answer by the rules; returns the answer."""
        with self._session.writing(KEY, "收到消息", 客户编号=customer_id) as op:
            wrong = entry.Wrong()
            said = entry.text(wrong, "message", "消息", message, most=500)
            wrong.raise_any()
            customer = op.get(_CUSTOMERS, customer_id)
            answer, rule = _choose(op, said)
            number = op.object = op.next_id(_INTERACTIONS, "I", 5)
            op.insert(_INTERACTIONS, {
                "interaction_id": number, "customer_id": customer_id, "kind": "微信",
                "at": gateway.now(op), "seconds": 0, "agent": "自动回复" if rule else "", "topic": rule or "转人工",
                "result": "已回复" if rule else "待处理", "order_id": None, "detail": said,
                "status": "已解决" if rule else "待处理",
            })  # fmt: skip
            gateway.write(op, [gateway.Message(
                f"微信:{number}", customer["nick"] or "", answer, "微信自动回复", customer_id,
                via=gateway.WECHAT,
            )])  # fmt: skip
            return answer


def rules(op: Operation) -> pd.DataFrame:
    """规则 关键词 方式 回复 优先级 启用, in the order in which they are tried."""
    rows = [
        [r["reply_id"], "、".join(r["keywords"].split(_SEPARATOR)), r["match"], r["text"],
         r["priority"], bool(r["active"])]
        for r in op.rows(sa.select(tables.replies).order_by(
            tables.replies.c.priority.desc(), tables.replies.c.reply_id))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["规则", "关键词", "方式", "回复", "优先级", "启用"])


def _row(keywords: Sequence[str], text: str, match: str, priority: int) -> dict[str, Any]:
    wrong = entry.Wrong()
    words = list(dict.fromkeys(w for k in keywords if (w := str(k).strip())))
    if not words:
        wrong["keywords"] = "至少要有一个关键词"
    said = entry.text(wrong, "text", "回复内容", text, most=500)
    how = entry.one_of(wrong, "match", "匹配方式", match, MATCHES)
    rank = entry.whole(wrong, "priority", "优先级", priority, 0, 100)
    wrong.raise_any()
    return {"keywords": _SEPARATOR.join(words), "match": how, "text": said, "priority": rank}


def _choose(op: Operation, message: str) -> tuple[str, str]:
    said, fits = message.strip().casefold(), []
    for r in op.rows(sa.select(tables.replies).where(tables.replies.c.active == 1)):
        words = [w.casefold() for w in r["keywords"].split(_SEPARATOR)]
        exact = r["match"] == "完全"
        found = [w for w in words if (said == w if exact else w in said)]
        if found:
            fits.append(
                (not exact, -r["priority"], -max(map(len, found)), r["reply_id"], r["text"])
            )
    best = min(fits, default=None)
    return (DEFAULT, "") if best is None else (best[4], best[3])
