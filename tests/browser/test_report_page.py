"""The monthly report in Chromium: nothing from outside, readable, two or three sheets of A4."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmkit import report


@pytest.mark.slow
def test_report_opens_offline_and_prints_on_a4(
    chromium: Any, keep: Callable[[str], Path], tmp_path: Path
) -> None:
    path = report.write("tea", "2025-11", tmp_path / "月报 tea.html")
    outside: list[str] = []
    errors: list[str] = []

    def guard(route: Any) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context = chromium.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    context.route("**/*", guard)
    page = context.new_page()
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(path.as_uri())
    page.screenshot(path=keep("report.png"), full_page=True)
    assert page.title() == "清溪茶叶 2025-11 经营月报"
    assert page.get_by_role("heading", level=1).inner_text() == "清溪茶叶 · 2025 年 11 月"
    assert "各月支付金额" in (page.get_by_role("img").get_attribute("alt") or "")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sheets = page.pdf(prefer_css_page_size=True)
    context.close()
    assert outside == []
    assert errors == []
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) in (2, 3)
    assert b"/MediaBox [0 0 594" in sheets or b"/MediaBox [0 0 595" in sheets
