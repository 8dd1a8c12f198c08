"""Calls from the browser: only what is marked, errors in Chinese, nothing swallowed."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from crmkit.errors import KitError
from crmkit.ui import widget
from crmkit.ui.widget import Widget, remote


@pytest.fixture
def counter(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A widget with a bundle of its own; `sent` holds what went to the browser."""
    for name in ("counter.js", "counter.css"):
        (tmp_path / name).write_text("export default {render() {}}", encoding="utf-8")
    monkeypatch.setattr(widget, "STATIC", tmp_path)

    class Counter(Widget, bundle="counter"):
        total = 0

        @remote
        def add(self, step: int) -> int:
            self.total += step
            return self.total

        @remote
        def echo(self, buffers: list[bytes]) -> tuple[int, list[bytes]]:
            return len(buffers), [b"|".join(buffers)]

        @remote
        def refuse(self) -> None:
            raise KitError("库存不足：只剩 3 件。")

        @remote
        def crash(self) -> None:
            raise ZeroDivisionError("secret detail")

        def internal(self) -> str:
            return "not for the browser"

    made = Counter()
    made.sent = []
    monkeypatch.setattr(
        made, "send", lambda content, buffers=None: made.sent.append((content, buffers))
    )
    return made


def call(target: Any, method: Any, buffers: Any = None, **params: Any) -> dict[str, Any]:
    return target.receive({"id": "7", "method": method, "params": params}, buffers)


def test_marked_method_is_called_with_its_parameters_and_answered(counter: Any) -> None:
    assert call(counter, "add", step=2) == {"id": "7", "ok": True, "value": 2}
    assert call(counter, "add", step=3)["value"] == 5
    assert [content["value"] for content, _ in counter.sent] == [2, 5]


def test_binary_parts_go_both_ways(counter: Any) -> None:
    answer = call(counter, "echo", buffers=[memoryview(b"a"), b"b"])
    assert answer["value"] == 2
    assert counter.sent[-1][1] == [b"a|b"]


@pytest.mark.parametrize("method", ["internal", "receive", "__init__", "nothing", None, 3])
def test_what_is_not_marked_cannot_be_called(counter: Any, method: Any) -> None:
    answer = call(counter, method)
    assert answer["ok"] is False
    assert "刷新页面" in answer["error"]


@pytest.mark.parametrize("params", [{}, {"step": 1, "more": 2}, {"stop": 1}])
def test_wrong_parameters_are_refused_before_anything_happens(counter: Any, params: Any) -> None:
    assert "参数不对" in call(counter, "add", **params)["error"]
    assert counter.total == 0


def test_kit_error_reaches_the_user_word_for_word(counter: Any) -> None:
    assert call(counter, "refuse")["error"] == "库存不足：只剩 3 件。"


def test_a_crash_is_told_in_chinese_without_detail_and_raised(counter: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        call(counter, "crash")
    content, _ = counter.sent[-1]
    assert content["ok"] is False
    assert "操作没有完成" in content["error"]
    assert "secret" not in content["error"]


def test_a_closed_widget_is_let_go_with_all_that_it_holds() -> None:
    class Holder(Widget, bundle="quiz"):
        pass

    made = Holder()
    seen = weakref.ref(made)
    made.close()
    del made
    gc.collect()
    assert seen() is None
