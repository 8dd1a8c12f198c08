"""Lab O7 by clicking; the first-contact rate, of which a screen shows too few places, is code."""

from __future__ import annotations

import re
from typing import Any

from crmkit.lab.inputs.o7 import KEY
from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("店长")
    task = world.task("O7-01")
    desk.open("interactions.survey")
    desk.act("新建问卷", title=task["标题"], questions="\n".join(task["题目"]))
    (survey,) = desk.keys()
    desk.act("发布", row=survey)
    desk.act("发送", row=survey, ids=" ".join(task["发给"]))
    desk.act("模拟回收", row=survey)
    desk.drawer(survey)
    counts = [{k: row[k] for k in ("题号", "选项", "人数")} for row in desk.report[0]]
    values["O7-01"] = f"__import__('pandas').DataFrame({counts!r})"

    desk.open("interactions.wechat")
    for n, rule in enumerate(world.task("O7-02").values()):
        condition, text = rule.split(" → ")
        desk.act("新建回复", keywords="\n".join(re.findall("「(.+?)」", condition)), text=text,
                 match="完全" if condition.startswith("整句") else "包含", priority=50 - 10 * n)  # fmt: skip
    desk.open("interactions.inbound")
    for call in world.data.calls:
        desk.act("登记呼入", customer_id=call[KEY], topic=call["主题"], result=call["结果"],
                 seconds=call["时长"], order_id=call["订单编号"])  # fmt: skip
    task = world.task("O7-04")
    desk.open("interactions.outbound")
    for name, customers in task.items():
        if isinstance(customers, list):
            desk.act("安排外呼", ids=" ".join(customers), topic=task["主题"], agent=name[1:-1],
                     start=task["不早于"][:16].replace(" ", "T"))  # fmt: skip

    desk.open("interactions.inquiries")
    desk.ask(since=("", world.task("O7-05")["到哪天为止"]))
    latest = f"{desk.exported('inquiries.xlsx')}.head(50)['主题'].value_counts().head(5)"
    values["O7-05"] = f"{latest}.rename_axis('主题').reset_index(name='次数')"
    desk.open("interactions.review_alerts")
    desk.ask(rules=["明示"])
    found = desk.exported("alerts.xlsx")
    desk.tab("集中的日子")
    values["O7-06"] = (
        "(lambda t, days: {'预警': t[t['时间'].astype(str) <= '2025-12-30 10:00:00'], '集中': days})("
        f"{found}, {desk.exported('days.xlsx')})"
    )
    desk.open("interactions.inquiries")
    desk.ask(customer_id=world.task("O7-07")[KEY])
    story = desk.drawer(desk.keys()[0]).rpartition("时间线")[2]
    values["O7-07"] = repr(re.findall(r"\bI\d{5}\b", story)[::-1])

    task = world.task("O7-09")
    desk.open("orders.search")
    desk.ask(buyer=task[KEY], since=(task["付款日期"], task["付款日期"]), by="paid_at")
    found = desk.keys()
    (order,) = [key for key in found if task["商品"] in desk.drawer(key)]
    desk.open("interactions.inbound")
    desk.ask(customer_id=task[KEY], topic="投诉")
    desk.act("关联订单", row=desk.keys()[0], order_id=order)
    return values
