"""The pools of the Excel labs: clean, large enough, and consistent with each other."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from crmkit import shops
from crmkit.schema import CUSTOMER_FILE


def read(name: str) -> pd.DataFrame:
    path = shops.root() / "excel" / name
    return pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return read("customer_file.csv")


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return read("orders.csv")


def test_pools_are_large_enough(customers: pd.DataFrame) -> None:
    assert len(customers) >= 900 and list(customers.columns) == list(CUSTOMER_FILE)
    assert len(read("new_customers.csv")) >= 300
    assert len(cards()) >= 60


def cards() -> list[dict[str, object]]:
    return json.loads((shops.root() / "excel" / "cards.json").read_text(encoding="utf-8"))


def test_nobody_occurs_twice_anywhere(customers: pd.DataFrame) -> None:
    new, paper = read("new_customers.csv"), pd.DataFrame(cards())
    assert list(new.columns) == list(paper.columns) == list(CUSTOMER_FILE[1:])
    assert customers["客户编号"].is_unique and customers["昵称"].is_unique
    for column in ("手机", "昵称"):
        assert pd.concat([new[column], paper[column]]).is_unique
    assert pd.concat([new["手机"], paper["手机"], customers["手机"]]).is_unique


def test_new_customers_and_cards_are_clean(customers: pd.DataFrame) -> None:
    new, paper = read("new_customers.csv"), pd.DataFrame(cards()).astype(str)
    for frame in (new, paper, customers):
        assert frame["手机"].str.fullmatch(r"1[3-9]\d{9}").all()
        filled = frame.drop(columns="生日")
        assert (filled != "").all().all() and (
            filled == filled.apply(lambda c: c.str.strip())
        ).all().all()
        dates = frame["生日"][frame["生日"] != ""]
        assert dates.str.fullmatch(r"\d{4}-\d\d-\d\d").all() and (dates < "2025-12-31").all()
        assert frame["注册日期"].str.fullmatch(r"202[45]-\d\d-\d\d").all()
        zero = frame["累计订单数"] == "0"
        assert ((frame["累计金额"].astype(float) == 0) == zero).all()
    assert (paper["生日"] != "").all()
    assert 0.03 < (new["生日"] == "").mean() < 0.25


def test_totals_are_those_of_the_valid_orders(
    customers: pd.DataFrame, orders: pd.DataFrame
) -> None:
    valid = shops.valid_orders(orders)
    assert (valid["付款时间"] != "").all()
    by = valid["实付金额"].astype(float).groupby(valid["客户编号"])
    told = customers.set_index("客户编号")
    count = by.size().reindex(told.index).fillna(0)
    assert (told["累计订单数"].astype(int) == count).all()
    total = by.sum().reindex(told.index).fillna(0.0)
    assert (told["累计金额"].astype(float) - total).abs().max() < 0.005
    assert set(orders["客户编号"]) <= set(told.index)
    assert orders["订单编号"].is_unique
    # counting every order would be wrong for many
    naive = orders["客户编号"].value_counts().reindex(told.index).fillna(0)
    assert (naive != count).sum() > 50


def test_gender_is_missing_for_some(customers: pd.DataFrame) -> None:
    gender = read("gender.csv")
    assert set(gender["性别"]) == {"男", "女"}
    assert gender["客户编号"].is_unique and set(gender["客户编号"]) < set(customers["客户编号"])
    assert len(customers) - len(gender) == shops.planted("excel")["gender_missing"] > 20


def test_ties_and_birthdays_are_planted(customers: pd.DataFrame, orders: pd.DataFrame) -> None:
    planted = shops.planted("excel")
    told = customers.set_index("客户编号")
    for group in planted["equal_amount"]:
        assert told.loc[group, "累计金额"].nunique() == 1
    valid = shops.valid_orders(orders)
    last = valid.groupby("客户编号")["下单时间"].max()
    for group in planted["equal_last_order"]:
        assert last[group].nunique() == 1
    assert len(planted["equal_amount"]) >= 10 and len(planted["equal_last_order"]) >= 8
    days = {kind: set(told.loc[ids, "生日"].str[5:]) for kind, ids in planted["birthdays"].items()}
    assert days["leap_day"] == {"02-29"} and days["on_as_of"] == {"12-31"}
    assert days["day_before"] == {"12-30"} and days["day_after"] == {"01-01"}
    assert 0.05 < (customers["生日"] == "").mean() < 0.2
    assert set(planted["customers"]) <= set(told.index)


def test_a_drawn_cut_has_all_sources_and_ties_enough(customers: pd.DataFrame) -> None:
    for n in range(20):
        ids = shops.draw(customers["客户编号"], 600, f"20250101{n:02d}", "E3")
        cut = customers[customers["客户编号"].isin(ids)]
        assert cut["来源"].nunique() == customers["来源"].nunique()
        assert cut["渠道"].nunique() == customers["渠道"].nunique()
        bought = cut[cut["累计订单数"] != "0"]
        assert bought["累计金额"].duplicated().any()
