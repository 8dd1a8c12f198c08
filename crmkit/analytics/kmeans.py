"""k-means, step by step: assign every point to the nearest centre, move the centres, repeat.

MacQueen (1967), Lloyd (1982). Nothing is drawn at random: the first centres are given or found by
the farthest-first rule (Gonzalez 1985), so that a step can be followed on paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

STARTS: Mapping[str, str] = {
    "farthest": "最远优先：先取最靠近中心的点，以后每次取离已选各点最远的点",
    "first": "取表里最前面的 k 个不同的点",
}
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Step:
    """One round: points go to the nearest of `before`; `after` are the means of the groups.

    `inertia` is the sum of squared distances of the points to their centre in `before`.
    """

    before: Floats
    labels: Ints
    after: Floats
    inertia: float

    @property
    def moved(self) -> float:
        """How far the centre that moved most has moved."""
        return float(np.sqrt(((self.after - self.before) ** 2).sum(axis=1)).max())


@dataclass(frozen=True)
class Clusters:
    """The end: `labels` 0 … k − 1, `centres`, `inertia` to these centres, and all `steps`."""

    labels: Ints
    centres: Floats
    inertia: float
    steps: tuple[Step, ...]

    @property
    def sizes(self) -> list[int]:
        return np.bincount(self.labels, minlength=len(self.centres)).tolist()


def standardise(
    frame: pd.DataFrame, columns: Sequence[str], *, log: Sequence[str] = ()
) -> pd.DataFrame:
    """(x − mean) ÷ standard deviation (of the population, as scikit-learn does), by column.

    Columns named in `log` are replaced by ln(1 + x) first.

    Raises
    ------
    AnalyticsError
        A column is not there, holds blanks, or has the same value everywhere.

    Examples
    --------
    >>> standardise(pd.DataFrame({"R": [1, 3]}), ["R"])["R"].tolist()
    [-1.0, 1.0]
    """
    inputs.require(frame, "客户表", {c: c for c in columns})
    out = {}
    for name in columns:
        x = inputs.numbers(frame, "客户表", name).to_numpy()
        if name in log:
            if (x <= -1).any():
                raise AnalyticsError(f"列「{name}」有小于等于 −1 的值，不能取 ln(1 + x)。")
            x = np.log1p(x)
        deviation = x.std()
        if not deviation > 1e-12 * max(1.0, float(abs(x).max(initial=0))):
            raise AnalyticsError(f"列「{name}」的值都相同，不能标准化；聚类时去掉这一列。")
        out[name] = (x - x.mean()) / deviation
    return pd.DataFrame(out, index=frame.index)


def assign(points: ArrayLike, centres: ArrayLike) -> tuple[Ints, float]:
    """Nearest centre of every point (the first one when equally near), and the inertia.

    >>> labels, inertia = assign([[0], [1], [9]], [[0], [10]])
    >>> labels.tolist(), inertia
    ([0, 0, 1], 2.0)
    """
    x, c = _table(points, "points"), _table(centres, "centres")
    if x.shape[1] != c.shape[1]:
        raise AnalyticsError(f"点有 {x.shape[1]} 个坐标，中心有 {c.shape[1]} 个，要一样多。")
    squares = ((x[:, None, :] - c[None, :, :]) ** 2).sum(axis=2)
    labels = squares.argmin(axis=1)
    return labels, float(squares[np.arange(len(x)), labels].sum())


def update(points: ArrayLike, labels: ArrayLike, centres: ArrayLike) -> Floats:
    """The means of the groups; a centre that nobody chose stays where it was."""
    x, group, c = _table(points, "points"), np.asarray(labels), _table(centres, "centres")
    moved = c.copy()
    for k in range(len(c)):
        mine = x[group == k]
        if len(mine):
            moved[k] = mine.mean(axis=0)
    return moved


def first_centres(points: ArrayLike, k: int, start: str = "farthest") -> Floats:
    """`k` different points to begin with, see `STARTS`."""
    inputs.choice(start, "start", STARTS)
    x = _table(points, "points")
    different, first = np.unique(x, axis=0, return_index=True)
    if not 1 <= inputs.whole(k, "k") <= len(different):
        raise AnalyticsError(f"k 要在 1 到 {len(different)}（不同的点数）之间，给的是 {k}。")
    if start == "first":
        return x[np.sort(first)[:k]]
    chosen = [int(((x - x.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    nearest = ((x - x[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((x - x[chosen[-1]]) ** 2).sum(axis=1))
    return x[chosen]


def fit(
    points: ArrayLike, centres: ArrayLike | int, *, start: str = "farthest", most: int = 100
) -> Clusters:
    """Repeat the two halves of a step until no label changes (or `most` times).

    Parameters
    ----------
    centres
        The first centres, or their number.

    Examples
    --------
    >>> found = fit([[1], [2], [8], [9]], [[1], [2]])
    >>> found.labels.tolist(), found.centres.ravel().tolist(), len(found.steps)
    ([0, 0, 1, 1], [1.5, 8.5], 3)
    """
    x = _table(points, "points")
    if isinstance(centres, (int, np.integer)):
        c = first_centres(x, int(centres), start)
    else:
        c = _table(centres, "centres")
    steps: list[Step] = []
    for _ in range(inputs.whole(most, "most", low=1)):
        labels, inertia = assign(x, c)
        after = update(x, labels, c)
        steps.append(Step(c, labels, after, inertia))
        if len(steps) > 1 and np.array_equal(labels, steps[-2].labels):
            break
        c = after
    last = steps[-1]
    return Clusters(last.labels, last.after, inertia_of(x, last.labels), tuple(steps))


def inertia_of(points: ArrayLike, labels: ArrayLike) -> float:
    """Sum of squared distances of the points to the mean of their group.

    >>> inertia_of([[0], [2], [7]], ["a", "a", "b"])
    2.0
    """
    x, group = _table(points, "points"), np.asarray(labels)
    if len(group) != len(x):
        raise AnalyticsError(f"有 {len(x)} 个点、{len(group)} 个群号，要一一对应。")
    parts = (x[group == g] for g in pd.unique(group))
    return float(sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts))


def profile(frame: pd.DataFrame, labels: ArrayLike, columns: Sequence[str]) -> pd.DataFrame:
    """客户数, 占比 and the mean of every column by 群: what a cluster is like, in its own units."""
    inputs.require(frame, "客户表", {c: c for c in columns})
    by = frame.groupby(np.asarray(labels))
    table = by[list(columns)].mean()
    table.insert(0, "客户数", by.size())
    table.insert(1, "占比", table["客户数"] / len(frame))
    return table.rename_axis("群")


def _table(values: ArrayLike, name: str) -> Floats:
    x: Any = np.asarray(values, dtype="float64")
    if x.ndim != 2 or not len(x) or not x.shape[1]:
        raise AnalyticsError(f"参数 {name} 要是一张表：每行一个点，至少一行一列。")
    if not np.isfinite(x).all():
        raise AnalyticsError(f"参数 {name} 里有空值或无穷大，先去掉或补上。")
    return x
