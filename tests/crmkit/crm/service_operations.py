"""What people do in 互动信息, 渠道关系 and 商机报价; more operations for test_order_life."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from crmkit.crm import Session, opportunities
from crmkit.crm.campaigns.campaigning import CAMPAIGNS
from crmkit.crm.ordering.order_facts import ORDERS, PRODUCTS
from crmkit.crm.service import alerts, contacts, surveys, wechat
from crmkit.crm.service.contacts import RESULTS, Contacts
from crmkit.crm.storage import tables
from tests.crmkit.crm.customer_operations import a_customer, some_customers
from tests.crmkit.crm.operations import WHY, one, operation

QUESTIONS: list[dict[str, Any]] = [
    {"题目": "满意吗", "题型": "评分"}, {"题目": "买给谁", "题型": "单选", "选项": ["自己", "家人"]},
    {"题目": "会推荐吗", "题型": "推荐", "必答": False}, {"题目": "没有这种", "题型": "画图"},
]  # fmt: skip
REVIEWS, OPPORTUNITIES = tables.metadata.tables["reviews"], opportunities.TABLE
CHANNELS, TALKS = tables.metadata.tables["channels"], contacts.TABLE


# --- 短信问卷, 微信互动 ---------------------------------------------------------------------------
@operation(2)
def make_survey(crm: Session, rng: Random) -> None:
    crm.interactions.surveys.create(
        rng.choice(["回访", "回访", ""]), rng.sample(QUESTIONS[: rng.choice([3, 3, 4])], 2)
    )


@operation(4)
def run_survey(crm: Session, rng: Random) -> None:
    own, form = crm.interactions.surveys, str(one(rng, crm, tables.forms.c.form_id))
    answers = rng.choice([[5, "自己"], [9, 4], ["家人", 10], [3, None], [7]])
    rng.choice([
        lambda: own.publish(form), lambda: own.publish(form), lambda: own.close(form),
        lambda: own.send(form, some_customers(rng, crm)), lambda: own.send(form, some_customers(rng, crm)),
        lambda: own.answer(form, str(one(rng, crm, tables.form_sends.c.customer_id)), answers),
        lambda: own.simulate(form), lambda: own.results(form), crm.interactions.survey,
    ])()  # fmt: skip


@operation(2)
def chat(crm: Session, rng: Random) -> None:
    own, rule = crm.interactions.replies, str(one(rng, crm, tables.replies.c.reply_id))
    words = rng.choice([["发货", "快递"], ["退货"], ["好"], [" "]])
    rng.choice([
        lambda: own.add(words, rng.choice(["马上处理", ""]), match=rng.choice([*wechat.MATCHES, "没有"])),
        lambda: own.update(rule, keywords=words, text="稍等", active=rng.random() < 0.5),
        lambda: own.delete(rule), lambda: own.reply_to("什么时候发货"), crm.interactions.wechat,
        lambda: own.receive(a_customer(rng, crm), rng.choice(["我要退货", "好", "在吗", ""])),
    ])()  # fmt: skip


# --- 呼入, 呼出, 咨询 -----------------------------------------------------------------------------
@operation(4)
def talk(crm: Session, rng: Random) -> None:
    module = crm.interactions
    kinds: dict[str, Contacts] = {
        "呼入": module.calls_in, "呼出": module.calls_out, "咨询": module.asked,
    }  # fmt: skip
    kind = rng.choice(list(kinds))
    own, met = kinds[kind], rng.choice([kind] * 4 + ["微信"])
    number = str(one(rng, crm, TALKS.c.interaction_id, TALKS.c.kind == met))
    order = rng.choice(["", "", str(one(rng, crm, ORDERS.c.order_id))])
    earlier = crm.now + dt.timedelta(hours=rng.choice([-5, 5]))
    rng.choice([
        lambda: own.record(
            a_customer(rng, crm), topic=rng.choice(["物流", "退款", ""]), order_id=order,
            result=rng.choice([*RESULTS[kind], "没有"]), seconds=rng.choice([60, 600, -1]),
            at=rng.choice([None, None, earlier]),
        ),
        lambda: own.step(number, rng.choice(["接手", "暂缓", "解决", "重开"])),
        lambda: own.step(number, rng.choice(["接手", "暂缓", "解决", "重开"])),
        lambda: own.link(number, order),
        lambda: module.timeline(a_customer(rng, crm)),
    ])()  # fmt: skip


@operation(2)
def call(crm: Session, rng: Random) -> None:
    own = crm.interactions.calls_out
    if rng.random() < 0.5:
        start = rng.choice([None, None, crm.now + dt.timedelta(days=1), "昨天"])
        own.plan(
            some_customers(rng, crm), topic="回访", agent=rng.choice(["小李", ""]), start=start
        )
    else:
        planned = TALKS.c.status == rng.choice([contacts.PLANNED] * 4 + [contacts.WAITING])
        own.finish(
            str(one(rng, crm, TALKS.c.interaction_id, planned)),
            result=rng.choice([*RESULTS["呼出"], "没有"]), seconds=rng.choice([0, 90, 99_999]),
        )  # fmt: skip


# --- 中差评预警 -----------------------------------------------------------------------------------
@operation(4)
def handle_review(crm: Session, rng: Random) -> None:
    own = crm.interactions.cases
    review = str(one(rng, crm, REVIEWS.c.review_id))
    order = rng.choice(["", "", str(one(rng, crm, ORDERS.c.order_id))])
    case = str(one(rng, crm, tables.cases.c.case_id))
    rng.choice([
        lambda: own.open(review_id="" if order else review, order_id=order),
        lambda: own.open(review_id=review, order_id=order, level=rng.choice(["", "高", "没有"])),
        lambda: own.step(case, rng.choice(["受理", "关闭", "重开"]), result=rng.choice(WHY)),
        lambda: own.step(case, rng.choice(["受理", "关闭", "重开"]), result=rng.choice(WHY)),
        lambda: own.reply(review, rng.choice(["抱歉，马上补发。", "请打 13800000000", ""])),
        crm.interactions.review_alerts, own.list,
    ])()  # fmt: skip


# --- 商机报价 -------------------------------------------------------------------------------------
@operation(2)
def find_opportunity(crm: Session, rng: Random) -> None:
    scores = rng.choice([[3, 3, 3, 3], [1, 4, 2, 5], [5, 1, 1, 1], [6, 1, 1, 1], [1]])
    if rng.random() < 0.6:
        crm.opportunities.create(a_customer(rng, crm), rng.choice([500, 0.01, -1, 3.333]), scores)
    else:
        crm.opportunities.rescore(str(one(rng, crm, OPPORTUNITIES.c.opp_id)), scores)


@operation(4)
def pursue(crm: Session, rng: Random) -> None:
    """Stages on, back and lost; quotes made, accepted and declined."""
    own, opportunity = crm.opportunities, str(one(rng, crm, OPPORTUNITIES.c.opp_id))
    skus = [str(one(rng, crm, PRODUCTS.c.sku)) for _ in range(rng.choice([1, 1, 2, 0]))]
    lines = [(sku, rng.choice([1, 3, 10, 0])) for sku in skus]
    stage = rng.choice([*list(opportunities.STAGES.values()) * 2, "没有"])
    quote = str(one(rng, crm, tables.quotes.c.quote_id))
    rng.choice([
        lambda: own.move(opportunity, stage), lambda: own.move(opportunity, stage),
        lambda: own.move(opportunity, stage, expect=rng.choice([0, 1])),
        lambda: own.make_quote(opportunity, lines, discount=rng.choice([0, 0, 1.5, 9e6]), days=rng.choice([None, 1, 91])),
        lambda: own.make_quote(opportunity, lines),
        lambda: own.answer_quote(quote, rng.choice(["接受", "拒绝", "没有"])),
        own.grade, own.funnel, own.quote,
    ])()  # fmt: skip


# --- 渠道关系, and the rest of 营销信息 and 订单信息 ----------------------------------------------
@operation()
def settle_dormant(crm: Session, rng: Random) -> None:
    some = [str(one(rng, crm, CHANNELS.c.channel_id)) for _ in range(rng.choice([1, 2, 0]))]
    crm.channels.settle_dormant(
        some, rng.choice(["mark", "close", "没有"]), days=rng.choice([None, 1, 1])
    )


@operation()
def change_marketing(crm: Session, rng: Random) -> None:
    number = str(one(rng, crm, CAMPAIGNS.c.campaign_id))
    changes = rng.choice([{"budget": 9.5}, {"hold_out": 0.2}, {"没有": 1}, {"ends": "2020-01-01"}])
    rng.choice([
        lambda: crm.marketing.update_campaign(number, **changes),
        lambda: crm.marketing.test_send(number, rng.choice([["13800000000"], ["1"], []])),
    ])()  # fmt: skip


@operation()
def close_orders(crm: Session, rng: Random) -> None:
    crm.orders.close_orders(
        [str(one(rng, crm, ORDERS.c.order_id)) for _ in range(3)], rng.choice(WHY)
    )


# Table → column that holds a state, states in which a row may begin, and the steps there are.
_STAGES = opportunities.ORDER
_ON = {(a, b) for a, b in zip(_STAGES, _STAGES[1:], strict=False)}
STEPS: dict[str, tuple[str, set[str], set[tuple[str, str]]]] = {
    "forms": ("status", {surveys.DRAFT}, {(surveys.DRAFT, surveys.OPEN), (surveys.OPEN, surveys.CLOSED)}),
    "cases": ("status", {alerts.OPENED},
              {(a, b) for a, steps in alerts.STEPS.items() for b in steps.values()}),
    "interactions": (
        "status", {contacts.WAITING, contacts.SOLVED, contacts.PLANNED},
        {(a, b) for a, steps in contacts.STEPS.items() for b in steps.values()}
        | {(contacts.PLANNED, contacts.WAITING), (contacts.PLANNED, contacts.SOLVED)},
    ),
    "quotes": ("status", {opportunities.VALID},
               {(a, b) for a, steps in opportunities.QUOTE_STEPS.items() for b in steps.values()}),
    "opportunities": (
        "stage", {_STAGES[0]},
        _ON | {(b, a) for a, b in _ON if b != "won"} | {(a, "lost") for a in _STAGES[:-1]},
    ),
    "import_batches": ("status", {"已导入"}, {("已导入", "已撤销")}),
}  # fmt: skip
