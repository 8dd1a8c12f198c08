"""The purchase models against the package `lifetimes`, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics.bg_bb import BgBb
from crmkit.analytics.btyd import BgNbd
from crmkit.analytics.gamma_gamma import GammaGamma
from crmkit.analytics.pareto_nbd import ParetoNbd
from tests.crmkit.analytics.order_strategies import CHECKED

lifetimes = pytest.importorskip(
    "lifetimes", reason="没有安装 lifetimes 0.11.3（tests/requirements.lock），无法对照"
)
pytestmark = pytest.mark.filterwarnings("ignore")
PARAMETER = st.floats(0.2, 6)


@CHECKED
@given(
    PARAMETER,
    PARAMETER,
    PARAMETER,
    PARAMETER,
    st.integers(0, 20),
    st.floats(0, 40),
    st.floats(0.5, 40),
)
def test_continuous_models_agree(
    r: float, alpha: float, s: float, beta: float, x: int, t_x: float, silence: float
) -> None:
    last = t_x if x else 0.0
    T = last + silence
    theirs = lifetimes.BetaGeoFitter()
    theirs.params_ = dict(zip(("r", "alpha", "a", "b"), (r, alpha, s, beta), strict=True))
    ours = BgNbd(r, alpha, s, beta)
    alive = float(np.squeeze(theirs.conditional_probability_alive(x, last, T)))
    assert float(ours.p_alive(x, last, T)) == pytest.approx(alive, abs=1e-9)
    pareto = lifetimes.ParetoNBDFitter()
    pareto.params_ = dict(zip(("r", "alpha", "s", "beta"), (r, alpha, s, beta), strict=True))
    mine = ParetoNbd(r, alpha, s, beta)
    alive = float(np.squeeze(pareto.conditional_probability_alive(x, last, T)))
    assert float(mine.p_alive(x, last, T)) == pytest.approx(alive, abs=1e-6)


@CHECKED
@given(PARAMETER, PARAMETER, PARAMETER, PARAMETER, st.integers(1, 6))
def test_discrete_model_agrees(a: float, b: float, g: float, d: float, x: int) -> None:
    theirs = lifetimes.BetaGeoBetaBinomFitter()
    params = dict(zip(("alpha", "beta", "gamma", "delta"), (a, b, g, d), strict=True))
    found = theirs._loglikelihood([a, b, g, d], np.array([x]), np.array([x]), np.array([7]))
    # theirs adds a tiny number under the logarithm
    assert BgBb(**params).log_likelihood(x, x, 7) == pytest.approx(float(np.sum(found)), abs=1e-5)


@CHECKED
@given(PARAMETER, st.floats(1.2, 6), st.floats(1, 50), st.integers(1, 20), st.floats(1, 500))
def test_spending_agrees(p: float, q: float, v: float, x: int, m: float) -> None:
    theirs = lifetimes.GammaGammaFitter()
    theirs.params_ = dict(zip(("p", "q", "v"), (p, q, v), strict=True))
    expected = float(np.squeeze(theirs.conditional_expected_average_profit(x, m)))
    assert float(GammaGamma(p, q, v).expected_value(x, m)) == pytest.approx(expected, rel=1e-9)
