"""RFM: recency, frequency and monetary value of every buyer, scored and put in eight groups.

The scores are ranks cut in `bins` parts; equal values are the hard case, so the rule for ties
has a name (see `score`). Source: Hughes, Strategic Database Marketing; the quantile rule is
that of the R package rfm 0.3.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.selection import Selection, purchase_summary
from crmkit.analytics.window import Window
from crmkit.settings import settings

TIES: Mapping[str, str] = {
    "same": "值相同分数相同：分数 = 1 + ⌊组数 × 比它差的人数 ÷ 总人数⌋",
    "id": "值相同按客户编号排先后（编号小的排在前面），各组人数尽量相等",
    "quantile": "按分位数加 1 切分（R 软件包 rfm 的规则），值相同分数相同",
}
# (R high, F high, M high) → name; the usual eight groups of Chinese practice.
SEGMENT_NAMES: Mapping[tuple[bool, bool, bool], str] = {
    (True, True, True): "重要价值客户",
    (True, False, True): "重要发展客户",
    (False, True, True): "重要保持客户",
    (False, False, True): "重要挽留客户",
    (True, True, False): "一般价值客户",
    (True, False, False): "一般发展客户",
    (False, True, False): "一般保持客户",
    (False, False, False): "一般挽留客户",
}
COLUMNS = ("客户编号", "最近购买天数", "购买次数", "累计金额", "R", "F", "M", "RFM")


def rfm_table(
    orders: pd.DataFrame,
    as_of: Any,
    window: Window | None = None,
    *,
    bins: int | None = None,
    ties: str = "same",
    cuts: Mapping[str, Sequence[float]] | None = None,
    **scope: Unpack[Selection],
) -> pd.DataFrame:
    """R, F and M of every buyer with scores 1 (worst) to `bins` (best).

    Parameters
    ----------
    orders
        One row per order; the valid orders up to `as_of` count (see `selection.paid_orders`).
    as_of
        The day from which recency is counted.
    window
        Only orders of this period, default all up to `as_of`.
    bins
        Number of parts, default settings ``rfm.bins`` (5, quintiles).
    ties
        A rule of `TIES`, default ``"same"``.
    cuts
        Fixed lower bounds instead of parts, e.g. ``{"R": [30, 90], "M": [500, 2000]}``; a value
        on the bound belongs to the next part. For R the bounds are days and few days are good.
    **scope
        See `crmkit.analytics.selection.Selection`.

    Returns
    -------
    DataFrame
        客户编号, 最近购买天数 (calendar days from the last paid order to `as_of`), 购买次数,
        累计金额 (yuan), R, F, M (int), RFM (text such as "543"); sorted by 客户编号.
    """
    day = pd.Timestamp(inputs.as_day(as_of))
    people = purchase_summary(orders, window, as_of=as_of, **scope)
    table = pd.DataFrame(
        {
            "客户编号": people["客户编号"],
            "最近购买天数": (day - people["最近购买"].dt.normalize()).dt.days.astype("int64"),
            "购买次数": people["订单数"].astype("int64"),
            "累计金额": people["累计金额"].astype("float64"),
        }
    )
    parts = settings()["rfm"]["bins"] if bins is None else bins
    for letter, label in (("R", "最近购买天数"), ("F", "购买次数"), ("M", "累计金额")):
        high = letter != "R"
        if cuts is not None and letter in cuts:
            table[letter] = score_by_cuts(table[label], cuts[letter], high_is_good=high)
        else:
            table[letter] = score(
                table[label], parts, ties=ties, high_is_good=high, ids=table["客户编号"]
            )
    table["RFM"] = table["R"].astype(str) + table["F"].astype(str) + table["M"].astype(str)
    return table


def score(
    values: pd.Series,
    bins: int = 5,
    *,
    ties: str = "same",
    high_is_good: bool = True,
    ids: pd.Series | None = None,
) -> pd.Series:
    """Scores 1 (worst) to `bins` (best) by rank.

    Parameters
    ----------
    values
        Numbers without blanks.
    ties
        ``"same"``: score = 1 + ⌊bins × (number strictly worse) ÷ n⌋, so equal values get equal
        scores and the worst value always gets 1. In Excel:
        ``=1+INT(5*COUNTIF(range,"<"&x)/COUNT(range))`` (``">"`` for recency).
        ``"id"``: the same formula after equal values have been put in order, the smaller id
        counting as better; parts of (nearly) equal size.
        ``"quantile"``: 1 + number of inner quantiles q with value ≥ q + 1 (R package rfm;
        quantiles of type 7; for integers).
    ids
        For ``ties="id"``; default the index.

    Examples
    --------
    >>> score(pd.Series([1, 1, 1, 2, 9]), 5).tolist()
    [1, 1, 1, 4, 5]
    >>> score(pd.Series([1, 1, 1, 2, 9]), 5, ties="id", ids=pd.Series(list("abcde"))).tolist()
    [3, 2, 1, 4, 5]
    >>> score(pd.Series([10, 200, 35]), 5, high_is_good=False).tolist()
    [4, 1, 2]
    """
    inputs.choice(ties, "ties", TIES)
    bins = inputs.whole(bins, "bins", low=1)
    n = len(values)
    good = _numeric(values) * (1 if high_is_good else -1)
    if n == 0:
        return pd.Series(dtype="int64", index=values.index)
    if ties == "quantile":
        inner = np.quantile(_numeric(values), np.linspace(0, 1, bins + 1)[1:-1]) + 1
        return score_by_cuts(values, inner.tolist(), high_is_good=high_is_good)
    if ties == "same":
        worse = good.rank(method="min").astype("int64") - 1
    else:
        names = (values.index.to_series() if ids is None else ids).to_numpy()
        order = pd.DataFrame({"good": good.to_numpy(), "id": names})
        place = order.sort_values(["good", "id"], ascending=[True, False]).index
        count = np.empty(n, dtype="int64")
        count[place.to_numpy()] = np.arange(n)
        worse = pd.Series(count, index=values.index, dtype="int64")
    return 1 + bins * worse // n


def score_by_cuts(
    values: pd.Series, cuts: Sequence[float], *, high_is_good: bool = True
) -> pd.Series:
    """Scores by fixed lower bounds; a value on a bound belongs to the part above it.

    >>> score_by_cuts(pd.Series([3, 4, 9]), [4, 5, 6, 8]).tolist()
    [1, 2, 5]
    """
    bounds = np.asarray(cuts, dtype="float64")
    if (np.diff(bounds) < 0).any():
        raise AnalyticsError(f"分界点要从小到大排列，给的是 {list(cuts)}。")
    part = np.searchsorted(bounds, _numeric(values).to_numpy(), side="right") + 1
    if not high_is_good:
        part = len(bounds) + 2 - part
    return pd.Series(part, index=values.index, dtype="int64")


def rfm_groups(
    table: pd.DataFrame,
    *,
    high: str | float | None = None,
    r: str = "R",
    f: str = "F",
    m: str = "M",
) -> pd.DataFrame:
    """The scores table with R高 F高 M高 (bool) and 组别 (one of `SEGMENT_NAMES`).

    Parameters
    ----------
    high
        A number: a score of at least that is high, default settings ``rfm.high`` (4).
        ``"mean"``: a score **above** the mean score of all buyers is high (the other usual rule).
    """
    inputs.require(table, "RFM 表", {"r": r, "f": f, "m": m})
    bound = settings()["rfm"]["high"] if high is None else high
    out = table.copy()
    flags = []
    for label, name in ((r, "R高"), (f, "F高"), (m, "M高")):
        scores = inputs.numbers(table, "RFM 表", label)
        if bound == "mean":
            # Compared as sums of whole numbers: no rounding decides who is above the mean.
            out[name] = scores * len(scores) > scores.sum()
        else:
            out[name] = scores >= inputs.number(bound, "high")
        flags.append(out[name])
    names = [SEGMENT_NAMES[bool(a), bool(b), bool(c)] for a, b, c in zip(*flags, strict=True)]
    out["组别"] = pd.Series(names, index=out.index, dtype="object")
    return out


def group_counts(groups: pd.DataFrame, *, group: str = "组别") -> dict[str, int]:
    """Number of customers in each of the eight groups; empty groups are 0."""
    inputs.require(groups, "RFM 分组表", {"group": group})
    counts = groups[group].value_counts()
    return {name: int(counts.get(name, 0)) for name in SEGMENT_NAMES.values()}


def segment_table(groups: pd.DataFrame, *, group: str = "组别") -> pd.DataFrame:
    """The eight groups side by side, empty ones included.

    Returns
    -------
    DataFrame
        组别, 客户数, 客户占比, 平均最近购买天数, 平均购买次数, 平均金额 (means, blank for an empty group),
        累计金额, 金额占比; in the order of `SEGMENT_NAMES`.
    """
    days, count, amount = COLUMNS[1:4]
    inputs.require(groups, "RFM 分组表", {"group": group, days: days, count: count, amount: amount})
    parts = groups.groupby(group)
    table = pd.DataFrame(
        {
            "客户数": parts.size(),
            "平均最近购买天数": parts[days].mean(),
            "平均购买次数": parts[count].mean(),
            "平均金额": parts[amount].mean(),
            "累计金额": parts[amount].sum(),
        }
    ).reindex(list(SEGMENT_NAMES.values()))
    table[["客户数", "累计金额"]] = table[["客户数", "累计金额"]].fillna(0)
    table["客户数"] = table["客户数"].astype("int64")
    people, total = table["客户数"].sum(), table["累计金额"].sum()
    table.insert(1, "客户占比", table["客户数"] / people if people else np.nan)
    table["金额占比"] = table["累计金额"] / total if total else np.nan
    return table.rename_axis("组别").reset_index()


def _numeric(values: pd.Series) -> pd.Series:
    frame = values.to_frame("值")
    return inputs.numbers(frame, "打分的数据", "值")
