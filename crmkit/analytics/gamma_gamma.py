"""Gamma-gamma: what a purchase of a customer is worth, and lifetime value from a purchase model.

Fader & Hardie, "The Gamma-Gamma Model of Monetary Value" (2013, note 025). The values of one
customer's purchases are gamma(p, ν); ν is gamma(q, v) over customers. The model assumes that the
value of a purchase does not depend on how often a customer buys: check it before use.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import histories, inputs, likelihood
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
WEEKS_A_MONTH = 365.25 / 12 / 7


class PurchaseModel(Protocol):
    """What `lifetime_value` needs of a purchase model (BG/NBD, Pareto/NBD)."""

    def expected_purchases(
        self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike
    ) -> Floats: ...


@dataclass(frozen=True)
class GammaGamma:
    """The model with given parameters, all > 0.

    Parameters
    ----------
    p
        Shape of the values of one customer.
    q, v
        Shape and rate of the gamma distribution over customers (v in yuan).

    Examples
    --------
    >>> cdnow = GammaGamma(6.25, 3.74, 15.44)
    >>> round(cdnow.mean, 2), round(float(cdnow.expected_value(1, 100.0)), 2)
    (35.22, 80.26)
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        for name in ("p", "q", "v"):
            object.__setattr__(self, name, inputs.number(getattr(self, name), name, above=0))

    @classmethod
    def fit(cls, x: ArrayLike, value: ArrayLike) -> GammaGamma:
        """The parameters of greatest likelihood.

        Parameters
        ----------
        x
            Number of purchases whose values were averaged, at least 1 each. The usual practice
            is to take only customers with a repeat purchase.
        value
            Mean value of these purchases (yuan), above 0.

        Raises
        ------
        AnalyticsError
            Fewer than two customers, values that are all equal, or a search that fails.
        """
        n, mean = _purchases(x, value)
        if len(n) < 2 or not np.ptp(mean):
            raise AnalyticsError("平均金额没有差别（或不足两位客户），拟合不出 Gamma-Gamma 模型。")
        start = [4.0, 4.0, float(mean.mean())]
        found = likelihood.maximise(
            lambda p: float(np.sum(_log_likelihood(p, n, mean))), start, "Gamma-Gamma"
        )
        return cls(*(float(v) for v in found))

    @property
    def mean(self) -> float:
        """Mean value of a purchase over all customers, p·v/(q − 1); without end for q ≤ 1."""
        if self.q <= 1:
            raise AnalyticsError(
                f"参数 q = {self.q:g} 不大于 1，总体平均金额没有有限的值。请检查有没有极端的大单。"
            )
        return self.p * self.v / (self.q - 1)

    def log_likelihood(self, x: ArrayLike, value: ArrayLike) -> float:
        """Sum over customers of ln f(mean value | p, q, v, x)."""
        return float(np.sum(_log_likelihood(np.array(astuple(self)), *_purchases(x, value))))

    def standard_errors(self, x: ArrayLike, value: ArrayLike) -> dict[str, float]:
        """Of p, q and v at these parameters, from the data they were fitted to."""
        n, mean = _purchases(x, value)
        errors = likelihood.standard_errors(
            lambda p: float(np.sum(_log_likelihood(p, n, mean))), astuple(self)
        )
        return dict(zip(("p", "q", "v"), errors.tolist(), strict=True))

    def expected_value(self, x: ArrayLike, value: ArrayLike) -> Floats:
        """E[M | x, mean value]: the customer's own mean drawn towards the mean of all.

        p (v + x·m)/(p·x + q − 1). x = 0: nothing is known of the customer, the mean of all.
        """
        n, mean = (np.asarray(v, dtype="float64") for v in (x, value))
        n, mean = np.broadcast_arrays(n, mean)
        wrong = ~((n >= 0) & ((n == 0) | (mean > 0)))
        if wrong.any():
            raise AnalyticsError(
                f"购买次数要不小于 0，买过的平均金额要大于 0；{inputs.rows(np.atleast_1d(wrong))}不符合。"
            )
        base = self.p * n + self.q - 1
        if (base <= 0).any():
            return np.where(n > 0, self.p * (self.v + n * mean) / base, self.mean)
        expected: Floats = self.p * (self.v + np.where(n > 0, n * mean, 0.0)) / base
        return expected


def lifetime_value(
    model: PurchaseModel, value: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, *,
    periods: int = 12, length: float = WEEKS_A_MONTH, rate: float = 0.01, margin: float = 1.0,
) -> Floats:  # fmt: skip
    """Discounted value of the purchases of the next `periods` periods, yuan a customer.

    Σ margin · value · (E[Y(k·length)] − E[Y((k−1)·length)]) / (1 + rate)^k, k = 1 … periods.

    Parameters
    ----------
    value
        Expected value of a purchase (`GammaGamma.expected_value`).
    length
        Length of one period in the time unit of the histories. **The usual trap**: histories in
        weeks and a month of 30 units give seven times the value. Default: weeks a month, 4.348.
    rate
        Discount rate a period.
    margin
        Gross margin; 1 gives turnover.
    """
    n, last, span = histories.checked(x, t_x, T)
    unit = inputs.number(length, "length", above=0)
    growth = 1 + inputs.number(rate, "rate", above=-1)
    share = inputs.number(margin, "margin", low=0)
    worth = np.zeros(np.broadcast_shapes(n.shape, np.shape(value)))
    before = np.zeros_like(worth)
    for k in range(1, inputs.whole(periods, "periods") + 1):
        upto = model.expected_purchases(k * unit, n, last, span)
        worth = worth + (upto - before) / growth**k
        before = upto
    return share * np.asarray(value, dtype="float64") * worth


def _purchases(x: ArrayLike, value: ArrayLike) -> tuple[Floats, Floats]:
    n, mean = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(v, dtype="float64")) for v in (x, value))
    )
    wrong = ~((n >= 1) & (mean > 0) & np.isfinite(mean))
    if wrong.any():
        raise AnalyticsError(
            f"Gamma-Gamma 模型要求购买次数至少 1、平均金额大于 0；{inputs.rows(wrong)}不符合。"
        )
    return n, mean


def _log_likelihood(params: Floats, x: Floats, m: Floats) -> Floats:
    from scipy.special import gammaln

    p, q, v = params
    result: Floats = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(v + x * m)
    )  # fmt: skip
    return result
