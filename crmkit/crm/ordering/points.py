"""消费积分: whole points for what a finished order was worth in the end."""

from __future__ import annotations

import sqlalchemy as sa

from crmkit.crm.audit import Operation
from crmkit.crm.paging import Page, bounds
from crmkit.crm.storage import tables
from crmkit.settings import settings

T = tables.metadata.tables
ORDERS, RETURNS, CUSTOMERS = T["orders"], T["returns"], T["customers"]


def of_order(amount: int, freight: int, refunded: int, level: str) -> int:
    """Points of one finished order; money in 分.

    ⌊(实付 − 运费 − 成功退款) × 等级系数 ÷ 每分所需的元⌋, never below 0. Course's choice, see
    settings.toml [points].

    >>> of_order(12_990, 1_000, 0, "普通会员"), of_order(10_001, 0, 0, "VIP会员")
    (119, 150)
    """
    rules = settings()["points"]
    base = max(amount - freight - refunded, 0)
    return int(base * rules["factors"].get(level, 100) // (100 * 100 * rules["yuan_per_point"]))


def rule_words() -> str:
    """The rule for the screen."""
    rules = settings()["points"]
    factors = "、".join(
        f"{level} {factor / 100:g} 倍" for level, factor in rules["factors"].items()
    )
    return (
        f"交易成功的订单，（实付 − 运费 − 成功退款）每 {rules['yuan_per_point']} 元 1 分，乘等级系数"
        f"（{factors}），不满 1 分的舍去（课程约定）"
    )


def rows(op: Operation, where: list[sa.ColumnElement[bool]]) -> list[tuple[object, ...]]:
    """订单编号 客户编号 收货时间 实付 运费 退款 (元) 等级 积分 of finished orders, newest first."""
    refunded = (
        sa.select(RETURNS.c.order_id, sa.func.sum(RETURNS.c.amount).label("back"))
        .where(RETURNS.c.status == "SUCCESS").group_by(RETURNS.c.order_id).subquery()
    )  # fmt: skip
    chosen = (
        sa.select(ORDERS, CUSTOMERS.c.member_level, sa.func.coalesce(refunded.c.back, 0).label("back"))
        .join(CUSTOMERS, CUSTOMERS.c.customer_id == ORDERS.c.customer_id)
        .join(refunded, refunded.c.order_id == ORDERS.c.order_id, isouter=True)
        .where(ORDERS.c.status == "TRADE_FINISHED", *where)
        .order_by(ORDERS.c.received_at.desc(), ORDERS.c.order_id)
    )  # fmt: skip
    return [
        (r["order_id"], r["customer_id"], r["received_at"], r["amount"] / 100, r["freight"] / 100,
         int(r["back"]) / 100, r["member_level"],
         of_order(r["amount"], r["freight"], int(r["back"]), r["member_level"] or ""))
        for r in op.rows(chosen)
    ]  # fmt: skip


def page_of(
    op: Operation, where: list[sa.ColumnElement[bool]], page: int, size: int
) -> tuple[Page, int]:
    """One page of `rows` as people see it, and the points of all of them."""
    import pandas as pd

    first, count = bounds(page, size)
    found = rows(op, where)
    frame = pd.DataFrame(found[first : first + count], columns=[
        "订单编号", "客户编号", "收货时间", "实付金额", "运费", "退款金额", "会员等级", "积分",
    ])  # fmt: skip
    frame["收货时间"] = pd.to_datetime(frame["收货时间"], format="%Y-%m-%d %H:%M:%S")
    return Page(frame, len(found), page, size), sum(int(str(r[-1])) for r in found)
