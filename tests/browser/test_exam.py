"""The examination in the console: time that runs, no explanations, locked at the end; its results."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.feedback import exam_page
from crmkit import crm as kit
from crmkit.crm import store
from crmkit.ui.console.desk import Desk
from tests.autograder import examroom
from tests.crmkit.crm.test_exam import begun_ago

from .conftest import ARTIFACTS, Server
from .test_console import go, notebook

PAGE = """import os

os.chdir({folder!r})
from crmkit.lab import Lab

lab = Lab("X1", "2025010101")
lab.begin()
lab.console("店长")"""
MINUTE = 60_000


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The student's folder, below the server's root."""
    folder = ARTIFACTS / "exam" / re.sub(r"\W", "_", request.node.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sitting(
    visit: Callable[..., Any], server: Server, place: Path
) -> Iterator[Callable[..., tuple[Any, kit.Session]]]:
    """Begin the examination on a page; gives the page and a session on the same shop file."""
    open_ones = []

    def begin(**options: Any) -> tuple[Any, kit.Session]:
        page = visit(
            server.page(notebook(place, "page", PAGE.format(folder=str(place)))), **options
        )
        page.get_by_test_id("welcome").wait_for()
        session = kit.Session(store.open_store(place / "out" / "X1.crm"))
        session.role, session.user = "店长", "检查"
        open_ones.append(session)
        return page, session

    yield begin
    for session in open_ones:
        session.close()


def seconds_left(page: Any) -> int:
    minutes, seconds = page.get_by_test_id("exam-left").locator("b").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def test_an_examination_shows_the_time_hides_help_and_locks_when_it_is_handed_in(
    sitting: Callable[..., Any], axe: Callable[..., list[str]], keep: Callable[[str], Path]
) -> None:
    page, session = sitting()
    assert 35 * 60 < seconds_left(page) <= 40 * 60
    desk = Desk(session)
    shown = desk.open("channels.return_rate")
    assert shown["about"] and shown["notes"] and any(f["help"] for f in shown["form"])
    go(page, "channels.return_rate")
    page.get_by_test_id("grid").first.wait_for()
    assert page.get_by_test_id("definitions").is_hidden()
    assert page.locator(".about").inner_text() == "渠道关系"
    assert page.locator(".note").count() == 0
    assert "".join(page.locator(".field-help, [id$=-help]").all_inner_texts()) == ""
    go(page, "channels.list")
    page.locator("[data-row=T07] [data-action=维护]").click()
    page.get_by_test_id("dialog").get_by_label("备注").fill("休眠，待激活")
    page.get_by_test_id("confirm").click()
    page.get_by_test_id("message").get_by_text("已保存").wait_for()
    assert session.channels.list().set_index("渠道编号").loc["T07", "备注"] == "休眠，待激活"
    page.screenshot(path=keep("running.png"))
    assert axe(page, ".crm-console") == []

    session.hand_in()  # as the notebook does it
    page.locator(".side [data-key='channels.sales']").click()
    over = page.get_by_test_id("exam-over")
    over.wait_for()
    assert "交卷，答卷已锁定" in over.inner_text()
    assert page.locator(".side").count() == 0
    assert page.get_by_test_id("exam-left").count() == 0
    page.screenshot(path=keep("locked.png"))
    assert axe(page, ".crm-console") == []
    session.verify()


@pytest.mark.full
def test_the_last_minutes_are_said_and_the_end_of_the_time_locks_by_itself(
    sitting: Callable[..., Any], keep: Callable[[str], Path]
) -> None:
    page, session = sitting(viewport={"width": 1920, "height": 1080})
    page.clock.install()
    page.clock.fast_forward(36 * MINUTE)
    page.locator(".exam-clock.last").wait_for()
    page.get_by_test_id("message").get_by_text("考试还剩").wait_for()
    page.clock.fast_forward(5 * MINUTE)  # the browser's clock alone ends nothing
    page.wait_for_function(
        "document.querySelector('[data-testid=exam-left] b').innerText.slice(0, 2) > '30'"
    )
    go(page, "channels.list")
    page.locator("[data-row=T07] [data-action=维护]").click()
    page.get_by_test_id("dialog").wait_for()
    begun_ago(session, 41)
    page.clock.fast_forward(41 * MINUTE)
    over = page.get_by_test_id("exam-over")
    over.wait_for()
    assert "时间已到，答卷已锁定" in over.inner_text()
    assert page.locator("dialog").count() == 0
    page.screenshot(path=keep("time_up_1920.png"))


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_result_page_fits_the_screen_and_the_sheet(
    chromium: Any, axe: Callable[..., list[str]], keep: Callable[[str], Path], tmp_path: Path,
    scheme: str,
) -> None:  # fmt: skip
    path, _ = exam_page.write(examroom.make(tmp_path), "X1", examroom.ROSTER)
    window = {"width": 1366, "height": 768}
    context = chromium.new_context(locale="zh-CN", viewport=window, color_scheme=scheme)
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda r: asked.append(r.url))
    page.goto(path.as_uri())
    page.screenshot(path=keep(f"result_{scheme}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    for region in page.locator(".scroll").all():
        assert region.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    assert page.locator("tr[data-student] .remarks p").count() == 5
    assert axe(page, "html") == []
    sheets = page.pdf(path=keep(f"result_{scheme}.pdf"), prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 2
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
    context.close()
