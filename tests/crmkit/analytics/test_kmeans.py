"""k-means and silhouette: against scikit-learn, on the shop, and what must always hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples, silhouette_score
from sklearn.preprocessing import StandardScaler

from crmkit import shops
from crmkit.analytics import kmeans, rfm, silhouette
from crmkit.analytics.errors import AnalyticsError

points = arrays(
    "float64", st.tuples(st.integers(6, 25), st.integers(1, 3)),
    elements=st.integers(-20, 20).map(float), unique=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    shop = shops.load("electronics")
    found = rfm.rfm_table(shop.orders, shops.as_of())
    return found[["最近购买天数", "购买次数", "累计金额"]].iloc[:600]


@pytest.fixture(scope="module")
def scaled(table: pd.DataFrame) -> np.ndarray:
    return kmeans.standardise(table, list(table.columns), log=list(table.columns)).to_numpy()


def test_standardising_is_scikit_learns(table: pd.DataFrame, scaled: np.ndarray) -> None:
    assert scaled == pytest.approx(StandardScaler().fit_transform(np.log1p(table)), abs=1e-9)


@pytest.mark.parametrize("start", kmeans.STARTS)
@pytest.mark.parametrize("k", [2, 4, 5])
def test_from_the_same_start_scikit_learn_comes_to_the_same_end(
    scaled: np.ndarray, k: int, start: str
) -> None:
    first = kmeans.first_centres(scaled, k, start)
    ours = kmeans.fit(scaled, first)
    theirs = KMeans(k, init=first, n_init=1, max_iter=300, tol=0).fit(scaled)
    assert ours.labels.tolist() == theirs.labels_.tolist()
    assert ours.inertia == pytest.approx(theirs.inertia_, rel=1e-9)
    assert ours.centres == pytest.approx(theirs.cluster_centers_, abs=1e-9)


def test_silhouettes_are_scikit_learns(scaled: np.ndarray) -> None:
    labels = kmeans.fit(scaled, 4).labels
    assert silhouette.values(scaled, labels) == pytest.approx(
        silhouette_samples(scaled, labels), abs=1e-9
    )
    table = silhouette.by_k(scaled[:200], (2, 3))
    again = kmeans.fit(scaled[:200], 3).labels
    assert table["轮廓系数"].iloc[1] == pytest.approx(silhouette_score(scaled[:200], again))


@settings(max_examples=40, deadline=None)
@given(points, st.integers(1, 5))
def test_every_step_is_at_least_as_good_as_the_one_before(x: np.ndarray, k: int) -> None:
    found = kmeans.fit(x, k)
    inertias = [step.inertia for step in found.steps] + [found.inertia]
    assert all(a >= b - 1e-9 for a, b in zip(inertias, inertias[1:], strict=False))
    assert len(found.steps) < 100
    assert kmeans.assign(x, found.centres)[0].tolist() == found.labels.tolist()


@settings(max_examples=40, deadline=None)
@given(points, st.data())
def test_silhouettes_agree_for_any_labels(x: np.ndarray, data: st.DataObject) -> None:
    labels = data.draw(st.lists(st.integers(0, 2), min_size=len(x), max_size=len(x)))
    if not 2 <= len(set(labels)) < len(x):
        with pytest.raises(AnalyticsError):
            silhouette.values(x, labels)
        return
    assert silhouette.values(x, labels) == pytest.approx(silhouette_samples(x, labels), abs=1e-9)


def test_a_centre_nobody_chose_stays_where_it_was() -> None:
    found = kmeans.fit([[0.0], [1.0], [2.0]], [[1.0], [99.0]])
    assert found.centres.tolist() == [[1.0], [99.0]]
    assert found.sizes == [3, 0]


@pytest.mark.parametrize(("call", "words"), [
    (lambda: kmeans.fit([[1.0], [1.0]], 2), "不同的点"),
    (lambda: kmeans.fit([[1.0], [np.nan]], 1), "空值"),
    (lambda: kmeans.assign([[1.0]], [[1.0, 2.0]]), "坐标"),
    (lambda: kmeans.standardise(pd.DataFrame({"R": [3, 3]}), ["R"]), "都相同"),
    (lambda: kmeans.inertia_of([[1.0]], [0, 1]), "一一对应"),
])  # fmt: skip
def test_what_cannot_be_clustered_is_refused_in_words(call, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnalyticsError, match=words):
        call()
