"""Chapter 11: what is said of the figures is true, and invented text says so."""

from __future__ import annotations

import pytest

from autograder.source.ch11 import keys
from autograder.source.ch11.reference import World, board, money
from crmkit.analytics import investment, project
from crmkit.lab.inputs import ch11
from crmkit.ui.activities import ch11 as activities
from tests.chapters.lessons import lesson

CH11 = lesson("ch11")
CLASS = "课堂"


def test_cases_say_that_they_were_written_for_teaching() -> None:
    for title in (
        "开篇案例　一张验收单",
        "关于这个案例",
        "CRM实施过程分析\n",
        "CRM实施效果分析\n",
        "下面的八步",
    ):
        at = CH11.prose.index(title)
        assert "〔教学编写〕" in CH11.prose[at : at + 120], title
    assert "不是任何真实公司的事迹" in CH11.prose


def test_greed_does_not_find_the_critical_path_of_the_lesson() -> None:
    plan = project.critical_path(ch11.tasks(CLASS))
    assert plan.paths == (("B", "G", "A", "I", "F"),)
    assert plan.length == 65.5
    slack = plan.table.set_index("任务")["总时差"]
    assert slack["C"] == 11.5
    later = ch11.tasks(CLASS)
    later.loc[later["任务"] == "C", "工期"] += 15
    assert project.critical_path(later).length == 69


def test_the_outlay_of_the_opening_case_comes_back_in_four_years_but_not_discounted_in_five() -> (
    None
):
    flows = [-380_000.0] + [(412 - 330) * 1150.0] * 5
    assert investment.payback(flows) == pytest.approx(4.03, abs=0.005)
    assert -10_000 < investment.npv(0.08, flows) < 0


def test_the_lesson_and_the_judge_agree_on_the_lessons_project() -> None:
    rate, rows = ch11.cash(CLASS)
    flows = [float(g - c) for _, g, c in rows]
    assert money(World(CLASS))["净现值"] == pytest.approx(investment.npv(rate / 100, flows))
    effect = board(World(CLASS)).set_index("指标")
    assert (
        0
        < effect.loc["成交率", "净变化"]
        < (effect.loc["成交率", "上线后"] - effect.loc["成交率", "上线前"]) / 2
    )


def test_slack_lasts_for_a_week_of_delay_in_the_planner() -> None:
    planner = activities.project_planner()
    found = {}
    for delay in (0, 7, 8):
        planner.set(task="数据清洗", delay=delay)
        found[delay] = "数据清洗" in planner.result["path"]
    assert found == {0: False, 7: False, 8: True}
    planner.reset()
    planner.set(due=45, crash=True)
    assert planner.result["crashed"] == pytest.approx(45)
    assert "用户培训" not in planner.result["cut"]


def test_spending_step_by_step_beats_equal_shares() -> None:
    cards = activities.premortem()
    cards.set(**dict.fromkeys(cards.values, 1.0))
    equal = cards.result["net"]
    cards.reset()
    cards.set(soft=2.0, plan=4.0, flow=0.5, marks=1.5)  # eight again, each half to what it named
    assert cards.result["spent"] == 8
    assert cards.result["net"] > equal + 3


def test_before_and_after_alone_sees_an_effect_where_there_is_none() -> None:
    groups = activities.before_after()
    groups.set(effect=0.0)
    assert groups.result["naive"] == pytest.approx(0.02)
    assert groups.result["difference"] == pytest.approx(-0.04)
    groups.set(picked=0.0)
    assert groups.result["difference"] == pytest.approx(0)


def test_less_spent_than_planned_is_no_saving_when_people_leave() -> None:
    figures = activities.earned_value_board()
    figures.set(event="people", week=6)
    assert figures.result["ac"] < figures.result["pv"]
    assert figures.result["cpi"] < 1


def test_the_seven_causes_are_those_of_the_table() -> None:
    for cause in keys.CAUSES:
        assert f"| **{cause}** |" in CH11.prose
    assert sorted(keys.CAUSE_OF) == sorted(ch11.SYMPTOM_POOL)
