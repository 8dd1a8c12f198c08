"""Inputs of lab C5: sentences and indicators to sort, members and purchases, a rule card.

The shop is invented; its data come from datasets/cases, cut for every student. What the sentences
are to be sorted into is not written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv
from crmkit.settings import settings

LAB, KEY = "C5", "会员编号"
CUSTOMERS, GRID, STATEMENTS, INDICATORS = 950, 15, 10, 9
LEVELS = ("普通", "银卡", "金卡")

# Four kinds of statements, each with its own place in the list: see the judge's keys.
STATEMENT_POOL = (
    "美容顾问记下每位顾客的肤质和用完的日子，快用完时先打电话问感受，再谈补货。",
    "公司把三年没有断过的老顾客请到研究所，听她们讲用后的真实感受。",
    "顾问的奖金一半看她名下顾客一年后还在不在。",
    "顾客过敏了，顾问当天上门看情况，退款不必退货。",
    "换季前给老顾客寄一份她自己的护肤记录和建议，不带任何促销。",
    "新顾客的第一瓶用到一半时，顾问教她怎样用得更省。",
    "每位顾客有固定的顾问，顾问离职时要当面介绍接班的人。",
    "公司算的是一位顾客二十年里的往来，不是这一单赚多少。",
    "老顾客说瓶盖难开，公司改了模具，再寄新瓶请她试。",
    "顾客要买的一款不适合她的皮肤，顾问劝她别买。",
    "促销季里，顾问先给老顾客留出她常用的那一款，再对外卖。",
    "降价前一周，公司先写信告诉刚买过的顾客，并补上差价。",
    "新品上市，全国电视同一条广告，目标是三个月铺满货架。",
    "柜台只记今天卖了多少瓶，不记卖给了谁。",
    "全场五折三天，月底前把库存清完。",
    "销售部的考核只有一项：本月新增了多少订单。",
    "市场部按年龄和收入划出人群，对同一群人讲同一句话。",
    "竞争对手降价，本店跟着降，价格牌天天换。",
    "顾客走了就再做一轮广告，总有新的人进来。",
    "售后热线尽量短，每通电话不超过两分钟，省下人手去接单。",
    "会员日全场再减五十，为的是把本月的销售额冲上去。",
    "给全部会员群发同一条短信：“亲爱的会员，您有一张券今晚到期”。",
    "办一张会员卡就送礼品，办完以后再没有人联系过她。",
    "广告里说“我们爱每一位顾客”，店里没有一份顾客档案。",
)  # fmt: skip
KINDS = {"plain": range(0, 8), "lure": range(8, 12), "old": range(12, 20), "dressed": range(20, 24)}
INDICATOR_POOL = (
    "一年里买过几次", "两次购买之间隔了多少天", "在同类花费里，花在本店的占几成", "连续第几年还在买",
    "除了面霜，还买了几个品类", "上次买的用完以后，下一瓶是不是还在本店买的",
    "明年还打算不打算在本店买", "要买新品类时，会不会先想到本店", "本店涨价一成，还打不打算买",
    "愿不愿意等缺货的那一款，而不改买别家", "朋友问起，会不会推荐", "有没有订阅明年套装的打算",
    "对公司的理念认同几分", "把本店当作“自己人”的程度", "听到别人批评本店时难过不难过",
    "对顾问有多信任", "以做会员为荣的程度", "看到本店的标志时觉得亲切的程度",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One student's card of the points-and-levels programme."""

    yuan: int  # for one point
    factors: tuple[int, int, int]  # percent of each level
    silver: int
    gold: int
    birthday: int  # times as many points in the month of birth


@dataclass(frozen=True)
class Value:
    """Numbers for the value of a customer."""

    margin: int
    retention: float
    rate: float


def draw(student: str) -> Draw:
    return Draw(student, LAB)


@cache
def _pool(root: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    members = pd.read_csv(root / "cases" / "members.csv", encoding="utf-8-sig")
    purchases = pd.read_csv(root / "cases" / "purchases.csv", encoding="utf-8-sig")
    members.columns = pd.Index([KEY, "入会日期", "依恋"])
    purchases.columns = pd.Index([KEY, "购买日期", "金额", "退货"])
    members["入会日期"] = pd.to_datetime(members["入会日期"])
    purchases["购买日期"] = pd.to_datetime(purchases["购买日期"])
    purchases["退货"] = purchases["退货"].map({1: "是", 0: "否"})
    return members, purchases


@lru_cache(maxsize=4)
def data(student: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The student's customers and all their purchases."""
    members, purchases = _pool(shops.root())
    keep = set(shops.draw(members[KEY].tolist(), CUSTOMERS, student, LAB))
    return (
        members[members[KEY].isin(keep)].reset_index(drop=True),
        purchases[purchases[KEY].isin(keep)].reset_index(drop=True),
    )


@lru_cache(maxsize=4)
def grid(student: str) -> list[str]:
    """Fifteen members; some stand just on a limit, some have a purchase that was returned."""
    limits = settings()["satisfaction"]
    members, purchases = data(student)
    ours = members[members["入会日期"].notna()].set_index(KEY)
    bought = purchases.groupby(KEY).size().reindex(ours.index)
    kept = purchases[purchases["退货"] == "否"].groupby(KEY).size().reindex(ours.index).fillna(0)
    many, fond = limits["loyal_orders"], limits["loyal_attachment"]
    groups = [
        ours.index[ours["依恋"] == fond],
        ours.index[kept == many],
        ours.index[(kept < many) & (bought >= many)],
        ours.index[(kept < many) & (bought == kept)],
    ]
    chosen: list[str] = []
    for k, group in enumerate(groups):
        free = [i for i in group if i not in chosen]
        chosen += shops.draw(free, min(3, len(free)), student, LAB, f"edge {k}")
    rest = [i for i in ours.index if i not in chosen]
    return sorted(chosen + shops.draw(rest, GRID - len(chosen), student, LAB, "rest"))


def statements(student: str) -> dict[str, int]:
    """Number on the sheet → place in `STATEMENT_POOL`: three plain ones and two lures of each side."""
    places: list[str] = []
    for kind, n in (("plain", 3), ("lure", 2), ("old", 3), ("dressed", 2)):
        ids = [f"{k:02d}" for k in KINDS[kind]]
        places += shops.draw(ids, n, student, LAB, f"statements {kind}")
    order = shops.draw(places, len(places), student, LAB, "order of statements")
    return {f"S{k:02d}": int(i) for k, i in enumerate(order, start=1)}


def indicators(student: str) -> dict[str, int]:
    """Number on the sheet → place in `INDICATOR_POOL`: at least one of each of the three kinds."""
    size = len(INDICATOR_POOL) // 3
    first = [shops.draw([f"{k:02d}" for k in range(b, b + size)], 2, student, LAB, f"kind {b}")
             for b in range(0, 3 * size, size)]  # fmt: skip
    fixed = [i for pair in first for i in pair]
    rest = [f"{k:02d}" for k in range(len(INDICATOR_POOL)) if f"{k:02d}" not in fixed]
    chosen = fixed + shops.draw(rest, INDICATORS - len(fixed), student, LAB, "further")
    order = shops.draw(chosen, INDICATORS, student, LAB, "order of indicators")
    return {f"I{k:02d}": int(i) for k, i in enumerate(order, start=1)}


def rule(student: str) -> Rule:
    d = draw(student)
    silver = d.step("silver", 800, 1500, 100)
    return Rule(
        yuan=d.step("yuan", 5, 20, 5), factors=(100, d.step("f1", 110, 140, 10), d.step("f2", 150, 200, 10)),
        silver=silver, gold=silver + d.step("gold", 1000, 2500, 100), birthday=d.step("birthday", 2, 3),
    )  # fmt: skip


def value(student: str) -> Value:
    d = draw(student)
    return Value(d.step("margin", 200, 800, 20), d.step("retention", 60, 85) / 100,
                 d.step("rate", 8, 15) / 100)  # fmt: skip


def _statements(path: Path, student: str) -> None:
    csv([(n, STATEMENT_POOL[i]) for n, i in statements(student).items()], path, "编号", "做法")


def _indicators(path: Path, student: str) -> None:
    csv([(n, INDICATOR_POOL[i]) for n, i in indicators(student).items()], path, "编号", "指标")


def _rule(path: Path, student: str) -> None:
    r = rule(student)
    rows: list[tuple[object, ...]] = [
        ("每多少元 1 分", r.yuan), ("普通倍数", r.factors[0] / 100), ("银卡倍数", r.factors[1] / 100),
        ("金卡倍数", r.factors[2] / 100), ("银卡起点（元）", r.silver), ("金卡起点（元）", r.gold),
        ("生日月倍数", r.birthday),
    ]  # fmt: skip
    csv(rows, path, "规则", "数值")


def _value(path: Path, student: str) -> None:
    v = value(student)
    csv(
        [("年毛利（元）", v.margin), ("保持率", v.retention), ("折现率", v.rate)],
        path,
        "名称",
        "数值",
    )


FILES = {
    "statements.csv": _statements,
    "indicators.csv": _indicators,
    "members.csv": lambda path, student: csv(data(student)[0], path),
    "purchases.csv": lambda path, student: csv(data(student)[1], path),
    "grid.csv": lambda path, student: csv([(i,) for i in grid(student)], path, KEY),
    "rule.csv": _rule,
    "value.csv": _value,
}
