"""Measures of a classifier: against scikit-learn, ties and edges, what contacting pays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from crmkit.analytics import classification
from crmkit.analytics.errors import AnalyticsError

cases = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6).map(lambda n: n / 8)), min_size=2, max_size=40
)


@settings(max_examples=20, deadline=None)
@given(cases, st.integers(0, 8).map(lambda n: n / 8))
def test_confusion_and_its_rates_are_scikit_learns(
    pairs: list[tuple[bool, float]], cut: float
) -> None:
    y, s = (np.array(side) for side in zip(*pairs, strict=True))
    found = classification.confusion(y, s, cut)
    called = s >= cut
    theirs = metrics.confusion_matrix(y, called, labels=[False, True])
    assert [found.tn, found.fp, found.fn, found.tp] == theirs.ravel().tolist()
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(y, called))
    if called.any():
        assert found.precision.value == pytest.approx(metrics.precision_score(y, called))
    else:
        assert found.precision.value is None
    if y.any():
        assert found.recall.value == pytest.approx(metrics.recall_score(y, called))
        assert found.f1.value == pytest.approx(metrics.f1_score(y, called))


@settings(max_examples=20, deadline=None)
@given(cases)
def test_roc_and_auc_with_many_ties_are_scikit_learns(pairs: list[tuple[bool, float]]) -> None:
    y, s = (np.array(side) for side in zip(*pairs, strict=True))
    assume(y.any() and not y.all())
    curve = classification.roc(y, s)
    fpr, tpr, cuts = metrics.roc_curve(y, s, drop_intermediate=False)
    assert curve["假正率"].to_numpy() == pytest.approx(fpr)
    assert curve["真正率"].to_numpy() == pytest.approx(tpr)
    assert curve["阈值"].to_numpy()[1:] == pytest.approx(cuts[1:])
    assert classification.auc(y, s) == pytest.approx(metrics.roc_auc_score(y, s))


@settings(max_examples=20, deadline=None)
@given(cases, st.integers(1, 10))
def test_the_groups_of_the_lift_table_add_up(pairs: list[tuple[bool, float]], groups: int) -> None:
    y, s = (np.array(side) for side in zip(*pairs, strict=True))
    assume(y.any() and not y.all() and groups <= len(y))
    table = classification.lift_table(y, s, groups)
    assert table["人数"].sum() == len(y) and table["命中"].sum() == y.sum()
    assert table["人数"].max() - table["人数"].min() <= 1
    assert table["累计提升度"].iloc[-1] == pytest.approx(1)
    assert table["累计命中占比"].iloc[-1] == pytest.approx(1)
    weighted = (table["提升度"] * table["人数"]).sum() / len(y)
    assert weighted == pytest.approx(1)


def test_the_most_profitable_cut_by_hand() -> None:
    """Two of the first three are churners: 3 contacts earn 2 × 10 − 3 × 4 = 8 yuan, the most."""
    curve = classification.profit_curve([1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.3, 0.1], gain=10, cost=4)
    assert curve["利润"].tolist() == [0, 6, 2, 8, 4, 0]
    assert curve.loc[curve["利润"].idxmax(), "联系人数"] == 3
    assert curve["阈值"].tolist()[1:] == [0.9, 0.8, 0.7, 0.3, 0.1]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_with_true_chances_the_best_cut_is_cost_by_gain(seed: int) -> None:
    """Expected profit of contacting everyone with p ≥ cost ÷ gain is never beaten by another cut."""
    p = np.sort(np.random.default_rng(seed).uniform(size=50))[::-1]
    gain, cost = 8.0, 3.0
    expected = np.append(0, np.cumsum(gain * p - cost))
    assert expected[(p >= cost / gain).sum()] == pytest.approx(expected.max())


@pytest.mark.parametrize(("y", "s", "words"), [
    ([1, 2], [0.1, 0.2], "0 或 1"), ([1], [0.1, 0.2], "一样长"), ([1, 0], [0.1, np.nan], "空值"),
    ([1, 1], [0.1, 0.2], "只有一类"),
])  # fmt: skip
def test_what_cannot_be_judged_is_refused(y: list, s: list, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        classification.auc(y, s)
