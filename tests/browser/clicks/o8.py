"""Lab O8 by clicking: tables exported; the row of the whole shop and the score are worked out in code."""

from __future__ import annotations

from typing import Any

from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("店长")
    desk.open("channels.list")
    since = world.task("O8-01")["开通日期不早于"]
    values["O8-01"] = f'{desk.exported("list.xlsx")}[lambda t: t["开通日期"] >= "{since}"]'
    desk.open("channels.dormant")
    values["O8-02"] = desk.exported("dormant.xlsx")
    period = world.task("O8-03")
    days = (period["从"], period["到"])
    for item, key, tab in (
        ("O8-03", "channels.sales", "逐月"), ("O8-04", "channels.return_rate", ""),
        ("O8-05", "channels.new_customers", "逐月"), ("O8-06", "channels.old_customers", ""),
    ):  # fmt: skip
        desk.open(key)
        desk.ask(start=days)
        if tab:
            desk.tab(tab)
        values[item] = desk.exported(f"{item}.xlsx")
    task = world.task("O8-09")
    desk.open("channels.list")
    desk.act("维护", row=task["渠道编号"], status=task["渠道状态"], contact=task["负责人"], note=task["备注"])  # fmt: skip
    return values
