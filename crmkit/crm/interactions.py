"""互动信息: surveys, messages, calls, inquiries, and warnings of bad reviews."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from crmkit.crm import entry
from crmkit.crm.module import Module
from crmkit.crm.paging import Page
from crmkit.crm.service import alerts, surveys, timeline, wechat
from crmkit.crm.service.contacts import Calls, Contacts
from crmkit.crm.storage import tables

_CUSTOMERS = tables.metadata.tables["customers"]


class Interactions(Module):
    """The six functions of 互动信息; what changes something hangs on the attribute beside each."""

    key = "interactions"

    @cached_property
    def surveys(self) -> surveys.Surveys:
        """Make, publish, send and close surveys, record answers, tabulate them."""
        return surveys.Surveys(self.session)

    @cached_property
    def replies(self) -> wechat.Replies:
        """Keyword replies, and what happens when a customer writes."""
        return wechat.Replies(self.session)

    @cached_property
    def calls_in(self) -> Contacts:
        return Contacts(self.session, "inbound")

    @cached_property
    def calls_out(self) -> Calls:
        return Calls(self.session, "outbound")

    @cached_property
    def asked(self) -> Contacts:
        return Contacts(self.session, "inquiries")

    @cached_property
    def cases(self) -> alerts.Cases:
        """Cases about alerts, and public answers to reviews."""
        return alerts.Cases(self.session)

    def survey(self) -> pd.DataFrame:
        """短信问卷: 问卷编号 标题 状态 题数 发出 回收 回收率."""
        with self.session.reading(surveys.KEY, "查看问卷") as op:
            return surveys.overview(op)

    def wechat(self) -> pd.DataFrame:
        """微信互动: the keyword replies, in the order in which they are tried."""
        with self.session.reading(wechat.KEY, "查看规则") as op:
            return wechat.rules(op)

    def inbound(self, **conditions: Any) -> Page:
        """呼入记录, see `crmkit.crm.service.contacts.Contacts.page`."""
        return self.calls_in.page(**conditions)

    def outbound(self, **conditions: Any) -> Page:
        """呼出记录, planned calls included."""
        return self.calls_out.page(**conditions)

    def inquiries(self, **conditions: Any) -> Page:
        """咨询记录."""
        return self.asked.page(**conditions)

    def review_alerts(
        self, rules: Sequence[str] = ("明示", "隐含", "预测"), *, unanswered_only: bool = True,
        since: Any = None,
    ) -> alerts.Alerts:  # fmt: skip
        """中差评预警: alerts with level and due time, 中差评率, days with a burst; see `alerts.RULES`."""
        wrong = entry.Wrong()
        for rule in rules:
            entry.one_of(wrong, "rules", "预警规则", rule, alerts.RULES)
        wrong.raise_any()
        first, _ = entry.period(since, None)
        detail = entry.given(规则=list(rules), 只看未回复=unanswered_only, 开始=first)
        with self.session.reading(alerts.KEY, "查看预警", **detail) as op:
            return alerts.found(op, rules, unanswered_only=unanswered_only, since=first)

    def timeline(self, customer_id: str) -> pd.DataFrame:
        """One customer's whole story: 时间 类型 编号 内容, the oldest first."""
        with self.session.reading("interactions.inquiries", "时间线", 客户编号=customer_id) as op:
            op.object = customer_id
            op.get(_CUSTOMERS, customer_id)
            return timeline.of(op, customer_id)
