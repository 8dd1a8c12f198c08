"""Making, sending and crediting a campaign: what happens inside one operation."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crmkit import schema
from crmkit.crm import clock, entry
from crmkit.crm.audit import Operation, Row
from crmkit.crm.campaigns import audience, gateway, sms, targeting
from crmkit.crm.campaigns.audience import Facts
from crmkit.crm.campaigns.gateway import Message
from crmkit.crm.campaigns.targeting import HOLD_OUT, SEND, Target
from crmkit.crm.errors import IllegalTransition, InvalidInput
from crmkit.crm.ordering import transitions as life
from crmkit.crm.storage import tables
from crmkit.crm.tagging import checked_name
from crmkit.settings import settings

T = tables.metadata.tables
CAMPAIGNS, SENDS, ORDERS, TAGS = T["campaigns"], T["campaign_sends"], T["orders"], T["tags"]
CUSTOMERS, CHANNELS = T["customers"], (gateway.SMS, gateway.WECHAT)
KINDS: Mapping[str, str] = {"活动": "促销和上新", "生日": "生日关怀", "节日": "节日关怀"}
PREFIX = {"tea": "TP", "ceramics": "CP", "electronics": "DP"}
PLACES: Mapping[str, str] = {
    "店名": "店铺名称", "昵称": "买家昵称", "称呼": "姓氏加先生/女士", "活动": "活动名称",
    "优惠券": "面额（元）", "结束日期": "活动最后一天",
}  # fmt: skip
TEMPLATES: Mapping[str, str] = {
    "活动": "【{店名}】{称呼}，{活动}开始了，{优惠券}元优惠券已放入您的账户，{结束日期}前可用。拒收请回复R",
    "生日": "【{店名}】{称呼}，生日快乐！送您{优惠券}元生日礼券，{结束日期}前可用。拒收请回复R",
    "节日": "【{店名}】{称呼}，{活动}，祝您和家人安康！{优惠券}元优惠券{结束日期}前可用。拒收请回复R",
}  # fmt: skip
LISTS = ("include", "exclude")
FIELDS = (
    "name", "kind", "starts", "ends", "budget", "coupon", "rule", "tag", "template", "template_b",
    "hold_out", *LISTS,
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """What a send did: messages written, customers held out, left out."""

    campaign_id: str
    sent: int
    held_out: int
    left_out: int
    parts: int


def checked(op: Operation, given: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The columns of a campaign from what a form gives; InvalidInput names every wrong field."""
    wrong = entry.Wrong()
    to: dict[str, Any] = {
        "name": entry.text(wrong, "name", "活动名称", given["name"], most=30),
        "kind": entry.one_of(wrong, "kind", "类型", given["kind"], KINDS),
        "budget": entry.fen(wrong, "budget", "预算", given["budget"]),
        "coupon": entry.fen(wrong, "coupon", "优惠券", given["coupon"]),
    }
    starts = entry.day(wrong, "starts", "开始日期", given["starts"])
    ends = entry.day(wrong, "ends", "结束日期", given["ends"])
    if not {"starts", "ends"} & set(wrong):
        if starts > ends:
            wrong["ends"] = "结束日期不能早于开始日期"
        elif ends.isoformat() < gateway.day(op):
            wrong["ends"] = f"结束日期已经过了（今天是 {gateway.day(op)}）"
    to["starts"], to["ends"] = starts.isoformat(), ends.isoformat()
    share = given["hold_out"]
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 0.5:
        wrong["hold_out"] = "对照组比例要在 0 和 0.5 之间，例如 0.2 表示 20%"
    to["hold_out"] = 0.0 if "hold_out" in wrong else float(share)
    checks: list[Callable[[], object]] = [
        lambda: audience.check(given["rule"]),
        lambda: checked_name(given["tag"] or given["name"]),
        lambda: _template(given["template"], title, "template"),
    ]
    if given["template_b"]:
        checks.append(lambda: _template(given["template_b"], title, "template_b"))
    for check in checks:
        try:
            check()
        except InvalidInput as error:
            wrong.update(error.fields)
    for name in LISTS:
        if isinstance(given[name], str) or not all(isinstance(e, str) for e in given[name]):
            wrong[name] = "名单要是列表：客户编号、标签:…、分类:…、活动:…"
    wrong.raise_any()
    to["rule"] = audience.stored(given["rule"])
    to["tag"] = checked_name(given["tag"] or given["name"])
    to["template"], to["template_b"] = given["template"], given["template_b"]
    for name in LISTS:
        to[name] = json.dumps(list(given[name]), ensure_ascii=False) if given[name] else ""
    return to


def as_given(campaign: Row, everybody: audience.Rule) -> dict[str, Any]:
    """A campaign as the form would give it; `everybody` where its rule was noted in words only."""
    given = {k: campaign[k] for k in FIELDS}
    given.update(budget=campaign["budget"] / 100, coupon=campaign["coupon"] / 100)
    given["rule"] = audience.read(campaign["rule"]) or everybody
    given["template"] = campaign["template"] or TEMPLATES[campaign["kind"]]
    for name in LISTS:
        given[name] = json.loads(campaign[name] or "[]")
    return given


def _template(text: str, title: str, field: str) -> None:
    sms.check(text, PLACES, title=title, marketing=True, field=field)


def create(op: Operation, role: str, to: Mapping[str, Any], *, shop: str) -> str:
    """新建 with checked columns; the campaign's number. Its tag is put on it."""
    step = life.CAMPAIGN.step(life.NOT_YET, "新建", role)
    wide = any(
        len(r["campaign_id"]) > 4
        for r in op.rows(sa.select(CAMPAIGNS.c.campaign_id).where(sa.func.length(CAMPAIGNS.c.campaign_id) > 4))
    )  # fmt: skip
    number = op.next_id(CAMPAIGNS, PREFIX[shop], 3 if wide else 2)
    op.insert(CAMPAIGNS, {"campaign_id": number, **to, "status": step.target})
    put_tag(op, to["tag"], "campaign", [number])
    return number


def change(op: Operation, role: str, campaign: Row, event: str) -> None:
    """启动 暂停 恢复 结束 取消."""
    step = life.CAMPAIGN.step(campaign["status"], event, role, campaign["name"])
    if event in ("启动", "恢复") and campaign["ends"] < gateway.day(op):
        raise InvalidInput(
            f"活动「{campaign['name']}」{campaign['ends']} 就结束了，今天是 {gateway.day(op)}，不能{event}。",
            {"event": "已过结束日期"},
        )
    if event == "启动" and not campaign["template"]:
        raise InvalidInput(
            f"活动「{campaign['name']}」还没有文案，不能启动。", {"template": "请填写文案"}
        )
    op.update(CAMPAIGNS, campaign["campaign_id"], to={"status": step.target})


def targets(op: Operation, facts: Facts, campaign: Row, via: str) -> list[Target]:
    """Everybody of the audience and what is to happen with each."""
    rule = audience.read(campaign["rule"])
    if rule is None:
        raise InvalidInput(
            f"活动「{campaign['name']}」的人群规则是以前用文字记的（{campaign['rule']}），不能计算。"
            "新建活动时用条件设置人群。",
            {"rule": "请设置条件"},
        )
    listed = {n: facts.resolve(json.loads(campaign[n] or "[]"), n) for n in LISTS}
    return targeting.split(
        op, facts, facts.matching(rule) | listed["include"], campaign_id=campaign["campaign_id"],
        via=via, hold_out=campaign["hold_out"], excluded=listed["exclude"],
    )  # fmt: skip


def require_sendable(op: Operation, role: str, campaign: Row, via: str) -> None:
    """发送 is possible now: state, period, hour, and it was not sent before."""
    life.CAMPAIGN.step(campaign["status"], "发送", role, campaign["name"])
    if via not in CHANNELS:
        raise InvalidInput(f"方式只能是：{'、'.join(CHANNELS)}", {"via": "请选择方式"})
    today = gateway.day(op)
    if not campaign["starts"] <= today <= campaign["ends"]:
        raise InvalidInput(
            f"活动「{campaign['name']}」从 {campaign['starts']} 到 {campaign['ends']}，今天是 {today}，不能发送。",
            {"campaign_id": "不在活动期内"},
        )
    targeting.require_waking_hours(op)


def send(op: Operation, role: str, campaign: Row, facts: Facts, via: str, title: str) -> Sent:
    """发送 to the whole audience, once."""
    require_sendable(op, role, campaign, via)
    number = campaign["campaign_id"]
    if op.rows(sa.select(SENDS.c.customer_id).where(SENDS.c.campaign_id == number).limit(1)):
        raise IllegalTransition(
            f"活动「{campaign['name']}」现在是「{campaign['status']}」，已经发送过，不能再「发送」。"
            f"这个状态可以：{life.CAMPAIGN.listed(campaign['status'])}"
        )
    found = targets(op, facts, campaign, via)
    op.insert_many(tables.audiences, [
        {"campaign_id": number, "customer_id": t.customer_id, "part": t.part, "why": t.why}
        for t in found
    ])  # fmt: skip
    keys = {t.customer_id: f"活动:{number}:{t.customer_id}" for t in found}
    return deliver(op, campaign, found, keys, via, title)


def deliver(
    op: Operation,
    campaign: Row,
    found: Sequence[Target],
    keys: Mapping[str, str],
    via: str,
    title: str,
) -> Sent:
    """Write the messages, who got them, what became of them, and who opted out."""
    number, purpose = campaign["campaign_id"], f"{campaign['kind']}营销"
    chosen = [t.customer_id for t in found if t.part == SEND]
    people = op.find_many(CUSTOMERS, chosen)
    student = gateway.facts(op)["student"]
    versions = {c: version_of(student, campaign, c) for c in chosen}
    messages = [
        Message(
            keys[c], (people[c]["mobile"] if via == gateway.SMS else people[c]["nick"]) or "",
            text_for(campaign, people[c], versions[c], title), purpose, c, number, via,
        )
        for c in chosen
    ]  # fmt: skip
    parts = sum(sms.parts(m.text) for m in messages) if via == gateway.SMS else 0
    fee = settings()["marketing"]["sms_fee"]
    if campaign["budget"] and parts * fee * 100 > campaign["budget"]:
        raise InvalidInput(
            f"短信费约 {parts * fee:.2f} 元，超过活动预算 {campaign['budget'] / 100:.2f} 元。",
            {"budget": "预算不够付短信费"},
        )
    outcomes = gateway.write(op, messages)
    at = gateway.now(op)
    held = [t.customer_id for t in found if t.part == HOLD_OUT]
    rows = [(o.message.customer_id, via, versions[str(o.message.customer_id)]) for o in outcomes]
    rows += [(c, HOLD_OUT, "") for c in held]
    op.insert_many(SENDS, [
        {"campaign_id": number, "customer_id": c, "via": how, "sent_at": at, "responded": 0,
         "order_id": None, "version": version}
        for c, how, version in rows
    ])  # fmt: skip
    op.insert_many(tables.campaign_log, [
        {"campaign_id": number, "customer_id": o.message.customer_id, "event": e, "at": at}
        for o in outcomes for e in o.events
    ])  # fmt: skip
    for o in outcomes:
        if gateway.OPTED_OUT in o.events:
            opt_out(op, str(o.message.customer_id), f"回复退订（{campaign['name']}）")
    left = sum(t.part == targeting.LEFT_OUT for t in found)
    return Sent(number, len(outcomes), len(held), left, parts)


def test_send(op: Operation, campaign: Row, mobiles: Sequence[str], title: str) -> str:
    """Write the text to one's own phones; the number that no other test send has."""
    bad = [m for m in mobiles if not targeting.usable(m)]
    if bad or not mobiles:
        said = f"手机号不对：{'、'.join(map(str, bad))}" if bad else "请填写手机号"
        raise InvalidInput(said, {"mobiles": said})
    sms.check(campaign["template"], PLACES, title=title, marketing=True)
    text = text_for(campaign, {"nick": "测试", "name": None, "gender": None}, "A", title)
    number = op.next_id(tables.outbox, "M", 8)
    gateway.write(op, [
        Message(f"测试:{number}:{m}", m, text, gateway.TEST, None, campaign["campaign_id"])
        for m in dict.fromkeys(mobiles)
    ])  # fmt: skip
    return number


def text_for(campaign: Row, customer: Mapping[str, Any], version: str, title: str) -> str:
    """The message for one customer."""
    return sms.fill(campaign["template_b"] if version == "B" else campaign["template"], {
        "店名": title, "昵称": customer["nick"] or "", "活动": campaign["name"],
        "称呼": sms.called(customer["name"], customer["gender"]),
        "优惠券": f"{campaign['coupon'] / 100:g}", "结束日期": campaign["ends"],
    })  # fmt: skip


def version_of(student: str, campaign: Row, customer_id: str) -> str:
    """A or B by a hash, half and half; "" when there is one text only."""
    if not campaign["template_b"]:
        return ""
    drawn = gateway.chance(student, campaign["campaign_id"], customer_id, "文案")
    return "A" if drawn < 0.5 else "B"


def opt_out(op: Operation, customer_id: str, why: str) -> None:
    """No marketing any more; a second time changes nothing."""
    if op.find(tables.opt_outs, customer_id) is None:
        op.insert(tables.opt_outs, {"customer_id": customer_id, "at": gateway.now(op), "why": why})


def credit(op: Operation, campaign: Row) -> int:
    """Record as response the first order that followed; how many are new.

    An order follows when it was paid within the response days after the message and before the
    campaign ended. The held-out are looked at in the same way: that is what they are for. Campaigns
    do not compete for an order [C].
    """
    number = campaign["campaign_id"]
    waiting = {
        r["customer_id"]: r["sent_at"]
        for r in op.rows(
            sa.select(SENDS).where(SENDS.c.campaign_id == number, SENDS.c.responded == 0)
        )
    }
    if not waiting:
        return 0
    days = settings()["marketing"]["response_days"]
    end = (dt.date.fromisoformat(campaign["ends"]) + dt.timedelta(days=1)).isoformat()
    o = ORDERS.c
    paid = op.rows(
        sa.select(o.order_id, o.customer_id, o.paid_at)
        .where(o.status.in_(schema.VALID_ORDER_STATUS), o.paid_at >= min(waiting.values()), o.paid_at < end)
        .order_by(o.paid_at, o.order_id)
    )  # fmt: skip
    done: dict[str, str] = {}
    for r in paid:
        sent = waiting.get(r["customer_id"])
        if sent is None or r["customer_id"] in done:
            continue
        limit = clock.text(clock.parse(sent) + dt.timedelta(days=days))
        if sent <= r["paid_at"] <= limit:
            done[r["customer_id"]] = r["order_id"]
    for customer, order in sorted(done.items()):
        op.update(SENDS, number, customer, to={"responded": 1, "order_id": order})
    return len(done)


def put_tag(op: Operation, tag: str, kind: str, ids: Collection[str]) -> int:
    """Tag objects that do not have the tag yet; how many got it."""
    have = {
        r["object_id"]
        for r in op.rows(sa.select(TAGS).where(TAGS.c.object_type == kind, TAGS.c.tag == tag))
    }
    new = sorted(set(ids) - have)
    op.insert_many(TAGS, [{"tag": tag, "object_type": kind, "object_id": i} for i in new])
    return len(new)
