"""Pareto/NBD: who is still a customer when leaving is not tied to a purchase.

Schmittlein, Morrison & Colombo, "Counting Your Customers" (Management Science, 1987); formulas as
in Fader & Hardie, "A Note on Deriving the Pareto/NBD Model" (2005). Purchases of an active
customer are Poisson with a rate λ that is gamma(r, α) over customers; the time until the customer
leaves is exponential with a rate μ that is gamma(s, β).

x repeat purchases, t_x time of the last purchase, T length of observation, from the first
purchase, in one time unit. scipy is loaded when a function that needs it is called.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import histories, inputs, likelihood
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ParetoNbd:
    """The model with given parameters, all > 0.

    Parameters
    ----------
    r, alpha
        Shape and rate of the gamma distribution of purchase rates (alpha in time units).
    s, beta
        Shape and rate of the gamma distribution of drop-out rates (beta in time units).

    Examples
    --------
    >>> cdnow = ParetoNbd(0.553, 10.578, 0.606, 11.669)
    >>> round(float(cdnow.expected(52)), 2)
    1.47
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        for name in ("r", "alpha", "s", "beta"):
            object.__setattr__(self, name, inputs.number(getattr(self, name), name, above=0))

    @classmethod
    def fit(cls, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> ParetoNbd:
        """The parameters of greatest likelihood for these histories.

        Raises
        ------
        AnalyticsError
            There is nothing to fit (no customer, or nobody bought twice), or the search fails.
        """
        n, last, span = (np.atleast_1d(v) for v in histories.checked(x, t_x, T))
        if not (n > 0).any():
            raise AnalyticsError(
                "没有人重复购买，拟合不出 Pareto/NBD 模型。请放宽时间段，或改用别的流失规则。"
            )
        rows = histories.with_counts(n, last, span)
        start = [1.0, max(float(span.mean()) / 4, 1e-3), 1.0, max(float(span.mean()) / 4, 1e-3)]
        found = likelihood.maximise(
            lambda p: float(_log_likelihood(p, *rows[:3]) @ rows[3]), start, "Pareto/NBD"
        )
        return cls(*(float(v) for v in found))

    @property
    def purchase_rate(self) -> tuple[float, float]:
        """Mean and variance of λ over customers: r/α and r/α²."""
        return self.r / self.alpha, self.r / self.alpha**2

    @property
    def dropout_rate(self) -> tuple[float, float]:
        """Mean and variance of μ over customers: s/β and s/β²."""
        return self.s / self.beta, self.s / self.beta**2

    def log_likelihood(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> float:
        """Sum over customers of ln L(r, α, s, β | x, t_x, T)."""
        history = histories.checked(x, t_x, T)
        return float(np.sum(_log_likelihood(np.array(astuple(self)), *history)))

    def standard_errors(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> dict[str, float]:
        """Of r, alpha, s and beta at these parameters, from the data they were fitted to."""
        n, last, span = (np.atleast_1d(v) for v in histories.checked(x, t_x, T))
        rows = histories.with_counts(n, last, span)
        errors = likelihood.standard_errors(
            lambda p: float(_log_likelihood(p, *rows[:3]) @ rows[3]), astuple(self)
        )
        return dict(zip(("r", "alpha", "s", "beta"), errors.tolist(), strict=True))

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:
        """P(alive | x, t_x, T) = 1 ÷ (1 + s/(r+s+x) · (α+T)^{r+x} (β+T)^s A₀).

        Other than under BG/NBD, a customer without a repeat purchase may be gone.
        """
        n, last, span = histories.checked(x, t_x, T)
        odds = (
            np.log(self.s) - np.log(self.r + self.s + n) + (self.r + n) * np.log(self.alpha + span)
            + self.s * np.log(self.beta + span)
            + _log_a0(self.r, self.alpha, self.s, self.beta, n, last, span)
        )  # fmt: skip
        alive: Floats = 1 / (1 + np.exp(np.minimum(odds, 700)))
        return alive

    def expected_purchases(
        self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike
    ) -> Floats:
        """E[Y(t) | x, t_x, T]: expected purchases in the next `t` time units."""
        ahead = histories.times(t)
        n, last, span = histories.checked(x, t_x, T)
        rate = (self.r + n) / (self.alpha + span)
        return self.p_alive(n, last, span) * rate * self._active(ahead, self.beta + span)

    def expected(self, t: ArrayLike) -> Floats:
        """E[X(t)]: expected repeat purchases of a new customer within `t` time units."""
        ahead = histories.times(t)
        return self.r / self.alpha * self._active(ahead, np.full_like(ahead, self.beta))

    def _active(self, t: Floats, rate: Floats) -> Floats:
        """Expected time active within t when μ is gamma(s, rate).

        rate/(s−1) · [1 − (rate/(rate+t))^{s−1}]; its limit for s = 1 is rate · ln((rate+t)/rate).
        """
        log_growth = np.log1p(t / rate)
        less = self.s - 1
        if less == 0:
            return rate * log_growth
        grown: Floats = -np.expm1(-less * log_growth) / less
        return rate * grown


def _log_likelihood(p: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
    from scipy.special import gammaln

    r, alpha, s, beta = p
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    alive = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    gone = np.log(s) - np.log(r + s + x) + _log_a0(r, alpha, s, beta, x, t_x, T)
    result: Floats = common + np.logaddexp(alive, gone)
    return result


def _log_a0(
    r: float, alpha: float, s: float, beta: float, x: Floats, t_x: Floats, T: Floats
) -> Floats:
    """ln A₀: the weight of having left between t_x and T (−∞ when there is no time between)."""
    early, late = (_log_term(r, alpha, s, beta, x, t) for t in (t_x, T))
    with np.errstate(divide="ignore"):
        weight: Floats = early + np.log(-np.expm1(np.minimum(late - early, 0.0)))
    return weight


def _log_term(r: float, alpha: float, s: float, beta: float, x: Floats, t: Floats) -> Floats:
    """ln of ₂F₁(r+s+x, b; r+s+x+1; z) ÷ (max(α, β) + t)^{r+s+x}, z = |α − β|/(max(α, β) + t).

    b = s + 1 where α ≥ β, else r + x. In Euler's form, (1−z)^{1−b} ₂F₁(1, a+1−b; a+1; z), whose
    terms stay small for any x.
    """
    from scipy.special import hyp2f1

    a = r + s + x
    top = max(alpha, beta) + t
    z = abs(alpha - beta) / top
    b = np.full_like(a, s + 1) if alpha >= beta else r + x
    series = hyp2f1(1.0, a + 1 - b, a + 1, z)
    term: Floats = (1 - b) * np.log1p(-z) + np.log(series) - a * np.log(top)
    return term
