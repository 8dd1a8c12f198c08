"""The teacher's board as ``autograder dashboard`` serves it: behind a token, names hidden at first."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from autograder.insight import classroom, evidence, serving
from tests.autograder.insight.graded_class import LAB, STUDENTS, shared

SLOW = 180_000  # milliseconds: the page imports nbgrader before it draws


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Serving]:
    folder = tmp_path_factory.mktemp("marks") / "class"
    shutil.copytree(shared(), folder)
    evidence.compute(classroom.read_lab(folder, LAB))
    with serving.serve(folder, 8920) as running:
        yield running


@pytest.fixture(scope="module")
def watched(served: serving.Serving, chromium: Any) -> Iterator[tuple[Any, list[str]]]:
    """The page, opened once: kernels are dear. What it did wrong is in the list."""
    home = urlsplit(served.address).netloc
    wrong: list[str] = []

    def guard(route: Any) -> None:
        if urlsplit(route.request.url).netloc == home or route.request.url.startswith(
            ("data:", "blob:")
        ):
            route.continue_()
        else:
            wrong.append(route.request.url)
            route.abort()

    context = chromium.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(SLOW)
    context.route("**/*", guard)
    page = context.new_page()
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.goto(served.address)
    page.wait_for_selector("[data-testid=marks] svg")
    yield page, wrong
    context.unroute_all()
    page.goto("about:blank")  # ends the kernel
    page.wait_for_timeout(300)
    context.close()


@pytest.fixture
def board(watched: tuple[Any, list[str]]) -> Iterator[Any]:
    page, wrong = watched
    yield page
    assert wrong == []


def switch(page: Any, label: str, view: str) -> None:
    page.get_by_label(label).check()
    page.wait_for_selector(f'[data-testid=marks][data-view="{LAB} {view}"]:not([aria-busy])')


def test_without_the_token_nobody_gets_in(served: serving.Serving) -> None:
    address = urlsplit(served.address)
    assert address.hostname == "127.0.0.1"
    for path in ("voila/render/marks.ipynb", "voila/files/marks.ipynb", "voila/tree", ""):
        try:
            with urllib.request.urlopen(f"http://{address.netloc}/{path}", timeout=30) as answer:
                assert "/login" in answer.url
        except urllib.error.HTTPError as error:
            assert error.code in (403, 404)
    assert address.query.removeprefix("token=") not in " ".join(served.process.args)  # type: ignore[arg-type]


def test_names_are_hidden_until_asked_for(board: Any, keep: Callable[[str], Path]) -> None:
    switch(board, "隐藏姓名", "hidden")
    text = board.content()
    assert not [s for s in STUDENTS if s.id in text or s.name in text]
    assert board.locator("[data-panel=likeness] li").count() >= 2
    board.screenshot(path=keep("hidden.png"))
    switch(board, "显示姓名", "shown")
    assert "何平" in board.locator("[data-panel=stuck]").inner_text()
    assert board.evaluate("window.pwned") is None
    board.screenshot(path=keep("shown.png"))


def test_charts_tell_their_numbers_and_lists_open(board: Any) -> None:
    switch(board, "显示姓名", "shown")
    counts = board.locator("[data-panel=spread] table tbody td:nth-child(2)").all_text_contents()
    assert sum(map(int, counts)) == 10
    assert board.locator("[data-panel=items] table tbody tr").count() == 12
    board.locator("[data-mistake=E3-07]").first.click()
    assert "交的是百分数" in board.locator("dialog[open]").inner_text()
    board.keyboard.press("Escape")
    board.locator("[data-testid=items]").click()
    assert board.locator("dialog[open] tbody tr").count() == 12
    board.keyboard.press("Escape")
    assert board.locator("dialog[open]").count() == 0


def test_a_hint_shows_both_sides_and_says_it_is_no_conclusion(
    board: Any, axe: Callable[..., list[str]]
) -> None:
    switch(board, "显示姓名", "shown")
    board.locator("[data-hint]", has_text="崔浩 · 金玉").focus()
    board.keyboard.press("Enter")
    dialog = board.locator("dialog[open]")
    dialog.locator(".passage").first.wait_for()
    assert "提示，不是结论" in dialog.inner_text()
    assert dialog.locator(".passage").first.locator("figure").count() == 2
    assert axe(board, "dialog[open]") == []
    board.keyboard.press("Escape")
    board.locator("[data-hint]", has_text="答案").first.click()
    board.locator("dialog[open] .answers").wait_for()
    assert "恰好是 薄荷 的数据算出的答案" in board.locator("dialog[open]").inner_text()
    board.keyboard.press("Escape")


def test_axe_finds_nothing_in_light_and_dark(board: Any, axe: Callable[..., list[str]]) -> None:
    assert axe(board, ".crm-marks") == []
    board.evaluate("document.body.dataset.jpThemeLight = 'false'")
    board.wait_for_timeout(500)
    assert axe(board, ".crm-marks") == []
    board.evaluate("document.body.dataset.jpThemeLight = 'true'")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_the_board_fits_the_screen(
    board: Any, size: tuple[int, int], keep: Callable[[str], Path]
) -> None:
    board.set_viewport_size({"width": size[0], "height": size[1]})
    board.wait_for_timeout(500)
    width, height = board.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert (width, height) == size
    board.screenshot(path=keep(f"{size[0]}.png"))
    board.set_viewport_size({"width": 1366, "height": 768})
