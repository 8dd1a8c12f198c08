"""The lists, tables and figures of lab E3 as they should come out, and as they often do not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from autograder import pivot
from crmkit import shops
from crmkit.lab.inputs import e3
from crmkit.settings import settings

KEY = "客户编号"
UNPAID = ("等待付款", "未付款关闭")
GENDERS = ("男", "女", "未知")
TIERS = ("重要客户", "主要客户", "普通客户", "小客户")
# (R high, F high, M high) → name of the group
GROUPS = {
    (1, 1, 1): "重要价值客户", (1, 0, 1): "重要发展客户", (0, 1, 1): "重要保持客户", (0, 0, 1): "重要挽留客户",
    (1, 1, 0): "一般价值客户", (1, 0, 0): "一般发展客户", (0, 1, 0): "一般保持客户", (0, 0, 0): "一般挽留客户",
}  # fmt: skip
ENOUGH = 20  # customers a province needs before its average means something
HIGH = settings()["rfm"]["high"]  # a score from here on is "high"
# Provinces as Excel and WPS sort them (by pinyin); 重 is read zhòng by some programs.
PINYIN = (
    "安徽 澳门 北京 重庆 福建 甘肃 广东 广西 贵州 海南 河北 河南 黑龙江 湖北 湖南 吉林 江苏 "
    "江西 辽宁 内蒙古 宁夏 青海 山东 山西 陕西 上海 四川 台湾 天津 西藏 香港 新疆 云南 浙江"
).split()


@dataclass(frozen=True)
class World:
    """One student's data and what several items need of it."""

    student: str
    as_of: dt.date

    @property
    def customers(self) -> pd.DataFrame:
        return e3.data(self.student).customers

    @property
    def orders(self) -> pd.DataFrame:
        return e3.data(self.student).orders

    @cached_property
    def last_day(self) -> pd.Series:
        """Day of the last paid order by customer."""
        return last_day(self.orders[~self.orders["订单状态"].isin(UNPAID)])

    @cached_property
    def dealt(self) -> pd.DataFrame:
        mine = self.customers[self.customers["累计订单数"] >= 1]
        return mine.assign(最近下单日=mine[KEY].map(self.last_day))


def last_day(orders: pd.DataFrame) -> pd.Series:
    return orders.groupby(KEY)["下单时间"].max().dt.normalize()


def world(student: str) -> World:
    return World(student, shops.as_of())


def ranked(frame: pd.DataFrame, by: str, *, ascending: bool = False) -> list[str]:
    """Ids by a column, ties by id."""
    return frame.sort_values([by, KEY], ascending=[ascending, True])[KEY].tolist()


def young_men(w: World, low: int, high: int, *, dealt: bool = True) -> set[str]:
    c = w.customers
    keep = (c["性别"] == "男") & c["年龄"].between(low, high).fillna(False)
    return set(c.loc[keep & (c["累计订单数"].ge(1) | (not dealt)), KEY])


def by_province(w: World, provinces: list[str], *, ascending: bool = False) -> list[str]:
    place = {p: i for i, p in enumerate(provinces)}
    frame = w.customers.assign(_place=w.customers["省份"].map(place))
    order = frame.sort_values(["_place", "累计金额", KEY], ascending=[True, ascending, True])
    return order[KEY].tolist()


def province_orders(w: World) -> list[list[str]]:
    """The orders of provinces that count as ascending: by code (pandas) and by pinyin (Excel)."""
    there = sorted(w.customers["省份"].unique())
    zhong = [p for p in PINYIN if p != "重庆"]
    zhong.insert(len(zhong), "重庆")
    return [there] + [[p for p in o if p in there] for o in (PINYIN, zhong)]


def pivot_cells(customers: pd.DataFrame) -> dict[pivot.Cell, float]:
    keys, out = ["省份", "性别"], {}
    for by in (keys, keys[:1], keys[1:], []):
        parts = customers.groupby(by)["累计金额"] if by else [((), customers["累计金额"])]
        for key, amounts in parts:
            label = dict(zip(by, key, strict=True))
            place = label.get("省份", pivot.TOTAL), label.get("性别", pivot.TOTAL)
            out[*place, "count"] = float(len(amounts))
            out[*place, "sum"] = float(amounts.sum())
    return out


def women_of(w: World, province: str) -> pd.DataFrame:
    c = w.customers
    return c[(c["省份"] == province) & (c["性别"] == "女")]


def top_share(amounts: pd.Series, n: int) -> float:
    return float(amounts.nlargest(n).sum() / amounts.sum())


def scores(w: World, *, reverse_r: bool = True) -> pd.DataFrame:
    """Scores 1–5 by the share of customers who are strictly worse; equal values, equal scores."""
    d = w.dealt

    def score(values: pd.Series) -> list[int]:
        x = values.to_numpy()
        worse = np.searchsorted(np.sort(x), x, side="left")
        return (1 + 5 * worse // len(x)).tolist()

    days = (pd.Timestamp(w.as_of) - d["最近下单日"]).dt.days
    return pd.DataFrame({
        KEY: d[KEY], "R": score(-days if reverse_r else days),
        "F": score(d["累计订单数"]), "M": score(d["累计金额"]),
    })  # fmt: skip


def groups(table: pd.DataFrame) -> dict[str, int]:
    high = [tuple(int(x >= HIGH) for x in row) for row in table[["R", "F", "M"]].to_numpy()]
    return {name: high.count(k) for k, name in GROUPS.items()}


def tiers(frame: pd.DataFrame) -> pd.DataFrame:
    cuts = np.cumsum(settings()["pyramid"]["cuts"])
    ordered = frame.sort_values(["累计金额", KEY], ascending=[False, True])
    edges = [0, *(round(len(ordered) * c) for c in cuts)]
    amounts = ordered["累计金额"].to_numpy()
    parts = [amounts[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return pd.DataFrame({
        "层级": TIERS, "客户数": [len(p) for p in parts],
        "金额占比": [float(p.sum() / amounts.sum()) for p in parts],
    })  # fmt: skip
