"""Goods leaving the warehouse: what a parcel may hold, stock, waybill, state and notice.

Stock is what lies in the warehouse; it goes down when a parcel leaves, not when somebody orders
[C]. What open orders wait for is kept from new orders instead (`order_facts.reserved`).
Everything is checked before anything is written, so that one bad row of a batch harms no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crmkit.crm.audit import Operation
from crmkit.crm.entry import Wrong
from crmkit.crm.errors import IllegalTransition, InvalidInput
from crmkit.crm.ordering import notices
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_facts import Order

CARRIERS = (
    "顺丰速运",
    "中通快递",
    "圆通速递",
    "韵达快递",
    "申通快递",
    "极兔速递",
    "京东物流",
    "邮政EMS",
)
_WAYBILL = re.compile(r"[A-Za-z0-9-]{6,30}")


@dataclass(frozen=True)
class Parcel:
    """A parcel as it was sent; `complete` when nothing is left to ship."""

    order_id: str
    pieces: Mapping[str, int]
    complete: bool
    message: str  # text of the notice


def check_parcel(carrier: str, waybill: str) -> tuple[str, str]:
    """Carrier and waybill, stripped; InvalidInput when they cannot be."""
    wrong, carrier, waybill = Wrong(), str(carrier or "").strip(), str(waybill or "").strip()
    if not carrier:
        wrong["carrier"] = "请填写快递公司"
    if not _WAYBILL.fullmatch(waybill):
        wrong["waybill"] = "请填写运单号（6–30 位字母、数字）"
    wrong.raise_any()
    return carrier, waybill


def ship(
    op: Operation, order: Order, role: str, carrier: str, waybill: str, *, title: str,
    pieces: Mapping[str, int] | None = None, template: str | None = None,
) -> Parcel:  # fmt: skip
    """Send a parcel: all that is due, or only `pieces` (SKU → number)."""
    chosen, complete = _chosen(order, pieces)
    step = life.ORDER.step(order.status, "出库" if complete else "部分出库", role, order.id)
    carrier, waybill = check_parcel(carrier, waybill)
    for sku in chosen:
        if order.lines[sku].open:
            raise IllegalTransition(
                f"订单「{order.id}」的商品「{sku}」有处理中的退换（{order.lines[sku].open[0]['return_id']}），"
                "不能出库。先处理退换，或只出其余商品（部分出库）。"
            )
    short = facts.short_of(op, chosen)
    if short:
        raise InvalidInput(
            f"订单「{order.id}」库存不够：{'；'.join(short)}", {"pieces": "；".join(short)}
        )
    purpose = notices.SHIPPED if complete else notices.PART_SHIPPED
    text = notices.template_for(purpose, template, title)

    at = facts.stamp(op, order)
    facts.move_stock(op, chosen, -1)
    for sku, qty in chosen.items():
        line = order.lines[sku].row
        op.update(facts.ITEMS, order.id, sku, to={"shipped_qty": line["shipped_qty"] + qty})
        line["shipped_qty"] += qty
    record(op, order.id, chosen, facts.OUT, carrier, waybill, at)
    facts.update(op, order, status=step.target, shipped_at=at, waybill=waybill)
    number = order.id if complete else f"{order.id}:{waybill}"
    written = notices.notice(
        op, order, purpose, number, text, title, pieces=chosen, carrier=carrier, waybill=waybill
    )
    return Parcel(order.id, chosen, complete, written.message.text if written else "")


def record(
    op: Operation, order_id: str, pieces: Mapping[str, int], kind: str, carrier: str, waybill: str,
    at: str,
) -> None:  # fmt: skip
    """Write down a movement of goods (see the kinds of `order_facts`)."""
    ids = op.next_ids(facts.SHIPMENTS, "S", 8, len(pieces))
    op.insert_many(facts.SHIPMENTS, [
        {"shipment_id": i, "order_id": order_id, "sku": sku, "qty": qty, "carrier": carrier,
         "waybill": waybill, "at": at, "kind": kind}
        for i, (sku, qty) in zip(ids, pieces.items(), strict=True)
    ])  # fmt: skip


def _chosen(order: Order, pieces: Mapping[str, int] | None) -> tuple[dict[str, int], bool]:
    """What goes into the parcel, and whether the order is complete with it."""
    due = order.due
    if pieces is None:
        return due, True
    wrong = []
    for sku, qty in pieces.items():
        order.line(sku)
        if isinstance(qty, bool) or not isinstance(qty, int) or not 1 <= qty <= due.get(sku, 0):
            wrong.append(f"{sku} 还要发 {due.get(sku, 0)} 件，不能发 {qty} 件")
    if wrong or not pieces:
        message = "；".join(wrong) or "没有选商品"
        raise InvalidInput(f"订单「{order.id}」：{message}", {"pieces": message})
    return dict(pieces), dict(pieces) == due
