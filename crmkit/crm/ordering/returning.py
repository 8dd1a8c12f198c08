"""Returns, refunds and exchanges of a line: application, answer, goods back, money or goods out."""

from __future__ import annotations

from typing import Any

from crmkit.crm import entry
from crmkit.crm.audit import Operation, Row
from crmkit.crm.errors import IllegalTransition, InvalidInput
from crmkit.crm.ordering import notices, shipping
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_facts import Line, Order

ONSALE, AFTERSALE = "售中", "售后"


def load(op: Operation, return_id: str) -> tuple[Row, Order]:
    """A return with its order; NotFound when there is none."""
    row = op.get(facts.RETURNS, return_id)
    return row, facts.load(op, row["order_id"])


def apply(
    op: Operation,
    role: str,
    order: Order,
    sku: str,
    kind: str,
    reason: str,
    yuan: Any,
    qty: int | None,
) -> str:
    """申请: a new return of a line; its number."""
    step = life.RETURN.step(life.NOT_YET, "申请", role)
    line = order.line(sku)
    _window(op, order, role)
    if line.unfinished:
        other = line.unfinished[0]
        raise IllegalTransition(
            f"订单「{order.id}」的商品「{sku}」已有申请 {other['return_id']}（{life.RETURN.word(other['status'])}），"
            f"不能再「申请」。可以：{life.RETURN.listed(other['status'], other['kind'])}"
        )
    kind, reason, amount, pieces = _terms(line, kind, reason, yuan, qty)
    return_id = op.next_id(facts.RETURNS, "R", 5)
    op.insert(facts.RETURNS, {
        "return_id": return_id, "order_id": order.id, "sku": sku, "kind": kind, "reason": reason,
        "applied_at": facts.stamp(op, order), "finished_at": None, "amount": amount,
        "status": step.target, "qty": pieces, "waybill": "", "remark": "",
    })  # fmt: skip
    return return_id


def revise(
    op: Operation,
    role: str,
    row: Row,
    order: Order,
    kind: str,
    reason: str,
    yuan: Any,
    qty: int | None,
) -> None:
    """修改申请 after a refusal: the same rules as for a new one."""
    step = life.RETURN.step(row["status"], "修改申请", role, row["return_id"], row["kind"])
    _window(op, order, role)
    kind, reason, amount, pieces = _terms(order.line(row["sku"]), kind, reason, yuan, qty)
    _to(op, row, step.target, kind=kind, reason=reason, amount=amount, qty=pieces, remark="",
        waybill="")  # fmt: skip


def withdraw(op: Operation, role: str, row: Row) -> None:
    """撤销申请 by the buyer."""
    step = life.RETURN.step(row["status"], "撤销申请", role, row["return_id"], row["kind"])
    _to(op, row, step.target, finished_at=_stamp(op, row))


def agree(op: Operation, role: str, row: Row, order: Order) -> str:
    """同意: 仅退款 is refunded at once, goods are waited for; the event's name."""
    event = "同意退款" if row["kind"] == "仅退款" else "同意退货"
    step = life.RETURN.step(row["status"], event, role, row["return_id"], row["kind"])
    if step.target == life.SUCCESS:
        _refundable(row, order)
        _to(op, row, step.target, finished_at=_stamp(op, row))
        facts.settle(op, order.id)
    else:
        _to(op, row, step.target)
    return event


def refuse(op: Operation, role: str, row: Row, why: str) -> None:
    """拒绝 by the shop."""
    step = life.RETURN.step(row["status"], "拒绝", role, row["return_id"], row["kind"])
    _to(op, row, step.target, remark=why)


def send_back(op: Operation, role: str, row: Row, carrier: str, waybill: str) -> None:
    """买家退货: the goods are on their way back."""
    step = life.RETURN.step(row["status"], "买家退货", role, row["return_id"], row["kind"])
    carrier, waybill = shipping.check_parcel(carrier, waybill)
    _to(op, row, step.target, waybill=waybill, remark=carrier)


def accept(
    op: Operation, role: str, row: Row, order: Order, *, restock: bool, carrier: str, waybill: str,
    title: str,
) -> None:  # fmt: skip
    """验收: the goods are in order; refund, or send the exchange at once."""
    step = life.RETURN.step(row["status"], "验收", role, row["return_id"], row["kind"])
    sku = row["sku"]
    pieces = {sku: row["qty"] or order.line(sku).row["qty"]}
    if row["kind"] == "换货":
        carrier, waybill = shipping.check_parcel(carrier, waybill)
        short = [] if restock else facts.short_of(op, pieces)
        if short:
            raise InvalidInput(
                f"换货补发库存不够：{'；'.join(short)}", {"restock": "；".join(short)}
            )
    else:
        _refundable(row, order)
    at = _stamp(op, row)
    if restock:
        facts.move_stock(op, pieces, +1)
    back = facts.BACK if restock else facts.SCRAP
    shipping.record(op, order.id, pieces, back, row["remark"], row["waybill"], at)
    _to(op, row, step.target, finished_at=at)
    if row["kind"] == "换货":
        facts.move_stock(op, pieces, -1)
        shipping.record(op, order.id, pieces, facts.RESEND, carrier, waybill, at)
        text = notices.template_for(notices.RESENT, None, title)
        notices.notice(op, order, notices.RESENT, row["return_id"], text, title, pieces=pieces,
                       carrier=carrier, waybill=waybill)  # fmt: skip
    else:
        facts.settle(op, order.id)


def reject_goods(op: Operation, role: str, row: Row, why: str) -> None:
    """拒收: what came back is not what was agreed."""
    step = life.RETURN.step(row["status"], "拒收", role, row["return_id"], row["kind"])
    _to(op, row, step.target, remark=why)


def _window(op: Operation, order: Order, role: str) -> None:
    """Whether the order can have a return at all."""
    life.ORDER.step(order.status, "申请退换", role, order.id)
    if order.status != life.FINISHED:
        return
    end = facts.aftersale_end(order)
    if order.row["aftersale_closed"] or facts.stamp(op) > end:
        raise IllegalTransition(
            f"订单「{order.id}」现在是「{life.ORDER.word(order.status)}」，售后期到 {end} 为止"
            f"{'，售后已经结束' if order.row['aftersale_closed'] else ''}，不能「申请退换」。"
            f"这个状态可以：{life.ORDER.listed(order.status)}"
        )


def _terms(
    line: Line, kind: str, reason: str, yuan: Any, qty: int | None
) -> tuple[str, str, int, int]:
    """Kind, reason, 分 and pieces of an application, checked against the line."""
    wrong = entry.Wrong()
    kind = entry.one_of(wrong, "kind", "类型", kind, life.RETURN_KINDS)
    reason = entry.text(wrong, "reason", "原因", reason, most=50)
    left = line.share - line.refunded
    pieces = line.row["qty"]
    if kind != "仅退款":
        held = line.with_buyer
        if not held:
            wrong["kind"] = f"这一行还没有发货（或已全部退回），不能{kind}；没有收到货用「仅退款」"
        else:
            pieces = entry.whole(wrong, "qty", "件数", held if qty is None else qty, 1, held)
    amount = 0
    if kind != "换货":
        if yuan is None:
            amount = (
                left
                if pieces == line.row["qty"]
                else min(left, line.share * pieces // line.row["qty"])
            )
        else:
            amount = entry.fen(wrong, "amount", "退款金额", yuan, least=1)
        if not wrong and not 0 < amount <= left:
            wrong["amount"] = f"退款要大于 0，且不超过这一行还没退的实付 {left / 100:.2f} 元"
    elif yuan:
        wrong["amount"] = "换货不退钱，金额要是 0"
    wrong.raise_any()
    return kind, reason, amount, pieces


def _refundable(row: Row, order: Order) -> None:
    """Rows that were in the data before are held to the same limit."""
    line = order.line(row["sku"])
    left = line.share - line.refunded
    if row["amount"] > left:
        raise InvalidInput(
            f"退换「{row['return_id']}」要退 {row['amount'] / 100:.2f} 元，"
            f"这一行只剩 {left / 100:.2f} 元可退。",
            {"amount": f"最多 {left / 100:.2f} 元"},
        )


def _stamp(op: Operation, row: Row) -> str:
    return max(facts.stamp(op), row["applied_at"])


def _to(op: Operation, row: Row, status: str, **more: Any) -> None:
    op.update(facts.RETURNS, row["return_id"], to={"status": status, **more})
    row.update(more, status=status)
