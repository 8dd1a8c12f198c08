"""A view from whatever a module's method returned: a frame, an indicator, a dataclass of them.

The names of a dataclass' fields are shown when they are Chinese; for others `names` gives the
title (and "" leaves one out).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crmkit.ui.console.screen import Card, Table, View

NOTES = ("说明", "note", "notes", "口径", "remark")


def is_indicator(value: Any) -> bool:
    """Whether the value has value, numerator and denominator."""
    return all(hasattr(value, name) for name in ("value", "numerator", "denominator"))


def view_of(
    result: Any, *, title: str = "明细", names: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None, tables: Mapping[str, Mapping[str, Any]] | None = None,
    charts: Sequence[Any] = (), **more: Any,
) -> View:  # fmt: skip
    """Cards of the indicators, tables of the frames, the note.

    Parameters
    ----------
    names
        Field of the dataclass → title; "" leaves it out.
    tables
        Field → further arguments of its `Table` (drawer, actions, …).
    more
        Further parts of the `View`.
    """
    names, kinds, tables = names or {}, kinds or {}, tables or {}
    if isinstance(result, View):
        return result
    if isinstance(result, pd.DataFrame):
        options = dict(tables.get("", {}))
        return View(tables=(Table(title, result, kinds=kinds, **options),), charts=charts, **more)
    cards: list[Card] = list(more.pop("cards", ()))
    found: list[Table] = list(more.pop("tables", ()))
    note = more.pop("note", "")
    for name, value in _parts(result):
        label = names.get(name, name)
        if name in NOTES:
            note = note or (value if isinstance(value, str) else "；".join(map(str, value)))
        elif not label:
            continue
        elif isinstance(value, pd.DataFrame):
            found.append(Table(label, value, kinds=kinds, **dict(tables.get(name, {}))))
        elif is_indicator(value) or isinstance(value, (int, float)):
            cards.append(Card(label, value, kinds.get(name, "")))
        elif isinstance(value, Mapping) and all(
            is_indicator(v) or isinstance(v, (int, float)) for v in value.values()
        ):
            cards.extend(Card(str(k), v, kinds.get(str(k), "")) for k, v in value.items())
    return View(tuple(cards), (), tuple(charts), tuple(found), note, **more)


def _parts(result: Any) -> list[tuple[str, Any]]:
    if is_indicator(result):
        return [("数值", result)]
    if dataclasses.is_dataclass(result):
        return [(f.name, getattr(result, f.name)) for f in dataclasses.fields(result)]
    if hasattr(result, "_asdict"):
        return list(result._asdict().items())
    if isinstance(result, Mapping):
        return [(str(k), v) for k, v in result.items()]
    return []
