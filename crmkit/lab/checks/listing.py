"""Several things of one kind: ids, options in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check, count_problem


@dataclass(frozen=True)
class Ids(Check):
    """Customer (or other) ids: their form, their number, no doubles; in order or not."""

    column: str = "客户编号"
    pattern: str = r"C\d{6}"
    least: int = 1
    most: int = 100_000
    ordered: bool = False
    kind: ClassVar[str] = "ids"

    def look(self, value: Any, folder: Path) -> list[str]:
        if self.ordered and isinstance(value, (set, frozenset)):
            return ["集合没有先后次序，这一题要排好序的名单，请交数据表或列表"]
        found = forms.ids(value, self.column)
        out = []
        odd = [x for x in found if not re.fullmatch(self.pattern, x)]
        if odd:
            out.append(
                f"有 {len(odd)} 个「{self.column}」不像编号，例如「{odd[0]}」：取「{self.column}」这一列了吗？"
            )
        doubled = len(found) - len(set(found))
        if doubled:
            out.append(f"有 {doubled} 个{self.column}重复，每个只应出现一次")
        out += count_problem(len(found), self.least, self.most, "行")
        return out


@dataclass(frozen=True)
class Order(Check):
    """Given options put in order, each exactly once."""

    options: tuple[str, ...] = ()
    kind: ClassVar[str] = "order"

    def look(self, value: Any, folder: Path) -> list[str]:
        found = [forms.text(x) for x in forms.sequence(value)]
        lacking = [o for o in self.options if o not in found]
        extra = [x for x in found if x not in self.options]
        out = []
        if extra:
            out.append(f"「{extra[0]}」不在可选项里（要一字不差）")
        if lacking:
            out.append(f"还缺：{'、'.join(lacking)}")
        if len(found) != len(set(found)):
            out.append("有的选项出现了两次")
        return out
