"""AHP: published examples, and what must hold for every consistent matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import ahp
from crmkit.analytics.errors import AnalyticsError

# T-AHP-1: Saaty 2008, doi 10.1504/IJSSCI.2008.017590, drinks consumed in the USA.
DRINKS = ahp.reciprocal([[9, 5, 2, 1, 1, 1 / 2], [1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
                         [1 / 3, 1 / 4, 1 / 3, 1 / 9], [1 / 2, 1, 1 / 3], [2, 1 / 2], [1 / 3]])  # fmt: skip


@pytest.mark.parametrize(("method", "published", "tolerance"), [
    ("eigenvector", (0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327), 6e-4),
    ("geometric", (0.1787, 0.0185, 0.0422, 0.1165, 0.1911, 0.1286, 0.3243), 6e-5),
    ("column", (0.1776, 0.0195, 0.0421, 0.1173, 0.1888, 0.1296, 0.3250), 6e-5),
])  # fmt: skip
def test_the_drinks_of_saaty_t_ahp_1(method: str, published: tuple, tolerance: float) -> None:
    found = ahp.weights(DRINKS, method=method)
    assert found.values == pytest.approx(published, abs=tolerance)


def test_consistency_of_the_drinks_t_ahp_1() -> None:
    found = ahp.weights(DRINKS)
    assert found.lambda_max == pytest.approx(7.17663, abs=1e-5)
    assert found.ci == pytest.approx(0.029438, abs=1e-6)
    for table in ahp.RANDOM_INDEX:
        assert ahp.weights(DRINKS, table=table).cr == pytest.approx(0.022, abs=5e-4)
    assert found.consistent


@given(st.lists(st.floats(0.05, 20), min_size=1, max_size=9), st.sampled_from(list(ahp.METHODS)))
def test_a_consistent_matrix_gives_back_its_weights(parts: list[float], method: str) -> None:
    w = np.array(parts) / sum(parts)
    found = ahp.weights((w[:, None] / w[None, :]).tolist(), method=method)
    assert found.values == pytest.approx(w.tolist(), rel=1e-6)
    assert found.cr == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("matrix", "words"), [
    ([[1, 2, 3], [0.5, 1, 1]], "方阵"), ([[1, 2], [2, 1]], "倒数"), ([[1, 0], [0, 1]], "大于 0"),
])  # fmt: skip
def test_a_matrix_that_is_no_comparison_is_refused(matrix: list, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        ahp.weights(matrix)
