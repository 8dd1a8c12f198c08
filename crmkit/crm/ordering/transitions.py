"""The lives of an order, a return and a campaign, as tables: from, event, who, guard, to.

State names are Taobao's and EspoCRM's; the events and guards are the course's choice [C]. Every
method that changes a state asks `Life.step` first, so no path around the tables exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmkit import schema
from crmkit.crm.errors import IllegalTransition, PermissionDenied
from crmkit.crm.roles import MANAGER, MARKETING, SERVICE, WAREHOUSE

if TYPE_CHECKING:
    import pandas as pd

# Who is not a role of the shop: the buyer is played by 店长, the timer runs when time moves on.
BUYER, TIMER, SYSTEM = "买家", "计时器", "系统"
NOT_YET = ""  # the state of what does not exist yet
_START = "（还没有）"


@dataclass(frozen=True)
class Transition:
    """One row: in state `source`, `event` by one of `who` leads to `target` if `guard` holds."""

    source: str
    event: str
    who: tuple[str, ...]
    guard: str
    target: str
    kinds: tuple[str, ...] = ()  # only for these kinds of return; empty: for all

    def open_to(self, role: str) -> bool:
        """Whether somebody in this role may cause the event."""
        return role in self.who or (BUYER in self.who and role == MANAGER)


@dataclass(frozen=True)
class Life:
    """A state machine: what it is about, its states in words, and its rows."""

    thing: str
    states: Mapping[str, str]
    rows: tuple[Transition, ...]

    def word(self, state: str) -> str:
        """The state as the seller's screen calls it."""
        return self.states.get(state, state) if state else _START

    def events(self, state: str, kind: str = "") -> tuple[Transition, ...]:
        """What can happen in a state, whoever does it."""
        return tuple(
            t
            for t in self.rows
            if t.source == state and (not kind or not t.kinds or kind in t.kinds)
        )

    def may(self, state: str, event: str, kind: str = "") -> bool:
        """Whether the table has this event in this state (guards apart).

        >>> ORDER.may("WAIT_BUYER_PAY", "付款"), ORDER.may("TRADE_FINISHED", "付款")
        (True, False)
        """
        return any(t.event == event for t in self.events(state, kind))

    def step(self, state: str, event: str, role: str, name: str = "", kind: str = "") -> Transition:
        """The row for an event by somebody.

        Raises
        ------
        IllegalTransition
            The state does not know the event; names state, event and what is allowed.
        PermissionDenied
            Somebody else causes this event.
        """
        found = [t for t in self.events(state, kind) if t.event == event]
        if not found:
            raise IllegalTransition(
                f"{self.thing}{f'「{name}」' if name else ''}现在是「{self.word(state)}」，不能「{event}」。"
                f"这个状态可以：{self.listed(state, kind)}"
            )
        if not found[0].open_to(role):
            raise PermissionDenied(
                f"「{role}」不能对{self.thing}做「{event}」。可以的角色：{_who(found[0])}"
            )
        return found[0]

    def listed(self, state: str, kind: str = "") -> str:
        """The events of a state for a message: ``付款（买家）、结束订单（店长、客服）``."""
        found = self.events(state, kind)
        return "、".join(f"{t.event}（{'、'.join(t.who)}）" for t in found) or "没有可以做的操作"

    def frame(self) -> pd.DataFrame:
        """The whole table in words: 对象 状态 事件 谁 条件 到 类型."""
        import pandas as pd

        return pd.DataFrame(
            [
                (self.thing, self.word(t.source), t.event, _who(t), t.guard, self.word(t.target),
                 "、".join(t.kinds))
                for t in self.rows
            ],
            columns=["对象", "状态", "事件", "谁", "条件", "到", "类型"],
        )  # fmt: skip


def _who(t: Transition) -> str:
    return "、".join("买家（课堂上由店长扮演）" if w == BUYER else w for w in t.who)


PAY, SEND, PART = "WAIT_BUYER_PAY", "WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"
SENT, FINISHED = "WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED"
CLOSED, VOID = "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"
PAID_OPEN = (SEND, PART, SENT)  # paid and unfinished
_SHIP, _SELL, _DESK = (MANAGER, WAREHOUSE), (MANAGER, SERVICE), (MANAGER, SERVICE)

ORDER = Life(
    "订单",
    schema.ORDER_STATUS,
    (
        Transition(NOT_YET, "下单", (BUYER,), "每种商品的可售库存够", PAY),
        Transition(PAY, "付款", (BUYER,), "", SEND),
        Transition(PAY, "取消", (BUYER,), "还没有付款", VOID),
        Transition(PAY, "结束订单", _SELL, "还没有付款，写明原因", VOID),
        Transition(PAY, "超时关闭", (TIMER,), "超过付款时限", VOID),
        Transition(SEND, "部分出库", _SHIP, "出了一部分，没有全出；有运单号", PART),
        Transition(PART, "部分出库", _SHIP, "又出了一部分，还没有全出；有运单号", PART),
        Transition(SEND, "出库", _SHIP, "没有退款的商品全部出库；有运单号", SENT),
        Transition(PART, "出库", _SHIP, "没有退款的商品全部出库；有运单号", SENT),
        Transition(PART, "未发商品已退", (SYSTEM,), "没有出库的商品都退款成功", SENT),
        Transition(SENT, "收货通知", (MANAGER, SERVICE, WAREHOUSE), "一张订单只通知一次", SENT),
        Transition(SENT, "确认收货", (BUYER,), "没有处理中的退换", FINISHED),
        Transition(SENT, "超时确认", (TIMER,), "超过确认时限，没有处理中的退换", FINISHED),
        *(Transition(s, "全部退款", (SYSTEM,), "全部商品退款成功", CLOSED) for s in PAID_OPEN),
        *(Transition(s, "申请退换", (BUYER,), "售中", s) for s in PAID_OPEN),
        Transition(FINISHED, "申请退换", (BUYER,), "在售后期内，售后没有结束", FINISHED),
        Transition(FINISHED, "售后退款", (SYSTEM,), "退款成功，订单保持交易成功", FINISHED),
        Transition(FINISHED, "结束订单", _SELL, "售后期已过，没有处理中的退换，写明原因", FINISHED),
    ),
)

ASKED, TO_RETURN, RETURNED = (
    "WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS",
)  # fmt: skip
REFUSED, SUCCESS, DROPPED = "SELLER_REFUSE_BUYER", "SUCCESS", "CLOSED"
OPEN_RETURNS = (ASKED, TO_RETURN, RETURNED)  # somebody still has to act: the order waits
RETURN_KINDS: Mapping[str, str] = {
    "退货": "退货退款：货退回来，验收后退款",
    "换货": "退回后补发同样的商品，不退钱",
    "仅退款": "不退货，同意后就退款",
}
_GOODS = ("退货", "换货")

RETURN = Life(
    "退换",
    schema.CODES["return_status"],
    (
        Transition(NOT_YET, "申请", (BUYER,), "退款不超过这一行的实付；这一行没有别的未结束的申请", ASKED),
        Transition(ASKED, "同意退款", _DESK, "", SUCCESS, ("仅退款",)),
        Transition(ASKED, "同意退货", _DESK, "", TO_RETURN, _GOODS),
        Transition(ASKED, "拒绝", _DESK, "写明原因", REFUSED),
        Transition(ASKED, "撤销申请", (BUYER,), "", DROPPED),
        Transition(REFUSED, "修改申请", (BUYER,), "同申请", ASKED),
        Transition(REFUSED, "撤销申请", (BUYER,), "", DROPPED),
        Transition(TO_RETURN, "买家退货", (BUYER,), "有退货运单号", RETURNED, _GOODS),
        Transition(TO_RETURN, "撤销申请", (BUYER,), "", DROPPED),
        Transition(RETURNED, "验收", (MANAGER, WAREHOUSE), "换货要有补发的运单号和库存", SUCCESS, _GOODS),
        Transition(RETURNED, "拒收", (MANAGER, WAREHOUSE), "写明原因", REFUSED, _GOODS),
    ),
)  # fmt: skip

PLANNING, ACTIVE, INACTIVE, COMPLETE = "筹备中", "进行中", "已暂停", "已结束"
_PLAN = (MANAGER, MARKETING)
CAMPAIGN = Life(
    "活动",
    {s: s for s in (PLANNING, ACTIVE, INACTIVE, COMPLETE)},
    (
        Transition(NOT_YET, "新建", _PLAN, "开始日期不晚于结束日期", PLANNING),
        Transition(PLANNING, "修改", _PLAN, "开始日期不晚于结束日期", PLANNING),
        Transition(PLANNING, "启动", _PLAN, "有文案，还没有过结束日期", ACTIVE),
        Transition(PLANNING, "取消", _PLAN, "", COMPLETE),
        Transition(ACTIVE, "发送", _PLAN, "在开始和结束日期之间、免打扰时间之外；没有发送过", ACTIVE),
        Transition(ACTIVE, "暂停", _PLAN, "", INACTIVE),
        Transition(INACTIVE, "恢复", _PLAN, "还没有过结束日期", ACTIVE),
        Transition(ACTIVE, "结束", _PLAN, "", COMPLETE),
        Transition(INACTIVE, "结束", _PLAN, "", COMPLETE),
        Transition(ACTIVE, "到期", (TIMER,), "过了结束日期", COMPLETE),
        Transition(INACTIVE, "到期", (TIMER,), "过了结束日期", COMPLETE),
    ),
)  # fmt: skip
LIVES = (ORDER, RETURN, CAMPAIGN)
