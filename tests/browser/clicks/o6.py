"""Lab O6 by clicking; the plan of messages is gone through in code."""

from __future__ import annotations

from typing import Any

from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("营销")
    task = world.task("O6-01")
    desk.open("marketing.campaigns")
    desk.act(
        "新建活动", dry=True, name=task["活动名称"], starts=task["开始日期"], ends=task["结束日期"],
        budget=task["预算"], coupon=task["优惠券"],
        rule={
            ("累计订单数", "≥"): task["累计订单数不少于"], ("累计金额", "≥"): task["累计金额不低于"],
            ("距上次购买天数", "≤"): task["距上次购买不超过（天）"], ("省份", "属于"): " ".join(task["省份"]),
        },
    )  # fmt: skip
    desk.open("marketing.birthday")
    desk.act("发送祝贺", dry=True)
    desk.ask(start=world.task("O6-02")["再看七天，从"])
    values["O6-02"] = desk.exported("birthdays.xlsx")
    desk.open("marketing.holiday")
    desk.ask(days=200)
    for festival in world.task("O6-03")["节日"]:
        desk.search(festival)
        desk.act("策划关怀", row=festival, dry=True)

    campaign = world.task("O6-04")["活动编号"]
    desk.open("marketing.tags")
    desk.search(campaign)
    tag = desk.rows()[0][0]
    desk.act("打标签", row=campaign, part="触达")
    lists = {}
    for part in ("触达", "响应"):
        desk.open("customers.lookup")
        desk.ask(tag=f"{part}:{tag}")
        lists[part] = f"set({desk.exported(f'{part}.xlsx')}['客户编号'])"
    values["O6-04"] = f"{lists['触达']} - {lists['响应']}"

    task = world.task("O6-06")
    desk.open("marketing.campaigns")
    desk.search(task["活动"])
    desk.drawer(task["活动编号"])
    effect = {row["指标"]: row["数值"] for row in desk.report[0]}
    income, cost = (
        float(effect[k].strip("¥").replace(",", "")) for k in ("收入（元）", "成本（元）")
    )
    result = {k: effect[k] for k in ("响应率", "转化率")} | {"投资回报率": income / cost - 1}
    values["O6-06"] = repr(result)
    task = world.task("O6-07")
    desk.act("A/B 对比", first=task["A"], second=task["B"])
    first = desk.report[0][0]
    values["O6-07"] = repr(
        {"A减B": first["A 减 B"].replace("−", "-"), "p值": first["p 值（双侧）"]}
    )
    task = world.task("O6-08")
    desk.act("消费积分", since=(task["收货从"], task["到"]))
    points = [{k: row[k] for k in ("订单编号", "积分")} for row in desk.report[0]]
    values["O6-08"] = f"__import__('pandas').DataFrame({points!r})"
    return values
