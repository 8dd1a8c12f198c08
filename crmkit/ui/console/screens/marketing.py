"""营销信息: campaigns, birthday and festival care, campaign tags."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmkit.crm.campaigns import campaign_figures, campaigning, festivals, gateway
from crmkit.crm.campaigns.marketing_views import RESPONDED, TARGETED, Preview
from crmkit.crm.marketing import EVERYBODY, NOT_LOST
from crmkit.crm.ordering import transitions as life
from crmkit.crm.session import Session
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
    Table,
    View,
)

VIA = f.select("via", "方式", [gateway.SMS, gateway.WECHAT], gateway.SMS, required=True)
_PLACES = (
    "可用："
    + "、".join(f"{{{name}}}" for name in campaigning.PLACES)
    + "；开头写【店名】，营销短信要有退订说明"
)


def preview_view(found: Preview) -> View:
    """Who would get a message, who not and why, and the text."""
    counts = {r["去向"]: r["人数"] for r in found.counts.to_dict("records") if not r["原因"]}
    return View(
        cards=[
            *(Card(str(word), int(n)) for word, n in counts.items()),
            Card("短信条数/人", found.parts, note=f"{found.length} 字"), Card("预计费用", found.fee, "money"),
        ],
        tables=[Table("去向与原因", found.counts[found.counts["人数"] > 0]), Table("人群（前 100 位）", found.customers)],
        note=f"文案：{found.text or '还没有文案'}\n{found.note}",
    )  # fmt: skip


# --- 活动营销 -------------------------------------------------------------------------------------
def _campaigns(crm: Session, v: f.Values) -> View:
    found = crm.marketing.campaigns(**v)
    sent = found[found["发送人数"] > 0]
    people, answered = int(sent["发送人数"].sum()), int(sent["响应人数"].sum())
    return View(
        cards=[
            Card("活动", len(found)), Card("进行中", int((found["状态"] == life.ACTIVE).sum()), tone="good"),
            Card("发送人次", people), Card("响应率", answered / people if people else None, "percent", note=f"{answered:,} ÷ {people:,}"),
            Card("预算合计", float(found["预算"].sum()), "money"),
        ],
        charts=[figures.ranking("响应率", sent, "活动名称", "响应率", wide=True)] if len(sent) else [],
        tables=[Table("活动", found, id="活动编号", drawer=_campaign, actions=_ON_CAMPAIGN,
                      hidden=["人群规则", "文案", "文案B", "追加名单", "排除名单", "活动标签", "对照组比例", "优惠券"],
                      kinds={"对照组比例": "percent", "优惠券": "money", "类型": "text"})],
    )  # fmt: skip


def _campaign(crm: Session, row: Row) -> Drawer:
    card = crm.marketing.campaign(row["活动编号"])
    one = card.campaign.iloc[0]
    s = card.statistics
    facts = ("类型", "开始日期", "结束日期", "预算", "优惠券", "活动标签", "对照组比例")
    kinds = {"对照组比例": "percent", "优惠券": "money"}
    sections = [
        Section("资料", facts=[(k, one[k], kinds.get(k, "")) for k in facts if k in one]),
        Section("人群", text=card.rule),
        Section("文案", text=str(one.get("文案") or "还没有文案")),
    ]
    if s.sent:
        sections.append(Section("效果", text=s.note, frame=_figures(s.table)))
    if len(card.audience):
        groups = card.audience.groupby(["去向", "原因"]).size().rename("人数").reset_index()
        sections.append(Section("发送时的去向", frame=groups))
    sections.append(Section("现在可以做的", frame=card.allowed))
    return Drawer(
        f"{one['活动名称']}（{row['活动编号']}）", status=one["状态"], sections=sections,
        lead=[("发送", s.sent, "count"), ("对照组", s.held_out, "count"), ("收入", s.revenue, "money"), ("ROI", s.roi, "number")],
        actions=[
            Action("编辑", _edit, on="drawer", fields=_edit_form, confirm="保存", when=None),
            Action("登记响应", lambda c: f"新登记响应 {c.crm.marketing.record_responses(c.key):,} 位。", on="drawer"),
            Action("测试发送", _test, on="drawer", fields=[f.lines("mobiles", "手机号", required=True, help="发到自己的手机，不进统计")]),
        ],
    )  # fmt: skip


def _figures(table: pd.DataFrame) -> pd.DataFrame:
    """Shares as percentages, money and counts as they are, in one column of text."""
    from crmkit.ui.console import cells

    def word(r: Row) -> str:
        name = str(r["指标"])
        kind = (
            "money"
            if "元" in name
            else "percent"
            if name.endswith("率") or "提升" in name
            else "number"
        )
        return cells.written(r["数值"], kind)

    rows = table.to_dict("records")
    return pd.DataFrame(
        {
            "指标": table["指标"],
            "数值": [word(r) for r in rows],
            "分子 ÷ 分母": [
                f"{cells.written(r['分子'], 'number')} ÷ {cells.written(r['分母'], 'number')}" if r["分母"] else ""
                for r in rows
            ],
            "说明": table["说明"],
        }
    )  # fmt: skip


def _campaign_form(crm: Session, row: Row | None) -> list[f.Field]:
    today = crm.as_of
    return [
        f.text("name", "活动名称", required=True), f.select("kind", "类型", dict(campaigning.KINDS), "活动", required=True),
        f.date("starts", "开始", today, required=True), f.date("ends", "结束", today, required=True),
        f.money("budget", "预算", 1000, required=True), f.money("coupon", "优惠券面额", 10),
        f.rule("rule", "人群", EVERYBODY),
        f.area("template", "文案", campaigning.TEMPLATES["活动"], help=_PLACES), f.area("template_b", "文案 B", help="填了就一半人收 A、一半人收 B"),
        f.percent("hold_out", "对照组", 0.1, high=50, help="有意不发的比例，用来看活动到底有没有用"), f.text("tag", "活动标签", help="空着用活动名称"),
        f.lines("include", "另外加上", help="客户编号，或 标签:爱喝红茶、分类:老客、活动:TP01"),
        f.lines("exclude", "排除", help="写法同上"),
    ]  # fmt: skip


def _edit_form(crm: Session, row: Row | None) -> list[f.Field]:
    row = row or {}
    return [
        f.text("name", "活动名称", row.get("活动名称"), required=True),
        f.date("starts", "开始", row.get("开始日期"), required=True), f.date("ends", "结束", row.get("结束日期"), required=True),
        f.money("budget", "预算", row.get("预算"), required=True), f.money("coupon", "优惠券面额", row.get("优惠券")),
        f.area("template", "文案", row.get("文案"), help=_PLACES),
        f.percent("hold_out", "对照组", row.get("对照组比例"), high=50),
    ]  # fmt: skip


def _edit(c: Call) -> str:
    c.crm.marketing.update_campaign(c.key, expect=c.row.get("版本"), **c.values)
    return f"已保存活动 {c.key}。"


def _test(c: Call) -> Done:
    return Done("测试短信已写入发件箱。", view=View(tables=[Table("测试发送", c.crm.marketing.test_send(c.key, c.values["mobiles"]))]))  # fmt: skip


def _create(c: Call) -> str:
    return f"已建立活动 {c.crm.marketing.create_campaign(**c.values)}，现在是“筹备中”；预览人群后启动、发送。"


def _create_preview(c: Call) -> View:
    found = c.crm.marketing.preview_rule(c.values.get("rule", EVERYBODY))
    shown = preview_view(found)
    return View(cards=shown.cards[:2], tables=shown.tables, note=found.note)


def _send(c: Call) -> Done:
    done = c.crm.marketing.send(c.key, **c.values)
    return Done(f"活动 {c.key}：发送 {done.sent:,} 人，对照组 {done.held_out:,} 人，排除 {done.left_out:,} 人，短信 {done.parts:,} 条。")  # fmt: skip


def _change(event: str) -> Any:
    def run(c: Call) -> str:
        c.crm.marketing.change_campaign(c.key, event)
        return f"活动 {c.key} 已{event}。"

    return run


def _step(event: str, *states: str, danger: bool = False) -> Action:
    return Action(
        event, _change(event), on="row", danger=danger, when=lambda r: r["状态"] in states
    )


def _log(c: Call) -> Done:
    return Done(
        f"活动 {c.key} 的触达记录",
        view=View(tables=[Table("触达记录", c.crm.marketing.log(c.key))]),
    )


_ON_CAMPAIGN = [
    _step("启动", life.PLANNING),
    Action("发送", _send, on="row", fields=[VIA], preview=lambda c: preview_view(c.crm.marketing.preview(c.key, **c.values)),
           when=lambda r: r["状态"] == life.ACTIVE and not r["发送人数"], confirm="发送", text="先看发给谁、不发给谁、要多少钱，再发送。只发一次。"),
    _step("暂停", life.ACTIVE), _step("恢复", life.INACTIVE), _step("结束", life.ACTIVE, life.INACTIVE, danger=True),
    _step("取消", life.PLANNING, danger=True),
    Action("触达记录", _log, on="row", changes=False, direct=True, when=lambda r: r["发送人数"] > 0),
]  # fmt: skip


def _messages(c: Call) -> Done:
    return Done(
        "营销短信和微信，最新的在前。",
        view=View(tables=[Table("发件箱", c.crm.marketing.messages())]),
    )


def _points(c: Call) -> Done:
    page, total, rule = c.crm.marketing.points(**c.values, size=100)
    return Done("消费积分", view=View(cards=[Card("积分合计", total), Card("订单", page.total)],
                                  tables=[Table("前 100 张订单", page.frame)], note=rule))  # fmt: skip


def _ab(c: Call) -> Done:
    found = c.crm.marketing.ab_test(**c.values)
    # two decimals, as numbers have on a screen, say too little of these
    for name in ("z", "p 值（双侧）"):
        found[name] = ["" if pd.isna(x) else f"{x:.4f}" for x in found[name]]
    shares = dict.fromkeys(("A 减 B", "区间下限", "区间上限"), "percent")
    return Done("两种文案的响应对比", view=View(tables=[Table("A/B", found, kinds=shares)]))


def campaigns(crm: Session) -> dict[str, str]:
    found = crm.store.frame(campaigning.CAMPAIGNS)
    return {i: f"{i} {n}" for i, n in zip(found["campaign_id"], found["name"], strict=True)}


# --- 生日关怀 -------------------------------------------------------------------------------------
_DAYS = [
    f.number("days", "看几天", 7, low=1, high=60, whole=True, unit="天"),
    f.date("start", "从哪天起", help="空着是今天"),
    VIA,
]


def _birthday(crm: Session, v: f.Values) -> View:
    found = crm.marketing.birthday(**v)
    return View(
        cards=[Card("过生日的顾客", len(found)), Card("可以发送", int((found["去向"] == "发送").sum()), tone="good"),
               Card("不发送", int((found["去向"] != "发送").sum()))],
        tables=[Table("生日名单", found, kinds={"生日": "date", "原因": "text", "去向": "status"})],
        note="2 月 29 日的生日，平年在 2 月 28 日过；登记了农历生日的按农历推算。每人每年只祝贺一次。",
    )  # fmt: skip


def _send_birthday(c: Call) -> Done:
    done = c.crm.marketing.send_birthday(**c.values)
    return Done(
        f"生日关怀：发送 {sum(d.sent for d in done):,} 人，不发送 {sum(d.left_out for d in done):,} 人。"
    )


def _birthday_preview(c: Call) -> View:
    values = {k: x for k, x in c.values.items() if k in ("days", "start", "via")}
    return _birthday(c.crm, values)


# --- 节日关怀, 活动标签 ----------------------------------------------------------------------------
def _holiday(crm: Session, v: f.Values) -> View:
    found = crm.marketing.holiday(**v)
    return View(
        cards=[Card("节日", len(found)), Card("最近的节日", found["节日"].iloc[0] if len(found) else None, "text"),
               Card("还有", int(found["还有几天"].iloc[0]) if len(found) else None, "days")],
        tables=[Table("节日", found, kinds={"节日": "text", "还有几天": "count"},
                      actions=[Action("策划关怀", _plan, on="row", fields=_holiday_form, preview=_holiday_preview, confirm="建立活动")])],
        note="农历节日按历法推算；上班或放假按国务院办公厅的安排。",
    )  # fmt: skip


def _holiday_form(crm: Session, row: Row | None) -> list[f.Field]:
    return [
        f.count("lead_days", "提前几天", 3, high=60), f.money("budget", "预算", 0), f.money("coupon", "优惠券面额", 0),
        f.percent("hold_out", "对照组", 0.1, high=50), f.rule("rule", "人群", NOT_LOST, help="默认不打扰已流失的顾客"),
        f.area("template", "文案", campaigning.TEMPLATES["节日"], help=_PLACES),
    ]  # fmt: skip


def _plan(c: Call) -> str:
    number = c.crm.marketing.create_holiday(c.key.partition("#")[0], **c.values)
    return f"已建立节日活动 {number}，在活动营销里预览、启动、发送。"


def _holiday_preview(c: Call) -> View:
    return preview_view(c.crm.marketing.preview_rule(c.values.get("rule", NOT_LOST)))


def _tags(crm: Session, v: f.Values) -> View:
    found = crm.marketing.tags()
    return View(
        cards=[Card("活动标签", len(found)), Card("触达人次", int(found["触达人数"].sum())), Card("响应人次", int(found["响应人数"].sum()))],
        charts=[figures.bars("触达与响应", found.head(10), "活动名称", ["触达人数", "响应人数"], wide=True)] if len(found) else [],
        tables=[Table("活动标签", found, id="活动编号", kinds={"活动标签": "text"}, drawer=_tagged, actions=[
            Action("打标签", _tag, on="row", fields=[f.select("part", "给谁", [TARGETED, RESPONDED], TARGETED, required=True)],
                   text="给这次活动触达（或响应）的顾客打上标签，以后可以按它挑人或排除。"),
        ])],
    )  # fmt: skip


def _tag(c: Call) -> str:
    tag, count = c.crm.marketing.tag_campaign(c.key, c.values["part"])
    return f"标签「{tag}」：新打 {count:,} 位顾客。"


def _tagged(crm: Session, row: Row) -> Drawer:
    sections = []
    for part in (TARGETED, RESPONDED):
        ids = crm.marketing.tagged(f"{part}:{row['活动标签']}")
        sections.append(
            Section(f"{part}（{len(ids):,} 位有标签）", frame=pd.DataFrame({"客户编号": ids}))
        )
    return Drawer(row["活动名称"], lead=[("活动编号", row["活动编号"], "id")], sections=sections)


_MAKE = Action(
    "新建活动",
    _create,
    main=True,
    icon="plus",
    fields=_campaign_form,
    preview=_create_preview,
    confirm="建立活动",
)

SCREENS = (
    Screen(
        "marketing.campaigns", _campaigns,
        [f.select("status", "状态", list(life.CAMPAIGN.states), placeholder="全部状态"),
         f.select("kind", "类型", dict(campaigning.KINDS), placeholder="全部类型")],
        "策划、试算、发送活动，看响应和投入产出",
        actions=[
            Action("A/B 对比", _ab, changes=False,
                   fields=[f.select("first", "A 活动", campaigns, required=True), f.select("second", "B 活动", campaigns, placeholder="同一活动的文案 B")]),
            Action("消费积分", _points, changes=False, fields=[f.text("customer_id", "客户编号"), f.dates("since", "until", "收货日期")]),
            Action("发件箱", _messages, changes=False, direct=True), _MAKE,
        ],
        notes=[*((k, v) for k, v in campaign_figures.COSTS.items()), *((k, v) for k, v in campaign_figures.REFUNDS.items())],
    ),
    Screen(
        "marketing.birthday", _birthday, _DAYS, "接下来几天谁过生日，谁能收到祝贺",
        actions=[Action("发送祝贺", _send_birthday, main=True, preview=_birthday_preview, confirm="发送",
                        fields=[*_DAYS, f.money("coupon", "生日礼券", 0), f.area("template", "文案", campaigning.TEMPLATES["生日"], help=_PLACES)])],
    ),
    Screen("marketing.holiday", _holiday, [f.number("days", "看几天", 90, low=1, high=366, whole=True, unit="天")],
           "接下来的节日，策划节日关怀", notes=[("节日", "、".join(festivals.FESTIVALS))]),
    Screen("marketing.tags", _tags, about="给一次活动触达或响应过的顾客打标签"),
)  # fmt: skip
