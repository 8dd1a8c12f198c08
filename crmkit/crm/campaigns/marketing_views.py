"""What the marketing screens show: campaigns, preview, log per recipient, birthdays, tags."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crmkit.crm.audit import Operation, Row
from crmkit.crm.campaigns import audience, campaigning, festivals, gateway, sms, targeting
from crmkit.crm.campaigns.audience import Facts
from crmkit.crm.campaigns.campaigning import CAMPAIGNS, SENDS
from crmkit.crm.campaigns.greetings import Birthday
from crmkit.crm.campaigns.targeting import HOLD_OUT, SEND, Target
from crmkit.crm.frames import labelled, masked
from crmkit.crm.ordering import transitions as life
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.crm.campaigns.campaign_figures import Statistics
    from crmkit.crm.store import Store

TARGETED, RESPONDED = "触达", "响应"  # campaign tags on customers: 触达:春茶2024, 响应:春茶2024


@dataclass(frozen=True)
class Preview:
    """What sending would do: counts by reason, the customers (masked), the text and its length."""

    counts: pd.DataFrame
    customers: pd.DataFrame
    text: str
    length: int
    parts: int
    fee: float  # yuan
    note: str


@dataclass(frozen=True)
class CampaignCard:
    """Everything about one campaign."""

    campaign: pd.DataFrame
    rule: str
    allowed: pd.DataFrame
    audience: pd.DataFrame
    statistics: Statistics


def campaign_frame(
    op: Operation, store: Store, where: list[sa.ColumnElement[bool]]
) -> pd.DataFrame:
    """Campaigns, the newest first, with rule in words, messages and responses."""
    frame = store.frame(
        sa.select(CAMPAIGNS).where(*where).order_by(CAMPAIGNS.c.starts.desc(), CAMPAIGNS.c.campaign_id),
        op.connection,
    )  # fmt: skip
    counted = op.rows(
        sa.select(SENDS.c.campaign_id, sa.func.count().label("n"),
                  sa.func.sum(SENDS.c.responded).label("k"))
        .where(SENDS.c.via != HOLD_OUT).group_by(SENDS.c.campaign_id)
    )  # fmt: skip
    sent = {r["campaign_id"]: (int(r["n"]), int(r["k"])) for r in counted}
    out = labelled(frame, "campaigns")
    out["人群规则"] = [rule_words(r) for r in frame["rule"]]
    pairs = [sent.get(c, (0, 0)) for c in frame["campaign_id"]]
    out["发送人数"] = [n for n, _ in pairs]
    out["响应人数"] = [k for _, k in pairs]
    out["响应率"] = [k / n if n else None for n, k in pairs]
    return out


def rule_words(text: str) -> str:
    """A stored rule for people; words from before stay as they are."""
    rule = audience.read(text)
    return text if rule is None else audience.words(rule)


def allowed(status: str, role: str) -> pd.DataFrame:
    """What may happen to a campaign in a state: 事件 谁 条件 我可以."""
    import pandas as pd

    rows = [
        (t.event, "、".join(t.who), t.guard, t.open_to(role)) for t in life.CAMPAIGN.events(status)
    ]
    return pd.DataFrame(rows, columns=["事件", "谁", "条件", "我可以"])


def rule_fields(facts: Facts) -> pd.DataFrame:
    """What a rule can ask for, with the values that occur of short texts."""
    import pandas as pd

    rows = []
    for name, field in audience.FIELDS.items():
        values: list[str] = []
        if field.kind == audience.TEXT and name not in ("客户编号", "昵称", "城市"):
            values = sorted(facts.column(name).dropna().astype(str).unique())
        operators = "、".join(audience.OPS[field.kind])
        rows.append((name, field.kind, operators, field.unit, field.meaning, values))
    return pd.DataFrame(rows, columns=["字段", "种类", "运算", "单位", "含义", "可选值"])


def preview(
    op: Operation, facts: Facts, campaign: Row, found: list[Target], via: str, title: str
) -> Preview:
    """Counts by reason before anything is sent, and the text as the first one would get it."""
    sample = next((t.customer_id for t in found if t.part == SEND), None)
    student = gateway.facts(op)["student"]
    total, text = 0, ""
    people = op.find_many(campaigning.CUSTOMERS, [t.customer_id for t in found if t.part == SEND])
    if campaign["template"]:
        for number, customer in people.items():
            version = campaigning.version_of(student, campaign, number)
            words = campaigning.text_for(campaign, customer, version, title)
            total += sms.parts(words) if via == gateway.SMS else 0
            if number == sample:
                text = words
    rules = settings()["marketing"]
    return Preview(
        counts_of(found), targets_frame(facts, found), text, sms.length(text), sms.parts(text),
        round(total * rules["sms_fee"], 2),
        f"频次上限：{rules['cap_days']} 天内最多 {rules['cap_contacts']} 次；"
        f"发送时间 {rules['quiet_until']}:00–{rules['quiet_from']}:00；短信每条 {rules['sms_fee']:g} 元（课程约定、模拟值）。"
        "短信 70 字以内算 1 条，更长的每 67 字 1 条，签名和退订提示都算字数。",
    )  # fmt: skip


def counts_of(found: list[Target]) -> pd.DataFrame:
    """去向 原因 人数: what happens with how many, every reason named, also those with nobody."""
    import pandas as pd

    rows = [("目标人群", "", len(found))]
    rows += [(p, "", sum(t.part == p for t in found)) for p in (SEND, HOLD_OUT)]
    rows += [
        (targeting.LEFT_OUT, why, sum(t.why == why for t in found)) for why in targeting.REASONS
    ]
    return pd.DataFrame(rows, columns=["去向", "原因", "人数"])


def targets_frame(facts: Facts, found: list[Target]) -> pd.DataFrame:
    """The customers of an audience, masked, with what happens with each."""
    import pandas as pd

    shown = ["客户编号", "昵称", "姓名", "手机", "省份", "会员等级", "累计订单数", "累计金额"]
    frame = pd.DataFrame(
        [(t.customer_id, t.part, t.why) for t in found], columns=["客户编号", "去向", "原因"]
    )
    return masked(frame.merge(facts.frame[shown], on="客户编号", how="left"))


def recipients(op: Operation, store: Store, campaign_id: str) -> pd.DataFrame:
    """The log of a campaign, one row per recipient; test sends are not in it."""
    people = campaigning.CUSTOMERS.c
    frame = store.frame(
        sa.select(SENDS, people.nick)
        .join(campaigning.CUSTOMERS, people.customer_id == SENDS.c.customer_id)
        .where(SENDS.c.campaign_id == campaign_id).order_by(SENDS.c.sent_at, SENDS.c.customer_id),
        op.connection,
    )  # fmt: skip
    out = labelled(frame.drop(columns=["nick", "rev"]), "campaign_sends")
    out.insert(2, "昵称", frame["nick"])
    log = tables.campaign_log.c
    events = {
        (r["customer_id"], r["event"])
        for r in op.rows(
            sa.select(log.customer_id, log.event).where(log.campaign_id == campaign_id)
        )
    }
    for word in (gateway.OPENED, gateway.CLICKED, gateway.HARD, gateway.SOFT, gateway.OPTED_OUT):
        out[word] = [(c, word) in events for c in out["客户编号"]]
    return out


def audience_frame(op: Operation, store: Store, campaign_id: str) -> pd.DataFrame:
    """Who was sent to, held out and left out when a campaign was sent."""
    a = tables.audiences.c
    frame = store.frame(
        sa.select(a.customer_id, a.part, a.why).where(a.campaign_id == campaign_id)
        .order_by(a.customer_id), op.connection,
    )  # fmt: skip
    frame.columns = ["客户编号", "去向", "原因"]
    return frame


def birthday_frame(facts: Facts, found: list[Birthday], today: dt.date) -> pd.DataFrame:
    """Birthdays by day: 客户编号 昵称 姓名 生日 农历 过生日的日子 还有几天 去向 原因 (masked)."""
    import pandas as pd

    frame = pd.DataFrame(
        [
            (b.customer_id, pd.Timestamp(b.day), (b.day - today).days, b.lunar, b.target.part, b.target.why)
            for b in found
        ],
        columns=["客户编号", "过生日的日子", "还有几天", "农历生日", "去向", "原因"],
    )  # fmt: skip
    shown = facts.frame[["客户编号", "昵称", "姓名", "手机", "生日"]]
    return masked(frame.merge(shown, on="客户编号", how="left"))


def festival_frame(today: dt.date, days: int) -> pd.DataFrame:
    """Festivals from today on: 节日 日期 星期 农历 还有几天 上班或放假 规则."""
    import pandas as pd

    return pd.DataFrame(
        [
            (f.name, pd.Timestamp(f.day), "一二三四五六日"[f.day.weekday()], festivals.lunar_words(f.day),
             (f.day - today).days, festivals.work_or_rest(f.day), f.rule)
            for f in festivals.upcoming(today, days)
        ],
        columns=["节日", "日期", "星期", "农历", "还有几天", "上班或放假", "怎么定的"],
    )  # fmt: skip


def tag_frame(op: Operation) -> pd.DataFrame:
    """Campaign tags: how many were targeted and responded, and how many carry the tags."""
    import pandas as pd

    c, tags = CAMPAIGNS.c, campaigning.TAGS.c
    sent: dict[str, tuple[int, int]] = {
        r["campaign_id"]: (int(r["n"]), int(r["k"]))
        for r in op.rows(
            sa.select(SENDS.c.campaign_id, sa.func.count().label("n"), sa.func.sum(SENDS.c.responded).label("k"))
            .where(SENDS.c.via != HOLD_OUT).group_by(SENDS.c.campaign_id)
        )
    }  # fmt: skip
    carried = {
        r["tag"]: int(r["n"])
        for r in op.rows(
            sa.select(tags.tag, sa.func.count().label("n"))
            .where(tags.object_type == "customer").group_by(tags.tag)
        )
    }  # fmt: skip
    rows = []
    for r in op.rows(
        sa.select(c.campaign_id, c.name, c.tag).order_by(c.starts.desc(), c.campaign_id)
    ):
        n, k = sent.get(r["campaign_id"], (0, 0))
        rows.append((
            r["tag"], r["campaign_id"], r["name"], n, k,
            carried.get(f"{TARGETED}:{r['tag']}", 0), carried.get(f"{RESPONDED}:{r['tag']}", 0),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "活动标签", "活动编号", "活动名称", "触达人数", "响应人数", "带触达标签", "带响应标签",
    ])  # fmt: skip
