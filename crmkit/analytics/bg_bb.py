"""BG/BB: who is still a supporter when there is one chance to buy a period.

Fader, Hardie & Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting"
(Marketing Science, 2010). Each period an active customer buys with a probability that is
beta(α, β) over customers; before each period the customer leaves with a probability that is
beta(γ, δ).

x periods with a purchase, t_x the last of them (0: none), n periods observed. scipy is loaded when
a function that needs it is called.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs, likelihood
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
NAMES = ("alpha", "beta", "gamma", "delta")


@dataclass(frozen=True)
class BgBb:
    """The model with given parameters, all > 0.

    Examples
    --------
    >>> donors = BgBb(1.204, 0.750, 0.657, 2.783)
    >>> round(float(donors.expected_purchases(5, x=6, t_x=6, n=6)), 2)
    3.75
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    def __post_init__(self) -> None:
        for name in NAMES:
            object.__setattr__(self, name, inputs.number(getattr(self, name), name, above=0))

    @classmethod
    def fit(
        cls, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, customers: ArrayLike | None = None
    ) -> BgBb:
        """The parameters of greatest likelihood.

        Parameters
        ----------
        customers
            How many customers have each history; default 1 each.

        Raises
        ------
        AnalyticsError
            Histories that cannot be, nobody ever bought, or a search that fails.
        """
        rows, weight = _weighted(x, t_x, n, customers)
        if not ((rows[0] > 0) & (weight > 0)).any():
            raise AnalyticsError("没有人购买过，拟合不出 BG/BB 模型。")
        found = likelihood.maximise(
            lambda p: float(_log_likelihood(p, *rows) @ weight), [1.0, 1.0, 1.0, 2.0], "BG/BB"
        )
        return cls(*(float(v) for v in found))

    def log_likelihood(
        self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, customers: ArrayLike | None = None
    ) -> float:
        """Sum over customers of ln L(α, β, γ, δ | x, t_x, n)."""
        rows, weight = _weighted(x, t_x, n, customers)
        return float(_log_likelihood(np.array(astuple(self)), *rows) @ weight)

    def standard_errors(
        self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, customers: ArrayLike | None = None
    ) -> dict[str, float]:
        """Of the four parameters, from the data they were fitted to."""
        rows, weight = _weighted(x, t_x, n, customers)
        errors = likelihood.standard_errors(
            lambda p: float(_log_likelihood(p, *rows) @ weight), astuple(self)
        )
        return dict(zip(NAMES, errors.tolist(), strict=True))

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> Floats:
        """Probability of being active in the period after the observed ones."""
        from scipy.special import betaln

        k, last, span = _history(x, t_x, n)
        a, b, g, d = astuple(self)
        top = betaln(a + k, b + span - k) - betaln(a, b) + betaln(g, d + span + 1) - betaln(g, d)
        alive: Floats = np.exp(top - _log_likelihood(np.array((a, b, g, d)), k, last, span))
        return alive

    def expected_purchases(
        self, periods: ArrayLike, x: ArrayLike, t_x: ArrayLike, n: ArrayLike
    ) -> Floats:
        """Expected purchases in the next `periods` periods, given the history."""
        from scipy.special import betaln

        ahead = _periods(periods)
        k, last, span = _history(x, t_x, n)
        a, b, g, d = astuple(self)
        log_l = _log_likelihood(np.array((a, b, g, d)), k, last, span)
        buys = np.exp(betaln(a + k + 1, b + span - k) - betaln(a, b) - log_l)
        return buys * self._active(span, ahead)

    def expected(self, periods: ArrayLike) -> Floats:
        """Expected purchases of a new customer in the first `periods` periods."""
        ahead = _periods(periods)
        return self.alpha / (self.alpha + self.beta) * self._active(np.zeros_like(ahead), ahead)

    def _active(self, n: Floats, ahead: Floats) -> Floats:
        """Expected number of the periods n+1 … n+ahead in which a new customer is active.

        Σ B(γ, δ+k)/B(γ, δ) over these k = δ/(γ−1) · Γ(γ+δ)/Γ(1+δ) · [Γ(1+δ+n)/Γ(γ+δ+n) −
        Γ(1+δ+n+ahead)/Γ(γ+δ+n+ahead)].
        """
        from scipy.special import gammaln

        g, d = self.gamma, self.delta
        if abs(g - 1) < 1e-6:  # removable singularity: take the two sides of it
            sides = [BgBb(self.alpha, self.beta, 1 + e, d) for e in (-1e-5, 1e-5)]
            return np.mean([side._active(n, ahead) for side in sides], axis=0)
        front = gammaln(g + d) - gammaln(1 + d)
        upto = [np.exp(front + gammaln(1 + d + m) - gammaln(g + d + m)) for m in (n, n + ahead)]
        active: Floats = d / (g - 1) * (upto[0] - upto[1])
        return active


def _periods(periods: ArrayLike) -> Floats:
    ahead = np.asarray(periods, dtype="float64")
    if not (np.isfinite(ahead) & (ahead >= 0) & (ahead == np.floor(ahead))).all():
        raise AnalyticsError("期数要是不小于 0 的整数。")
    return ahead


def _history(x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats]:
    k, last, span = np.broadcast_arrays(*(np.asarray(v, dtype="float64") for v in (x, t_x, n)))
    whole = (k == np.floor(k)) & (last == np.floor(last)) & (span == np.floor(span))
    wrong = ~(whole & (k >= 0) & (k <= last) & (last <= span)) | ((k == 0) & (last > 0))
    if wrong.any():
        raise AnalyticsError(
            "购买历史不成立：x、t_x、n 要是整数，0 ≤ x ≤ t_x ≤ n，没有购买（x = 0）时 t_x = 0；"
            f"{inputs.rows(np.atleast_1d(wrong))}不符合。"
        )
    return k, last, span


def _weighted(
    x: ArrayLike, t_x: ArrayLike, n: ArrayLike, customers: ArrayLike | None
) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """Different histories and how many customers have each."""
    k, last, span = (np.atleast_1d(v) for v in _history(x, t_x, n))
    count = np.ones(len(k)) if customers is None else np.asarray(customers, dtype="float64")
    if count.shape != k.shape or not (np.isfinite(count) & (count >= 0)).all():
        raise AnalyticsError("每种购买历史的人数要是不小于 0 的数，个数与购买历史一样多。")
    rows, where = np.unique(np.column_stack([k, last, span]), axis=0, return_inverse=True)
    weight = np.zeros(len(rows))
    np.add.at(weight, np.ravel(where), count)
    return (rows[:, 0], rows[:, 1], rows[:, 2]), weight


def _log_likelihood(p: Floats, x: Floats, t_x: Floats, n: Floats) -> Floats:
    from scipy.special import betaln

    a, b, g, d = p
    base = betaln(a, b) + betaln(g, d)
    total = betaln(a + x, b + n - x) + betaln(g, d + n)
    gap = (n - t_x).astype("int64")
    for i in range(int(gap.max(initial=0))):
        # left before period t_x + i + 1
        after = t_x + np.minimum(i, np.maximum(gap - 1, 0))
        term = betaln(a + x, b + after - x) + betaln(g + 1, d + after)
        total = np.where(gap > i, np.logaddexp(total, term), total)
    result: Floats = total - base
    return result
