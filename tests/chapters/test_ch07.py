"""Chapter 7: its numbers by hand, its marks, its activities."""

from __future__ import annotations

import pytest

from crmkit import shops
from crmkit.analytics import decision_tree, histories, review_mining
from crmkit.analytics.btyd import BgNbd
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


def test_marks_that_go_together_make_naive_bayes_too_sure() -> None:
    leads = activities.lead_scoring()
    assert leads.result["p"] > 0.9 and leads.result["said"][2] > leads.result["came"][2] + 0.1
    assert leads.result["came"] == sorted(leads.result["came"])
    leads.set(need=1)
    assert leads.result["parts"]["需求强度"] < 0 and leads.result["p"] < 0.7
    weight = leads.result["parts"]["需求强度"]
    leads.set(smoothing="0.01")
    assert leads.result["parts"]["需求强度"] < 2 * weight


def test_dear_misses_lower_the_alarm_and_another_shop_is_a_worse_teacher() -> None:
    alert = activities.review_alert()
    first = alert.result
    assert first["least"] <= first["spent"] < 400 and first["limit"] == pytest.approx(2 / 22)
    alert.set(missed=60)
    assert alert.result["confusion"].fn <= first["confusion"].fn
    assert alert.result["limit"] < first["limit"]
    alert.reset()
    alert.set(teacher="electronics")
    assert alert.result["auc"] < first["auc"] - 0.05 and "别家店" in alert.message


def test_going_on_as_before_always_promises_too_much() -> None:
    held = activities.purchase_holdout()
    for cut in ("2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30"):
        held.set(cut=cut, rule="model")
        assert abs(held.result["off"]) < 0.15
        held.set(rule="pace")
        assert held.result["off"] > 0.3
        assert held.result["errors"]["model"] < held.result["errors"]["pace"]


def test_the_answers_in_the_text_are_those_of_the_models() -> None:
    tea = shops.load("tea")
    past = histories.holdout(tea.orders, "2025-06-30", shops.as_of())
    x, t_x, T = (past[c] for c in ("x", "t_x", "T"))
    said = BgNbd.fit(x, t_x, T).expected_purchases(past["留出期长度"], x, t_x, T)
    five = (
        histories.compare_by_frequency(past["留出期购买"], said, x, most=6).set_index("x").loc["5"]
    )
    assert [round(float(v), 2) for v in five] == [62, 0.89, 1.50]
    wrote = tea.reviews[tea.reviews["评价内容"] != "此用户没有填写评价。"]
    reader = review_mining.learn(wrote["评价内容"].tolist(), wrote["星级"] <= 3)
    read = reader.log_odds(["茶很香，就是物流太慢", "香气很足，足到全家都躲开了"])
    assert read.round(1).tolist() == [11.1, -7.8]
    for told in (
        "人均 0.89 次",
        "说 1.50 次",
        "模型说 92%",
        "平均说 68%，实际成交 56%",
        "前一句 11.1",
        "后一句 −7.8",
    ):
        assert told in CH07.prose
    leads = activities.lead_scoring()
    assert f"{leads.result['p']:.0%}" == "92%"
    assert [f"{leads.result[k][2]:.0%}" for k in ("said", "came")] == ["68%", "56%"]
