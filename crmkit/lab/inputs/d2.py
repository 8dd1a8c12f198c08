"""Inputs of lab D2: customers to cluster, a history to learn from, baskets, months, orders, scores.

Customers to predict have numbers of their own, so that nobody looks them up in the shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from crmkit import shops
from crmkit.lab.inputs.by_hash import Draw, csv
from crmkit.lab.inputs.ch07 import QUESTION_POOL

LAB = "D2"
QUESTIONS, PEOPLE, HIDDEN, SCORED = 8, 800, 350, 600
RFM = ("最近购买天数", "购买次数", "累计金额")
# Amounts in yuan: beyond FAR no ordinary order lies; those within TYPED may get a zero too many.
FAR, TYPED, MISPRINTS = 20_000, (2_300, 3_400), 8
LEAKS = ("至今累计次数", "之后90天金额")
KNOWN_MONTHS = 21  # to September 2025; October to December are to be forecast
LEARN_CUT, SCORE_CUT = "2025-06-30", "2025-03-31"
_EASE = (0.78, 0.815)  # AUC of recency alone on the hidden customers: equally hard for everybody
# BG/NBD of the shop's orders in weeks, and the share of a sale that is margin
_BGNBD, _MARGIN = (0.6, 8.0, 0.7, 2.4), 0.25


@dataclass(frozen=True)
class Card:
    """The numbers that one student works with."""

    seed: int
    cut: float


def card(student: str) -> Card:
    draw = Draw(student, LAB)
    return Card(draw.step("seed", 11, 97), draw.step("cut", 60, 85, 5) / 100)


def questions(student: str) -> dict[str, int]:
    """The student's questions: number on the sheet → place in `QUESTION_POOL`."""
    return Draw(student, LAB).cards(len(QUESTION_POOL), QUESTIONS, "Q", "questions")


def _paid(shop: str, student: str) -> pd.DataFrame:
    return shops.valid_orders(shops.variant(shop, student, LAB).orders)


@lru_cache(maxsize=8)
def people(student: str) -> pd.DataFrame:
    """RFM and the worth of the next 52 weeks of 800 customers of the electronics shop."""
    from crmkit.analytics.btyd import BgNbd
    from crmkit.analytics.rfm import rfm_table

    paid, today = _paid("electronics", student), pd.Timestamp(shops.as_of())
    table = rfm_table(paid, shops.as_of())[["客户编号", *RFM]]
    chosen = shops.draw(table["客户编号"], PEOPLE, student, LAB, "people")
    table = table[table["客户编号"].isin(chosen)].reset_index(drop=True)
    first = paid.groupby("客户编号")["付款时间"].min().dt.normalize()
    age = (today - table["客户编号"].map(first)).dt.days / 7
    more = BgNbd(*_BGNBD).expected_purchases(
        52, table["购买次数"] - 1, age - table["最近购买天数"] / 7, age
    )
    worth = np.asarray(more) * table["累计金额"] / table["购买次数"] * _MARGIN
    return table.assign(终身价值=worth.round(2))


@lru_cache(maxsize=8)
def learning(student: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(history with leaking columns and 流失, the hidden customers with the truth)."""
    from crmkit.analytics.classification import auc
    from crmkit.analytics.training_table import training_table

    paid = _paid("tea", student)
    table = training_table(paid, LEARN_CUT, leak=True).rename(columns={"客户编号": "谁"})
    end = pd.Timestamp(LEARN_CUT) + pd.Timedelta(days=1)
    later = paid[(paid["付款时间"] >= end) & (paid["付款时间"] < end + pd.Timedelta(days=90))]
    spent = later.groupby("客户编号")["实付金额"].sum()
    table.insert(len(table.columns) - 1, LEAKS[1], table["谁"].map(spent).fillna(0).round(2))
    order = shops.draw(table["谁"], len(table), student, LAB, "numbers")
    number = {who: f"K{k:04d}" for k, who in enumerate(order, start=1)}
    table.insert(0, "编号", table.pop("谁").map(number))
    table = table.sort_values("编号", ignore_index=True)
    for attempt in range(200):
        chosen = shops.draw(table["编号"], HIDDEN, student, LAB, f"hidden {attempt}")
        hidden = table["编号"].isin(chosen)
        part = table[hidden]
        if _EASE[0] <= auc(part["流失"], part["最近购买天数"]) <= _EASE[1]:
            break
    return table[~hidden].reset_index(drop=True), part.reset_index(drop=True)


@lru_cache(maxsize=8)
def lines(student: str) -> pd.DataFrame:
    """Lines of the valid orders of the electronics shop: 订单编号, 商品名称."""
    shop = shops.variant("electronics", student, LAB)
    items = shop.order_items.merge(shop.products[["商品编码", "商品名称"]], on="商品编码")
    paid = _paid("electronics", student)["订单编号"]
    return items.loc[items["订单编号"].isin(paid), ["订单编号", "商品名称"]].reset_index(drop=True)


@lru_cache(maxsize=8)
def months(student: str) -> pd.Series:
    """Valid orders of the tea shop by month, all 24."""
    counts = _paid("tea", student)["付款时间"].dt.to_period("M").value_counts().sort_index()
    return pd.Series(counts.to_numpy(), index=[str(p) for p in counts.index])


@lru_cache(maxsize=8)
def orders(student: str) -> pd.DataFrame:
    """Valid orders of the electronics shop; some of the student's own were keyed in with a zero more.

    The shop's own far-off orders are the same for everybody: they are left out.
    """
    table = _paid("electronics", student)[["订单编号", "付款时间", "实付金额"]]
    table = table[table["实付金额"] < FAR].reset_index(drop=True)
    wrong = table["订单编号"].isin(misprints(student))
    table.loc[wrong, "实付金额"] = (table.loc[wrong, "实付金额"] * 10).round(2)
    return table


@lru_cache(maxsize=8)
def misprints(student: str) -> list[str]:
    """The orders of `orders` whose amount is ten times what was paid."""
    table = _paid("electronics", student)
    large = table.loc[table["实付金额"].between(*TYPED), "订单编号"]
    return sorted(shops.draw(large, MISPRINTS, student, LAB, "misprints"))


@lru_cache(maxsize=8)
def scores(student: str) -> pd.DataFrame:
    """An earlier model's chances and what came true: 编号, 流失概率 (all different), 实际."""
    from crmkit.analytics.training_table import training_table

    draw = Draw(student, LAB)
    table = training_table(_paid("tea", student), SCORE_CUT)
    chosen = shops.draw(table["客户编号"], SCORED, student, LAB, "scored")
    table = table.set_index("客户编号").loc[chosen]
    noise = np.array([draw.unit("noise", who) for who in chosen]) - 0.5
    raw = (
        0.55 * np.log1p(table["最近购买天数"]) - 0.7 * np.log(table["购买次数"]) - 1.2 + 1.6 * noise
    )
    place = np.argsort(np.argsort(raw.to_numpy(), kind="stable"), kind="stable")
    chance = np.round(1 / (1 + np.exp(-raw.to_numpy())), 3) + place / 1e7  # no two are equal
    return pd.DataFrame({
        "编号": [f"M{k:04d}" for k in range(1, SCORED + 1)],
        "流失概率": np.round(chance, 7),
        "实际": np.where(table["流失"] == 1, "流失", "留下"),
    })  # fmt: skip


def _questions(path: Path, student: str) -> None:
    rows = [(number, QUESTION_POOL[i]) for number, i in questions(student).items()]
    csv(rows, path, "编号", "店里想知道什么")


def _months(path: Path, student: str) -> None:
    known = months(student).iloc[:KNOWN_MONTHS]
    csv(list(known.items()), path, "月份", "订单数")


def _card(path: Path, student: str) -> None:
    mine = card(student)
    csv([("随机种子", mine.seed), ("界限", mine.cut)], path, "名称", "值")


FILES = {
    "card.csv": _card,
    "questions.csv": _questions,
    "rfm.csv": lambda path, student: csv(people(student), path),
    "history.csv": lambda path, student: csv(learning(student)[0], path),
    "hidden.csv": lambda path, student: csv(
        learning(student)[1].drop(columns=[*LEAKS, "流失"]), path
    ),
    "scores.csv": lambda path, student: csv(scores(student), path),
    "lines.csv": lambda path, student: csv(lines(student), path),
    "monthly.csv": _months,
    "orders.csv": lambda path, student: csv(orders(student), path),
}
