"""The boards as Voila pages: they fit the screen, follow their controls, and can be used by all."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmkit import shops
from crmkit.ui.boards import BOARDS, plan

from .conftest import Server

FULL = bool(int(os.environ.get("CRMKIT_FULL", 0)))
DAILY = ("analysis", "cube", "callcentre")
# board → (control, value, card that must then stand at the recomputed value)
CHANGES: dict[str, tuple[str, Any, str]] = {
    "customers": ("view", "list", "buyers"),
    "analysis": ("days", 120, "churn"),
    "products": ("channel", "T03", "goods"),
    "marketing": ("campaign", "TP09", "rate"),
    "channels": ("days", 45, "dormant"),
    "value": ("period", "12m", "best"),
    "cube": ("columns", "", "share"),
    "callcentre": ("target", 60, "level"),
    "cases": ("period", "all", "复购率"),
    "opportunities": ("grade", "A", "amount"),
    "strategy": ("view", "capability", "total"),
}
PAGES = [*DAILY, *(sorted(set(BOARDS) - set(DAILY)) if FULL else ())]


def settled(page: Any, part: str = "shop=") -> None:
    """Wait until the figures of a setting are drawn."""
    page.wait_for_selector(f'[data-testid=board][data-view*="{part}"]:not([aria-busy])')


def choose(page: Any, name: str, value: Any) -> None:
    """Set a control as a visitor does."""
    control = page.get_by_test_id(f"choose-{name}")
    kind = control.evaluate("node => node.type || node.tagName")
    if kind == "fieldset":
        control.locator(f'input[value="{value}"]').check()
    elif kind == "range":
        control.focus()
        step, now = (float(control.get_attribute("step")), float(control.input_value()))
        key = "ArrowRight" if value > now else "ArrowLeft"
        for _ in range(round(abs(value - now) / step)):
            page.keyboard.press(key)
    else:
        control.select_option(str(value))
    settled(page, f"{name}={value}")


def exact(page: Any, card: str) -> float:
    """The value behind a card, as its tooltip tells it."""
    text = page.locator(f'[data-kpi="{card}"]').get_attribute("title").split("准确值：")[1]
    number = float(re.sub(r"[^0-9.\-]", "", text))
    return number / 100 if "%" in text else number


@pytest.mark.parametrize("name", PAGES)
def test_board_follows_a_control_fits_the_screen_and_is_accessible(
    visit: Callable[..., Any],
    server: Server,
    axe: Callable[..., list[str]],
    keep: Callable[[str], Path],
    name: str,
) -> None:
    page = visit(server.page(f"labs/dashboards/{name}.ipynb"))
    settled(page)
    page.wait_for_timeout(500)  # the drawings come to rest
    page.screenshot(path=keep(f"{name}.png"))
    root = page.get_by_test_id("board")
    box = root.bounding_box()
    assert (box["width"], box["height"]) == (1366, 768)
    footer = root.locator("footer").bounding_box()
    assert footer["y"] + footer["height"] <= 768
    assert axe(page, "[data-testid=board]") == []

    control, value, card = CHANGES[name]
    choose(page, control, value)
    expected = plan(name).view(**{control: value}).result[card]
    assert exact(page, card) == pytest.approx(expected, rel=1e-3, abs=0.006)


def test_churn_on_the_page_is_the_share_of_buyers_away_for_longer(
    visit: Callable[..., Any], server: Server
) -> None:
    page = visit(server.page("labs/dashboards/analysis.ipynb"))
    settled(page)
    choose(page, "days", 240)
    orders = shops.valid_orders(shops.load("tea").orders)
    last = orders.groupby("客户编号")["付款时间"].max().dt.normalize()
    away = (pd.Timestamp(shops.as_of()) - last).dt.days > 240
    assert exact(page, "churn") == pytest.approx(away.mean(), abs=1e-4)
    # Another report: its panels come, and the control that only the first one has goes.
    choose(page, "report", "key")
    assert page.get_by_test_id("choose-days").count() == 0
    near = page.locator("[data-panel=best] tbody tr")
    rows = near.count()
    page.locator("[data-panel=best] input[type=search]").fill("浙江")
    page.wait_for_function(
        "n => document.querySelectorAll('[data-panel=best] tbody tr').length < n", arg=rows
    )
    assert all("浙江" in text for text in near.all_inner_texts())
    header = page.locator("[data-panel=best] th", has_text="订单数")
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    counts = [
        int(x) for x in page.locator("[data-panel=best] tbody td:nth-child(4)").all_inner_texts()
    ]
    assert counts == sorted(counts, reverse=True)


def test_cube_is_turned_and_cut_with_its_buttons_alone(
    visit: Callable[..., Any], server: Server
) -> None:
    page = visit(server.page("labs/dashboards/cube.ipynb"))
    settled(page, "rows=大类 columns=季度")
    move = page.locator(".move", has_text="旋转")
    move.focus()
    page.keyboard.press("Enter")
    settled(page, "rows=季度 columns=大类")
    assert page.evaluate("document.activeElement.textContent") == "旋转"
    page.locator(".move", has_text="上卷").click()
    settled(page, "rows=年 columns=大类")
    page.locator(".move", has_text="切片").click()
    settled(page, "cut=平台")
    assert 0 < exact(page, "share") < 1
    whole = plan("cube").view().result["销售额"]
    assert exact(page, "m0") == pytest.approx(exact(page, "share") * whole, rel=1e-3)
    assert page.locator(".move", has_text="还原").is_enabled()


@pytest.mark.parametrize(
    "name", ["analysis", *(sorted(set(BOARDS) - {"analysis"}) if FULL else ())]
)
def test_board_on_a_projector_in_the_dark_and_on_paper(
    visit: Callable[..., Any],
    server: Server,
    axe: Callable[..., list[str]],
    keep: Callable[[str], Path],
    name: str,
) -> None:
    page = visit(
        server.page(f"labs/dashboards/{name}.ipynb", theme="dark"),
        viewport={"width": 1920, "height": 1080},
    )
    settled(page)
    page.wait_for_timeout(600)
    root = page.get_by_test_id("board")
    assert root.bounding_box()["height"] == 1080
    assert root.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(18, 23, 29)"
    page.screenshot(path=keep(f"{name}_dark_1920.png"))
    assert axe(page, "[data-testid=board]") == []
    sheets = page.pdf(path=keep(f"{name}.pdf"), prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
    assert root.evaluate("node => node.classList.contains('printing')") is False
