"""Order and line exports of Taobao and Tmall, in the columns and quirks of five eras.

The shapes are those of the years they are named after; the orders in them are of 2024 and 2025.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from . import regions
from .draws import Draws
from .people import Names, mobile
from .sheets import Sheet, xlsx
from .spec import Customer, Order, Shop
from .tables import csv_bytes, money
from .texts import BUYER_MESSAGES, HARD_MESSAGES, SELLER_NOTES
from .world import World

STATUS = {
    "WAIT_BUYER_PAY": "等待买家付款",
    "WAIT_SELLER_SEND_GOODS": "买家已付款，等待卖家发货",
    "SELLER_CONSIGNED_PART": "部分发货",
    "WAIT_BUYER_CONFIRM_GOODS": "卖家已发货，等待买家确认",
    "TRADE_FINISHED": "交易成功",
    "TRADE_CLOSED": "交易关闭",
    "TRADE_CLOSED_BY_TAOBAO": "交易关闭",
}
_OPEN = "订单未关闭"
_CARRIERS = (
    ("圆通速递", "YT"),
    ("中通快递", "75"),
    ("顺丰速运", "SF"),
    ("韵达快递", "43"),
    ("EMS", "11"),
)

_2016 = (
    "订单编号|买家会员名|买家支付宝账号|买家应付货款|买家应付邮费|买家支付积分|总金额|返点积分|买家实际支付金额|"
    "买家实际支付积分|订单状态|买家留言|收货人姓名|收货地址 |运送方式|联系电话 |联系手机|订单创建时间|订单付款时间 |"
    "宝贝标题 |宝贝种类 |物流单号 |物流公司|订单备注|宝贝总数量|店铺Id|店铺名称|订单关闭原因|卖家服务费|买家服务费|"
    "发票抬头|是否手机订单|分阶段订单信息|特权订金订单id|定金排名|修改后的sku|修改后的收货地址|异常信息|天猫卡券抵扣|"
    "集分宝抵扣|是否是O2O交易"
).split("|")


def _before(columns: list[str], mark: str, new: str) -> list[str]:
    at = columns.index(mark)
    return [*columns[:at], *new.split("|"), *columns[at:]]


_2017 = [
    *_before(_2016, "定金排名", "是否上传合同照片|是否上传小票|是否代付"),
    "退款金额",
    "预约门店",
]
_2018 = [
    *_2017,
    *"新零售交易类型|新零售导购门店名称|新零售导购门店id|新零售发货门店名称|新零售发货门店id|确认收货时间|打款商家金额|含应开票给个人的个人红包".split(
        "|"
    ),
]
_2020 = [
    *_before([c.strip() for c in _2018], "买家应付货款", "支付单号|支付详情"),
    *"是否信用购|体验期结束时间|前N有礼|配送类型|主订单编号".split("|"),
]
_2021 = [
    *_2020,
    *"满返红包金额|直播返现状态|返现金额|新零售成交门店昵称|新零售成交门店id|新零售成交经销商id|延迟发货自动赔付金额|预售订单|发货时间|商家备忘".split(
        "|"
    ),
]
ERAS: dict[str, list[str]] = {
    "2016": _2016,
    "2017": _2017,
    "2018": _2018,
    "2020": _2020,
    "2021": _2021,
}
_DETAIL = "订单编号|标题|价格|购买数量|外部系统编号|商品属性|套餐信息|备注|订单状态|商家编码".split(
    "|"
)
_CSV = ("2016", "2017", "2018")
_DETAILED = ("2018", "2021")  # the eras whose lines are there too


@dataclass(frozen=True)
class Receiver:
    name: str
    mobile: str
    landline: str
    address: str

    @property
    def oaid(self) -> str:
        """The token by which masked orders of one receiver can still be put together."""
        text = "|".join((self.name, self.mobile, self.address))
        return "o2" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:30]


class Desk:
    """The shop's back office: looks up who receives an order and writes its row."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shop: Shop = world.shop
        self._names = Names(f"{world.shop.name}|receivers")
        self._receivers: dict[str, Receiver] = {}
        self._products = {p.sku: p for p in world.shop.products}
        self._refunds: dict[str, int] = {}
        for case in world.returns:
            if case.status == "SUCCESS":
                self._refunds[case.order.id] = self._refunds.get(case.order.id, 0) + case.amount

    def receiver(self, order: Order) -> Receiver:
        """A gift goes to somebody else; everything else to the customer's one address."""
        who = order.customer
        key = order.id if order.gift else who.id
        if key not in self._receivers:
            draws = Draws(self.shop.name, "receiver", key)
            name, number, place = who.name, who.mobile, who.city
            if order.gift:
                name, number = self._names.name("女"), mobile(draws, set())
                place = regions.city(draws)
            line = (
                f"0{draws.integer(310, 899)}-{draws.integer(2000000, 8999999)}"
                if draws.chance(0.06)
                else ""
            )
            self._receivers[key] = Receiver(name, number, line, regions.address(draws, place))
        return self._receivers[key]

    def titles(self, order: Order) -> str:
        """All titles of the order, run together as the platform does it."""
        return "，".join(self._products[line.sku].name for line in order.lines)

    def row(self, order: Order, plain: bool) -> dict[str, Any]:
        """One order with the headers stripped; `plain` is the old CSV with its formula cells."""
        draws = Draws(self.shop.name, "export", order.id)
        to = self.receiver(order)
        paid = order.amount if order.paid else 0
        carrier, prefix = draws.pick(_CARRIERS)
        waybill = (
            f"{prefix}{draws.integer(10**9, 10**10 - 1)}{draws.integer(10, 99)}"
            if order.shipped_at
            else ""
        )
        finished = order.status == "TRADE_FINISHED"
        payment = f"{order.at:%Y%m%d}2200{order.id[-12:]}" if order.paid else ""
        refund = self._refunds.get(order.id, 0)
        yuan = "元"
        return {
            "订单编号": _formula(order.id) if plain else order.id,
            "买家会员名": order.customer.nick,
            "买家支付宝账号": order.customer.mobile,
            "支付单号": payment,
            "支付详情": f"支付宝{money(paid)}{yuan}" if paid else "",
            "买家应付货款": money(order.amount - order.freight),
            "买家应付邮费": money(order.freight),
            "买家支付积分": "0",
            "总金额": money(order.amount),
            "返点积分": "0",
            "买家实际支付金额": money(paid),
            "买家实际支付积分": "0",
            "订单状态": STATUS[order.status],
            "买家留言": self._message(draws),
            "收货人姓名": to.name,
            "收货地址": to.address,
            "运送方式": "快递",
            "联系电话": f"'{to.landline}" if to.landline else ("'" if plain else ""),
            "联系手机": f"'{to.mobile}",
            "订单创建时间": order.at,
            "订单付款时间": order.paid_at,
            "宝贝标题": self.titles(order),
            "宝贝种类": str(len(order.lines)),
            "物流单号": (_formula(waybill) if plain else waybill),
            "物流公司": carrier if waybill else "",
            "订单备注": draws.pick(SELLER_NOTES)
            if draws.chance(0.12)
            else ("'null" if draws.chance(0.1) else ""),
            "宝贝总数量": str(sum(line.qty for line in order.lines)),
            "店铺Id": "0",
            "店铺名称": self.shop.channels[0].name,
            "订单关闭原因": order.closed_reason or _OPEN,
            "卖家服务费": "0",
            "买家服务费": "0元",
            "发票抬头": "个人" if draws.chance(0.08) else "",
            "是否手机订单": "手机订单" if draws.chance(0.86) else "",
            "特权订金订单id": '=""' if plain else "",
            "是否上传合同照片": "否",
            "是否上传小票": "否",
            "是否代付": "是" if draws.chance(0.02) else "否",
            "天猫卡券抵扣": "0",
            "集分宝抵扣": "0",
            "是否是O2O交易": "否",
            "退款金额": money(refund),
            "确认收货时间": order.received_at,
            "打款商家金额": f"{money(paid - refund if finished else 0)}{yuan}",
            "含应开票给个人的个人红包": "0",
            "是否信用购": "否",
            "配送类型": "普通配送",
            "主订单编号": order.id,
            "满返红包金额": "0",
            "返现金额": "0",
            "延迟发货自动赔付金额": "0",
            "预售订单": "否",
            "发货时间": order.shipped_at,
        }

    def rows(self, orders: list[Order], plain: bool) -> list[dict[str, Any]]:
        """Rows of an order list, in which every hard message occurs."""
        out = [self.row(order, plain) for order in orders]
        for number, message in enumerate(HARD_MESSAGES):
            out[2 + 3 * number]["买家留言"] = message
        return out

    def _message(self, draws: Draws) -> str:
        return draws.pick(BUYER_MESSAGES) if draws.chance(0.1) else ""

    def lines(self, orders: list[Order], plain: bool) -> list[list[Any]]:
        """The rows of ExportOrderDetailList: one for each line."""
        out: list[list[Any]] = []
        for order in orders:
            number = _formula(order.id) if plain else order.id
            for line in order.lines:
                product = self._products[line.sku]
                kind, _, size = product.name.rpartition(" ")
                option = f"颜色分类：默认；规格：{size}" if kind else "颜色分类：默认"
                out.append(
                    [
                        number, product.name, money(line.unit), str(line.qty), line.sku, option, "",
                        "", STATUS[order.status], line.sku,
                    ]
                )  # fmt: skip
        return out


def _formula(text: str) -> str:
    """The way the platform keeps a spreadsheet from mangling a long number."""
    return f'="{text}"'


def orders_between(world: World, channel: str, first: str, last: str) -> list[Order]:
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return [o for o in world.orders if o.channel == channel and days[0] <= o.at.date() <= days[1]]


def _cells(columns: list[str], row: dict[str, Any]) -> list[Any]:
    return [row.get(c.strip(), "") for c in columns]


def _gbk(text: Any) -> Any:
    """What the platform's old CSV does to characters that GBK has not: a question mark."""
    return text.encode("gbk", "replace").decode("gbk") if isinstance(text, str) else text


def _resaved(value: Any) -> Any:
    """What is left of a cell after Excel has opened the CSV and saved it again."""
    if isinstance(value, dt.datetime):
        return f"{value.year}/{value.month}/{value.day} {value.hour}:{value:%M}"
    if isinstance(value, str) and value.startswith('="'):
        return value[2:-1]
    return value


def _csv(header: list[str], rows: list[list[Any]]) -> bytes:
    return csv_bytes(header, [[_gbk(v) for v in row] for row in rows], "gbk").replace(
        b"\n", b"\r\n"
    )


def _sheet(header: list[str], rows: list[list[Any]]) -> Sheet:
    text = [
        [f"{v:%Y-%m-%d %H:%M:%S}" if isinstance(v, dt.datetime) else v for v in row] for row in rows
    ]
    return Sheet("Sheet0", header, text)


def _damage(
    rows: list[list[Any]], columns: list[str], draws: Draws
) -> tuple[list[list[Any]], dict[str, Any]]:
    """Four rows twice, three mobiles that are none, one row without an order number."""
    number, phone = 0, columns.index("联系手机")
    chosen = draws.sample(range(10, len(rows) - 1), 8)
    for place, wrong in zip(chosen[:3], ("'1380013800", "'138001380001", "'2{}"), strict=True):
        rows[place][phone] = wrong.format(str(rows[place][phone])[2:])
    lost = rows[chosen[3]][number]
    rows[chosen[3]][number] = '=""'
    repeated = sorted(chosen[4:], reverse=True)
    for place in repeated:
        rows.insert(place + 1, list(rows[place]))
    facts = {
        "repeated_orders": sorted({_bare(r[number]) for r in rows if rows.count(r) > 1}),
        "invalid_mobiles": sorted(str(w[phone])[1:] for w in rows if not _valid(str(w[phone])[1:])),
        "order_without_number": _bare(lost),
    }
    return rows, facts


def _bare(cell: str) -> str:
    return cell[2:-1] if cell.startswith('="') else cell


def _valid(number: str) -> bool:
    return len(number) == 11 and number.isdigit() and number.startswith("1")


def _masked(row: dict[str, Any], to: Receiver, who: Customer) -> dict[str, Any]:
    """What the platform shows of a buyer since 2021."""
    hidden = dict(row)
    hidden["买家会员名"] = f"{who.nick[0]}**{who.nick[-1]}"
    hidden["买家支付宝账号"] = "***"
    hidden["收货人姓名"] = to.name[0] + "*" + (to.name[-1] if len(to.name) > 2 else "")
    hidden["联系手机"] = f"{to.mobile[:2]}*******{to.mobile[-2:]}"
    hidden["联系电话"] = f"{to.landline[:5]}***{to.landline[-3:]}" if to.landline else ""
    province, city, district, rest = to.address.split(" ", 3)
    hidden["收货地址"] = f"{province} {city} {district} {rest[:1]}*路*-*"
    hidden["OAID"] = to.oaid
    return hidden


def files(
    world: World, slices: dict[str, tuple[str, str]]
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Order and line exports of every era, one re-saved by Excel, one masked; planted facts."""
    desk = Desk(world)
    channel = world.shop.channels[0].id
    out: dict[str, bytes] = {}
    facts: dict[str, Any] = {}
    for era, columns in ERAS.items():
        plain = era in _CSV
        chosen = orders_between(world, channel, *slices[era])
        chosen.reverse()  # newest first, as the back office lists them
        stamp = slices[era][1].replace("-", "") + "2350"
        rows = [_cells(columns, row) for row in desk.rows(chosen, plain)]
        name, detail = f"ExportOrderList{stamp}", f"ExportOrderDetailList{stamp}"
        if era == "2017":
            rows, found = _damage(rows, columns, Draws(world.shop.name, "damage"))
            facts[f"exports/{era}/{name}.csv"] = found
        if plain:
            out[f"exports/{era}/{name}.csv"] = _csv(columns, rows)
            if era in _DETAILED:
                out[f"exports/{era}/{detail}.csv"] = _csv(_DETAIL, desk.lines(chosen, plain))
        else:
            out[f"exports/{era}/{name}.xlsx"] = xlsx([_sheet(columns, rows)], world.shop.title)
            if era in _DETAILED:
                times = [o.at for o in chosen for _ in o.lines]
                dated = [[*x, at] for x, at in zip(desk.lines(chosen, plain), times, strict=True)]
                page = _sheet([*_DETAIL, "创建时间"], dated)
                out[f"exports/{era}/{detail}.xlsx"] = xlsx([page], world.shop.title)
    era = "2018"
    chosen = orders_between(world, channel, *slices["resaved"])
    rows = [[_resaved(v) for v in _cells(ERAS[era], row)] for row in desk.rows(chosen, True)]
    stamp = slices["resaved"][1].replace("-", "") + "2350"
    out[f"exports/{era}/ExportOrderList{stamp}_resaved.csv"] = _csv(ERAS[era], rows)
    columns = [*ERAS["2021"], "OAID"]
    chosen = orders_between(world, channel, *slices["masked"])
    hidden = [_masked(desk.row(o, False), desk.receiver(o), o.customer) for o in reversed(chosen)]
    stamp = slices["masked"][1].replace("-", "") + "2351"
    page = _sheet(columns, [_cells(columns, row) for row in hidden])
    out[f"exports/masked/ExportOrderList{stamp}.xlsx"] = xlsx([page], world.shop.title)
    return out, facts
