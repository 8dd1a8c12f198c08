"""Inputs of chapter 7's exercises: questions, slips of paper, points, chances, statements.

Everything is drawn by hash, so that every student has other ones. What the sentences are to be
sorted into is not written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit.lab.inputs.by_hash import Draw, csv

CHAPTER = "ch07"
QUESTIONS, STATEMENTS, SLIPS, POINTS, CHANCES = 8, 8, 12, 8, 50

# What somebody in a shop wants to know.
QUESTION_POOL = (
    "下周寄优惠券，先弄清每位老客户是会来还是不会来，历史上谁来过谁没来过都有记录。",
    "把两千位会员分成几拨，谁和谁像就在一起，事先不知道有几拨、各叫什么。",
    "买了普洱的人，购物车里常常还会放进什么？",
    "三月份大约会卖出多少张订单，要算出一个数来备货。",
    "有没有哪张订单大得离谱，像是输错了数量或者有人刷单？",
    "新来的询盘按“会成交、不会成交”贴上标签，参照过去三年的成交记录。",
    "没有任何现成的标签，只看来得多不多、花得多不多，让数据自己分出人群。",
    "哪两样东西总在同一张单子里出现，可以做成套装？",
    "一位客户明年大概会花多少元？",
    "某个客服账号一夜之间查看了几百位客户的手机号，和平时完全不同，要把它找出来。",
    "读评价文字，判断是好评、中评还是差评，已经有一万条人工标好的。",
    "按浏览轨迹把访客归成若干个相似的群，好给每群起个名字再想对策。",
    "给商品详情页配“看了又买”的推荐，依据是同一个人的购买组合。",
    "双十一那天客服热线会接到多少通电话，按小时给出数字。",
    "二十万条退款里，挑出金额和次数都和别人不一样的几笔来人工核查。",
    "贷款申请人会不会逾期，用以前的“逾期、未逾期”样本来判断。",
    "全国三百家门店，按客流和客单的样子归堆，堆的数目由数据定。",
    "哪些栏目的文章常被同一位读者一起收藏？",
    "估计下个月每位会员的积分兑换量，以便准备积分商品。",
    "传感器一直平稳，今天有一秒钟的读数跳到平时的九倍，系统要自动报警。",
    "收到一封邮件，判断它是不是垃圾邮件，训练样本已经标好。",
    "把商品评论按谈论的内容自动归拢，归出几个话题由算法定。",
    "买尿布的顾客还买了什么，货架要不要挪近一些？",
    "根据面积、朝向和地段，推算一套房的成交价。",
    "会员卡在同一分钟里出现在两座城市，要从流水里揪出这样的卡。",
)
# What people say of mining and of on-line analysis.
STATEMENT_POOL = (
    "分析人员先有一个猜想，再到立方体里去核实它。",
    "切片、切块、下钻、上卷、旋转，都是人在动手。",
    "店长想看去年第四季度华东的红茶卖了多少，点几下就得到。",
    "回答“发生了什么”，给出的是汇总的数。",
    "把月度销售额从省钻到市，看是哪座城市掉了下来。",
    "结果总是已有数据的合计、平均或占比，没有别的东西。",
    "同一张汇总表，换一个维度再看一遍。",
    "用户提出查询，系统从预先汇总好的多维数据里取数。",
    "报表里按渠道和月份列出退货率，由人来看哪里不对。",
    "没有人事先提出假设，由算法从数据里提出规则。",
    "给每位客户一个还会不会再来的概率。",
    "模型要在没见过的数据上检验，才知道是不是碰巧。",
    "从一百万张小票里，自己找出总在一起出现的商品。",
    "把会员自动分成几群，事先没有人说过有哪几群。",
    "得到的是可以用到新客户身上的模型。",
    "回答“接下来会怎样”，例如谁会流失。",
    "在成千上万笔交易里自动标出与众不同的几笔。",
    "用过去的成交记录训练，再去预测新的商机能不能成。",
)
_GOODS = ("龙井", "普洱", "红茶", "盖碗", "公道杯", "茶针", "茶巾", "茶点", "密封罐", "玻璃杯")


@dataclass(frozen=True)
class Slips:
    """Twelve slips, and the rule to be judged: `before` → `after`."""

    baskets: tuple[tuple[str, ...], ...]
    before: str
    after: str


@dataclass(frozen=True)
class Plane:
    """Points with whole coordinates and two centres to begin with."""

    points: tuple[tuple[int, int], ...]
    centres: tuple[tuple[int, int], tuple[int, int]]


def questions(student: str) -> dict[str, int]:
    """The student's questions: number on the sheet → place in `QUESTION_POOL`."""
    return Draw(student, CHAPTER).cards(len(QUESTION_POOL), QUESTIONS, "Q", "questions")


def statements(student: str) -> dict[str, int]:
    return Draw(student, CHAPTER).cards(len(STATEMENT_POOL), STATEMENTS, "S", "statements")


@lru_cache(maxsize=8)
def slips(student: str) -> Slips:
    """Twelve slips on which support, confidence and lift of the rule are all different."""
    draw = Draw(student, CHAPTER)
    order = sorted(_GOODS, key=lambda name: draw.unit("goods", name))[:6]
    before, after, *others = order
    for attempt in range(200):

        def u(*what: object, n: int = attempt) -> float:
            return draw.unit("slip", n, *what)

        share_a, share_b = 0.35 + 0.4 * u("share", "a"), 0.25 + 0.5 * u("share", "b")
        baskets = []
        for k in range(SLIPS):
            basket = [before] if u(k, "a") < share_a else []
            if u(k, "b") < (share_b if basket else 0.75 - share_b):
                basket.append(after)
            basket += [name for name in others if u(k, name) < 0.35]
            baskets.append(tuple(sorted(basket)) or (others[0],))
        a, b = (sum(x in s for s in baskets) for x in (before, after))
        both = sum(before in s and after in s for s in baskets)
        if (
            4 <= a <= 9
            and 3 <= b <= 9
            and a != b
            and 2 <= both < min(a, b)
            and both * SLIPS != a * b
        ):
            return Slips(tuple(baskets), before, after)
    raise AssertionError("no slips found")  # never: checked for thousands of ids


@lru_cache(maxsize=8)
def plane(student: str) -> Plane:
    """Eight points of which some change sides in the second step, without ties."""
    draw = Draw(student, CHAPTER)
    for attempt in range(400):
        points = []
        for k in range(POINTS):
            far = 6 if k >= POINTS // 2 else 0
            points.append(
                (
                    1 + far + int(6 * draw.unit("x", attempt, k)),
                    1 + far // 2 + int(7 * draw.unit("y", attempt, k)),
                )
            )
        if len(set(points)) < POINTS:
            continue
        start = (points[0], points[1])
        one = sides(points, start)
        if one is None:
            continue
        moved = means(points, one)
        two = sides(points, moved)
        if two is None or two == one or {0, 1} != set(two) or min(map(two.count, (0, 1))) < 2:
            continue
        return Plane(tuple(points), start)
    raise AssertionError("no points found")  # never: checked for thousands of ids


Pair = tuple[float, float]


def sides(points: list[tuple[int, int]], centres: tuple[Pair, Pair]) -> list[int] | None:
    """Which centre each point is nearer to; None where the two are (almost) equally near."""
    out = []
    for x, y in points:
        a, b = ((x - cx) ** 2 + (y - cy) ** 2 for cx, cy in centres)
        if abs(a - b) < 0.05:
            return None
        out.append(int(b < a))
    return out


def means(points: list[tuple[int, int]], side: list[int]) -> tuple[Pair, Pair]:
    found = []
    for k in (0, 1):
        mine = [p for p, s in zip(points, side, strict=True) if s == k]
        found.append((sum(x for x, _ in mine) / len(mine), sum(y for _, y in mine) / len(mine)))
    return found[0], found[1]


def cut(student: str) -> float:
    """The chance (in hundredths) from which a customer counts as a churner."""
    return Draw(student, CHAPTER).step("cut", 45, 65, 5) / 100


@lru_cache(maxsize=8)
def chances(student: str) -> pd.DataFrame:
    """Fifty customers with the model's chance and what came true; some stand just on the cut."""
    draw, limit = Draw(student, CHAPTER), cut(student)
    rows = []
    for k in range(CHANCES):
        p = round(0.02 + 0.96 * draw.unit("chance", k), 2)
        if k < 4:
            p = limit
        true = draw.unit("true", k) < 0.15 + 0.6 * p
        if k < 2:
            true = k == 0
        rows.append((f"C{k + 1:06d}", p, "流失" if true else "留下"))
    frame = pd.DataFrame(rows, columns=["客户编号", "流失概率", "实际"])
    order = sorted(range(CHANCES), key=lambda k: draw.unit("order", k))
    return frame.iloc[order].reset_index(drop=True)


def _questions(path: Path, student: str) -> None:
    rows = [(number, QUESTION_POOL[i]) for number, i in questions(student).items()]
    csv(rows, path, "编号", "店里想知道什么")


def _statements(path: Path, student: str) -> None:
    rows = [(number, STATEMENT_POOL[i]) for number, i in statements(student).items()]
    csv(rows, path, "编号", "说法")


def _slips(path: Path, student: str) -> None:
    rows = [(f"{k:02d}", "、".join(b)) for k, b in enumerate(slips(student).baskets, start=1)]
    csv(rows, path, "小票", "商品")


def _points(path: Path, student: str) -> None:
    rows = [(f"P{k}", x, y) for k, (x, y) in enumerate(plane(student).points, start=1)]
    csv(rows, path, "点", "x", "y")


def _card(path: Path, student: str) -> None:
    rule, given = slips(student), plane(student)
    rows = [
        ("前项", rule.before), ("后项", rule.after),
        ("中心 1 的 x", given.centres[0][0]), ("中心 1 的 y", given.centres[0][1]),
        ("中心 2 的 x", given.centres[1][0]), ("中心 2 的 y", given.centres[1][1]),
        ("界限", cut(student)),
    ]  # fmt: skip
    csv(rows, path, "名称", "值")


FILES = {
    "questions.csv": _questions,
    "statements.csv": _statements,
    "slips.csv": _slips,
    "points.csv": _points,
    "chances.csv": lambda path, student: csv(chances(student), path),
    "card.csv": _card,
}
