"""Inputs of lab E3: the full customer file and the orders behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import shops, workbook
from crmkit.lab.inputs import customer_file

CUSTOMERS = 600


@dataclass(frozen=True)
class Data:
    """What one student works on."""

    customers: pd.DataFrame
    orders: pd.DataFrame


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """The student's 600 customers (with gender, age and trade status) and their orders."""
    customers, gender, orders = customer_file.draw(student, "E3", CUSTOMERS, shops.as_of())
    known = gender.set_index("客户编号")["性别"]
    frame = customers.assign(
        性别=customers["客户编号"].map(known).fillna("未知"),
        年龄=customer_file.full_years(customers["生日"], shops.as_of()),
        交易状态=customers["累计订单数"].ge(1).map({True: "已成交", False: "未成交"}),
    )
    return Data(frame, orders)


def _customers(path: Path, student: str) -> None:
    workbook.write(
        path, {"客户档案": data(student).customers},
        ids=("客户编号", "手机"), dates=("生日", "注册日期"), money=("累计金额",),
    )  # fmt: skip


def _orders(path: Path, student: str) -> None:
    data(student).orders.to_csv(path, index=False, encoding="utf-8-sig")


FILES = {"customer_file_full.xlsx": _customers, "orders.csv": _orders}
