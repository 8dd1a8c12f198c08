"""The right answers of chapter 9's exercises, step by step in plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.source.ch09.keys import CAPABILITY_OF, HOLDS
from crmkit.analytics.capability import CAPABILITIES
from crmkit.lab.inputs import ch09


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str


def sorted_out(w: World) -> dict[str, str]:
    return {n: CAPABILITY_OF[i] for n, i in ch09.indicators(w.student).items()}


def weights(
    w: World, *, first: bool = True, within: bool = True, equal: bool = False
) -> dict[str, float]:
    """Indicator → weight in the whole: branch's share × share within the branch."""
    points = ch09.first_points(w.student)
    total = sum(points.values())
    rows = ch09.tree(w.student).to_dict("records")
    inside: dict[str, float] = {}
    for r in rows:
        inside[r["一级"]] = inside.get(r["一级"], 0) + r["重要性"]
    everything = sum(inside.values())
    out = {}
    for r in rows:
        own = r["重要性"] / (inside[r["一级"]] if within else everything)
        out[r["指标"]] = own * (points[r["一级"]] / total if first else 1.0)
    if equal:
        out = dict.fromkeys(out, 1 / len(out))
    if not within:
        scale = sum(out.values())
        out = {k: v / scale for k, v in out.items()}
    return out


def marks(w: World) -> dict[str, float]:
    return {r["指标"]: r["得分"] for r in ch09.tree(w.student).to_dict("records")}


def score(w: World, by: Mapping[str, float]) -> float:
    own = marks(w)
    return sum(own[name] * weight for name, weight in by.items())


def mean_of_branches(w: World) -> float:
    """The mistake of leaving the capabilities' own weights out."""
    return score(w, weights(w, first=False)) / len(CAPABILITIES)


def ranking(w: World, by: Mapping[str, float], *, worst_first: bool = False) -> list[str]:
    """Firms by score, best first; equal scores by name."""
    rows = ch09.firms(w.student).to_dict("records")
    total = {r["企业"]: sum(r[n] * x for n, x in by.items()) for r in rows}
    order = sorted(total, key=lambda f: (-round(total[f], 9), f))
    return order[::-1] if worst_first else order


def correlation(w: World, *, y: str = "利润率", ranks: bool = False, square: bool = False) -> float:
    frame = ch09.panel(w.student)
    a, b = list(frame["能力得分"]), list(frame[y])
    if ranks:
        a, b = list(frame["能力得分"].rank()), list(frame[y].rank())
    ma, mb = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - ma) * (z - mb) for x, z in zip(a, b, strict=True))
    r = top / math.sqrt(sum((x - ma) ** 2 for x in a) * sum((z - mb) ** 2 for z in b))
    return r * r if square else r


def holds(w: World, *, but: bool = True) -> set[str]:
    """Letters of the statements that hold."""
    return {letter for letter, i in ch09.statements(w.student).items() if HOLDS[i] is but}
