"""Results by name: numbers or labels, members, or both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check, count_problem
from crmkit.lab.checks.value import Number


@dataclass(frozen=True)
class Mapping(Check):
    """A dict of given keys (or of `least`…`most` keys of a form) to numbers or to labels."""

    keys: tuple[str, ...] = ()
    pattern: str = ""
    least: int = 1
    most: int = 100_000
    low: float | None = None
    high: float | None = None
    whole: bool = False
    total: float | None = None
    options: tuple[str, ...] = ()
    kind: ClassVar[str] = "mapping"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.mapping(value)
        out = []
        if self.keys:
            lacking = [k for k in self.keys if k not in found]
            extra = [k for k in found if k not in self.keys]
            if lacking:
                out.append(f"字典里缺少：{'、'.join(lacking[:8])}")
            if extra:
                out.append(f"字典里多出：{'、'.join(extra[:8])}（名称要和题目一字不差）")
        else:
            out += count_problem(len(found), self.least, self.most, "项")
            odd = [k for k in found if self.pattern and not re.fullmatch(self.pattern, k)]
            if odd:
                out.append(f"有 {len(odd)} 个名称不像编号，例如「{odd[0]}」")
        return out + self._values(found)

    def _values(self, found: dict[str, Any]) -> list[str]:
        blank = [k for k, v in found.items() if v is ... or forms.missing(v)]
        if blank:
            return [f"还有 {len(blank)} 项没有填，例如「{blank[0]}」"]
        if self.options:
            odd = {k: v for k, v in found.items() if forms.text(v) not in self.options}
            if odd:
                k, v = next(iter(odd.items()))
                return [f"「{k}」填的是「{v}」，只能从 {'、'.join(self.options)} 里选"]
            return []
        out = []
        numeric = Number(self.low, self.high, self.whole)
        for k, v in found.items():
            out += [f"「{k}」：{p}" for p in numeric.problems(v, Path())]
        if not out and self.total is not None:
            total = sum(forms.number(v) for v in found.values())
            if abs(total - self.total) > 1e-6:
                out.append(f"各项加起来是 {total:g}，应是 {self.total:g}")
        return out[:4]


@dataclass(frozen=True)
class Groups(Check):
    """A dict of given keys, each to a list of given options."""

    keys: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    kind: ClassVar[str] = "groups"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.groups(value)
        out = []
        lacking = [k for k in self.keys if k not in found]
        extra = [k for k in found if k not in self.keys]
        if lacking:
            out.append(f"字典里缺少：{'、'.join(lacking[:8])}")
        if extra:
            out.append(f"字典里多出：{'、'.join(extra[:8])}（名称要和题目一字不差）")
        everything = [x for members in found.values() for x in members]
        unknown = [x for x in everything if self.options and x not in self.options]
        if unknown:
            out.append(f"「{unknown[0]}」不在可选项里（要一字不差）")
        return out


@dataclass(frozen=True)
class Parts(Check):
    """A dict of several results: some numbers in a range, some lists of a length."""

    numbers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    least: int = 1
    most: int = 100_000
    kind: ClassVar[str] = "parts"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.mapping(value)
        lacking = [k for k in (*self.numbers, *self.lists) if k not in found or found[k] is ...]
        if lacking:
            return [f"字典里缺少或没有填：{'、'.join(lacking)}"]
        numeric = Number(self.low, self.high)
        out = [f"「{k}」：{p}" for k in self.numbers for p in numeric.problems(found[k], folder)]
        for k in self.lists:
            # of a table only the judge knows which column holds the members
            n = len(found[k]) if hasattr(found[k], "columns") else len(forms.ids(found[k], k))
            out += [f"「{k}」{p}" for p in count_problem(n, self.least, self.most, "项")]
        return out
