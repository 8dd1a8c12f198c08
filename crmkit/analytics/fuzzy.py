"""Fuzzy comprehensive evaluation 模糊综合评价: from votes on grades to one grade.

Given weights w (summing to 1) of n factors and a membership matrix R (factor × grade; here the
share of votes for each grade), b = w ∘ R, where ∘ is one of four operators; the grade with the
largest b is the verdict. Source: Zadeh 1965 for the sets; the scheme and the operators' names are
those of Chinese textbooks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]
OPERATORS: Mapping[str, str] = {
    "weighted": "M(·,⊕) 加权平均型：Σ 权重 × 隶属度，兼顾每个因素",
    "min_max": "M(∧,∨) 主因素决定型：先取小再取大，只看最突出的因素",
    "product_max": "M(·,∨) 主因素突出型：先相乘再取大",
    "min_sum": "M(∧,⊕) 不均衡平均型：先取小再相加，和不超过 1",
}


def memberships(
    votes: pd.DataFrame, grades: Sequence[str], *, factor: str = "因素", vote: str = "评语"
) -> pd.DataFrame:
    """Factor × grade: share of the votes. Factors in order of appearance.

    >>> votes = pd.DataFrame({"因素": ["响应"] * 4, "评语": ["好", "好", "中", "差"]})
    >>> memberships(votes, ["好", "中", "差"]).loc["响应"].tolist()
    [0.5, 0.25, 0.25]
    """
    inputs.require(votes, "评语表", {"factor": factor, "vote": vote})
    odd = sorted(set(votes[vote].dropna()) - set(grades))
    if odd:
        raise AnalyticsError(f"评语「{odd[0]}」不在等级 {'、'.join(grades)} 里。")
    counts = pd.crosstab(votes[factor], votes[vote])
    counts = counts.reindex(index=votes[factor].unique(), columns=list(grades), fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0)


def evaluate(
    weights: Sequence[float], membership: Sequence[Sequence[float]] | pd.DataFrame, *,
    operator: str = "weighted", normalise: bool = True,
) -> tuple[float, ...]:  # fmt: skip
    """b = w ∘ R, one number for each grade; with `normalise` they sum to 1.

    >>> evaluate([0.5, 0.5], [[0.6, 0.4], [0.2, 0.8]])
    (0.4, 0.6000000000000001)
    """
    inputs.choice(operator, "operator", OPERATORS)
    w = np.asarray(weights, dtype="float64")
    r = np.asarray(membership, dtype="float64")
    if w.ndim != 1 or r.ndim != 2 or r.shape[0] != len(w):
        raise AnalyticsError(
            f"权重有 {w.size} 个，隶属度矩阵有 {r.shape[0] if r.ndim else 0} 行：每个因素要各有一行。"
        )
    if (w < 0).any() or abs(w.sum() - 1) > 1e-6:
        raise AnalyticsError(f"权重不能是负数，加起来要等于 1，现在是 {w.sum():g}。")
    if ((r < 0) | (r > 1)).any():
        raise AnalyticsError("隶属度要在 0 到 1 之间。")
    column = w[:, None]
    b: Floats
    if operator == "weighted":
        b = w @ r
    elif operator == "min_max":
        b = np.minimum(column, r).max(axis=0)
    elif operator == "product_max":
        b = (column * r).max(axis=0)
    else:
        b = np.minimum(np.minimum(column, r).sum(axis=0), 1.0)
    if normalise and b.sum() > 0:
        b = b / b.sum()
    return tuple(map(float, b))


def verdict(b: Sequence[float], grades: Sequence[str]) -> str:
    """The grade with the largest membership (the better one of two that are equal)."""
    return grades[int(np.argmax(np.round(np.asarray(b), 12)))]


def mean_score(b: Sequence[float], marks: Sequence[float]) -> float:
    """One number: Σ b × mark of the grade ÷ Σ b."""
    total = sum(b)
    if not total > 0:
        raise AnalyticsError("各等级的隶属度全是 0，算不出分数。")
    return sum(x * m for x, m in zip(b, marks, strict=True)) / total
