"""From a view's parts to the plain JSON values that the browser draws."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.ui.console import auto, cells
from crmkit.ui.console.fields import Field
from crmkit.ui.console.screen import Action, Card, Drawer, Event, Group, Section, View

if TYPE_CHECKING:
    from crmkit.crm.session import Session

MOST_ROWS = 100  # of a table that is shown whole, in a drawer or a report


def card(c: Card) -> dict[str, Any]:
    """A figure with what it was made of."""
    value, parts = c.value, ""
    if auto.is_indicator(value):
        kind = c.kind or _card_kind(c.label, value.value, ratio=value.denominator is not None)
        if value.denominator is not None:
            unit = "money" if cells.kind_of("金额", pd.Series([1.0])) == kind else "number"
            top = cells.written(value.numerator, unit)
            parts = f"{top} ÷ {cells.written(value.denominator, 'number')}"
        value = value.value
    else:
        kind = c.kind or _card_kind(c.label, value)
    return {
        "label": c.label, "text": cells.written(value, kind), "parts": parts, "note": c.note,
        "tone": c.tone,
    }  # fmt: skip


def _card_kind(label: str, value: Any, *, ratio: bool = False) -> str:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return "text"
    number = float(value)
    found = cells.kind_of(label, pd.Series([number]))
    if found != "number":
        return found
    if ratio and abs(number) <= 1:
        return "percent"
    return "count" if number == int(number) else "number"


def group(g: Group) -> dict[str, Any]:
    """A class with its size and facts."""
    return {
        "title": g.title, "text": cells.written(g.value, "count"), "unit": g.unit,
        "share": None if cells.missing(g.share) else g.share,
        "facts": [[label, cells.written(v, kind)] for label, v, kind in g.facts],
    }  # fmt: skip


def form(fields: Sequence[Field], crm: Session, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Inputs with the values they hold."""
    shown = []
    for f in fields:
        value = values.get(f.name)
        if f.kind == "dates" and (value or values.get(f.end)):
            value = (value, values.get(f.end))
        shown.append(f.shown(crm, value))
    return shown


def plain_table(frame: pd.DataFrame, kinds: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A small table that is shown whole."""
    part = frame.head(MOST_ROWS)
    known = {n: (kinds or {}).get(n) or cells.kind_of(str(n), frame[n]) for n in frame.columns}
    seen = [n for n in frame.columns if n not in ("版本", "rev")]
    columns = [[cells.cell(v, known[n]) for v in part[n].tolist()] for n in seen]
    return {
        "columns": [{"name": str(n), "kind": known[n]} for n in seen],
        "rows": [list(r) for r in zip(*columns, strict=True)] if columns else [],
        "left_out": max(0, len(frame) - len(part)),
    }


def event(e: Event) -> dict[str, Any]:
    kind = "time" if hasattr(e.when, "hour") else "date"
    when = e.when if isinstance(e.when, str) else cells.written(e.when, kind)
    return {"when": when, "title": e.title, "text": e.text, "tone": e.tone}


def facts(pairs: Sequence[tuple[str, Any, str]]) -> list[list[Any]]:
    """Label and value, a status with its colour."""
    return [
        [label, cells.cell(v, kind or cells.kind_of(label, pd.Series([v])))]
        for label, v, kind in pairs
    ]


def section(s: Section) -> dict[str, Any]:
    return {
        "title": s.title, "text": s.text, "facts": facts(s.facts),
        "events": [event(e) for e in s.events],
        "table": None if s.frame is None else plain_table(s.frame, s.kinds),
    }  # fmt: skip


def drawer(d: Drawer, actions: list[dict[str, Any]]) -> dict[str, Any]:
    """The panel of details."""
    return {
        "title": d.title, "status": cells.cell(d.status, "status") if d.status else None,
        "lead": facts(d.lead), "chips": list(d.chips), "actions": actions,
        "sections": [section(s) for s in d.sections], "reveal": d.reveal is not None,
    }  # fmt: skip


def report(view: View) -> dict[str, Any]:
    """A view inside a dialog: the outcome of a dry run or of an import."""
    return {
        "cards": [card(c) for c in view.cards], "note": view.note, "warning": view.warning,
        "tables": [
            {"title": t.title, "empty": t.empty, **plain_table(t.frame, t.kinds)} for t in view.tables
        ],
    }  # fmt: skip


def action(a: Action, name: str, refusal: Callable[[Action], str]) -> dict[str, Any]:
    """A button; `why` says why this role may not press it."""
    return {
        "id": name, "label": a.label, "on": a.on, "main": a.main, "danger": a.danger,
        "icon": a.icon, "why": refusal(a), "direct": a.direct,
    }  # fmt: skip
