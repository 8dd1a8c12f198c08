"""A table as it stands on a screen: search, sort, page, columns, selection. No browser in here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import KitError
from crmkit.ui.console import cells
from crmkit.ui.console.screen import Row, Table

SIZES = (10, 20, 50, 100)
NEVER = ("版本", "rev")
_PLAIN = ("count", "number", "money", "percent", "days", "score", "date", "time", "flag")


class GridError(KitError):
    """A row, column or page size that the table does not have."""


class Grid:
    """State of one table. `page()` is what the browser draws."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.frame = table.frame.reset_index(drop=True)
        self.kinds = {
            name: table.kinds.get(name) or cells.kind_of(name, self.frame[name])
            for name in map(str, self.frame.columns)
        }
        unseen = {*NEVER, *table.secret}
        self.columns = [name for name in self.kinds if name not in unseen]
        self.shown = [name for name in self.columns if name not in set(table.hidden)]
        self.id = table.id or (self.columns[0] if self.columns else "")
        self.sort: list[tuple[str, bool]] = [(n, up) for n, up in table.sort if n in self.kinds]
        self.search = ""
        self.size = table.size
        self.number = 1
        self.chosen: dict[str, None] = {}  # keys in the order in which they were chosen
        self._text: pd.Series | None = None
        self._keys = self._names_of_rows()
        self._found = self._order()

    def _names_of_rows(self) -> list[str]:
        if not self.id or self.id not in self.frame.columns:
            return [str(n) for n in range(len(self.frame))]
        keys = self.frame[self.id].astype(str).tolist()
        if len(set(keys)) == len(keys):
            return keys
        return [f"{key}#{n}" for n, key in enumerate(keys)]  # the same name stands in several rows

    # --- what is asked ----------------------------------------------------------------------------
    def look_for(self, words: str) -> None:
        """Keep the rows in which every word stands somewhere."""
        if words != self.search:
            self.search, self.number = words, 1
            self._found = self._order()

    def sort_by(self, name: str, *, also: bool = False) -> None:
        """Sort by a column; asked again the other way round, a third time not at all.

        With `also` it is a further column, after those that are sorted by already.
        """
        if name not in self.kinds:
            raise GridError(f"表里没有列“{name}”，请刷新页面。")
        before = dict(self.sort).get(name)
        first = self.kinds[name] not in cells.NUMERIC  # numbers: the largest first
        rest = [pair for pair in self.sort if pair[0] != name] if also else []
        if before is None:
            self.sort = [*rest, (name, first)]
        elif before == first:
            self.sort = [
                (n, not up if n == name else up) for n, up in self.sort if also or n == name
            ]
        else:
            self.sort = rest
        self.number = 1
        self._found = self._order()

    def show(self, names: Sequence[str]) -> None:
        """Choose the columns; their order stays the frame's."""
        wanted = {name for name in names if name in self.columns}
        if not wanted:
            raise GridError("至少要显示一列。")
        self.shown = [name for name in self.columns if name in wanted]

    def turn_to(self, number: int, size: int | None = None) -> None:
        """Go to a page; beyond the last is the last."""
        if size is not None and size != self.size:
            if size not in SIZES:
                raise GridError(f"每页行数可选：{'、'.join(map(str, SIZES))}。")
            self.size, number = size, 1
        self.number = max(1, min(int(number), self.pages))

    def sorts(self, name: str) -> bool:
        """Whether the table can be sorted by a column."""
        return True

    def follow(self, old: Grid) -> None:
        """Stand as another grid of the same table stood: after a change, or a new question."""
        if old.columns == self.columns:
            self.shown = list(old.shown)
            self.sort = list(old.sort)
        self.search = old.search
        self._found = self._order()
        self.size = old.size
        known = set(self._keys)
        self.chosen = {k: None for k in old.chosen if k in known}
        self.number = max(1, min(old.number, self.pages))

    # --- selection --------------------------------------------------------------------------------
    def choose(self, keys: Sequence[str], on: bool) -> None:
        """Take rows into the selection or out of it; it holds across pages and searches."""
        known = set(self._keys)
        for key in keys:
            if key not in known:
                raise GridError("这一行已经不在表里了，请刷新页面。")
            if on:
                self.chosen[key] = None
            else:
                self.chosen.pop(key, None)

    def choose_found(self) -> None:
        """Everything the search found."""
        self.chosen = {self._keys[n]: None for n in self._found}

    def choose_none(self) -> None:
        self.chosen = {}

    # --- what is shown ----------------------------------------------------------------------------
    @property
    def found(self) -> int:
        return len(self._found)

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // self.size))

    def row(self, key: str) -> Row:
        """All values of one row by its key."""
        try:
            return self._row(self._keys.index(key))
        except ValueError:
            raise GridError("这一行已经不在表里了，请刷新页面。") from None

    def rows(self) -> list[Row]:
        """The rows of the selection."""
        at = {key: n for n, key in enumerate(self._keys)}
        return [self._row(at[key]) for key in self.chosen if key in at]

    def name_of(self, key: str) -> str:
        """What the row is called: the value of its id column."""
        return str(self.row(key).get(self.id, key))

    def _row(self, n: int) -> Row:
        values = self.frame.iloc[n]
        return {str(k): None if cells.missing(v) else v for k, v in values.items()}

    def everything(self) -> pd.DataFrame:
        """The rows found, in their order, with the columns shown: what an export holds."""
        return self.frame.iloc[self._found][self.shown].reset_index(drop=True)

    def page(self) -> dict[str, Any]:
        """The rows of this page as cells, and the state around them, as plain JSON values."""
        self.number = min(self.number, self.pages)
        where = self._page_rows()
        part = self.frame.iloc[list(where)]
        columns = [[cells.cell(v, self.kinds[n]) for v in part[n].tolist()] for n in self.shown]
        sorted_by = {name: (n, up) for n, (name, up) in enumerate(self.sort, 1)}
        keys = [self._keys[n] for n in where]
        return {
            "columns": [
                {
                    "name": name, "kind": self.kinds[name],
                    "sort": "" if name not in sorted_by else "up" if sorted_by[name][1] else "down",
                    "sorts": self.sorts(name),
                    "turn": sorted_by[name][0] if len(sorted_by) > 1 and name in sorted_by else 0,
                }
                for name in self.shown
            ],
            "all": self.columns,
            "rows": [
                {
                    "key": key, "cells": list(row), "chosen": key in self.chosen,
                    "offers": self._offers(int(n)),
                }
                for key, n, row in zip(keys, where, zip(*columns, strict=True), strict=True)
            ] if columns else [],
            "total": len(self.frame), "found": self.found, "number": self.number,
            "pages": self.pages, "size": self.size, "search": self.search,
            "chosen": len(self.chosen), "searches": True,
        }  # fmt: skip

    def _page_rows(self) -> Any:
        """Row numbers of this page."""
        first = (self.number - 1) * self.size
        return self._found[first : first + self.size]

    def _offers(self, n: int) -> list[int]:
        """Which of the row's actions are offered for it."""
        actions = [(k, a) for k, a in enumerate(self.table.actions) if a.on == "row"]
        if not actions:
            return []
        row = self._row(n)
        return [k for k, a in actions if a.when is None or a.when(row)]

    # --- order and search -------------------------------------------------------------------------
    def _order(self) -> np.ndarray:
        chosen = np.arange(len(self.frame))
        words = self.search.lower().split()
        if words and len(self.frame):
            text = self._searchable()
            keep = np.ones(len(text), dtype=bool)
            for word in words:
                keep &= text.str.contains(word, regex=False).to_numpy(dtype=bool)
            chosen = chosen[keep]
        if self.sort and len(chosen):
            part = self.frame.iloc[chosen][[name for name, _ in self.sort]]
            by = [name for name, _ in self.sort]
            ups = [up for _, up in self.sort]
            ordered = part.sort_values(
                by, ascending=ups, kind="stable", na_position="last", key=_comparable
            )
            chosen = ordered.index.to_numpy()
        return chosen

    def _searchable(self) -> pd.Series:
        """The words of each row in one lower-case text; made when first searched."""
        if self._text is None:
            text = pd.Series("", index=self.frame.index, dtype=object)
            for name in self.columns:
                kind = self.kinds[name]
                values = self.frame[name]
                if kind in _PLAIN:
                    words = values.map(lambda v, k=kind: cells.written(v, k))
                elif kind == "chips":
                    words = values.map(lambda v: " ".join(cells.chips(v)))
                else:
                    words = values.map(lambda v: "" if cells.missing(v) else str(v))
                text = text + " " + words.astype(object)
            self._text = text.str.lower()
        return self._text


def _comparable(values: pd.Series) -> pd.Series:
    """Lists and mixed values compare as text; numbers and times as they are."""
    if values.dtype == object:
        kinds = {type(v) for v in values if not cells.missing(v)}
        if len(kinds) > 1 or kinds & {list, tuple, set, frozenset}:
            return values.map(lambda v: None if cells.missing(v) else str(v))
    return values
