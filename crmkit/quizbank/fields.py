"""Typed reading of YAML mappings; every fault names file, question and field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from crmkit.errors import KitError


class QuizBankError(KitError):
    """A question bank that cannot be used: names file, question and field."""


class Fields:
    """One mapping of the file. `where` says what it is, e.g. ``ch02.yaml，题 ch02-03``."""

    def __init__(self, data: Any, where: str, path: str = "") -> None:
        self.where = where
        self.path = path
        if not isinstance(data, Mapping):
            raise self.fault("", "应是「字段: 值」的形式")
        self._data = dict(data)
        for name in self._data:
            if not isinstance(name, str):
                raise self.fault(str(name), "字段名应是文字")

    def fault(self, field: str, what: str) -> QuizBankError:
        """The error for `field` of this mapping (not raised here)."""
        name = ".".join(p for p in (self.path, field) if p)
        return QuizBankError(
            f"题库 {self.where}" + (f"，字段 {name}" if name else "") + f"：{what}。"
        )

    def only(self, allowed: Iterable[str]) -> None:
        """No field but these; catches misspelt names."""
        names = list(allowed)
        for name in self._data:
            if name not in names:
                raise self.fault(name, f"没有这个字段；这里可用的有 {', '.join(names)}")

    def has(self, name: str) -> bool:
        return name in self._data

    def any(self, name: str) -> Any:
        if name not in self._data:
            raise self.fault(name, "缺少这个字段")
        return self._data[name]

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and name not in self._data:
            return default
        return self._text(name, self.any(name))

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            raise self.fault(name, f"应是文字，却是 {value}（YAML 把它读成了真假值，请加引号）")
        if not isinstance(value, (str, int, float)) or not str(value).strip():
            raise self.fault(name, "应是一段不空的文字")
        return str(value).strip()

    def word(self, name: str, allowed: Collection[str]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise self.fault(name, f"「{value}」不在可用的词里：{'、'.join(allowed)}")
        return value

    def truth(self, name: str, default: bool | None = None) -> bool:
        value = default if default is not None and name not in self._data else self.any(name)
        if not isinstance(value, bool):
            raise self.fault(name, "应是 true 或 false")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        value = default if default is not None and name not in self._data else self.any(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(name, "应是一个数")
        return value

    def items(self, name: str, least: int = 1) -> list[Any]:
        value = self.any(name)
        if not isinstance(value, list) or len(value) < least:
            raise self.fault(name, f"应是至少 {least} 项的列表")
        return value

    def texts(self, name: str, least: int = 1) -> tuple[str, ...]:
        out = tuple(self._text(f"{name}[{i}]", v) for i, v in enumerate(self.items(name, least)))
        if len(set(out)) < len(out):
            raise self.fault(name, "有重复的项")
        return out

    def text_map(self, name: str, least: int = 1) -> dict[str, str]:
        """A mapping of texts; may be missing when `least` is 0."""
        if least == 0 and name not in self._data:
            return {}
        value = self.any(name)
        if not isinstance(value, Mapping) or len(value) < least:
            raise self.fault(name, f"应是至少 {least} 项的「键: 文字」")
        return {str(k): self._text(f"{name}.{k}", v) for k, v in value.items()}

    def each(self, name: str, least: int = 1) -> list[Fields]:
        """The mappings in a list; the list may be missing when `least` is 0."""
        if least == 0 and name not in self._data:
            return []
        path = ".".join(p for p in (self.path, name) if p)
        items = self.items(name, least)
        return [Fields(item, self.where, f"{path}[{i}]") for i, item in enumerate(items)]

    def under(self, name: str) -> Fields:
        path = ".".join(p for p in (self.path, name) if p)
        value = self.any(name)
        if not isinstance(value, Mapping):
            raise self.fault(name, "应是「字段: 值」的形式")
        return Fields(value, self.where, path)

    def lists(self) -> list[tuple[str, tuple[float, ...]]]:
        """Every field as a list of numbers: written out, or as {from, to, step}."""
        return [(name, self._numbers(name)) for name in self._data]

    def _numbers(self, name: str) -> tuple[float, ...]:
        if isinstance(self._data[name], Mapping):
            span = self.under(name)
            span.only(("from", "to", "step"))
            low, high, step = (span.number(n) for n in ("from", "to", "step"))
            count = round((high - low) / step) + 1 if step > 0 else 0
            if not 2 <= count <= 1000 or abs(low + (count - 1) * step - high) > 1e-9:
                raise self.fault(name, "from、to、step 应正好走完 2–1000 步")
            return tuple(round(low + i * step, 9) for i in range(count))
        values = self.items(name)
        for v in values:
            if isinstance(v, bool) or not isinstance(v, (int, float)):
                raise self.fault(name, f"「{v}」不是数")
        if len(set(values)) < len(values):
            raise self.fault(name, "有重复的数")
        return tuple(values)
