"""Three rules of the shop tried on a CRM opened for it, as it is and with a fault put around it."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.crm import Session

DOORS: Mapping[str, str] = {"front": "正门", "back": "旁门"}
SYSTEMS: Mapping[str, str] = {
    "right": "对的系统", "front": "正门没有守", "back": "旁门没有守", "acts": "嘴上拒绝，手里照做",
    "silent": "没做，也不说", "trace": "拒绝了，不留痕", "all": "一律拒绝",
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """Whether it was refused in words, nothing changed, and the log has the refusal."""

    said: bool
    kept: bool
    logged: bool


class Desk:
    """A shop of the tea shop's own cut in a folder that goes with the process."""

    def __init__(self) -> None:
        from crmkit.crm import Session, open_shop

        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.manager: Session = open_shop(
            "tea", student="课堂", lab="验收", folder=self._folder.name, role="店长"
        )
        self.store_room: Session = Session(self.manager.store).login("仓库")

    @cached_property
    def somebody(self) -> str:
        """A customer of the shop."""
        return str(self.manager.customers.list(size=1).frame["客户编号"].iloc[0])

    def status(self, order: str) -> str:
        """The state of an order as 订单查询 shows it."""
        return str(self.manager.orders.search(order_id=order).page.frame["订单状态"].iloc[0])

    def put(self, order: str, state: str) -> None:
        """Write a state past the CRM, as only a broken program would."""
        from crmkit.crm.storage import tables

        t = tables.metadata.tables["orders"]
        with self.manager.store.writing() as connection:
            connection.execute(t.update().where(t.c.order_id == order).values(status=state))

    def refusals(self) -> tuple[int, bool]:
        """The newest row of the log: its number, and whether it tells of a refusal."""
        row = self.manager.log(1).iloc[0]
        return int(row["序号"]), row["结果"] == "拒绝"


@cache
def desk() -> Desk:
    """One shop for all trials of a process."""
    return Desk()


class Trial(ABC):
    """One user story: what is given, two doors to try, and what the rule allows all the same."""

    name: ClassVar[str]
    wish: ClassVar[str]
    given: ClassVar[Mapping[str, str]]
    doors: ClassVar[Mapping[str, str]]
    contrast: ClassVar[str]

    @abstractmethod
    def attempt(self, desk: Desk, door: str, precise: bool) -> bool:
        """Ask the CRM; whether anything changed hands or state. Raises CrmError if refused."""

    @abstractmethod
    def force(self, desk: Desk, door: str, precise: bool) -> bool:
        """The same without the rule; whether anything changed."""

    @abstractmethod
    def works(self, desk: Desk) -> bool:
        """What the rule does not forbid is done."""

    def asked(self, desk: Desk, door: str, precise: bool) -> Seen:
        """What the CRM as it is says and does."""
        from crmkit.crm import CrmError

        before, _ = desk.refusals()
        said, changed = False, False
        try:
            changed = self.attempt(desk, door, precise)
        except CrmError:
            said = True
        newest, refused = desk.refusals()
        return Seen(said, not changed, refused and newest > before)


@cache
def _asked(story: str, door: str, precise: bool) -> Seen:
    return TRIALS[story].asked(desk(), door, precise)


@cache
def _forced(story: str, door: str, precise: bool) -> Seen:
    return Seen(False, not TRIALS[story].force(desk(), door, precise), False)


@cache
def works(story: str) -> bool:
    """Whether the CRM as it is does what the rule does not forbid."""
    return TRIALS[story].works(desk())


def seen(story: str, system: str, door: str, precise: bool) -> Seen:
    """What a trial shows on one of `SYSTEMS`: the CRM asked, or gone round, as its fault has it."""
    if system == door and precise:  # nobody asks at this door
        return _forced(story, door, precise)
    if system == "trace" and precise:  # the page refuses by itself, the CRM never hears of it
        return Seen(said=True, kept=True, logged=False)
    real = _asked(story, door, precise)
    if real.said and system == "acts":
        return replace(real, kept=_forced(story, door, precise).kept)
    if real.said and system == "silent":
        return replace(real, said=False)
    if not real.said and system == "all":
        return Seen(said=True, kept=True, logged=False)
    return real


class _OnOrders(Trial):
    """A rule about orders: it is looked up whether the state of the order has changed."""

    target: ClassVar[str]  # the state that the forbidden step would lead to

    def order(self, desk: Desk, precise: bool) -> tuple[str, str]:
        """Number and state of the order that is tried."""
        if precise:
            found = self.forbidden(desk)
        else:  # the first of the list: an old one, long finished
            found = desk.manager.orders.search(size=1, descending=False).page.frame.iloc[0]
        return str(found["订单编号"]), str(found["订单状态"])

    @abstractmethod
    def forbidden(self, desk: Desk) -> pd.Series:
        """An order to which the rule applies, as a list of the CRM shows it."""

    @abstractmethod
    def ask(self, desk: Desk, door: str, order: str) -> None:
        """The step itself."""

    def attempt(self, desk: Desk, door: str, precise: bool) -> bool:
        order, before = self.order(desk, precise)
        self.ask(desk, door, order)
        return desk.status(order) != before

    def force(self, desk: Desk, door: str, precise: bool) -> bool:
        from crmkit import schema

        order, before = self.order(desk, precise)
        desk.put(order, self.target)
        changed = desk.status(order) != before
        codes = {word: code for code, word in schema.ORDER_STATUS.items()}
        desk.put(order, codes[before])  # ready for the next trial
        return changed


class _Ship(_OnOrders):
    name = "没付款，不发货"
    wish = "作为店长，我希望没付款的订单发不了货，免得货出去了，钱没有来。"
    given = {"precise": "一张“等待付款”的订单", "loose": "订单列表里最早的一张（早就交易成功）"}
    doors = {"front": "正门：仓库登记出库", "back": "旁门：店长亲自登记出库"}
    contrast = "付了款的订单，仓库照样出得了库"
    target = "WAIT_BUYER_CONFIRM_GOODS"

    def forbidden(self, desk: Desk) -> pd.Series:
        return desk.manager.orders.close("未付款", size=1).frame.iloc[0]

    def ask(self, desk: Desk, door: str, order: str) -> None:
        who = desk.store_room if door == "front" else desk.manager
        who.orders.ship_order(order, "中通", "78012345")

    def works(self, desk: Desk) -> bool:
        waiting = desk.store_room.orders.ship()
        order = str(waiting.loc[waiting["库存够"], "订单编号"].iloc[0])
        desk.store_room.orders.ship_order(order, "中通", "78012345")
        return desk.status(order) == "已发货"


class _Close(_OnOrders):
    name = "付了款，不能当没付款关掉"
    wish = "作为买家，我希望付了款的订单不会被当成没付款关掉，免得钱和货两空。"
    given = {"precise": "一张“待发货”的订单", "loose": "订单列表里最早的一张（早就交易成功）"}
    doors = {"front": "正门：店长点“结束订单”", "back": "旁门：走买家“取消”的入口"}
    contrast = "没付款的订单，照样结束得了"
    target = "TRADE_CLOSED_BY_TAOBAO"

    def forbidden(self, desk: Desk) -> pd.Series:
        return desk.manager.orders.ship().iloc[-1]

    def ask(self, desk: Desk, door: str, order: str) -> None:
        if door == "front":
            desk.manager.orders.close_order(order, "验收试一试")
        else:
            desk.manager.orders.cancel(order)

    def works(self, desk: Desk) -> bool:
        order = str(desk.manager.orders.close("未付款").frame["订单编号"].iloc[-1])
        desk.manager.orders.close_order(order, "买家不要了")
        return desk.status(order) == "未付款关闭"


class _List(Trial):
    name = "仓库翻不到顾客名单"
    wish = "作为顾客，我希望仓库的人翻不了名单、看不到号码，免得资料外流。"
    given = {"precise": "登录的是仓库", "loose": "用手头登录着的账号（店长的）"}
    doors = {"front": "正门：打开顾客列表", "back": "旁门：按编号看一位的明文"}
    contrast = "店长照样打得开顾客列表"

    def _open(self, who: Session, door: str) -> bool:
        if door == "front":
            return len(who.customers.list(size=1).frame) > 0
        return bool(who.customers.reveal(desk().somebody))

    def attempt(self, desk: Desk, door: str, precise: bool) -> bool:
        return self._open(desk.store_room if precise else desk.manager, door)

    def force(self, desk: Desk, door: str, precise: bool) -> bool:
        return self._open(desk.manager, door)  # as if everybody were the manager

    def works(self, desk: Desk) -> bool:
        return self._open(desk.manager, "front")


TRIALS: Mapping[str, Trial] = {"ship": _Ship(), "close": _Close(), "list": _List()}
