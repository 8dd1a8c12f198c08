"""All files a platform or a shopkeeper hands over, for one shop."""

from __future__ import annotations

from typing import Any

from crmkit.schema import CUSTOMER_FILE, ORDER_STATUS

from . import exports_other, exports_taobao
from .sheets import Sheet, xlsx
from .spec import END
from .world import World

# The days whose orders each file holds, long enough for some 200 rows.
SLICES = {
    "2016": ("2024-03-01", "2024-03-31"),
    "2017": ("2024-06-01", "2024-06-30"),
    "2018": ("2024-11-01", "2024-11-30"),
    "resaved": ("2025-03-01", "2025-03-20"),
    "2020": ("2025-06-01", "2025-06-30"),
    "2021": ("2025-12-01", "2025-12-31"),
    "masked": ("2025-12-17", "2025-12-31"),
}
_JD = ("2025-11-16", "2025-12-31")
_DAILY = ("2025-11-01", "2025-12-31")
_BOOK_DAYS = 31  # orders in the shopkeeper's workbook


def workbook(world: World) -> bytes:
    """What the shopkeeper keeps himself: the customer file and the orders of the last month."""
    platform = {c.id: c.platform for c in world.shop.channels}
    count: dict[str, int] = {}
    total: dict[str, int] = {}
    for order in world.orders:
        if order.paid:
            count[order.customer.id] = count.get(order.customer.id, 0) + 1
            total[order.customer.id] = total.get(order.customer.id, 0) + order.amount
    people = [
        [
            c.id, c.nick, c.name, c.birthday, c.mobile, c.city.province, c.city.name, c.source,
            platform[c.channel], c.registered, count.get(c.id, 0), total.get(c.id, 0) / 100,
        ]
        for c in world.customers
    ]  # fmt: skip
    orders = [
        [
            o.id, o.customer.id, o.at, o.paid_at, platform[o.channel], o.amount / 100,
            ORDER_STATUS[o.status],
        ]
        for o in world.orders
        if (END - o.at).days < _BOOK_DAYS
    ]  # fmt: skip
    header = ("订单编号", "客户编号", "下单时间", "付款时间", "渠道", "实付金额", "订单状态")
    return xlsx(
        [
            Sheet("客户档案", CUSTOMER_FILE, people, frozenset(("累计金额",)), frozen=True),
            Sheet("订单", header, orders, frozenset(("实付金额",)), frozen=True),
        ],
        world.shop.title,
    )


def files(world: World) -> tuple[dict[str, bytes], dict[str, Any]]:
    """File name below the shop's folder → bytes, and the facts planted in them."""
    out, facts = exports_taobao.files(world, SLICES)
    more, found = exports_other.members(world, [SLICES["2020"], SLICES["2021"]])
    out |= more
    facts |= found
    out["exports/jd_orders.csv"] = exports_other.jd(world, *_JD)
    out["exports/shop_daily.xls"] = exports_other.daily(world, *_DAILY)
    out["workbooks/customer_file.xlsx"] = workbook(world)
    return out, facts
