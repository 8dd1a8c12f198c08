"""Everything that passed between the shop and one customer, in order."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from crmkit.crm.audit import Operation
from crmkit.crm.storage import tables
from crmkit.schema import ORDER_STATUS

_T = tables.metadata.tables
COLUMNS = ["时间", "类型", "编号", "内容"]


def of(op: Operation, customer_id: str) -> pd.DataFrame:
    """时间 类型 编号 内容, the oldest first: orders, returns, reviews, contacts, messages, cases."""
    rows: list[list[str]] = []
    orders = op.rows(sa.select(_T["orders"]).where(_T["orders"].c.customer_id == customer_id))
    for o in orders:
        rows.append(
            [
                o["ordered_at"],
                "下单",
                o["order_id"],
                f"{o['amount'] / 100:.2f} 元，{ORDER_STATUS[o['status']]}",
            ]
        )
        for column, word in (("paid_at", "付款"), ("shipped_at", "发货"), ("received_at", "收货")):
            if o[column]:
                rows.append([o[column], word, o["order_id"], ""])
    ids = [o["order_id"] for o in orders]
    for r in op.rows(sa.select(_T["returns"]).where(_T["returns"].c.order_id.in_(ids))):
        rows.append(
            [
                r["applied_at"],
                f"申请{r['kind']}",
                r["return_id"],
                f"{r['reason']}，{r['amount'] / 100:.2f} 元",
            ]
        )
    for r in op.rows(sa.select(_T["reviews"]).where(_T["reviews"].c.order_id.in_(ids))):
        rows.append([r["at"], "评价", r["review_id"], f"{r['stars']} 星：{r['text'] or ''}"])
    for i in op.rows(
        sa.select(_T["interactions"]).where(_T["interactions"].c.customer_id == customer_id)
    ):
        rows.append(
            [
                i["at"],
                i["kind"],
                i["interaction_id"],
                "，".join(filter(None, (i["topic"], i["result"], i["detail"]))),
            ]
        )
    for m in op.rows(sa.select(tables.outbox).where(tables.outbox.c.customer_id == customer_id)):
        rows.append([m["at"], f"发出{m['via']}", m["message_id"], m["text"]])
    for c in op.rows(sa.select(tables.cases).where(tables.cases.c.customer_id == customer_id)):
        rows.append([c["opened_at"], "工单", c["case_id"], f"{c['level']}级，{c['status']}"])
    rows.sort(key=lambda r: (r[0], r[2]))
    return pd.DataFrame(rows, columns=COLUMNS).assign(时间=lambda f: pd.to_datetime(f["时间"]))
