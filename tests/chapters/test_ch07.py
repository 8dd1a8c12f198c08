"""Chapter 7: its numbers by hand, its marks, its activities."""

from __future__ import annotations

import pytest

from crmkit.analytics import decision_tree
from crmkit.ui.activities import ch07 as activities
from tests.chapters.lessons import lesson

CH07 = lesson("ch07")


def test_what_the_text_computes_by_hand_is_right() -> None:
    assert "增益 = 0.971 − 0.675 = 0.296" in CH07.prose
    assert decision_tree.gain([(1, 9), (7, 3)]) == pytest.approx(0.296, abs=5e-4)
    assert decision_tree.entropy([8, 12]) == pytest.approx(0.971, abs=5e-4)


def test_the_legend_of_beer_and_diapers_is_told_as_a_legend() -> None:
    opening = CH07.prose.split("## 开篇案例")[1].split("## 7.1")[0]
    assert "Osco Drug" in opening and "没有" in opening


def test_cases_and_choices_are_marked() -> None:
    assert "模型很准，活动亏了**〔教学编写〕" in CH07.prose
    assert CH07.prose.count("〔课程约定〕") >= 2
    assert "资料里有分歧" in CH07.prose


def test_the_slips_show_pruning_and_a_set_of_three() -> None:
    activity = activities.apriori_by_hand()
    assert activity.result["pruned"] > 0 and activity.result["longest"] == 3
    activity.set(least=6, level="3")
    assert activity.result["pruned"] == 0


def test_the_cut_of_the_formula_earns_about_the_most_and_a_leak_is_called_one() -> None:
    activity = activities.churn_cutoff()
    activity.set(cut=0.75)
    assert activity.result["profit"] > 0.7 * activity.result["best_profit"]
    assert 0.7 < activity.result["auc"] < 0.85
    activity.set(leak=True)
    assert activity.result["auc"] > 0.95 and "不真实" in activity.message


def test_kmeans_walks_to_its_end_and_the_first_question_is_when_they_came_last() -> None:
    walk = activities.kmeans_steps()
    first = walk.result["inertia"]
    walk.set(step=20)
    assert walk.result["inertia"] < first and "走完" in walk.message
    asked = activities.first_question()
    assert asked.result["best"] == "最近购买天数"
    asked.set(feature="累计金额", measure="gini")
    assert asked.result["gain"] < asked.result["best_gain"]


def test_gift_wrap_is_the_trap_among_the_rules() -> None:
    rules = activities.rule_filter()
    rules.set(wrap=True, confidence=0.1, lift=0)
    assert rules.result["trap"] >= 1
    rules.set(wrap=False)
    assert rules.result["trap"] == 0


def test_the_season_makes_the_best_forecast() -> None:
    assert activities.forecast_methods().result["best"] == "seasonal"
