"""Complaints by their words: against scikit-learn, and what errors cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from crmkit import shops
from crmkit.analytics import classification, review_mining
from crmkit.analytics.errors import AnalyticsError

texts = st.text(alphabet="茶香苦涩好坏，。 a", min_size=0, max_size=8)
reviews = st.lists(st.tuples(texts, st.booleans()), min_size=2, max_size=15)


@settings(max_examples=10, deadline=None)
@given(reviews, st.sampled_from([0.1, 1.0]))
def test_log_odds_are_those_of_scikit_learn(rows: list[tuple[str, bool]], s: float) -> None:
    said, bad = [t for t, _ in rows], np.array([b for _, b in rows])
    assume(bad.any() and not bad.all() and any(review_mining.pieces(t) for t in said))
    ours = review_mining.learn(said, bad, smoothing=s)
    count = CountVectorizer(analyzer=review_mining.pieces, binary=True)
    theirs = MultinomialNB(alpha=s).fit(count.fit_transform(said), bad)
    new = [*said, "苦苦的茶", "没有见过的字", ""]
    joint = theirs.predict_joint_log_proba(count.transform(new))
    assert ours.log_odds(new) == pytest.approx(joint[:, 1] - joint[:, 0])


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=20),
    st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
def test_every_row_of_the_costs_is_its_confusion(
    pairs: list[tuple[bool, int]], false: int, missed: int
) -> None:
    y, score = (np.array(side) for side in zip(*pairs, strict=True))
    table = review_mining.alert_costs(y, score, false_alarm=false, missed=missed)
    assert len(table) == len(set(score.tolist())) + 1
    for row in table.itertuples(index=False):
        found = classification.confusion(y, score, row.界限)
        assert (row.预警数, row.误报, row.漏报) == (found.tp + found.fp, found.fp, found.fn)
        assert row.成本 == false * found.fp + missed * found.fn


def test_more_marked_reviews_read_better_and_another_shop_teaches_less() -> None:
    def of(shop: str) -> tuple[list[str], np.ndarray]:
        table = shops.load(shop).reviews.sort_values("评价时间")
        return table["评价内容"].tolist(), (table["星级"] <= 3).to_numpy()

    (said, bad), (other, theirs) = of("tea"), of("electronics")
    half = len(said) // 2
    areas = [
        classification.auc(bad[half:], review_mining.learn(t, b).log_odds(said[half:]))
        for t, b in ((said[:20], bad[:20]), (said[:160], bad[:160]), (other[:160], theirs[:160]))
    ]
    assert areas[1] > 0.98 > areas[0] and areas[2] < areas[1]


@pytest.mark.parametrize(("said", "bad", "words"), [
    (["好"], [1, 0], "一样长"), (["很好", "很香"], [0, 0], "都要有"), ([], [], "都要有"),
    (["a", "b"], [0, 1], "汉字"), (["很好", "很坏"], [0, 2], "0 或 1"),
])  # fmt: skip
def test_what_cannot_be_learnt_from_is_refused(said: list, bad: list, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        review_mining.learn(said, bad)
