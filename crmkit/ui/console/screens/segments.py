"""顾客分类: classes by frequency, source, channel and spending, and classes kept under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from crmkit.crm.errors import InvalidInput
from crmkit.crm.segments import BY_HAND, BY_RULE, CHANNEL_MODES, SPENDING_MODES, Classes
from crmkit.crm.session import Session
from crmkit.ui.console import fields as f
from crmkit.ui.console import figures
from crmkit.ui.console.screen import (
    Action,
    Call,
    Card,
    Done,
    Drawer,
    Group,
    Row,
    Screen,
    Section,
    Table,
    View,
)
from crmkit.ui.console.screens import tag_actions
from crmkit.ui.console.screens.customers import card_drawer, tags

TAG = tag_actions.on_many("顾客", "customers.tags", lambda c: c.customers.tagging, tags)


def _numbers(v: f.Values, name: str, kind: type = int) -> f.Values:
    """Bounds that were typed as words."""
    if name not in v:
        return v
    try:
        return {**v, name: [kind(x) for x in v[name]]}
    except ValueError:
        raise InvalidInput("分档要填数字", {name: "要填数字，从小到大，用空格隔开"}) from None


def _view(function: str, crm: Session, v: f.Values) -> View:
    found: Classes = getattr(crm.segments, function)(**v)
    table = found.table
    customers = int(found.members["客户编号"].nunique())
    return View(
        groups=[
            Group(r["类别"], r["人数"], r["人数占比"],
                  [("金额", r["金额"], "money"), ("金额占比", r["金额占比"], "percent"), ("客单价", r["客单价"], "money")])
            for r in table.to_dict("records")
        ] if len(table) <= 8 else [],
        charts=[figures.share("人数构成", table, "类别", "人数"), figures.ranking("金额", table, "类别", "金额")],
        tables=[
            Table("各类", table, kinds={"类别": "text"}, actions=[_save(function, v)]),
            Table("名单", found.members, id="客户编号", kinds={"类别": "text"}, drawer=card_drawer, actions=[*TAG, TO_GROUP]),
        ],
        cards=[Card("顾客", customers), Card("类别", len(table))] if len(table) > 8 else [],
        note=found.note + ("" if found.partition else "。一位顾客可能在几类里，占比之和会超过 100%。"),
    )  # fmt: skip


def _to_group(c: Call) -> str:
    name, ids = c.values["name"], sorted({str(r["客户编号"]) for r in c.rows})
    known = set(c.crm.segments.manual()["分类"])
    if name in known:
        return f"加入分类「{name}」：新加 {c.crm.segments.add(name, ids):,} 位。"
    return f"建立分类「{name}」：{c.crm.segments.create(name, ids):,} 位。"


TO_GROUP = Action(
    "存为手动分类", _to_group, on="rows", function="segments.manual",
    fields=[f.text("name", "分类名称", required=True, help="已有的手动分类会加进去，没有就新建")],
)  # fmt: skip


def _save(function: str, v: f.Values) -> Action:
    def run(c: Call) -> Done:
        count = c.crm.segments.save(c.values["name"], function, list(c.keys), **v)
        name = c.values["name"]
        return Done(f"分类「{name}」：{count:,} 位顾客，规则已记下，可以随时重跑。",
                    undo=lambda crm: f"删除了分类「{name}」，{crm.segments.delete(name):,} 位顾客移出。")  # fmt: skip

    return Action(
        "保存为分类", run, on="rows", fields=[f.text("name", "分类名称", required=True)],
        text=lambda c: f"把选中的类别（{'、'.join(c.keys)}）连同规则保存成一个分类。",
    )  # fmt: skip


def _screen(key: str, about: str, form: Any = (), fix: Callable[[f.Values], f.Values] = lambda v: v) -> Screen:  # fmt: skip
    function = key.partition(".")[2]
    return Screen(key, lambda crm, v: _view(function, crm, fix(v)), form, about)


# --- 手动分类 -------------------------------------------------------------------------------------
def _manual(crm: Session, v: f.Values) -> View:
    found = crm.segments.manual()
    return View(
        cards=[Card("分类", len(found)), Card("手动", int((found["方式"] == BY_HAND).sum())),
               Card("按规则", int((found["方式"] == BY_RULE).sum()))],
        tables=[Table("分类", found, kinds={"方式": "status", "规则": "wrap"}, drawer=_members,
                      empty="还没有分类。点右上角“新建分类”，或在其他分类里保存。", actions=_ON_GROUP)],
        note="手动分类的成员不随订单变化；按规则的分类可以重跑，成员随数据更新。",
    )  # fmt: skip


def _members(crm: Session, row: Row) -> Drawer:
    members = crm.segments.members(row["分类"])
    return Drawer(
        f"分类「{row['分类']}」", status=row["方式"],
        lead=[("人数", row["人数"], "count"), ("建立", row["建立时间"], "text")],
        sections=[Section("成员", frame=pd.DataFrame({"客户编号": members}))],
    )  # fmt: skip


def _create(c: Call) -> str:
    name, ids = c.values["name"], c.values.get("ids", [])
    return f"建立分类「{name}」：{c.crm.segments.create(name, ids):,} 位顾客。"


def _rename(c: Call) -> str:
    c.crm.segments.rename(c.key, c.values["to"])
    return f"分类「{c.key}」改名为「{c.values['to']}」。"


def _delete(c: Call) -> Done:
    ids = c.crm.segments.members(c.key)
    by_hand = c.row["方式"] == BY_HAND
    c.crm.segments.delete(c.key)

    def undo(crm: Session) -> str:
        return f"分类「{c.key}」恢复，{crm.segments.create(c.key, ids):,} 位顾客。"

    return Done(f"删除了分类「{c.key}」。", undo=undo if by_hand else None)


def _rerun(c: Call) -> str:
    came, gone = c.crm.segments.rerun(c.key)
    return f"分类「{c.key}」重跑：进来 {came:,} 位，出去 {gone:,} 位。"


_IDS = f.lines("ids", "客户编号", required=True, help="每行一个，或用空格、逗号隔开")
_ON_GROUP = [
    Action("加人", lambda c: f"新加 {c.crm.segments.add(c.key, c.values['ids']):,} 位。", on="row", fields=[_IDS],
           when=lambda r: r["方式"] == BY_HAND),
    Action("移出", lambda c: f"移出 {c.crm.segments.remove(c.key, c.values['ids']):,} 位。", on="row", fields=[_IDS],
           when=lambda r: r["方式"] == BY_HAND),
    Action("重跑", _rerun, on="row", when=lambda r: r["方式"] == BY_RULE, text="按保存的规则重新挑人。"),
    Action("改名", _rename, on="row", fields=[f.text("to", "新名称", required=True)]),
    Action("删除", _delete, on="row", danger=True,
           text=lambda c: f"删除分类「{c.key}」；{c.row['人数']:,} 位顾客仍在店里。"),
]  # fmt: skip

SCREENS = (
    _screen(
        "segments.frequency", "按有效订单数分档：没买过、买一次、买几次……",
        [f.lines("bounds", "分档上界", help="从小到大，用空格隔开，例如 0 1 2 5；空着用课程约定")],
        lambda v: _numbers(v, "bounds"),
    ),
    _screen("segments.source", "按顾客档案里的来源"),
    _screen("segments.channel", "按在哪个渠道买", [f.variants("mode", "口径", CHANNEL_MODES, "first")]),
    _screen(
        "segments.spending", "按累计消费金额",
        [f.variants("mode", "口径", SPENDING_MODES, "bands"),
         f.lines("bands", "分档（元）", help="第二档起的下界，从小到大，用空格隔开；空着用课程约定")],
        lambda v: _numbers(v, "bands", float),
    ),
    Screen("segments.manual", _manual, about="自己建的分类，和保存下来的规则分类",
           actions=[Action("新建分类", _create, main=True, icon="plus",
                           fields=[f.text("name", "名称", required=True), f.lines("ids", "客户编号", help="可以先空着，以后再加")])]),
)  # fmt: skip
