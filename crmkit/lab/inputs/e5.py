"""Inputs of lab E5: one workbook with the numbers of the lifetime-value exercises.

Everything is drawn by hash, so that every student has other numbers. Rows that stand just on a
limit of a rule are in everybody's file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops, workbook
from crmkit.analytics.lifecycle import lifecycle_curve
from crmkit.settings import settings

FILE = "lifetime_value.xlsx"
CUSTOMERS, CURVES, PERIODS, CELLS = 30, 12, 30, 61
EXERCISE, OWN = "习题3", "我的客户"
PAIRS = {"习题4": ("习题4-A", "习题4-B"), "我的": ("我的-A", "我的-B")}
VALUES = ("产品价值", "服务价值", "人员价值", "形象价值")
COSTS = ("货币成本", "时间成本", "精力成本", "体力成本")
# What stands on sheet 「答案」: item → names of its values
NAMED = {
    "E5-01": tuple(f"A{k}" for k in range(1, 7)),
    "E5-02": (EXERCISE, OWN),
    "E5-03": (EXERCISE, OWN),
    "E5-05": tuple(f"{pair}·{model}" for pair in PAIRS for model in ("模型一", "模型三")),
    "E5-10": ("当前高·潜力高", "当前高·潜力低", "当前低·潜力高", "当前低·潜力低"),
    "E5-11": ("",),
}


@dataclass(frozen=True)
class Data:
    """The sheets of one student's workbook."""

    annuities: pd.DataFrame
    cases: pd.DataFrame
    months: pd.DataFrame
    offers: pd.DataFrame
    customers: pd.DataFrame
    curves: pd.DataFrame
    cells: pd.DataFrame
    equity: pd.DataFrame


def unit(student: str, *what: object) -> float:
    """A number in [0, 1) that depends on nothing but the student and what it is for."""
    text = "|".join((student, "E5", *map(str, what)))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:6], "big") / 2**48


def step(student: str, what: object, low: int, high: int, by: int = 1) -> int:
    """A whole number of ``low, low + by, … high``."""
    return low + by * int(unit(student, what) * ((high - low) // by + 1))


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's numbers."""
    return Data(
        _annuities(student), _cases(student), _months(student), _offers(student),
        _customers(student), _curves(student), _cells(student), _equity(student),
    )  # fmt: skip


def _annuities(student: str) -> pd.DataFrame:
    """Rates and years; the printed table's (8 %, 10), a rate of zero and a single year are there."""
    own = [(step(student, f"rate {k}", 30, 150, 5) / 1000, step(student, f"years {k}", 3, 20))
           for k in range(3)]  # fmt: skip
    pairs = [(0.08, 10), *own, (0.0, step(student, "zero", 4, 15)), (own[0][0] + 0.01, 1)]
    rows = [(f"A{k}", round(rate, 3), n) for k, (rate, n) in enumerate(pairs, start=1)]
    return pd.DataFrame(rows, columns=["编号", "折现率", "年数"])


def _cases(student: str) -> pd.DataFrame:
    """Exercises 3 and 4 as the course has them, and the same with the student's numbers.

    Exercise 4 gives only n, In and Cs; the rest is carried over from exercise 3.
    """
    n, r = step(student, "n", 6, 15), step(student, "r", 5, 12) / 100
    co, po = step(student, "Co", 300, 900, 50), step(student, "Po", 1500, 4500, 100)
    income, service = step(student, "In", 600, 1800, 50), step(student, "Cs", 60, 260, 20)
    base = step(student, "A", 400, 900, 20)
    more = step(student, "B", 20, 120, 10)
    cost = step(student, "costs", 60, 200, 10)
    dear = cost + step(student, "dear", 10, 180, 10)
    if dear - cost == more:  # both customers would be worth the same under model three
        dear += 10
    rows = [
        (EXERCISE, 10, 500, 3000, 1000, 0.08, 100),
        (OWN, n, co, po, income, r, service),
        ("习题4-A", 10, None, None, 500, None, 200),
        ("习题4-B", 10, None, None, 550, None, 300),
        ("我的-A", n, co, po, base, r, cost),
        ("我的-B", n, co, po, base + more, r, dear),
    ]
    return pd.DataFrame(rows, columns=["客户", "n", "Co", "Po", "In", "r", "Cs"])


def _months(student: str) -> pd.DataFrame:
    """The first twelve months of a new channel: it opens with no customer at all."""
    rows, base = [], 0
    for k in range(1, 13):
        lost = round(base * (0.02 + 0.10 * unit(student, "lost", k)))
        new = step(student, f"new {k}", *((60, 140) if k == 1 else (8, 45)))
        rows.append((k, base, lost, new))
        base += new - lost
    return pd.DataFrame(rows, columns=["开店月", "期初客户数", "流失客户数", "新增客户数"])


def _offers(student: str) -> pd.DataFrame:
    rows = []
    for k, name in enumerate("甲乙丙"):
        worth = [step(student, f"{name} {c}", *limits) for c, limits in
                 zip(VALUES, ((60, 120), (15, 45), (5, 30), (5, 25)), strict=True)]  # fmt: skip
        costs = [step(student, f"{name} {c}", *limits) for c, limits in
                 zip(COSTS, ((50, 110), (3, 18), (2, 12), (1, 10)), strict=True)]  # fmt: skip
        rows.append((f"方案{name}", *worth, *costs[:3], costs[3] + k / 10))  # never two alike
    return pd.DataFrame(rows, columns=["方案", *VALUES, *COSTS])


def _customers(student: str) -> pd.DataFrame:
    rule, gone = settings()["lifecycle"], int(settings()["churn"]["churned_days"])
    many, old, line = rule["stable_orders"], rule["stable_days"], rule["decline"]

    def n(what: str, low: int, high: int) -> int:
        return step(student, what, low, high)

    rows: list[tuple[int, int, int, float | None]] = []
    for k in range(4):
        few, several = n(f"few {k}", 2, many - 1), n(f"several {k}", many, 12)
        long_ago, soon = n(f"first {k}", old + 20, 700), n(f"last {k}", 0, 60)
        rows += [
            (few, long_ago, gone, None),
            (several, long_ago, soon, line),
            (many, old, soon, round(0.8 + unit(student, "trend", k), 2)),
            (1, gone + 1 + 60 * k, gone + 1 + 60 * k, None),
            (several, long_ago, soon, round((line - 0.05) * unit(student, "falling", k), 2)),
            (few, long_ago, soon, round((line - 0.05) * unit(student, "few falling", k), 2)),
        ]
    for k in range(2):
        recent = n(f"recent {k}", 1, 90)
        rows += [
            (1, recent, recent, None),
            (n(f"growing {k}", 2, many), n(f"since {k}", 60, old - 1), n(f"ago {k}", 0, 50), 1.4),
            (n(f"loyal {k}", many + 1, 15), n(f"ever {k}", old + 1, 720), n(f"now {k}", 0, 80),
             round(0.6 + unit(student, "steady", k), 2)),
        ]  # fmt: skip
    ids = shops.draw([f"C{k:06d}" for k in range(1, 401)], CUSTOMERS, student, "E5", "stages")
    frame = pd.DataFrame(rows, columns=["订单数", "首购距今", "末购距今", "近期消费比"])
    frame.insert(0, "客户编号", ids)
    return frame.sort_values("客户编号").reset_index(drop=True)


def _curves(student: str) -> pd.DataFrame:
    """Profit of twelve customers in thirty quarters, whole yuan; one row a quarter."""

    def made(k: int, leave: int | None) -> list[float]:
        return [float(v) for v in lifecycle_curve(PERIODS, leave=leave)["利润"]]

    def dented(k: int, at: tuple[int, ...], to: float) -> list[float]:
        curve = made(k, None if at[-1] == PERIODS else at[-1])
        return [to if t + 1 in at[:-1] or (t + 1 == PERIODS == at[-1]) else v
                for t, v in enumerate(curve)]  # fmt: skip

    def n(what: str, low: int, high: int) -> int:
        return step(student, what, low, high)

    shapes = [
        made(0, n("early 0", 2, 4)),
        made(1, n("early 1", 5, 6)),
        [-8.0 - 12 * unit(student, "loss", t) for t in range(PERIODS)],
        made(3, n("half 3", 9, 12)),
        made(4, n("half 4", 13, 15)),
        # near the top often enough, but never five quarters in a row
        dented(5, (17, 20), 62.0),
        dented(6, (18, 21), 66.0),
        made(7, n("exit 7", 21, 23)),
        made(8, n("exit 8", 24, 27)),
        made(9, None),
        # lower in the end, but not below half of the best
        dented(10, (PERIODS,), 58.0),
        dented(11, (PERIODS,), 70.0),
    ]
    names = shops.draw([f"K{k:02d}" for k in range(1, CURVES + 1)], CURVES, student, "E5", "curves")
    columns = {}
    for k, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        size = step(student, f"size {k}", 8, 40)
        shake = [1 + 0.04 * (unit(student, "shake", k, t) - 0.5) for t in range(PERIODS)]
        columns[name] = [round(size * v * s) for v, s in zip(shape, shake, strict=True)]
    frame = pd.DataFrame(columns)[sorted(columns)]
    frame.insert(0, "季度", range(1, PERIODS + 1))
    return frame


def _cells(student: str) -> pd.DataFrame:
    """Present value and growth potential of an odd number of customers: one stands on the median."""
    ids = shops.draw([f"C{k:06d}" for k in range(401, 800)], CELLS, student, "E5", "cells")
    rows = []
    for k, who in enumerate(sorted(ids)):
        now, later = unit(student, "now", k), unit(student, "later", k)
        rows.append(
            (who, round(150 + 4000 * now**3, 2), round(100 * (0.35 * now + 0.65 * later**2)))
        )
    return pd.DataFrame(rows, columns=["客户编号", "当前价值", "增值潜力"])


def _equity(student: str) -> pd.DataFrame:
    ids = shops.draw([f"C{k:06d}" for k in range(801, 999)], 28, student, "E5", "equity")
    rows = []
    for k, who in enumerate(sorted(ids)):
        potential = unit(student, "potential", k) < 0.3 or k == 0
        chance = step(student, f"chance {k}", 10, 60, 5) / 100 if potential else 1.0
        rows.append((who, "潜在" if potential else "现有", step(student, f"profit {k}", 80, 900, 10),
                     step(student, f"stay {k}", 1, 8), chance))  # fmt: skip
    return pd.DataFrame(rows, columns=["客户编号", "状态", "年利润", "年数", "成交概率"])


def _workbook(path: Path, student: str) -> None:
    d = data(student)
    answers = [(item, name, None) for item, names in NAMED.items() for name in names]
    sheets = {
        "年金系数": d.annuities,
        "终身价值": d.cases.assign(模型一=None, 模型三=None),
        "保持率": d.months.assign(保持率=None),
        "让渡价值": d.offers.assign(客户让渡价值=None, 名次=None),
        "生命周期": d.customers.assign(阶段=None),
        "利润曲线": d.curves,
        "利润模式": pd.DataFrame({"曲线": list(d.curves.columns[1:]), "模式": None}),
        "价值矩阵": d.cells,
        "客户资产": d.equity,
        "答案": pd.DataFrame(answers, columns=["题号", "名称", "值"]),
    }
    workbook.write(path, sheets, ids=("客户编号",), money=("当前价值",), filtered=False)


FILES = {FILE: _workbook}
