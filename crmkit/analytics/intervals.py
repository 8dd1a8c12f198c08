"""Intervals of shares seen in a sample."""

from __future__ import annotations

import math
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share seen among `n`.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.

    >>> tuple(round(x, 4) for x in wilson(90 / 120, 120))
    (0.6656, 0.8189)
    """
    z2 = Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return middle - half, middle + half
