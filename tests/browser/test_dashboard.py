"""The tea board as a Voila page: right figures after every filter, keyboard, dark, print, axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmkit import shops

from .conftest import Server

PAGE = "labs/dashboards/tea.ipynb"
VALID = {
    "WAIT_SELLER_SEND_GOODS",
    "SELLER_CONSIGNED_PART",
    "WAIT_BUYER_CONFIRM_GOODS",
    "TRADE_FINISHED",
    "TRADE_CLOSED",
}
SPANS = {
    "30d": ("2025-12-02", "2025-12-31"),
    "13w": ("2025-10-02", "2025-12-31"),
    "12m": ("2025-01-01", "2025-12-31"),
}


@pytest.fixture(scope="module")
def sold() -> pd.DataFrame:
    """Every paid, valid order of the tea shop, from the raw table."""
    path = shops.root() / "tea" / "tables" / "orders.csv"
    orders = pd.read_csv(path, encoding="utf-8-sig", parse_dates=["paid_at"])
    return orders[orders["status"].isin(VALID) & orders["paid_at"].notna()]


def select(sold: pd.DataFrame, period: str, channel: str = "") -> pd.DataFrame:
    first, last = SPANS[period]
    end = pd.Timestamp(last) + pd.Timedelta(days=1)
    now = sold[(sold["paid_at"] >= first) & (sold["paid_at"] < end)]
    return now[now["channel_id"] == channel] if channel else now


@pytest.fixture
def board(visit: Callable[..., Any], server: Server) -> Any:
    page = visit(server.page(PAGE))
    settled(page, "tea 13w ")
    return page


def settled(page: Any, view: str) -> None:
    """Wait until the figures of this view (shop, period, channel) are drawn."""
    page.wait_for_selector(f'[data-testid=dashboard][data-view="{view}"]:not([aria-busy])')


def card(page: Any, name: str) -> str:
    """The exact value of a card, as its tooltip tells it."""
    text = page.locator(f"[data-kpi={name}]").get_attribute("title")
    return text.split("准确值：")[1]


def rows(page: Any, panel: str) -> list[list[str]]:
    """The table behind a chart, without its head."""
    return page.eval_on_selector_all(
        f"[data-panel={panel}] table tbody tr",
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))",
    )


def check_figures(page: Any, now: pd.DataFrame) -> None:
    times = now["customer_id"].value_counts()
    assert card(page, "sales") == f"¥{now['amount'].sum():,.2f}"
    assert card(page, "orders") == f"{len(now):,}"
    assert card(page, "buyers") == f"{len(times):,}"
    assert card(page, "spend") == f"¥{now['amount'].sum() / len(times):,.2f}"
    assert card(page, "repeat") == f"{(times >= 2).mean():.2%}"
    trend = rows(page, "trend")
    assert sum(float(row[1]) for row in trend) == pytest.approx(now["amount"].sum())
    assert sum(int(row[2]) for row in trend) == len(now)
    buckets = [(times == 1).sum(), (times == 2).sum(), times.between(3, 5).sum(), (times > 5).sum()]
    assert [int(row[1]) for row in rows(page, "frequency")] == buckets


def test_figures_follow_the_filters(
    board: Any, sold: pd.DataFrame, keep: Callable[[str], Path]
) -> None:
    check_figures(board, select(sold, "13w"))
    names = [row[0] for row in rows(board, "products")]
    assert len(names) == 8
    # The charts are SVG: their labels are text in the page.
    assert set(names) <= set(board.locator("[data-panel=products] svg text").all_text_contents())

    board.get_by_label("近一年").check()
    settled(board, "tea 12m ")
    check_figures(board, select(sold, "12m"))

    board.get_by_label("渠道", exact=True).select_option("T03")
    settled(board, "tea 12m T03")
    check_figures(board, select(sold, "12m", "T03"))

    board.get_by_label("近 30 天").check()
    settled(board, "tea 30d T03")
    check_figures(board, select(sold, "30d", "T03"))

    # The closed channel sold nothing: no value, not 0 %.
    board.get_by_label("渠道", exact=True).select_option("T08")
    settled(board, "tea 30d T08")
    assert card(board, "sales") == "¥0.00"
    assert card(board, "repeat") == "无数值"


def test_tiles_can_be_reached_and_read_with_the_keyboard(board: Any, sold: pd.DataFrame) -> None:
    board.locator("[data-province=广东]").focus()
    board.keyboard.press("ArrowUp")
    tile = board.locator("[data-province]:focus")
    assert tile.get_attribute("data-province") == "湖南"
    path = shops.root() / "tea" / "tables" / "customers.csv"
    home = pd.read_csv(path, encoding="utf-8-sig").set_index("customer_id")["province"]
    now = select(sold, "13w")
    here = now[now["customer_id"].map(home) == "湖南"]
    label = tile.get_attribute("aria-label")
    assert f"占 {here['amount'].sum() / now['amount'].sum():.1%}" in label
    assert f"{here['customer_id'].nunique()} 人" in label
    assert board.locator(".tile-details").inner_text() == label
    for _ in range(9):  # the edge of the map holds
        board.keyboard.press("ArrowLeft")
    assert board.locator("[data-province]:focus").count() == 1


def test_board_is_operated_with_the_keyboard_alone(board: Any) -> None:
    board.get_by_label("近 13 周").focus()
    board.keyboard.press("ArrowRight")
    settled(board, "tea 12m ")
    board.keyboard.press("Tab")  # the drop-down
    board.keyboard.press("ArrowDown")
    settled(board, "tea 12m T01")
    board.keyboard.press("Tab")
    board.keyboard.press("Enter")  # definitions
    dialog = board.get_by_role("dialog")
    assert "未减退款" in dialog.inner_text()
    board.keyboard.press("Escape")
    assert dialog.count() == 0
    # The legend of the channels filters as well; the button keeps the focus.
    pressed = board.locator("[data-channel=T01]")
    pressed.focus()
    board.keyboard.press("Enter")
    settled(board, "tea 12m ")
    assert board.evaluate("document.activeElement.dataset.channel") == "T01"


def test_board_fits_the_projector_without_scrolling(
    board: Any, keep: Callable[[str], Path]
) -> None:
    for width, height in ((1366, 768), (1920, 1080)):
        board.set_viewport_size({"width": width, "height": height})
        board.wait_for_timeout(600)  # the charts grow with the window
        board.screenshot(path=keep(f"{width}.png"))
        box = board.locator("[data-testid=dashboard]").bounding_box()
        assert (box["width"], box["height"]) == (width, height)
        footer = board.locator("[data-testid=dashboard] footer")
        assert "数据日期 2025-12-31" in footer.inner_text()
        bottom = footer.bounding_box()
        assert bottom["y"] + bottom["height"] <= height
        for chart in board.locator(".chart").all():  # and fill their panels
            drawn = chart.locator("svg").bounding_box()
            panel = chart.bounding_box()
            assert drawn["width"] == pytest.approx(panel["width"], abs=1)
            assert drawn["height"] == pytest.approx(panel["height"], abs=1)
    assert board.locator("html").get_attribute("lang") == "zh-CN"
    assert board.title() == "清溪茶叶 · 经营看板"
    assert "示意图，非行政区划边界" in board.locator("[data-panel=regions]").inner_text()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.full)])
def test_board_is_accessible_and_prints_light_on_one_sheet(
    visit: Callable[..., Any],
    server: Server,
    axe: Callable[..., list[str]],
    keep: Callable[[str], Path],
    theme: str,
) -> None:
    page = visit(server.page(PAGE, theme=theme))
    settled(page, "tea 13w ")
    page.wait_for_timeout(500)  # axe measures contrast: let the drawing come to rest
    page.screenshot(path=keep(f"{theme}.png"))
    root = page.locator("[data-testid=dashboard]")
    ground = root.evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == {"light": "rgb(244, 246, 248)", "dark": "rgb(18, 23, 29)"}[theme]
    assert axe(page, "[data-testid=dashboard]") == []

    page.evaluate(
        "() => addEventListener('beforeprint', () => { window.printed = {"
        "name: document.querySelector('[data-testid=dashboard]').className,"
        "light: document.body.dataset.jpThemeLight}; })"
    )
    sheets = page.pdf(
        path=keep(f"print_{theme}.pdf"), prefer_css_page_size=True, print_background=True
    )
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
    assert re.search(rb"/MediaBox \[0 0 84[12]\.?\d* 59[45]", sheets)  # A4 landscape, points
    printed = page.evaluate("window.printed")
    assert "printing" in printed["name"]
    assert printed["light"] == "true"
    # Afterwards everything is as it was.
    assert (
        page.locator("body").get_attribute("data-jp-theme-light") == str(theme == "light").lower()
    )
    assert page.locator("[data-testid=dashboard].printing").count() == 0


def test_leaving_the_page_ends_its_kernel(visit: Callable[..., Any], server: Server) -> None:
    def kernels() -> set[str]:
        return {kernel["id"] for kernel in server.api("kernels")}

    before = kernels()
    page = visit(server.page(PAGE))
    settled(page, "tea 13w ")
    (own,) = kernels() - before
    page.context.unroute_all()  # the guard would hold back the page's last request
    page.goto("about:blank")
    for _ in range(100):
        if own not in kernels():
            return
        page.wait_for_timeout(200)
    pytest.fail("the kernel of the page is still there")


@pytest.mark.full
def test_board_runs_in_jupyterlab_and_its_keys_do_not_touch_the_cell(
    in_lab: Callable[..., Any], keep: Callable[[str], Path]
) -> None:
    page = in_lab(PAGE)
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    settled(page, "tea 13w ")
    page.screenshot(path=keep("lab.png"))
    assert page.get_by_role("menuitem", name="文件").count() == 1  # JupyterLab is Chinese
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.get_by_test_id("definitions").focus()
    for key in ("x", "d", "d", "a", "b", "m"):  # cut, delete, add: commands of the notebook
        page.keyboard.press(key)
    page.get_by_label("近一年").check()
    settled(page, "tea 12m ")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
