"""The right answers of lab C4 in plain Python; keywords make the typical mistakes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import pandas as pd

from crmkit.lab.inputs import c4

RULE = ("支持度", "置信度", "提升度")
LEAST = 0.02
Pair = tuple[str, str]


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @property
    def card(self) -> c4.Card:
        return c4.card(self.student)


def order(w: World) -> list[str]:
    found = c4.milestones(w.student)
    return sorted(found, key=lambda letter: found[letter])


def uses(w: World) -> dict[str, str]:
    return {feature: letter for letter, feature in c4.features(w.student).items()}


def baskets(w: World) -> list[set[str]]:
    return [set(part) for _, part in c4.slips(w.student).groupby("小票编号")["商品"]]


@lru_cache(maxsize=16)
def counts(w: World) -> tuple[int, dict[str, int], dict[Pair, int]]:
    """Slips, slips by product, slips by pair (in the order of the product list)."""
    single: dict[str, int] = dict.fromkeys(c4.GOODS, 0)
    pairs: dict[Pair, int] = dict.fromkeys(combinations(c4.GOODS, 2), 0)
    held = baskets(w)
    for basket in held:
        there = [g for g in c4.GOODS if g in basket]
        for g in there:
            single[g] += 1
        for pair in combinations(there, 2):
            pairs[pair] += 1
    return len(held), single, pairs


def rule(w: World, *, turned: bool = False, lines: bool = False) -> dict[str, float]:
    n, single, pairs = counts(w)
    a, b = (w.card.after, w.card.before) if turned else (w.card.before, w.card.after)
    both = pairs.get((a, b), 0) or pairs.get((b, a), 0)
    if lines:  # lines of the file taken for slips
        n = sum(single.values())
    return dict(
        zip(RULE, (both / n, both / single[a], both * n / (single[a] * single[b])), strict=True)
    )


def lift_of(w: World) -> dict[Pair, float]:
    n, single, pairs = counts(w)
    return {p: k * n / (single[p[0]] * single[p[1]]) for p, k in pairs.items() if k}


def frequent(
    w: World, least: float = LEAST, *, above: bool = False, lines: bool = False
) -> list[Pair]:
    n, single, pairs = counts(w)
    n = sum(single.values()) if lines else n
    return [p for p, k in pairs.items() if (k > least * n if above else k >= least * n - 1e-9)]


def best_pair(w: World, by: str = "lift", pool: list[Pair] | None = None) -> Pair:
    _, _, pairs = counts(w)
    value = lift_of(w) if by == "lift" else pairs
    return max(pool or frequent(w), key=lambda p: value[p])


def own(w: World, supplier: str | None = None, *, sold_only: bool = False) -> pd.DataFrame:
    """商品, 小票数 of one supplier's products; of all when the supplier is empty."""
    _, single, _ = counts(w)
    name = w.card.supplier if supplier is None else supplier
    rows = [
        (g, n)
        for g, n in single.items()
        if (not name or c4.GOODS[g][0] == name) and (n or not sold_only)
    ]
    return pd.DataFrame(rows, columns=["商品", "小票数"])


def refill(
    w: World,
    *,
    below: bool = False,
    cases: bool = True,
    safety: bool = True,
    everything: bool = False,
) -> dict[str, int]:
    """Pieces to order of every product; 0 where the stock is above the reorder point."""
    out = {}
    for r in c4.stock(w.student).to_dict("records"):
        daily = r["月销量"] / c4.DAYS
        spare = daily * w.card.safety_days if safety else 0
        point = daily * r["交货天数"] + spare
        short = r["库存"] < point if below else r["库存"] <= point
        lack = point + daily * w.card.cycle_days - r["库存"]
        boxes = max(0, math.ceil(lack / r["每箱件数"] - 1e-9))
        amount = boxes * r["每箱件数"] if cases else max(0, math.ceil(lack - 1e-9))
        out[r["商品"]] = amount if short or everything else 0
    return out
