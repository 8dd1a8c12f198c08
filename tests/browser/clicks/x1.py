"""The examination X1 by clicking. Its answers go on the answer sheet while the time runs."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pandas as pd

from crmkit.lab import Lab
from tests.browser.desk import Desk

CLUES = {
    "手机尾号": "mobile_tail", "昵称含": "nick", "姓名含": "name", "省份": "province", "城市": "city",
    "来源": "source", "会员等级": "level", "渠道编号": "channel",
}  # fmt: skip
NUMBERS = {"累计订单数": "orders", "累计金额": "amount"}
DESKS = {"呼出": "interactions.outbound", "呼入": "interactions.inbound"}


def click(desk: Desk, world: Any) -> dict[str, str]:
    with contextlib.chdir(desk.folder):
        lab = Lab("X1", world.student)  # the notebook beside the console, on the same shop file
    desk.log_in("店长")
    for item, find in ANSWERS.items():
        lab.answer(item, find(desk, world, world.task(item)))
    for item, do in TASKS.items():
        do(desk, world.task(item))
        lab.answer(item)
    lab.hand_in(True)
    lab._shop_file().store().close()
    return {}


def read(desk: Desk, name: str) -> pd.DataFrame:
    """The first table, exported; numbers of orders and customers as text."""
    desk.export(f"{name}.xlsx")
    return pd.read_excel(desk.folder / "out" / f"{name}.xlsx", dtype={"订单编号": str})


def quotient(desk: Desk, card: str) -> float:
    """The value of a card from what it was made of, as it stands below the figure."""
    text = desk.page.locator(f"[data-card='{card}'] .card-parts").inner_text()
    above, below = (float(re.sub(r"[^0-9.]", "", part)) for part in text.split("÷"))
    return above / below


# --- what is to be reported -----------------------------------------------------------------------
def customer(desk: Desk, world: Any, t: Any) -> str:
    given = {CLUES[k]: v for k, v in t.items() if k in CLUES}
    if "最近购买" in t:
        given["last_order_from"] = (t["最近购买"], t["最近购买"])
    desk.open("customers.lookup")
    desk.ask(**given)
    (found,) = desk.keys()
    return found


def frequency(desk: Desk, world: Any, t: Any) -> dict[str, int]:
    desk.open("segments.frequency")
    desk.ask(bounds=" ".join(map(str, t["每类最大的次数"])))
    return desk.column(0, 1)


def repurchase(desk: Desk, world: Any, t: Any) -> float:
    desk.open("analysis.repurchase")
    desk.ask(start=(t["从"], t["到"]))
    return quotient(desk, "复购率（按人）")


def leaving(desk: Desk, world: Any, t: Any) -> dict[str, Any]:
    desk.open("analysis.churn")
    desk.ask(churned_days=t["流失"])
    desk.tab("名单")
    people = read(desk, "churn")
    desk.open("analysis.order_value")
    desk.ask(start=(t["从"], t["到"]))
    lost = people.loc[people["状态"] == "流失", "客户编号"]
    return {"客单价": quotient(desk, "客单价"), "流失名单": list(lost)}


def best(desk: Desk, world: Any, t: Any) -> dict[str, Any]:
    desk.open("products.category_sales")
    desk.ask(start=(t["从"], t["到"]))
    sold = read(desk, "categories")
    sold = sold[(sold["层级"] == 2) & (sold["上级"] == t["上级类目"])]
    desk.open("products.association")
    desk.ask(start=(t["从"], t["到"]))
    rules = read(desk, "rules").sort_values(t["商品对比"], ascending=False).iloc[0]
    sku = world.data.shop.products.set_index("商品名称")["商品编码"]
    return {
        "类目": sold.sort_values(t["类目比"], ascending=False)["类目"].iloc[0],
        "商品对": [sku[rules["前项名称"]], sku[rules["后项名称"]]],
    }


def orders(desk: Desk, world: Any, t: Any) -> list[str]:
    desk.open("orders.search")
    limits = {"实付金额不低于": "least", "实付金额不高于": "most"}
    desk.ask(status=t["状态"], since=(t["下单从"], t["到"]),
             **{limits[k]: v for k, v in t.items() if k in limits})  # fmt: skip
    return list(read(desk, "orders")["订单编号"])


def returned(desk: Desk, world: Any, t: Any) -> dict[str, Any]:
    desk.open("orders.returns")
    kind = {} if t["原因的类型"] == "全部" else {"kind": t["原因的类型"]}
    desk.ask(**kind, since=(t["从"], t["到"]))
    desk.tab("退货率与退款率")
    rates = read(desk, "rates")
    how = rates["口径"].str.contains("行" if t["计算"] == "按明细行" else "金额")
    wanted = (rates["指标"] == t["比率"]) & rates["口径"].str.contains("付款") & how
    desk.tab("原因")
    return {
        "原因": read(desk, "reasons")["原因"].iloc[0],
        "比率": rates.loc[wanted, "数值"].iloc[0],
    }


def alerts(desk: Desk, world: Any, t: Any) -> list[str]:
    desk.open("interactions.review_alerts")
    rules = desk.page.get_by_test_id("filter").locator("[data-field='rules'] input")
    for box in rules.all():
        box.uncheck()
    desk.ask(rules=t["规则"], unanswered_only=t["已回复的"] == "不算", since=t["评价从"])
    found = list(read(desk, "alerts")["评价编号"].dropna())
    desk.open(DESKS[t["通话"]])
    desk.act(f"登记{t['通话']}", customer_id=t["顾客"], topic=t["主题"], result=t["结果"],
             seconds=t["时长（秒）"])  # fmt: skip
    return found


def asleep(desk: Desk, world: Any, t: Any) -> float:
    desk.open("channels.dormant")
    (channel,) = desk.keys()
    desk.choose(channel)
    desk.act("处理", action="mark", note=t["备注"])
    desk.open("channels.return_rate")
    rate = "refund" if t["比率"] == "退款率" else "return"
    desk.ask(rate=rate, start=(t["付款从"], t["到"]))
    column = f"{t['比率']}（{'行' if t['计算'] == '按明细行' else '金额'}，按付款日）"
    return float(read(desk, "channels").set_index("渠道编号").loc[channel, column])


# --- what is to be done ---------------------------------------------------------------------------
def tag(desk: Desk, t: Any) -> None:
    low, high = ("" if x == "不限" else x for x in (t["从"], t["到"]))
    given: dict[str, Any] = {CLUES[t["条件一"]]: t["等于"]}
    if t["条件二"] in NUMBERS:
        name = NUMBERS[t["条件二"]]
        given |= {f"{name}_{end}": x for end, x in (("from", low), ("to", high)) if x != ""}
    else:
        given["last_order_from"] = (low, high)
    desk.open("customers.lookup")
    desk.ask(**given)
    desk.choose_all()
    desk.act("贴标签", tag=t["标签"])


def classify(desk: Desk, t: Any) -> None:
    desk.open("segments.spending")
    desk.ask(bands=" ".join(f"{x:g}" for x in t["分档下界（元）"]))
    desk.choose(t["要保存的一档"])
    desk.act("保存为分类", name=t["存为"])
    desk.open("segments.manual")
    desk.act("新建分类", name=t["手动分类"], ids=" ".join(t["顾客"]))


def congratulate(desk: Desk, t: Any) -> None:
    text = f"【{{店名}}】{{昵称}}，{t['祝福语']}！送您{{优惠券}}元生日礼券。拒收请回复R"
    desk.open("marketing.birthday")
    desk.act(
        "发送祝贺", dry=True, days=t["天数"], start=t["从"], coupon=t["优惠券（元）"], template=text
    )


ANSWERS = {
    "X1-01": customer, "X1-03": frequency, "X1-05": repurchase, "X1-06": leaving, "X1-07": best,
    "X1-08": orders, "X1-09": returned, "X1-11": alerts, "X1-12": asleep,
}  # fmt: skip
TASKS = {"X1-02": tag, "X1-04": classify, "X1-10": congratulate}
