"""What can be done to an order, a return, and to many of them: buttons and their forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from crmkit.crm.errors import InvalidInput
from crmkit.crm.ordering.buying import CANCEL_REASONS
from crmkit.crm.ordering.shipping import CARRIERS
from crmkit.crm.ordering.transitions import RETURN_KINDS
from crmkit.crm.session import Session
from crmkit.ui.console import fields as f
from crmkit.ui.console import results
from crmkit.ui.console.screen import Action, Call, Card, Done, Row, Table, View, path_of

REASONS = ("不想要了", "商品与描述不符", "质量问题", "少件或破损", "发错货", "其他")
CLOSE_REASONS = ("买家不想买了", "联系不上买家", "缺货", "售后期已过", "其他")
SEARCH, RETURNS, CLOSE, SHIP, RECEIVE = (
    "orders.search", "orders.returns", "orders.close", "orders.ship", "orders.receive",
)  # fmt: skip
_PARCEL = [
    f.select("carrier", "快递公司", list(CARRIERS), required=True),
    f.text("waybill", "运单号", required=True, placeholder="6–30 位字母、数字"),
]


def _report(found: pd.DataFrame, what: str) -> Done:
    """The outcome of a batch, row by row."""
    counts = found["结果"].value_counts()
    said = "，".join(f"{word} {n}" for word, n in counts.items()) or "没有要处理的订单"
    cards = [Card(str(word), int(n)) for word, n in counts.items()]
    return Done(f"{what}：{said}。", view=View(cards=cards, tables=[Table("逐单结果", found)]))


# --- one order ------------------------------------------------------------------------------------
def _simple(method: str, said: str) -> Callable[[Call], str]:
    def run(c: Call) -> str:
        getattr(c.crm.orders, method)(_order(c), **c.values)
        return f"订单 {_order(c)}：{said}。"

    return run


def _order(c: Call) -> str:
    return str(c.row.get("订单编号") or c.key)


def _close(c: Call) -> str:
    return f"订单 {_order(c)}：{c.crm.orders.close_order(_order(c), c.values['reason'])}"


def _ship(c: Call) -> Done:
    values: f.Values = dict(c.values)
    pieces = {k.removeprefix("qty:"): values.pop(k) for k in list(values) if k.startswith("qty:")}
    pieces = {sku: n for sku, n in pieces.items() if n}
    parcel = c.crm.orders.ship_order(_order(c), **values, pieces=pieces or None)
    state = "已全部出库" if parcel.complete else "已部分出库"
    return Done(f"订单 {_order(c)} {state}。通知：{parcel.message}")


def _notify(c: Call) -> Done:
    return _report(c.crm.orders.notify_received([_order(c)]), "收货通知")


def _apply(c: Call) -> str:
    return f"已登记退换申请 {c.crm.orders.apply_return(_order(c), **c.values)}。"


def _reason(choices: Sequence[str], label: str = "原因") -> f.Field:
    return f.select("reason", label, list(choices), choices[0], required=True)


def _parcel_form(lines: pd.DataFrame) -> list[f.Field]:
    due = lines[lines["待发数量"] > 0]
    return [
        *_PARCEL,
        *(
            f.count(f"qty:{r['商品编码']}", f"{r['商品名称']} 发几件", int(r["待发数量"]), high=int(r["待发数量"]))
            for r in due.to_dict("records")
        ),
    ]  # fmt: skip


def _apply_form(lines: pd.DataFrame) -> list[f.Field]:
    goods = {r["商品编码"]: f"{r['商品名称']} × {r['数量']}" for r in lines.to_dict("records")}
    return [
        f.select("sku", "商品", goods, required=True),
        f.select("kind", "类型", dict(RETURN_KINDS), "退货", required=True),
        _reason(REASONS), f.money("amount", "退款金额", help="空着是这一行还能退的全部"),
        f.number("qty", "退回件数", low=1, whole=True, help="空着是全部"),
    ]  # fmt: skip


def for_order(allowed: pd.DataFrame, lines: pd.DataFrame) -> list[Action]:
    """Buttons for what the order's state allows; who may press them is the session's to say."""
    events = set(allowed.loc[allowed["对象"] == "订单", "事件"])
    made = {
        "付款": Action("买家付款", _simple("pay", "买家已付款"), on="drawer", function=SEARCH),
        "取消": Action("买家取消", _simple("cancel", "买家已取消"), on="drawer", fields=[_reason(CANCEL_REASONS)], function=SEARCH),
        "出库": Action("出库", _ship, on="drawer", fields=_parcel_form(lines), main=True, function=SHIP),
        "收货通知": Action("收货通知", _notify, on="drawer", function=RECEIVE),
        "确认收货": Action("买家确认收货", _simple("confirm", "已确认收货"), on="drawer", function=RECEIVE),
        "申请退换": Action("买家申请退换", _apply, on="drawer", fields=_apply_form(lines), function=RETURNS),
        "结束订单": Action("结束订单", _close, on="drawer", fields=[_reason(CLOSE_REASONS)], danger=True, function=CLOSE),
    }  # fmt: skip
    return [action for event, action in made.items() if event in events]


def on_order_rows() -> list[Action]:
    """What one does straight from the list."""
    return [
        Action("出库", _ship, on="row", fields=_PARCEL, function=SHIP,
               when=lambda r: r["订单状态"] in ("待发货", "部分发货")),
        Action("付款", _simple("pay", "买家已付款"), on="row", text="替买家付款（课堂上由店长扮演买家）。",
               when=lambda r: r["订单状态"] == "等待付款"),
        Action("确认收货", _simple("confirm", "已确认收货"), on="row", function=RECEIVE,
               text="替买家确认收货（课堂上由店长扮演买家）。", when=lambda r: r["订单状态"] == "已发货"),
    ]  # fmt: skip


def _place(c: Call) -> str:
    values = dict(c.values)
    goods: dict[str, int] = {}
    for entry in values.pop("goods"):
        sku, _, n = entry.replace("×", "x").replace("*", "x").partition("x")
        goods[sku.strip()] = goods.get(sku.strip(), 0) + (int(n) if n.strip().isdigit() else 1)
    return f"已下单：{c.crm.orders.place(values.pop('customer_id'), goods, **values)}，等待付款。"


PLACE = Action(
    "买家下单", _place, icon="plus", text="替买家下一张单（课堂上由店长扮演买家）。",
    fields=[
        f.text("customer_id", "客户编号", required=True, placeholder="C000123"),
        f.select("channel_id", "渠道", results.channels, required=True),
        f.lines("goods", "商品", required=True, help="商品编码x件数，例如 T101x2；每行一种"),
        f.money("freight", "运费"), f.money("discount", "优惠"),
    ],
)  # fmt: skip


# --- returns --------------------------------------------------------------------------------------
def _on_return(method: str, said: str) -> Callable[[Call], str]:
    def run(c: Call) -> str:
        getattr(c.crm.orders, method)(c.key, **c.values)
        return f"退换 {c.key}：{said}。"

    return run


def on_return_rows() -> list[Action]:
    """The steps of a return, offered in the states that know them."""

    def at(*states: str, goods: bool | None = None) -> Callable[[Row], bool]:
        return lambda r: (
            r["退换状态"] in states and (goods is None or (r["类型"] != "仅退款") == goods)
        )

    why = [f.text("why", "原因", required=True)]
    asked, wait, back, refused = WORDS
    return [
        Action("同意", _on_return("agree", "已同意"), on="row", when=at(asked),
               text=lambda c: f"同意 {c.row['类型']}：{c.row['原因']}，退款 ¥{c.row['退款金额']:,.2f}。"),
        Action("拒绝", _on_return("refuse", "已拒绝"), on="row", fields=why, danger=True, when=at(asked)),
        Action("买家寄回", _on_return("send_back", "买家已寄回"), on="row", fields=_PARCEL, when=at(wait)),
        Action("验收", _on_return("accept", "验收通过"), on="row", when=at(back),
               fields=lambda crm, row: _accept_form(row)),
        Action("拒收", _on_return("reject_goods", "已拒收"), on="row", fields=why, danger=True, when=at(back)),
        Action("买家修改", _on_return("revise_return", "买家已修改申请"), on="row", when=at(refused),
               fields=[f.select("kind", "类型", dict(RETURN_KINDS), required=True), _reason(REASONS), f.money("amount", "退款金额")]),
        Action("买家撤销", _on_return("withdraw_return", "买家已撤销"), on="row", when=at(asked, wait, refused)),
    ]  # fmt: skip


def _accept_form(row: Row | None) -> list[f.Field]:
    form = [f.check("restock", "可以再卖，放回库存", True)]
    if row and row.get("类型") == "换货":
        form += [
            f.select("carrier", "补发快递", list(CARRIERS), required=True),
            f.text("waybill", "补发运单号", required=True),
        ]
    return form


def _words() -> tuple[str, str, str, str]:
    from crmkit.crm.ordering import transitions as life

    return tuple(life.RETURN.word(s) for s in (life.ASKED, life.TO_RETURN, life.RETURNED, life.REFUSED))  # type: ignore[return-value]  # fmt: skip


WORDS = _words()


# --- many at once ---------------------------------------------------------------------------------
def closing() -> list[Action]:
    return [
        Action("结束", _close, on="row", fields=[_reason(CLOSE_REASONS)], confirm="结束订单"),
        Action("批量结束", lambda c: _report(c.crm.orders.close_orders(c.keys, c.values["reason"]), "结束订单"),
               on="rows", fields=[_reason(CLOSE_REASONS)], confirm="结束这些订单",
               text=lambda c: f"将结束选中的 {len(c.keys):,} 张订单；不能结束的会逐单说明原因，其余照常。"),
    ]  # fmt: skip


def _ship_many(c: Call) -> Done:
    waybills = c.values["waybills"]
    if len(waybills) != len(c.keys):
        said = f"选了 {len(c.keys)} 张订单，填了 {len(waybills)} 个运单号，要一样多"
        raise InvalidInput(said, {"waybills": said})
    rows = [
        {"订单编号": key, "快递公司": c.values["carrier"], "运单号": number}
        for key, number in zip(c.keys, waybills, strict=True)
    ]
    return _report(c.crm.orders.ship_orders(rows), "批量出库")


def shipping_rows() -> list[Action]:
    return [
        Action("出库", _ship, on="row", main=False, confirm="出库并通知",
               fields=lambda crm, row: _ship_form(crm, row)),
        Action("批量出库", _ship_many, on="rows", confirm="出库并通知",
               fields=[_PARCEL[0], f.lines("waybills", "运单号", required=True, help="每行一个，和选中的订单一一对应")],
               text=lambda c: "依次对应的订单：" + "、".join(c.keys)),
    ]  # fmt: skip


def _ship_form(crm: Session, row: Row | None) -> list[f.Field]:
    if not row:
        return list(_PARCEL)
    return _parcel_form(crm.orders.detail(row["订单编号"]).lines)


SHIP_FILE = Action(
    "导入发货表", lambda c: _report(c.crm.orders.ship_orders(path_of(c.values)), "批量出库"), icon="up",
    fields=[f.file("path", "发货表", required=True, help="三列：订单编号、快递公司、运单号；xlsx 或 csv")],
    confirm="出库并通知",
)  # fmt: skip


def receiving() -> list[Action]:
    return [
        Action("通知", _notify, on="row", when=lambda r: not r["已通知"], confirm="发送通知"),
        Action(
            "批量通知",
            lambda c: _report(c.crm.orders.notify_received(c.keys), "收货通知"),
            on="rows",
        ),
    ]


NOTIFY_ALL = Action(
    "通知全部", lambda c: _report(c.crm.orders.notify_received(**c.values), "收货通知"),
    fields=[f.count("days", "发货满几天", high=365)], confirm="发送通知",
    text="给所有发货满这些天、还没有通知过的买家写一条收货通知。",
)  # fmt: skip
