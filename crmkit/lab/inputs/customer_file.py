"""The pool of customer-file rows that labs E2 and E3 draw from."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pandas as pd

from crmkit import shops

KEY = "客户编号"


@cache
def _pool(root: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    folder = root / "excel"

    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(folder / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    customers, gender, orders = read("customer_file.csv"), read("gender.csv"), read("orders.csv")
    for frame, names in ((customers, ("生日", "注册日期")), (orders, ("下单时间", "付款时间"))):
        for c in names:
            frame[c] = pd.to_datetime(frame[c], errors="coerce")
    customers["累计订单数"] = customers["累计订单数"].astype("int64")
    customers["累计金额"] = customers["累计金额"].astype("float64")
    orders["实付金额"] = orders["实付金额"].astype("float64")
    return customers, gender, orders


def draw(
    student: str, lab: str, n: int, day: dt.date
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Customers, their genders and their orders: `n` customers, in the order of the pool.

    Customers with a birthday around `day` or on 29 February are always among them: these are the
    edges of a rule about age on that day.
    """
    customers, gender, orders = _pool(shops.root())
    edge = set(customers.loc[_edge(customers["生日"], day), KEY])
    rest = [i for i in customers[KEY] if i not in edge]
    keep = edge | set(shops.draw(rest, n - len(edge), student, lab))
    mine = customers[customers[KEY].isin(keep)].reset_index(drop=True)
    return (
        mine,
        gender[gender[KEY].isin(keep)].reset_index(drop=True),
        orders[orders[KEY].isin(keep)].reset_index(drop=True),
    )


def full_years(birthdays: pd.Series, day: dt.date) -> pd.Series:
    """Full years of age on a day; missing where the birthday is missing.

    Born on 29 February: in a common year the birthday counts from 1 March on.
    """
    days = pd.to_datetime(birthdays)
    before = (days.dt.month > day.month) | ((days.dt.month == day.month) & (days.dt.day > day.day))
    return (day.year - days.dt.year - before).astype("Int64")


def _edge(birthdays: pd.Series, day: dt.date) -> pd.Series:
    near = {(day + dt.timedelta(days=d)).strftime("%m-%d") for d in (-1, 0, 1)} | {"02-29"}
    return birthdays.dt.strftime("%m-%d").isin(near)
