"""Which records are one person: by hand, pair by pair, against scikit-learn."""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from crmkit.analytics import matching
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.matching import Field

FIELDS = {"手机": Field(0.9, 0.01), "城市": Field(0.8, 0.3)}
records = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3", None]), st.sampled_from(["沪", "京", None])),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(records, records)
def test_weights_are_those_added_up_pair_by_pair(a: list, b: list) -> None:
    left, right = (pd.DataFrame(rows, columns=list(FIELDS), dtype="str") for rows in (a, b))
    found = matching.weights(left, right, FIELDS)
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            expected = 0.0
            for field, x, y in zip(FIELDS.values(), one, other, strict=True):
                if x is not None and y is not None:
                    m, u = (field.m, field.u) if x == y else (1 - field.m, 1 - field.u)
                    expected += log(m / u)
            assert found[i, j] == pytest.approx(expected)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=25))
def test_precision_and_recall_are_those_of_scikit_learn(pairs: list[tuple[bool, int]]) -> None:
    y, w = (np.array(side) for side in zip(*pairs, strict=True))
    assume(y.any())
    table = matching.by_cut(y, w).iloc[::-1]
    precision, recall, cuts = precision_recall_curve(y, w)
    assert table["界限"].tolist() == cuts.tolist()
    assert table["精确率"].to_numpy() == pytest.approx(precision[:-1])
    assert table["召回率"].to_numpy() == pytest.approx(recall[:-1])
    assert (table["认对"] + table["漏掉"] == y.sum()).all()


def test_chance_alike_is_the_share_of_all_pairs_that_agree() -> None:
    a, b = pd.Series(["x", "x", "y", None, "z"]), pd.Series(["x", "y", "y"])
    pairs = [p == q for p in a.dropna() for q in b]
    assert matching.chance_alike(a, b) == pytest.approx(np.mean(pairs))


def test_what_cannot_be_matched_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="小于 1"):
        Field(1.0, 0.1)
    with pytest.raises(AnalyticsError, match="u"):
        Field(0.9, 0.0)
    with pytest.raises(AnalyticsError, match="第二份名单缺少列「城市」"):
        matching.weights(pd.DataFrame({"城市": ["沪"]}), pd.DataFrame({"省": ["沪"]}),
                         {"城市": FIELDS["城市"]})  # fmt: skip
    with pytest.raises(AnalyticsError, match="召回率"):
        matching.by_cut([0, 0], [1, 2])
    with pytest.raises(AnalyticsError, match="一样多"):
        matching.by_cut([0, 1, 1], [1, 2])
    with pytest.raises(AnalyticsError, match="全是空的"):
        matching.chance_alike(pd.Series([None]), pd.Series(["x"]))
