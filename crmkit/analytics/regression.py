"""Least squares with intervals, correlation, and mediation: does X work through M on Y?

Ordinary least squares with classical standard errors; Fisher's z interval of a correlation
(Fisher 1921); indirect effect a·b with Sobel's standard error (Sobel 1982) and, better, a
bootstrap interval (Preacher & Hayes 2008).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
CONSTANT = "常数"


@dataclass(frozen=True)
class Fit:
    """`table`: 变量 系数 标准误 t 下限 上限 (confidence interval); `r2`; `n` rows used."""

    table: pd.DataFrame
    r2: float
    n: int

    def coefficient(self, name: str) -> float:
        return float(self.table.set_index("变量").at[name, "系数"])


def ols(frame: pd.DataFrame, y: str, x: Sequence[str], *, confidence: float = 0.95) -> Fit:
    """y = constant + Σ coefficient × x, by least squares.

    Raises
    ------
    AnalyticsError
        Too few rows, or explanatory columns that determine each other.
    """
    from scipy.special import stdtrit

    inputs.require(frame, "数据表", {"y": y, **{f"x{i}": c for i, c in enumerate(x)}})
    level = inputs.number(confidence, "confidence", above=0, high=0.9999)
    target = inputs.numbers(frame, "数据表", y).to_numpy()
    design = np.column_stack(
        [np.ones(len(frame)), *(inputs.numbers(frame, "数据表", c).to_numpy() for c in x)]
    )
    n, k = design.shape
    if n <= k:
        raise AnalyticsError(f"只有 {n} 行，估不出 {k} 个系数和误差：至少要 {k + 1} 行。")
    if np.linalg.matrix_rank(design) < k:
        raise AnalyticsError("解释变量之间互相决定（或某一列不变），系数分不开：去掉一列再算。")
    beta, *_ = np.linalg.lstsq(design, target, rcond=None)
    left = target - design @ beta
    spread = float(((target - target.mean()) ** 2).sum())
    se = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * (left @ left) / (n - k))
    reach = float(stdtrit(n - k, (1 + level) / 2)) * se
    table = pd.DataFrame(
        {"变量": [CONSTANT, *x], "系数": beta, "标准误": se, "t": beta / np.where(se > 0, se, np.nan),
         "下限": beta - reach, "上限": beta + reach}
    )  # fmt: skip
    return Fit(table, 1 - float(left @ left) / spread if spread else 0.0, n)


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with Fisher's interval; `n` pairs."""

    r: float
    low: float
    high: float
    n: int


def correlation(a: Sequence[float], b: Sequence[float], *, confidence: float = 0.95) -> Correlation:
    """Pearson's correlation of pairs; the interval needs at least four.

    >>> found = correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    >>> round(found.r, 2), found.low < 0 < found.high
    (0.8, True)
    """
    one, two = np.asarray(a, dtype="float64"), np.asarray(b, dtype="float64")
    if one.shape != two.shape or one.ndim != 1 or len(one) < 4:
        raise AnalyticsError("相关系数要两列一样长的数，至少 4 对。")
    if one.std() == 0 or two.std() == 0:
        raise AnalyticsError("有一列从头到尾不变，没有相关可言。")
    r = float(np.corrcoef(one, two)[0, 1])
    if abs(r) >= 1 - 1e-12:
        return Correlation(math.copysign(1, r), r, r, len(one))
    reach = NormalDist().inv_cdf((1 + confidence) / 2) / math.sqrt(len(one) - 3)
    z = math.atanh(r)
    return Correlation(r, math.tanh(z - reach), math.tanh(z + reach), len(one))


@dataclass(frozen=True)
class Mediation:
    """X → M is `a`; M → Y beside X is `b`; `total` = `direct` + `indirect`, indirect = a·b."""

    a: float
    b: float
    total: float
    direct: float
    sobel_se: float
    low: float
    high: float

    @property
    def indirect(self) -> float:
        return self.a * self.b


def mediation(
    frame: pd.DataFrame, x: str, m: str, y: str, *, controls: Sequence[str] = (), draws: int = 500,
    seed: int = 1, confidence: float = 0.95,
) -> Mediation:  # fmt: skip
    """Effect of x on y, directly and through m, with a percentile bootstrap interval of a·b.

    A mediation in cross-section data shows that the numbers agree with the story; it does not show
    that the arrows point this way.
    """
    first = ols(frame, m, [x, *controls])
    second = ols(frame, y, [x, m, *controls])
    total = ols(frame, y, [x, *controls]).coefficient(x)
    a, b = first.coefficient(x), second.coefficient(m)
    errors = [f.table.set_index("变量").at[c, "标准误"] for f, c in ((first, x), (second, m))]
    sobel = math.sqrt(b * b * errors[0] ** 2 + a * a * errors[1] ** 2)
    products = _resampled(frame, x, m, y, controls, draws, seed)
    tail = (1 - confidence) / 2
    low, high = np.quantile(products, [tail, 1 - tail])
    return Mediation(a, b, total, second.coefficient(x), sobel, float(low), float(high))


def _resampled(
    frame: pd.DataFrame, x: str, m: str, y: str, controls: Sequence[str], draws: int, seed: int
) -> Floats:
    """a·b in samples of the rows drawn with replacement."""
    columns = [frame[c].to_numpy(dtype="float64") for c in controls]
    one, mid, end = (frame[c].to_numpy(dtype="float64") for c in (x, m, y))
    n = len(frame)
    random = np.random.default_rng(seed)
    ones, out = np.ones(n), np.empty(inputs.whole(draws, "draws", low=2))
    base = np.column_stack([ones, one, *columns])
    full = np.column_stack([base, mid])
    for k in range(len(out)):
        rows = random.integers(0, n, n)
        a = np.linalg.lstsq(base[rows], mid[rows], rcond=None)[0][1]
        b = np.linalg.lstsq(full[rows], end[rows], rcond=None)[0][-1]
        out[k] = a * b
    return out
