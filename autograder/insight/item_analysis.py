"""Item analysis of classical test theory: how hard an item is, and whether it tells apart.

Sources
-------
Difficulty P = mean score ÷ full points (for 0/1 items the share of right answers).
Corrected item-total correlation: Pearson's r of the item with the total *without* the item —
Henrysson, S. (1963). Correction of item-total correlations in item analysis. Psychometrika 28,
211–218.
Index D = P of the upper 27 % − P of the lower 27 % by total — Kelley, T. L. (1939). The selection of
upper and lower groups for the validation of test items. Journal of Educational Psychology 30,
17–24. Words for D: Ebel, R. L. & Frisbie, D. A. (1991). Essentials of Educational Measurement,
5th ed., p. 232.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

GROUP = 0.27
FEWEST = 4  # students: with fewer, upper and lower group would be one student each, or the same
_FLAT = 1e-12

EBEL = ((0.40, "很好"), (0.30, "较好"), (0.20, "尚可，可以改进"))
POOR, NEGATIVE = "需要修改", "方向相反，请检查题目或判分"
SAME = "得分都一样，分不出高低"


@dataclass(frozen=True)
class ItemStatistics:
    """One item. What cannot be computed (too few students, no spread) is None.

    Attributes
    ----------
    n : int
        Students with a mark for it.
    difficulty : float or None
        0…1; the higher, the easier.
    correlation : float or None
        Corrected item-total correlation, −1…1.
    upper, lower, discrimination : float or None
        P of the upper and of the lower group, and their difference D.
    verdict : str
        Ebel's word for D, `SAME` where everybody got the same, "" without D.
    """

    id: str
    points: float
    n: int
    difficulty: float | None
    correlation: float | None
    upper: float | None
    lower: float | None
    discrimination: float | None
    verdict: str


def analyse(scores: pd.DataFrame, points: pd.Series) -> list[ItemStatistics]:
    """Statistics of every item.

    Parameters
    ----------
    scores : DataFrame
        Points by student (rows) and item (columns); NaN where there is no mark (yet). A student
        who handed in but left an item out has 0 there; who handed in nothing has no row.
    points : Series
        Full points by item.

    Notes
    -----
    Correlation and D of an item look only at students who have a mark for it. Their totals are
    shares of the points that are marked, so that somebody whose written answer still waits is not
    taken for a weak student. Groups have round(0.27 · n) students; where several students tie on the
    border, each of them counts with an equal part, so that no order of the list matters.
    """
    full = points.reindex(scores.columns).astype(float)
    return [_one(item, scores, full) for item in scores.columns]


def _one(item: str, scores: pd.DataFrame, points: pd.Series) -> ItemStatistics:
    there = scores[scores[item].notna()]
    whole = float(points[item])
    n = len(there)
    if not n or whole <= 0:
        return ItemStatistics(item, whole, n, None, None, None, None, None, "")
    share = there[item].to_numpy(dtype=float) / whole
    difficulty = float(share.mean())
    if n < FEWEST:
        return ItemStatistics(item, whole, n, difficulty, None, None, None, None, "")
    total = _share_of_marked(there, points)
    correlation = None
    if scores.shape[1] > 1:
        correlation = _pearson(share, _share_of_marked(there.drop(columns=item), points))
    upper, lower = _group(share, -total), _group(share, total)
    index = upper - lower if np.ptp(total) > _FLAT else None
    if index is None:
        return ItemStatistics(item, whole, n, difficulty, correlation, None, None, None, "")
    verdict = describe(index) if np.ptp(share) > _FLAT else SAME
    return ItemStatistics(item, whole, n, difficulty, correlation, upper, lower, index, verdict)


def describe(index: float) -> str:
    """Ebel's words for an index of discrimination.

    >>> describe(0.45), describe(0.1), describe(-0.2)
    ('很好', '需要修改', '方向相反，请检查题目或判分')
    """
    if index < -_FLAT:
        return NEGATIVE
    return next((word for least, word in EBEL if index >= least - 1e-9), POOR)


def _share_of_marked(scores: pd.DataFrame, points: pd.Series) -> np.ndarray:
    marked = scores.notna().to_numpy(dtype=float) @ points[scores.columns].to_numpy(dtype=float)
    got = scores.fillna(0.0).sum(axis=1).to_numpy(dtype=float)
    return np.divide(got, marked, out=np.full(len(scores), np.nan), where=marked > 0)


def _pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    both = ~np.isnan(y)
    x, y = x[both], y[both]
    if len(x) < FEWEST or np.ptp(x) <= _FLAT or np.ptp(y) <= _FLAT:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def _group(share: np.ndarray, rank: np.ndarray) -> float:
    """Mean share of the round(0.27 n) lowest by `rank`; ties on the border count in part."""
    size = max(1, round(GROUP * len(rank)))
    rank = np.round(rank, 9)  # sums in another order are no other totals
    border = np.sort(rank)[size - 1]
    inside, tied = rank < border, rank == border
    weights = inside + tied * (size - inside.sum()) / tied.sum()
    return float((weights * share).sum() / size)
