"""One order as it is inside a transaction: lines with their share of the payment, returns, stock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crmkit.crm import clock
from crmkit.crm.audit import Operation, Row
from crmkit.crm.campaigns import gateway
from crmkit.crm.errors import IllegalTransition, InvalidInput
from crmkit.crm.ordering import transitions as life
from crmkit.crm.storage import tables
from crmkit.settings import settings

T = tables.metadata.tables
ORDERS, ITEMS, RETURNS, PRODUCTS = T["orders"], T["order_items"], T["returns"], T["products"]
SHIPMENTS = tables.shipments
# Kinds of movement in `shipments`; stock = what it was − the first two + the third.
OUT, RESEND, BACK, SCRAP = "发货", "换货补发", "退货入库", "退货不入库"


@dataclass
class Line:
    """One line: pieces, 分 of the payment that fall on it, and what came of it."""

    row: Row
    share: int
    returns: list[Row] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        return sum(r["amount"] for r in self.returns if r["status"] == life.SUCCESS)

    @property
    def void(self) -> bool:
        """Refunded in full: it need not be shipped any more."""
        money = [r for r in self.returns if r["status"] == life.SUCCESS and r["kind"] != "换货"]
        return bool(money) and self.refunded >= self.share

    @property
    def unfinished(self) -> list[Row]:
        """Returns that are open, or refused but not withdrawn."""
        return [r for r in self.returns if r["status"] not in (life.SUCCESS, life.DROPPED)]

    @property
    def open(self) -> list[Row]:
        return [r for r in self.returns if r["status"] in life.OPEN_RETURNS]

    @property
    def due(self) -> int:
        """Pieces that still have to be shipped."""
        return 0 if self.void else self.row["qty"] - self.row["shipped_qty"]

    @property
    def with_buyer(self) -> int:
        """Pieces that were shipped and have not come back."""
        back = sum(
            r["qty"] or self.row["qty"]
            for r in self.returns
            if r["status"] == life.SUCCESS and r["kind"] == "退货"
        )
        return max(self.row["shipped_qty"] - back, 0)


@dataclass
class Order:
    """An order with its lines, in the order they stand on it."""

    row: Row
    lines: dict[str, Line]

    @property
    def id(self) -> str:
        return str(self.row["order_id"])

    @property
    def status(self) -> str:
        return str(self.row["status"])

    @property
    def open_returns(self) -> list[str]:
        return [r["return_id"] for line in self.lines.values() for r in line.open]

    @property
    def refunded(self) -> int:
        return sum(line.refunded for line in self.lines.values())

    @property
    def all_refunded(self) -> bool:
        lines = self.lines.values()
        return any(x.void for x in lines) and all(x.void or not x.share for x in lines)

    @property
    def due(self) -> dict[str, int]:
        """SKU → pieces still to be shipped."""
        return {sku: line.due for sku, line in self.lines.items() if line.due}

    def last_time(self) -> str:
        """The newest time on the order: what happens next is never stamped earlier."""
        times = (self.row[n] for n in ("ordered_at", "paid_at", "shipped_at", "received_at"))
        return max(t for t in times if t)

    def line(self, sku: str) -> Line:
        if sku not in self.lines:
            raise InvalidInput(
                f"订单「{self.id}」里没有商品「{sku}」，只有：{'、'.join(self.lines)}",
                {"sku": "请选订单里的商品"},
            )
        return self.lines[sku]

    def require_no_open_return(self, event: str) -> None:
        """Raise IllegalTransition when somebody still has to act on a return."""
        if self.open_returns:
            raise IllegalTransition(
                f"订单「{self.id}」现在是「{life.ORDER.word(self.status)}」，有处理中的退换"
                f"（{'、'.join(self.open_returns)}），不能「{event}」。先处理完退换。"
            )


def shares(amount: int, items: list[Row]) -> list[int]:
    """分 of the payment per line, by the rule of `crmkit.workbook.allocate_lines`."""
    from crmkit.workbook.allocation import split

    return split(amount, [i["qty"] * i["unit_price"] for i in items])


def load(op: Operation, order_id: str) -> Order:
    """The order; NotFound when there is none."""
    return load_many(op, [order_id])[order_id]


def load_many(op: Operation, order_ids: list[str]) -> dict[str, Order]:
    """Several orders with few queries; NotFound for the first that does not exist."""
    rows = op.find_many(ORDERS, order_ids)
    for order_id in order_ids:
        if order_id not in rows:
            op.get(ORDERS, order_id)  # says what is missing
    items: dict[str, list[Row]] = {o: [] for o in rows}
    returns: dict[str, list[Row]] = {o: [] for o in rows}
    for found, table in ((items, ITEMS), (returns, RETURNS)):
        for part in _chunks(list(rows)):
            for row in op.rows(sa.select(table).where(table.c.order_id.in_(part))):
                found[row["order_id"]].append(row)
    orders = {}
    for order_id, row in rows.items():
        own = sorted(items[order_id], key=lambda i: (i["line_no"], i["sku"]))
        lines = {i["sku"]: Line(i, s) for i, s in zip(own, shares(row["amount"], own), strict=True)}
        for r in sorted(returns[order_id], key=lambda r: str(r["return_id"])):
            lines[r["sku"]].returns.append(r)
        orders[order_id] = Order(row, lines)
    return orders


def stamp(op: Operation, order: Order | None = None) -> str:
    """The time to write: the shop's, but never before what happened to the order already."""
    present = gateway.now(op)
    return max(present, order.last_time()) if order else present


def later(moment: str, **delta: float) -> str:
    """A time so much later, as text."""
    return clock.text(clock.parse(moment) + dt.timedelta(**delta))


def aftersale_end(order: Order) -> str:
    """Until when a finished order may be returned."""
    return later(order.row["received_at"], days=settings()["orders"]["aftersale_days"])


def update(op: Operation, order: Order, **to: Any) -> None:
    op.update(ORDERS, order.id, to=to)
    order.row.update(to)


def settle(op: Operation, order_id: str) -> None:
    """After a refund went through: close the order, or see that nothing is left to ship."""
    order = load(op, order_id)
    if order.status in life.PAID_OPEN and order.all_refunded:
        step = life.ORDER.step(order.status, "全部退款", life.SYSTEM, order.id)
        update(op, order, status=step.target, closed_reason="退款成功，交易关闭")
    elif order.status == life.PART and not order.due:
        step = life.ORDER.step(order.status, "未发商品已退", life.SYSTEM, order.id)
        update(op, order, status=step.target)
    elif order.status == life.FINISHED:
        life.ORDER.step(order.status, "售后退款", life.SYSTEM, order.id)


def move_stock(op: Operation, pieces: Mapping[str, int], sign: int) -> None:
    """Take pieces from stock (−1) or put them back (+1)."""
    found = op.find_many(PRODUCTS, list(pieces))
    for sku, qty in pieces.items():
        op.update(PRODUCTS, sku, to={"stock": found[sku]["stock"] + sign * qty})


def short_of(op: Operation, pieces: Mapping[str, int]) -> list[str]:
    """Which of the pieces the warehouse does not have, in words."""
    found = op.find_many(PRODUCTS, list(pieces))
    return [
        f"{sku} 要 {qty} 件，库存只有 {found[sku]['stock']} 件"
        for sku, qty in pieces.items()
        if found[sku]["stock"] < qty
    ]


def reserved(op: Operation, skus: list[str]) -> dict[str, int]:
    """Pieces that open orders still have to get, by SKU: in stock, but sold."""
    waiting = (
        sa.select(ITEMS.c.sku, sa.func.sum(ITEMS.c.qty - ITEMS.c.shipped_qty).label("n"))
        .join(ORDERS, ORDERS.c.order_id == ITEMS.c.order_id)
        .where(ORDERS.c.status.in_((life.PAY, life.SEND, life.PART)), ITEMS.c.sku.in_(skus))
        .group_by(ITEMS.c.sku)
    )
    found = {r["sku"]: int(r["n"]) for r in op.rows(waiting)}
    refunded = (
        sa.select(ORDERS.c.order_id)
        .distinct()
        .join(RETURNS, RETURNS.c.order_id == ORDERS.c.order_id)
        .where(ORDERS.c.status.in_((life.SEND, life.PART)), RETURNS.c.status == life.SUCCESS)
    )
    for order in load_many(op, [r["order_id"] for r in op.rows(refunded)]).values():
        for sku, line in order.lines.items():
            if line.void and sku in found:
                found[sku] -= line.row["qty"] - line.row["shipped_qty"]
    return found


def _chunks(keys: list[str]) -> list[list[str]]:
    return [keys[n : n + 400] for n in range(0, len(keys), 400)]
