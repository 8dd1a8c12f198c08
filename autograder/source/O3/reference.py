"""Lab O3, 顾客分析: every figure computed from the orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from crmkit.lab.inputs import o3
from crmkit.settings import settings

KEY = o3.KEY
LEVELS = tuple(settings()["levels"]["names"])
WITHIN, LOST = settings()["repurchase"]["within_days"], settings()["churn"]["churned_days"]
COUNTS = ("1次", "2次", "3–5次", "5次以上")
TOP = 5
AGES = tuple(f"第{k}月" for k in range(6))


@dataclass(frozen=True)
class World:
    """One student's shop and what several items need of it."""

    student: str
    as_of: dt.date

    @property
    def customers(self) -> pd.DataFrame:
        return o3.data(self.student).shop.customers

    @property
    def orders(self) -> pd.DataFrame:
        return o3.data(self.student).orders

    @property
    def all_orders(self) -> pd.DataFrame:
        """Unpaid ones too."""
        return o3.data(self.student).shop.orders

    @cached_property
    def buyers(self) -> pd.DataFrame:
        """By 客户编号: n, 金额, first, last (days)."""
        by = self.orders.groupby(KEY)
        return pd.DataFrame(
            {
                "n": by.size(),
                "金额": by["实付金额"].sum(),
                "first": by["日"].min(),
                "last": by["日"].max(),
            }
        )

    @cached_property
    def since(self) -> pd.Series:
        """Days from the last order to the data date, by buyer."""
        return (pd.Timestamp(self.as_of) - self.buyers["last"]).dt.days

    @cached_property
    def level(self) -> pd.Series:
        return self.customers.set_index(KEY)["会员等级"]

    @cached_property
    def province(self) -> pd.Series:
        return self.customers.set_index(KEY)["省份"]


def by_level(w: World, orders: pd.DataFrame, people: pd.Series | None = None) -> pd.DataFrame:
    of = orders[KEY].map(w.level)
    everybody = w.level if people is None else people
    rows = [
        {"等级": x, "客户数": int((everybody == x).sum()), "订单数": int((of == x).sum()),
         "支付金额": round(float(orders.loc[of == x, "实付金额"].sum()), 2)}
        for x in LEVELS
    ]  # fmt: skip
    return pd.DataFrame(rows)


RATES = ("复购率", f"{WITHIN} 天内复购率")


def within(w: World, *, grown: bool = False) -> float:
    """Share of the buyers whose second order came within the days after the first."""
    nth = w.orders.groupby(KEY).cumcount()
    second = w.orders[nth == 1].set_index(KEY)["日"]
    gap = (second - w.buyers["first"].reindex(second.index)).dt.days
    if not grown:
        return float((gap <= WITHIN).sum() / len(w.buyers))
    old = w.buyers.index[w.buyers["first"] + pd.Timedelta(days=WITHIN) <= pd.Timestamp(w.as_of)]
    return float((gap[gap.index.isin(old)] <= WITHIN).sum() / len(old))


def rates(w: World, base: int | None = None, late: float | None = None) -> dict[str, float]:
    many = int((w.buyers["n"] >= 2).sum())
    soon = within(w)
    count = len(w.buyers)
    return {
        RATES[0]: many / (base or count),
        RATES[1]: soon * count / (base or count) if late is None else late,
    }


def bucket(n: int, bounds: Sequence[int] = (1, 2, 5)) -> str:
    return COUNTS[sum(n > b for b in bounds)]


def distribution(
    w: World, bounds: Sequence[int] = (1, 2, 5), n: pd.Series | None = None
) -> dict[str, int]:
    found = (w.buyers["n"] if n is None else n).map(lambda x: bucket(x, bounds)).value_counts()
    return {name: int(found.get(name, 0)) for name in COUNTS}


CHURN = ("流失率", "名单")


def churned(w: World, *, more_than: int = LOST, base: int | None = None) -> dict[str, Any]:
    lost = sorted(w.since.index[w.since > more_than])
    return {CHURN[0]: len(lost) / (base or len(w.since)), CHURN[1]: lost}


TOPS = ("按买家数", "按支付金额")


def regions(
    w: World, *, people: pd.Series | None = None, orders: pd.DataFrame | None = None
) -> dict[str, list[str]]:
    chosen = w.orders if orders is None else orders
    count = w.province[w.province.index.isin(w.buyers.index)] if people is None else people
    money = chosen.groupby(chosen[KEY].map(w.province))["实付金额"].sum()
    size = count.value_counts()
    by_people = sorted(size.index, key=lambda p: (-size[p], -money.get(p, 0)))
    return {
        TOPS[0]: by_people[:TOP],
        TOPS[1]: money.sort_values(ascending=False).index[:TOP].tolist(),
    }


def months(w: World, n: int) -> list[str]:
    last = pd.Period(w.as_of, freq="M")
    return [str(last - k) for k in range(n - 1, -1, -1)]


def order_value(w: World, orders: pd.DataFrame, *, by: str = "buyers") -> pd.DataFrame:
    wanted = months(w, o3.LEVEL_MONTHS)
    chosen = orders[orders["月份"].isin(wanted)]
    grouped = chosen.groupby([chosen[KEY].map(w.level).rename("等级"), "月份"])
    under = grouped[KEY].nunique() if by == "buyers" else grouped.size()
    found = (grouped["实付金额"].sum() / under).rename("客单价").reset_index()
    return found


SHARES = ("新客占比", "老客占比")


def new_old(w: World, first: pd.Series) -> pd.DataFrame:
    rows = []
    for month in months(w, 12):
        who = pd.Index(w.orders.loc[w.orders["月份"] == month, KEY].unique())
        new = float((first.reindex(who).dt.strftime("%Y-%m") == month).mean())
        rows.append({"月份": month, SHARES[0]: new, SHARES[1]: 1 - new})
    return pd.DataFrame(rows)


def cohorts(w: World, first: pd.Series, *, shares: bool = True) -> pd.DataFrame:
    """The last six months' newcomers and who of them bought in each month since; blank: to come."""
    wanted = months(w, len(AGES))
    start = first.dt.to_period("M")
    bought = {m: set(w.orders.loc[w.orders["月份"] == m, KEY]) for m in wanted}
    rows = []
    for n, month in enumerate(wanted):
        who = set(start.index[start == pd.Period(month)])
        row: dict[str, Any] = {"首购月份": month}
        for k, name in enumerate(AGES):
            there = n + k < len(wanted)
            left = len(who & bought[wanted[n + k]]) if there else None
            row[name] = left if left is None or not shares else left / len(who)
        rows.append(row)
    return pd.DataFrame(rows)


def near(w: World, low: int, high: int) -> list[str]:
    return sorted(w.since.index[w.since.between(low, high)])
