"""Boards: pages of figures that follow their controls, one small module each in `crmkit.ui.boards`.

A board is a `Plan`: which controls there are, and a function that computes a `View` from their
values. Everything is computed in Python; the browser draws what the view says::

    def controls(values):
        return [shop_control()], [Slider("days", "天数", 30, 365, 1, 180)]

    def draw(shop, days):
        found = ...
        return View(cards=[Card("rate", "流失率", found.value, "percent")],
                    panels=[Panel("trend", "逐月", figures.lines("逐月", frame, "月份", ["流失率"]))],
                    layout=Layout(("trend",)))

    PLAN = Plan("顾客流失", controls, draw)

In code: ``board.set(days=90)``, ``board.values``, ``board.view``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from crmkit.ui.board_controls import Hidden, Moves, Segments, Words
from crmkit.ui.controls import Control, ControlError
from crmkit.ui.panels import (
    Card,
    Code,
    Facts,
    Fields,
    Formula,
    Knot,
    Layout,
    Panel,
    Table,
    Text,
    Tree,
    View,
)
from crmkit.ui.widget import Widget, remote

__all__ = [
    "Board", "Card", "Code", "Facts", "Fields", "Formula", "Hidden", "Knot", "Layout", "Moves",
    "Panel", "Plan", "Segments", "Table", "Text", "Tree", "View", "Words",
]  # fmt: skip
Values = Mapping[str, Any]
KEPT_VIEWS = 40


@dataclass(frozen=True)
class Plan:
    """A board before it is opened.

    Parameters
    ----------
    title
        Heading of the page.
    controls
        ``controls(values) -> (in the head, in the bar below)``. It is asked again after every
        change, so that choices may depend on other controls; `values` may lack any name.
    draw
        ``draw(**values) -> View``.
    definitions
        Terms and how they are computed, for the dialog 口径说明.
    """

    title: str
    controls: Callable[[Values], tuple[Sequence[Control], Sequence[Control]]]
    draw: Callable[..., View]
    definitions: Sequence[tuple[str, str]] = ()

    def settle(self, given: Values) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Values of all controls (the given ones where there are, else the start), and controls.

        A given value that a control does not allow any more, because its choices depend on
        another control, goes back to the start.
        """
        current: dict[str, Any] = {}
        while True:
            places = self.controls(current)
            found: dict[str, Any] = {}
            for control in (*places[0], *places[1]):
                found[control.name] = control.start
                if control.name in given:
                    try:
                        found[control.name] = control.read(given[control.name])
                    except ControlError:
                        continue
            if found == current:
                break
            current = found
        shown = [
            c.shown() | {"place": place}
            for place, controls in zip(("head", "bar"), places, strict=True)
            for c in controls
            if not isinstance(c, Hidden)
        ]
        return current, shown

    def check(self, values: Values, given: Values) -> None:
        """Raise ControlError when one of `values` is no control here, or is not allowed by it."""
        current, _ = self.settle(given)
        controls = {c.name: c for place in self.controls(current) for c in place}
        for name, value in values.items():
            if name not in controls:
                known = "、".join(f"{n}（{c.label}）" for n, c in controls.items())
                raise ControlError(f"「{self.title}」没有控件 {name}，可用的有：{known}。")
            controls[name].read(value)

    def view(self, **values: Any) -> View:
        """The view at these values, without a widget; the others as at the start."""
        self.check(values, values)
        return self.draw(**self.settle(values)[0])


class Board(Widget, bundle="boards"):
    """A board as a widget, in JupyterLab and as a Voila page.

    Parameters
    ----------
    plan
        Which board.
    values
        Controls to set at the beginning, by name.

    Raises
    ------
    ControlError
        There is no such control, or it does not allow the value.
    """

    heading = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    current = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    definitions: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, plan: Plan, **values: Any) -> None:
        plan.check(values, values)
        self._plan = plan
        self._given = dict(values)
        self._known: dict[str, tuple[View, dict[str, Any]]] = {}
        self._view: View | None = None
        current, controls = plan.settle(values)
        super().__init__(
            heading=plan.title,
            controls=controls,
            current=current,
            definitions=[list(entry) for entry in plan.definitions],
        )
        # At once: a kernel that is still computing does not answer a page that is connecting.
        self._show(current, controls)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the controls, by name."""
        return dict(self.current)

    @property
    def result(self) -> dict[str, Any]:
        """What the board computed from them."""
        assert self._view is not None
        return dict(self._view.result)

    def set(self, **values: Any) -> None:
        """Set controls and compute again.

        Raises
        ------
        ControlError
            There is no such control, or it does not allow the value; nothing is changed then.
        KitError
            There are no figures at these values; nothing is changed either.
        """
        given = {**self._given, **values}
        self._plan.check(values, given)
        self._show(*self._plan.settle(given))
        self._given = given

    @remote
    def change(self, values: dict[str, Any]) -> None:
        """Controls moved in the browser."""
        self.set(**values)

    def _show(self, current: dict[str, Any], controls: list[dict[str, Any]]) -> None:
        key = " ".join(f"{name}={value}" for name, value in current.items())
        if key not in self._known:
            view = self._plan.draw(**current)
            if len(self._known) >= KEPT_VIEWS:
                self._known.pop(next(iter(self._known)))
            self._known[key] = view, view.shown() | {"key": key}
        self._view, shown = self._known[key]
        with self.hold_sync():
            self.controls = controls
            self.current = current
            self.view = shown
