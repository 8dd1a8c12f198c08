"""Inputs of lab C4: milestones, features, and the slips and stock of an invented supermarket.

Slips are made by hash for every student: the chance of every product and the strength of a few
affinities differ from student to student, the answers with them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit.lab.inputs.by_hash import Draw, csv

LAB = "C4"
SLIPS, CARDS, DAYS = 1500, 7, 30
# product: supplier, chance to be in a basket, pieces in a case
GOODS: dict[str, tuple[str, float, int]] = {
    "尿布": ("贝安日用", 0.07, 12), "湿巾": ("贝安日用", 0.08, 24), "奶瓶": ("贝安日用", 0.02, 6),
    "啤酒": ("金穗酒业", 0.12, 24), "白酒": ("金穗酒业", 0.03, 6), "花生米": ("金穗酒业", 0.09, 30),
    "面包": ("麦香食品", 0.18, 20), "饼干": ("麦香食品", 0.10, 24), "果酱": ("麦香食品", 0.05, 12),
    "牛奶": ("云牧乳业", 0.20, 24), "酸奶": ("云牧乳业", 0.13, 24), "黄油": ("云牧乳业", 0.04, 12),
    "手电筒": ("明光五金", 0.03, 10), "电池": ("明光五金", 0.06, 40), "蜡烛": ("明光五金", 0.03, 20),
    "牙膏": ("洁齿家化", 0.07, 24), "牙刷": ("洁齿家化", 0.06, 36), "毛巾": ("洁齿家化", 0.05, 20),
}  # fmt: skip
SUPPLIERS = tuple(dict.fromkeys(supplier for supplier, _, _ in GOODS.values()))
# whoever has the first takes the second with this chance more
_TOGETHER = (
    ("尿布", "湿巾", 0.42), ("手电筒", "电池", 0.55), ("牙膏", "牙刷", 0.40), ("面包", "果酱", 0.16),
    ("啤酒", "花生米", 0.30), ("面包", "黄油", 0.13), ("尿布", "啤酒", 0.14), ("牛奶", "饼干", 0.10),
)  # fmt: skip
# What happened, the oldest first.
MILESTONES = (
    "第一家店在阿肯色州的罗杰斯城开门，走薄利多销的路子。",
    "公司股票公开上市，有了钱去建配送中心。",
    "门店收银台开始扫描条码，卖掉的每一件商品第一次有了逐笔记录。",
    "自建的卫星通信网建成，各店当天的销售当天传回总部。",
    "总部建起集中的商业数据仓库，把各店的销售明细存在一处供人查询。",
    "“零售商联系”（Retail Link）系统开通，供应商可以查看自己商品的销售和库存。",
    "在深圳开出中国的第一家店。",
    "宣布要求前一百家大供应商在货箱和托盘上贴无线射频标签（RFID）。",
    "飓风弗朗西丝登陆之前，根据上一次飓风的销售记录，提前向沿途门店加送草莓味的早餐馅饼和啤酒。",
)
FEATURES = {
    "条码扫描": "收银的同时记下卖的是哪一件、几点、多少钱，不用人抄",
    "卫星通信网": "让总部当天就知道一千多家店各卖了多少",
    "数据仓库": "把几年的销售明细存在一处，可以反复换角度去问",
    "零售商联系系统": "让供应商自己看到自己商品的销售和库存，一起定补货",
    "越库配送": "货到配送中心不上架，直接分装到去门店的车上，少压库存",
    "射频标签": "一整托盘的货不用拆开，经过门口就点清了数",
}


@dataclass(frozen=True)
class Card:
    """What one student is asked about."""

    before: str
    after: str
    supplier: str
    safety_days: int
    cycle_days: int


def card(student: str) -> Card:
    draw = Draw(student, LAB)
    before, after, _ = _TOGETHER[draw.step("pair", 0, len(_TOGETHER) - 1)]
    return Card(before, after, draw.pick("supplier", SUPPLIERS), draw.step("safety", 1, 3),
                draw.step("cycle", 3, 7))  # fmt: skip


def milestones(student: str) -> dict[str, int]:
    """Letter on the card → place in `MILESTONES`."""
    found = Draw(student, LAB).cards(len(MILESTONES), CARDS, "M", "milestones")
    return {"ABCDEFG"[k]: place for k, place in enumerate(found.values())}


def features(student: str) -> dict[str, str]:
    """Letter of the use → the feature it belongs to."""
    draw = Draw(student, LAB)
    order = sorted(FEATURES, key=lambda name: draw.unit("use", name))
    return dict(zip("甲乙丙丁戊己", order, strict=True))


@lru_cache(maxsize=8)
def slips(student: str) -> pd.DataFrame:
    """小票编号, 商品: one line for each product on each slip (no doubles, no empty slip)."""
    draw = Draw(student, LAB)
    chance = {g: p * (0.75 + 0.5 * draw.unit("chance", g)) for g, (_, p, _) in GOODS.items()}
    pull = {(a, b): p * (0.8 + 0.4 * draw.unit("pull", a, b)) for a, b, p in _TOGETHER}
    rows = []
    for k in range(1, SLIPS + 1):
        held = {g for g, p in chance.items() if draw.unit(k, g) < p}
        held |= {b for (a, b), p in pull.items() if a in held and draw.unit(k, a, b) < p}
        if not held:
            held = {"牛奶"} if draw.unit(k, "only") < 0.5 else {"面包"}
        rows += [(f"T{k:05d}", g) for g in GOODS if g in held]
    return pd.DataFrame(rows, columns=["小票编号", "商品"])


@lru_cache(maxsize=8)
def stock(student: str) -> pd.DataFrame:
    """商品, 供应商, 月销量, 库存, 交货天数, 每箱件数; some stand just on the reorder point."""
    draw, mine = Draw(student, LAB), card(student)
    rows = []
    for k, (g, (supplier, p, case)) in enumerate(GOODS.items()):
        sold = DAYS * max(1, round(60 * p * (0.8 + 0.4 * draw.unit("sold", g))))
        lead = draw.step(("lead", g), 2, 6)
        point = sold // DAYS * (lead + mine.safety_days)
        there = point if k % 6 == 0 else math.floor(point * (0.4 + 1.3 * draw.unit("stock", g)))
        rows.append((g, supplier, sold, there, lead, case))
    return pd.DataFrame(rows, columns=["商品", "供应商", "月销量", "库存", "交货天数", "每箱件数"])


def _milestones(path: Path, student: str) -> None:
    csv([(k, MILESTONES[i]) for k, i in milestones(student).items()], path, "代号", "发生了什么")


def _features(path: Path, student: str) -> None:
    csv([(k, FEATURES[name]) for k, name in features(student).items()], path, "代号", "用处")


def _card(path: Path, student: str) -> None:
    mine = card(student)
    rows = [
        ("前项", mine.before), ("后项", mine.after), ("供应商", mine.supplier),
        ("安全天数", mine.safety_days), ("补货周期", mine.cycle_days),
    ]  # fmt: skip
    csv(rows, path, "名称", "值")


FILES = {
    "card.csv": _card,
    "milestones.csv": _milestones,
    "features.csv": _features,
    "baskets.csv": lambda path, student: csv(slips(student), path),
    "suppliers.csv": lambda path, student: csv(stock(student), path),
}
