"""Strategy: the growth matrix against a plain recount, budgets against scipy's optimiser."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from crmkit.analytics import strategy
from crmkit.analytics.errors import AnalyticsError

SALES = pd.DataFrame(
    [("甲", "茶叶", "2024-03-01", 100.0), ("乙", "茶叶", "2024-05-01", 50.0),
     ("甲", "茶叶", "2025-01-10", 30.5), ("甲", "茶具", "2025-02-01", 20.0),
     ("丙", "茶叶", "2025-03-01", 10.0), ("丙", "茶叶", "2025-09-01", 5.0),
     ("丙", "茶具", "2025-10-01", 1.25)],
    columns=["客户编号", "业务", "日期", "金额"],
)  # fmt: skip


def test_the_four_cells_of_a_small_firm() -> None:
    table = strategy.growth_matrix(SALES, [2024, 2025])
    assert table["2025"].to_dict() == {
        "客户忠诚": 30.5, "客户扩充": 20.0, "客户获得": 15.0, "客户多样化": 1.25,
    }  # fmt: skip
    assert table["2024"].to_dict() == {
        "客户忠诚": 0, "客户扩充": 0, "客户获得": 0, "客户多样化": 150,
    }  # fmt: skip


sales = st.lists(
    st.tuples(st.sampled_from("甲乙丙丁"), st.sampled_from("茶器书"),
              st.integers(2023, 2025), st.integers(0, 99999)),
    max_size=25,
)  # fmt: skip


@given(sales)
def test_the_matrix_splits_each_years_revenue_and_agrees_with_a_recount(rows: list) -> None:
    frame = pd.DataFrame(
        [(c, b, f"{y}-06-01", fen / 100) for c, b, y, fen in rows], columns=SALES.columns
    )
    table = strategy.growth_matrix(frame, [2024, 2025])
    for year in (2024, 2025):
        counted = dict.fromkeys(strategy.GROWTH.values(), 0)
        for c, b, y, fen in rows:
            if y == year:
                old = [any(r[i] == v and r[2] < year for r in rows) for i, v in ((0, c), (1, b))]
                counted[strategy.GROWTH[old[0], old[1]]] += fen
        assert (table[str(year)] * 100).round().to_dict() == counted


@pytest.mark.parametrize(("customers", "margin", "level"), [
    (1000, 0.4, "负责型"), (1000, 0.2, "被动型"), (1000, 0.1999, "基本型"), (999, 0.4, "能动型"),
    (101, 0.399, "负责型"), (100, 0.4, "伙伴型"), (100, 0.39, "能动型"), (0, -0.1, "负责型"),
])  # fmt: skip
def test_levels_of_relation_on_the_limits(customers: int, margin: float, level: str) -> None:
    limits = {"many": 1000, "few": 100, "high": 0.4, "low": 0.2}
    assert strategy.relation_level(customers, margin, **limits) == level


def test_a_deeper_relation_never_belongs_to_more_customers_or_less_margin() -> None:
    depth = {level: i for i, level in enumerate(strategy.LEVELS)}
    for size in "多中少":
        row = [depth[strategy.RELATION_GRID[size, m]] for m in "低中高"]
        assert row == sorted(row)
    for m in "低中高":
        column = [depth[strategy.RELATION_GRID[size, m]] for size in "多中少"]
        assert column == sorted(column)


def test_limits_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="要小于"):
        strategy.relation_level(5, 0.3, many=10, few=10)


def test_alliances_by_two_questions() -> None:
    found = {strategy.alliance_mode(joint=j, knows=k) for j in (True, False) for k in (True, False)}
    assert found == set(strategy.ALLIANCES)
    assert strategy.alliance_mode(joint=True, knows=False) == "合伙人模式"


@given(st.floats(1, 5000), st.floats(0.01, 1), st.floats(1e-4, 0.2))
def test_the_best_spending_is_the_optimum_that_scipy_finds(v: float, c: float, k: float) -> None:
    best = strategy.best_spend(v, c, k)
    profit = lambda s: v * strategy.response(max(float(s), 0.0), c, k) - s  # noqa: E731
    found = optimize.minimize_scalar(lambda s: -profit(s), bounds=(0, 20 / k), method="bounded",
                                     options={"xatol": 1e-8})  # fmt: skip
    assert profit(best) >= profit(found.x) - 1e-6 * max(1.0, v)


def test_a_prospects_value_is_the_sum_of_its_years_and_blattberg_and_deightons_formula() -> None:
    given_ = {"margin": 300.0, "rate": 0.1, "acquisition": (0.4, 0.02), "retention": (0.8, 0.05)}
    value = strategy.prospect_value(60, 40, **given_)
    a, keep = strategy.response(60, 0.4, 0.02), strategy.response(40, 0.8, 0.05)
    years = sum((300 * keep - 40) * keep ** (t - 1) / 1.1**t for t in range(1, 400))
    assert value == pytest.approx(a * (300 + years) - 60)
    discounted = keep / 1.1
    published = a * 300 - 60 + a * (300 - 40 / keep) * discounted / (1 - discounted)
    assert value == pytest.approx(published)


@given(st.floats(0, 1e6), st.lists(st.tuples(st.floats(1e3, 1e6), st.floats(1e-6, 1e-3)),
                                   min_size=1, max_size=4))  # fmt: skip
def test_a_budget_is_spent_in_full_and_its_last_yuan_brings_the_same(
    budget: float, curves: list
) -> None:
    cells = {str(i): c for i, c in enumerate(curves)}
    split = strategy.allocate(budget, cells)
    assert sum(split.values()) == pytest.approx(budget, rel=1e-6, abs=1e-3)
    marginal = {n: c * k * math.exp(-k * split[n]) for n, (c, k) in cells.items()}
    spent = [marginal[n] for n in cells if split[n] > 1e-6 * max(budget, 1)]
    if spent:
        assert max(spent) == pytest.approx(min(spent), rel=1e-3)
        assert all(marginal[n] <= max(spent) * 1.001 for n in cells)


def test_the_split_earns_what_scipy_earns() -> None:
    cells = {
        "忠诚": (900.0, 0.004),
        "扩充": (500.0, 0.006),
        "获得": (800.0, 0.002),
        "多": (300.0, 0.001),
    }
    split = strategy.allocate(1000, cells)

    def earned(spends: Sequence[float]) -> float:
        pairs = zip(cells.values(), spends, strict=True)
        return float(sum(c * -np.expm1(-k * s) for (c, k), s in pairs))

    found = optimize.minimize(lambda x: -earned(x), [250.0] * 4, bounds=[(0, 1000)] * 4,
                              constraints={"type": "eq", "fun": lambda x: sum(x) - 1000})  # fmt: skip
    assert earned(list(split.values())) == pytest.approx(-found.fun, rel=1e-5)


def test_nothing_that_responds_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="大于 0"):
        strategy.allocate(10, {"a": (0, 1)})


def test_easy_switching_makes_a_price_war_and_hard_switching_keeps_the_peace() -> None:
    assert strategy.equilibria(strategy.price_game(60, 15, 10)) == [("降", "降")]
    assert strategy.equilibria(strategy.price_game(60, 15, 60)) == [("守", "守")]
    assert strategy.price_game(60, 15, 0)["守", "降"] == (0, 90)


@given(st.floats(1, 500), st.floats(0.01, 499), st.floats(0, 500))
def test_the_equilibria_follow_from_the_two_ways_to_gain_by_a_cut(
    margin: float, cut: float, cost: float
) -> None:
    game = strategy.price_game(margin, cut, cost)
    moves = min(1.0, cut / (2 * cost)) if cost else 1.0
    found = strategy.equilibria(game)
    assert (("守", "守") in found) == ((1 + moves) * (margin - cut) <= margin)
    assert (("降", "降") in found) == ((1 - moves) * margin <= margin - cut)
