"""Lab O1 by clicking."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from crmkit.lab.inputs import o1
from tests.browser.desk import Desk

COLUMNS = {
    o1.NICK: "昵称", o1.NAME: "姓名", o1.MOBILE: "手机", o1.BORN: "生日", o1.PROVINCE: "省份",
    o1.CITY: "城市", o1.SOURCE: "来源", o1.NOTE: "备注",
}  # fmt: skip


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("客服")
    desk.refused("customers.import_file")
    desk.open("customers.lookup")
    desk.ask(mobile_tail=world.task("O1-04")["手机尾号"])
    (customer,) = desk.keys()
    values["O1-04"] = repr(customer)
    desk.open("customers.lookup")
    clue = world.task("O1-05")
    desk.ask(nick=clue["昵称含"], province=clue["省份"])
    values["O1-05"] = repr(desk.keys())

    rule = world.task("O1-10")
    desk.open("customers.lookup")
    desk.ask(orders_from=1, orders_to=2, amount_from=rule["累计金额不低于"],
             last_order_from=(rule["最近购买不早于"], ""))  # fmt: skip
    desk.choose_all()
    desk.act("贴标签", tag=rule["标签"])
    merge = world.task("O1-11")
    desk.open("customers.tags")
    desk.choose(*merge["合并"])
    desk.act("合并", into=merge["合成"])

    desk.switch("店长")
    desk.open("system.log")
    desk.ask(outcome="拒绝")
    name = re.search(r"[A-Za-z]+Denied", desk.drawer(desk.keys()[0]))
    values["O1-03"] = repr(name and name.group())
    path = Path(desk.folder) / "import_30.xlsx"
    o1.FILES["import_30.xlsx"](path, world.student)
    rows = [str(n) for n, note in enumerate(world.data.rows[o1.NOTE], start=2) if note == o1.MOVED]
    desk.open("customers.import_file")
    desk.act("导入文件", dry=True, path=path, rows=" ".join(rows),
             mapping="\n".join(f"{k}={v}" for k, v in COLUMNS.items()))  # fmt: skip
    desk.open("customers.list")
    desk.turn(world.task("O1-08")["第几页"], 20)
    values["O1-08"] = repr(desk.keys()[0])
    level = world.task("O1-09")["会员等级"]
    desk.open("customers.lookup")
    desk.act("保存筛选", filter_name="名单", level=level)
    desk.open("customers.list")
    desk.ask(saved="名单")
    desk.export("顾客列表.xlsx")
    return values
