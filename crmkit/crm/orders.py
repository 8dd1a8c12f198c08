"""订单信息: search, returns and exchanges, closing, shipping and receipt notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.crm import entry, roles, timers
from crmkit.crm.audit import Operation
from crmkit.crm.figures import return_rates
from crmkit.crm.module import Module
from crmkit.crm.ordering import (
    batches,
    buying,
    notices,
    order_cards,
    order_queries,
    returning,
    shipping,
)
from crmkit.crm.ordering import order_facts as facts
from crmkit.crm.ordering import transitions as life
from crmkit.crm.ordering.order_cards import OrderCard
from crmkit.crm.ordering.order_queries import OrderList, ReturnsView
from crmkit.crm.paging import Page
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    import pandas as pd


class Orders(Module):
    """The five functions of 订单信息, the buyers of the class's simulation, and the shop's time."""

    key = "orders"

    # --- 订单查询 ---------------------------------------------------------------------------------
    def search(
        self, *, status: str | Sequence[str] = "", since: Any = None, until: Any = None,
        by: str = "ordered_at", least: float | None = None, most: float | None = None,
        buyer: str = "", waybill: str = "", order_id: str = "", sku: str = "", channel_id: str = "",
        page: int = 1, size: int = 20, sort: str = "ordered_at", descending: bool = True,
    ) -> OrderList:  # fmt: skip
        """订单查询.

        Parameters
        ----------
        status
            One or several of `order_queries.STATUS` (words).
        since, until
            Days, both included, of the time `by` (`order_queries.TIMES`).
        least, most
            实付金额 in yuan, both included.
        buyer
            Customer id or name, part of the nick, or at least four digits of the mobile.
        order_id
            The number or a part of it.
        """
        detail = entry.given(
            状态=status, 从=since, 到=until, 时间=order_queries.TIMES.get(by, by), 最低=least,
            最高=most, 买家=buyer, 运单号=waybill, 订单=order_id, 商品=sku, 渠道=channel_id, 页=page,
        )  # fmt: skip
        with self.session.reading("orders.search", **detail) as op:
            where = order_queries.conditions(
                status=status, since=since, until=until, by=by, least=least, most=most,
                buyer=buyer, waybill=waybill, order_id=order_id, sku=sku, channel_id=channel_id,
            )  # fmt: skip
            found, amount = order_queries.page_of_orders(
                op, self.store, where, page, size, sort, descending
            )
            return OrderList(found, amount)

    def export(self, path: Path | str, **conditions: Any) -> Path:
        """Write all orders found by `search`'s conditions to an xlsx file, buyers masked."""
        from crmkit.workbook import write

        with self.session.using_right(roles.EXPORT, "orders.search", "导出", **conditions) as op:
            frame = order_queries.export_frame(self.store, op, conditions)
            op.detail["行数"] = len(frame)
            return write(
                path,
                {"订单": frame},
                ids=("订单编号", "客户编号", "运单号"),
                money=("实付金额", "运费", "优惠金额"),
            )

    def detail(self, order_id: str) -> OrderCard:
        """One order with lines, returns, movements of goods, messages, and what may happen next."""
        with self.session.reading("orders.search", "查看订单", 订单编号=order_id) as op:
            op.object = order_id
            order = facts.load(op, order_id)
            return order_cards.card(op, self.store, order, self.session.role)

    def mismatches(self) -> pd.DataFrame:
        """金额核对: orders whose 实付金额 is not goods + freight − discount, with the difference."""
        with self.session.reading("orders.search", "金额核对") as op:
            return order_queries.mismatches(self.store, op)

    def transitions(self) -> pd.DataFrame:
        """The declared tables of an order's and a return's life, in words."""
        import pandas as pd

        with self.session.reading("orders.search", "查看状态表"):
            return pd.concat([life.ORDER.frame(), life.RETURN.frame()], ignore_index=True)

    def allowed(self, order_id: str) -> pd.DataFrame:
        """What may happen to an order and its returns now: 对象 编号 状态 事件 谁 条件 我可以."""
        with self.session.reading("orders.search", "查看可做的操作", 订单编号=order_id) as op:
            op.object = order_id
            return order_cards.allowed(facts.load(op, order_id), self.session.role)

    # --- the buyers, played by 店长 ---------------------------------------------------------------
    def place(
        self, customer_id: str, lines: Mapping[str, int], *, channel_id: str | None = None,
        freight: float = 0, discount: float = 0,
    ) -> str:  # fmt: skip
        """下单 for a buyer (SKU → pieces); the order's number. Freight and discount in yuan."""
        with self.session.writing(
            "orders.search", "下单", 客户编号=customer_id, 商品=dict(lines), 渠道=channel_id,
            运费=freight, 优惠=discount,
        ) as op:  # fmt: skip
            op.object = customer_id
            op.object = buying.place(
                op, self.session.role, customer_id, lines, channel_id, freight, discount
            )
            return op.object

    def pay(self, order_id: str) -> None:
        """付款 by the buyer."""
        self._on_order("orders.search", "付款", order_id, buying.pay)

    def cancel(self, order_id: str, reason: str = buying.CANCEL_REASONS[0]) -> None:
        """取消 an unpaid order, by the buyer."""
        self._on_order(
            "orders.search", "取消", order_id,
            lambda op, role, order: buying.cancel(op, role, order, _reason(reason)), 原因=reason,
        )  # fmt: skip

    def confirm(self, order_id: str) -> None:
        """确认收货 by the buyer."""
        self._on_order("orders.receive", "确认收货", order_id, buying.confirm)

    # --- 退换查询 ---------------------------------------------------------------------------------
    def returns(
        self, *, status: str = "", kind: str = "", reason: str = "", since: Any = None,
        until: Any = None, order_id: str = "", open_only: bool = False, page: int = 1, size: int = 20,
    ) -> ReturnsView:  # fmt: skip
        """退换查询 by state, kind, reason and day of application (both days included).

        `reasons` counts all that was found; `rates` is about the period alone.
        """
        detail = entry.given(
            状态=status, 类型=kind, 原因=reason, 从=since, 到=until, 订单=order_id, 待处理=open_only
        )
        with self.session.reading("orders.returns", **detail) as op:
            where = order_queries.returns_where(
                status=status, kind=kind, reason=reason, since=since, until=until,
                order_id=order_id, open_only=open_only,
            )  # fmt: skip
            offset, limit = order_queries.bounds(page, size)
            found = order_queries.returns_frame(self.store, op, where)
            rows = found.iloc[offset : offset + limit].reset_index(drop=True)
            rates = return_rates.rates(self.store, op, self.session.as_of, since, until)
            return ReturnsView(
                Page(rows, len(found), page, size), order_queries.reasons(found), rates,
                "退货率只算退货退款成功的；退款率连仅退款一起算；换货不退钱，两者都不算。默认看「按明细行、按付款日」。",
            )  # fmt: skip

    def apply_return(
        self, order_id: str, sku: str, kind: str, reason: str, *, amount: float | None = None,
        qty: int | None = None,
    ) -> str:  # fmt: skip
        """申请 by the buyer (kinds: `transitions.RETURN_KINDS`); the return's number.

        `amount` in yuan, default all that can still be refunded; `qty` pieces sent back, default all.
        """
        with self.session.writing(
            "orders.returns", "申请退换", 订单编号=order_id, 商品=sku, 类型=kind, 原因=reason,
            金额=amount, 件数=qty,
        ) as op:  # fmt: skip
            op.object = order_id
            op.object = returning.apply(
                op, self.session.role, facts.load(op, order_id), sku, kind, reason, amount, qty
            )
            return op.object

    def revise_return(
        self, return_id: str, kind: str, reason: str, *, amount: float | None = None,
        qty: int | None = None,
    ) -> None:  # fmt: skip
        """修改申请 after a refusal, by the buyer."""
        self._on_return(
            "修改申请", return_id,
            lambda op, role, row, order: returning.revise(
                op, role, row, order, kind, reason, amount, qty
            ),
            类型=kind, 原因=reason, 金额=amount, 件数=qty,
        )  # fmt: skip

    def withdraw_return(self, return_id: str) -> None:
        """撤销申请 by the buyer."""
        self._on_return(
            "撤销申请", return_id, lambda op, role, row, order: returning.withdraw(op, role, row)
        )

    def send_back(self, return_id: str, carrier: str, waybill: str) -> None:
        """买家退货: the goods are on their way back."""
        self._on_return(
            "买家退货", return_id,
            lambda op, role, row, order: returning.send_back(op, role, row, carrier, waybill),
            快递公司=carrier, 运单号=waybill,
        )  # fmt: skip

    def agree(self, return_id: str) -> None:
        """同意: 仅退款 is refunded at once; for 退货 and 换货 the goods are waited for."""
        self._on_return("同意", return_id, returning.agree)

    def refuse(self, return_id: str, why: str) -> None:
        """拒绝, with the reason."""
        self._on_return(
            "拒绝", return_id,
            lambda op, role, row, order: returning.refuse(op, role, row, _reason(why, "why")), 原因=why,
        )  # fmt: skip

    def accept(
        self, return_id: str, *, restock: bool = True, carrier: str = "", waybill: str = ""
    ) -> None:
        """验收: refund, or (换货) send the same goods with `carrier` and `waybill`.

        `restock=False`: what came back cannot be sold again and does not go into stock.
        """
        self._on_return(
            "验收", return_id,
            lambda op, role, row, order: returning.accept(
                op, role, row, order, restock=restock, carrier=carrier, waybill=waybill,
                title=self.session.title,
            ),
            入库=restock, 快递公司=carrier, 运单号=waybill,
        )  # fmt: skip

    def reject_goods(self, return_id: str, why: str) -> None:
        """拒收: what came back is not what was agreed."""
        self._on_return(
            "拒收", return_id,
            lambda op, role, row, order: returning.reject_goods(op, role, row, _reason(why, "why")),
            原因=why,
        )  # fmt: skip

    # --- 结束订单 ---------------------------------------------------------------------------------
    def close(self, kind: str = "未付款", *, page: int = 1, size: int = 20) -> Page:
        """结束订单: orders that can be ended (`order_queries.CLOSABLE`), newest first."""
        with self.session.reading("orders.close", 种类=kind, 页=page) as op:
            where = order_queries.closable(op, kind)
            return order_queries.page_of_orders(
                op, self.store, where, page, size, "ordered_at", True
            )[0]

    def close_order(self, order_id: str, reason: str) -> str:
        """结束订单 with a reason; says what was ended. Refused while a return is open."""
        with self.session.writing("orders.close", "结束订单", 订单编号=order_id, 原因=reason) as op:
            op.object = order_id
            order = facts.load(op, order_id)
            return buying.close(op, self.session.role, order, _reason(reason))

    def close_orders(self, order_ids: Iterable[str], reason: str) -> pd.DataFrame:
        """Several at once: 行 订单编号 结果 说明. What is refused stays as it is."""
        ids = list(order_ids)
        with self.session.writing(
            "orders.close", "批量结束订单", 订单数=len(ids), 原因=reason
        ) as op:
            why, role = _reason(reason), self.session.role
            return batches.each(
                op, [(i,) for i in ids], lambda i: buying.close(op, role, facts.load(op, i), why)
            )

    # --- 出库通知 ---------------------------------------------------------------------------------
    def ship(self) -> pd.DataFrame:
        """出库通知: paid orders with something left to ship, the longest waiting first."""
        with self.session.reading("orders.ship") as op:
            return order_queries.to_ship(op)

    def ship_order(
        self, order_id: str, carrier: str, waybill: str, *, pieces: Mapping[str, int] | None = None,
        template: str | None = None,
    ) -> shipping.Parcel:  # fmt: skip
        """出库 (all that is due, or only `pieces`: SKU → number) and its 出库通知.

        `template` has the placeholders of `notices.PLACES`; default `notices.TEMPLATES`.
        """
        with self.session.writing(
            "orders.ship", "出库", 订单编号=order_id, 快递公司=carrier, 运单号=waybill,
            商品=dict(pieces) if pieces is not None else "全部",
        ) as op:  # fmt: skip
            op.object = order_id
            return shipping.ship(
                op, facts.load(op, order_id), self.session.role, carrier, waybill,
                title=self.session.title, pieces=pieces, template=template,
            )  # fmt: skip

    def ship_orders(
        self, rows: Path | str | Sequence[Mapping[str, Any]] | pd.DataFrame, *,
        template: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """Ship many: a workbook, or rows with 订单编号 快递公司 运单号; 行 订单编号 结果 说明.

        A row that cannot be shipped is reported and changes nothing.
        """
        parcels = batches.parcels(rows)
        with self.session.writing("orders.ship", "批量出库", 订单数=len(parcels)) as op:
            role, title = self.session.role, self.session.title
            notices.template_for(notices.SHIPPED, template, title)

            def send(order_id: str, carrier: str, waybill: str) -> str:
                order = facts.load(op, order_id)
                return shipping.ship(
                    op, order, role, carrier, waybill, title=title, template=template
                ).message

            return batches.each(op, parcels, send)

    def messages(self, purpose: str = "") -> pd.DataFrame:
        """Notices that were written, newest first; `purpose` one of `notices.TEMPLATES`."""
        with self.session.reading("orders.ship", "查看通知", 用途=purpose or "全部") as op:
            wanted = [purpose] if purpose else list(notices.TEMPLATES)
            return order_queries.outbox(op, self.store, [tables.outbox.c.purpose.in_(wanted)])

    # --- 收货通知 ---------------------------------------------------------------------------------
    def receive(self, days: int | None = None) -> pd.DataFrame:
        """收货通知: orders shipped at least `days` ago and not confirmed; who was told already."""
        with self.session.reading("orders.receive", 天数=_days(days)) as op:
            return order_queries.on_the_way(op, _days(days))

    def notify_received(
        self, order_ids: Iterable[str] | None = None, *, days: int | None = None,
        template: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """Write the 收货通知 for these orders (or all shipped `days` ago); once per order only."""
        chosen = None if order_ids is None else list(order_ids)
        with self.session.writing(
            "orders.receive", "收货通知", 订单=chosen or "全部", 天数=_days(days)
        ) as op:
            title, role = self.session.title, self.session.role
            text = notices.template_for(notices.ARRIVED, template, title)

            def tell(order_id: str) -> str:
                done = notices.arrived(op, facts.load(op, order_id), role, text, title)
                return done.message.text if done else batches.ALREADY

            if chosen is None:
                waiting = order_queries.on_the_way(op, _days(days))
                chosen = waiting["订单编号"].tolist()
            return batches.each(op, [(i,) for i in chosen], tell)

    # --- the shop's time --------------------------------------------------------------------------
    def advance(self, *, hours: int = 0, days: int = 0) -> dict[str, int]:
        """推进时间: move the shop's clock on and let the timers run; counts by event."""
        with self.session.writing("orders.search", "推进时间", 小时=hours, 天=days) as op:
            roles.check_right(self.session.role, roles.CLOCK)
            done = timers.advance(op, hours, days)
            op.detail.update(done)
            return done

    # --- how a change of one thing runs -----------------------------------------------------------
    def _on_order(
        self, key: str, action: str, order_id: str,
        change: Callable[[Operation, str, facts.Order], Any], **detail: Any,
    ) -> None:  # fmt: skip
        with self.session.writing(key, action, 订单编号=order_id, **detail) as op:
            op.object = order_id
            change(op, self.session.role, facts.load(op, order_id))

    def _on_return(
        self, action: str, return_id: str,
        change: Callable[[Operation, str, dict[str, Any], facts.Order], Any], **detail: Any,
    ) -> None:  # fmt: skip
        with self.session.writing("orders.returns", action, 退换编号=return_id, **detail) as op:
            op.object = return_id
            row, order = returning.load(op, return_id)
            change(op, self.session.role, row, order)


def _reason(reason: str, name: str = "reason") -> str:
    wrong = entry.Wrong()
    found = entry.text(wrong, name, "原因", reason, most=100)
    wrong.raise_any()
    return found


def _days(days: int | None) -> int:
    wrong = entry.Wrong()
    default = settings()["orders"]["receipt_notice_days"]
    found = entry.whole(wrong, "days", "天数", default if days is None else days, 0, 365)
    wrong.raise_any()
    return found
