"""What the order screens show: lists with conditions, returns with rates, money check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crmkit.crm import entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.errors import InvalidInput
from crmkit.crm.frames import labelled, masked
from crmkit.crm.ordering import notices
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_facts import ITEMS, ORDERS, PRODUCTS, RETURNS
from crmkit.crm.paging import Page, bounds
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.crm.store import Store

CUSTOMERS = tables.metadata.tables["customers"]
STATUS = {word: code for code, word in life.ORDER.states.items()}
RETURN_STATUS = {word: code for code, word in life.RETURN.states.items()}
# What a period can be about, and what a list can be sorted by.
TIMES: Mapping[str, str] = {
    "ordered_at": "下单时间", "paid_at": "付款时间", "shipped_at": "发货时间", "received_at": "收货时间",
}  # fmt: skip
CLOSABLE: Mapping[str, str] = {
    "未付款": "还没有付款的订单：结束就是关闭交易",
    "售后到期": "交易成功、售后期已过的订单：结束就是确认售后结束",
}
SORTS: Mapping[str, str] = {**TIMES, "amount": "实付金额", "order_id": "订单编号"}


@dataclass(frozen=True)
class OrderList:
    """订单查询: one page, and the amount of all orders found (yuan)."""

    page: Page
    amount: float


@dataclass(frozen=True)
class ReturnsView:
    """退换查询: one page, all reasons (commonest first), and the rates of the period."""

    page: Page
    reasons: pd.DataFrame
    rates: pd.DataFrame
    note: str


def conditions(
    *, status: Any, since: Any, until: Any, by: str, least: Any, most: Any, buyer: str, waybill: str,
    order_id: str, sku: str, channel_id: str,
) -> list[Any]:  # fmt: skip
    """The where-clauses of 订单查询; InvalidInput names the wrong field."""
    wrong = entry.Wrong()
    start, end = entry.period(since, until)
    found: list[Any] = []
    words = [status] if isinstance(status, str) and status else list(status or ())
    for word in words:
        entry.one_of(wrong, "status", "订单状态", word, STATUS)
    if words and not wrong:
        found.append(ORDERS.c.status.in_([STATUS[w] for w in words]))
    column = ORDERS.c[entry.one_of(wrong, "by", "时间种类", by, TIMES)]
    if start:
        found.append(column >= start)
    if end:
        found.append(column < end)
    low = entry.fen(wrong, "least", "最低金额", least) if least is not None else None
    high = entry.fen(wrong, "most", "最高金额", most) if most is not None else None
    if low is not None and high is not None and low > high:
        wrong["most"] = "最高金额不能低于最低金额"
    wrong.raise_any()
    if low is not None:
        found.append(ORDERS.c.amount >= low)
    if high is not None:
        found.append(ORDERS.c.amount <= high)
    if buyer.strip():
        word, c = buyer.strip(), CUSTOMERS.c
        # nick and mobile are looked for in their parts, id and name as a whole
        who = sa.or_(
            c.customer_id == word, c.name == word, c.nick.contains(word, autoescape=True),
            c.mobile.contains(word, autoescape=True) if len(word) >= 4 else sa.false(),
        )  # fmt: skip
        found.append(ORDERS.c.customer_id.in_(sa.select(c.customer_id).where(who)))
    if waybill.strip():
        s = facts.SHIPMENTS.c
        sent = sa.select(s.order_id).where(s.waybill == waybill.strip())
        found.append(sa.or_(ORDERS.c.waybill == waybill.strip(), ORDERS.c.order_id.in_(sent)))
    if order_id.strip():
        found.append(ORDERS.c.order_id.contains(order_id.strip(), autoescape=True))
    if sku.strip():
        having = sa.select(ITEMS.c.order_id).where(ITEMS.c.sku == sku.strip())
        found.append(ORDERS.c.order_id.in_(having))
    if channel_id.strip():
        found.append(ORDERS.c.channel_id == channel_id.strip())
    return found


def page_of_orders(
    op: Operation, store: Store, where: list[Any], page: int, size: int, sort: str, descending: bool
) -> tuple[Page, float]:
    """A page of orders and the total of their amounts (yuan)."""
    offset, limit = bounds(page, size)
    wrong = entry.Wrong()
    column = ORDERS.c[entry.one_of(wrong, "sort", "排序", sort, SORTS)]
    wrong.raise_any()
    count, total = op.connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(ORDERS.c.amount), 0)).where(*where)
    ).one()
    # empty times last either way, the same order in every database
    ranked = (
        sa.select(ORDERS).where(*where)
        .order_by(column.is_(None), column.desc() if descending else column, ORDERS.c.order_id)
        .offset(offset).limit(limit)
    )  # fmt: skip
    frame = with_buyer(op, store, store.frame(ranked, op.connection))
    return Page(frame, int(count), page, size), int(total) / 100


def with_buyer(op: Operation, store: Store, orders: pd.DataFrame) -> pd.DataFrame:
    """Orders in words, with buyer (masked), pieces, and returns somebody has to act on."""
    import pandas as pd

    ids = orders["order_id"].tolist()
    people = op.find_many(CUSTOMERS, orders["customer_id"].tolist())
    full = facts.load_many(op, ids)
    out = labelled(orders, "orders")
    out.insert(2, "昵称", [people[c]["nick"] for c in orders["customer_id"]])
    out.insert(3, "姓名", [people[c]["name"] for c in orders["customer_id"]])
    out["件数"] = pd.Series(
        [sum(x.row["qty"] for x in full[i].lines.values()) for i in ids], dtype="int64"
    )
    out["处理中的退换"] = pd.Series(["、".join(full[i].open_returns) for i in ids], dtype=object)
    out["售后已结束"] = out["售后已结束"] == 1
    return masked(out)


def outbox(op: Operation, store: Store, where: list[Any]) -> pd.DataFrame:
    """Messages, newest first, the receiver masked."""
    o = tables.outbox
    frame = store.frame(
        sa.select(o.c.message_id, o.c.at, o.c.purpose, o.c.customer_id, o.c.to, o.c.via, o.c.text,
                  o.c.parts, o.c.status, o.c.campaign_id)
        .where(*where).order_by(o.c.message_id.desc()), op.connection,
    )  # fmt: skip
    frame.columns = [
        "消息编号", "时间", "用途", "客户编号", "收件人", "方式", "内容", "条数", "送达结果", "活动编号",
    ]  # fmt: skip
    return masked(frame)


def mismatches(store: Store, op: Operation) -> pd.DataFrame:
    """Orders whose amount is not goods + freight − discount."""
    goods = (
        sa.select(ITEMS.c.order_id, sa.func.sum(ITEMS.c.qty * ITEMS.c.unit_price).label("goods"))
        .group_by(ITEMS.c.order_id).subquery()
    )  # fmt: skip
    should = sa.func.coalesce(goods.c.goods, 0) + ORDERS.c.freight - ORDERS.c.discount
    frame = store.frame(
        sa.select(ORDERS.c.order_id, ORDERS.c.status, goods.c.goods, ORDERS.c.freight,
                  ORDERS.c.discount, should.label("should"), ORDERS.c.amount)
        .join(goods, goods.c.order_id == ORDERS.c.order_id, isouter=True)
        .where(ORDERS.c.amount != should).order_by(ORDERS.c.order_id), op.connection,
    )  # fmt: skip
    frame["difference"] = frame["amount"].astype("int64") - frame["should"].astype("int64")
    for name in ("goods", "freight", "discount", "should", "amount", "difference"):
        frame[name] = frame[name].astype("float64") / 100
    frame["status"] = frame["status"].map(life.ORDER.states)
    frame.columns = [
        "订单编号",
        "订单状态",
        "商品金额",
        "运费",
        "优惠金额",
        "应付金额",
        "实付金额",
        "差额",
    ]
    return frame


def export_frame(store: Store, op: Operation, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """All orders that meet the conditions of `Orders.search`, by number, the buyers masked."""
    wide = {"status": "", "since": None, "until": None, "by": "ordered_at", "least": None,
            "most": None, "buyer": "", "waybill": "", "order_id": "", "sku": "", "channel_id": ""}  # fmt: skip
    unknown = [k for k in wanted if k not in wide]
    if unknown:
        raise InvalidInput(f"没有查询条件：{'、'.join(unknown)}")
    where = conditions(**{**wide, **wanted})
    orders = store.frame(ORDERS.select().where(*where).order_by(ORDERS.c.order_id), op.connection)
    return with_buyer(op, store, orders)


def closable(op: Operation, kind: str) -> list[Any]:
    """Which orders can be ended: unpaid ones, or finished ones past their after-sale days."""
    wrong = entry.Wrong()
    entry.one_of(wrong, "kind", "种类", kind, CLOSABLE)
    wrong.raise_any()
    o = ORDERS.c
    if kind == "未付款":
        return [o.status == life.PAY]
    limit = facts.later(facts.stamp(op), days=-settings()["orders"]["aftersale_days"])
    return [o.status == life.FINISHED, o.aftersale_closed == 0, o.received_at < limit]


def to_ship(op: Operation) -> pd.DataFrame:
    """Paid orders that still have something to ship, the longest waiting first."""
    import pandas as pd

    waiting = op.rows(
        sa.select(ORDERS.c.order_id).where(ORDERS.c.status.in_((life.SEND, life.PART)))
        .order_by(ORDERS.c.paid_at, ORDERS.c.order_id)
    )  # fmt: skip
    orders = facts.load_many(op, [r["order_id"] for r in waiting])
    stock = {r["sku"]: r["stock"] for r in op.rows(sa.select(PRODUCTS.c.sku, PRODUCTS.c.stock))}
    people = op.find_many(CUSTOMERS, [o.row["customer_id"] for o in orders.values()])
    present = pd.Timestamp(gateway.now(op))
    rows = []
    for order in orders.values():
        hours = max((present - pd.Timestamp(order.row["paid_at"])).total_seconds() / 3600, 0.0)
        rows.append((
            order.id, people[order.row["customer_id"]]["nick"], life.ORDER.word(order.status),
            pd.Timestamp(order.row["paid_at"]), round(hours, 1),
            hours > settings()["orders"]["late_hours"],
            "、".join(f"{sku}×{n}" for sku, n in order.due.items()), sum(order.due.values()),
            all(stock[sku] >= n for sku, n in order.due.items()), "、".join(order.open_returns),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "订单编号", "昵称", "订单状态", "付款时间", "等待小时", "已超时", "待发商品", "待发件数", "库存够",
        "处理中的退换",
    ])  # fmt: skip


def on_the_way(op: Operation, days: int) -> pd.DataFrame:
    """Shipped orders that left at least so many days ago, and whether they had their notice."""
    import pandas as pd

    present = gateway.now(op)
    limit = facts.later(present, days=-days)
    sent = op.rows(
        sa.select(ORDERS.c.order_id).where(ORDERS.c.status == life.SENT, ORDERS.c.shipped_at <= limit)
        .order_by(ORDERS.c.shipped_at, ORDERS.c.order_id)
    )  # fmt: skip
    orders = facts.load_many(op, [r["order_id"] for r in sent])
    keys = {o: notices.once_key(notices.ARRIVED, o) for o in orders}
    told = gateway.written(op, list(keys.values()))
    people = op.find_many(CUSTOMERS, [o.row["customer_id"] for o in orders.values()])
    return pd.DataFrame(
        [
            (o.id, people[o.row["customer_id"]]["nick"], pd.Timestamp(o.row["shipped_at"]),
             round((pd.Timestamp(present) - pd.Timestamp(o.row["shipped_at"])).total_seconds() / 86400, 1),
             o.row["waybill"], keys[o.id] in told, "、".join(o.open_returns))
            for o in orders.values()
        ],
        columns=["订单编号", "昵称", "发货时间", "已发天数", "运单号", "已通知", "处理中的退换"],
    )  # fmt: skip


def returns_where(
    *, status: str, kind: str, reason: str, since: Any, until: Any, order_id: str, open_only: bool
) -> list[Any]:
    """The where-clauses of 退换查询."""
    wrong, found = entry.Wrong(), []
    start, end = entry.period(since, until)
    if status:
        found.append(RETURNS.c.status == RETURN_STATUS.get(status))
        entry.one_of(wrong, "status", "退换状态", status, RETURN_STATUS)
    if kind:
        found.append(RETURNS.c.kind == entry.one_of(wrong, "kind", "类型", kind, life.RETURN_KINDS))
    wrong.raise_any()
    if reason:
        found.append(RETURNS.c.reason == reason)
    if start:
        found.append(RETURNS.c.applied_at >= start)
    if end:
        found.append(RETURNS.c.applied_at < end)
    if order_id:
        found.append(RETURNS.c.order_id == order_id)
    if open_only:
        found.append(RETURNS.c.status.in_(life.OPEN_RETURNS))
    return found


def returns_frame(store: Store, op: Operation, where: list[Any]) -> pd.DataFrame:
    """Returns in words, newest first, with the order's buyer and whether it was finished by then."""
    import numpy as np

    more = (
        sa.select(
            RETURNS,
            ORDERS.c.customer_id,
            ORDERS.c.received_at,
            ORDERS.c.status.label("order_status"),
            ITEMS.c.qty.label("bought"),
        )
        .join(ORDERS, ORDERS.c.order_id == RETURNS.c.order_id)
        .join(ITEMS, (ITEMS.c.order_id == RETURNS.c.order_id) & (ITEMS.c.sku == RETURNS.c.sku))
        .where(*where)
        .order_by(RETURNS.c.applied_at.desc(), RETURNS.c.return_id.desc())
    )
    raw = store.frame(more, op.connection)
    raw["qty"] = raw["qty"].where(raw["qty"] > 0, raw["bought"])  # from before: the whole line
    own = [c.name for c in RETURNS.columns]
    out = labelled(raw[own], "returns")
    out["客户编号"] = raw["customer_id"]
    out["订单状态"] = raw["order_status"].map(life.ORDER.states)
    after = raw["received_at"].notna() & (raw["applied_at"] >= raw["received_at"].fillna("9"))
    out["阶段"] = np.where(after, "售后", "售中")
    return out


def reasons(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns by reason, the commonest first: 原因 件数 占比 退款金额."""
    import pandas as pd

    grouped = frame.groupby("原因", as_index=False).agg(
        件数=("退换编号", "size"), 退款金额=("退款金额", "sum")
    )
    grouped.insert(2, "占比", grouped["件数"] / max(len(frame), 1))
    out = grouped.sort_values(["件数", "原因"], ascending=[False, True], ignore_index=True)
    return pd.DataFrame(out).round({"退款金额": 2})
