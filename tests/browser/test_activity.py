"""An activity in a real browser: controls by mouse and keyboard, figure, formula, dark, axe."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .conftest import ROOT, Server


@pytest.fixture
def notebook() -> Iterator[str]:
    """A notebook with three activities in a folder that the server serves."""
    folder = ROOT / "artifacts" / "browser" / f"activity-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    names = ("clv_workshop", "is_alive", "lifecycle_path")
    source = ["from crmkit.ui.activities import ch02"] + [f"ch02.{name}()" for name in names]
    cells = [nbformat.v4.new_code_cell(text) for text in source]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, folder / "activities.ipynb")
    yield (folder / "activities.ipynb").relative_to(ROOT).as_posix()
    shutil.rmtree(folder)


def test_activities_follow_mouse_and_keyboard(
    visit: Callable[..., Any],
    server: Server,
    notebook: str,
    keep: Callable[[str], Path],
    axe: Callable[..., list[str]],
) -> None:
    page = visit(server.page(notebook))
    activity = page.get_by_test_id("activity")
    activity.nth(2).locator("svg").wait_for()
    workshop, alive, path = (activity.nth(i) for i in range(3))
    # Before anything moves: the exercise of the course, and a formula that is drawn.
    assert "换一个口径，名次就反过来" in workshop.locator(".message").inner_text()
    assert "4,513.02" in workshop.locator(".numbers tr", has_text="▸").inner_text()
    assert (
        page.evaluate("document.querySelector('.crm-activity math').getBoundingClientRect().height")
        > 20
    )
    assert axe(page, ".crm-activity") == []
    page.screenshot(path=keep("light.png"))

    # A slider by keyboard: the service cost of B down to nothing.
    cost = workshop.get_by_label("年服务成本 Cs").nth(1)
    cost.focus()
    page.keyboard.press("Home")
    workshop.get_by_text("模型一：B 高 335.50 元；模型三：B 高").wait_for()
    assert cost.get_attribute("aria-valuetext") == "0 元"
    workshop.get_by_role("button", name="恢复初始值").click()
    workshop.get_by_text("名次就反过来").wait_for()
    assert cost.input_value() == "300"

    # A purchase history: added by a click, moved with Shift and an arrow.
    weeks = alive.get_by_role("group", name="乙买过的周")
    weeks.get_by_role("button", name="第 30 周，没有购买").click()
    alive.locator(".numbers", has_text="第 30 周").wait_for()
    page.keyboard.press("Shift+ArrowRight")
    weeks.get_by_role("button", name="第 31 周，有购买").wait_for()
    alive.locator(".numbers", has_text="第 31 周").wait_for()
    assert page.evaluate("document.activeElement.title") == "第 31 周"

    # Dragged quickly through all its values, the slider ends where the figure does.
    leave = path.get_by_label("第几期之后断开")
    leave.scroll_into_view_if_needed()
    box = leave.bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(box["x"] + box["width"] * step / 20 - 1, box["y"] + box["height"] / 2)
    page.mouse.up()
    path.get_by_text("这是长久保持型").wait_for()
    assert leave.input_value() == "36"
    assert path.locator("svg", has_text="长久保持型").count() == 1


def test_in_jupyterlab_keys_move_the_slider_and_not_the_notebook(
    in_lab: Callable[..., Any], notebook: str, keep: Callable[[str], Path]
) -> None:
    page = in_lab(notebook)
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    workshop = page.get_by_test_id("activity").first
    workshop.locator("svg").wait_for()
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    workshop.get_by_label("关系年数 n").focus()
    for key in ("x", "d", "d", "End"):
        page.keyboard.press(key)
    workshop.get_by_text("20 年").wait_for()
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    page.screenshot(path=keep("lab.png"))


@pytest.mark.full
def test_activities_are_readable_in_the_dark(
    visit: Callable[..., Any],
    server: Server,
    notebook: str,
    keep: Callable[[str], Path],
    axe: Callable[..., list[str]],
) -> None:
    page = visit(server.page(notebook, theme="dark"))
    activity = page.get_by_test_id("activity")
    activity.nth(2).locator("svg").wait_for()
    title = activity.first.locator("svg text", has_text="终身价值（元）").first
    assert title.evaluate("e => getComputedStyle(e).fill") == "rgb(228, 234, 240)"
    assert axe(page, ".crm-activity") == []
    page.screenshot(path=keep("dark.png"))
