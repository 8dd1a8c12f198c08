"""What every public check is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab.forms import FormError


@dataclass(frozen=True)
class Check:
    """Base of all public checks. `problems` returns Chinese sentences; none means "looks right"."""

    kind: ClassVar[str] = ""

    def problems(self, value: Any, folder: Path) -> list[str]:
        try:
            return self.look(value, folder)
        except FormError as e:
            return [str(e)]

    def look(self, value: Any, folder: Path) -> list[str]:
        raise NotImplementedError(self.kind)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}


def count_problem(n: int, least: int, most: int, unit: str) -> list[str]:
    if n < least:
        return [f"只有 {n} {unit}，太少了：筛选条件是不是太严，或者读漏了数据？"]
    if n > most:
        return [f"有 {n} {unit}，太多了：筛选条件是不是没有起作用？"]
    return []
