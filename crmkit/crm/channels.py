"""渠道关系: the shop's sales channels, how they sell, and which have fallen asleep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import pandas as pd

from crmkit.crm.errors import InvalidInput
from crmkit.crm.figures import channel_figures
from crmkit.crm.figures.channel_figures import DORMANT_ACTIONS
from crmkit.crm.figures.scope import FigureModule, Result, View, at_least, chosen
from crmkit.crm.frames import labelled
from crmkit.crm.storage import tables
from crmkit.schema import CODES

CHANNELS = tables.metadata.tables["channels"]
STATUS = {word: code for code, word in CODES["channel_status"].items()}


class Channels(FigureModule):
    """The seven functions of 渠道关系."""

    key = "channels"

    def list(self) -> pd.DataFrame:
        """渠道列表: every channel with platform, opening date, state, person in charge and fee."""
        with self.session.reading("channels.list") as op:
            return labelled(self.store.frame(CHANNELS, op.connection), "channels")

    def update(
        self, channel_id: str, *, status: str | None = None, contact: str | None = None,
        fee_rate: float | None = None, note: str | None = None, expect: int | None = None,
    ) -> None:  # fmt: skip
        """Maintain one channel; what is None stays as it is.

        Parameters
        ----------
        status
            营业中 or 已关闭.
        fee_rate
            Share of the sales the platform keeps, 0 to 1.
        expect
            The 版本 the caller saw; Conflict when somebody changed the channel since.
        """
        given = {"status": status, "contact": contact, "fee_rate": fee_rate, "note": note}
        to: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
        with self.session.writing("channels.list", "维护渠道", 渠道编号=channel_id, **to) as op:
            op.object = channel_id
            wrong = {}
            if status is not None:
                if status not in STATUS:
                    wrong["status"] = f"状态只能是：{'、'.join(STATUS)}"
                to["status"] = STATUS.get(status)
            if fee_rate is not None and not 0 <= fee_rate < 1:
                wrong["fee_rate"] = "费率要在 0 和 1 之间，例如 0.05 表示 5%"
            if contact is not None and not contact.strip():
                wrong["contact"] = "负责人不能是空的"
            if wrong:
                raise InvalidInput("；".join(wrong.values()), wrong)
            op.update(CHANNELS, channel_id, to=to, expect=expect)

    def dormant(self, *, days: int | None = None, **view: Unpack[View]) -> Result:
        """休眠渠道: open, and no valid order for more than `days` (default: the settings, 90).

        The table shows 沉睡天数, 末单日期 and what the last 12 months up to the last order brought.
        """
        with self.figures("channels.dormant", view, 天数=days) as scope:
            at_least(days, "days", 1)
            return channel_figures.dormant(scope, days)

    def settle_dormant(
        self, channel_ids: Sequence[str], action: str, *, note: str = "", days: int | None = None
    ) -> int:
        """Deal with dormant channels: one of `DORMANT_ACTIONS` (``"mark"`` or ``"close"``).

        Returns how many channels changed.

        Raises
        ------
        InvalidInput
            One of the channels is not dormant (by the same `days` as `dormant`).
        """
        wanted = [*dict.fromkeys(channel_ids)]
        with self.session.writing(
            "channels.dormant", "处理休眠渠道", 处理=action, 备注=note, 渠道=wanted
        ) as op:
            op.object = "、".join(wanted)
            chosen(action, "action", DORMANT_ACTIONS)
            if not wanted:
                raise InvalidInput("没有选中渠道。", {"channel_ids": "请先选中"})
            asleep = {*channel_figures.dormant(self.scope(op, {}), days).table["渠道编号"]}
            awake = [c for c in wanted if c not in asleep]
            if awake:
                message = f"这些渠道不是休眠渠道：{'、'.join(awake)}"
                raise InvalidInput(message, {"channel_ids": message})
            to = {"status": STATUS["已关闭"]} if action == "close" else {}
            to["note"] = note.strip() or ("休眠，已关闭" if action == "close" else "休眠")
            return op.update_many(CHANNELS, wanted, to)

    def sales(self, *, months: int = 12, **view: Unpack[View]) -> Result:
        """渠道销量: orders, pieces, gross, refunds, net, share, 环比 and what the platform's fee leaves."""
        with self.figures("channels.sales", view) as scope:
            at_least(months, "months", 1)
            return channel_figures.sales(scope, months)

    def return_rate(
        self, *, rate: str = "return", months: int = 12, **view: Unpack[View]
    ) -> Result:
        """退货率分析: by lines and by amount, by day of payment and by day of refund.

        Parameters
        ----------
        rate
            One of `analytics.refunds.RATES`: ``"return"`` (退货率, default) or ``"refund"``
            (退款率, counts 仅退款 too).
        """
        with self.figures("channels.return_rate", view, 比率=rate) as scope:
            at_least(months, "months", 1)
            return channel_figures.return_rate(scope, rate, months)

    def new_customers(
        self, *, definition: str = "first_ever", new_to: str = "shop", months: int = 12,
        **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """新顾客分析: new buyers and their money by channel (and month).

        Parameters
        ----------
        definition
            One of `NEW_DEFINITIONS`: ``"first_ever"`` (default) or ``"365_days"``.
        new_to
            One of `NEW_TO`: new to the ``"shop"`` (default) or to the ``"channel"``.
        """
        with self.figures(
            "channels.new_customers", view, 新客定义=definition, 范围=new_to
        ) as scope:
            at_least(months, "months", 1)
            return channel_figures.new_customers(scope, definition, new_to, months)

    def old_customers(
        self, *, definition: str = "first_ever", new_to: str = "shop", months: int = 12,
        **view: Unpack[View],
    ) -> Result:  # fmt: skip
        """老客户分析: old buyers, their money, and 复购率 by channel; parameters as `new_customers`."""
        with self.figures(
            "channels.old_customers", view, 新客定义=definition, 范围=new_to
        ) as scope:
            at_least(months, "months", 1)
            return channel_figures.old_customers(scope, definition, new_to, months)

    def order_value(self, **view: Unpack[View]) -> Result:
        """客单价分析: 客单价 笔单价 件单价 连带率 by channel and in all."""
        with self.figures("channels.order_value", view) as scope:
            return channel_figures.order_value(scope)
