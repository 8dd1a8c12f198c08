"""The right answers of chapter 7's exercises, step by step in plain Python.

Keyword arguments make the typical mistakes that the judge recognises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.source.ch07.keys import KIND_OF, TASK_OF
from crmkit.lab.inputs import ch07

RULE = ("支持度", "置信度", "提升度")
CENTRES = ("中心1_x", "中心1_y", "中心2_x", "中心2_y")
RATES = ("准确率", "精确率", "召回率", "F1")


@dataclass(frozen=True)
class World:
    """One student's inputs."""

    student: str

    @property
    def slips(self) -> ch07.Slips:
        return ch07.slips(self.student)

    @property
    def plane(self) -> ch07.Plane:
        return ch07.plane(self.student)

    @property
    def cases(self) -> list[tuple[float, bool]]:
        """(chance, churned) of every customer."""
        frame = ch07.chances(self.student)
        pairs = zip(frame["流失概率"], frame["实际"], strict=True)
        return [(float(p), word == "流失") for p, word in pairs]


def tasks(w: World) -> dict[str, str]:
    return {number: TASK_OF[i] for number, i in ch07.questions(w.student).items()}


def kinds(w: World) -> dict[str, str]:
    return {number: KIND_OF[i] for number, i in ch07.statements(w.student).items()}


def rule(w: World, *, turned: bool = False) -> dict[str, float]:
    """Support, confidence and lift of the rule, or of the rule turned round."""
    s = w.slips
    before, after = (s.after, s.before) if turned else (s.before, s.after)
    n = len(s.baskets)
    a, b = (sum(x in basket for basket in s.baskets) for x in (before, after))
    both = sum(before in basket and after in basket for basket in s.baskets)
    return dict(zip(RULE, (both / n, both / a, both * n / (a * b)), strict=True))


def centres(
    w: World, steps: int = 2, *, squares: bool = True, median: bool = False
) -> dict[str, float]:
    """The two centres after so many steps; by city blocks or with medians for the mistakes."""
    points = list(w.plane.points)
    now: list[tuple[float, float]] = [(float(x), float(y)) for x, y in w.plane.centres]
    for _ in range(steps):
        groups: list[list[tuple[int, int]]] = [[], []]
        for x, y in points:
            far = [
                (x - cx) ** 2 + (y - cy) ** 2 if squares else abs(x - cx) + abs(y - cy)
                for cx, cy in now
            ]
            groups[int(far[1] < far[0])].append((x, y))
        now = [
            tuple(_middle([p[axis] for p in g], median) for axis in (0, 1)) if g else c  # type: ignore[misc]
            for g, c in zip(groups, now, strict=True)
        ]
    return dict(zip(CENTRES, (v for c in now for v in c), strict=True))


def _middle(values: list[int], median: bool) -> float:
    if not median:
        return sum(values) / len(values)
    ranked, half = sorted(values), len(values) // 2
    return float(ranked[half]) if len(values) % 2 else (ranked[half - 1] + ranked[half]) / 2


def rates(
    w: World, *, strict: bool = False, cut: float | None = None, swapped: bool = False
) -> dict[str, float]:
    """Accuracy, precision, recall and F1 of the churners at the student's cut."""
    limit = ch07.cut(w.student) if cut is None else cut
    tp = fp = fn = tn = 0
    for p, churned in w.cases:
        called = p > limit if strict else p >= limit
        if swapped:  # looks for those who stay
            called, churned = not called, not churned
        tp, fp = tp + (called and churned), fp + (called and not churned)
        fn, tn = fn + (not called and churned), tn + (not called and not churned)
    found: tuple[Any, ...] = (
        (tp + tn) / (tp + fp + fn + tn), tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn),
    )  # fmt: skip
    return dict(zip(RATES, found, strict=True))
