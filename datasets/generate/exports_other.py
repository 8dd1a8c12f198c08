"""Exports beside the order lists: 京东 orders, member files, the daily report of 生意参谋."""

from __future__ import annotations

import datetime as dt
from typing import Any

from .draws import Draws
from .exports_taobao import Desk, orders_between
from .sheets import xls
from .spec import AS_OF, Customer, Order
from .tables import csv_bytes, money
from .world import World

_JD = (
    "订单号|商品ID|商品名称|订购数量|支付方式|下单时间|京东价|订单金额|结算金额|余额支付|应付金额|订单状态|订单类型|"
    "下单帐号|客户姓名|客户地址|联系电话|订单备注|发票类型|发票抬头|发票内容|商家备注|商家备注等级(1–5，由高到低)|"
    "运费金额|付款确认时间|增值税发票|货号|订单完成时间|订单来源|订单渠道"
).split("|")
_JD_STATUS = {
    "WAIT_BUYER_PAY": "等待付款",
    "WAIT_SELLER_SEND_GOODS": "等待出库",
    "SELLER_CONSIGNED_PART": "等待出库",
    "WAIT_BUYER_CONFIRM_GOODS": "等待确认收货",
    "TRADE_FINISHED": "完成",
    "TRADE_CLOSED": "已取消",
    "TRADE_CLOSED_BY_TAOBAO": "已取消",
}
_MEMBER = "买家昵称|会员等级|交易笔数|交易金额|平均客单价|购买件数|上次交易时间|交易关闭笔数|交易关闭金额|省|市|分组|关系来源|状态".split(
    "|"
)
_FORM = "昵称|姓名|性别|生日|手机|省份|城市|来源|渠道|注册日期".split("|")
MEMBERS = 480


def jd(world: World, first: str, last: str) -> bytes:
    """京东: one row for each line, GBK; the platform's own order number of 12 digits."""
    desk = Desk(world)
    channel = next(c.id for c in world.shop.channels if c.platform == "京东")
    products = {p.sku: p for p in world.shop.products}
    rows: list[list[Any]] = []
    for order in orders_between(world, channel, first, last):
        to = desk.receiver(order)
        for line in order.lines:
            rows.append(
                [
                    jd_number(order), f"1{int(line.sku[1:]):03d}{ord(line.sku[0]):03d}5872",
                    products[line.sku].name, line.qty, "在线支付", order.at, money(line.unit),
                    money(order.goods), money(order.amount), "0.00", money(order.amount),
                    _JD_STATUS[order.status], "SOP", order.customer.nick, to.name,
                    to.address.rsplit("(", 1)[0].replace(" ", ""), to.mobile, "", "普通发票", "个人",
                    "明细", "", "", money(order.freight), order.paid_at, "", line.sku,
                    order.received_at, "移动端订单", "京东商城",
                ]
            )  # fmt: skip
    return csv_bytes(_JD, rows, "gbk").replace(b"\n", b"\r\n")


def jd_number(order: Order) -> str:
    """The number an order bears at 京东: the first twelve digits of the shop's own."""
    return order.id[:12]


def _members(world: World, months: list[tuple[str, str]]) -> list[Customer]:
    """Everybody in the given order exports, and others up to the number of a member file."""
    channel = world.shop.channels[0].id
    ids = {o.customer.id for span in months for o in orders_between(world, channel, *span)}
    rest = [c for c in world.customers if c.id not in ids and c.channel == channel]
    more = Draws(world.shop.name, "members").sample(rest, max(0, MEMBERS - len(ids)))
    chosen = ids | {c.id for c in more}
    return [c for c in world.customers if c.id in chosen]


def members(world: World, months: list[tuple[str, str]]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The platform's member file and the shop's own registration forms for the same people."""
    people = _members(world, months)
    mine: dict[str, list[Order]] = {}
    for order in world.orders:
        mine.setdefault(order.customer.id, []).append(order)
    groups: dict[str, list[str]] = {}
    for tag, kind, who in world.tags:
        if kind == "customer" and not tag.startswith("响应"):
            groups.setdefault(who, []).append(tag)
    rows: list[list[Any]] = []
    for c in people:
        orders = mine.get(c.id, [])
        paid = [o for o in orders if o.paid]
        shut = [o for o in orders if o.status.startswith("TRADE_CLOSED")]
        total = sum(o.amount for o in paid)
        rows.append(
            [
                c.nick, c.level, len(paid), money(total),
                money(round(total / len(paid))) if paid else "0.00",
                sum(line.qty for o in paid for line in o.lines),
                max((o.at for o in paid), default=None), len(shut), money(sum(o.amount for o in shut)),
                c.city.province_full, c.city.full, ",".join(groups.get(c.id, [])),
                "交易成功" if paid else "未成交", "正常",
            ]
        )  # fmt: skip
    forms, facts = _forms(world, people)
    return (
        {
            "exports/members.csv": csv_bytes(_MEMBER, rows, "gbk").replace(b"\n", b"\r\n"),
            "exports/registrations.csv": csv_bytes(_FORM, forms),
        },
        {"exports/registrations.csv": facts},
    )


_FULL = str.maketrans("0123456789", "０１２３４５６７８９")


def _forms(world: World, people: list[Customer]) -> tuple[list[list[Any]], dict[str, Any]]:
    """Registration forms as typed in: mobiles in many dresses, gaps, people entered twice."""
    draws = Draws(world.shop.name, "forms")
    platform = {c.id: c.platform for c in world.shop.channels}
    rows = [
        [
            c.nick, c.name, c.gender, c.birthday, c.mobile, c.city.province, c.city.name, c.source,
            platform[c.channel], c.registered,
        ]
        for c in people
    ]  # fmt: skip
    dresses = (
        lambda m: f"'{m}",
        lambda m: f"{m[:3]} {m[3:7]} {m[7:]}",
        lambda m: f"{m[:3]}-{m[3:7]}-{m[7:]}",
        lambda m: f"+86{m}",
        lambda m: m.translate(_FULL),
        lambda m: f" {m}　",
    )
    mark = draws.shuffled(range(len(rows)))
    mended, broken, blank, twice = (
        mark[:24],
        mark[24:29],
        mark[29:59],
        sorted(mark[59:71], reverse=True),
    )
    for number, place in enumerate(mended):
        rows[place][4] = dresses[number % len(dresses)](rows[place][4])
    for number, place in enumerate(broken):
        digits = str(rows[place][4])
        rows[place][4] = (
            digits[:-1],
            digits + "8",
            "2" + digits[1:],
            "不详",
            digits[:5] + "x" + digits[6:],
        )[number]
    for place in blank:
        rows[place][5] = rows[place][6] = ""
    facts = {
        "mobiles_to_mend": len(mended),
        "invalid_mobiles": sorted(str(rows[p][0]) for p in broken),
        "place_missing": sorted(str(rows[p][0]) for p in blank),
        "entered_twice": sorted(str(rows[p][0]) for p in twice),
    }
    for place in twice:  # typed in again some lines further down, with a blank behind the name
        again = list(rows[place])
        again[1] = f"{again[1]} "
        rows.insert(min(place + 1 + draws.integer(0, 9), len(rows)), again)
    return rows, facts


_DAILY = (
    "统计日期|访客数|浏览量|平均停留时长|跳失率|商品收藏人数|加购人数|加购件数|下单买家数|下单件数|下单金额|下单转化率|支付买家数|"
    "支付件数|支付金额|支付转化率|客单价|支付新买家数|支付老买家数|老买家支付金额|访客平均价值|成功退款金额|评价数|正面评价数|负面评价数|"
    "直播间支付金额|预售支付定金金额"
).split("|")


def _count(value: int) -> str:
    return f"{value:,}" if value else "-"


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}" if fen else "-"


def _rate(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "-"


def daily(world: World, first: str, last: str) -> bytes:
    """生意参谋 day by day: four lines of preamble, header on the fifth, numbers as text, .xls.

    Of the shop's first channel. Ordered figures by order time, paid ones by pay time, paid amounts
    gross. An old buyer has paid in the 365 days before that day, everybody else is new.
    """
    draws = Draws(world.shop.name, "daily")
    channel = world.shop.channels[0]
    orders = [o for o in world.orders if o.channel == channel.id]
    ours = {o.id for o in orders}
    day, end = dt.date.fromisoformat(first), min(dt.date.fromisoformat(last), AS_OF)
    rows: list[list[str]] = [
        ["店铺整体日报"],
        [f"店铺：{channel.name}"],
        [f"统计时间：{first} ~ {last}"],
        ["数据来源：生意参谋（仿真）。“-”表示当日无数据"],
        list(_DAILY),
    ]
    while day <= end:
        placed = [o for o in orders if o.at.date() == day]
        paid = [o for o in orders if o.paid_at and o.paid_at.date() == day]
        buyers = {o.customer.id for o in paid}
        year = day - dt.timedelta(days=365)
        known = {o.customer.id for o in orders if o.paid_at and year <= o.paid_at.date() < day}
        old = buyers & known
        makers = {o.customer.id for o in placed}
        visits = round((len(makers) + 2) / draws.uniform(0.018, 0.034))
        amount = sum(o.amount for o in paid)
        refunds = sum(
            r.amount
            for r in world.returns
            if r.status == "SUCCESS"
            and r.finished_at
            and r.finished_at.date() == day
            and r.order.id in ours
        )
        marks = [r.stars for r in world.reviews if r.at.date() == day and r.order.id in ours]
        cart = round(visits * draws.uniform(0.05, 0.09))
        rows.append(
            [
                day.isoformat(), _count(visits), _count(round(visits * draws.uniform(2.4, 3.6))),
                f"{draws.uniform(22, 41):.2f}", f"{draws.uniform(38, 56):.2f}%",
                _count(round(visits * draws.uniform(0.02, 0.05))), _count(cart), _count(round(cart * 1.3)),
                _count(len(makers)), _count(sum(x.qty for o in placed for x in o.lines)),
                _yuan(sum(o.amount for o in placed)), _rate(len(makers), visits), _count(len(buyers)),
                _count(sum(x.qty for o in paid for x in o.lines)), _yuan(amount), _rate(len(buyers), visits),
                _yuan(round(amount / len(buyers))) if buyers else "-", _count(len(buyers - old)),
                _count(len(old)), _yuan(sum(o.amount for o in paid if o.customer.id in old)),
                _yuan(round(amount / visits)), _yuan(refunds), _count(len(marks)),
                _count(sum(m >= 4 for m in marks)), _count(sum(m <= 2 for m in marks)), "-", "-",
            ]
        )  # fmt: skip
        day += dt.timedelta(days=1)
    return xls("店铺整体日报", rows)
