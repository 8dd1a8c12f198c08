"""The widget between the browser and the screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmkit.ui import console


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A console as the page has it; call it as the browser would."""
    page = console.page(tmp_path)
    monkeypatch.setattr(page, "send", lambda *a, **k: None)

    def call(method: str, buffers: list[bytes] | None = None, **params: Any) -> Any:
        return page.receive({"id": "1", "method": method, "params": params}, buffers)

    call.page = page  # type: ignore[attr-defined]
    return call


def test_login_opens_an_own_shop_and_refuses_paths(ask: Any, tmp_path: Path) -> None:
    wrong = ask("enter", role="店长", shop="tea", student="../x")["value"]
    assert "student" in wrong["errors"]
    assert ask("enter", role="掌柜", shop="tea", student="A1")["value"]["errors"]
    assert ask("go", key="channels.list")["ok"] is False
    assert ask("enter", role="客服", shop="tea", student="A1")["value"] == {}
    assert (tmp_path / "A1" / "练习-tea.crm").is_file()
    shell = ask.page.shell
    assert (shell["in"], shell["role"], shell["title"], shell["as_of"]) == (
        True,
        "客服",
        "清溪茶叶",
        "2025-12-31",
    )
    ask("go", key="orders.returns")
    assert ask("switch", role="仓库")["value"]["key"] == "orders.returns"
    assert ask("restore")["value"]["key"] == "orders.returns"
    ask("leave")
    assert ask.page.shell["in"] is False


def test_time_moves_on_only_for_who_has_the_right(ask: Any) -> None:
    ask("enter", role="客服", shop="tea", student="A2")
    assert "推进时间" in ask("advance", hours=24)["error"]
    ask("switch", role="店长")
    assert ask("advance", hours=24)["ok"]
    assert ask.page.shell["now"] == "2026-01-01 10:00"


def test_files_come_in_slices(ask: Any) -> None:
    assert ask("upload", [b"a" * 10], token="abc", name="x.csv", first=True)["value"] == 10
    assert ask("upload", [b"b" * 5], token="abc", name="x.csv", first=False)["value"] == 15
    assert ask("upload", [b""], token="../abc", name="x.csv", first=True)["ok"] is False
    assert ask("upload", [b""], token="abc", name="x.exe", first=True)["ok"] is False
