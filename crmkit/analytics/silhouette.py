"""Silhouette: how well a point lies in its cluster, and how many clusters to take.

Rousseeuw (1987): s = (b − a) ÷ max(a, b), where a is the mean distance to the others of its own
cluster and b the smallest mean distance to another cluster; s = 0 for a cluster of one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import kmeans
from crmkit.analytics.errors import AnalyticsError

_BLOCK = 512  # rows of the distance table held at once


def values(points: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """The silhouette of every point, −1 … 1.

    Raises
    ------
    AnalyticsError
        Fewer than two clusters, or as many as points.

    Examples
    --------
    >>> values([[0], [1], [10]], [0, 0, 1]).round(2).tolist()
    [0.9, 0.89, 0.0]
    """
    x = np.asarray(points, dtype="float64")
    codes, names = pd.factorize(np.asarray(labels))
    if len(codes) != len(x):
        raise AnalyticsError(f"有 {len(x)} 个点、{len(codes)} 个群号，要一一对应。")
    k = len(names)
    if not 2 <= k < len(x):
        raise AnalyticsError(f"轮廓系数要 2 到 {len(x) - 1} 个群，现在是 {k} 个。")
    sizes = np.bincount(codes)
    member = np.zeros((len(x), k))
    member[np.arange(len(x)), codes] = 1
    out = np.zeros(len(x))
    for low in range(0, len(x), _BLOCK):
        part, mine = x[low : low + _BLOCK], codes[low : low + _BLOCK]
        distance = np.sqrt(((part[:, None, :] - x[None, :, :]) ** 2).sum(axis=2))
        sums, row = distance @ member, np.arange(len(part))
        own = sums[row, mine] / np.maximum(sizes[mine] - 1, 1)
        means = sums / sizes
        means[row, mine] = np.inf
        other = means.min(axis=1)
        greater = np.maximum(own, other)
        s = np.divide(other - own, greater, out=np.zeros(len(part)), where=greater > 0)
        out[low : low + _BLOCK] = np.where(sizes[mine] == 1, 0.0, s)
    return out


def score(points: ArrayLike, labels: ArrayLike) -> float:
    """The mean silhouette of all points."""
    return float(values(points, labels).mean())


def by_k(points: ArrayLike, ks: Iterable[int], *, start: str = "farthest") -> pd.DataFrame:
    """群数, 群内平方和 (for the elbow) and 轮廓系数 of k-means for every k."""
    rows = []
    for k in ks:
        found = kmeans.fit(points, int(k), start=start)
        rows.append((int(k), found.inertia, score(points, found.labels)))
    return pd.DataFrame(rows, columns=["群数", "群内平方和", "轮廓系数"])
