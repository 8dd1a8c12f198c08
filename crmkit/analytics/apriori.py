"""Apriori level by level, as one does it on paper: join, prune, count, keep.

Agrawal & Srikant (VLDB 1994). `crmkit.analytics.basket` finds the same sets fast; here every
candidate and every reason to drop it stays visible.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from crmkit.analytics import inputs
from crmkit.analytics.errors import AnalyticsError

Items = tuple[str, ...]  # in ascending order


@dataclass(frozen=True)
class Level:
    """One level: joined candidates are either `pruned` (with the part that is not frequent) or counted."""

    size: int
    pruned: dict[Items, Items]
    counts: dict[Items, int]
    least: float

    @property
    def frequent(self) -> dict[Items, int]:
        return {items: n for items, n in self.counts.items() if n and n >= self.least}

    def frame(self) -> pd.DataFrame:
        """项集, 篮数, 去留: a line for every candidate, in order."""
        rows: list[tuple[Items, int | None, str]] = []
        for items, n in self.counts.items():
            rows.append((items, n, "频繁" if items in self.frequent else "次数不够"))
        for items, part in self.pruned.items():
            rows.append((items, None, f"剪枝：{'、'.join(part)} 不频繁"))
        rows.sort(key=lambda row: row[0])
        table = pd.DataFrame(rows, columns=["项集", "篮数", "去留"])
        table["项集"] = ["、".join(items) for items in table["项集"]]
        return table.astype({"篮数": "Int64"})


def levels(
    baskets: Collection[Collection[object]], min_support: float, *, longest: int = 6
) -> list[Level]:
    """All levels until nothing is frequent any more; a level without candidates is not listed.

    Parameters
    ----------
    min_support
        Share of the baskets a set must at least lie in, 0 < share ≤ 1.

    Examples
    --------
    >>> for level in levels([["茶", "杯"], ["茶", "杯", "壶"], ["茶"]], 0.6):
    ...     print(level.size, level.frequent)
    1 {('杯',): 2, ('茶',): 3}
    2 {('杯', '茶'): 2}
    """
    share = inputs.number(min_support, "min_support", above=0, high=1)
    most = inputs.whole(longest, "longest", low=1)
    held = [frozenset(str(item) for item in basket) for basket in baskets]
    if not any(held):
        raise AnalyticsError("没有一篮商品，算不出关联。")
    least = share * len(held) * (1 - 1e-9)  # 0.6 × 5 must not ask for more than 3
    lies_in: dict[str, set[int]] = {}
    for place, basket in enumerate(held):
        for item in basket:
            lies_in.setdefault(item, set()).add(place)
    candidates: list[Items] = sorted((item,) for item in lies_in)
    pruned: dict[Items, Items] = {}
    out: list[Level] = []
    while candidates or pruned:
        counts = {c: len(set.intersection(*map(lies_in.__getitem__, c))) for c in candidates}
        out.append(Level(len(out) + 1, pruned, counts, least))
        if len(out) == most:
            break
        candidates, pruned = _join(sorted(out[-1].frequent))
    return out


def _join(frequent: Sequence[Items]) -> tuple[list[Items], dict[Items, Items]]:
    """Pairs that differ in the last item only; without those of which some part is not frequent."""
    known, kept, pruned = set(frequent), [], {}
    for one, other in combinations(frequent, 2):
        if one[:-1] != other[:-1]:
            continue
        items = (*one, other[-1])
        missing = [part for part in combinations(items, len(one)) if part not in known]
        if missing:
            pruned[items] = missing[0]
        else:
            kept.append(items)
    return kept, pruned
