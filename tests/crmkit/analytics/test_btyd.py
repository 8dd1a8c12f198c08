"""BG/NBD with given parameters against published values (ids of the reference)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics.btyd import BgNbd, purchase_histories
from crmkit.analytics.errors import AnalyticsError
from tests.crmkit.analytics.order_strategies import CHECKED, order_books

PAPER = BgNbd(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee 2005, rounded
FITTED = BgNbd(0.242593, 4.413531, 0.792886, 2.425754)  # T-BG-1, recomputed
PARAMETER = st.floats(0.05, 8)


def test_t_bg_4_expected_repeat_purchases_of_a_new_customer() -> None:
    t = [0.1429, 1, 3, 31.8571, 32, 78]
    printed = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    assert FITTED.expected(t) == pytest.approx(printed, abs=0.001)


def test_t_bg_5_expected_repeat_purchases_in_a_year() -> None:
    assert FITTED.expected(52) == pytest.approx(1.444004, abs=1e-4)


def test_t_bg_6_conditional_expectation() -> None:
    value = FITTED.expected_purchases(39, x=2, t_x=30.43, T=38.86)
    assert value == pytest.approx(1.226, abs=0.001)


def test_t_bg_7_customer_1516() -> None:
    history = {"x": 26, "t_x": 30.857, "T": 31}
    assert FITTED.expected_purchases(52, **history) == pytest.approx(25.75659, abs=0.005)
    assert FITTED.p_alive(**history) == pytest.approx(0.9688523, abs=1e-4)


def test_t_bg_9_distribution_of_purchases() -> None:
    assert PAPER.probability(0, 39) == pytest.approx(0.5737864, abs=1e-6)
    assert PAPER.probability(10, 2) == pytest.approx(1.07869e-07, rel=1e-4)


def test_probabilities_add_to_one_and_have_the_expected_mean() -> None:
    chances = np.array([PAPER.probability(n, 10) for n in range(120)])
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert chances @ np.arange(120) == pytest.approx(float(PAPER.expected(10)), abs=1e-6)


def test_likelihood_is_the_one_of_the_definition() -> None:
    # x = 0: only "still active and silent" explains the history.
    silent = np.log((PAPER.alpha / (PAPER.alpha + 20)) ** PAPER.r)
    assert PAPER.log_likelihood(0, 0, 20) == pytest.approx(silent)
    both = PAPER.log_likelihood([0, 2], [0, 5], [20, 9])
    assert both == pytest.approx(PAPER.log_likelihood(0, 0, 20) + PAPER.log_likelihood(2, 5, 9))


@CHECKED
@given(
    PARAMETER,
    PARAMETER,
    PARAMETER,
    PARAMETER,
    st.integers(0, 400),
    st.floats(0, 50),
    st.floats(0, 50),
)
def test_p_alive_is_a_probability_and_fades_with_silence(
    r: float, alpha: float, a: float, b: float, x: int, t_x: float, silence: float
) -> None:
    model = BgNbd(r, alpha, a, b)
    last = t_x if x else 0.0
    soon, late = (float(model.p_alive(x, last, last + s)) for s in (silence, silence + 10))
    assert 0 <= late <= soon <= 1


@CHECKED
@given(PARAMETER, PARAMETER, PARAMETER, PARAMETER, st.integers(0, 60))
def test_expected_purchases_grow_with_the_horizon(
    r: float, alpha: float, a: float, b: float, x: int
) -> None:
    model = BgNbd(r, alpha, a, b)
    last = 5.0 if x else 0.0
    ahead = model.expected_purchases(np.array([0, 1, 10, 100]), x, last, 6)
    assert ahead[0] == pytest.approx(0, abs=1e-9)
    assert (np.diff(ahead) >= -1e-9).all()


def test_a_equal_to_one_is_the_limit_of_its_neighbours() -> None:
    sides = [float(BgNbd(0.5, 4, a, 2).expected(30)) for a in (0.9999, 1.0001)]
    assert float(BgNbd(0.5, 4, 1, 2).expected(30)) == pytest.approx(sum(sides) / 2, rel=1e-6)


def test_the_paradox_of_frequency() -> None:
    # After the same silence the frequent buyer is the likelier to be gone.
    seldom, often = PAPER.p_alive([2, 20], [20, 20], [40, 40])
    assert often < seldom


def test_histories_count_days_not_orders(orders: pd.DataFrame) -> None:
    table = purchase_histories(orders, "2025-12-31", unit_days=1).set_index("客户编号")
    assert table.loc["A"].tolist() == [2, 440, 456]
    assert table.loc["C"].tolist() == [1, 11, 11]
    weeks = purchase_histories(orders, "2025-12-31").set_index("客户编号")
    assert weeks.loc["A", "T"] == pytest.approx(456 / 7)


@CHECKED
@given(order_books(), st.dates(dt.date(2025, 3, 1), dt.date(2026, 6, 1)))
def test_histories_are_what_the_model_accepts(book: pd.DataFrame, as_of: dt.date) -> None:
    table = purchase_histories(book, as_of)
    alive = PAPER.p_alive(table["x"], table["t_x"], table["T"])
    assert ((alive > 0) & (alive <= 1)).all()


def test_a_fit_is_better_than_its_neighbours() -> None:
    x, t_x, T = [0, 0, 1, 3, 6, 0, 2], [0, 0, 4, 20, 30, 0, 9], [30, 20, 25, 38, 38, 12, 36]
    found = BgNbd.fit(x, t_x, T)
    best = found.log_likelihood(x, t_x, T)
    for name in ("r", "alpha", "a", "b"):
        for factor in (0.9, 1.1):
            other = {n: getattr(found, n) for n in ("r", "alpha", "a", "b")}
            other[name] *= factor
            assert BgNbd(**other).log_likelihood(x, t_x, T) <= best + 1e-6


def test_nobody_came_twice_is_nothing_to_fit() -> None:
    with pytest.raises(AnalyticsError, match="没有人重复购买"):
        BgNbd.fit([0, 0], [0, 0], [5, 9])


@pytest.mark.parametrize(
    "call",
    [
        lambda: PAPER.p_alive(1, 5, 4),
        lambda: PAPER.p_alive(0, 1, 4),
        lambda: PAPER.p_alive(-1, 0, 4),
        lambda: PAPER.expected(-1),
        lambda: BgNbd(0, 1, 1, 1),
        lambda: PAPER.probability(1.5, 2),
    ],
)
def test_impossible_histories_and_parameters_are_refused(call: object) -> None:
    with pytest.raises(AnalyticsError):
        call()  # type: ignore[operator]


def test_a_large_fit_over_grouped_columns_ends_where_the_plain_one_does() -> None:
    from crmkit.analytics import btyd_fit

    rng = np.random.default_rng(3)
    T = rng.integers(7, 700, 17_000)
    x = np.where(rng.random(len(T)) < 0.6, 0, rng.poisson(1 + T / 100))
    t_x = np.where(x > 0, np.floor(T * rng.random(len(T)) ** 0.5), 0)
    history = x, t_x / 7, T / 7
    found = BgNbd.fit(*history)
    plain = np.exp(
        btyd_fit._bounded(
            btyd_fit.Likelihood(*map(np.asarray, (x.astype(float), t_x / 7, T / 7))), np.zeros(4)
        )
    )
    best = found.log_likelihood(*history)
    assert best == pytest.approx(BgNbd(*plain).log_likelihood(*history), rel=1e-9)


@CHECKED
@given(PARAMETER, PARAMETER, PARAMETER, PARAMETER)
def test_the_gradient_of_the_fit_is_the_slope_of_the_likelihood(
    r: float, alpha: float, a: float, b: float
) -> None:
    from crmkit.analytics import btyd_fit

    history = np.array([0.0, 0, 1, 3, 6, 2]), np.array([0.0, 0, 4, 20, 30, 9]), np.array([30.0, 20, 25, 38, 38, 36])  # fmt: skip
    loss = btyd_fit.Likelihood(*history)
    logs = np.log([r, alpha, a, b])
    value, slope = loss(logs)
    assert value == pytest.approx(-BgNbd(r, alpha, a, b).log_likelihood(*history) / 6, rel=1e-9)
    for k, e in enumerate(np.eye(4) * 1e-5):
        assert slope[k] == pytest.approx((loss(logs + e)[0] - loss(logs - e)[0]) / 2e-5, abs=1e-5)
