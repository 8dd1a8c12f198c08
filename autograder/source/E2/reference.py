"""The customers of lab E2 as they should be classed: age, band, trade status, state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit import shops
from crmkit.lab.inputs import e2
from crmkit.settings import settings

KEY = "客户编号"
BANDS = ("≤24", "25-34", "35-44", "45-54", "≥55")
STATES = ("潜在客户", "目标客户", "现实客户", "流失客户")
NEAR = settings()["churn"]["churned_days"]


@dataclass(frozen=True)
class World:
    """One student's customer file, genders, and the day of each last order."""

    customers: pd.DataFrame
    gender: dict[str, str]
    last: dict[str, pd.Timestamp]
    as_of: dt.date
    members_day: dt.date

    @property
    def ids(self) -> list[str]:
        return self.customers[KEY].tolist()

    @property
    def sources(self) -> dict[str, list[str]]:
        by = self.customers.groupby("来源", sort=False)[KEY]
        return {str(s): ids.tolist() for s, ids in by}

    def ages(self, age: Any = None) -> dict[str, int | None]:
        age = age or full_years
        born = self.customers["生日"]
        return {
            k: None if pd.isna(b) else age(b.date(), self.members_day)
            for k, b in zip(self.ids, born, strict=True)
        }


def world(student: str) -> World:
    d = e2.data(student)
    gender = dict(zip(d.gender[KEY], d.gender["性别"], strict=True))
    last = dict(zip(d.last_orders[KEY], d.last_orders["最近下单日期"], strict=True))
    return World(d.customers, gender, last, shops.as_of(), settings()["ages"]["members_day"])


def full_years(born: dt.date, day: dt.date) -> int:
    """Years completed on a day; born on 29 February: from 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def band(age: int | None) -> str:
    if age is None:
        return "未知"
    return BANDS[sum(age >= b for b in settings()["ages"]["bounds"])]


def status_words(w: World, least: int) -> list[str]:
    return ["已成交" if n >= least else "未成交" for n in w.customers["累计订单数"]]


def count_states(w: World, near: int = NEAR, *, strict: bool = False) -> dict[str, int]:
    out = dict.fromkeys(STATES, 0)
    for row in w.customers.itertuples():
        key = w.ids[row.Index]
        dealt = w.customers["累计订单数"].iat[row.Index] >= 1
        since = w.last[key] if dealt else w.customers["注册日期"].iat[row.Index]
        days = (pd.Timestamp(w.as_of) - since).days
        recent = days < near if strict else days <= near
        out[
            ("现实客户" if recent else "流失客户")
            if dealt
            else ("目标客户" if recent else "潜在客户")
        ] += 1
    return out
