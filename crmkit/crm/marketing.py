"""营销信息: campaigns, birthday and festival care, campaign tags, points."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crmkit.crm import entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import (
    audience,
    campaign_figures,
    campaigning,
    festivals,
    gateway,
    greetings,
    marketing_views,
    targeting,
)
from crmkit.crm.campaigns.audience import ACTIVE, SILENT, Facts
from crmkit.crm.campaigns.campaign_figures import Statistics
from crmkit.crm.campaigns.campaigning import CAMPAIGNS, CUSTOMERS, SENDS, Sent
from crmkit.crm.campaigns.marketing_views import RESPONDED, TARGETED, CampaignCard, Preview
from crmkit.crm.errors import InvalidInput
from crmkit.crm.module import Module
from crmkit.crm.ordering import order_queries, points
from crmkit.crm.ordering import transitions as life
from crmkit.crm.paging import Page
from crmkit.crm.storage import tables

if TYPE_CHECKING:
    import pandas as pd

EVERYBODY: audience.Rule = {"all": []}
NOT_LOST: audience.Rule = {"field": "流失状态", "op": "属于", "value": [ACTIVE, SILENT]}
EVENTS = ("启动", "暂停", "恢复", "结束", "取消")


class Marketing(Module):
    """The four functions of 营销信息."""

    key = "marketing"

    # --- 活动营销: looking ------------------------------------------------------------------------
    def campaigns(self, *, status: str = "", kind: str = "") -> pd.DataFrame:
        """活动营销: all campaigns, the newest first, with state, rule in words and response."""
        with self.session.reading(
            "marketing.campaigns", **entry.given(状态=status, 类型=kind)
        ) as op:
            wrong, where = entry.Wrong(), []
            if status:
                entry.one_of(wrong, "status", "状态", status, life.CAMPAIGN.states)
                where.append(CAMPAIGNS.c.status == status)
            if kind:
                entry.one_of(wrong, "kind", "类型", kind, campaigning.KINDS)
                where.append(CAMPAIGNS.c.kind == kind)
            wrong.raise_any()
            return marketing_views.campaign_frame(op, self.store, where)

    def campaign(self, campaign_id: str) -> CampaignCard:
        """One campaign: fields, rule in words, what may happen next, audience, figures."""
        with self.session.reading("marketing.campaigns", "查看活动", 活动编号=campaign_id) as op:
            op.object = campaign_id
            row = op.get(CAMPAIGNS, campaign_id)
            where = [CAMPAIGNS.c.campaign_id == campaign_id]
            return CampaignCard(
                marketing_views.campaign_frame(op, self.store, where),
                marketing_views.rule_words(row["rule"]), marketing_views.allowed(row["status"], self.session.role),
                marketing_views.audience_frame(op, self.store, campaign_id),
                campaign_figures.statistics(op, row, cost="budget", refunds="gross"),
            )  # fmt: skip

    def transitions(self) -> pd.DataFrame:
        """The declared table of a campaign's life, in words."""
        with self.session.reading("marketing.campaigns", "查看状态表"):
            return life.CAMPAIGN.frame()

    def rule_fields(self) -> pd.DataFrame:
        """What a rule can ask for: 字段 种类 运算 单位 含义 可选值 (values that occur, for choices)."""
        with self.session.reading("marketing.campaigns", "查看规则字段") as op:
            return marketing_views.rule_fields(self._facts(op))

    def rule_words(self, rule: Any) -> str:
        """A rule in Chinese words; InvalidInput when it is none."""
        audience.check(rule)
        return audience.words(rule)

    def preview(self, campaign_id: str, *, via: str = gateway.SMS) -> Preview:
        """Counts per reason, customers and text, before anything is sent."""
        with self.session.reading(
            "marketing.campaigns", "预览人群", 活动编号=campaign_id, 方式=via
        ) as op:
            op.object = campaign_id
            row, facts = op.get(CAMPAIGNS, campaign_id), self._facts(op)
            found = campaigning.targets(op, facts, row, via)
            return marketing_views.preview(op, facts, row, found, via, self.session.title)

    def preview_rule(self, rule: Any, *, via: str = gateway.SMS) -> Preview:
        """The same for a rule alone, while a campaign is being written."""
        with self.session.reading("marketing.campaigns", "试算人群", 方式=via) as op:
            audience.check(rule)
            op.detail["规则"] = audience.words(rule)
            facts = self._facts(op)
            found = targeting.split(op, facts, facts.matching(rule), campaign_id="试算", via=via)
            empty = {"template": "", "template_b": "", "campaign_id": ""}
            return marketing_views.preview(op, facts, empty, found, via, self.session.title)

    def log(self, campaign_id: str) -> pd.DataFrame:
        """One row per recipient: when, how, what became of it, response and order."""
        with self.session.reading(
            "marketing.campaigns", "查看触达记录", 活动编号=campaign_id
        ) as op:
            op.object = campaign_id
            op.get(CAMPAIGNS, campaign_id)
            return marketing_views.recipients(op, self.store, campaign_id)

    def messages(self, campaign_id: str = "") -> pd.DataFrame:
        """Marketing messages in the outbox, newest first, receivers masked; test sends too."""
        with self.session.reading("marketing.campaigns", "查看消息", 活动编号=campaign_id) as op:
            o = tables.outbox.c
            where = [o.campaign_id == campaign_id] if campaign_id else [o.campaign_id.is_not(None)]
            return order_queries.outbox(op, self.store, where)

    def statistics(
        self, campaign_id: str, *, cost: str = "budget", refunds: str = "gross"
    ) -> Statistics:
        """Figures of a campaign; `cost` and `refunds` as in `campaign_figures` COSTS and REFUNDS."""
        with self.session.reading(
            "marketing.campaigns", "查看统计", 活动编号=campaign_id, 成本=cost, 退款=refunds
        ) as op:
            op.object = campaign_id
            row = op.get(CAMPAIGNS, campaign_id)
            return campaign_figures.statistics(op, row, cost=cost, refunds=refunds)

    def ab_test(self, first: str, second: str = "") -> pd.DataFrame:
        """A/B of two campaigns, or of the two texts of one: difference, interval, two-sided p."""
        with self.session.reading("marketing.campaigns", "比较文案", A=first, B=second) as op:
            op.object = first
            other = op.get(CAMPAIGNS, second) if second else None
            return campaign_figures.compare_texts(op, op.get(CAMPAIGNS, first), other)

    def points(
        self, *, customer_id: str = "", since: Any = None, until: Any = None, page: int = 1,
        size: int = 20,
    ) -> tuple[Page, int, str]:  # fmt: skip
        """消费积分 of finished orders received in a period: page, all points, the rule in words."""
        detail = entry.given(客户编号=customer_id, 从=since, 到=until)
        with self.session.reading("marketing.campaigns", "消费积分", **detail) as op:
            start, end = entry.period(since, until)
            c, where = points.ORDERS.c, []
            if customer_id:
                op.get(CUSTOMERS, customer_id)
                where.append(c.customer_id == customer_id)
            if start:
                where.append(c.received_at >= start)
            if end:
                where.append(c.received_at < end)
            found, total = points.page_of(op, where, page, size)
            return found, total, points.rule_words()

    # --- 活动营销: doing --------------------------------------------------------------------------
    def create_campaign(
        self, name: str, *, starts: Any, ends: Any, budget: float, coupon: float = 0.0,
        rule: Any = EVERYBODY, kind: str = "活动", template: str = campaigning.TEMPLATES["活动"],
        template_b: str = "", tag: str = "", hold_out: float = 0.0, include: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """新建 in state 筹备中; the campaign's number.

        Parameters
        ----------
        starts, ends
            Days, both included.
        budget, coupon
            Yuan.
        rule
            See `crmkit.crm.campaigns.audience`.
        template, template_b
            With the placeholders `campaigning.PLACES`; B for one half of the recipients.
        tag
            Default: the name.
        hold_out
            Share of the recipients that gets nothing on purpose, 0 to 0.5.
        include, exclude
            Lists beside the rule: customer ids, ``标签:…``, ``分类:…``, ``活动:…``.
        """
        given = {
            "name": name, "kind": kind, "starts": starts, "ends": ends, "budget": budget,
            "coupon": coupon, "rule": rule, "tag": tag, "template": template,
            "template_b": template_b, "hold_out": hold_out, "include": include, "exclude": exclude,
        }  # fmt: skip
        key = "marketing.holiday" if kind == "节日" else "marketing.campaigns"
        with self.session.writing(key, "新建活动", 名称=name, 类型=kind) as op:
            to = campaigning.checked(op, given, self.session.title)
            self._known_lists(op, to)
            op.detail.update(人群=audience.words(rule), 开始=to["starts"], 结束=to["ends"])
            op.object = campaigning.create(op, self.session.role, to, shop=self.session.shop)
            return op.object

    def update_campaign(
        self, campaign_id: str, *, expect: int | None = None, **changes: Any
    ) -> None:
        """修改 a campaign in 筹备中; the fields of `create_campaign`, those not given stay."""
        with self.session.writing(
            "marketing.campaigns", "修改活动", 活动编号=campaign_id, 字段=sorted(changes)
        ) as op:
            op.object = campaign_id
            unknown = [k for k in changes if k not in campaigning.FIELDS]
            if unknown:
                raise InvalidInput(
                    f"活动没有字段：{'、'.join(unknown)}", dict.fromkeys(unknown, "没有")
                )
            row = op.get(CAMPAIGNS, campaign_id)
            life.CAMPAIGN.step(row["status"], "修改", self.session.role, row["name"])
            given = campaigning.as_given(row, EVERYBODY)
            to = campaigning.checked(op, {**given, **changes}, self.session.title)
            self._known_lists(op, to)
            op.update(CAMPAIGNS, campaign_id, to=to, expect=expect)
            campaigning.put_tag(op, to["tag"], "campaign", [campaign_id])

    def change_campaign(self, campaign_id: str, event: str) -> None:
        """启动, 暂停, 恢复, 结束 or 取消 (see `transitions`)."""
        with self.session.writing(
            "marketing.campaigns", f"{event}活动", 活动编号=campaign_id
        ) as op:
            op.object = campaign_id
            row = op.get(CAMPAIGNS, campaign_id)
            if event not in EVENTS:
                raise InvalidInput(f"操作只能是：{'、'.join(EVENTS)}", {"event": "请选择操作"})
            campaigning.change(op, self.session.role, row, event)

    def send(self, campaign_id: str, *, via: str = gateway.SMS) -> Sent:
        """发送 to the audience, once: messages, control group, who was left out and why."""
        with self.session.writing(
            "marketing.campaigns", "发送活动", 活动编号=campaign_id, 方式=via
        ) as op:
            op.object = campaign_id
            row = op.get(CAMPAIGNS, campaign_id)
            campaigning.require_sendable(op, self.session.role, row, via)
            done = campaigning.send(
                op, self.session.role, row, self._facts(op), via, self.session.title
            )
            op.detail.update(
                发送=done.sent, 留白=done.held_out, 排除=done.left_out, 短信条数=done.parts
            )
            return done

    def test_send(self, campaign_id: str, mobiles: Sequence[str]) -> pd.DataFrame:
        """测试发送 to one's own phones: in the outbox, in no statistics; the messages."""
        with self.session.writing(
            "marketing.campaigns", "测试发送", 活动编号=campaign_id, 人数=len(mobiles)
        ) as op:
            op.object = campaign_id
            row = op.get(CAMPAIGNS, campaign_id)
            number = campaigning.test_send(op, row, mobiles, self.session.title)
            own = tables.outbox.c.once_key.like(f"测试:{number}:%")
            return order_queries.outbox(op, self.store, [own])

    def record_responses(self, campaign_id: str) -> int:
        """Credit the campaign with the orders that followed; how many responses are new."""
        with self.session.writing("marketing.campaigns", "登记响应", 活动编号=campaign_id) as op:
            op.object = campaign_id
            done = campaigning.credit(op, op.get(CAMPAIGNS, campaign_id))
            op.detail["新增响应"] = done
            return done

    def opt_out(self, customer_id: str, why: str = "客户要求") -> None:
        """退订: no marketing message to this customer any more."""
        with self.session.writing(
            "marketing.campaigns", "登记退订", 客户编号=customer_id, 原因=why
        ) as op:
            op.object = customer_id
            op.get(CUSTOMERS, customer_id)
            campaigning.opt_out(op, customer_id, why)

    def opt_in(self, customer_id: str) -> None:
        """取消退订, at the customer's own wish."""
        with self.session.writing("marketing.campaigns", "取消退订", 客户编号=customer_id) as op:
            op.object = customer_id
            op.delete(tables.opt_outs, customer_id)

    # --- 生日关怀 ---------------------------------------------------------------------------------
    def birthday(self, days: int = 7, *, start: Any = None, via: str = gateway.SMS) -> pd.DataFrame:
        """生日关怀: birthdays of `days` days from `start` (default: today, which counts as the first).

        29 February is kept on the 28th in common years; 农历生日 by the lunar calendar. 去向 says
        whether a greeting may be sent, 原因 why not.
        """
        with self.session.reading("marketing.birthday", 天数=days, 从=str(start or "今天")) as op:
            first, last = greetings.period(op, days, start)
            facts = self._facts(op)
            found = greetings.near(op, facts, first, last, via)
            return marketing_views.birthday_frame(
                facts, found, dt.date.fromisoformat(gateway.day(op))
            )

    def send_birthday(
        self, days: int = 7, *, start: Any = None, template: str = campaigning.TEMPLATES["生日"],
        coupon: float = 0.0, via: str = gateway.SMS,
    ) -> list[Sent]:  # fmt: skip
        """Send the greetings of `birthday`, once a year per customer; one result per year."""
        with self.session.writing(
            "marketing.birthday", "发送生日关怀", 天数=days, 从=str(start or "今天"), 方式=via
        ) as op:
            first, last = greetings.period(op, days, start)
            facts = self._facts(op)
            done = greetings.greet(
                op, self.session.role, greetings.near(op, facts, first, last, via), facts,
                template=template, coupon=coupon, via=via, title=self.session.title,
                shop=self.session.shop,
            )  # fmt: skip
            op.object = "、".join(d.campaign_id for d in done)
            op.detail.update(发送=sum(d.sent for d in done), 排除=sum(d.left_out for d in done))
            return done

    # --- 节日关怀 ---------------------------------------------------------------------------------
    def holiday(self, days: int = 90) -> pd.DataFrame:
        """节日关怀: festivals of the next days, lunar ones computed, with holidays and make-up days."""
        with self.session.reading("marketing.holiday", 天数=days) as op:
            wrong = entry.Wrong()
            span = entry.whole(wrong, "days", "天数", days, 1, 366)
            wrong.raise_any()
            return marketing_views.festival_frame(dt.date.fromisoformat(gateway.day(op)), span)

    def create_holiday(
        self, festival: str, *, lead_days: int = 3, budget: float = 0.0, coupon: float = 0.0,
        rule: Any = NOT_LOST, template: str = campaigning.TEMPLATES["节日"], hold_out: float = 0.0,
        exclude: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """A campaign for the festival's next day, from `lead_days` before; by default not to the lost.

        It is 筹备中 then: `preview`, `change_campaign`, `send` as any other.
        """
        if festival not in festivals.FESTIVALS:
            names = "、".join(festivals.FESTIVALS)
            raise InvalidInput(
                f"没有节日「{festival}」，可以选：{names}", {"festival": "请选择节日"}
            )
        wrong = entry.Wrong()
        lead = entry.whole(wrong, "lead_days", "提前天数", lead_days, 0, 60)
        wrong.raise_any()
        day = festivals.following(festival, self.session.as_of).day
        return self.create_campaign(
            f"{day.year}{festival}关怀", starts=day - dt.timedelta(days=lead), ends=day,
            budget=budget, coupon=coupon, rule=rule, kind="节日", template=template,
            tag=f"{festival}{day.year}", hold_out=hold_out, exclude=exclude,
        )  # fmt: skip

    # --- 活动标签 ---------------------------------------------------------------------------------
    def tags(self) -> pd.DataFrame:
        """活动标签: every campaign's tag, how many were targeted and responded, who carries the tags."""
        with self.session.reading("marketing.tags") as op:
            return marketing_views.tag_frame(op)

    def tag_campaign(self, campaign_id: str, part: str = TARGETED) -> tuple[str, int]:
        """Tag everybody targeted (触达) or who responded (响应); the tag and how many got it new."""
        with self.session.writing(
            "marketing.tags", "打活动标签", 活动编号=campaign_id, 对象=part
        ) as op:
            op.object = campaign_id
            row = op.get(CAMPAIGNS, campaign_id)
            if part not in (TARGETED, RESPONDED):
                raise InvalidInput(f"对象只能是：{TARGETED}、{RESPONDED}", {"part": "请选择对象"})
            chosen = sa.select(SENDS.c.customer_id).where(
                SENDS.c.campaign_id == campaign_id, SENDS.c.via != targeting.HOLD_OUT
            )
            if part == RESPONDED:
                chosen = chosen.where(SENDS.c.responded == 1)
            tag = f"{part}:{row['tag']}"
            done = campaigning.put_tag(
                op, tag, "customer", [r["customer_id"] for r in op.rows(chosen)]
            )
            op.detail.update(标签=tag, 人数=done)
            return tag, done

    def tagged(self, tag: str) -> list[str]:
        """Ids of the customers that carry a campaign tag such as ``响应:春茶2024``, sorted."""
        with self.session.reading("marketing.tags", "按标签筛选", 标签=tag) as op:
            t = campaigning.TAGS.c
            chosen = sa.select(t.object_id).where(t.object_type == "customer", t.tag == tag)
            return sorted(r["object_id"] for r in op.rows(chosen))

    # --- ------------------------------------------------------------------------------------------
    def _facts(self, op: Operation) -> Facts:
        return Facts(self.store, op.connection, dt.date.fromisoformat(gateway.day(op)))

    def _known_lists(self, op: Operation, to: dict[str, Any]) -> None:
        """Refuse list entries that mean nobody, before the campaign stands."""
        facts = self._facts(op)
        for name in campaigning.LISTS:
            facts.resolve(json.loads(to[name] or "[]"), name)
