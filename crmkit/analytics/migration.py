"""Moving orders from one system to another: map the fields, then reconcile what arrived.

Control totals (how many, how much) find what was lost on the way. They do not find what was put
into the wrong place: for that every order and every customer is compared with the source.
Fields and states of the source are those of a Taobao order export; how a closed order is told
apart (closed before or after the payment) is the platform's own distinction between
TRADE_CLOSED_BY_TAOBAO and TRADE_CLOSED.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from crmkit import schema
from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

AMOUNTS: Mapping[str, str] = MappingProxyType(
    {"总金额": "总金额", "买家实际支付金额": "买家实际支付金额", "买家应付货款": "买家应付货款"}
)
IDENTITIES: Mapping[str, str] = MappingProxyType(
    {"买家会员名": "买家会员名", "联系手机": "联系手机", "收货人姓名": "收货人姓名"}
)
CLOSED: Mapping[str, str] = MappingProxyType(
    {
        "by_payment": "付过款的算退款关闭，没付的算未付款关闭",
        "refunded": "一律算退款关闭",
        "unpaid": "一律算未付款关闭",
    }
)
NUMBERS: Mapping[str, str] = MappingProxyType({"text": "按文字", "number": "按数字（双精度）"})
STATES: Mapping[str, str] = MappingProxyType(
    {
        "等待买家付款": "等待付款",
        "买家已付款，等待卖家发货": "待发货",
        "部分发货": "部分发货",
        "卖家已发货，等待买家确认": "已发货",
        "交易成功": "交易成功",
    }
)
CLOSED_STATE = "交易关闭"
_VALID = frozenset(schema.ORDER_STATUS[code] for code in schema.VALID_ORDER_STATUS)


def carry_over(
    export: pd.DataFrame, *, ids: str = "text", amount: str = "总金额", closed: str = "by_payment",
    customer: str = "买家会员名",
) -> pd.DataFrame:  # fmt: skip
    """The orders of an export as the new system takes them in.

    Parameters
    ----------
    export
        What `crmkit.workbook.read_orders` gives.
    ids
        One of `NUMBERS`: read as a number, an id of 18 digits does not keep its last ones.
    amount, customer
        Field of the source that becomes the amount, and the one that says who ordered.
    closed
        One of `CLOSED`: what becomes of 交易关闭.

    Returns
    -------
    DataFrame
        订单编号, 客户, 实付金额, 订单状态; the rows of the source, in its order and with its index.
    """
    inputs.choice(ids, "ids", NUMBERS)
    inputs.choice(amount, "amount", AMOUNTS)
    inputs.choice(closed, "closed", CLOSED)
    inputs.choice(customer, "customer", IDENTITIES)
    inputs.require(
        export, "导出的订单",
        {"订单编号": "订单编号", "amount": amount, "customer": customer, "订单状态": "订单状态",
         "订单付款时间": "订单付款时间"},
    )  # fmt: skip
    state = export["订单状态"].map(STATES)
    shut = export["订单状态"] == CLOSED_STATE
    strange = export.loc[state.isna() & ~shut, "订单状态"]
    if len(strange):
        raise AnalyticsError(
            f"来源里有 {len(strange)} 张订单的状态没有对照，例如「{strange.iloc[0]}」。"
            f"先在对照表里补上，可以对到的有：{'、'.join(schema.ORDER_STATUS.values())}。"
        )
    after, before = (
        schema.ORDER_STATUS["TRADE_CLOSED"],
        schema.ORDER_STATUS["TRADE_CLOSED_BY_TAOBAO"],
    )
    paid = export["订单付款时间"].notna() if closed == "by_payment" else closed == "refunded"
    state = state.mask(shut & paid, after).mask(shut & ~pd.Series(paid, index=export.index), before)
    number = export["订单编号"].astype(str)
    if ids == "number":
        number = number.map(lambda text: f"{float(text):.0f}")
    return pd.DataFrame(
        {"订单编号": number, "客户": export[customer].astype(str), "实付金额": export[amount],
         "订单状态": state}
    )  # fmt: skip


class Reconciled(NamedTuple):
    """What two systems say, and where they part.

    Attributes
    ----------
    totals
        核对, 来源, 新系统, 差: control totals.
    orders, customers
        One row an order (customer) of the source, True where the new system has it the same.
    repeat
        Share of buyers with two or more valid orders: in the source, in the new system.
    """

    totals: pd.DataFrame
    orders: pd.Series
    customers: pd.Series
    repeat: tuple[float, float]


def reconcile(source: pd.DataFrame, target: pd.DataFrame) -> Reconciled:
    """Compare the source with what arrived; both as `carry_over` gives them, row for row.

    Customers have no common key in the two systems; one is the same if his orders, and only his,
    stand together in the new system, with the same sum of valid amounts.

    Raises
    ------
    AnalyticsError
        No orders, or rows that do not belong to each other.
    """
    for name, frame in (("来源", source), ("新系统", target)):
        columns = ("订单编号", "客户", "实付金额", "订单状态")
        inputs.require(frame, name, {c: c for c in columns})
    if not len(source) or not source.index.equals(target.index):
        raise AnalyticsError(
            f"来源 {len(source)} 张订单、新系统 {len(target)} 张，要一行对一行才能核对。"
        )
    valid = {id(f): f["订单状态"].isin(_VALID) for f in (source, target)}

    def figures(frame: pd.DataFrame) -> dict[str, float]:
        good = frame[valid[id(frame)]]
        return {
            "订单数": frame["订单编号"].nunique(),
            "金额合计（元）": float(frame["实付金额"].sum().round(2)),
            "有效订单数": len(good),
            "有效订单的金额（元）": float(good["实付金额"].sum().round(2)),
            "客户数": frame["客户"].nunique(),
        }

    a, b = figures(source), figures(target)
    totals = pd.DataFrame(
        [(name, a[name], b[name], round(b[name] - a[name], 2)) for name in a],
        columns=["核对", "来源", "新系统", "差"],
    )
    orders = (
        (source["订单编号"] == target["订单编号"])
        & (source["订单状态"] == target["订单状态"])
        & ((source["实付金额"] - target["实付金额"]).abs() < 0.005)
    )
    pairs = pd.DataFrame({"来源": source["客户"], "新": target["客户"]})
    torn = pairs.groupby("来源")["新"].transform("nunique") > 1
    mixed = pairs.groupby("新")["来源"].transform("nunique") > 1
    worth = pd.DataFrame(
        {"来源": source["实付金额"].where(valid[id(source)], 0.0),
         "新": target["实付金额"].where(valid[id(target)], 0.0)}
    ).groupby(source["客户"]).sum()  # fmt: skip
    whole = ~(torn | mixed).groupby(source["客户"]).any()
    same = whole & ((worth["来源"] - worth["新"]).abs() < 0.005)
    shares = []
    for frame in (source, target):
        times = frame[valid[id(frame)]].groupby("客户").size()
        shares.append(float((times > 1).mean()) if len(times) else float("nan"))
    return Reconciled(totals, orders, same, (shares[0], shares[1]))
