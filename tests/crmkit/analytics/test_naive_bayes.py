"""Naive Bayes by counting: against scikit-learn, by hand, leave-one-out against learning again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import CategoricalNB

from crmkit import shops
from crmkit.analytics import naive_bayes
from crmkit.analytics.errors import AnalyticsError

VALUES = {"来源": [0, 1, 2], "城市": [0, 1, 2, 3]}
NAMES = list(VALUES)
cases = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), min_size=2, max_size=12
)


def table(rows: list[tuple[int, int, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*NAMES, "成交"])
    assume(frame["成交"].nunique() == 2)
    return frame


@settings(max_examples=10, deadline=None)
@given(cases, st.sampled_from([0.01, 0.1, 1.0, 5.0]))
def test_chances_are_those_of_scikit_learn(rows: list[tuple[int, int, bool]], s: float) -> None:
    frame = table(rows)
    ours = naive_bayes.learn(frame, "成交", NAMES, smoothing=s, values=VALUES)
    theirs = CategoricalNB(alpha=s, min_categories=[3, 4]).fit(frame[NAMES], frame["成交"])
    grid = pd.DataFrame([(a, b) for a in range(3) for b in range(4)], columns=NAMES)
    assert ours.probability(grid) == pytest.approx(theirs.predict_proba(grid)[:, 1])


@settings(max_examples=4, deadline=None)
@given(cases)
def test_leaving_one_out_is_learning_without_it(rows: list[tuple[int, int, bool]]) -> None:
    frame = table(rows)
    assume(frame["成交"].value_counts().min() >= 2)
    ours = naive_bayes.left_out(frame, "成交", NAMES, values=VALUES)
    again = [
        naive_bayes.learn(frame.drop(n), "成交", NAMES, values=VALUES).probability(frame.loc[[n]])[
            0
        ]
        for n in frame.index
    ]
    assert ours == pytest.approx(again)


def test_contributions_by_hand_add_up_and_an_unseen_value_says_nothing() -> None:
    """2 won (熟人 2), 2 lost (熟人 1, 广告 1), s = 1: P(熟人|成) = 3/4, P(熟人|败) = 2/4."""
    seen = pd.DataFrame({"来源": ["熟人", "熟人", "熟人", "广告"], "成交": [1, 1, 0, 0]})
    model = naive_bayes.learn(seen, "成交", ["来源"])
    new = pd.DataFrame({"来源": ["熟人", "广告", "展会"]})
    assert model.base == 0
    assert model.contributions(new)["来源"].tolist() == pytest.approx(
        [np.log(1.5), np.log(0.5), 0.0]
    )
    assert model.probability(new) == pytest.approx([0.6, 1 / 3, 0.5])


def test_smoothing_keeps_three_lucky_leads_from_being_a_certainty() -> None:
    opportunities = shops.load("tea").opportunities
    ended = opportunities[opportunities["阶段"].isin(["成功", "失败"])]
    ended = ended.assign(成=ended["阶段"].eq("成功"))
    weights = [
        naive_bayes.learn(ended, "成", ["需求强度"], smoothing=s).weights["需求强度"][5]
        for s in (0.01, 0.1, 1, 5)
    ]
    assert weights == sorted(weights, reverse=True) and weights[0] > 5 > 2.2 > weights[2]


@pytest.mark.parametrize(("frame", "words"), [
    ({"来源": ["a"], "成": [1]}, "成和败都要有"), ({"来源": [], "成": []}, "成和败都要有"),
    ({"来源": ["a", None], "成": [1, 0]}, "第 2 行"), ({"来源": ["a", "b"], "成": [1, 2]}, "0 或 1"),
    ({"渠道": ["a"], "成": [1]}, "缺少列「来源」"),
])  # fmt: skip
def test_what_cannot_be_learnt_from_is_refused(frame: dict, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        naive_bayes.learn(pd.DataFrame(frame), "成", ["来源"])


def test_smoothing_of_nothing_and_a_single_success_are_refused() -> None:
    seen = pd.DataFrame({"来源": ["a", "b", "b"], "成": [1, 0, 0]})
    with pytest.raises(AnalyticsError, match="smoothing"):
        naive_bayes.learn(seen, "成", ["来源"], smoothing=0)
    with pytest.raises(AnalyticsError, match="至少两条"):
        naive_bayes.left_out(seen, "成", ["来源"])
