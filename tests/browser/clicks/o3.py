"""Lab O3 by clicking: numbers typed from the screen, tables exported; the chart is drawn in code."""

from __future__ import annotations

from typing import Any

from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("数据分析")
    desk.open("analysis.level")
    values["O3-01"] = desk.exported("level.xlsx")
    desk.open("analysis.counts")
    values["O3-03"] = repr(desk.column(0, 1))
    desk.open("analysis.region")
    by_people = desk.exported("region.xlsx")
    top = '{by}.sort_values(["{c}", "支付金额"], ascending=False)["省份"].head(5).tolist()'
    values["O3-05"] = (
        '{"按买家数": ' + top.format(by=by_people, c="买家数")
        + ', "按支付金额": ' + top.format(by=by_people, c="支付金额") + "}"
    )  # fmt: skip
    desk.open("analysis.order_value")
    desk.ask(by="level_month")
    found = desk.exported("value.xlsx")
    values["O3-06"] = f'{found}[lambda t: t["月份"] >= "2025-07"]'
    desk.open("analysis.new_old")
    values["O3-07"] = desk.exported("new_old.xlsx")
    return values
