"""Pareto/NBD, gamma-gamma, sBG and BG/BB: against their definitions, by another way of computing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from crmkit import shops
from crmkit.analytics import gamma_gamma, histories
from crmkit.analytics.bg_bb import BgBb
from crmkit.analytics.btyd import BgNbd
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.gamma_gamma import GammaGamma
from crmkit.analytics.pareto_nbd import ParetoNbd
from crmkit.analytics.sbg import ShiftedBetaGeometric
from tests.crmkit.analytics.order_strategies import CHECKED, order_books

CDNOW = ParetoNbd(0.553, 10.578, 0.606, 11.669)  # T-PN-1
DONORS = BgBb(1.204, 0.750, 0.657, 2.783)  # T-BB-1
# T-SB-1: "Regular", Fader & Hardie 2007, of 1000
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
SHAPE, RATE = st.floats(0.2, 5), st.floats(0.5, 20)


# --- Pareto/NBD -----------------------------------------------------------------------------------
def integrated(model: ParetoNbd, x: int, t_x: float, T: float) -> tuple[float, float]:
    """ln of the likelihood and P(alive), by quadrature over the moment of leaving."""
    nodes, weight = np.polynomial.legendre.leggauss(120)
    t = t_x + (T - t_x) * (nodes + 1) / 2
    log_stayed = -(model.r + x) * np.log(model.alpha + T) - model.s * np.log(model.beta + T)
    terms = -(model.r + x) * np.log(model.alpha + t) - (model.s + 1) * np.log(model.beta + t)
    left = model.s * (T - t_x) / 2 * float(weight @ np.exp(terms - log_stayed))
    common = (
        gammaln(model.r + x) - gammaln(model.r)
        + model.r * np.log(model.alpha) + model.s * np.log(model.beta)
    )  # fmt: skip
    return float(common + log_stayed + np.log1p(left)), 1 / (1 + left)


@CHECKED
@given(SHAPE, RATE, SHAPE, RATE, st.integers(0, 60), st.floats(0, 30), st.floats(0, 30))
def test_pareto_nbd_is_the_mixture_it_stands_for(
    r: float, alpha: float, s: float, beta: float, x: int, t_x: float, silence: float
) -> None:
    model = ParetoNbd(r, alpha, s, beta)
    last = t_x if x else 0.0
    likelihood, alive = integrated(model, x, last, last + silence)
    found = model.log_likelihood(x, last, last + silence)
    assert found == pytest.approx(likelihood, abs=1e-8)
    assert float(model.p_alive(x, last, last + silence)) == pytest.approx(alive, abs=1e-8)


def test_t_pn_5_heterogeneity() -> None:
    assert CDNOW.purchase_rate == pytest.approx((0.0523, 0.0049), abs=1e-4)
    assert CDNOW.dropout_rate == pytest.approx((0.0520, 0.0045), abs=1e-4)


def test_pareto_nbd_expectations() -> None:
    for s in (0.7, 1.0, 1.0 + 1e-9, 2.5):
        model = ParetoNbd(0.5, 9, s, 12)
        t = np.linspace(0, 40, 20001)
        # E[X(t)] = E[λ] ∫ P(still there at u) du
        area = np.trapezoid((12 / (12 + t)) ** s, t)
        assert float(model.expected(40)) == pytest.approx(0.5 / 9 * area, rel=1e-6)
    assert CDNOW.expected_purchases(0, 3, 10, 20) == 0
    many = CDNOW.p_alive([0, 400], [0, 38], [39, 39])
    assert (many > 0).all() and (many < 1).all()
    assert float(CDNOW.p_alive(2, 39, 39)) == 1  # just bought: certainly still there


def test_alpha_may_be_above_or_below_beta() -> None:
    sides = [ParetoNbd(0.5, a, 0.6, 10).log_likelihood(4, 9, 30) for a in (9.999, 10, 10.001)]
    assert sides[1] == pytest.approx((sides[0] + sides[2]) / 2, abs=1e-6)


# --- gamma-gamma ----------------------------------------------------------------------------------
def test_gamma_gamma_finds_what_it_was_made_from() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(1, 12, 4000)
    nu = rng.gamma(4.0, 1 / 60.0, 4000)  # p 6, q 4, v 60
    mean = rng.gamma(6.0 * x, 1 / nu) / x
    found = GammaGamma.fit(x, mean)
    errors = found.standard_errors(x, mean)
    for name, true in {"p": 6.0, "q": 4.0, "v": 60.0}.items():
        assert abs(getattr(found, name) - true) < 3 * errors[name]
    assert found.mean == pytest.approx(120, rel=0.05)


@CHECKED
@given(st.floats(0.5, 20), st.floats(1.1, 20), st.floats(1, 100), st.floats(1, 500))
def test_the_expected_value_lies_between_own_mean_and_mean_of_all(
    p: float, q: float, v: float, own: float
) -> None:
    model = GammaGamma(p, q, v)
    seen = model.expected_value([0, 1, 5, 5000], own)
    low, high = sorted((model.mean, own))
    assert seen[0] == pytest.approx(model.mean)
    assert ((seen >= low * (1 - 1e-9)) & (seen <= high * (1 + 1e-9))).all()
    assert abs(seen[3] - own) <= abs(seen[1] - own) + 1e-9


def test_lifetime_value_is_expected_purchases_times_value_without_discount() -> None:
    model = BgNbd(0.243, 4.414, 0.793, 2.426)
    value = gamma_gamma.lifetime_value(
        model, 30.0, 2, 30.43, 38.86, periods=13, length=3, rate=0, margin=0.5
    )
    assert value == pytest.approx(0.5 * 30 * model.expected_purchases(39, 2, 30.43, 38.86))


# --- sBG ------------------------------------------------------------------------------------------
def test_t_sb_1_retention_of_the_regular_cohort() -> None:
    found = ShiftedBetaGeometric.fit(REGULAR)
    assert [found.alpha, found.beta] == pytest.approx([0.704, 1.182], abs=1e-3)
    assert found.log_likelihood(REGULAR) == pytest.approx(-1680.27, abs=0.05)


@CHECKED
@given(SHAPE, SHAPE)
def test_sbg_shares_fit_together_and_retention_rises(alpha: float, beta: float) -> None:
    model = ShiftedBetaGeometric(alpha, beta)
    t = np.arange(1, 30)
    assert model.survival(t) == pytest.approx(np.cumprod(model.retention(t)), rel=1e-9)
    assert model.churn(t).sum() + model.survival(29) == pytest.approx(1, abs=1e-9)
    assert (np.diff(model.retention(t)) > 0).all()
    far = np.arange(0, 4000)
    by_hand = float((model.survival(far) / 1.1**far).sum())
    assert model.discounted_lifetime(0.1) == pytest.approx(by_hand, rel=1e-6)
    later = float((model.survival(far + 3) / 1.1**far).sum() / model.survival(2))
    assert model.discounted_lifetime(0.1, 3) == pytest.approx(later, rel=1e-6)


# --- BG/BB ----------------------------------------------------------------------------------------
@CHECKED
@given(SHAPE, SHAPE, SHAPE, SHAPE, st.integers(1, 7))
def test_bg_bb_probabilities_of_all_histories_add_to_one(
    a: float, b: float, g: float, d: float, n: int
) -> None:
    from math import comb

    model = BgBb(a, b, g, d)
    total = np.exp(model.log_likelihood(0, 0, n))
    mean = 0.0
    for last in range(1, n + 1):
        for x in range(1, last + 1):
            chance = comb(last - 1, x - 1) * np.exp(model.log_likelihood(x, last, n))
            total += chance
            mean += x * chance
    assert total == pytest.approx(1, abs=1e-9)
    assert float(model.expected(n)) == pytest.approx(mean, rel=1e-6, abs=1e-9)


@CHECKED
@given(SHAPE, SHAPE, SHAPE, SHAPE, st.integers(0, 5), st.integers(1, 4))
def test_bg_bb_prediction_is_what_longer_histories_say(
    a: float, b: float, g: float, d: float, x: int, more: int
) -> None:
    model = BgBb(a, b, g, d)
    n, last = 5, x
    base = model.log_likelihood(x, last, n)
    # one period ahead: P(buys in period n + 1 | history)
    buys = np.exp(model.log_likelihood(x + 1, n + 1, n + 1) - base)
    assert float(model.expected_purchases(1, x, last, n)) == pytest.approx(buys, rel=1e-6)
    assert buys <= float(model.p_alive(x, last, n)) + 1e-12
    steps = model.expected_purchases(np.arange(more + 2), x, last, n)
    assert steps[0] == pytest.approx(0, abs=1e-9) and (np.diff(steps) >= -1e-9).all()


def test_gamma_equal_to_one_is_the_limit_of_its_neighbours() -> None:
    sides = [float(BgBb(1, 2, g, 3).expected(9)) for g in (0.999, 1, 1.001)]
    assert sides[1] == pytest.approx((sides[0] + sides[2]) / 2, rel=1e-5)


# --- histories and hold-out -----------------------------------------------------------------------
def test_holdout_counts_days_after_the_calibration_part(orders: pd.DataFrame) -> None:
    table = histories.holdout(orders, "2025-12-10", "2025-12-31", unit_days=1)
    later = histories.purchase_histories(orders, "2025-12-31", unit_days=1).set_index("客户编号")
    both = table.set_index("客户编号")
    assert table["留出期长度"].tolist() == [21] * len(table)
    assert (both["x"] + both["留出期购买"]).to_dict() == later.loc[both.index, "x"].to_dict()
    with pytest.raises(AnalyticsError, match="留出期要在拟合期之后"):
        histories.holdout(orders, "2025-12-31", "2025-12-31")


@CHECKED
@given(order_books(min_size=1))
def test_holdout_and_calibration_part_the_purchases(book: pd.DataFrame) -> None:
    whole = histories.purchase_histories(book, "2026-06-01").set_index("客户编号")
    part = histories.holdout(book, "2025-06-30", "2026-06-01").set_index("客户编号")
    assert (part["x"] + part["留出期购买"] == whole.loc[part.index, "x"]).all()
    money = histories.spending_histories(book, "2026-06-01")
    spent = (money["平均金额"] * money["购买次数"]).sum()
    paid = book[~book["订单状态"].isin(["等待付款", "未付款关闭"])]
    assert spent == pytest.approx(paid["实付金额"].sum())


@pytest.mark.parametrize("name", shops.TITLES)
def test_the_shops_repeat_purchases_are_predicted_in_total(name: str) -> None:
    # The season moves sales within the half-year: the total is right to a seventh.
    table = histories.holdout(shops.load(name).orders, "2025-06-30", "2025-12-31")
    model = BgNbd.fit(table["x"], table["t_x"], table["T"])
    ahead = table["留出期长度"].iloc[0]
    predicted = model.expected_purchases(ahead, table["x"], table["t_x"], table["T"])
    assert predicted.sum() == pytest.approx(table["留出期购买"].sum(), rel=0.15)
    by_x = histories.compare_by_frequency(table["留出期购买"], predicted, table["x"])
    assert by_x["客户数"].sum() == len(table)
    assert by_x[["实际", "预测"]].corr().iloc[0, 1] > 0.95


@pytest.mark.parametrize("name", shops.TITLES)
def test_the_planted_parameters_lie_within_two_standard_errors(name: str) -> None:
    meta = yaml.safe_load((shops.root() / "meta.yaml").read_text(encoding="utf-8"))
    orders, told = shops.load(name).orders, meta["truth"][name]
    table = histories.spending_histories(orders, shops.as_of())
    model = BgNbd.fit(table["x"], table["t_x"], table["T"])
    errors = model.standard_errors(table["x"], table["t_x"], table["T"])
    for key, error in errors.items():
        assert abs(getattr(model, key) - told["bgnbd"][key]) < 2 * error
    by = shops.valid_orders(orders).groupby("客户编号")["实付金额"]
    repeat = by.size() > 1
    spending = GammaGamma.fit(by.size()[repeat], by.mean()[repeat])
    for key, error in spending.standard_errors(by.size()[repeat], by.mean()[repeat]).items():
        assert abs(getattr(spending, key) - told["spending"][key]) < 2 * error


# --- what cannot be -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ParetoNbd.fit([], [], []), "没有人重复购买"),
        (lambda: ParetoNbd.fit([0, 0], [0, 0], [5, 9]), "没有人重复购买"),
        (lambda: CDNOW.p_alive(1, 5, 4), "购买历史不成立"),
        (lambda: CDNOW.expected(-1), "预测期"),
        (lambda: ParetoNbd(0, 1, 1, 1), "参数 r 要大于 0"),
        (lambda: GammaGamma.fit([1], [30.0]), "不足两位"),
        (lambda: GammaGamma.fit([1, 2], [30.0, 30.0]), "没有差别"),
        (lambda: GammaGamma.fit([0, 2], [0.0, 30.0]), "第 1 行不符合"),
        (lambda: GammaGamma(5, 1, 9).mean, "没有有限的值"),
        (lambda: GammaGamma(5, 2, 9).expected_value(1, 0), "不符合"),
        (lambda: ShiftedBetaGeometric.fit([100, 80]), "至少要观察到两次续约"),
        (lambda: ShiftedBetaGeometric.fit([100, 100, 100]), "没有人流失"),
        (lambda: ShiftedBetaGeometric.fit([100, 80, 90]), "不能变多"),
        (lambda: ShiftedBetaGeometric.fit([]), "开始时要有人"),
        (lambda: ShiftedBetaGeometric(1, 1).retention(0), "不小于 1"),
        (lambda: BgBb.fit([0], [0], [6]), "没有人购买过"),
        (lambda: BgBb.fit([], [], []), "没有人购买过"),
        (lambda: DONORS.p_alive(3, 2, 6), "购买历史不成立"),
        (lambda: DONORS.expected(1.5), "期数"),
        (lambda: BgBb.fit([1], [1], [6], [1, 2]), "个数"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_chinese(call: object, said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        call()  # type: ignore[operator]
