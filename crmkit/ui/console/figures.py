"""Charts of a screen, as plain values for the browser to draw with ECharts.

Each function takes a frame and names of its columns; what is shown is also sent as a table, for
who cannot see the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crmkit.ui.console import cells

MOST_PARTS = 8


@dataclass(frozen=True)
class Figure:
    """One chart. `kind`: bars, ranking, lines, mixed, share, funnel, heat, tiles, pareto."""

    kind: str
    title: str
    labels: Sequence[str] = ()
    series: Sequence[Mapping[str, Any]] = ()  # {name, values, unit, axis, line}
    note: str = ""
    wide: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """What the browser needs, with the figures as text for the table behind the drawing."""
        return {
            "kind": self.kind, "title": self.title, "labels": list(self.labels), "note": self.note,
            "wide": self.wide, "series": [dict(s) for s in self.series], **self.more,
        }  # fmt: skip


def _values(frame: pd.DataFrame, name: str) -> list[float | None]:
    return [None if cells.missing(v) else round(float(v), 6) for v in frame[name].tolist()]


def _series(frame: pd.DataFrame, names: Sequence[str], **more: Any) -> list[dict[str, Any]]:
    return [
        {"name": name, "values": _values(frame, name), "unit": cells.kind_of(name, frame[name]), **more}
        for name in names
    ]  # fmt: skip


def _labels(frame: pd.DataFrame, x: str) -> list[str]:
    kind = cells.kind_of(x, frame[x])
    return [cells.written(v, kind if kind in ("date", "time") else "text") for v in frame[x]]


def _names(y: str | Sequence[str]) -> list[str]:
    return [y] if isinstance(y, str) else list(y)


def bars(
    title: str, frame: pd.DataFrame, x: str, y: str | Sequence[str], *, stacked: bool = False,
    note: str = "", wide: bool = False,
) -> Figure:  # fmt: skip
    """Columns side by side (or stacked), in the order of the frame."""
    return Figure("bars", title, _labels(frame, x), _series(frame, _names(y)), note, wide,
                  {"stacked": stacked})  # fmt: skip


def lines(
    title: str, frame: pd.DataFrame, x: str, y: str | Sequence[str], *, note: str = "", wide: bool = True
) -> Figure:  # fmt: skip
    """Lines over time, in the order of the frame."""
    return Figure("lines", title, _labels(frame, x), _series(frame, _names(y)), note, wide)


def mixed(
    title: str, frame: pd.DataFrame, x: str, bar: str, line: str, *, note: str = "", wide: bool = True
) -> Figure:  # fmt: skip
    """Columns (left axis) and a line (right axis)."""
    series = [*_series(frame, [bar]), *_series(frame, [line], line=True, axis=1)]
    return Figure("mixed", title, _labels(frame, x), series, note, wide)


def ranking(
    title: str, frame: pd.DataFrame, x: str, y: str, *, top: int = 10, note: str = "", wide: bool = False
) -> Figure:  # fmt: skip
    """Lying bars, the largest on top; `x` is the column of names, `y` that of values."""
    rows = frame.sort_values(y, ascending=False, kind="stable").head(top)
    return Figure("ranking", title, _labels(rows, x), _series(rows, [y]), note, wide)


def share(title: str, frame: pd.DataFrame, x: str, y: str, *, note: str = "") -> Figure:
    """Parts of a whole as a ring; beyond eight the small ones are put together."""
    if len(frame) > MOST_PARTS:
        place = frame[y].rank(ascending=False, method="first") < MOST_PARTS
        rest = pd.DataFrame(
            {x: [f"其余 {int((~place).sum())} 类"], y: [frame.loc[~place, y].sum()]}
        )
        frame = pd.concat([frame.loc[place, [x, y]].astype({x: object}), rest], ignore_index=True)
    return Figure("share", title, _labels(frame, x), _series(frame, [y]), note)


def funnel(title: str, frame: pd.DataFrame, x: str, y: str, *, note: str = "") -> Figure:
    """Stages, each a part of the one before, in the order of the frame."""
    return Figure("funnel", title, _labels(frame, x), _series(frame, [y]), note)


def pareto(
    title: str, frame: pd.DataFrame, x: str, y: str, *, top: int = 15, note: str = "", wide: bool = True
) -> Figure:  # fmt: skip
    """Bars from the largest on, and the share that they make up together."""
    rows = frame.sort_values(y, ascending=False, kind="stable")
    total = float(rows[y].sum())
    together = (rows[y].cumsum() / total if total else rows[y] * 0.0).head(top)
    rows = rows.head(top)
    line = {"name": "累计占比", "values": [round(float(v), 6) for v in together], "unit": "percent",
            "line": True, "axis": 1}  # fmt: skip
    return Figure("pareto", title, _labels(rows, x), [*_series(rows, [y]), line], note, wide)


def heat(
    title: str, frame: pd.DataFrame, x: str, y: str, value: str, *, note: str = "", wide: bool = True
) -> Figure:  # fmt: skip
    """A field of `x` times `y`, coloured by value; one row of the frame per cell."""
    columns = list(dict.fromkeys(frame[x].astype(str)))
    rows = list(dict.fromkeys(frame[y].astype(str)))
    at = {name: k for k, name in enumerate(columns)}
    up = {name: k for k, name in enumerate(rows)}
    points = [
        [at[str(a)], up[str(b)], v]
        for a, b, v in zip(frame[x], frame[y], _values(frame, value), strict=True)
    ]
    unit = cells.kind_of(value, frame[value])
    return Figure("heat", title, columns, [{"name": value, "values": [], "unit": unit}], note, wide,
                  {"rows": rows, "points": points})  # fmt: skip


def tiles(
    title: str, frame: pd.DataFrame, place: str, amount: str, people: str = "", *, note: str = ""
) -> Figure:  # fmt: skip
    """The 34 provincial units as tiles, coloured by amount."""
    from crmkit.ui.dashboard import short_area

    total = float(frame[amount].sum())
    counts = frame[people].tolist() if people else [0] * len(frame)
    regions = [
        {"name": short_area(str(name)), "sales": float(v or 0), "share": float(v or 0) / total if total else 0.0,
         "buyers": int(n or 0)}
        for name, v, n in zip(frame[place], frame[amount].fillna(0), counts, strict=True)
    ]  # fmt: skip
    return Figure(
        "tiles", title, (), (), note or "示意图，非行政区划边界", False, {"regions": regions}
    )
