"""Shifted-beta-geometric: how many contract customers stay from renewal to renewal.

Fader & Hardie, "How to Project Customer Retention" (Journal of Interactive Marketing, 2007). At
each renewal a customer leaves with a probability θ of their own, which is beta(α, β) over
customers. Retention rises with age although nobody changes: those likely to leave go first.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs, likelihood
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """The model with given parameters, both > 0.

    Examples
    --------
    >>> regular = ShiftedBetaGeometric(0.704, 1.182)
    >>> regular.survival([1, 7]).round(3).tolist(), round(float(regular.retention(1)), 3)
    ([0.627, 0.239], 0.627)
    """

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        for name in ("alpha", "beta"):
            object.__setattr__(self, name, inputs.number(getattr(self, name), name, above=0))

    @classmethod
    def fit(cls, customers: ArrayLike) -> ShiftedBetaGeometric:
        """The parameters of greatest likelihood for one cohort.

        Parameters
        ----------
        customers
            Customers left after 0, 1, 2 … renewals; never rising.

        Raises
        ------
        AnalyticsError
            Fewer than two renewals observed, or nobody (everybody) left at once.
        """
        left = _cohort(customers)
        if len(left) < 3:
            raise AnalyticsError("至少要观察到两次续约，才能拟合 sBG 模型（给出 3 个以上的人数）。")
        if left[-1] == left[0] or left[1] == 0:
            raise AnalyticsError("没有人流失，或第一次续约就全部流失，拟合不出 sBG 模型。")
        found = likelihood.maximise(lambda p: _log_likelihood(p, left), [1.0, 1.0], "sBG")
        return cls(*(float(v) for v in found))

    def survival(self, t: ArrayLike) -> Floats:
        """S(t) = B(α, β+t)/B(α, β): share of the cohort left after `t` renewals."""
        from scipy.special import betaln

        n = _renewals(t)
        share: Floats = np.exp(betaln(self.alpha, self.beta + n) - betaln(self.alpha, self.beta))
        return share

    def retention(self, t: ArrayLike) -> Floats:
        """r(t) = (β+t−1)/(α+β+t−1): share of those left who renew at renewal `t` = 1, 2 …"""
        n = _renewals(t, least=1)
        share: Floats = (self.beta + n - 1) / (self.alpha + self.beta + n - 1)
        return share

    def churn(self, t: ArrayLike) -> Floats:
        """P(T = t) = S(t−1) − S(t): share of the cohort that leaves at renewal `t` = 1, 2 …"""
        n = _renewals(t, least=1)
        return self.survival(n - 1) * (1 - self.retention(n))

    def log_likelihood(self, customers: ArrayLike) -> float:
        """Σ leavers at t · ln P(T = t) + stayers · ln S(last)."""
        return _log_likelihood(np.array(astuple(self)), _cohort(customers))

    def standard_errors(self, customers: ArrayLike) -> dict[str, float]:
        """Of alpha and beta at these parameters, from the cohort they were fitted to."""
        left = _cohort(customers)
        errors = likelihood.standard_errors(lambda p: _log_likelihood(p, left), astuple(self))
        return dict(zip(("alpha", "beta"), errors.tolist(), strict=True))

    def discounted_lifetime(self, rate: float, renewals: int = 0) -> float:
        """Expected number of payments still to come, discounted (Fader & Hardie, 2010).

        `renewals` = 0: a new customer, first payment today, Σ S(t)/(1+d)^t. `renewals` = n > 0: a
        customer who has renewed n − 1 times, just before renewal n, the payment at it included:
        r(n) · ₂F₁(1, β+n; α+β+n; 1/(1+d)).
        """
        from scipy.special import hyp2f1

        d = inputs.number(rate, "rate", above=0)
        n = inputs.whole(renewals, "renewals")
        series = float(hyp2f1(1.0, self.beta + n, self.alpha + self.beta + n, 1 / (1 + d)))
        return series if n == 0 else float(self.retention(n)) * series


def _cohort(customers: ArrayLike) -> Floats:
    left = np.atleast_1d(np.asarray(customers, dtype="float64"))
    if not len(left) or not np.isfinite(left).all() or (left < 0).any() or left[0] <= 0:
        raise AnalyticsError("各期剩下的人数要是不小于 0 的数，开始时要有人。")
    up = np.flatnonzero(np.diff(left) > 0)
    if len(up):
        raise AnalyticsError(
            f"剩下的人数不能变多：第 {up[0]} 次续约后 {left[up[0]]:g} 人，再下一次 {left[up[0] + 1]:g} 人。"
        )
    return left


def _renewals(t: ArrayLike, least: int = 0) -> Floats:
    n = np.asarray(t, dtype="float64")
    if not (np.isfinite(n) & (n >= least) & (n == np.floor(n))).all():
        raise AnalyticsError(f"续约次数 t 要是不小于 {least} 的整数。")
    return n


def _log_likelihood(p: Floats, left: Floats) -> float:
    from scipy.special import betaln

    alpha, beta = p
    t = np.arange(1, len(left))
    gone = betaln(alpha + 1, beta + t - 1) - betaln(alpha, beta)
    stayed = betaln(alpha, beta + t[-1]) - betaln(alpha, beta) if len(t) else 0.0
    return float(-np.diff(left) @ gone + left[-1] * stayed)
