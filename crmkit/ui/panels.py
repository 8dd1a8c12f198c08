"""What stands on a board: cards, panels with drawings, tables and words, and their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmkit.ui import mathml, theme
from crmkit.ui.console import cells
from crmkit.ui.console.figures import Figure

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 200
_NUMERIC = frozenset({"count", "number", "money", "percent", "days", "score"})
_TIMES = frozenset({"date", "time"})


@dataclass(frozen=True)
class Card:
    """A figure on top of the board.

    Parameters
    ----------
    unit
        ``yuan``, ``count``, ``percent``, ``number``, ``days``, ``seconds``, ``minutes``, ``times``.
    note
        Its definition, shown as a tooltip.
    before
        The figure of the period before; with it the card tells the change.
    good
        Which way is good: ``up``, ``down`` or ``none``.
    aside
        Words instead of a change.
    """

    id: str
    label: str
    value: float | None
    unit: str = "count"
    note: str = ""
    before: float | None = None
    good: str = "none"
    aside: str | None = ""

    def shown(self) -> dict[str, Any]:
        card = {"id": self.id, "label": self.label, "value": _plain(self.value), "unit": self.unit,
                "note": self.note, "good": self.good}  # fmt: skip
        if self.aside is not None:
            return card | {"aside": self.aside}
        now, before = _plain(self.value), _plain(self.before)
        change, kind = None, "points" if self.unit == "percent" else "ratio"
        if now is not None and before is not None:
            change = now - before if kind == "points" else (now / before - 1 if before else None)
        return card | {"change": change, "change_unit": kind, "before": before}


@dataclass(frozen=True)
class Table:
    """Rows of a frame; kinds of the columns follow from values and headers (`console.cells`).

    Parameters
    ----------
    frame
        At most `MOST_ROWS` rows are sent; `total` says how many there are in all.
    columns
        Which of its columns, in this order; default: all.
    kinds
        Kind by column, where the header does not tell it.
    search
        Offer a search in the rows.
    """

    frame: pd.DataFrame
    columns: Sequence[str] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    search: bool = False
    total: int | None = None
    label: str = "明细"

    def shown(self) -> dict[str, Any]:
        frame = self.frame[list(self.columns)] if self.columns else self.frame
        total = len(frame) if self.total is None else self.total
        frame = frame.head(MOST_ROWS)
        kinds = [self.kinds.get(str(c)) or cells.kind_of(str(c), frame[c]) for c in frame.columns]
        values = [frame[c].tolist() for c in frame.columns]
        shown = [
            [cells.cell(v, k) for v in column] for column, k in zip(values, kinds, strict=True)
        ]
        keys = [[_key(v, k) for v in column] for column, k in zip(values, kinds, strict=True)]
        return {
            "kind": "table",
            "label": self.label,
            "columns": [
                {"label": str(c), "numeric": k in _NUMERIC}
                for c, k in zip(frame.columns, kinds, strict=True)
            ],
            "rows": [list(row) for row in zip(*shown, strict=True)],
            "keys": [list(row) for row in zip(*keys, strict=True)],
            "search": self.search,
            "total": total,
        }


def _key(value: Any, kind: str) -> Any:
    """What a column is sorted by."""
    if cells.missing(value):
        return None
    if kind in _TIMES:
        return value.timestamp() if hasattr(value, "timestamp") else str(value)
    if isinstance(value, (list, tuple, set)):
        return len(value)
    return _plain(value) if isinstance(value, (int, float)) or kind in _NUMERIC else str(value)


@dataclass(frozen=True)
class Facts:
    """Names and values: ``(name, value)`` or ``(name, value, note)``, as texts."""

    rows: Sequence[tuple[str, ...]]
    two: bool = False

    def shown(self) -> dict[str, Any]:
        rows = [[*map(str, row), ""][:3] for row in self.rows]
        return {"kind": "facts", "rows": rows, "two": self.two}


@dataclass(frozen=True)
class Text:
    """Paragraphs. With ``tone="point"`` the sentence to take away."""

    lines: Sequence[str]
    tone: str = "plain"

    def shown(self) -> dict[str, Any]:
        return {"kind": "text", "lines": list(self.lines), "tone": self.tone}


@dataclass(frozen=True)
class Code:
    """A query or a program, as it is written."""

    text: str

    def shown(self) -> dict[str, Any]:
        return {"kind": "code", "text": self.text}


@dataclass(frozen=True)
class Formula:
    """A formula in the LaTeX that `crmkit.ui.mathml` knows."""

    latex: str

    def shown(self) -> dict[str, Any]:
        return {"kind": "formula", "mathml": mathml.from_latex(self.latex)}


@dataclass(frozen=True)
class Fields:
    """A grid of named fields ``(title, value, note, weight)``, shaded by weight."""

    cells: Sequence[tuple[str, str, str, float]]
    columns: int = 2

    def shown(self) -> dict[str, Any]:
        names = ("title", "value", "note", "weight")
        found = [dict(zip(names, (*c[:3], float(c[3])), strict=True)) for c in self.cells]
        return {"kind": "fields", "cells": found, "columns": self.columns}


@dataclass(frozen=True)
class Knot:
    """An entry of a `Tree`; tone ``main`` or ``bad`` stands out."""

    name: str
    note: str = ""
    inner: Sequence[Knot] = ()
    tone: str = ""

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "note": self.note, "tone": self.tone, "inner": [k.shown() for k in self.inner]}  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """A hierarchy as nested lists."""

    items: Sequence[Knot]
    label: str = "层次"
    across: bool = False  # the topmost entries side by side

    def shown(self) -> dict[str, Any]:
        items = [k.shown() for k in self.items]
        return {"kind": "tree", "label": self.label, "across": self.across, "items": items}


Body = Figure | Table | Facts | Text | Code | Formula | Fields | Tree


@dataclass(frozen=True)
class Panel:
    """A box of the board: heading and bodies one below the other.

    Parameters
    ----------
    area
        Its name in the `Layout`.
    picks
        Values by control: a click on part k of the drawing sets the controls to picks[k].
    """

    area: str
    title: str
    body: Body | Sequence[Body]
    note: str = ""
    picks: Sequence[Mapping[str, Any]] = ()

    def shown(self) -> dict[str, Any]:
        bodies: list[Body] = [*self.body] if isinstance(self.body, Sequence) else [self.body]
        made = [b.shown() for b in bodies]
        for one in made:
            one.setdefault("title", self.title)
            if self.picks:
                one["picks"] = [dict(values) for values in self.picks]
        notes = [b.note for b in bodies if isinstance(b, Figure) and b.note]
        return {"area": self.area, "title": self.title, "note": self.note or "，".join(notes), "bodies": made}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Places of the panels: rows of area names as in CSS, e.g. ``("trend trend ring", "a b c")``.

    Parameters
    ----------
    rows
        Heights relative to each other; default: equal.
    columns
        Widths relative to each other; default: equal.
    """

    areas: Sequence[str]
    rows: Sequence[float] = ()
    columns: Sequence[float] = ()

    def shown(self) -> dict[str, Any]:
        count = len(self.areas[0].split())
        share = lambda x: f"minmax(0, {x:g}fr)"  # noqa: E731
        return {
            "areas": list(self.areas),
            "rows": [share(r) for r in (self.rows or [1] * len(self.areas))],
            "columns": " ".join(share(c) for c in (self.columns or [1] * count)),
        }

    def wide(self, area: str) -> bool:
        """Whether a panel reaches over several columns."""
        return any(row.split().count(area) > 1 for row in self.areas)


@dataclass(frozen=True)
class View:
    """What a board shows for one setting of its controls.

    Parameters
    ----------
    subtitle
        What is counted: period, channel.
    cards, panels, layout
        See their classes.
    note
        The line at the foot: what the figures rest on.
    title
        Heading, where it depends on the setting.
    shop
        Whose colour the page has; None: the course's.
    result
        What code and tests read as ``board.result``.
    """

    subtitle: str
    panels: Sequence[Panel]
    layout: Layout
    cards: Sequence[Card] = ()
    note: str = ""
    title: str | None = None
    shop: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Plain JSON values for the browser."""
        return _json(
            {
                "subtitle": self.subtitle,
                "title": self.title,
                "note": self.note,
                "accent": theme.colour(self.shop),
                "cards": [c.shown() for c in self.cards],
                "panels": [p.shown() | {"wide": self.layout.wide(p.area)} for p in self.panels],
                "layout": self.layout.shown(),
            }
        )


def _plain(value: Any) -> Any:
    if cells.missing(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(v) for v in value]
    return _plain(value)
