"""Chapter 10: what is said of the case's figures is true, and invented text says so."""

from __future__ import annotations

import pytest

from autograder.source.ch10 import keys
from crmkit.analytics import strategy
from crmkit.lab.inputs import ch10
from crmkit.ui.activities import ch10 as activities
from tests.chapters.lessons import lesson

CH10 = lesson("ch10")


def test_cases_say_that_they_were_written_for_teaching() -> None:
    for title in (
        "开篇案例　两家茶店的年终会",
        "关于这个案例",
        "成都海浪客户关系管理战略确定和实施",
        "两张名字卡",
    ):
        at = CH10.prose.index(title)
        assert "〔教学编写〕" in CH10.prose[at : at + 260], title
    assert "与任何真实企业无关" in CH10.prose
    assert "不是这两家公司的事迹" in CH10.prose


def test_what_was_inferred_or_chosen_is_marked() -> None:
    for words, mark in (
        ("四格的名字", "〔推断〕"), ("tailoring", "〔推断"), ("八件事〔", "〔课程约定〕"), ("界限是〔", "〔课程约定〕"),
    ):  # fmt: skip
        at = CH10.prose.index(words)
        assert mark in CH10.prose[at : at + 120], words


def test_the_grid_printed_for_the_exercise_is_the_librarys() -> None:
    for size in "多中少":
        row = next(x for x in CH10.prose.splitlines() if x.startswith(f"| **客户{size}**"))
        cells = [c.strip() for c in row.split("|")[2:5]]
        assert cells == [strategy.RELATION_GRID[size, m] for m in "低中高"]


def test_what_the_text_says_of_the_ledger_holds() -> None:
    ledger = ch10.ledger(ch10.CLASS)
    growth = strategy.growth_matrix(ledger[ledger["状态"] == "有效"], [2023, 2024, 2025])
    change = growth["2025"] - growth["2024"]
    assert (change > 0).tolist() == [True, True, False, False]
    assert growth["2025"].sum() / growth["2024"].sum() == pytest.approx(1.02, abs=0.02)
    assert growth["2025"].sum() / growth["2023"].sum() == pytest.approx(1.7, abs=0.05)


def test_the_price_war_turns_where_the_answer_says() -> None:
    game = activities.loyalty_game()
    for cost, peace, war in ((20, False, True), (25, True, True), (35, True, False)):
        game.set(margin=60, cut=15, switching=cost)
        found = game.result["equilibria"]
        assert ((("守", "守") in found), (("降", "降") in found)) == (peace, war)


def test_small_budgets_give_up_the_risky_cells_first() -> None:
    budget = activities.growth_budget()
    left = []
    for yearly in (200, 100, 20):
        budget.set(budget=yearly)
        left.append({n for n, x in budget.result["best_spends"].items() if x > 0})
    assert left == [
        set(strategy.GROWTH.values()), {"客户忠诚", "客户扩充", "客户获得"}, {"客户忠诚", "客户扩充"},
    ]  # fmt: skip


def test_a_deep_relation_with_the_right_premise_beats_a_cheap_one() -> None:
    case = activities.hailang_decisions()
    case.set(premise="worry", cell="extend", level="partner", start="pilot")
    good = case.result
    case.set(premise="cheap")
    assert good["rank"] == 1
    assert case.result["mean"] < good["mean"]


def test_every_scene_and_every_topic_has_its_key() -> None:
    assert [keys.mode_of(s) for s in ch10.SCENE_POOL].count("定制模式") == 8
    assert sorted(keys.STEPS) == sorted(ch10.STEP_POOL)
