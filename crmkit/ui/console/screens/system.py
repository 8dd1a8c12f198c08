"""The operation log: who did what, when, and what was refused."""

from __future__ import annotations

import json

from crmkit.crm import roles
from crmkit.crm.session import Session
from crmkit.ui.console import fields as f
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

NEWEST = 5000


def _drawer(crm: Session, row: Row) -> Drawer:
    detail = json.loads(row["参数"] or "{}")
    given = [(str(k), "、".join(map(str, v)) if isinstance(v, list) else v, "text") for k, v in detail.items()]  # fmt: skip
    return Drawer(
        f"第 {row['序号']} 条 · {row['功能']} {row['操作']}",
        status=row["结果"],
        lead=[("用户", row["用户"], "text"), ("角色", row["角色"], "text"), ("时间", row["时间"], "text"),
              ("对象", row["对象"], "text"), ("改动行数", row["改动数"], "count")],
        sections=[
            *([Section("错误", facts=[("名称", row["错误"], "text")])] if row["错误"] else []),
            *([Section("说明", text=row["说明"])] if row["说明"] else []),
            Section("参数", facts=given, text="" if given else "没有参数。"),
        ],
    )  # fmt: skip


def _verify(c: Call) -> str:
    c.crm.verify()
    return "核对通过：每一条都和前一条接得上，没有被改过、删过或插入过的记录。"


def _load(crm: Session, v: f.Values) -> View:
    with crm.using_right(roles.AUDIT, "", "查看日志"):
        pass
    log = crm.log(NEWEST)
    log["错误"] = log["说明"].str.extract(r"^([A-Za-z]+): ", expand=False).fillna("")
    log["说明"] = log["说明"].str.replace(r"^[A-Za-z]+: ", "", regex=True)  # the kind of refusal
    if who := v.get("role"):
        log = log[log["角色"] == who]
    if outcome := v.get("outcome"):
        log = log[log["结果"] == outcome]
    return View(
        cards=[
            Card("操作", len(log)),
            Card("改动数据", int((log["结果"] == "成功").sum())),
            Card("查看", int((log["结果"] == "查看").sum())),
            Card("拒绝", int((log["结果"] == "拒绝").sum()), tone="bad"),
        ],
        tables=[Table("操作日志", log, id="序号", kinds={"序号": "count", "改动数": "count", "结果": "status",
                                                    "说明": "wrap", "参数": "wrap"},
                      drawer=_drawer, hidden=["参数", "错误"], size=20)],
        note=f"最近 {NEWEST:,} 条，最新的在前。每一条带前一条的哈希值：改动、删除或插入任何一条都会被发现。",
    )  # fmt: skip


SCREENS = (
    Screen(
        "system.log",
        _load,
        [
            f.select("role", "角色", list(roles.ROLES)),
            f.select("outcome", "结果", ["成功", "查看", "拒绝"]),
        ],
        name="操作日志",
        about="谁在什么时候用什么角色做了什么，包括被拒绝的操作",
        actions=[Action("核对日志", lambda c: Done(_verify(c)), changes=False, right=roles.AUDIT, direct=True)],
    ),
)  # fmt: skip
