"""Lab O8 by clicking: tables exported; the row of the whole shop and the score are worked out in code."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("店长")
    desk.open("channels.list")
    since = world.task("O8-01")["开通日期不早于"]
    values["O8-01"] = f'{desk.exported("list.xlsx")}[lambda t: t["开通日期"] >= "{since}"]'
    values["O8-02"] = repr(asleep(desk, world.task("O8-02")))
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


def asleep(desk: Desk, task: Any) -> list[dict[str, Any]]:
    """Dormant channels: the days up to the meeting, and the amount of the months up to the last order."""
    desk.open("channels.dormant")
    rows = []
    for channel in desk.read("dormant.xlsx").to_dict("records"):
        last = pd.Timestamp(channel["末单日期"])
        first = last + pd.Timedelta(days=1) - pd.DateOffset(months=task["看最后几个月"])
        desk.open("channels.sales")
        desk.ask(start=(f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"))
        sold = desk.read("last.xlsx").set_index("渠道编号")["支付金额"]
        days = (pd.Timestamp(task["开会那天"]) - last).days
        number = channel["渠道编号"]
        rows.append({"渠道编号": number, "沉睡天数": days, "最后金额": float(sold[number])})
    return rows
