"""Chapter 1: what is said of the shop's figures is true, and invented text says so."""

from __future__ import annotations

import pandas as pd
import pytest

from autograder.source.ch01 import keys
from crmkit import shops
from crmkit.lab.inputs import ch01
from crmkit.ui.activities import ch01 as activities
from tests.chapters.lessons import lesson

CH01 = lesson("ch01")


def test_what_was_written_inferred_or_chosen_is_marked() -> None:
    for words, mark in (
        ("邮局里的“上帝”\n", "〔教学编写〕"), ("两种分法切的方向不同", "〔推断"), ("大纲只列了题目", "〔推断〕"),
        ("哪一层接近零", "〔课程约定"), ("依次问两句", "〔课程约定〕"), ("用**毛利率**代替", "〔课程约定〕"),
    ):  # fmt: skip
        at = CH01.prose.index(words)
        assert mark in CH01.prose[at : at + 120], words


def test_every_event_of_the_exercise_stands_in_the_text_with_its_year() -> None:
    for year in keys.YEARS.values():
        assert f"({year}, " in CH01.code
    assert sorted(keys.YEARS) == sorted(ch01.EVENT_POOL)


def test_pools_and_keys_have_the_same_length() -> None:
    assert len(keys.VIEW_OF) == len(ch01.VIEW_POOL)
    assert len(keys.TYPE_OF) == len(ch01.SCENE_POOL)
    assert len(keys.ELEMENT_OF) == len(ch01.MIX_POOL)


def test_what_the_text_says_of_the_campaigns_holds() -> None:
    tea = shops.load("tea")
    sends = tea.campaign_sends.assign(left=tea.campaign_sends["方式"] == "留白")
    rate = sends.groupby(["活动编号", "left"])["是否响应"].agg(["mean", "size"])
    autumn, spring = rate.loc["TP05"], rate.loc["TP09"]
    gap = autumn.loc[False, "mean"] - autumn.loc[True, "mean"]
    assert gap == pytest.approx(0.02, abs=0.005)
    assert autumn.loc[True, "size"] == 72 and spring.loc[True, "size"] == 98
    more = spring.loc[False, "mean"] - spring.loc[True, "mean"]
    assert spring.loc[False, "size"] * more == pytest.approx(75, abs=0.5)
    error = sum(p * (1 - p) / n for p, n in autumn.to_numpy()) ** 0.5
    assert gap < 1.96 * error


def test_the_bucket_settles_where_the_answer_says() -> None:
    bucket = activities.leaky_bucket()
    for new, churn, level in ((300, 0.4, 750), (600, 0.4, 1500), (300, 0.2, 1500)):
        bucket.set(new=new, churn=churn)
        assert bucket.result["steady"] == pytest.approx(level)


def test_ten_points_of_keeping_are_worth_more_higher_up() -> None:
    multiple = activities.margin_multiple()
    found = []
    for keep in (0.6, 0.7, 0.85, 0.95):
        multiple.set(keep=keep)
        found.append(round(multiple.result["multiple"], 2))
    assert found == [1.25, 1.84, 3.70, 7.31]


def test_six_buyers_in_ten_yuan_come_from_a_fifth_and_two_years_are_more_unequal() -> None:
    curve = activities.concentration()
    one = curve.result
    curve.set(span="both")
    assert one["share"] == pytest.approx(0.6, abs=0.01)
    assert curve.result["gini"] > one["gini"]
    paid = shops.valid_orders(shops.load("tea").orders)
    spent = paid[paid["付款时间"].dt.year == 2025].groupby("客户编号")["实付金额"].sum()
    top = spent.nlargest(round(0.2 * len(spent))).sum() / spent.sum()
    assert one["share"] == pytest.approx(top)


def test_mailing_those_who_buy_anyway_loses_money() -> None:
    contact = activities.contact_strategy()
    assert contact.result["choice"]["刚买过的老客"] != "群发"
    assert contact.result["分群再发"] > contact.result["人人都发"]


def test_one_weak_link_hides_in_the_mean() -> None:
    map = activities.readiness_map()
    map.set(**dict.fromkeys(map.values, 5) | {"sales": 1})
    assert map.result["weak"] == "sales"
    assert map.result["mean"] == pytest.approx(4.13, abs=0.01)
    assert 0.10 < map.result["chance"] < 0.40


def test_the_solutions_year_of_the_shop_is_not_the_classs() -> None:
    a, b = ch01.orders("1"), ch01.orders("2")
    assert isinstance(a, pd.DataFrame) and not a["订单编号"].isin(b["订单编号"]).all()
