"""What a buyer does with an order: place it, pay, cancel, confirm (played by 店长 in class)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit.crm import entry
from crmkit.crm.audit import Operation
from crmkit.crm.errors import InvalidInput
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_facts import Order
from crmkit.crm.storage import tables

CUSTOMERS = tables.metadata.tables["customers"]
CHANNELS = tables.metadata.tables["channels"]
CANCEL_REASONS = ("我不想买了", "信息填写错误，重新拍", "卖家缺货", "其他")
TIMED_OUT = "买家未付款，超时关闭"


def place(
    op: Operation, role: str, customer_id: str, lines: Mapping[str, int], channel_id: str | None,
    freight: Any, discount: Any,
) -> str:  # fmt: skip
    """下单: amount = goods − discount + freight; the number of the new order."""
    step = life.ORDER.step(life.NOT_YET, "下单", role)
    wrong = entry.Wrong()
    postage = entry.fen(wrong, "freight", "运费", freight)
    off = entry.fen(wrong, "discount", "优惠金额", discount)
    customer = op.get(CUSTOMERS, customer_id)
    through = channel_id or customer["channel_id"]
    channel = op.get(CHANNELS, through) if through else {}
    if not channel:  # as of customers from a file that does not say it
        wrong["channel_id"] = f"客户「{customer_id}」的档案里没有渠道，请选择下单的渠道"
    elif channel["status"] != "open":
        wrong["channel_id"] = f"渠道「{channel['name']}」已关闭，不能下单"
    products = op.find_many(facts.PRODUCTS, list(lines))
    sold = facts.reserved(op, list(products))
    problems = [] if lines else ["请至少选一种商品"]
    for sku, qty in lines.items():
        if sku not in products:
            problems.append(f"没有商品「{sku}」")
        elif isinstance(qty, bool) or not isinstance(qty, int) or qty < 1:
            problems.append(f"{sku} 的件数要是正整数")
        elif products[sku]["stock"] - sold.get(sku, 0) < qty:
            free = max(products[sku]["stock"] - sold.get(sku, 0), 0)
            problems.append(f"{sku} 要 {qty} 件，可售库存只有 {free} 件")
    if problems:
        wrong["lines"] = "；".join(problems)
    wrong.raise_any()
    goods = sum(products[sku]["price"] * qty for sku, qty in lines.items())
    if off > goods:
        raise InvalidInput("优惠不能超过商品金额", {"discount": "优惠不能超过商品金额"})
    order_id = op.next_id(facts.ORDERS, "", 18)
    op.insert(facts.ORDERS, {
        "order_id": order_id, "customer_id": customer_id, "ordered_at": facts.stamp(op),
        "paid_at": None, "channel_id": channel["channel_id"], "amount": goods - off + postage,
        "freight": postage, "discount": off, "status": step.target, "shipped_at": None,
        "received_at": None, "closed_reason": None, "aftersale_closed": 0, "waybill": "",
    })  # fmt: skip
    op.insert_many(facts.ITEMS, [
        {"order_id": order_id, "sku": sku, "qty": qty, "unit_price": products[sku]["price"],
         "shipped_qty": 0, "line_no": n}
        for n, (sku, qty) in enumerate(lines.items(), start=1)
    ])  # fmt: skip
    return order_id


def pay(op: Operation, role: str, order: Order) -> None:
    """付款: the order waits to be shipped, the customer has bought."""
    step = life.ORDER.step(order.status, "付款", role, order.id)
    facts.update(op, order, status=step.target, paid_at=facts.stamp(op, order))
    op.update(CUSTOMERS, order.row["customer_id"], to={"trade_status": "已成交"})


def cancel(op: Operation, role: str, order: Order, reason: str) -> None:
    """取消 by the buyer."""
    step = life.ORDER.step(order.status, "取消", role, order.id)
    facts.update(op, order, status=step.target, closed_reason=reason)


def confirm(op: Operation, role: str, order: Order) -> None:
    """确认收货 by the buyer."""
    step = life.ORDER.step(order.status, "确认收货", role, order.id)
    order.require_no_open_return("确认收货")
    facts.update(op, order, status=step.target, received_at=facts.stamp(op, order))


def close(op: Operation, role: str, order: Order, reason: str) -> str:
    """结束订单 by the shop; says in words what was ended."""
    step = life.ORDER.step(order.status, "结束订单", role, order.id)
    if order.status == life.PAY:
        facts.update(op, order, status=step.target, closed_reason=reason)
        return "未付款订单已关闭"
    order.require_no_open_return("结束订单")
    if order.row["aftersale_closed"]:
        raise InvalidInput(f"订单「{order.id}」的售后已经结束过了。", {"order_id": "售后已经结束"})
    end, present = facts.aftersale_end(order), facts.stamp(op)
    if present <= end:
        raise InvalidInput(
            f"订单「{order.id}」的售后期到 {end} 才结束，现在是 {present}，还不能结束订单。",
            {"order_id": "售后期没有过"},
        )
    facts.update(op, order, aftersale_closed=1)
    return "售后已结束"
