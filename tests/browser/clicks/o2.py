"""Lab O2 by clicking; the two functions and the cross table are worked out in code."""

from __future__ import annotations

from typing import Any

from crmkit.lab.inputs import o2
from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("店长")
    desk.open("segments.frequency")
    desk.ask(bounds="0 1 3")
    values["O2-01"] = repr(desk.column(0, 1))
    desk.choose("4 次及以上")
    desk.act("保存为分类", name=o2.REGULARS)
    desk.open("segments.source")
    values["O2-02"] = repr(desk.column(0, 1))
    desk.open("segments.channel")
    values["O2-03"] = repr(desk.column(0, 1))
    task = world.task("O2-04")
    desk.open("segments.spending")
    desk.ask(bands=" ".join(f"{x:g}" for x in task["分档下界（元）"]))
    desk.choose(task["要保存的一档"])
    desk.act("保存为分类", name=o2.GROWING)
    desk.open("segments.manual")
    desk.act("新建分类", name=o2.CLUB, ids=" ".join(world.task("O2-05")["顾客"]))
    desk.act("改名", row=o2.REGULARS, to=o2.RENAMED)
    desk.open("segments.source")
    desk.choose("未知")
    desk.act("保存为分类", name=o2.TEMPORARY)
    desk.open("segments.manual")
    desk.act("删除", row=o2.TEMPORARY)
    return values
