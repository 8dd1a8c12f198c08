"""Inputs of lab O7: one student's cut of the electronics shop, transcripts, rules and lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw
from crmkit.shops import Shop

LAB, SHOP, KEY = "O7", "electronics", "客户编号"
SAMPLE, CALLED, ASKED = 60, 8, 50
AGENTS = ("小满", "老高", "比特", "小启", "晓光", "阿明")
TITLES = ("冬季回访", "年终满意度", "新年问候问卷", "老顾客意见")
# Questions in the form of the console: words | kind | choices.
QUESTIONS = (
    ("您对买到的商品质量满意吗？|评分", "您对商品与描述相符满意吗？|评分"),
    ("您对发货速度满意吗？|评分", "您对客服的答复满意吗？|评分"),
    ("您有多大可能把本店推荐给朋友？|推荐", "您愿意向同事推荐我们吗？|推荐"),
    (
        "您主要在哪里看到本店？|单选|搜索/直播/朋友/短视频",
        "您最近一次为谁买？|单选|自己/家人/朋友/公司",
    ),
    ("还有什么想对我们说？|文本", "您最希望我们改进什么？|文本"),
)
# Topic → keywords, and messages for each of them that contain no other topic's keyword.
TOPICS: dict[str, dict[str, str]] = {
    "退换货": {"退货": "耳机不合适，想退货", "换货": "能换货吗", "退款": "退款几天到账"},
    "物流": {"快递": "用的什么快递", "发货": "什么时候发货呀", "物流信息": "物流信息两天没动了"},
    "发票": {"发票": "可以补开发票吗", "开票": "开票要哪些资料", "抬头": "抬头写错了"},
    "保修": {"保修": "还在保修期吗", "维修": "维修点在哪", "坏了": "充电口坏了"},
    "优惠": {"优惠券": "优惠券怎么领", "满减": "今天有满减吗", "便宜": "能不能便宜点"},
    "使用": {"怎么用": "这个键怎么用", "连不上": "蓝牙连不上电脑", "说明书": "说明书丢了"},
}
EXACT, EXACT_REPLY = "人工", "好的，马上为您转接人工客服。"
# What was said, and the topic it is about.
PLAIN_CALLS = (
    ("投影仪的遥控器不会配对，问要按哪个键", "使用方法"), ("路由器的访客网络找不到在哪里开，请人教一遍", "使用方法"),
    ("去年单位买的那批要补开一张专票，问要准备什么", "发票"), ("问电子发票发到哪个邮箱了", "发票"),
)  # fmt: skip
ORDER_CALLS = (
    ("包裹三天没有动静，问到哪里了", "物流查询"), ("快递显示签收，但他没有拿到", "物流查询"),
    ("买大了一号，想换小的，问运费谁出", "退换货"), ("没有拆封，想退掉", "退换货"),
)  # fmt: skip
COMPLAINTS = (
    "很生气：上回来电答应当天回复，等了三天没有人理，要求给个说法", "很生气：客服说话不耐烦，话没说完就挂了，要求道歉",
    "很生气：说好的赠品没有，问了两次都推给别人，要求有人负责",
)  # fmt: skip
RECORDED = ("退换货", "使用方法", "质量问题", "物流查询", "发票", "投诉")
QUARTERS = ("2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01", "2025-07-01")


@dataclass(frozen=True)
class Data:
    """What one student works on; `calls` are the three records, `topics` those of the replies."""

    shop: Shop
    tasks: dict[str, dict[str, Any]]
    calls: list[dict[str, Any]]
    topics: list[str]
    complaint_order: str


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's cut of the electronics shop and the tasks."""
    shop, draw = shops.variant(SHOP, student, LAB), Draw(student, LAB)
    orders = shops.valid_orders(shop.orders)
    people = _people(student, orders)
    bought = _purchase(orders, shop, people[2])
    calls = _calls(draw, orders, people)
    # The longest keywords last: without priorities the longest would win.
    topics = sorted(
        shops.draw(TOPICS, 4, student, LAB, "topics"), key=lambda t: max(map(len, TOPICS[t]))
    )
    agents = shops.draw(AGENTS, 2, student, LAB, "agents")
    start = f"2026-01-{draw.step('day', 5, 9):02d} 19:{draw.step('minute', 20, 40, 10)}:00"
    quarter = pd.Period(draw.pick("quarter", QUARTERS), freq="Q")
    tasks: dict[str, dict[str, Any]] = {
        "O7-01": {"标题": draw.pick("title", TITLES),
                  "题目": [draw.pick(("q", n), both) for n, both in enumerate(QUESTIONS)],
                  "发给": sorted(shops.draw(shop.customers[KEY], SAMPLE, student, LAB, "sample"))},
        "O7-02": {f"规则 {n}": f"包含「{'」「'.join(TOPICS[t])}」之一 → {reply(student, t)}"
                  for n, t in enumerate(topics, start=1)}
                 | {"规则 5": f"整句就是「{EXACT}」 → {EXACT_REPLY}"},
        "O7-03": {f"电话 {n}": c["记录"] for n, c in enumerate(calls, start=1)},
        "O7-04": {"主题": "满意度回访", "不早于": start, "每天": "9:00–20:00",
                  f"由{agents[0]}打": people[3:7], f"由{agents[1]}打": people[7:11]},
        "O7-05": {"到哪天为止": f"2025-{draw.step('month', 5, 11):02d}-{draw.step('until', 5, 25):02d}"},
        "O7-07": {KEY: _talker(student, shop, people)},
        "O7-08": {"看哪一种": draw.pick("kind", ("咨询", "呼入")),
                  "从": str(quarter.start_time.date()), "到": str(quarter.end_time.date())},
        "O7-09": {KEY: people[2], "商品": bought["商品名称"], "付款日期": bought["日"]},
    }  # fmt: skip
    return Data(shop, tasks, calls, topics, bought["订单编号"])


def tasks(student: str) -> dict[str, dict[str, Any]]:
    """Item → what it asks of this student."""
    return data(student).tasks


def reply(student: str, topic: str) -> str:
    """What the shop answers about a topic."""
    return f"{topic}的事请回复数字 {Draw(student, LAB).step(('reply', topic), 11, 89)}，小启马上帮您查。"


def _people(student: str, orders: pd.DataFrame) -> list[str]:
    """Two callers, one who complains and has several orders, eight to be called."""
    n = orders.groupby(KEY).size()
    chosen = shops.draw(n.index[n.between(2, 5)], 3, student, LAB, "callers")
    others = shops.draw([i for i in n.index if i not in chosen], CALLED, student, LAB, "called")
    return [*chosen, *others]


def _purchase(orders: pd.DataFrame, shop: Shop, customer: str) -> dict[str, str]:
    """One line of the customer's that product and day of payment find: 订单编号 商品名称 日."""
    own = orders.loc[orders[KEY] == customer, ["订单编号", "付款时间"]].merge(
        shop.order_items, on="订单编号"
    )
    own = own.merge(shop.products[["商品编码", "商品名称"]], on="商品编码")
    own["日"] = own["付款时间"].dt.strftime("%Y-%m-%d")
    own = own.sort_values(["日", "商品编码"], ignore_index=True)
    single = own.drop_duplicates(["日", "商品名称"], keep=False)
    return {k: str(single.iloc[0][k]) for k in ("订单编号", "商品名称", "日")}


def _calls(draw: Draw, orders: pd.DataFrame, people: list[str]) -> list[dict[str, Any]]:
    own = orders[orders[KEY] == people[0]].sort_values("付款时间")
    order = str(own["订单编号"].iloc[-1])
    about, topic = ORDER_CALLS[draw.step("order call", 0, len(ORDER_CALLS) - 1)]
    plain, plain_topic = PLAIN_CALLS[draw.step("plain call", 0, len(PLAIN_CALLS) - 1)]
    found: list[dict[str, Any]] = [
        {KEY: people[0], "主题": topic, "结果": draw.pick("r0", ("已解决", "需回电")), "订单编号": order,
         "说": f"报了订单号 {order}：{about}"},
        {KEY: people[1], "主题": plain_topic, "结果": "已解决", "订单编号": "", "说": f"没有报订单号：{plain}"},
        {KEY: people[2], "主题": "投诉", "结果": "转交主管", "订单编号": "",
         "说": f"没有报订单号，{draw.pick('complaint', COMPLAINTS)}"},
    ]  # fmt: skip
    for n, call in enumerate(found):
        minutes, seconds = draw.step(("min", n), 2, 8), draw.step(("sec", n), 5, 55)
        call["时长"] = 60 * minutes + seconds
        call["记录"] = (
            f"{call[KEY]} 来电，{call['说']}。通话 {minutes} 分 {seconds} 秒。处理：{call['结果']}。"
        )
    return found


def _talker(student: str, shop: Shop, people: list[str]) -> str:
    """A customer of eight to fourteen contacts, of several kinds, no two at the same moment."""
    i = shop.interactions[~shop.interactions[KEY].isin(people)]
    g = i.groupby(KEY)
    fits = g.size().between(8, 14) & (g["类型"].nunique() >= 3) & (g["时间"].nunique() == g.size())
    return shops.draw(fits.index[fits], 1, student, LAB, "talker")[0]


FILES: dict[str, Any] = {}
