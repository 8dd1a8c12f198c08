"""The processes behind the shops can be found again in their tables, within their errors."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from crmkit import shops
from tests.datasets import likelihoods

NAMES = tuple(shops.TITLES)
START, END = pd.Timestamp("2024-01-01"), pd.Timestamp("2026-01-01")


@cache
def meta() -> dict[str, Any]:
    return yaml.safe_load((shops.root() / "meta.yaml").read_text(encoding="utf-8"))


def truth(name: str) -> dict[str, Any]:
    return meta()["truth"][name]


def speed(name: str) -> pd.Series:
    """The clock's speed by day, from what meta.yaml says about the season."""
    season = truth(name)["season"]
    days = pd.date_range(START, END - pd.Timedelta(days=1))
    factor = pd.Series([season["months"][d.month - 1] for d in days], index=days)
    for f in season["festivals"]:
        factor[f["first"] : f["last"]] *= f["factor"]
    return factor / factor.mean()


def purchases(name: str) -> pd.DataFrame:
    """Valid orders, one a customer and day (two on a day count as one purchase)."""
    o = shops.valid_orders(shops.load(name).orders)
    return o.assign(日=o["下单时间"].dt.normalize()).drop_duplicates(["客户编号", "日"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("season", [True, False], ids=["on the clock", "on the calendar"])
def test_bgnbd_is_found_within_two_standard_errors(name: str, season: bool) -> None:
    day = purchases(name)
    if season:
        clock = speed(name).cumsum()  # what the clock shows at the end of a day
        shown = day["日"].map(clock)
        end = clock.iloc[-1]
    else:
        shown = (day["日"] - START).dt.days
        end = float((END - START).days - 1)
    by = shown.groupby(day["客户编号"])
    x, first, last = by.size() - 1.0, by.min(), by.max()
    found, error = likelihoods.bgnbd(
        x.to_numpy(), ((last - first) / 7).to_numpy(), ((end - first) / 7).to_numpy()
    )
    told = np.array([truth(name)["bgnbd"][k] for k in ("r", "alpha", "a", "b")])
    assert np.abs((found - told) / error).max() < 2.0, (found, error, told)


@pytest.mark.parametrize("name", NAMES)
def test_gamma_gamma_is_found_within_two_standard_errors(name: str) -> None:
    by = shops.valid_orders(shops.load(name).orders).groupby("客户编号")["实付金额"]
    repeat = by.size() > 1
    found, error = likelihoods.gamma_gamma(
        by.size()[repeat].to_numpy(dtype=float), by.mean()[repeat].to_numpy()
    )
    told = np.array([truth(name)["spending"][k] for k in ("p", "q", "v")])
    assert np.abs((found - told) / error).max() < 2.0, (found, error, told)


@pytest.mark.parametrize("name", NAMES)
def test_spending_is_independent_of_the_rate_of_purchase(name: str) -> None:
    by = shops.valid_orders(shops.load(name).orders).groupby("客户编号")["实付金额"]
    repeat = by.size() > 1
    rank = pd.DataFrame({"n": by.size()[repeat], "m": by.mean()[repeat]}).rank()
    assert abs(rank["n"].corr(rank["m"])) < 3 / np.sqrt(repeat.sum())


@pytest.mark.parametrize("name", NAMES)
def test_sales_follow_the_season(name: str) -> None:
    # Weeks of 2025, when the shop has settled: the clock explains much of their ups and downs.
    count = shops.valid_orders(shops.load(name).orders)["下单时间"].dt.normalize().value_counts()
    both = pd.DataFrame({"orders": count, "speed": speed(name)}).fillna(0.0).loc["2025"]
    weekly = both.resample("W").sum().iloc[1:-1]
    assert weekly["orders"].corr(weekly["speed"]) > 0.6


@pytest.mark.parametrize("name", NAMES)
def test_planted_affinities_stand_out(name: str) -> None:
    shop = shops.load(name)
    valid = set(shops.valid_orders(shop.orders)["订单编号"])
    items = shop.order_items[shop.order_items["订单编号"].isin(valid)]
    baskets = items.groupby("商品编码")["订单编号"].agg(set)
    frequent = 0
    for rule in truth(name)["affinities"]:
        a, b = baskets[rule["first"]], baskets[rule["then"]]
        both = len(a & b)
        lift = both * len(valid) / (len(a) * len(b))
        assert lift > 2.5, rule
        # the money does not always reach for the companion
        assert 0.5 * rule["probability"] < both / len(a) < rule["probability"] + 0.1, rule
        frequent += both / len(valid) >= 0.01 and both / len(a) >= 0.3
    assert frequent >= 5


@pytest.mark.parametrize("name", NAMES)
def test_campaign_uplift_is_near_the_truth(name: str) -> None:
    sends = shops.load(name).campaign_sends
    held = 0
    for told in truth(name)["campaigns"]:
        mine = sends[sends["活动编号"] == told["campaign_id"]]
        kept = mine[mine["方式"] == "留白"]["是否响应"]
        sent = mine[mine["方式"] != "留白"]["是否响应"]
        assert (len(sent), len(kept)) == (told["treated"], told["held_out"])
        reached = told["base_rate"] + told["uplift"]
        assert abs(sent.mean() - reached) < 3 * np.sqrt(reached * (1 - reached) / len(sent))
        if len(kept):
            held += 1
            error = np.sqrt(reached / len(sent) + told["base_rate"] / len(kept))
            assert abs(sent.mean() - kept.mean() - told["uplift"]) < 3 * error
    assert held >= 4


@pytest.mark.parametrize("name", NAMES)
def test_the_hotline_has_the_stated_load(name: str) -> None:
    told = truth(name)["calls"]
    calls = shops.load(name).calls
    calls = calls[calls["方向"] == "呼入"]
    first = dt.date.fromisoformat(told["first_day"])
    days = {(d.date() - first).days for d in calls["时间"]}
    assert days == set(range(told["days"]))
    for hour, rate in told["arrivals_per_hour"].items():
        expected = rate * told["days"]
        count = (calls["时间"].dt.hour == hour).sum()
        assert abs(count - expected) < 4 * np.sqrt(expected)
    answered = calls[~calls["是否放弃"]]
    error = told["handle_s"] / np.sqrt(len(answered))
    assert abs(answered["处理秒数"].mean() - told["handle_s"]) < 3 * error
    assert (calls[calls["是否放弃"]]["处理秒数"] == 0).all()
    assert 0.03 < calls["是否放弃"].mean() < 0.2
    busy = answered.groupby(["客服", answered["时间"].dt.date])
    for _, mine in busy:  # nobody talks to two callers at once
        start = mine["时间"] + pd.to_timedelta(mine["等待秒数"], unit="s")
        end = start + pd.to_timedelta(mine["处理秒数"], unit="s")
        order = start.sort_values().index
        gap = start[order].shift(-1) - end[order]
        assert (gap.dropna() >= pd.Timedelta(seconds=-2)).all()


@pytest.mark.parametrize("name", NAMES)
def test_survey_means_are_near_the_truth(name: str) -> None:
    surveys = shops.load(name).surveys
    means = surveys.groupby("项目")[["期望", "体验", "重要性"]].mean()
    for item, told in truth(name)["satisfaction_means"].items():
        # marks end at 1 and 5, and late parcels cost some: near, not equal
        assert np.abs(means.loc[item].to_numpy() - np.array(told)).max() < 0.35
    gap = means["体验"] - means["期望"]
    worst = {"tea": "物流速度", "ceramics": "包装", "electronics": "客服态度"}[name]
    assert gap.idxmin() == worst


def test_damage_goes_by_packaging() -> None:
    shop = shops.load("ceramics")
    pack = shop.tags[shop.tags["标签"].str.startswith("包装:")].set_index("对象编号")["标签"]
    broken = shop.returns[shop.returns["原因"] == "破损"]["商品编码"].map(pack).value_counts()
    sold = shop.order_items["商品编码"].map(pack).value_counts()
    rate = broken / sold
    for name, told in truth("ceramics")["breakage_by_packaging"].items():
        found = rate[f"包装:{name}"]
        assert found == pytest.approx(
            told, abs=4 * np.sqrt(told / sold[f"包装:{name}"]) + 0.1 * told
        )
    assert rate["包装:气泡袋"] > rate["包装:蜂窝纸箱"] > rate[["包装:泡沫箱", "包装:木架箱"]].max()
