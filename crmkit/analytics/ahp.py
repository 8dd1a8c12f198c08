"""AHP, the analytic hierarchy process: weights from pairwise comparisons, and whether they agree.

Source: Saaty, Decision making with the analytic hierarchy process (2008). Two tables of random
indices are both called Saaty's; both are here by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crmkit.analytics.errors import AnalyticsError

METHODS: Mapping[str, str] = {
    "eigenvector": "特征向量法：最大特征值对应的向量",
    "geometric": "方根法：每行各数的几何平均",
    "column": "和积法：每列归一后按行平均",
}
# n = 1, 2, 3 … 9
RANDOM_INDEX: Mapping[str, tuple[float, ...]] = {
    "textbook": (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45),  # Chinese textbooks
    "later": (0, 0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45),  # as in the package ahpy
}
CONSISTENT = 0.10  # CR below this is accepted (Saaty)


@dataclass(frozen=True)
class Weights:
    """`values` sum to 1; `lambda_max`, `ci` = (λmax − n)/(n − 1), `cr` = ci / RI (0 for n ≤ 2)."""

    values: tuple[float, ...]
    lambda_max: float
    ci: float
    cr: float

    @property
    def consistent(self) -> bool:
        return self.cr < CONSISTENT


def weights(
    matrix: Sequence[Sequence[float]], *, method: str = "eigenvector", table: str = "textbook"
) -> Weights:
    """Weights of n criteria from a positive reciprocal matrix (a_ij = importance of i over j).

    Raises
    ------
    AnalyticsError
        Not square, n > 9, a value that is not positive, or a_ij·a_ji ≠ 1.

    Examples
    --------
    >>> [round(w, 3) for w in weights([[1, 2], [1 / 2, 1]]).values]
    [0.667, 0.333]
    """
    a = np.asarray(matrix, dtype="float64")
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not 1 <= len(a) <= 9:
        raise AnalyticsError(f"判断矩阵要是 1 到 9 阶的方阵，现在是 {a.shape}。")
    if not (a > 0).all():
        raise AnalyticsError("判断矩阵的每个数都要大于 0。")
    off = np.argwhere(~np.isclose(a * a.T, 1, rtol=1e-3))
    if len(off):
        i, j = off[0]
        raise AnalyticsError(
            f"第 {i + 1} 行第 {j + 1} 列是 {a[i, j]:g}，第 {j + 1} 行第 {i + 1} 列应是它的倒数，"
            f"现在是 {a[j, i]:g}。"
        )
    if method not in METHODS or table not in RANDOM_INDEX:
        raise AnalyticsError(
            f"方法可选 {'、'.join(METHODS)}，RI 表可选 {'、'.join(RANDOM_INDEX)}。"
        )
    n = len(a)
    if method == "eigenvector":
        values, vectors = np.linalg.eig(a)
        w = np.abs(vectors[:, int(np.argmax(values.real))].real)
    elif method == "geometric":
        w = np.exp(np.log(a).mean(axis=1))
    else:
        w = (a / a.sum(axis=0)).mean(axis=1)
    w = w / w.sum()
    top = float((a @ w / w).mean())
    ci = (top - n) / (n - 1) if n > 1 else 0.0
    index = RANDOM_INDEX[table][n - 1]
    return Weights(tuple(map(float, w)), top, ci, ci / index if index else 0.0)


def reciprocal(upper: Sequence[Sequence[float]]) -> list[list[float]]:
    """The full matrix from its upper rows without the diagonal.

    >>> reciprocal([[2, 4], [3]])[2]
    [0.25, 0.3333333333333333, 1.0]
    """
    n = len(upper) + 1
    full = [[1.0] * n for _ in range(n)]
    for i, row in enumerate(upper):
        if len(row) != n - 1 - i:
            raise AnalyticsError(f"第 {i + 1} 行要有 {n - 1 - i} 个数，现在 {len(row)} 个。")
        for k, value in enumerate(row):
            j = i + 1 + k
            full[i][j], full[j][i] = float(value), 1 / value
    return full


@dataclass(frozen=True)
class Disagreement:
    """One judgement a_ij (places from 0) against w_i / w_j, and CR when it is replaced by that."""

    i: int
    j: int
    given: float
    implied: float
    cr_without: float

    @property
    def factor(self) -> float:
        """How many times one is the other, at least 1."""
        return max(self.given / self.implied, self.implied / self.given)


def disagreements(
    matrix: Sequence[Sequence[float]], *, table: str = "textbook"
) -> list[Disagreement]:
    """The judgements of the upper half, those first whose repair lowers CR most.

    The implied value of a judgement is w_i / w_j of the matrix without it (Harker's completion:
    its place is left blank, the diagonal takes one more for each blank), so that a wild judgement
    does not excuse itself.
    """
    full = np.asarray(matrix, dtype="float64")
    weights(matrix, table=table)  # refuses what is no comparison
    n, out = len(full), []
    for i in range(n):
        for j in range(i + 1, n):
            blank = full.copy()
            blank[i, j] = blank[j, i] = 0.0
            blank[i, i] = blank[j, j] = 2.0
            values, vectors = np.linalg.eig(blank)
            w = np.abs(vectors[:, int(np.argmax(values.real))].real)
            if n < 3 or min(w[i], w[j]) < 1e-12:
                continue
            implied = float(w[i] / w[j])
            mended = full.copy()
            mended[i, j], mended[j, i] = implied, 1 / implied
            cr = weights(mended.tolist(), table=table).cr
            out.append(Disagreement(i, j, float(full[i, j]), implied, cr))
    return sorted(out, key=lambda d: (round(d.cr_without, 12), d.i, d.j))
