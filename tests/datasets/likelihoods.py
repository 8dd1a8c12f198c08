"""Maximum likelihood for the two processes behind the shops, with standard errors.

Written for the tests alone, from the published likelihoods, so that the generator is not judged
by its own code.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln


def _fit(
    negative: Callable[[np.ndarray], float], start: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and standard errors of positive parameters, searched on the log scale."""
    x = np.log(start)
    for _ in range(3):
        x = minimize(
            negative,
            x,
            method="Nelder-Mead",
            options={"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-7},
        ).x
    n = len(x)
    step = 1e-3
    hessian = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            total = 0.0
            for a, b, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)):
                at = x.copy()
                at[i] += a * step
                at[j] += b * step
                total += sign * negative(at)
            hessian[i, j] = total / (4 * step * step)
    return np.exp(x), np.exp(x) * np.sqrt(np.diag(np.linalg.inv(hessian)))


def bgnbd(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(r, alpha, a, b) of BG/NBD; Fader, Hardie and Lee (2005), equation 6."""
    repeat = x > 0

    def negative(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + T)
        before = np.where(repeat, x - 1.0, 0.0)
        gone = betaln(a + 1.0, b + before) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
        return -float(np.sum(common + np.where(repeat, np.logaddexp(alive, gone), alive)))

    return _fit(negative, [1.0, 6.0, 1.0, 2.0])


def gamma_gamma(x: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p, q, v) from the number and the mean of the values of each customer; Fader and Hardie (2013)."""

    def negative(logs: np.ndarray) -> float:
        p, q, v = np.exp(logs)
        return -float(
            np.sum(
                gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
                + (p * x - 1.0) * np.log(mean) + p * x * np.log(x)
                - (p * x + q) * np.log(v + x * mean)
            )
        )  # fmt: skip

    return _fit(negative, [4.0, 4.0, float(np.mean(mean)) * 0.8])
