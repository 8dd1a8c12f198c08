"""The controls of an activity: what they allow, how they are labelled, how they are shown.

Values come from a student's code or from the browser; `Control.read` checks both alike.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmkit.errors import KitError


class ControlError(KitError):
    """A value that a control does not allow."""


@dataclass(frozen=True)
class Control(ABC):
    """`name` is the keyword in Python, `label` what the student reads."""

    name: str
    label: str

    @property
    @abstractmethod
    def start(self) -> Any:
        """The value at the beginning and after a reset."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The value as the control keeps it. Raises ControlError."""

    @abstractmethod
    def shown(self) -> dict[str, Any]:
        """What the browser needs to draw it."""

    def refuse(self, value: Any, allowed: str) -> ControlError:
        return ControlError(f"「{self.label}」（{self.name}）不能是 {value!r}：{allowed}。")


@dataclass(frozen=True)
class Slider(Control):
    """A number from `low` to `high` in steps; with `percent` 0.2 is shown as 20%."""

    low: float
    high: float
    step: float
    value: float
    unit: str = ""
    percent: bool = False
    group: str = ""  # sliders of one group stand below a heading of their own

    @property
    def start(self) -> float:
        return self.value

    def read(self, value: Any) -> float:
        allowed = f"应是 {self.low:g} 到 {self.high:g} 之间的数"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(value, allowed)
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise self.refuse(value, allowed)
        steps = round((value - self.low) / self.step)
        # Decimal steps added up in binary would show as 0.30000000000000004.
        near = round(self.low + steps * self.step, 10)
        whole = all(float(x).is_integer() for x in (self.low, self.step))
        return int(near) if whole else min(near, self.high)

    def shown(self) -> dict[str, Any]:
        return {
            "type": "slider",
            "name": self.name,
            "label": self.label,
            "low": self.low,
            "high": self.high,
            "step": self.step,
            "unit": self.unit,
            "percent": self.percent,
            "group": self.group,
        }


@dataclass(frozen=True)
class Select(Control):
    """One of `options` (value → what the student reads); the first one at the start."""

    options: Mapping[str, str]
    value: str | None = None

    @property
    def start(self) -> str:
        return next(iter(self.options)) if self.value is None else self.value

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise self.refuse(value, f"可以选 {'、'.join(map(repr, self.options))}")
        return value

    def shown(self) -> dict[str, Any]:
        options = [{"value": v, "label": label} for v, label in self.options.items()]
        return {"type": "select", "name": self.name, "label": self.label, "options": options}


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    value: bool = False

    @property
    def start(self) -> bool:
        return self.value

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value, "应是 True 或 False")
        return value

    def shown(self) -> dict[str, Any]:
        return {"type": "switch", "name": self.name, "label": self.label}


@dataclass(frozen=True)
class Strip(Control):
    """A row of `count` places, numbered from 1, that can be marked: a purchase history by weeks."""

    count: int
    value: tuple[int, ...] = ()
    unit: str = "周"
    mark: str = "购买"
    colour: str = "#0f766e"

    @property
    def start(self) -> list[int]:
        return list(self.value)

    def read(self, value: Any) -> list[int]:
        allowed = f"应是 1 到 {self.count} 之间整数的列表"
        if not isinstance(value, (list, tuple, set)):
            raise self.refuse(value, allowed)
        for place in value:
            if isinstance(place, bool) or not isinstance(place, int):
                raise self.refuse(value, allowed)
            if not 1 <= place <= self.count:
                raise self.refuse(value, allowed)
        return sorted(set(value))

    def shown(self) -> dict[str, Any]:
        return {
            "type": "strip",
            "name": self.name,
            "label": self.label,
            "count": self.count,
            "unit": self.unit,
            "mark": self.mark,
            "colour": self.colour,
        }
