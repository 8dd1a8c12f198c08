"""Which products are bought together: frequent sets (Apriori) and association rules.

Agrawal & Srikant, "Fast algorithms for mining association rules" (VLDB 1994). Every product is a
row of bits, one for each basket; the baskets that hold a set are the AND of its rows, so counting
a set is one pass over bits whatever the baskets look like.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.paid import Ints

BASKETS: Mapping[str, str] = {
    "order": "一张订单是一篮（同一单里一起买）",
    "buyer": "一位买家在时间段内买过的所有商品是一篮（先后买也算）",
}
MEASURES: Mapping[str, str] = {
    "支持度": "同时买的篮数 ÷ 总篮数",
    "置信度": "同时买的篮数 ÷ 买了前项的篮数",
    "提升度": "置信度 ÷ 后项的支持度；大于 1 才是互相带动",
    "杠杆率": "支持度 − 前项支持度 × 后项支持度",
    "确信度": "(1 − 后项支持度) ÷ (1 − 置信度)；置信度为 1 时没有上限",
}
Bits = NDArray[np.uint64]
_LONGEST = 6


@dataclass(frozen=True)
class Frequent:
    """Frequent sets: number of baskets, and of baskets that hold a set of item codes (ascending)."""

    baskets: int
    counts: Mapping[tuple[int, ...], int]

    def support(self, items: tuple[int, ...]) -> float:
        return self.counts[items] / self.baskets


@dataclass(frozen=True)
class Rule:
    """`before` → `after`: counts of baskets with the one, the other, both, and of all."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    n_before: int
    n_after: int
    n_both: int
    baskets: int

    @property
    def support(self) -> float:
        return self.n_both / self.baskets

    @property
    def confidence(self) -> float:
        return self.n_both / self.n_before

    @property
    def lift(self) -> float:
        return self.n_both * self.baskets / (self.n_before * self.n_after)

    @property
    def leverage(self) -> float:
        return self.support - self.n_before / self.baskets * (self.n_after / self.baskets)

    @property
    def conviction(self) -> float:
        """∞ when the rule never fails."""
        fails = self.n_before - self.n_both
        if not fails:
            return float("inf")
        return (self.baskets - self.n_after) / self.baskets * self.n_before / fails


def bit_rows(basket: Ints, item: Ints, baskets: int, items: int) -> Bits:
    """One row of bits an item: in which baskets (0 … baskets − 1) it lies. Repeats count once."""
    rows = np.empty((items, -(-baskets // 64)), dtype=np.uint64)
    order = np.argsort(item, kind="stable")
    ends = np.cumsum(np.bincount(item, minlength=items))
    there = np.zeros(rows.shape[1] * 64, dtype=np.bool_)
    for n in range(items):
        mine = basket[order[ends[n - 1] if n else 0 : ends[n]]]
        there[mine] = True
        rows[n] = np.packbits(there).view(np.uint64)
        there[mine] = False
    return rows


def frequent(rows: Bits, baskets: int, min_support: float, longest: int = 2) -> Frequent:
    """Sets of at most `longest` items that lie in at least `min_support` of the baskets.

    Apriori: a set can only be frequent when every part of it is, so the candidates of one size
    are built from the frequent sets of the size below.
    """
    share = inputs.number(min_support, "min_support", above=0, high=1)
    size = inputs.whole(longest, "longest", low=1)
    if size > _LONGEST:
        raise AnalyticsError(f"参数 longest 不能大于 {_LONGEST}，给的是 {longest!r}。")
    least = share * baskets - 1e-9 * baskets  # 0.6 × 5 must not ask for more than 3
    counts: dict[tuple[int, ...], int] = {}
    level: dict[tuple[int, ...], Bits] = {}
    for n in range(len(rows)):
        found = _count(rows[n])
        if found and found >= least:
            counts[(n,)], level[(n,)] = found, rows[n]
    for length in range(2, size + 1):
        above: dict[tuple[int, ...], Bits] = {}
        sets = list(level)
        for i, one in enumerate(sets):
            for other in sets[i + 1 :]:
                if one[:-1] != other[:-1]:
                    break  # sets come in order: no later one shares the beginning
                items = (*one, other[-1])
                if length > 2 and any(
                    part not in level for part in combinations(items, length - 1)
                ):
                    continue
                both = level[one] & rows[other[-1]]
                found = _count(both)
                if found and found >= least:
                    counts[items] = found
                    if length < size:
                        above[items] = both
        level = above
    return Frequent(baskets, counts)


def rules(found: Frequent, *, min_confidence: float = 0.0, min_lift: float = 0.0) -> list[Rule]:
    """Rules of the frequent sets, best first: by lift, confidence, support, then by item codes."""
    confidence = inputs.number(min_confidence, "min_confidence", low=0, high=1)
    lift = inputs.number(min_lift, "min_lift", low=0)
    out = []
    for items, n_both in found.counts.items():
        for size in range(1, len(items)):
            for before in combinations(items, size):
                after = tuple(i for i in items if i not in before)
                rule = Rule(before, after, found.counts[before], found.counts[after], n_both,
                            found.baskets)  # fmt: skip
                if rule.confidence >= confidence - 1e-12 and rule.lift >= lift - 1e-12:
                    out.append(rule)
    out.sort(key=lambda r: (-r.lift, -r.confidence, -r.support, r.before, r.after))
    return out


def rule_frame(found: Sequence[Rule], names: Sequence[Hashable]) -> pd.DataFrame:
    """Rules as a table: 前项, 后项, 同时购买, 前项篮数, 后项篮数, 总篮数 and the five `MEASURES`."""

    def words(items: tuple[int, ...]) -> str:
        return "、".join(str(names[i]) for i in items)

    columns = ["前项", "后项", "同时购买", "前项篮数", "后项篮数", "总篮数", *MEASURES]
    return pd.DataFrame(
        [
            (words(r.before), words(r.after), r.n_both, r.n_before, r.n_after, r.baskets,
             r.support, r.confidence, r.lift, r.leverage, r.conviction)
            for r in found
        ],
        columns=columns,
    )  # fmt: skip


def association(
    baskets: Collection[Collection[Hashable]], *, min_support: float, min_confidence: float = 0.0,
    min_lift: float = 0.0, longest: int = 2,
) -> pd.DataFrame:  # fmt: skip
    """Association rules of baskets given as collections of items; see `rule_frame`.

    Examples
    --------
    >>> found = association([["茶", "杯"], ["茶", "杯"], ["茶"], ["壶"]], min_support=0.5)
    >>> [(rule["前项"], rule["后项"], float(rule["置信度"])) for _, rule in found.iterrows()]
    [('杯', '茶', 1.0), ('茶', '杯', 0.6666666666666666)]
    """
    names = sorted({item for basket in baskets for item in basket}, key=str)
    code = {name: n for n, name in enumerate(names)}
    pairs = [(k, code[item]) for k, basket in enumerate(baskets) for item in basket]
    if not pairs:
        raise AnalyticsError("没有一篮商品，算不出关联。")
    basket_of, item_of = (np.array(side) for side in zip(*pairs, strict=True))
    rows = bit_rows(basket_of, item_of, len(baskets), len(names))
    found = frequent(rows, len(baskets), min_support, longest)
    return rule_frame(rules(found, min_confidence=min_confidence, min_lift=min_lift), names)


def _count(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum())
