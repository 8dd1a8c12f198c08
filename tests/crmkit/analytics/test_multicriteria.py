"""Weighted scores and TOPSIS: against a step-by-step recount, and what must always hold."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crmkit.analytics import multicriteria
from crmkit.analytics.errors import AnalyticsError

TABLE = pd.DataFrame(
    {"功能": [7.0, 9, 8, 6], "服务": [9.0, 7, 6, 8], "价格": [25.0, 40, 30, 20]},
    index=["甲", "乙", "丙", "丁"],
)
WEIGHTS = {"功能": 0.5, "服务": 0.2, "价格": 0.3}


def by_hand(rows: list[list[float]], weights: list[float], costs: set[int]) -> list[float]:
    lengths = [math.hypot(*column) for column in zip(*rows, strict=True)]
    v = [[w * x / s for x, s, w in zip(row, lengths, weights, strict=True)] for row in rows]
    columns = list(zip(*v, strict=True))
    best = [min(c) if j in costs else max(c) for j, c in enumerate(columns)]
    worst = [max(c) if j in costs else min(c) for j, c in enumerate(columns)]
    return [math.dist(r, worst) / (math.dist(r, worst) + math.dist(r, best)) for r in v]


numbers = st.floats(0.5, 100)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=6, unique=True))
def test_topsis_is_what_its_steps_give(rows: list) -> None:
    assume(any(math.dist(r, rows[0]) > 1e-6 for r in rows))
    table = pd.DataFrame(rows, columns=list(WEIGHTS))
    found = multicriteria.topsis(table, WEIGHTS, costs=["价格"])
    expected = by_hand([list(r) for r in rows], list(WEIGHTS.values()), {2})
    assert found.sort_index().tolist() == pytest.approx(expected, abs=1e-9)
    assert found.is_monotonic_decreasing


def test_an_alternative_that_is_best_everywhere_is_the_ideal() -> None:
    table = pd.concat([TABLE, pd.DataFrame({"功能": 9.0, "服务": 9.0, "价格": 20.0}, index=["全"])])
    found = multicriteria.topsis(table, WEIGHTS, costs=["价格"])
    assert found.index[0] == "全"
    assert found.iloc[0] == 1


def test_weights_count_by_their_ratio_and_units_do_not_count() -> None:
    once = multicriteria.topsis(TABLE, WEIGHTS, costs=["价格"])
    again = multicriteria.topsis(TABLE.assign(价格=TABLE["价格"] * 10_000),
                                 {k: v * 100 for k, v in WEIGHTS.items()}, costs=["价格"])  # fmt: skip
    pd.testing.assert_series_equal(once, again)


def test_scores_add_up() -> None:
    found = multicriteria.weighted_score(TABLE, {"功能": 3, "服务": 1})
    assert found.to_dict() == pytest.approx({"乙": 8.5, "甲": 7.5, "丙": 7.5, "丁": 6.5})
    spread = multicriteria.weighted_score(TABLE, WEIGHTS, costs=["价格"], scale="min_max")
    assert spread["乙"] == pytest.approx(0.5 + 0.2 / 3 + 0)
    assert spread.between(0, 1).all()


def test_what_cannot_be_ranked_is_told() -> None:
    with pytest.raises(AnalyticsError, match="一样"):
        multicriteria.topsis(TABLE.iloc[:1], WEIGHTS)
    with pytest.raises(AnalyticsError, match="权重"):
        multicriteria.topsis(TABLE, {"功能": 0})
    with pytest.raises(AnalyticsError, match="越小越好"):
        multicriteria.weighted_score(TABLE, WEIGHTS, costs=["价格"])
    same = multicriteria.weighted_score(TABLE.assign(服务=5.0), {"服务": 1}, scale="min_max")
    assert set(same) == {1.0}
