"""Which review is a complaint: naive Bayes over pieces of Chinese text, and what errors cost.

A text is cut into pieces of two neighbouring characters (no dictionary needed), each counted once
a review: presence tells more than frequency (Pang, Lee & Vaithyanathan, EMNLP 2002). Weights are
learnt as in `crmkit.analytics.naive_bayes`, here in the multinomial form of McCallum & Nigam (1998):

    weight of piece w = ln( (n_bad,w + s) / (N_bad + s·V) ) − ln( (n_good,w + s) / (N_good + s·V) )

N_c pieces in all reviews of class c, V different pieces. Where an alert pays follows from the two
costs of being wrong: p* = c_false ÷ (c_false + c_missed) (Elkan, IJCAI 2001).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

_RUN = re.compile(r"[\u4e00-\u9fff]+")


def pieces(text: str) -> list[str]:
    """Different pairs of neighbouring Chinese characters, in the order of the text.

    >>> pieces("很香，很香！")
    ['很香']
    >>> pieces("又苦又涩 OK")
    ['又苦', '苦又', '又涩']
    """
    runs = _RUN.findall(text)
    return list(dict.fromkeys(run[i : i + 2] for run in runs for i in range(len(run) - 1)))


@dataclass(frozen=True)
class ReviewModel:
    """What was learnt from marked reviews.

    Parameters
    ----------
    base
        ln odds of a complaint before the text is read.
    weights
        Piece → what it adds; a piece that was never seen adds nothing.
    counts
        Piece → number of complaints and of other reviews it stands in.
    """

    base: float
    weights: Mapping[str, float]
    counts: Mapping[str, tuple[int, int]]

    def log_odds(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Of being a complaint, for each text; `base` for a text with nothing known in it."""
        return np.array(
            [self.base + sum(self.weights.get(p, 0.0) for p in pieces(t)) for t in texts],
            dtype="float64",
        )

    def telling(self, most: int = 8) -> pd.DataFrame:
        """片段, 差评里, 好评里, 权重: the pieces that most say "complaint", heaviest first."""
        n = inputs.whole(most, "most", low=1)
        top = sorted(self.weights, key=lambda p: (-self.weights[p], p))[:n]
        rows = [(p, *self.counts[p], self.weights[p]) for p in top]
        return pd.DataFrame(rows, columns=["片段", "差评里", "好评里", "权重"])


def learn(texts: Sequence[str], bad: ArrayLike, *, smoothing: float = 1.0) -> ReviewModel:
    """Count pieces in reviews that are marked as complaints (True) or not.

    Raises
    ------
    AnalyticsError
        Lengths differ, only one kind occurs, no Chinese text at all, or smoothing is not positive.

    Examples
    --------
    >>> model = learn(["太苦了", "很香", "很香很香"], [True, False, False])
    >>> bool(model.log_odds(["苦了"])[0] > model.base > model.log_odds(["很香"])[0])
    True
    """
    y = np.asarray(bad)
    if y.shape != (len(texts),):
        raise AnalyticsError("评价和标记要一样长，每条评价一个标记。")
    if not np.isin(y, [0, 1]).all():
        raise AnalyticsError("标记只能是 0 或 1（也可以是 False 或 True），1 表示中差评。")
    y = y.astype(np.bool_)
    s = inputs.number(smoothing, "smoothing", above=0)
    if y.all() or not y.any():
        raise AnalyticsError("学的评价里好评和中差评都要有；请多标一些。")
    found: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for text, is_bad in zip(texts, y, strict=True):
        found[int(is_bad)].update(pieces(text))
    known = sorted(found[0].keys() | found[1].keys())
    if not known:
        raise AnalyticsError("这些评价里没有两个相连的汉字，学不出什么。")
    n = np.array([[found[c][p] for p in known] for c in (0, 1)], dtype="float64")
    share = np.log((n + s) / (n.sum(axis=1, keepdims=True) + s * len(known)))
    return ReviewModel(
        float(np.log(y.sum() / (~y).sum())),
        dict(zip(known, (share[1] - share[0]).tolist(), strict=True)),
        {p: (found[1][p], found[0][p]) for p in known},
    )


def alert_costs(
    actual: ArrayLike, score: ArrayLike, *, false_alarm: float, missed: float
) -> pd.DataFrame:
    """Cost of raising an alert for the n highest scores, for every n.

    Parameters
    ----------
    false_alarm, missed
        Yuan lost when somebody looks at a good review, and when a complaint is not seen; ≥ 0.

    Returns
    -------
    DataFrame
        预警数, 误报, 漏报, 成本 (yuan), 界限 (score of the last one alerted; ∞ for none). Equal
        scores are alerted together: one row for every different score.

    Examples
    --------
    >>> alert_costs([1, 0, 0], [2.0, 1.0, -1.0], false_alarm=1, missed=5)["成本"].tolist()
    [5.0, 0.0, 1.0, 2.0]
    """
    y, s = np.asarray(actual), np.asarray(score, dtype="float64")
    if y.ndim != 1 or y.shape != s.shape or not len(y) or np.isnan(s).any():
        raise AnalyticsError("实际结果和得分要一样长，得分不能有空值。")
    if not np.isin(y, [0, 1]).all():
        raise AnalyticsError("实际结果只能是 0 或 1（也可以是 False 或 True）。")
    wrong = inputs.number(false_alarm, "false_alarm", low=0)
    lost = inputs.number(missed, "missed", low=0)
    order = np.argsort(-s, kind="stable")
    y, s = y[order].astype(np.bool_), s[order]
    whole_ties = np.append(True, np.append(s[1:] != s[:-1], True))  # nobody at all comes first
    alerts = np.flatnonzero(whole_ties)
    hit = np.append(0, np.cumsum(y))[whole_ties]
    false, unseen = alerts - hit, y.sum() - hit
    return pd.DataFrame({
        "预警数": alerts, "误报": false, "漏报": unseen, "成本": wrong * false + lost * unseen,
        "界限": np.append(np.inf, s)[whole_ties],
    })  # fmt: skip
