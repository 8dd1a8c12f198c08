"""Decision tree by hand: entropy, Gini, the gain of a question, and a small tree.

Quinlan, Induction of Decision Trees (1986); Gini as in CART (Breiman et al. 1984). Questions are
"is x ≤ t?" for numbers and "which value?" (`partition`) or "is x = v?" for words.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

MEASURES: Mapping[str, str] = {
    "entropy": "信息熵：−Σ p·log2 p，单位是比特",
    "gini": "基尼不纯度：1 − Σ p²",
}


def entropy(counts: ArrayLike) -> float:
    """−Σ p·log2 p of the class counts, in bits.

    >>> entropy([5, 5]), entropy([10, 0]), round(entropy([9, 5]), 3)
    (1.0, 0.0, 0.94)
    """
    p = _shares(counts)
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum()) + 0.0


def gini(counts: ArrayLike) -> float:
    """1 − Σ p² of the class counts.

    >>> gini([5, 5]), gini([10, 0])
    (0.5, 0.0)
    """
    return float(1 - (_shares(counts) ** 2).sum())


_IMPURITY: Mapping[str, Callable[[ArrayLike], float]] = {"entropy": entropy, "gini": gini}


def gain(parts: Sequence[Sequence[float]], measure: str = "entropy") -> float:
    """Impurity before − weighted impurity after; `parts` holds the class counts of every branch.

    >>> round(gain([[2, 3], [4, 0], [3, 2]]), 4)  # Quinlan 1986: Outlook
    0.2467
    """
    inputs.choice(measure, "measure", MEASURES)
    impurity = _IMPURITY[measure]
    table = np.asarray(parts, dtype="float64")
    whole = table.sum()
    after = sum(part.sum() / whole * impurity(part) for part in table if part.sum())
    return float(impurity(table.sum(axis=0)) - after)


def gain_ratio(parts: Sequence[Sequence[float]]) -> float:
    """Information gain ÷ entropy of the sizes (C4.5); 0 when there is one branch only."""
    split = entropy(np.asarray(parts, dtype="float64").sum(axis=1))
    return gain(parts) / split if split else 0.0


def partition(
    frame: pd.DataFrame, target: str, columns: Sequence[str], measure: str = "entropy"
) -> pd.DataFrame:
    """Which question of words to ask first: 问题, 分支数, 增益, 增益率, the best one on top."""
    inputs.require(frame, "样本表", {c: c for c in [target, *columns]})
    rows = []
    for name in columns:
        counts = pd.crosstab(frame[name], frame[target]).to_numpy().tolist()
        rows.append((name, len(counts), gain(counts, measure), gain_ratio(counts)))
    table = pd.DataFrame(rows, columns=["问题", "分支数", "增益", "增益率"])
    return table.sort_values("增益", ascending=False, kind="stable", ignore_index=True)


def thresholds(values: ArrayLike, target: ArrayLike, measure: str = "entropy") -> pd.DataFrame:
    """Every cut of a number halfway between neighbouring values: 界限, 左边人数, 右边人数, 增益."""
    inputs.choice(measure, "measure", MEASURES)
    x, y = np.asarray(values, dtype="float64"), np.asarray(target)
    if x.shape != y.shape or x.ndim != 1 or np.isnan(x).any():
        raise AnalyticsError("数值和类别要一样长，数值不能有空值。")
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    classes = np.unique(y)
    left = (y[:, None] == classes[None, :]).cumsum(axis=0).astype("float64")
    ends = np.flatnonzero(x[1:] > x[:-1])
    a, b = left[ends], left[-1] - left[ends]
    n = len(x)
    after = (_rows(a, measure) * a.sum(axis=1) + _rows(b, measure) * b.sum(axis=1)) / n
    before = float(_rows(left[-1:], measure)[0]) if n else 0.0
    return pd.DataFrame({
        "界限": (x[ends] + x[ends + 1]) / 2, "左边人数": ends + 1, "右边人数": n - ends - 1,
        "增益": before - after,
    })  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A tree: `counts` by class; an inner node asks "is `feature` ≤ `cut`?", yes goes to `low`."""

    counts: Mapping[Hashable, int]
    feature: str = ""
    cut: float = 0.0
    gain: float = 0.0
    low: Node | None = None
    high: Node | None = None

    @property
    def size(self) -> int:
        return sum(self.counts.values())

    @property
    def answer(self) -> Hashable:
        """The most frequent class; the first one when equally frequent."""
        return max(self.counts, key=lambda k: self.counts[k])

    def leaf(self, row: Mapping[str, float]) -> Node:
        """Where a customer ends."""
        if self.low is None or self.high is None:
            return self
        return (self.low if row[self.feature] <= self.cut else self.high).leaf(row)

    def words(self, indent: str = "") -> str:
        """The tree as indented lines."""
        share = "，".join(f"{k} {n}" for k, n in self.counts.items())
        if self.low is None or self.high is None:
            return f"{indent}→ {self.answer}（{share}）"
        return "\n".join([
            f"{indent}{self.feature} ≤ {self.cut:g}？（{share}）",
            f"{indent}  是", self.low.words(indent + "    "),
            f"{indent}  否", self.high.words(indent + "    "),
        ])  # fmt: skip


def grow(
    frame: pd.DataFrame, target: str, columns: Sequence[str], *, depth: int = 2, least: int = 20,
    measure: str = "entropy",
) -> Node:  # fmt: skip
    """A tree of at most `depth` questions on a path, with at least `least` rows in every leaf."""
    inputs.require(frame, "样本表", {c: c for c in [target, *columns]})
    counts = {k: int(n) for k, n in frame[target].value_counts(sort=False).sort_index().items()}
    best: tuple[float, str, float] | None = None
    for name in columns if depth > 0 and len(counts) > 1 else ():
        found = thresholds(frame[name], frame[target], measure)
        found = found[(found["左边人数"] >= least) & (found["右边人数"] >= least)]
        if len(found):
            row = found.loc[found["增益"].idxmax()]
            if row["增益"] > 1e-12 and (best is None or row["增益"] > best[0]):
                best = float(row["增益"]), name, float(row["界限"])
    if best is None:
        return Node(counts)
    value, name, cut = best
    is_low = frame[name] <= cut
    low, high = (
        grow(part, target, columns, depth=depth - 1, least=least, measure=measure)
        for part in (frame[is_low], frame[~is_low])
    )
    return Node(counts, name, cut, value, low, high)


def _shares(counts: ArrayLike) -> np.ndarray:
    n = np.asarray(counts, dtype="float64")
    if n.ndim != 1 or (n < 0).any() or not n.sum() > 0:
        raise AnalyticsError("各类的个数要是不小于 0 的数，至少有一个大于 0。")
    return n / n.sum()


def _rows(counts: np.ndarray, measure: str) -> np.ndarray:
    """Impurity of every row of class counts."""
    p = counts / counts.sum(axis=1, keepdims=True)
    if measure == "gini":
        return np.asarray(1 - (p**2).sum(axis=1))
    logs = np.log2(p, out=np.zeros_like(p), where=p > 0)
    return np.asarray(-(p * logs).sum(axis=1))
