"""订单信息: search, returns and exchanges, closing, shipping and receipt notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from crmkit.crm.ordering import order_queries
from crmkit.crm.ordering.order_queries import CLOSABLE
from crmkit.crm.ordering.transitions import RETURN_KINDS
from crmkit.crm.paging import Page
from crmkit.crm.session import Session
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures, results
from crmkit.ui.console.screen import (
    Action,
    Call,
    Card,
    Done,
    Drawer,
    Event,
    Row,
    Screen,
    Section,
    Source,
    Table,
    View,
)
from crmkit.ui.console.screens import order_actions as act
from crmkit.ui.console.screens.products import skus

SIZE = 10
_SORTS = {label: key for key, label in order_queries.SORTS.items()}
_HIDDEN = (
    "渠道编号",
    "优惠金额",
    "运费",
    "关闭原因",
    "收货时间",
    "售后已结束",
    "客户编号",
    "运单号",
)
_RETURN_HIDDEN = ("客户编号", "订单状态", "退货运单号", "处理说明")


def paged(fetch: Callable[[int, int, Any], Any], sorts: Sequence[str] = ()) -> tuple[Any, Source]:
    """First page and source of a list that its module pages."""
    first = fetch(1, SIZE, ())

    def rows(page: int, size: int, sort: Sequence[tuple[str, bool]]) -> tuple[pd.DataFrame, int]:
        found = _page(fetch(page, size, sort))
        return found.frame, found.total

    return first, Source(rows, _page(first).total, sorts)


def _page(found: Any) -> Page:
    """The page itself, of a result that carries more."""
    return found if isinstance(found, Page) else found.page


# --- 订单查询 -------------------------------------------------------------------------------------
def order_drawer(crm: Session, row: Row) -> Drawer:
    """An order with everything that belongs to it, and what may be done now."""
    card = crm.orders.detail(row["订单编号"])
    order = card.order.iloc[0]
    times = [("下单时间", "下单"), ("付款时间", "付款"), ("发货时间", "发货"), ("收货时间", "收货")]
    events = [Event(order[k], word) for k, word in times if pd.notna(order[k])]
    events += [
        Event(pd.Timestamp(m["时间"]), f"{m['用途']}（{m['送达结果']}）", m["内容"])
        for m in card.messages.to_dict("records")
    ]
    events += [
        Event(
            r["申请时间"],
            f"申请{r['类型']}：{r['原因']}",
            f"{r['退换状态']}，退款 ¥{r['退款金额']:,.2f}",
            "warn",
        )
        for r in card.returns.to_dict("records")
    ]
    return Drawer(
        f"订单 {row['订单编号']}", status=order["订单状态"],
        lead=[("买家", f"{order['昵称']} {order['姓名']}", "text"), ("实付", order["实付金额"], "money")],
        sections=[
            Section("商品", frame=card.lines),
            Section("订单资料", facts=[
                ("渠道编号", order["渠道编号"], "id"), ("运费", order["运费"], "money"),
                ("优惠金额", order["优惠金额"], "money"), ("运单号", order["运单号"], "id"),
                ("关闭原因", order["关闭原因"], "text"), ("处理中的退换", order["处理中的退换"], "text"),
            ]),
            *([Section("退换", frame=card.returns[["退换编号", "商品编码", "类型", "原因", "退款金额", "退换状态"]])] if len(card.returns) else []),
            *([Section("出库与退回", frame=card.movements)] if len(card.movements) else []),
            Section("经过", events=sorted(events, key=lambda e: e.when, reverse=True)),
            Section("现在可以做的", frame=card.allowed[["对象", "编号", "状态", "事件", "谁", "条件", "我可以"]]),
        ],
        actions=act.for_order(card.allowed, card.lines),
    )  # fmt: skip


def _search(crm: Session, v: f.Values) -> View:
    def fetch(page: int, size: int, sort: Sequence[tuple[str, bool]]) -> Any:
        order: f.Values = {"sort": _SORTS[sort[0][0]], "descending": not sort[0][1]} if sort else {}
        return crm.orders.search(**v, page=page, size=size, **order)

    first, source = paged(fetch, list(_SORTS))
    conditions = dict(v.items())
    return View(
        cards=[
            Card("找到订单", first.page.total), Card("实付金额合计", first.amount, "money"),
            Card("平均每单", first.amount / first.page.total if first.page.total else None, "money"),
        ],
        tables=[Table("订单", first.page.frame, id="订单编号", source=source, drawer=order_drawer,
                      hidden=_HIDDEN, kinds={"处理中的退换": "chips"},
                      actions=act.on_order_rows(),
                      export_with=lambda s, path: s.orders.export(path, **conditions))],
    )  # fmt: skip


def _mismatches(c: Call) -> View:
    found = c.crm.orders.mismatches()
    return View(cards=[Card("对不上的订单", len(found))], tables=[Table("金额核对", found)],
                note="实付金额应等于 商品金额 + 运费 − 优惠金额。")  # fmt: skip


def _states(c: Call) -> View:
    return View(tables=[Table("订单与退换的状态表", c.crm.orders.transitions())])


# --- 退换查询 -------------------------------------------------------------------------------------
def _returns(crm: Session, v: f.Values) -> View:
    first, source = paged(lambda page, size, sort: crm.orders.returns(**v, page=page, size=size))
    rates = first.rates
    lines = rates[rates["口径"].str.contains("行") & rates["口径"].str.contains("付款日")]
    cards = [Card("退换申请", first.page.total)]
    cards += [
        Card(
            f"{r['指标']}（行）", r["数值"], "percent", note=f"{r['分子']:,.0f} ÷ {r['分母']:,.0f}"
        )
        for r in lines.to_dict("records")
    ]
    return View(
        cards=cards,
        charts=[figures.ranking("退换原因", first.reasons, "原因", "件数"),
                figures.share("退款金额按原因", first.reasons, "原因", "退款金额")] if len(first.reasons) else [],
        tables=[
            Table("退换申请", first.page.frame, id="退换编号", source=source, hidden=_RETURN_HIDDEN,
                  drawer=_return_drawer, actions=act.on_return_rows(), kinds={"类型": "text"}),
            Table("退货率与退款率", rates, kinds={"数值": "percent", "口径": "wrap", "分子": "number", "分母": "number"}),
            Table("原因", first.reasons),
        ],
        note=first.note,
    )  # fmt: skip


def _return_drawer(crm: Session, row: Row) -> Drawer:
    return order_drawer(crm, row)


# --- 结束订单 -------------------------------------------------------------------------------------
def _close(crm: Session, v: f.Values) -> View:
    first, source = paged(lambda page, size, sort: crm.orders.close(**v, page=page, size=size))
    return View(
        cards=[Card("可以结束的订单", first.total)],
        tables=[Table("可以结束的订单", first.frame, id="订单编号", source=source, drawer=order_drawer,
                      hidden=_HIDDEN, kinds={"处理中的退换": "chips"}, actions=act.closing())],
        note=CLOSABLE[v.get("kind", "未付款")] + "。有处理中的退换时不能结束。",
    )  # fmt: skip


# --- 出库通知, 收货通知 ----------------------------------------------------------------------------
def _ship(crm: Session, v: f.Values) -> View:
    found = crm.orders.ship()
    late = int(found["已超时"].sum()) if len(found) else 0
    return View(
        cards=[
            Card("待发订单", len(found)), Card("待发件数", int(found["待发件数"].sum())),
            Card("已超时", late, tone="bad" if late else ""),
            Card("库存不够", int((~found["库存够"].astype(bool)).sum()), tone="warn"),
        ],
        tables=[
            Table("待出库", found, id="订单编号", drawer=order_drawer, actions=act.shipping_rows(),
                  kinds={"处理中的退换": "chips", "等待小时": "number"}),
            Table("已写的通知", crm.orders.messages(), hidden=["客户编号", "活动编号"], kinds={"条数": "count"}),
        ],
        note="等得最久的在前。出库后自动写一条出库通知到发件箱，同一件事不会通知两次。",
    )  # fmt: skip


def _receive(crm: Session, v: f.Values) -> View:
    found = crm.orders.receive(**v)
    told = int(found["已通知"].sum()) if len(found) else 0
    return View(
        cards=[Card("已发未确认", len(found)), Card("已通知", told), Card("还没通知", len(found) - told, tone="warn")],
        tables=[Table("在途订单", found, id="订单编号", drawer=order_drawer, actions=act.receiving(),
                      kinds={"处理中的退换": "chips", "已发天数": "number"})],
        note="发货满这些天还没有确认收货的订单；每张订单只通知一次。",
    )  # fmt: skip


_STATUS = list(order_queries.STATUS)

SCREENS = (
    Screen(
        "orders.search", _search,
        [
            f.text("order_id", "订单编号", placeholder="整个或一部分"),
            f.text("buyer", "买家", placeholder="编号、姓名、昵称、手机"),
            f.select("status", "订单状态", _STATUS, placeholder="全部状态"),
            f.dates("since", "until", "日期"),
            f.select("by", "按哪个时间", dict(order_queries.TIMES), "ordered_at", required=True),
            f.select("channel_id", "渠道", results.channels, placeholder="全部渠道"),
            f.money("least", "实付从"), f.money("most", "到"),
            f.select("sku", "买了商品", skus, placeholder="全部商品"), f.text("waybill", "运单号"),
        ],
        "按编号、买家、状态、时间、金额、商品和运单号找订单，看一张订单的全部经过",
        actions=[
            act.PLACE,
            Action("金额核对", lambda c: Done("核对完成。", view=_mismatches(c)), changes=False, direct=True),
            Action("状态表", lambda c: Done("订单和退换在什么状态可以做什么。", view=_states(c)), changes=False, direct=True),
        ],
    ),
    Screen(
        "orders.returns", _returns,
        [
            f.select("status", "退换状态", list(order_queries.RETURN_STATUS), placeholder="全部状态"),
            f.select("kind", "类型", list(RETURN_KINDS), placeholder="全部类型"),
            f.dates("since", "until", "申请日期"),
            f.text("order_id", "订单编号"), f.text("reason", "原因"), f.check("open_only", "只看待处理的"),
        ],
        "退货、换货和仅退款：谁在申请、为什么、处理到哪一步",
    ),
    Screen(
        "orders.close", _close, [f.select("kind", "哪一类", dict(CLOSABLE), "未付款", required=True)],
        "关闭没有付款的订单，或确认售后期已过的订单售后结束",
    ),
    Screen("orders.ship", _ship, about="已付款、等着发货的订单", actions=[act.SHIP_FILE]),
    Screen(
        "orders.receive", _receive, [f.count("days", "发货满几天", high=365, help="空着用课程约定的天数")],
        "提醒买家验货和确认收货", actions=[act.NOTIFY_ALL],
    ),
)  # fmt: skip
