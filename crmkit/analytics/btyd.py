"""BG/NBD: who is still a customer, and how many purchases are to come.

Fader, Hardie & Lee, "Counting Your Customers" the Easy Way (Marketing Science, 2005). Purchases
of an active customer are Poisson with a rate that is gamma(r, α) over customers; after each
purchase the customer leaves with a probability that is beta(a, b) over customers.

x repeat purchases, t_x time of the last purchase, T length of observation, both counted from the
first purchase, in one time unit (weeks for the CDNOW values). All functions take numbers or
arrays. scipy is loaded when a function that needs it is called.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import btyd_fit, histories, inputs, likelihood
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.histories import purchase_histories as purchase_histories

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """The model with given parameters, all > 0.

    Parameters
    ----------
    r, alpha
        Shape and rate of the gamma distribution of purchase rates (alpha in time units).
    a, b
        Of the beta distribution of drop-out probabilities.

    Examples
    --------
    >>> cdnow = BgNbd(0.243, 4.414, 0.793, 2.426)
    >>> round(float(cdnow.expected_purchases(39, x=2, t_x=30.43, T=38.86)), 3)
    1.226
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        for name in ("r", "alpha", "a", "b"):
            object.__setattr__(self, name, inputs.number(getattr(self, name), name, above=0))

    @classmethod
    def fit(cls, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> BgNbd:
        """The parameters of greatest likelihood for these histories (as `purchase_histories` gives).

        The gradient is exact and the search runs over the logarithms, so that every step stays
        in range; it starts in the same place every time.

        Raises
        ------
        AnalyticsError
            There is nothing to fit (no customer, or nobody bought twice), or the search fails.
        """
        n, last, span = (np.atleast_1d(v) for v in histories.checked(x, t_x, T))
        if not (n > 0).any():
            raise AnalyticsError(
                "没有人重复购买，拟合不出 BG/NBD 模型。请放宽时间段，或改用别的流失规则。"
            )
        if (n != np.floor(n)).any():
            raise AnalyticsError("重复购买次数 x 要是整数。")
        start = np.log([1.0, max(float(span.mean()) / 4, 1e-3), 1.0, 1.0])
        return cls(*(float(v) for v in np.exp(btyd_fit.search(start, n, last, span))))

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:
        """P(alive | x, t_x, T); 1 for customers without a repeat purchase.

        1 ÷ (1 + δ_{x>0} · a/(b + x − 1) · ((α + T)/(α + t_x))^{r+x})
        """
        n, last, span = histories.checked(x, t_x, T)
        with np.errstate(divide="ignore"):
            log_odds = (
                np.log(self.a)
                - np.log(self.b + np.maximum(n, 1) - 1)
                + (self.r + n) * (np.log(self.alpha + span) - np.log(self.alpha + last))
            )
        # Through logs: the power alone overflows for many purchases.
        return np.where(n > 0, 1 / (1 + np.exp(np.minimum(log_odds, 700))), 1.0)

    def expected_purchases(
        self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike
    ) -> Floats:
        """E[Y(t) | x, t_x, T]: expected purchases in the next `t` time units."""
        n, last, span = histories.checked(x, t_x, T)
        return self.p_alive(n, last, span) * self._future(histories.times(t), n, span)

    def expected(self, t: ArrayLike) -> Floats:
        """E[X(t)]: expected repeat purchases of a new customer within `t` time units."""
        ahead = histories.times(t)
        return self._future(ahead, np.zeros_like(ahead), np.zeros_like(ahead))

    def probability(self, n: int, t: float) -> float:
        """P(X(t) = n): chance of exactly `n` repeat purchases within `t` time units."""
        from scipy.special import betaln, gammaln

        k, span = inputs.whole(n, "n"), inputs.number(t, "t", low=0)
        r, a, b = self.r, self.a, self.b
        q = span / (self.alpha + span)
        j = np.arange(k + 1)
        # P(Poisson-gamma count = j), j = 0…k
        with np.errstate(divide="ignore"):
            terms = np.exp(
                gammaln(r + j)
                - gammaln(r)
                - gammaln(j + 1)
                + r * np.log1p(-q)
                + np.where(j == 0, 0.0, j * np.log(q))
            )
        stayed = np.exp(betaln(a, b + k) - betaln(a, b)) * terms[k]
        if k == 0:
            return float(stayed)
        left = np.exp(betaln(a + 1, b + k - 1) - betaln(a, b)) * (1 - terms[:k].sum())
        return float(stayed + left)

    def log_likelihood(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> float:
        """Sum over customers of ln L(r, α, a, b | x, t_x, T)."""
        from scipy.special import betaln, gammaln

        n, last, span = histories.checked(x, t_x, T)
        r, a, b = self.r, self.a, self.b
        common = gammaln(r + n) - gammaln(r) + r * np.log(self.alpha) - betaln(a, b)
        alive = betaln(a, b + n) - (r + n) * np.log(self.alpha + span)
        gone = betaln(a + 1, b + np.maximum(n, 1) - 1) - (r + n) * np.log(self.alpha + last)
        return float(np.sum(common + np.where(n > 0, np.logaddexp(alive, gone), alive)))

    def standard_errors(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> dict[str, float]:
        """Of r, alpha, a and b at these parameters, from the data they were fitted to."""
        history = histories.checked(x, t_x, T)
        errors = likelihood.standard_errors(
            lambda p: BgNbd(*p.tolist()).log_likelihood(*history), astuple(self)
        )
        return dict(zip(("r", "alpha", "a", "b"), errors.tolist(), strict=True))

    def _future(self, t: Floats, n: Floats, span: Floats) -> Floats:
        """Expected purchases in the next t of a customer known to be alive.

        (a+b+x−1)/(a−1) · [1 − (1−z)^{r+x} ₂F₁(r+x, b+x; a+b+x−1; z)], z = t/(α+T+t), with ₂F₁ in
        Euler's form, whose terms stay small for any x.
        """
        from scipy.special import hyp2f1

        if abs(self.a - 1) < 1e-6:  # removable singularity: take the two sides of it
            sides = [BgNbd(self.r, self.alpha, 1 + e, self.b) for e in (-1e-5, 1e-5)]
            return np.mean([side._future(t, n, span) for side in sides], axis=0)
        z = t / (self.alpha + span + t)
        c = self.a + self.b + n - 1
        series = hyp2f1(self.a + self.b - 1 - self.r, self.a - 1, c, z)
        return c / (self.a - 1) * (1 - (1 - z) ** (self.a - 1) * series)
