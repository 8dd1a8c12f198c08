"""A function that was handed in."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crmkit.lab import forms
from crmkit.lab.checks.check import Check


@dataclass(frozen=True)
class Function(Check):
    """A function of these parameters; it is tried once on a public example."""

    params: tuple[str, ...] = ()
    example: tuple[Any, ...] = ()
    kind: ClassVar[str] = "function"

    def look(self, value: Any, folder: Path) -> list[str]:
        if not callable(value):
            return [f"这里要一个函数，你交的是{forms.kind_of(value)}：不要在后面写括号"]
        try:
            inspect.signature(value).bind(*self.params)
        except TypeError:
            return [f"函数应能接收 {len(self.params)} 个参数：{'、'.join(self.params)}"]
        try:
            result = value(*self.example)
        except Exception as e:  # the student's own code: anything may come
            return [f"用 {self._shown()} 试着调用时出错：{type(e).__name__}: {e}"]
        if result is None or result is ...:
            return [f"用 {self._shown()} 调用时没有返回值：别忘了 return"]
        return []

    def _shown(self) -> str:
        return "、".join(f"{p}={x!r}" for p, x in zip(self.params, self.example, strict=False))
