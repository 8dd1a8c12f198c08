"""The search for the BG/NBD parameters: the likelihood with its gradient, over grouped columns.

Times of a shop lie on a grid of days, so a hundred thousand customers have only a few hundred
different values of T and t_x: logarithms are taken once for each value, and customers without a
repeat purchase, half of most shops, are summed up by their T. Large data are fitted to a part of
the customers first; from there a few Newton steps over all of them are enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
BOUNDS = (-9.0, 12.0)  # of the logarithms of the parameters
PART = 4000  # customers of the first fit
_ENOUGH = 1e-7  # greatest slope of the mean log-likelihood that counts as flat


def search(start: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """Logarithms of r, α, a, b at the greatest likelihood."""
    everyone = Likelihood(x, t_x, T)
    if len(x) < 4 * PART:
        return _bounded(everyone, start)
    pick = slice(None, None, len(x) // PART)
    if not (x[pick] > 0).any():
        return _bounded(everyone, start)
    near = Likelihood(x[pick], t_x[pick], T[pick])
    begin = _bounded(near, start)
    found = _newton(everyone, begin, near.curvature(begin))
    return _bounded(everyone, begin) if found is None else found


class Likelihood:
    """Mean of −ln L over customers, as a function of the logarithms of r, α, a, b."""

    def __init__(self, x: Floats, t_x: Floats, T: Floats) -> None:
        whole = x.astype(np.int64)
        self.customers = len(whole)
        self.count = np.bincount(whole)  # what depends on x alone is computed once for each x
        self.spans, span = np.unique(T, return_inverse=True)
        self.span_count = np.bincount(span, minlength=len(self.spans)).astype("float64")
        self.span_x = np.bincount(span, weights=x, minlength=len(self.spans))
        again = whole > 0
        self.x, self.bought = whole[again], x[again]
        self.span = span[again]
        self.lasts, self.last = np.unique(t_x[again], return_inverse=True)

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Value and gradient."""
        from scipy.special import gammaln, psi

        r, alpha, a, b = np.exp(logs)
        upto = np.arange(len(self.count))
        by_x = (
            gammaln(r + upto) - gammaln(r) + r * logs[1]
            + gammaln(b + upto) - gammaln(b) + gammaln(a + b) - gammaln(a + b + upto)
        )  # fmt: skip
        before = b + np.maximum(upto, 1) - 1
        log_span, log_last = np.log(alpha + self.spans), np.log(alpha + self.lasts)
        bought = r * self.span_count + self.span_x
        n = r + self.bought
        silence = log_span[self.span] - log_last[self.last]
        odds = (logs[2] - np.log(before))[self.x] + n * silence
        small = np.exp(-np.abs(odds))
        gone = np.where(odds > 0, 1.0, small) / (1 + small)
        total = (
            self.count @ by_x - bought @ log_span
            + np.maximum(odds, 0).sum() + np.log1p(small).sum()
        )  # fmt: skip
        shorter = (1 / (alpha + self.spans))[self.span] - (1 / (alpha + self.lasts))[self.last]
        r_slope = (
            self.count @ (psi(r + upto) - psi(r)) + self.customers * logs[1]
            - self.span_count @ log_span + gone @ silence
        )  # fmt: skip
        alpha_slope = (
            self.customers * r / alpha - bought @ (1 / (alpha + self.spans)) + (gone * n) @ shorter
        )
        shared = self.count @ (psi(a + b) - psi(a + b + upto))
        a_slope = shared + gone.sum() / a
        b_slope = shared + self.count @ (psi(b + upto) - psi(b)) - gone @ (1 / before)[self.x]
        slopes = np.array([r_slope * r, alpha_slope * alpha, a_slope * a, b_slope * b])
        return -float(total) / self.customers, -slopes / self.customers

    def curvature(self, logs: Floats) -> Floats:
        """Second derivatives, by differences of the gradient."""
        step = 1e-4
        rows = [
            (self(logs + step * e)[1] - self(logs - step * e)[1]) / (2 * step) for e in np.eye(4)
        ]
        matrix = np.array(rows)
        return (matrix + matrix.T) / 2


def _bounded(loss: Likelihood, start: Floats) -> Floats:
    from scipy.optimize import minimize

    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[BOUNDS] * 4,
        options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500},
    )  # fmt: skip
    if not np.isfinite(found.fun):
        raise AnalyticsError("BG/NBD 模型没有拟合成功，请检查购买历史。")
    best: Floats = found.x
    return best


def _newton(loss: Likelihood, logs: Floats, curvature: Floats) -> Floats | None:
    """Newton's method with the curvature of a part, corrected as it goes (BFGS); None: not reached."""
    value, slope = loss(logs)
    for _ in range(30):
        if np.abs(slope).max() < _ENOUGH:
            return logs
        if np.linalg.eigvalsh(curvature)[0] <= 0:
            return None
        step = -np.linalg.solve(curvature, slope)
        moved = logs + step
        if (moved < BOUNDS[0]).any() or (moved > BOUNDS[1]).any():
            return None
        new_value, new_slope = loss(moved)
        if not new_value <= value + 1e-14 * abs(value):
            return None  # worse: the part was no guide
        change, pull = new_slope - slope, curvature @ step
        if step @ change > 0:
            curvature = (
                curvature + np.outer(change, change) / (step @ change)
                - np.outer(pull, pull) / (step @ pull)
            )  # fmt: skip
        logs, value, slope = moved, new_value, new_slope
    return logs if np.abs(slope).max() < _ENOUGH else None
