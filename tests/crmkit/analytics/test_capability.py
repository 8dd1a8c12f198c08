"""Fuzzy evaluation, the indicator tree, IPA, regression and mediation, AHP's repair."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import ahp, capability, fuzzy, regression
from crmkit.analytics.errors import AnalyticsError

# The leader example of ahpy's README: Experience Education Charisma Age (T-AHP-4).
LEADER = ahp.reciprocal([[4, 3, 7], [1 / 3, 3], [5]])


def test_the_leaders_criteria_t_ahp_4() -> None:
    """T-AHP-4: Experience .548, Charisma .270, Education .127, Age .056; CR .044; ± half a digit."""
    found = ahp.weights(LEADER)
    assert found.values == pytest.approx((0.548, 0.127, 0.270, 0.056), abs=6e-4)
    assert found.cr == pytest.approx(0.044, abs=1e-3)


def test_both_tables_of_random_indices_are_there_by_name() -> None:
    assert ahp.RANDOM_INDEX["textbook"][2:] == (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45)
    assert ahp.RANDOM_INDEX["later"][2:] == (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45)
    three = ahp.reciprocal([[2, 6], [2]])
    one, two = (ahp.weights(three, table=t) for t in ahp.RANDOM_INDEX)
    assert one.ci == two.ci and two.cr / one.cr == pytest.approx(0.58 / 0.52)


@given(st.lists(st.floats(0.1, 9), min_size=4, max_size=7), st.data())
def test_the_one_wild_judgement_is_found_and_mended(parts: list[float], data) -> None:
    n = len(parts)
    w = np.array(parts)
    matrix = w[:, None] / w[None, :]
    i = data.draw(st.integers(0, n - 2))
    j = data.draw(st.integers(i + 1, n - 1))
    right = matrix[i, j]
    matrix[i, j], matrix[j, i] = right * 6, 1 / (right * 6)
    first = ahp.disagreements(matrix.tolist())[0]
    assert (first.i, first.j) == (i, j)
    assert first.implied == pytest.approx(right, rel=1e-5)
    assert first.cr_without == pytest.approx(0, abs=1e-6) and first.factor == pytest.approx(
        6, rel=1e-4
    )


# --- fuzzy -----------------------------------------------------------------------------------------
W, R = (0.5, 0.3, 0.2), [[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6]]


@pytest.mark.parametrize(("operator", "b"), [
    ("weighted", (0.38, 0.31, 0.31)), ("min_max", (0.5, 0.3, 0.3)),
    ("product_max", (0.25, 0.15, 0.12)), ("min_sum", (1.0, 0.8, 0.7)),
])  # fmt: skip
def test_the_four_operators_by_hand(operator: str, b: tuple[float, ...]) -> None:
    assert fuzzy.evaluate(W, R, operator=operator, normalise=False) == pytest.approx(b)
    assert sum(fuzzy.evaluate(W, R, operator=operator)) == pytest.approx(1)


def test_votes_become_memberships_and_a_verdict() -> None:
    votes = pd.DataFrame(
        {"因素": ["洞察"] * 4 + ["交往"] * 2, "评语": list("好好中差") + list("中中")}
    )
    r = fuzzy.memberships(votes, ["好", "中", "差"])
    assert r.loc["洞察"].tolist() == [0.5, 0.25, 0.25] and r.loc["交往"].tolist() == [0, 1, 0]
    b = fuzzy.evaluate([0.5, 0.5], r)
    assert fuzzy.verdict(b, ["好", "中", "差"]) == "中"
    assert fuzzy.mean_score(b, [90, 70, 50]) == pytest.approx(0.25 * 90 + 0.625 * 70 + 0.125 * 50)


@pytest.mark.parametrize("wrong", [
    lambda: fuzzy.evaluate([0.5, 0.4], R[:2]), lambda: fuzzy.evaluate([0.5, 0.5], R),
    lambda: fuzzy.evaluate(W, [[2, 0, 0]] * 3), lambda: fuzzy.evaluate(W, R, operator="?"),
    lambda: fuzzy.mean_score([0, 0], [1, 2]),
    lambda: fuzzy.memberships(pd.DataFrame({"因素": ["a"], "评语": ["棒"]}), ["好"]),
])  # fmt: skip
def test_what_cannot_be_evaluated_is_refused(wrong) -> None:
    with pytest.raises(AnalyticsError, match="[一-鿿]"):
        wrong()


# --- the tree --------------------------------------------------------------------------------------
def test_the_tree_has_fifteen_indicators_under_three_capabilities() -> None:
    assert tuple(capability.TREE) == capability.CAPABILITIES
    names = [n for branch in capability.TREE.values() for n in branch]
    assert len(names) == len(set(names)) == 15


@given(st.lists(st.floats(0.1, 9), min_size=18, max_size=18))
def test_weights_down_and_scores_up_agree(parts: list[float]) -> None:
    def shares(names: tuple[str, ...], raw: list[float]) -> dict[str, float]:
        return {n: x / sum(raw) for n, x in zip(names, raw, strict=True)}

    first = shares(capability.CAPABILITIES, parts[:3])
    second, at = {}, 3
    for branch, names in capability.TREE.items():
        second[branch] = shares(names, parts[at : at + len(names)])
        at += len(names)
    weights = capability.global_weights(first, second)
    assert sum(weights.values()) == pytest.approx(1)
    marks = {n: 40 + 4 * k for k, n in enumerate(weights)}
    up = sum(first[b] * s for b, s in capability.branch_scores(marks, second).items())
    frame = pd.DataFrame([{"企业": "F1", **marks}, {"企业": "F2", **dict.fromkeys(marks, 50)}])
    table = capability.scores(frame, weights).set_index("企业")
    assert table.at["F1", "得分"] == pytest.approx(up) and table.at["F2", "得分"] == pytest.approx(
        50
    )


def test_ipa_and_rank_changes() -> None:
    weights = {"甲": 0.4, "乙": 0.3, "丙": 0.2, "丁": 0.1}
    table = capability.importance_performance(weights, {"甲": 50, "乙": 90, "丙": 40, "丁": 95})
    assert table.set_index("指标")["象限"].to_dict() == {
        "甲": "修补区", "乙": "优势区", "丙": "机会区", "丁": "维持区"
    }  # fmt: skip
    assert table["指标"].iloc[0] == "甲" and table["可提升"].iloc[0] == pytest.approx(20)
    assert capability.rank_changes(["A", "B", "C"], ["B", "A", "C"]) == [("A", "B")]
    with pytest.raises(AnalyticsError, match="等于 1"):
        capability.global_weights({"甲": 0.5}, {"甲": {"x": 1.0}})


# --- regression ------------------------------------------------------------------------------------
def norris() -> pd.DataFrame:
    """NIST StRD Norris, public domain: certified b0 −0.262323073774029, b1 1.00211681802045."""
    pairs = """0.1 0.2;338.8 337.4;118.1 118.2;888.0 884.6;9.2 10.1;228.1 226.5;668.5 666.3;998.5 996.3;
    449.1 448.6;778.9 777.0;559.2 558.2;0.3 0.4;0.1 0.6;778.1 775.5;668.8 666.9;339.3 338.0;448.9 447.5;
    10.8 11.6;557.7 556.0;228.3 228.1;998.0 995.8;888.8 887.6;119.6 120.2;0.3 0.3;0.6 0.3;557.6 556.8;
    339.3 339.1;888.0 887.2;998.5 999.0;778.9 779.0;10.2 11.1;117.6 118.3;228.9 229.2;668.4 669.1;
    449.2 448.9;0.2 0.5"""
    rows = [tuple(map(float, p.split())) for p in pairs.replace("\n", "").split(";")]
    return pd.DataFrame(rows, columns=["y", "x"])


def test_least_squares_gives_the_certified_values_of_norris() -> None:
    fit = regression.ols(norris(), "y", ["x"])
    table = fit.table.set_index("变量")
    assert table.at["常数", "系数"] == pytest.approx(-0.262323073774029, rel=1e-9)
    assert table.at["x", "系数"] == pytest.approx(1.00211681802045, rel=1e-12)
    assert table.at["常数", "标准误"] == pytest.approx(0.232818234301152, rel=1e-9)
    assert table.at["x", "标准误"] == pytest.approx(0.429796848199937e-3, rel=1e-9)
    assert fit.r2 == pytest.approx(0.999993745883712, rel=1e-12)


def test_the_correlation_and_its_interval() -> None:
    frame = norris().assign(z=lambda t: np.sin(t["x"]) + t["x"] / 500)
    found = regression.correlation(frame["x"], frame["z"])
    assert found.r == pytest.approx(frame["x"].corr(frame["z"]))
    # r = 0.5, n = 28: z = 0.549306, half width 1.959964 / 5 (Fisher)
    half = regression.correlation([1, 0, -1, 0] * 7, [1, 3**0.5, -1, -(3**0.5)] * 7)
    assert half.r == pytest.approx(0.5)
    assert (half.low, half.high) == pytest.approx((0.156028, 0.735818), abs=1e-6)
    with pytest.raises(AnalyticsError, match="不变"):
        regression.correlation([1, 1, 1, 1], [1, 2, 3, 4])


def test_total_effect_is_direct_plus_indirect() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=300)
    m = 0.6 * x + rng.normal(size=300)
    y = 0.2 * x + 0.5 * m + rng.normal(size=300)
    found = regression.mediation(pd.DataFrame({"x": x, "m": m, "y": y}), "x", "m", "y")
    assert found.total == pytest.approx(found.direct + found.indirect, rel=1e-9)
    assert found.low < 0.3 < found.high and found.low > 0
    assert abs(found.sobel_se - (found.high - found.low) / (2 * 1.96)) < 0.2 * found.sobel_se
    assert math.isfinite(found.a)


def test_columns_that_determine_each_other_are_refused() -> None:
    frame = norris().assign(twice=lambda t: 2 * t["x"])
    with pytest.raises(AnalyticsError, match="互相决定"):
        regression.ols(frame, "y", ["x", "twice"])
    with pytest.raises(AnalyticsError, match="至少"):
        regression.ols(norris().head(2), "y", ["x"])
