"""Lab O4 by clicking; the function is written in code."""

from __future__ import annotations

from typing import Any

from crmkit.lab.inputs import o4
from tests.browser.desk import Desk


def click(desk: Desk, world: Any) -> dict[str, str]:
    values = {}
    desk.log_in("营销")
    task = world.task("O4-01")
    desk.open("products.search")
    desk.ask(word=task["关键词"], price_from=task["价格从"], price_to=task["到"])
    values["O4-01"] = f"list({desk.exported('search.xlsx')}['商品编码'])"
    desk.open("products.list")
    shelf = world.task("O4-02")
    desk.ask(top=shelf["首页已放"] + shelf["接着放"])
    values["O4-02"] = f"list({desk.exported('list.xlsx')}['商品编码'])[{shelf['首页已放']}:]"
    desk.open("products.category_sales")
    desk.ask(refunds="net")
    values["O4-03"] = desk.exported("category.xlsx")
    quarter = world.task("O4-04")
    desk.open("products.product_sales")
    desk.ask(by="qty", start=(quarter["从"], quarter["到"]), top=10)
    values["O4-04"] = repr(desk.keys())
    desk.open("products.product_sales")
    desk.tab("未动销")
    unsold = desk.keys()
    desk.open("products.tags")
    goods = world.products.set_index("商品编码")["商品名称"]
    desk.act("贴标签", tag=o4.UNSOLD, ids=[f"{s} {goods[s]}" for s in unsold])
    return values
