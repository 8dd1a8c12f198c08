"""互动信息: surveys, messages, calls, inquiries, and warnings of bad reviews."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm.errors import InvalidInput
from crmkit.crm.service import alerts, surveys, wechat
from crmkit.crm.service.contacts import (
    KINDS,
    PLANNED,
    RESULTS,
    SNOOZED,
    SOLVED,
    STEPS,
    WAITING,
    WORKING,
)
from crmkit.crm.session import Session
from crmkit.crm.storage import tables
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures
from crmkit.ui.console.screen import (
    Action,
    Call,
    Card,
    Done,
    Drawer,
    Row,
    Screen,
    Section,
    Source,
    Table,
    View,
)
from crmkit.ui.console.screens.timeline import timeline

SIZE = 10
_CUSTOMER = f.text("customer_id", "客户编号", required=True, placeholder="C000123")
_CALLER = replace(
    _CUSTOMER, help="只知道来电号码：到「顾客速查」按手机找到人，点开会员卡，在卡上登记"
)


# --- 短信问卷 -------------------------------------------------------------------------------------
def _survey(crm: Session, v: f.Values) -> View:
    found = crm.interactions.survey()
    sent, back = int(found["发出"].sum()), int(found["回收"].sum())
    return View(
        cards=[Card("问卷", len(found)), Card("发布中", int((found["状态"] == surveys.OPEN).sum()), tone="good"),
               Card("发出", sent), Card("回收率", back / sent if sent else None, "percent", note=f"{back:,} ÷ {sent:,}")],
        charts=[figures.bars("发出与回收", found, "标题", ["发出", "回收"], wide=True)] if sent else [],
        tables=[Table("问卷", found, id="问卷编号", drawer=_survey_drawer, actions=_ON_SURVEY,
                      empty="还没有问卷。点右上角“新建问卷”。", kinds={"状态": "status", "标题": "text"})],
        note="只有发布了的问卷可以发送和回答；发送时自动略过退订、黑名单、没有同意的顾客，每人只发一次。",
    )  # fmt: skip


def _survey_drawer(crm: Session, row: Row) -> Drawer:
    results = crm.interactions.surveys.results(row["问卷编号"])
    return Drawer(
        f"{row['标题']}（{row['问卷编号']}）", status=row["状态"],
        lead=[("发出", row["发出"], "count"), ("回收", row["回收"], "count"), ("回收率", row["回收率"], "percent")],
        sections=[Section("结果", frame=results, kinds={"题目": "wrap", "均值": "number", "指标": "number"},
                          text="占比按回答了这一题的人算；评分题的指标是 CSAT（4–5 分的比例），推荐题的指标是净推荐值 NPS。")],
    )  # fmt: skip


def _questions(text: str) -> list[dict[str, Any]]:
    """One question on each line: words | kind | choices parted by /."""
    found = []
    for line in filter(None, (x.strip() for x in text.splitlines())):
        parts = [p.strip() for p in line.replace("｜", "|").split("|")]
        question: dict[str, Any] = {
            "题目": parts[0],
            "题型": parts[1] if len(parts) > 1 else "文本",
        }
        if len(parts) > 2:
            question["选项"] = [o.strip() for o in parts[2].split("/") if o.strip()]
        found.append(question)
    return found


def _create_survey(c: Call) -> str:
    asked = _questions(c.values["questions"])
    return f"已建立问卷 {c.crm.interactions.surveys.create(c.values['title'], asked)}，{len(asked)} 题，现在是草稿。"


def _send_survey(c: Call) -> Done:
    ids = _people(c)
    found = c.crm.interactions.surveys.send(c.key, ids)
    counts = found["结果"].value_counts().rename_axis("结果").reset_index(name="人数")
    return Done(
        f"问卷 {c.key} 发给 {len(ids):,} 人。",
        view=View(tables=[Table("发送结果", counts), Table("逐人", found)]),
    )


def _people(c: Call) -> list[str]:
    """The ids that were typed, or those who bought in the last so many days."""
    if ids := c.values.get("ids"):
        return list(ids)
    days = c.values.get("days")
    if not days:
        raise InvalidInput("请填客户编号，或最近几天买过", {"ids": "两项填一项"})
    o = tables.metadata.tables["orders"].c
    since = pd.Timestamp(c.crm.as_of) - pd.Timedelta(days=days)
    chosen = sa.select(o.customer_id).where(o.paid_at >= f"{since:%Y-%m-%d}").distinct()
    return sorted(c.crm.store.frame(chosen)["customer_id"])


def _answer(c: Call) -> str:
    found = c.crm.store.frame(tables.forms).set_index("form_id").loc[c.key, "questions"]
    kinds = [q["题型"] for q in json.loads(found)]
    words = c.values["answers"].splitlines()
    words += [""] * (len(kinds) - len(words))  # the entry's own ending is cut off
    kinds += ["文本"] * (len(words) - len(kinds))  # too many: the module says so
    answers = [_typed(kind, word.strip()) for kind, word in zip(kinds, words, strict=True)]
    c.crm.interactions.surveys.answer(c.key, c.values["customer_id"], answers)
    return f"已录入 {c.values['customer_id']} 的回答。"


def _typed(kind: str, word: str) -> Any:
    """What was typed as the answer to a question of a kind; the module refuses what does not fit."""
    if not word:
        return None
    if kind == "多选":
        return word.replace("，", "/").replace("、", "/").replace(",", "/").split("/")
    return int(word) if kind in surveys.SCALES and word.isdecimal() else word


def _survey_step(method: str, said: str) -> Callable[[Call], str]:
    def run(c: Call) -> str:
        getattr(c.crm.interactions.surveys, method)(c.key)
        return f"问卷 {c.key} {said}。"

    return run


_ON_SURVEY = [
    Action("发布", _survey_step("publish", "已发布"), on="row",
           when=lambda r: r["状态"] == surveys.DRAFT, text="发布以后不能再改题目。"),
    Action("发送", _send_survey, on="row", when=lambda r: r["状态"] == surveys.OPEN, confirm="发送",
           fields=[f.number("days", "最近几天买过的顾客", low=1, high=365, whole=True), f.lines("ids", "或这些客户编号", help="每行一个，或用空格、逗号隔开")]),
    Action("录入回答", _answer, on="row", when=lambda r: r["状态"] == surveys.OPEN and r["发出"] > 0,
           fields=[_CUSTOMER, f.area("answers", "回答", required=True, help="一行一题，按题目顺序；评分和推荐填数字，多选用 / 隔开，不答的题留空行")]),
    Action("模拟回收", lambda c: f"收到 {c.crm.interactions.surveys.simulate(c.key):,} 份回答。", on="row",
           when=lambda r: r["状态"] == surveys.OPEN and r["发出"] > r["回收"], text="让店里的顾客回答（课堂模拟）。"),
    Action("结束", _survey_step("close", "已结束"), on="row",
           danger=True, when=lambda r: r["状态"] == surveys.OPEN),
]  # fmt: skip


# --- 微信互动 -------------------------------------------------------------------------------------
def _wechat(crm: Session, v: f.Values) -> View:
    found = crm.interactions.wechat()
    return View(
        cards=[Card("自动回复", len(found)), Card("启用", int(found["启用"].sum()) if len(found) else 0, tone="good")],
        tables=[Table("自动回复", found, id="规则", kinds={"关键词": "chips", "回复": "wrap", "方式": "text", "规则": "id"},
                      empty="还没有自动回复。点右上角“新建回复”。", actions=_ON_REPLY)],
        note="几条都符合时：完全匹配先于包含，再看优先级，再看关键词长短，最后看先后。都不符合就转人工。",
    )  # fmt: skip


def _reply_form(crm: Session, row: Row | None) -> list[f.Field]:
    row = row or {}
    form = [
        f.lines(
            "keywords",
            "关键词",
            [k for k in str(row.get("关键词", "")).split("、") if k],
            required=True,
            help="每行一个，或用空格隔开",
        ),
        f.area("text", "回复", row.get("回复"), required=True),
        f.select("match", "匹配方式", dict(wechat.MATCHES), row.get("方式", "包含"), required=True),
        f.count("priority", "优先级", int(row.get("优先级", 0)), high=100),
    ]
    return [*form, f.check("active", "启用", bool(row["启用"]))] if row else form


def _add_reply(c: Call) -> str:
    values = dict(c.values)
    return f"已加自动回复 {c.crm.interactions.replies.add(values.pop('keywords'), values.pop('text'), **values)}。"


def _change_reply(c: Call) -> str:
    c.crm.interactions.replies.update(c.key, **c.values)
    return f"已修改自动回复 {c.key}。"


def _drop_reply(c: Call) -> str:
    c.crm.interactions.replies.delete(c.key)
    return f"已删除自动回复 {c.key}。"


def _try_reply(c: Call) -> str:
    answer, rule = c.crm.interactions.replies.reply_to(c.values["message"])
    return f"会回复（{rule or '没有符合的规则'}）：{answer}"


_ON_REPLY = [
    Action("修改", _change_reply, on="row", fields=_reply_form, confirm="保存"),
    Action("删除", _drop_reply, on="row", danger=True),
]


# --- 呼入、呼出、咨询 -------------------------------------------------------------------------------
def _contacts(crm: Session, method: str, v: f.Values) -> View:
    ask: Callable[..., Any] = getattr(crm.interactions, method)
    records = {"inbound": "calls_in", "outbound": "calls_out", "inquiries": "asked"}[method]
    more = getattr(crm.interactions, records)

    def rows(page: int, size: int, sort: Any) -> tuple[pd.DataFrame, int]:
        found = ask(**v, page=page, size=size)
        return found.frame, found.total

    first, total = rows(1, SIZE, ())
    period = {k: x for k, x in v.items() if k in ("since", "until")}
    handling = dict(more.handling(**period).itertuples(index=False))
    topics = more.topics(**period)
    return View(
        cards=[Card(KINDS[method], total), Card("平均处理时长", _minutes(handling["平均处理时长（秒）"]), "text"),
               Card("首次解决率", handling["首次解决率"], "percent", note="解决了，且几天内没有为同一件事再来（课程约定）")],
        charts=[figures.ranking("主题", topics, "主题", "次数", wide=True, top=8)] if len(topics) > 1 else [],
        tables=[Table(f"{KINDS[method]}记录", first, id="互动编号", source=Source(rows, total), drawer=_contact_drawer(method),
                      actions=_on_contact(method, records), kinds={"时长": "count", "结果": "status", "主题": "text"})],
    )  # fmt: skip


def _minutes(seconds: Any) -> str:
    return (
        "—"
        if seconds is None or seconds != seconds
        else f"{int(seconds) // 60} 分 {int(seconds) % 60} 秒"
    )


def _contact_drawer(method: str) -> Callable[[Session, Row], Drawer]:
    def make(crm: Session, row: Row) -> Drawer:
        kept = [(k, x, "") for k, x in row.items() if k not in ("版本", "内容")]
        return Drawer(
            f"{KINDS[method]} {row['互动编号']}", status=row["处理状态"],
            sections=[Section("记录", facts=kept), *([Section("内容", text=row["内容"])] if row.get("内容") else []),
                      *timeline(crm, row["客户编号"], f"interactions.{method}")],
        )  # fmt: skip

    return make


def _about(method: str) -> list[f.Field]:
    return [
        f.text("topic", "主题", required=True),
        f.select("result", "结果", list(RESULTS[KINDS[method]]), required=True),
        f.count("seconds", "时长", 0, unit="秒", high=14_400), f.text("order_id", "订单编号", help="谈的是哪张订单，可以不填"),
        f.area("detail", "内容"),
    ]  # fmt: skip


def _record(method: str, records: str) -> Action:
    def run(c: Call) -> str:
        values = dict(c.values)
        return f"已登记 {getattr(c.crm.interactions, records).record(values.pop('customer_id'), **values)}。"

    who = _CALLER if method == "inbound" else _CUSTOMER
    return Action(
        f"登记{KINDS[method]}", run, main=True, icon="plus", fields=[who, *_about(method)]
    )


def _record_caller(c: Call) -> str:
    return f"已登记 {c.crm.interactions.calls_in.record(c.row['客户编号'], **c.values)}。"


# The pop-up of a call: the member card of the number that calls, and the record made from it.
CALL_DRAWER = Action("登记呼入", _record_caller, on="drawer", fields=_about("inbound"),
                     function="interactions.inbound",
                     text=lambda c: f"来电的顾客：{c.row['客户编号']}。")  # fmt: skip


def _on_contact(method: str, records: str) -> list[Action]:
    def step(event: str) -> Callable[[Call], str]:
        def run(c: Call) -> str:
            getattr(c.crm.interactions, records).step(c.key, event, **c.values)
            return f"{c.key}：已{event}。"

        return run

    def link(c: Call) -> str:
        getattr(c.crm.interactions, records).link(c.key, c.values["order_id"])
        return f"{c.key} 已关联订单 {c.values['order_id']}。"

    def can(event: str) -> Callable[[Row], bool]:
        return lambda r: event in STEPS.get(str(r["处理状态"]), {})

    made = [
        Action("接手", step("接手"), on="row", when=can("接手"), direct=True),
        Action("暂缓", step("暂缓"), on="row", when=can("暂缓")),
        Action("解决", step("解决"), on="row", when=can("解决"),
               fields=[f.select("result", "结果", list(RESULTS[KINDS[method]]), required=True)]),
        Action("重开", step("重开"), on="row", when=can("重开")),
        Action("关联订单", link, on="row", fields=[f.text("order_id", "订单编号", required=True)], when=lambda r: not r["订单编号"]),
    ]  # fmt: skip
    if method == "outbound":
        made.insert(0, Action("登记结果", _finish, on="row", when=lambda r: r["处理状态"] == PLANNED,
                              fields=[f.select("result", "结果", list(RESULTS["呼出"]), required=True),
                                      f.count("seconds", "时长", 0, unit="秒"), f.area("detail", "内容")]))  # fmt: skip
    return made


def _finish(c: Call) -> str:
    c.crm.interactions.calls_out.finish(c.key, **c.values)
    return f"{c.key}：已登记结果。"


def _plan(c: Call) -> Done:
    values = dict(c.values)
    found = c.crm.interactions.calls_out.plan(values.pop("ids"), **values)
    return Done(f"安排了 {len(found)} 个电话。", view=View(tables=[Table("安排", found)]))


PLAN = Action(
    "安排外呼", _plan, icon="clock",
    fields=[f.lines("ids", "客户编号", required=True, help="每行一个，或用空格、逗号隔开"), f.text("topic", "主题", required=True),
            f.text("agent", "客服", required=True), f.time("start", "从什么时候起", help="空着是现在；只排在可以打电话的时间里")],
)  # fmt: skip


def _contact_fields(method: str) -> list[f.Field]:
    def agents(crm: Session) -> list[str]:
        t = tables.metadata.tables["interactions"].c
        return sorted(
            x
            for x in crm.store.frame(sa.select(t.agent).where(t.kind == KINDS[method]).distinct())[
                "agent"
            ]
            if x
        )

    def topics(crm: Session) -> list[str]:
        t = tables.metadata.tables["interactions"].c
        return sorted(
            x
            for x in crm.store.frame(sa.select(t.topic).where(t.kind == KINDS[method]).distinct())[
                "topic"
            ]
            if x
        )

    states = [WAITING, WORKING, SNOOZED, SOLVED, *([PLANNED] if method == "outbound" else [])]
    return [
        f.select("topic", "主题", topics, placeholder="全部主题"), f.select("agent", "客服", agents, placeholder="全部客服"),
        f.select("status", "处理状态", states, placeholder="全部状态"), f.text("customer_id", "客户编号"),
        f.dates("since", "until", "日期"),
    ]  # fmt: skip


# --- 中差评预警 ------------------------------------------------------------------------------------
def _alerts(crm: Session, v: f.Values) -> View:
    values = dict(v)
    found = crm.interactions.review_alerts(values.pop("rules", list(alerts.RULES)), **values)
    rate, poor, told = found.rate
    table = found.table
    levels = [Card(f"{level}级", int((table["级别"] == level).sum()), tone=tone)
              for level, tone in ((alerts.HIGH, "bad"), (alerts.MIDDLE, "warn"), (alerts.LOW, ""))]  # fmt: skip
    by_rule = table["来源"].value_counts().rename_axis("来源").reset_index(name="条数")
    return View(
        cards=[Card("预警", len(table)), *levels,
               Card("中差评率", rate, "percent", note=f"{poor:,} ÷ {told:,}"),
               Card("已超时", int(table["已超时"].astype(bool).sum()), tone="bad")],
        charts=[figures.share("按来源", by_rule, "来源", "条数"),
                figures.bars("中差评集中的日子", found.bursts, "日期", "中差评数")] if len(found.bursts) else [],
        tables=[
            Table("预警", table, kinds={"来源": "text", "级别": "status", "原因": "wrap", "工单": "id", "星级": "number"},
                  actions=_ON_ALERT, drawer=_alert_drawer, id="订单编号"),
            Table("集中的日子", found.bursts),
            Table("工单", crm.interactions.cases.list(), kinds={"级别": "status", "结果": "wrap"}, actions=_ON_CASE),
        ],
        note=found.note,
    )  # fmt: skip


def _alert_drawer(crm: Session, row: Row) -> Drawer:
    return Drawer(
        f"预警：{row['原因']}", status=row["级别"],
        sections=[Section("预警", facts=[(k, x, "") for k, x in row.items() if k not in ("原因", "版本")]),
                  *timeline(crm, row["客户编号"], "interactions.review_alerts")],
    )  # fmt: skip


def _open_case(c: Call) -> str:
    given = (
        {"review_id": c.row["评价编号"]} if c.row["评价编号"] else {"order_id": c.row["订单编号"]}
    )
    return f"已建工单 {c.crm.interactions.cases.open(**given, **c.values)}。"


def _reply_review(c: Call) -> str:
    c.crm.interactions.cases.reply(c.row["评价编号"], c.values["text"])
    return f"已公开回复评价 {c.row['评价编号']}。"


def _case(event: str) -> Callable[[Call], str]:
    def run(c: Call) -> str:
        c.crm.interactions.cases.step(c.key, event, **c.values)
        return f"工单 {c.key}：已{event}。"

    return run


_ON_ALERT = [
    Action("建工单", _open_case, on="row", when=lambda r: not r["工单"],
           fields=[f.select("level", "级别", [alerts.HIGH, alerts.MIDDLE, alerts.LOW], placeholder="按规则"), f.text("owner", "负责人", help="空着是自己")]),
    Action("回复评价", _reply_review, on="row", when=lambda r: bool(r["评价编号"]),
           fields=[f.area("text", "公开回复", required=True, help="不能有电话、订单号等个人信息")]),
]  # fmt: skip
_ON_CASE = [
    Action("受理", _case("受理"), on="row", when=lambda r: "受理" in alerts.STEPS[r["状态"]], direct=True),
    Action("关闭", _case("关闭"), on="row", when=lambda r: "关闭" in alerts.STEPS[r["状态"]],
           fields=[f.area("result", "处理结果", required=True)]),
    Action("重开", _case("重开"), on="row", when=lambda r: "重开" in alerts.STEPS[r["状态"]]),
]  # fmt: skip

SCREENS = (
    Screen("interactions.survey", _survey, about="设计、发布、发送问卷，看回收和结果",
           actions=[Action("新建问卷", _create_survey, main=True, icon="plus", fields=[
               f.text("title", "标题", required=True),
               f.area("questions", "题目", required=True, placeholder="您对茶叶的香气满意吗？|评分\n您从哪里知道我们？|单选|朋友/短视频/搜索",
                      help="一行一题：题目|题型|选项1/选项2。题型：" + "、".join(surveys.KINDS)),
           ])]),
    Screen("interactions.wechat", _wechat, about="关键词自动回复，和顾客发来的消息", actions=[
        Action("试一试", _try_reply, changes=False, fields=[f.text("message", "顾客说", required=True)]),
        Action("模拟来信", lambda c: f"自动回复：{c.crm.interactions.replies.receive(**c.values)}",
               fields=[_CUSTOMER, f.text("message", "消息", required=True)]),
        Action("新建回复", _add_reply, main=True, icon="plus", fields=_reply_form),
    ]),
    Screen("interactions.inbound", lambda crm, v: _contacts(crm, "inbound", v), _contact_fields("inbound"),
           "顾客打来的电话", actions=[_record("inbound", "calls_in")]),
    Screen("interactions.outbound", lambda crm, v: _contacts(crm, "outbound", v), _contact_fields("outbound"),
           "打给顾客的电话：安排、登记结果", actions=[PLAN, _record("outbound", "calls_out")]),
    Screen("interactions.inquiries", lambda crm, v: _contacts(crm, "inquiries", v), _contact_fields("inquiries"),
           "在线咨询：谁在问、问什么、解决了没有", actions=[_record("inquiries", "asked")]),
    Screen(
        "interactions.review_alerts", _alerts,
        [f.multi("rules", "预警规则", list(alerts.RULES), list(alerts.RULES)), f.check("unanswered_only", "只看没有回复的", True),
         f.date("since", "从哪天起")],
        "已经来的、藏在好评里的、将要来的差评；按级别和时限处理", notes=list(alerts.RULES.items()),
    ),
)  # fmt: skip
