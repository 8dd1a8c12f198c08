"""Entropy, Gini, gain: Quinlan's weather table, scikit-learn's trees, and what must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from crmkit.analytics import decision_tree
from crmkit.analytics.errors import AnalyticsError

# Quinlan (1986), table 1: Saturday mornings
ROWS = """sunny hot high false N|sunny hot high true N|overcast hot high false P|rain mild high false P
rain cool normal false P|rain cool normal true N|overcast cool normal true P|sunny mild high false N
sunny cool normal false P|rain mild normal false P|sunny mild normal true P|overcast mild high true P
overcast hot normal false P|rain mild high true N"""
NAMES = ["outlook", "temperature", "humidity", "windy", "class"]
WEATHER = pd.DataFrame([r.split() for r in ROWS.replace("\n", "|").split("|")], columns=NAMES)


def test_the_gains_of_the_saturday_mornings() -> None:
    """Quinlan (1986), section 4: 0.940 bits; gains 0.246, 0.029, 0.151, 0.048 (printed, ±0.001)."""
    assert decision_tree.entropy([9, 5]) == pytest.approx(0.940, abs=5e-4)
    found = decision_tree.partition(WEATHER, "class", NAMES[:4]).set_index("问题")
    assert found["增益"].to_dict() == pytest.approx(
        {"outlook": 0.246, "temperature": 0.029, "humidity": 0.151, "windy": 0.048}, abs=1e-3
    )
    assert found.index[0] == "outlook"
    assert found.loc["outlook", "增益率"] == pytest.approx(0.156, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=4, max_size=40),
    st.sampled_from(["entropy", "gini"]),
)  # fmt: skip
def test_the_first_question_gains_as_much_as_scikit_learns(rows: list, measure: str) -> None:
    frame = pd.DataFrame(rows, columns=["R", "F", "流失"])
    tree = decision_tree.grow(frame, "流失", ["R", "F"], depth=1, least=1, measure=measure)
    theirs = DecisionTreeClassifier(criterion=measure, max_depth=1, random_state=0)
    theirs.fit(frame[["R", "F"]], frame["流失"])
    t = theirs.tree_
    parts = t.impurity[1:] * t.n_node_samples[1:] / len(frame)
    assert tree.gain == pytest.approx(float(t.impurity[0] - parts.sum()) if len(parts) else 0.0)


def test_a_deeper_tree_classifies_like_scikit_learns() -> None:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(draw.uniform(size=(400, 2)), columns=["R", "F"])
    frame["流失"] = (frame["R"] > 0.6) ^ (draw.uniform(size=400) < 0.1)
    tree = decision_tree.grow(frame, "流失", ["R", "F"], depth=3, least=20)
    theirs = DecisionTreeClassifier(criterion="entropy", max_depth=3, min_samples_leaf=20)
    theirs.fit(frame[["R", "F"]], frame["流失"])
    ours = [tree.leaf(row).answer for row in frame[["R", "F"]].to_dict("records")]
    assert ours == theirs.predict(frame[["R", "F"]]).tolist()
    assert tree.size == 400 and tree.feature == "R" and "R ≤ 0.6" in tree.words()


@given(st.lists(st.integers(0, 30), min_size=2, max_size=5).filter(any))
def test_impurity_lies_between_pure_and_even(counts: list[int]) -> None:
    n = len(counts)
    assert 0 <= decision_tree.entropy(counts) <= np.log2(n) + 1e-9
    assert -1e-12 <= decision_tree.gini(counts) <= 1 - 1 / n + 1e-9


@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=5).filter(
    lambda parts: any(map(any, parts))))  # fmt: skip
def test_no_question_makes_it_worse(parts: list[list[int]]) -> None:
    assert decision_tree.gain(parts) >= -1e-9
    assert decision_tree.gain(parts, "gini") >= -1e-9


def test_no_counts_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="至少有一个"):
        decision_tree.entropy([0, 0])
