"""Inputs of lab E2: the clean customer file, genders, and the day of each last order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from crmkit import workbook
from crmkit.lab.inputs import customer_file
from crmkit.settings import settings

CUSTOMERS = 300


@dataclass(frozen=True)
class Data:
    """What one student works on."""

    customers: pd.DataFrame
    gender: pd.DataFrame
    last_orders: pd.DataFrame


@lru_cache(maxsize=4)
def data(student: str) -> Data:
    """300 customers, the genders known of them, and their last paid order's day."""
    customers, gender, orders = customer_file.draw(
        student, "E2", CUSTOMERS, settings()["ages"]["members_day"]
    )
    paid = orders[~orders["订单状态"].isin(["等待付款", "未付款关闭"])]
    last = paid.groupby("客户编号")["下单时间"].max().dt.normalize().rename("最近下单日期")
    return Data(customers, gender, last.reset_index())


def _customers(path: Path, student: str) -> None:
    workbook.write(
        path, {"客户档案": data(student).customers},
        ids=("客户编号", "手机"), dates=("生日", "注册日期"), money=("累计金额",),
    )  # fmt: skip


def _gender(path: Path, student: str) -> None:
    data(student).gender.to_csv(path, index=False, encoding="utf-8-sig")


def _last_orders(path: Path, student: str) -> None:
    data(student).last_orders.to_csv(path, index=False, encoding="utf-8-sig")


FILES = {
    "customer_file_clean.xlsx": _customers,
    "gender.csv": _gender,
    "last_orders.csv": _last_orders,
}
