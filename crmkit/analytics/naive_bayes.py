"""Naive Bayes by counting: how likely is it, and which known thing said so.

Of the cases that ended, count how often each value of each feature went with success and how often
with failure; features are taken as independent given the outcome (hence "naive"). A lead's chance
is then a sum of weights, one for each thing known about it:

    ln odds = ln(n₁ / n₀) + Σⱼ ln( P(xⱼ | 1) / P(xⱼ | 0) ),   P(v | c) = (n_cv + s) / (n_c + s·V)

with V values of the feature and smoothing s (Laplace: 1; Lidstone: any s > 0), without which one
value never seen with success would rule success out. The independence, and why it does less harm
than it should: Domingos & Pazzani (Machine Learning 29, 1997). The weights are I. J. Good's
"weights of evidence" (1950).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Floats = NDArray[np.float64]


def chance(log_odds: Any) -> Floats:
    """Probability of these ln odds; never a warning, however large they are.

    >>> chance([0.0, 700.0, -1e9]).tolist()
    [0.5, 1.0, 0.0]
    """
    x = np.clip(np.asarray(log_odds, dtype="float64"), -700, 700)
    return np.where(x < -699, 0.0, 1 / (1 + np.exp(-x)))


@dataclass(frozen=True)
class NaiveBayes:
    """What was learnt.

    Parameters
    ----------
    base
        ln odds before anything is known of a case.
    weights
        Feature → value → what that value adds to the ln odds.
    counts
        特征, 值, 成, 败: the counts behind the weights.
    """

    base: float
    weights: Mapping[str, Mapping[Hashable, float]]
    counts: pd.DataFrame

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to the ln odds of each row; 0 for a value that was never seen."""
        inputs.require(frame, "样本表", {c: c for c in self.weights})
        return pd.DataFrame(
            {c: [w.get(v, 0.0) for v in frame[c]] for c, w in self.weights.items()},
            index=frame.index,
        ).astype("float64")

    def log_odds(self, frame: pd.DataFrame) -> Floats:
        """`base` and all contributions of each row added up."""
        return self.base + self.contributions(frame).to_numpy().sum(axis=1)

    def probability(self, frame: pd.DataFrame) -> Floats:
        """Chance of success of each row."""
        return chance(self.log_odds(frame))


def learn(
    frame: pd.DataFrame, target: str, columns: Sequence[str], *, smoothing: float = 1.0,
    values: Mapping[str, Sequence[Hashable]] | None = None,
) -> NaiveBayes:  # fmt: skip
    """Count the cases that ended.

    Parameters
    ----------
    frame
        One row a case; `target` is 1 (success) or 0, both occur.
    columns
        Features with few different values: marks, bands, channels.
    smoothing
        s > 0, added to every count.
    values
        Values a feature can have, where not all of them occur in `frame`.

    Raises
    ------
    AnalyticsError
        A column is missing, only one outcome occurs, s is not positive, or a value is blank or
        not among `values`.

    Examples
    --------
    >>> seen = pd.DataFrame({"来源": ["熟人", "熟人", "广告", "广告"], "成交": [1, 1, 1, 0]})
    >>> model = learn(seen, "成交", ["来源"])
    >>> model.probability(pd.DataFrame({"来源": ["熟人", "广告"]})).round(3).tolist()
    [0.844, 0.643]
    """
    tables, y, s = _counted(frame, target, columns, smoothing, values)
    won, lost = int(y.sum()), int((~y).sum())
    weights, rows = {}, []
    for name, (options, codes) in tables.items():
        yes = np.bincount(codes[y], minlength=len(options))
        no = np.bincount(codes[~y], minlength=len(options))
        ratio = _log_share(yes, won, s, len(options)) - _log_share(no, lost, s, len(options))
        weights[name] = dict(zip(options, ratio.tolist(), strict=True))
        rows += [(name, v, int(a), int(b)) for v, a, b in zip(options, yes, no, strict=True)]
    counts = pd.DataFrame(rows, columns=["特征", "值", "成", "败"])
    return NaiveBayes(float(np.log(won / lost)), weights, counts)


def left_out(
    frame: pd.DataFrame, target: str, columns: Sequence[str], *, smoothing: float = 1.0,
    values: Mapping[str, Sequence[Hashable]] | None = None,
) -> Floats:  # fmt: skip
    """Chance of each row by all the other rows (leave-one-out), for a check on few cases.

    A row is not taken out of its own counts by learning again but by subtracting it, which is the
    same. The arguments are those of `learn`; each outcome has to occur at least twice.
    """
    tables, y, s = _counted(frame, target, columns, smoothing, values)
    own, other = y.astype("float64"), (~y).astype("float64")
    won, lost = y.sum() - own, (~y).sum() - other
    if not (won.all() and lost.all()):
        raise AnalyticsError("两种结果各要有至少两条，才能一条一条留出来检验。")
    total = np.log(won / lost)
    for options, codes in tables.values():
        yes = np.bincount(codes[y], minlength=len(options))[codes] - own
        no = np.bincount(codes[~y], minlength=len(options))[codes] - other
        total += _log_share(yes, won, s, len(options)) - _log_share(no, lost, s, len(options))
    return chance(total)


def _log_share(counts: Any, total: Any, s: float, options: int) -> Floats:
    return np.asarray(np.log((counts + s) / (total + s * options)))


def _counted(
    frame: pd.DataFrame, target: str, columns: Sequence[str], smoothing: float,
    values: Mapping[str, Sequence[Hashable]] | None,
) -> tuple[dict[str, tuple[list[Hashable], NDArray[np.intp]]], NDArray[np.bool_], float]:  # fmt: skip
    """Every feature's values and the row's place among them; the outcome; s."""
    inputs.require(frame, "样本表", {c: c for c in [target, *columns]})
    s = inputs.number(smoothing, "smoothing", above=0)
    y = frame[target].to_numpy()
    if not np.isin(y, [0, 1]).all():
        raise AnalyticsError(f"结果列「{target}」只能是 0 或 1（也可以是 False 或 True）。")
    y = y.astype(np.bool_)
    if not len(y) or y.all() or not y.any():
        raise AnalyticsError(f"结果列「{target}」里成和败都要有，才学得出差别。")
    tables = {}
    for name in columns:
        known = sorted(frame[name].dropna().unique()) if values is None else list(values[name])
        codes = pd.Index(known).get_indexer(pd.Index(frame[name]))
        if (codes < 0).any():
            raise AnalyticsError(
                f"样本表的列「{name}」{inputs.rows(codes < 0)}是空的，或者不在给定的取值里。"
            )
        tables[name] = (known, codes)
    return tables, y, s
