"""One order in full: lines, returns, movements of goods, messages, and what may happen to it next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crmkit.crm.audit import Operation
from crmkit.crm.ordering import notices, order_queries
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_facts import ORDERS, PRODUCTS, RETURNS
from crmkit.crm.storage import tables

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.crm.store import Store


@dataclass(frozen=True)
class OrderCard:
    """Everything about one order."""

    order: pd.DataFrame
    lines: pd.DataFrame
    returns: pd.DataFrame
    movements: pd.DataFrame
    messages: pd.DataFrame
    allowed: pd.DataFrame


def card(op: Operation, store: Store, order: facts.Order, role: str) -> OrderCard:
    """The card of an order, as somebody in `role` sees it."""
    raw = store.frame(ORDERS.select().where(ORDERS.c.order_id == order.id), op.connection)
    told = tables.outbox.c.once_key
    own = [r["return_id"] for x in order.lines.values() for r in x.returns]
    about = told.like(f"%:{order.id}%") | told.in_(
        [notices.once_key(notices.RESENT, r) for r in own]
    )
    return OrderCard(
        order_queries.with_buyer(op, store, raw),
        lines_of(op, order),
        order_queries.returns_frame(store, op, [RETURNS.c.order_id == order.id]),
        movements_of(op, store, order.id),
        order_queries.outbox(op, store, [about]),
        allowed(order, role),
    )


def allowed(order: facts.Order, role: str) -> pd.DataFrame:
    """What may happen to an order and its returns now: 对象 编号 状态 事件 谁 条件 我可以."""
    import pandas as pd

    things = [(life.ORDER, order.id, order.status, "")] + [
        (life.RETURN, r["return_id"], r["status"], r["kind"])
        for x in order.lines.values() for r in x.returns
    ]  # fmt: skip
    return pd.DataFrame(
        [
            (table.thing, number, table.word(state), t.event, "、".join(t.who), t.guard,
             t.open_to(role))
            for table, number, state, kind in things for t in table.events(state, kind)
        ],
        columns=["对象", "编号", "状态", "事件", "谁", "条件", "我可以"],
    )  # fmt: skip


def lines_of(op: Operation, order: facts.Order) -> pd.DataFrame:
    """An order's lines: what was paid for each, refunded, shipped, still due."""
    import pandas as pd

    names = {k: r["name"] for k, r in op.find_many(PRODUCTS, list(order.lines)).items()}
    return pd.DataFrame(
        [
            (sku, names[sku], x.row["qty"], x.row["unit_price"] / 100, x.share / 100,
             x.refunded / 100, x.row["shipped_qty"], x.due)
            for sku, x in order.lines.items()
        ],
        columns=["商品编码", "商品名称", "数量", "单价", "分摊实付", "已退金额", "已发数量", "待发数量"],
    )  # fmt: skip


def movements_of(op: Operation, store: Store, order_id: str) -> pd.DataFrame:
    """Goods that left or came back for an order."""
    s = facts.SHIPMENTS
    frame = store.frame(
        sa.select(s.c.shipment_id, s.c.sku, s.c.qty, s.c.kind, s.c.carrier, s.c.waybill, s.c.at)
        .where(s.c.order_id == order_id).order_by(s.c.shipment_id), op.connection,
    )  # fmt: skip
    frame.columns = ["编号", "商品编码", "数量", "种类", "快递公司", "运单号", "时间"]
    return frame
