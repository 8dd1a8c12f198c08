"""Drawings over numbers, as plain values for the browser: curves, points, tornado, radar.

They stand beside those of `crmkit.ui.console.figures`, whose drawings are over categories.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from crmkit.ui.console import cells
from crmkit.ui.console.figures import Figure

MOST_POINTS = 160


@dataclass(frozen=True)
class Axis:
    """Name, unit (``number``, ``money``, ``percent``, ``count``) and ends of an axis."""

    name: str
    unit: str = "number"
    low: float | None = None
    high: float | None = None

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "unit": self.unit, "low": self.low, "high": self.high}


def thinned(x: Sequence[float], y: Sequence[float], most: int = MOST_POINTS) -> list[list[float]]:
    """At most so many points of a long curve, the ends among them."""
    at = range(len(x))
    if len(x) > most:
        at = [round(k * (len(x) - 1) / (most - 1)) for k in range(most)]  # type: ignore[assignment]
    return [[round(float(x[i]), 6), round(float(y[i]), 6)] for i in at]


def rounded_up(value: float) -> float:
    """The end of an axis: the next number with one or two figures.

    >>> rounded_up(2338.8), rounded_up(0.034), rounded_up(0)
    (2400.0, 0.034, 1.0)
    """
    if value <= 0:
        return 1.0
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / step - 1e-9) * step:.3g}")


def in_unit(figure: Figure, unit: str) -> Figure:
    """The same drawing with all its values in one unit, where headers do not tell it."""
    return replace(figure, series=[{**s, "unit": unit} for s in figure.series])


def curve(
    title: str, x: Axis, y: Axis, lines: Mapping[str, Sequence[Sequence[float]]], *,
    quiet: Sequence[str] = (), note: str = "",
) -> Figure:  # fmt: skip
    """Lines by name, each a list of (x, y); those in `quiet` are drawn as dashed guides."""
    series = [
        {"name": name, "points": [list(map(float, p)) for p in points], "quiet": name in quiet}
        for name, points in lines.items()
    ]
    rows = [[name, cells.written(float(a), x.unit), cells.written(float(b), y.unit)]
            for name, points in lines.items() for a, b in points]  # fmt: skip
    table = {"head": ["曲线", x.name, y.name], "rows": rows}
    return Figure("curve", title, list(lines), series, note,
                  more={"x": x.shown(), "y": y.shown(), "table": table})  # fmt: skip


def points(
    title: str, x: Axis, y: Axis, groups: Mapping[str, Sequence[tuple[float, float, str]]], *,
    cuts: tuple[float, float] | None = None, note: str = "",
) -> Figure:  # fmt: skip
    """Named points; `cuts` = (x, y) parts the plane into four fields (the axes need ends)."""
    series = [{"name": name, "points": [[float(a), float(b), c] for a, b, c in found]}
              for name, found in groups.items()]  # fmt: skip
    rows = [[c, cells.written(float(a), x.unit), cells.written(float(b), y.unit)]
            for found in groups.values() for a, b, c in found]  # fmt: skip
    more = {"x": x.shown(), "y": y.shown(), "cuts": list(cuts) if cuts else None,
            "table": {"head": ["名称", x.name, y.name], "rows": rows}}  # fmt: skip
    return Figure("points", title, [r[0] for r in rows], series, note, more=more)


def tornado(
    title: str, frame: pd.DataFrame, base: float, *, name: str = "因素", low: str = "低值时价值",
    high: str = "高值时价值", unit: str = "money", note: str = "",
) -> Figure:  # fmt: skip
    """What each factor does alone, around `base`; one row per factor, the widest first."""
    series = [{"name": n, "values": [round(float(v), 6) for v in frame[n]], "unit": unit}
              for n in (low, high)]  # fmt: skip
    return Figure(
        "tornado", title, [str(v) for v in frame[name]], series, note, more={"base": base}
    )


def radar(
    title: str, labels: Sequence[str], series: Mapping[str, Sequence[float]], *, most: float,
    least: float = 0.0, unit: str = "number", note: str = "",
) -> Figure:  # fmt: skip
    """Profiles over the same indicators, on axes from `least` to `most`."""
    made = [
        {"name": n, "values": [float(v) for v in values], "unit": unit}
        for n, values in series.items()
    ]
    return Figure("radar", title, list(labels), made, note, more={"most": most, "least": least})
