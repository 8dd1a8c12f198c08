"""The quiz in a real browser: answered with the keyboard alone, as a Voila page and in JupyterLab."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from crmkit import quizbank
from crmkit.quizbank.question import Choice, Fill, Match, Order, Question, TrueFalse

from .conftest import ROOT, Server

STUDENT = "2025010101"
SECTION = "2.2"  # has a question of every kind
QUESTIONS = quizbank.load("ch02").select(SECTION)
MANY_TABS = 400


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server serves, with a notebook that shows the quiz."""
    path = ROOT / "artifacts" / "browser" / f"quiz-{uuid.uuid4().hex[:8]}"
    path.mkdir(parents=True)
    cells = [
        nbformat.v4.new_code_cell(
            "from crmkit.ui.quiz import Quiz\n"
            f"Quiz('ch02', section='{SECTION}', student='{STUDENT}')"
        ),
        nbformat.v4.new_markdown_cell("下一节"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path / "quiz.ipynb")
    yield path
    shutil.rmtree(path)


def where(folder: Path) -> str:
    return (folder / "quiz.ipynb").relative_to(ROOT).as_posix()


def saved(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "out" / "quiz_ch02.json").read_text(encoding="utf-8"))


def wait_for_saved(page: Any, folder: Path, done: Callable[[dict[str, Any]], bool]) -> None:
    """Answers are saved a moment after they are given."""
    for _ in range(200):
        if (folder / "out" / "quiz_ch02.json").exists() and done(saved(folder)):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the answers were not saved")


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the focus is on (the first of) what the selector names."""
    for _ in range(MANY_TABS):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def answer_with_keys(page: Any, question: Question) -> None:
    keys = page.keyboard
    part = f"[data-question={question.id}]"
    match question.body:
        case Choice(options=options, answer=answer, many=True):
            for place, key in enumerate(options):
                tab_to(page, f"{part} label:nth-child({place + 1}) input")
                if key in answer:
                    keys.press("Space")
        case Choice(options=options, answer=answer):
            choose(page, part, list(options).index(next(iter(answer))))
        case TrueFalse(answer=answer):
            choose(page, part, 0 if answer else 1)
        case Match(pairs=pairs):
            for place, pair in enumerate(pairs):
                tab_to(page, f"{part} .pair:nth-child({place + 1}) select")
                listed = quizbank.present(question, STUDENT)["rights"]
                for _ in range(listed.index(pair.right) + 1):  # the first one is 请选择
                    keys.press("ArrowDown")
        case Order(steps=steps):
            sort_with_keys(page, part, [s.text for s in steps])
        case Fill(blanks=blanks):
            for place, blank in enumerate(blanks):
                tab_to(page, f"{part} input:nth-of-type({place + 1})")
                keys.insert_text(blank.accept[0])
        case _:
            for place, value in enumerate(quizbank.expected(question, STUDENT)):
                tab_to(page, f"{part} .ask:nth-child({place + 1}) input")
                keys.insert_text(f"{value:.2f}")


def choose(page: Any, part: str, place: int) -> None:
    """Radio buttons: one stop of the tabulator, arrows inside."""
    tab_to(page, f"{part} input[type=radio]")
    page.keyboard.press("Space")
    for _ in range(place):
        page.keyboard.press("ArrowDown")


def sort_with_keys(page: Any, part: str, right: list[str]) -> None:
    """Move every step to its place with the arrow keys on its button."""
    for to, text in enumerate(right):
        now = page.eval_on_selector_all(f"{part} li", "rows => rows.map(r => r.dataset.text)")
        page.locator(f"{part} .move").first.focus()  # back to the list; the rest is by key
        tab_to(page, f'{part} li[data-text="{text}"] .move')
        for _ in range(now.index(text) - to):
            page.keyboard.press("ArrowUp")


def test_the_whole_quiz_can_be_answered_with_the_keyboard(
    visit: Callable[..., Any], server: Server, folder: Path, keep: Callable[[str], Path]
) -> None:
    page = visit(server.page(where(folder)))
    quiz = page.get_by_test_id("quiz")
    quiz.wait_for()
    assert page.get_by_test_id("done").inner_text() == f"已答 0 / {len(QUESTIONS)}"
    for question in QUESTIONS:
        answer_with_keys(page, question)
    assert page.get_by_test_id("done").inner_text() == f"已答 {len(QUESTIONS)} / {len(QUESTIONS)}"
    tab_to(page, "[data-testid=submit]")
    page.keyboard.press("Enter")
    page.get_by_test_id("score").get_by_text("得分 100 / 100").wait_for()
    assert page.evaluate("document.activeElement.dataset.testid") == "submit"
    assert quiz.locator(".why").count() == len(QUESTIONS)
    page.screenshot(path=keep("right.png"))

    handed_in = saved(folder)
    assert handed_in["student"] == STUDENT
    assert quizbank.score(QUESTIONS, handed_in["answers"], STUDENT) == 100

    # Another day: everything is there again.
    page = visit(server.page(where(folder)))
    page.get_by_test_id("score").get_by_text("得分 100 / 100").wait_for()
    assert page.locator("[data-question=ch02-12] input").first.input_value() == "考察期"


def test_a_wrong_answer_is_explained_and_can_be_tried_again(
    visit: Callable[..., Any],
    server: Server,
    folder: Path,
    keep: Callable[[str], Path],
    axe: Callable[..., list[str]],
) -> None:
    page = visit(server.page(where(folder)))
    part = page.locator("[data-question=ch02-20]")
    part.get_by_role("radio").nth(3).check()
    page.get_by_test_id("submit").click()
    body = quizbank.load("ch02")["ch02-20"].body
    assert isinstance(body, Choice)
    part.get_by_text(body.wrong["D"]).wait_for()
    assert part.get_attribute("data-status") == "wrong"
    assert page.get_by_role("button", name="第 9 题，不正确").count() == 1
    assert axe(page, ".crm-quiz") == []

    part.get_by_role("radio").nth(2).check()
    part.get_by_text("答案改过了").wait_for()
    page.get_by_test_id("submit").click()
    part.get_by_text("正确。").wait_for()
    part.get_by_text(quizbank.load("ch02")["ch02-20"].why).wait_for()

    # Emptying what is not right keeps the rest and goes to the first open question.
    page.get_by_test_id("retry").click()
    page.wait_for_function(
        "document.activeElement?.closest('[data-question]')?.dataset.question === 'ch02-12'"
    )
    assert part.get_by_role("radio").nth(2).is_checked()
    page.screenshot(path=keep("again.png"))


def test_it_is_readable_in_the_dark_and_on_paper(
    visit: Callable[..., Any],
    server: Server,
    folder: Path,
    keep: Callable[[str], Path],
    axe: Callable[..., list[str]],
) -> None:
    page = visit(server.page(where(folder), theme="dark"))
    page.get_by_test_id("quiz").wait_for()
    page.get_by_test_id("submit").click()
    page.get_by_test_id("score").get_by_text("得分 0 / 100").wait_for()
    assert axe(page, ".crm-quiz") == []
    page.screenshot(path=keep("dark.png"))
    page.emulate_media(media="print")
    assert not page.get_by_test_id("submit").is_visible()
    assert page.locator("[data-question=ch02-12]").is_visible()


def test_half_composed_chinese_is_not_taken_for_an_answer(
    visit: Callable[..., Any], server: Server, folder: Path
) -> None:
    page = visit(server.page(where(folder)))
    gap = page.locator("[data-question=ch02-12] input").first
    gap.click()
    page.keyboard.insert_text("考")
    wait_for_saved(page, folder, lambda data: data["answers"]["ch02-12"][0] == "考")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "cha", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(1000)  # longer than the delay before a draft is saved
    assert gap.input_value() == "考cha"
    assert saved(folder)["answers"]["ch02-12"][0] == "考"
    session.send("Input.insertText", {"text": "察期"})
    wait_for_saved(page, folder, lambda data: data["answers"]["ch02-12"][0] == "考察期")


@pytest.mark.full
def test_in_jupyterlab_the_keys_reach_the_quiz_and_not_the_notebook(
    in_lab: Callable[..., Any], folder: Path, keep: Callable[[str], Path]
) -> None:
    page = in_lab(where(folder))
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    quiz = page.get_by_test_id("quiz")
    quiz.wait_for()
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    choice = quiz.locator("[data-question=ch02-16]")
    choice.get_by_role("radio").first.focus()
    for key in ("x", "d", "d", "a", "b", "m", "0", "0"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    page.keyboard.press("Space")
    for id in ("ch02-17", "ch02-21"):
        answer_with_keys(page, quizbank.load("ch02")[id])
    tab_to(page, "[data-testid=submit]")
    page.keyboard.press("Enter")
    page.get_by_test_id("score").get_by_text("对 3 题").wait_for()
    page.screenshot(path=keep("lab.png"))
    answers = saved(folder)["answers"]
    assert set(answers) == {"ch02-16", "ch02-17", "ch02-21"}
    assert quizbank.mark(quizbank.load("ch02")["ch02-17"], answers["ch02-17"], STUDENT).right
