"""Chapter 13: nothing is said of a product that the documents do not say; activities hold."""

from __future__ import annotations

import pytest

from crmkit.ui.activities import ch13 as activities
from tests.chapters.lessons import lesson

CH13 = lesson("ch13")


def test_what_was_inferred_chosen_or_written_is_marked() -> None:
    for words, mark in (
        ("产品名的断词是推断〔", "〔推断〕"), ("先认出看法〔", "〔课程约定〕"), ("一张没有空格的比较表\n", "〔教学编写〕"),
        ("提示面向销售", "〔推断〕"), ("中间按比例〔", "〔课程约定〕"),
    ):  # fmt: skip
        at = CH13.prose.index(words)
        assert mark in CH13.prose[at : at + 70], words
    assert "不代表今天的市场" in CH13.prose and "课程不附带 WiseCRM" in CH13.prose


def test_the_check_list_is_run_by_code() -> None:
    assert "doctor.examine()" in CH13.code


def test_without_the_weight_of_cost_another_product_leads() -> None:
    choice = activities.weigh_products()
    assert choice.result["first"] != "丁"
    choice.set(cost=0)
    assert choice.result["first"] == "丁"


def test_forty_trials_do_not_prove_eighty_percent() -> None:
    trial = activities.trial_size()
    assert (trial.result["low"], trial.result["high"]) == pytest.approx((0.652, 0.895), abs=0.002)


def test_buying_breaks_even_where_the_lines_cross() -> None:
    years = activities.cost_of_years()
    assert years.result["rent"] == pytest.approx(4.32)
    assert years.result["even"] == pytest.approx(6 / (1.44 - 0.96))


def test_two_methods_may_differ() -> None:
    both = activities.two_methods()
    both.set(function=5, ease=0, link=0, cost=0)
    assert both.result["same"]


def test_the_network_is_what_sets_the_agpl_apart() -> None:
    clinic = activities.licence_clinic()
    assert clinic.result["duty"] == "whole" and "差别" in clinic.message
    clinic.set(changed=False)
    assert clinic.result["duty"] == "nothing"
    clinic.set(changed=True, licence="GPL")
    assert clinic.result["duty"] == "nothing"
    clinic.set(use="hand_on")
    assert clinic.result["duty"] == "whole"
    clinic.set(licence="LGPL", use="link")
    assert clinic.result["duty"] == "library"
