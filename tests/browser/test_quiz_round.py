"""The quiz round as a Voila page: used with the keyboard alone, fits the projector, gives nothing away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmkit import quizbank

from .conftest import Server

PAGE = "labs/dashboards/quiz.ipynb"
LONG = ("ch02", "ch05", "ch10")  # chapters with the longest questions


def at(page: Any, phase: str, **more: str) -> None:
    parts = "".join(f"[data-{k}={v!r}]" for k, v in more.items())
    page.wait_for_selector(f"[data-testid=quiz_round][data-phase={phase}]{parts}")


def press(page: Any, key: str, phase: str, **more: str) -> None:
    page.keyboard.press(key)
    at(page, phase, **more)


def overflowing(page: Any) -> bool:
    return bool(
        page.locator(".stage").evaluate(
            "s => s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1"
        )
    )


def start(page: Any, **choices: str) -> None:
    """Choose and begin, as a teacher does."""
    at(page, "setup")
    for name, value in choices.items():
        control = page.get_by_test_id(f"choose-{name}")
        if name == "n":
            control.fill(value)
            control.blur()
        else:
            control.select_option(value)
        page.wait_for_timeout(150)
    page.get_by_test_id("start").click()
    at(page, "question")


def test_a_round_is_held_with_the_keyboard_alone(
    visit: Callable[..., Any],
    server: Server,
    axe: Callable[..., list[str]],
    keep: Callable[[str], Path],
) -> None:
    page = visit(server.page(PAGE))
    at(page, "setup")
    root = page.get_by_test_id("quiz_round")
    box = root.bounding_box()
    assert (box["width"], box["height"]) == (1366, 768)
    assert axe(page, "[data-testid=quiz_round]") == []
    page.screenshot(path=keep("setup.png"))
    page.get_by_test_id("choose-chapter").select_option("ch05")
    page.get_by_test_id("choose-section").locator("option[value='5.1']").wait_for(state="attached")
    page.get_by_test_id("choose-kind").select_option("single")
    page.get_by_text(f"符合条件的有 {len(quizbank.load('ch05').matching(None, ['single']))} 题").wait_for()  # fmt: skip
    page.get_by_test_id("choose-n").fill("2")
    page.keyboard.press("Tab")
    page.get_by_test_id("choose-seconds").select_option("20")
    page.get_by_test_id("start").focus()
    page.wait_for_timeout(300)  # the choices are drawn anew when the reply comes
    assert page.evaluate("document.activeElement.dataset.testid") == "start"
    press(page, "Enter", "question")
    first = root.get_attribute("data-question")
    question = quizbank.load("ch05")[first]
    assert question.kind == "single" and question.stem in page.locator(".stem").inner_text()
    assert re.fullmatch(r"0:(20|1\d)", page.locator(".clock").inner_text())
    assert question.why not in page.content() and not overflowing(page)
    large = page.locator(".stem").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert large >= 24  # px: readable from the back row
    press(page, "Space", "question", revealed="true")
    text = page.locator(".sheet").inner_text()
    body: Any = question.body
    assert question.why in text and all(why in text for why in body.wrong.values())
    assert page.locator(".is-right").count() == 1 and not overflowing(page)
    assert page.locator(".clock").get_attribute("data-state") == "paused"
    page.keyboard.press("2")
    page.locator("[data-team='1'].scored").wait_for()
    assert axe(page, "[data-testid=quiz_round]") == []
    page.screenshot(path=keep("revealed.png"))
    press(page, "PageDown", "question", revealed="false")
    assert root.get_attribute("data-question") != first
    press(page, "ArrowLeft", "question", revealed="true", question=first)
    press(page, "ArrowRight", "question", revealed="false")
    press(page, "ArrowRight", "summary")
    points = page.get_by_test_id("points")
    assert points.locator("tfoot").inner_text().split() == ["合计", "2", "1", "0", "1", "0", "0"]
    assert "第 2 组" in page.locator("h2").inner_text()
    page.screenshot(path=keep("summary.png"))
    page.get_by_test_id("again").click()
    at(page, "setup")
    assert "还没有问过" in page.get_by_test_id("available").inner_text()


@pytest.mark.full
@pytest.mark.parametrize("chapter", LONG)
@pytest.mark.parametrize(("width", "height", "theme"), [(1366, 768, "light"), (1920, 1080, "dark")])
def test_every_question_and_its_key_fit_the_projector(
    visit: Callable[..., Any], server: Server, axe: Callable[..., list[str]],
    keep: Callable[[str], Path], chapter: str, width: int, height: int, theme: str,
) -> None:  # fmt: skip
    page = visit(server.page(PAGE, theme=theme), viewport={"width": width, "height": height})
    start(page, chapter=chapter, n="200")
    root, seen = page.get_by_test_id("quiz_round"), {}
    total = len(quizbank.load(chapter))
    for place in range(total):
        id = root.get_attribute("data-question")
        kind = quizbank.load(chapter)[id].kind
        before = overflowing(page)
        press(page, "Space", "question", revealed="true", question=id)
        if kind not in seen:
            page.screenshot(path=keep(f"{chapter}_{kind}_{width}.png"))
            assert axe(page, "[data-testid=quiz_round]") == []
        seen[kind] = seen.get(kind, 0) + 1
        size = page.locator(".stem").evaluate("n => parseFloat(getComputedStyle(n).fontSize)")
        assert not before and not overflowing(page), (id, size)
        if place + 1 < total:
            page.keyboard.press("ArrowRight")
            page.wait_for_function(
                "old => document.querySelector('[data-testid=quiz_round]').dataset.question !== old", arg=id
            )  # fmt: skip
    assert set(seen) == {q.kind for q in quizbank.load(chapter)}


@pytest.mark.full
def test_a_question_and_the_summary_are_printed_without_buttons(
    visit: Callable[..., Any],
    server: Server,
    axe: Callable[..., list[str]],
    keep: Callable[[str], Path],
) -> None:
    page = visit(server.page(PAGE, theme="dark"))
    start(page, chapter="ch01", n="3")
    page.keyboard.press("Space")
    at(page, "question", revealed="true")
    page.emulate_media(media="print")
    assert not page.get_by_test_id("next").is_visible() and page.locator(".why").is_visible()
    colour = page.locator(".stage").evaluate("node => getComputedStyle(node).backgroundColor")
    assert colour == "rgb(255, 255, 255)"  # paper is light, whatever the screen is
    page.pdf(path=keep("question.pdf"), prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="screen")
    page.get_by_test_id("end").click()
    at(page, "summary")
    assert axe(page, "[data-testid=quiz_round]") == []
    page.emulate_media(media="print")
    sheets = page.pdf(path=keep("summary.pdf"), prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1
