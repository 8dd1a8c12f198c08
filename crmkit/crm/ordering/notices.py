"""Messages about an order: 出库通知 and 收货通知, filled from the order and written only once."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway, sms
from crmkit.crm.campaigns.gateway import Message, Outcome
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_facts import Order
from crmkit.crm.storage import tables

CUSTOMERS = tables.metadata.tables["customers"]
PRODUCTS = tables.metadata.tables["products"]
PLACES: Mapping[str, str] = {
    "店名": "店铺名称", "昵称": "买家昵称", "称呼": "姓氏加先生/女士", "订单编号": "",
    "商品": "这次的商品", "件数": "这次的件数", "快递公司": "", "运单号": "", "金额": "实付金额（元）",
}  # fmt: skip
SHIPPED, PART_SHIPPED, ARRIVED, RESENT = "出库通知", "部分出库通知", "收货通知", "换货补发通知"
TEMPLATES: Mapping[str, str] = {
    SHIPPED: "【{店名}】{称呼}，您的订单{订单编号}已出库，{快递公司}运单号{运单号}，请留意查收。",
    PART_SHIPPED: "【{店名}】{称呼}，您的订单{订单编号}有{件数}件先行出库，{快递公司}运单号{运单号}，其余随后发出。",
    ARRIVED: "【{店名}】{称呼}，您的订单{订单编号}（运单号{运单号}）应已送达，请验货后确认收货；有问题请联系客服。",
    RESENT: "【{店名}】{称呼}，您的换货商品已补发，{快递公司}运单号{运单号}，请留意查收。",
}


def once_key(purpose: str, number: str) -> str:
    """The key under which a notice stands in the outbox: one per order (part, return)."""
    return f"{purpose}:{number}"


def template_for(purpose: str, template: str | None, title: str) -> str:
    """The template to use; InvalidInput for one that could not be filled."""
    chosen = template or TEMPLATES[purpose]
    sms.check(chosen, PLACES, title=title, marketing=False)
    return chosen


def notice(
    op: Operation, order: Order, purpose: str, number: str, template: str, title: str, *,
    pieces: Mapping[str, int], carrier: str, waybill: str,
) -> Outcome | None:  # fmt: skip
    """Write one notice; None when it was written before."""
    customer = op.get(CUSTOMERS, order.row["customer_id"])
    names = {k: r["name"] for k, r in op.find_many(PRODUCTS, list(pieces)).items()}
    goods = list(names.values())
    text = sms.fill(template, {
        "店名": title, "昵称": customer["nick"] or "", "称呼": sms.called(customer["name"], customer["gender"]),
        "订单编号": order.id, "商品": "、".join(goods[:2]) + ("等" if len(goods) > 2 else ""),
        "件数": sum(pieces.values()), "快递公司": carrier, "运单号": waybill,
        "金额": f"{order.row['amount'] / 100:.2f}",
    })  # fmt: skip
    message = Message(
        once_key(purpose, number), customer["mobile"] or "", text, purpose, order.row["customer_id"]
    )
    done = gateway.write(op, [message])
    return done[0] if done else None


def arrived(op: Operation, order: Order, role: str, template: str, title: str) -> Outcome | None:
    """Write the 收货通知 of an order that is on its way; None when it was written before."""
    life.ORDER.step(order.status, "收货通知", role, order.id)
    pieces = {sku: line.row["shipped_qty"] for sku, line in order.lines.items() if not line.void}
    return notice(
        op, order, ARRIVED, order.id, template, title, pieces=pieces, carrier="",
        waybill=order.row["waybill"],
    )  # fmt: skip
