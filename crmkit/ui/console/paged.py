"""A table whose module pages by itself: every page is asked for, and logged, by the module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from crmkit.ui.console import cells
from crmkit.ui.console.grid import Grid, GridError
from crmkit.ui.console.screen import Row, Source, Table

LARGEST = 100  # rows that a module gives at once


class PagedGrid(Grid):
    """As `Grid`, over a `Source`. What is chosen on one page is remembered on the next."""

    def __init__(self, table: Table) -> None:
        if table.source is None:
            raise GridError("这张表没有来源。")
        self.source: Source = table.source
        self._seen: dict[str, Row] = {}
        super().__init__(table)
        self._remember()

    def _remember(self) -> None:
        """Know the rows of the page, by their keys."""
        for name in map(str, self.frame.columns):  # a page of blanks says nothing of its kind
            if self.kinds.get(name) in (None, "text"):
                self.kinds[name] = self.table.kinds.get(name) or cells.kind_of(
                    name, self.frame[name]
                )
        self._keys = self._names_of_rows()
        for n, key in enumerate(self._keys):
            self._seen[key] = self._row(n)

    def _fetch(self) -> None:
        frame, total = self.source.fetch(self.number, self.size, self.sort)
        self.frame = frame.reset_index(drop=True)
        self.source = Source(self.source.fetch, total, self.source.sorts, self.source.several)
        self._remember()

    @property
    def found(self) -> int:
        return self.source.total

    def look_for(self, words: str) -> None:
        if words:
            raise GridError("这张表用上面的条件来查。")

    def sorts(self, name: str) -> bool:
        return name in self.source.sorts

    def sort_by(self, name: str, *, also: bool = False) -> None:
        if not self.sorts(name):
            raise GridError(f"这张表不能按“{name}”排序。")
        before = dict(self.sort).get(name)
        first = self.kinds[name] not in cells.NUMERIC and self.kinds[name] not in ("date", "time")
        if also and self.source.several:
            self.sort = [pair for pair in self.sort if pair[0] != name]
        else:
            self.sort = []
        self.sort.append((name, first if before is None else not before))
        self.number = 1
        self._fetch()

    def turn_to(self, number: int, size: int | None = None) -> None:
        before = (self.number, self.size)
        super().turn_to(number, size)
        if before != (self.number, self.size):
            self._fetch()

    def follow(self, old: Grid) -> None:
        if old.columns == self.columns:
            self.shown = list(old.shown)
        if not isinstance(old, PagedGrid):
            return
        number = max(1, min(old.number, self.pages))
        same = (old.sort, old.size, number) == (self.sort, self.size, self.number)
        self.sort, self.size, self.number = list(old.sort), old.size, number
        if not same:
            self._fetch()
        self._seen = old._seen | self._seen
        self.chosen = dict(old.chosen)

    def choose(self, keys: Sequence[str], on: bool) -> None:
        for key in keys:
            if key not in self._seen:
                raise GridError("这一行已经不在表里了，请刷新页面。")
            if on:
                self.chosen[key] = None
            else:
                self.chosen.pop(key, None)

    def choose_found(self) -> None:
        """Everything on all pages: they are all asked for."""
        self.chosen = {}
        for row in self._all().to_dict("records"):
            key = str(row[self.id])
            self._seen[key] = {str(k): None if cells.missing(v) else v for k, v in row.items()}
            self.chosen[key] = None

    def row(self, key: str) -> Row:
        if key not in self._seen:
            raise GridError("这一行已经不在表里了，请刷新页面。")
        return self._seen[key]

    def rows(self) -> list[Row]:
        return [self._seen[key] for key in self.chosen]

    def everything(self) -> pd.DataFrame:
        return self._all()[self.shown].reset_index(drop=True)

    def _all(self) -> pd.DataFrame:
        pages = -(-self.found // LARGEST)
        parts = [self.source.fetch(n, LARGEST, self.sort)[0] for n in range(1, pages + 1)]
        return pd.concat(parts, ignore_index=True) if parts else self.frame

    def page(self) -> dict[str, Any]:
        shown = super().page()
        return {**shown, "total": self.found, "searches": False}

    def _page_rows(self) -> Any:
        return range(len(self.frame))
