"""Maximum likelihood for models whose parameters are all positive: search and standard errors.

The search runs over the logarithms of the parameters, so that every step stays in range; it
starts in the same place every time and draws no random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], float]
BOUNDS = (-9.0, 12.0)  # of the logarithms: 0.0001 … 160,000


def maximise(log_likelihood: LogLikelihood, start: Sequence[float], model: str) -> Floats:
    """The positive parameters of greatest likelihood.

    Parameters
    ----------
    log_likelihood
        Of the parameters themselves, not of their logarithms.
    start
        Where the search starts.
    model
        Name for the message when the search fails.
    """
    from scipy.optimize import minimize

    begin = log_likelihood(np.asarray(start, dtype="float64"))
    scale = max(abs(begin), 1.0)

    def loss(logs: Floats) -> float:
        value = log_likelihood(np.exp(logs))
        return -value / scale if np.isfinite(value) else 1e6

    found = minimize(
        loss, np.log(start), method="L-BFGS-B", jac="3-point", bounds=[BOUNDS] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
    )  # fmt: skip
    if not np.isfinite(found.fun) or found.fun >= 1e6:
        raise AnalyticsError(f"{model} 模型没有拟合成功，请检查购买历史。")
    best: Floats = np.exp(found.x)
    return best


def standard_errors(log_likelihood: LogLikelihood, parameters: Sequence[float]) -> Floats:
    """Standard errors of fitted parameters: the curvature of the log-likelihood at its top.

    The Hessian is taken over the logarithms by central differences and carried back with the
    delta method, se(θ) = θ · se(ln θ). A parameter at which the likelihood has no top gets NaN.
    """
    at = np.log(np.asarray(parameters, dtype="float64"))
    n, step = len(at), 1e-3
    hessian = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            total = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = at.copy()
                moved[i] += a * step
                moved[j] += b * step
                total += a * b * log_likelihood(np.exp(moved))
            hessian[i, j] = hessian[j, i] = -total / (4 * step * step)
    try:
        variance = np.diag(np.linalg.inv(hessian))
    except np.linalg.LinAlgError:
        variance = np.full(n, np.nan)
    with np.errstate(invalid="ignore"):
        errors: Floats = np.exp(at) * np.sqrt(variance)
    return errors
