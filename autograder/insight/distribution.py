"""How the totals of a class are spread, and how far they can be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

BINS = 10


@dataclass(frozen=True)
class Distribution:
    """Totals of one lab. Shares are of the full points; what cannot be computed is None."""

    n: int
    points: float
    mean: float | None
    median: float | None
    deviation: float | None
    lowest: float | None
    highest: float | None
    passed: float | None
    bins: tuple[tuple[str, int], ...]


def distribution(totals: Sequence[float], points: float, *, pass_share: float) -> Distribution:
    """Describe the totals of everyone who has a mark.

    Parameters
    ----------
    totals : sequence of float
        Final marks, in points.
    points : float
        The full points.
    pass_share : float
        Share of the points from which a mark is a pass.

    Returns
    -------
    Distribution
        `deviation` is the sample standard deviation (n − 1), from two marks on. The bins are ten
        equal parts of 0…100 %, closed on the left, the last one on both sides; marks above the full
        points (extra credit) count in the last.

    Examples
    --------
    >>> d = distribution([50, 90, 100], 100, pass_share=0.6)
    >>> d.mean, d.median, d.bins[-1]
    (80.0, 90.0, ('90–100', 2))
    """
    values = np.asarray(totals, dtype=float)
    shares = values / points if points else np.zeros_like(values)
    places = np.clip(np.floor(np.round(shares * BINS, 9)).astype(int), 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    step = 100 // BINS
    bins = tuple((f"{i * step}–{(i + 1) * step}", int(counts[i])) for i in range(BINS))
    if not len(values):
        return Distribution(0, points, None, None, None, None, None, None, bins)
    return Distribution(
        len(values), points, float(values.mean()), float(np.median(values)),
        float(values.std(ddof=1)) if len(values) > 1 else None,
        float(values.min()), float(values.max()),
        float(np.mean(np.round(shares, 9) >= pass_share)), bins,
    )  # fmt: skip


def reliability(scores: pd.DataFrame) -> float | None:
    """Cronbach's alpha: how far the items measure one thing.

    Parameters
    ----------
    scores : DataFrame
        Points by student (rows) and item (columns). Items that nobody has a mark for are left out,
        then students who lack one.

    Returns
    -------
    float or None
        α = k/(k−1) · (1 − Σ s²ᵢ / s²_T) with sample variances; None with fewer than two items, fewer
        than two complete rows, or when all totals are equal.

    Notes
    -----
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika
    16, 297–334, formula 2.
    """
    whole = scores.dropna(axis=1, how="all").dropna()
    k = whole.shape[1]
    if k < 2 or len(whole) < 2:
        return None
    spread = float(whole.sum(axis=1).var(ddof=1))
    if spread <= 1e-12:
        return None
    return float(k / (k - 1) * (1 - whole.var(ddof=1).sum() / spread))
