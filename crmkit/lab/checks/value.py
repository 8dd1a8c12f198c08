"""One number, one word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check


@dataclass(frozen=True)
class Number(Check):
    """One number in a range; a share is a number between 0 and 1."""

    low: float | None = None
    high: float | None = None
    whole: bool = False
    kind: ClassVar[str] = "number"

    def look(self, value: Any, folder: Path) -> list[str]:
        x = forms.number(value)
        if self.low == 0 and self.high == 1 and 1 < x <= 100:
            return [f"比率写成 0 到 1 之间的小数：{x:g}% 写成 {x / 100:g}"]
        if x != x:
            return ["结果是 NaN（不是数）：检查有没有除以 0 或用到空单元格"]
        if self.low is not None and x < self.low:
            return [f"{x:g} 太小，合理的值不会小于 {self.low:g}"]
        if self.high is not None and x > self.high:
            return [f"{x:g} 太大，合理的值不会大于 {self.high:g}"]
        if self.whole and x != int(x):
            return [f"这里应是整数，你交的是 {x:g}"]
        return []


@dataclass(frozen=True)
class Text(Check):
    """One word or id of a form."""

    pattern: str = ""
    shape: str = ""  # the form in words
    kind: ClassVar[str] = "text"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = forms.word(value)
        if self.pattern and not re.fullmatch(self.pattern, found):
            return [f"「{found[:30]}」的形式不对：应是{self.shape}"]
        return []
