"""Lab O5 by clicking; reasons are read, hours are worked out, and the function is written in code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crmkit.lab.inputs import o5
from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("店长")
    task = world.task("O5-01")
    desk.open("orders.search")
    desk.ask(status=task["订单状态"], since=(task["下单从"], task["到"]),
             least=task["实付从"], most=task["至"])  # fmt: skip
    values["O5-01"] = f"list({exported(desk, 'orders.xlsx')}['订单编号'])"
    desk.open("orders.search")
    desk.show("金额核对")
    values["O5-02"] = repr([row["订单编号"] for row in desk.report[0]])

    task = world.task("O5-04")
    for number in task["订单"]:
        unpaid = number in world.data.allowed and number not in finished(world)
        close(desk, number, task["没付款的写" if unpaid else "售后到期的写"])

    path = Path(desk.folder) / o5.WAYBILLS
    o5.FILES[o5.WAYBILLS](path, world.student)
    desk.open("orders.ship")
    desk.act("导入发货表", path=path)
    for _ in range(2):
        desk.open("orders.receive")
        desk.act("通知全部")

    task = world.task("O5-08")
    desk.open("orders.search")
    desk.ask(since=(task["从"], task["到"]), by="paid_at")
    orders = exported(desk, "paid.xlsx")
    values["O5-08"] = (
        "(lambda t, h: {'平均小时': h(t).mean(), '超时订单': list(t['订单编号'][h(t) > 48])})("
        + orders
        + ", lambda t: (t['发货时间'] - t['付款时间']).dt.total_seconds() / 3600)"
    )
    return values


def exported(desk: Desk, name: str) -> str:
    """Export the first table; returns the code that reads it, order numbers as text."""
    desk.export(name)
    return f"__import__('pandas').read_excel('out/{name}', dtype={{'订单编号': str}})"


def finished(world: Any) -> set[str]:
    o = world.orders
    return set(o.loc[o["订单状态"] == o5.FINISHED, "订单编号"])


def close(desk: Desk, number: str, reason: str) -> None:
    """End an order from its drawer; one that may not be ended stays, and the dialog says why."""
    page = desk.page
    desk.open("orders.search")
    desk.ask(order_id=number)
    page.locator(f"tr[data-row='{number}'] .link").first.click()
    drawer = page.get_by_test_id("drawer")
    drawer.wait_for()
    drawer.locator("[data-action='结束订单']").click()
    dialog = page.get_by_test_id("dialog")
    dialog.wait_for()
    desk.fill(dialog, reason=reason)
    desk.confirm()
    for box in (dialog, drawer):
        if box.count():
            page.keyboard.press("Escape")
            box.wait_for(state="detached")
