"""Controls that only boards have, beside those of `crmkit.ui.controls`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmkit.ui.controls import Control, Select


@dataclass(frozen=True)
class Segments(Select):
    """A `Select` of few choices, all of them in sight."""

    def shown(self) -> dict[str, Any]:
        return super().shown() | {"type": "segments"}


@dataclass(frozen=True)
class Words(Control):
    """A few words to look for."""

    @property
    def start(self) -> str:
        return ""

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > 40:
            raise self.refuse(value, "应是最多 40 个字")
        return value.strip()

    def shown(self) -> dict[str, Any]:
        return {"type": "words", "name": self.name, "label": self.label}


@dataclass(frozen=True)
class Moves(Control):
    """Buttons that set other controls: name of the button → values by control, {} where it cannot.

    They are the operations of a board whose state is its controls.
    """

    moves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def start(self) -> None:
        return None

    def read(self, value: Any) -> None:
        if value is not None:
            raise self.refuse(value, "按钮没有值")

    def shown(self) -> dict[str, Any]:
        moves = [{"label": label, "values": dict(values)} for label, values in self.moves.items()]
        return {"type": "moves", "name": self.name, "label": self.label, "moves": moves}


@dataclass(frozen=True)
class Hidden(Control):
    """A control that is out of sight for now and keeps its value."""

    control: Control

    @classmethod
    def of(cls, control: Control) -> Hidden:
        return cls(control.name, control.label, control)

    @property
    def start(self) -> Any:
        return self.control.start

    def read(self, value: Any) -> Any:
        return self.control.read(value)

    def shown(self) -> dict[str, Any]:
        return {"type": "hidden", "name": self.name, "label": self.label}
