"""Inputs of chapter 14's exercises: a case library, three questions of trades, sentences, orders.

Everything is drawn by hash. Titles and trades of the five cases are those of the syllabus; all else
was written for class. Which column of the case matrix a sentence belongs to is not written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv
from crmkit.syllabus import course

CHAPTER = "ch14"
SENTENCES = 10
BUYERS = 260
YEAR = 2025
OURS, CLASS = "大纲", "教学编写"
# cases of the library that were written for class: title → trade
OTHERS = {
    "城南空调安装队": "电器", "滨江证券营业部": "证券业", "老街糖水铺": "旅游业", "小满洗衣液": "消费品行业",
    "环城汽修连锁": "汽车行业", "青禾电饭煲": "电器", "半山民宿群": "旅游业",
}  # fmt: skip

# Sentences for the case matrix: a service firm for home appliances, written for class.
SENTENCE_POOL = (
    "一年之内，让修过一次的用户下次还找我们，比例从三成升到四成。",
    "每张工单记下机型、购买日期、故障和上门时间。",
    "修完第三天由总台回访，问修好没有、收费清不清楚。",
    "半年后，重复报修从每百单 18 张降到 11 张。",
    "公司树立了行业服务的新标杆。",
    "年底以前，旺季两天之内上门的比例不低于九成。",
    "按用户的手机号把三个客服号码的来电合到一份档案里。",
    "给师傅配上手机端，派单、签到、拍照都在一处。",
    "九个月后再问，愿意推荐给邻居的用户由 41% 升到 52%。",
    "广大用户对新系统给予了高度评价。",
    "今年的目标是：延长保修的续买率提高五个百分点。",
    "滤网的寿命按安装日期和用水量推算，存在档案里。",
    "保修期满前三十天，由系统列出名单，客服打电话。",
    "第一批名单 1,200 户中有 168 户续买，没打电话的对照组是 6%。",
    "从此客户关系迈上了新的台阶。",
    "打算用两个季度，把“不知道修到哪一步”的来电减掉一半。",
    "来电的原因、时长和转接次数由话务系统逐条记录。",
    "工单每走一步，给用户发一条进度消息。",
    "进度消息上线后，催单电话由每天 96 个减到 51 个。",
    "这套做法充分体现了以客户为中心的理念。",
    "要让十公里内的老用户换新机时先想到本店，换新率做到 15%。",
    "用户家里的机器有几台、各用了几年，上门时填进表里。",
    "机龄满八年的用户，师傅保养时当面给一张以旧换新的报价。",
    "试点片区的换新率是 13%，没有试点的片区 8%。",
    "信息化建设取得了丰硕成果。",
    "三个月内，把满意度问卷的回收率从 8% 提到 20%，先听见再改。",
    "问卷按故障、师傅、收费三项分别打分，与工单号连在一起。",
    "问卷缩到三题，修完当场扫码填。",
    "回收率到第三个月是 23%，打分最低的一项是“收费没讲清”。",
    "员工的精神面貌焕然一新。",
)


@dataclass(frozen=True)
class Rule:
    """The limits of one student's three questions."""

    interval: int  # months between purchases, at least
    channel: float  # share sold through others, above
    leave: int  # days needed to change to another firm, at most


def draw(student: str) -> Draw:
    return Draw(student, CHAPTER)


def rule(student: str) -> Rule:
    d = draw(student)
    return Rule(d.step("interval", 12, 36, 6), d.step("channel", 40, 60, 5) / 100,
                d.step("leave", 3, 15, 3))  # fmt: skip


@lru_cache(maxsize=8)
def trades(student: str) -> pd.DataFrame:
    """Made-up figures of five trades; one stands on a limit, one answers two questions with yes."""
    d, r = draw(student), rule(student)
    names = shops.draw(
        [c.industry for c in course().chapter(CHAPTER).cases], 5, student, CHAPTER, "trade"
    )

    def few(k: int) -> int:
        return d.step(("few", k), 1, r.interval - 2)

    direct = [d.step(("direct", k), 5, round(100 * r.channel) - 5) / 100 for k in range(5)]
    slow = [d.step(("slow", k), r.leave + 2, r.leave + 40) for k in range(5)]
    rows = [
        # exactly on the first limit, and sold through others too
        (names[0], r.interval, round(r.channel + d.step("over", 5, 30) / 100, 2), slow[0]),
        (names[1], few(1), round(r.channel + d.step("far", 5, 35) / 100, 2), d.step("soon", 1, r.leave)),
        (names[2], few(2), direct[2], r.leave),  # exactly on the third limit
        (names[3], few(3), r.channel, slow[3]),  # on the second limit, which is open
    ]  # fmt: skip
    last = [
        (names[4], r.interval + d.step("long", 3, 48), direct[4], d.step("quick", 1, r.leave)),
        (names[4], few(4), direct[4], slow[4]),
    ]
    rows.append(last[d.step("last", 0, 1)])
    frame = pd.DataFrame(rows, columns=["行业", "购买间隔（月）", "经渠道销售占比", "换一家要几天"])
    return frame.sort_values("行业").reset_index(drop=True)


def library(student: str) -> pd.DataFrame:
    """The five cases of the syllabus among cases written for class."""
    ours = [(c.title, c.industry, OURS) for c in course().chapter(CHAPTER).cases]
    rows = ours + [(title, trade, CLASS) for title, trade in OTHERS.items()]
    places = shops.draw(
        [f"{i:02d}" for i in range(len(rows))], len(rows), student, CHAPTER, "library"
    )
    dealt = [(f"L{k:02d}", *rows[int(i)]) for k, i in enumerate(places, start=1)]
    return pd.DataFrame(dealt, columns=["编号", "案例", "行业", "出处"])


def sentences(student: str) -> dict[str, int]:
    """The student's sentences: number on the sheet → place in `SENTENCE_POOL`."""
    return draw(student).cards(len(SENTENCE_POOL), SENTENCES, "S", "sentences")


def shop_of(student: str) -> str:
    return draw(student).pick("shop", sorted(shops.TITLES))


@lru_cache(maxsize=8)
def orders(student: str) -> pd.DataFrame:
    """All orders of some buyers of one shop: two years, paid or not."""
    whole = shops.load(shop_of(student)).orders
    busy = whole["客户编号"].value_counts()
    ids = shops.draw(sorted(busy[busy > 1].index), BUYERS, student, CHAPTER, "buyers")
    mine = whole[whole["客户编号"].isin(ids)]
    names = ["订单编号", "客户编号", "下单时间", "付款时间", "实付金额", "订单状态"]
    return mine[names].sort_values("下单时间", kind="stable").reset_index(drop=True)


def _rule(path: Path, student: str) -> None:
    r = rule(student)
    csv([("购买间隔（月）：至少", r.interval), ("经渠道销售占比：高于", r.channel),
         ("换一家要几天：至多", r.leave)], path, "界限", "数值")  # fmt: skip


FILES = {
    "library.csv": lambda path, student: csv(library(student), path),
    "trades.csv": lambda path, student: csv(trades(student), path),
    "trade_rule.csv": _rule,
    "sentences.csv": lambda path, student: csv(
        [(k, SENTENCE_POOL[i]) for k, i in sentences(student).items()], path, "编号", "句子"
    ),
    "orders.csv": lambda path, student: csv(orders(student), path),
}
