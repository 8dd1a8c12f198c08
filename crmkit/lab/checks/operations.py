"""What was done in the CRM: the lines of the log that are about an item."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab.checks.check import Check

SYSTEM = "系统"  # module and function of what belongs to no function of the CRM: 登录, 推进时间 …
REFUSED = "拒绝"


@dataclass(frozen=True)
class Operations(Check):
    """Something done in the CRM: which lines of the operation log are about this item.

    Parameters
    ----------
    functions
        Keys of the catalogue ("customers.tags"); "系统" for what belongs to none (登录).
    actions
        Only these actions ("贴标签"); any when empty.
    refused
        The item asks for a refusal: only refused lines count, otherwise only the others.
    """

    functions: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    refused: bool = False
    kind: ClassVar[str] = "operations"

    @property
    def names(self) -> dict[tuple[str, str], str]:
        """(module, function) as the log writes them → words for people."""
        from crmkit.crm import catalogue

        found = {}
        for key in self.functions:
            if key == SYSTEM:
                found[SYSTEM, SYSTEM] = "、".join(self.actions)
            else:
                f = catalogue.function(key)
                found[f.module, f.name] = f"{f.module} · {f.name}"
        return found

    def concerns(self, line: Any) -> bool:
        """Whether a line of the log (a mapping) is about this item."""
        if self.refused != (line["outcome"] == REFUSED):
            return False
        if self.actions and line["action"] not in self.actions:
            return False
        return not self.functions or (line["module"], line["function"]) in self.names

    def look(self, value: Any, folder: Path) -> list[str]:
        """`value`: the lines of the log."""
        if any(self.concerns(line) for line in value):
            return []
        what = "、".join(self.names.values()) or "任何功能"
        return [f"操作日志里还没有「{what}」{'被拒绝的操作' if self.refused else '的操作'}"]
