"""Chapter 3: what is said of the figures is true, and invented text says so."""

from __future__ import annotations

import re

import pytest

from autograder.source.ch03 import keys
from crmkit import shops
from crmkit.crm import catalogue
from crmkit.lab.inputs import ch03
from crmkit.ui.activities import ch03 as activities
from tests.chapters.lessons import lesson

CH03 = lesson("ch03")


def test_invented_and_inferred_text_says_so() -> None:
    for title, mark in (
        ("开篇案例　演示会上样样都有", "〔教学编写〕"), ("没有说各在哪一块。", "〔推断〕"),
        ("趋势资料只给了题目", "〔课程约定〕"),
    ):  # fmt: skip
        at = CH03.prose.index(title)
        assert mark in CH03.prose[at : at + 120], title


def test_both_divisions_are_told_with_their_document() -> None:
    assert "| 三分法（习题答案） | 四分法（讲义） |" in CH03.prose
    for module in keys.MODULES:
        assert f"| **{module}** |" in CH03.prose
    assert all(name in CH03.prose for name in keys.TECHNICAL)


def test_the_lesson_tries_each_technical_function_on_the_crm() -> None:
    """Its asserts raise when a trial fails; that nothing raises is told by test_every_chapter."""
    taught = CH03.prose.split("## 3.4")[1].split("## 3.5")[0]
    tried = re.findall(r"^### [一二三四]、(.+)$", taught, re.M)
    assert tried == list(keys.TECHNICAL)
    assert len(re.findall(r"^ *(?:assert|raise AssertionError)\b", CH03.code, re.M)) == 4
    assert "仓库" not in catalogue.function("channels.list").use


def test_most_customers_come_outside_office_hours() -> None:
    talks = shops.load("tea").interactions
    at = talks.loc[talks["类型"].isin(["咨询", "呼入", "微信"]), "时间"].dt
    assert 1 - (at.hour.between(9, 17) & (at.day_of_week < 5)).mean() > 0.5


def test_one_database_spares_customers_from_telling_it_again() -> None:
    line = activities.model_map()
    for matter, times in (("new", 3), ("gift", 3), ("bad", 2), ("sleep", 1)):
        line.set(matter=matter, shared=True)
        assert line.result["retold"] == 0
        line.set(shared=False)
        assert line.result["retold"] == line.result["handed"] == times


def test_three_lists_hold_the_expected_number_of_persons() -> None:
    store = activities.one_store()
    store.set(people=1000, share=0.5, found=1)
    assert store.result["records"] == 1500
    assert store.result["persons"] == pytest.approx(875)
    assert store.result["merged"] == pytest.approx(875) and store.result["waste"] == 0


def test_four_hours_are_missed_by_half_an_hour_and_three_are_kept() -> None:
    cases = activities.case_flow()
    cases.set(flow=True, limit=4)
    assert cases.result["longest"] == pytest.approx(4.5) and cases.result["in_time"] < 1
    few = cases.result["passed"]
    cases.set(limit=3)
    assert cases.result["in_time"] == 1 and cases.result["passed"] > few


def test_a_quarter_more_wins_equals_a_fifth_less_time() -> None:
    speed = activities.sales_speed()
    speed.set(win=0.25)
    by_win = speed.result["change"]
    speed.reset()
    speed.set(days=36)
    assert by_win == pytest.approx(0.25) == pytest.approx(speed.result["change"])


def test_every_role_has_forty_four_functions_shared_out() -> None:
    roles = activities.role_map()
    for role in ("店长", "客服", "营销", "仓库", "数据分析"):
        roles.set(role=role)
        assert sum(roles.result.values()) == len(catalogue.FUNCTIONS) == 44
    assert roles.result["act"] == 0  # the analyst only reads


def test_every_box_and_function_has_its_key() -> None:
    assert sorted(keys.BLOCK_OF) == sorted(ch03.BOX_POOL)
    assert {keys.module_of(f) for f in ch03.FUNCTION_POOL} == set(keys.MODULES)
    row = re.search(r"^\| \*\*销售\*\* \|.*\| (.+?) \|$", CH03.prose, re.M)
    assert row and row[1] == "拜访准备、订单设定、关系管理"
