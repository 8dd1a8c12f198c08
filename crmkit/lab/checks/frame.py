"""Tables: by column and key, several at once, pivots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check, count_problem
from crmkit.lab.checks.value import Number


@dataclass(frozen=True)
class Table(Check):
    """A frame with given columns, a number of rows, a key without doubles, values from lists."""

    columns: tuple[str, ...] = ()
    key: str = ""
    least: int = 1
    most: int = 100_000
    integers: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    kind: ClassVar[str] = "table"

    def look(self, value: Any, folder: Path) -> list[str]:
        frame = forms.table(value, self.columns, self.key or None)
        out = count_problem(len(frame), self.least, self.most, "行")
        if self.key and frame[self.key].duplicated().any():
            out.append(f"「{self.key}」有重复，每个只应占一行")
        numeric = Number(self.low, self.high, whole=True)
        for c in self.integers:
            for v in frame[c].tolist():
                bad = numeric.problems(v, Path())
                if bad:
                    out.append(f"列「{c}」：{bad[0]}")
                    break
        return out


@dataclass(frozen=True)
class Tables(Check):
    """Several named tables in one dict; `tables` says of each ``"name: column column"``."""

    tables: tuple[str, ...] = ()
    kind: ClassVar[str] = "tables"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.tables(value)
        out = []
        for name, _, columns in (t.partition(":") for t in self.tables):
            if name not in found:
                out.append(f"缺少表「{name}」（现有：{'、'.join(found) or '没有'}）")
                continue
            lacking = [c for c in columns.split() if c not in found[name].columns]
            if lacking:
                out.append(f"表「{name}」缺少列：{'、'.join(lacking)}")
            elif found[name].empty:
                out.append(f"表「{name}」一行也没有")
        return out


_BETWEEN = r"[\s_\-:/|(),]+"  # headers of two levels in one line: 人数_男, 男(人数)


@dataclass(frozen=True)
class Grid(Check):
    """A pivot-like table: row and column labels of which must be present, wherever they stand."""

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    least: int = 1
    kind: ClassVar[str] = "grid"

    def look(self, value: Any, folder: Path) -> list[str]:
        import pandas as pd

        if not isinstance(value, pd.DataFrame):
            return [f"这里要一张透视表（数据表），你交的是{forms.kind_of(value)}"]
        out = count_problem(len(value), self.least, 100_000, "行")
        there = _labels(value.columns) | {forms.text(c) for c in value.columns}
        there |= {x for n in value.columns.names if n is not None for x in [forms.text(n)]}
        there |= {part for label in there for part in re.split(_BETWEEN, label)}
        lacking = [c for c in self.columns if c not in there]
        if lacking:
            out.append(f"透视表的列里找不到：{'、'.join(lacking)}")
        first = value.iloc[:, 0] if value.shape[1] else []
        here = _labels(value.index) | {forms.text(x) for x in first}
        lacking = [r for r in self.rows if r not in here]
        if lacking:
            out.append(f"透视表的行里找不到：{'、'.join(lacking)}")
        return out


def _labels(index: Any) -> set[str]:
    out: set[str] = set()
    for x in index.tolist():
        out |= {forms.text(y) for y in x} if isinstance(x, tuple) else {forms.text(x)}
    return out
