"""Bar charts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check, count_problem
from crmkit.lab.snapshot import Bars, read_bars


@dataclass(frozen=True)
class BarChart(Check):
    """Matplotlib axes (or a workbook's chart) with bars, a title and both axis labels."""

    least: int = 1
    kind: ClassVar[str] = "bars"

    def look(self, value: Any, folder: Path) -> list[str]:
        bars = value if isinstance(value, Bars) else None
        if bars is None:
            if not hasattr(value, "patches"):
                return [f"这里要画图得到的坐标系（ax），你交的是{forms.kind_of(value)}"]
            bars = read_bars(value)
        out = count_problem(len(bars.heights), self.least, 100_000, "根柱子")
        names = (("标题", bars.title), ("横轴名称", bars.xlabel), ("纵轴名称", bars.ylabel))
        out += [f"图上缺少{what}" for what, there in names if not there.strip()]
        return out


@dataclass(frozen=True)
class BarCharts(Check):
    """Several bar charts in a dict: name → matplotlib axes with bars, a title and both labels."""

    keys: tuple[str, ...] = ()
    least: int = 1
    kind: ClassVar[str] = "charts"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.mapping(value)
        lacking = [k for k in self.keys if k not in found or found[k] is None or found[k] is ...]
        if lacking:
            return [f"字典里缺少图：{'、'.join(lacking)}"]
        one = BarChart(self.least)
        return [f"「{k}」：{p}" for k in self.keys for p in one.problems(found[k], folder)]
