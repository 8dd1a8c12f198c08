"""The base of the kit's widgets: a bundle from ``static/`` and calls from the browser to Python.

A widget keeps its state and its logic in Python and only draws in JavaScript. Its class names
the bundle, and marks with `remote` what the browser may call::

    class Counter(Widget, bundle="counter"):
        total = traitlets.Int(0).tag(sync=True)

        @remote
        def add(self, step: int) -> int:
            self.total += step
            return self.total

In ``js/src/counter.js``: ``const call = rpc(model); await call("add", {step: 2})``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import anywidget

from crmkit.errors import KitError

STATIC = Path(__file__).parent / "static"

Method = TypeVar("Method", bound=Callable[..., Any])


class WidgetError(KitError):
    """The browser asked for something that the widget does not offer."""


def remote(method: Method) -> Method:
    """Mark a method that the browser may call; nothing else can be called from there.

    The method takes JSON values by name. With a parameter ``buffers`` it also gets the binary
    parts of the message (``list[bytes]``). It returns a JSON value, or ``(value, [bytes, …])``
    to send binary parts back. A `KitError` it raises is shown to the user.
    """
    method.__crm_remote__ = True  # type: ignore[attr-defined]
    return method


class Widget(anywidget.AnyWidget):
    """An anywidget whose bundle lies in ``static/`` and that answers calls from the browser."""

    def __init_subclass__(cls, bundle: str | None = None, **kwargs: Any) -> None:
        if bundle is not None:
            # As text: to a path anywidget ties every widget for good, to reload it when it changes.
            cls._esm = (STATIC / f"{bundle}.js").read_text(encoding="utf-8")
            cls._css = (STATIC / f"{bundle}.css").read_text(encoding="utf-8")
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, buffers: self.receive(content, buffers))

    def receive(self, content: dict[str, Any], buffers: list[Any] | None = None) -> dict[str, Any]:
        """Handle one message of the browser and send the answer; returns the answer.

        Parameters
        ----------
        content
            ``{"id", "method", "params"}`` as `rpc` in ``js/src/lib/rpc.js`` sends it.
        buffers
            Binary parts of the message.

        Raises
        ------
        Exception
            Whatever the method raises, except `KitError`, after the browser has been told.
        """
        answer: dict[str, Any] = {"id": content.get("id"), "ok": True}
        out: list[bytes] = []
        try:
            answer["value"], out = self._call(content, [bytes(b) for b in buffers or []])
        except KitError as error:
            answer.update(ok=False, error=str(error))
        except Exception as error:
            answer.update(
                ok=False, error=f"程序出错了（{type(error).__name__}），刚才的操作没有完成。"
            )
            self.send(answer)
            raise
        self.send(answer, out)
        return answer

    def _call(self, content: dict[str, Any], buffers: list[bytes]) -> tuple[Any, list[bytes]]:
        name = content.get("method")
        method = getattr(type(self), name, None) if isinstance(name, str) else None
        if not getattr(method, "__crm_remote__", False):
            raise WidgetError(f"这个页面没有“{name}”操作，请刷新页面后再试。")
        bound = getattr(self, str(name))
        params = dict(content.get("params") or {})
        signature = inspect.signature(bound)
        if "buffers" in signature.parameters:
            params["buffers"] = buffers
        try:
            signature.bind(**params)
        except TypeError as error:
            raise WidgetError(f"“{name}”操作的参数不对，请刷新页面后再试。") from error
        value = bound(**params)
        if isinstance(value, tuple):
            value, out = value
            return value, list(out)
        return value, []
