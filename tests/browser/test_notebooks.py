"""Chapters and a lab as a student meets them: run in JupyterLab, and as a page to read and project.

In `make test` one chapter stands for all; `make test-full` takes every one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from crmkit.syllabus import course
from tests.browser.conftest import ARTIFACTS, ROOT, Server

CHAPTERS = {p.name.split("_")[0]: p for p in sorted((ROOT / "chapters").glob("ch*.ipynb"))}
NOTEBOOKS = {**CHAPTERS, "E3": ROOT / "labs" / "E3" / "E3.ipynb"}
RUN_SECONDS = 240
EVERY_CHAPTER = [
    pytest.param(name, marks=() if name == "ch02" else pytest.mark.full) for name in CHAPTERS
]
PROBLEMS = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type$='.error']"
# What an activity shows, without the ids of its drawing, which are new each time.
SHOWN = """a => a.querySelector('.right').innerText
  + [...a.querySelectorAll('.drawing path, .drawing use, .drawing text')].map(
      e => e.getAttribute('d') + e.getAttribute('style') + e.getAttribute('x')
           + e.getAttribute('y') + e.getAttribute('transform')).join()"""


@pytest.fixture
def copy() -> Iterator[Callable[[str], Path]]:
    """A copy to work on: Lab saves what it runs, and the course's own notebooks stay clean."""
    folders: list[Path] = []

    def make(name: str) -> Path:
        folder = ARTIFACTS.parent / "work" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folders.append(folder)
        return Path(shutil.copy(NOTEBOOKS[name], folder))

    yield make
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def run_all(page: Any, path: Path) -> nbformat.NotebookNode:
    """Run all cells by the menu, save, and read the notebook back from the disk."""
    indicator = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
    page.locator(".lm-MenuBar-itemLabel", has_text="运行").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="运行所有单元格").first.click()
    last = sum(c.cell_type == "code" for c in nbformat.read(path, 4).cells)
    done = 0
    for _ in range(RUN_SECONDS // 3):
        page.wait_for_timeout(3000)
        if page.locator(indicator).count() == 0:
            continue
        nb = saved(page, path)
        done = sum(c.get("execution_count") is not None for c in nb.cells)
        if done == last:
            return nb
    pytest.fail(f"{path.name}: after {RUN_SECONDS} seconds {done} of {last} cells had run")


def saved(page: Any, path: Path) -> nbformat.NotebookNode:
    """Save, and read the file once it is whole (the server writes while we look)."""
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(40):
        page.wait_for_timeout(250)
        if path.stat().st_mtime_ns != before and path.read_text(encoding="utf-8").rstrip().endswith(
            "}"
        ):
            break
    return nbformat.read(path, 4)


def errors(nb: nbformat.NotebookNode) -> list[str]:
    return [
        o.get("evalue", "") or o.get("text", "")
        for c in nb.cells if c.cell_type == "code" for o in c.outputs
        if o.output_type == "error" or (o.output_type == "stream" and o.name == "stderr")
    ]  # fmt: skip


def count(nb: nbformat.NotebookNode, pattern: str) -> int:
    """How often the code has it at the beginning of a line."""
    code = (c.source for c in nb.cells if c.cell_type == "code")
    return sum(len(re.findall(pattern, source, re.M)) for source in code)


# --- in JupyterLab -------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("name", [*EVERY_CHAPTER, pytest.param("E3", marks=pytest.mark.full)])
def test_the_notebook_runs_top_to_bottom_in_jupyterlab(
    name: str,
    in_lab: Callable[..., Any],
    copy: Callable[[str], Path],
    keep: Callable[[str], Path],
    full: bool,
) -> None:
    path = copy(name)
    page = in_lab(path.relative_to(ROOT).as_posix())
    nb = run_all(page, path)
    assert errors(nb) == []
    if full and name in CHAPTERS:
        wanted = {
            "activity": count(nb, r"^activities\.\w+\("),
            "quiz": count(nb, r"^Quiz\("),
        }
        seen = drawn(page, tuple(wanted))
        assert {kind: len(titles) for kind, titles in seen.items()} == wanted, seen
    page.screenshot(path=keep(f"lab_{name}.png"))


def drawn(page: Any, kinds: tuple[str, ...]) -> dict[str, set[str]]:
    """The widgets met on the way down: JupyterLab draws a cell when it comes into the window."""
    seen: dict[str, set[str]] = {kind: set() for kind in kinds}
    panel = page.locator(".jp-WindowedPanel-outer").first
    panel.evaluate("e => e.scrollTo(0, 0)")
    at_end = False
    while not at_end:
        page.wait_for_timeout(250)
        for kind in kinds:
            titles = page.locator(f"[data-testid={kind}] h3:visible").all_inner_texts()
            seen[kind] |= {title for title in titles if title}  # empty: out of sight, not laid out
        at_end = panel.evaluate(
            "e => { const at = e.scrollTop; e.scrollBy(0, 500); return e.scrollTop <= at + 1; }"
        )
    return seen


# --- as a page to read ---------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY_CHAPTER)
def test_the_chapter_is_a_page_without_code_on_which_everything_moves(
    name: str, server: Server, visit: Callable[..., Any], keep: Callable[[str], Path]
) -> None:
    nb = nbformat.read(CHAPTERS[name], 4)
    page = visit(server.page(CHAPTERS[name].relative_to(ROOT).as_posix()))
    page.locator("#loading").wait_for(state="detached", timeout=RUN_SECONDS * 1000)
    activities = page.get_by_test_id("activity")
    expected = count(nb, r"^activities\.\w+\(")
    drawing = activities.nth(expected - 1).locator(".drawing svg")
    drawing.wait_for(state="attached", timeout=RUN_SECONDS * 1000)

    # What is there …
    assert page.locator(PROBLEMS).count() == 0
    assert page.get_by_text("There was an error").count() == 0
    titles = map(plain, page.locator("h2").all_inner_texts())
    sections = [f"{s.num} {s.title}" for s in course().chapter(name).sections]
    assert [t for t in titles if t in sections] == sections
    assert page.locator("[cell-index] .cm-editor").count() == 0  # no code
    figures = page.locator("[cell-index] .jp-OutputArea-output img")
    drawn_by = re.compile(r"charts\.(described|flow)\(")
    assert figures.count() == sum(len(drawn_by.findall(c.source)) for c in nb.cells)
    assert figures.evaluate_all("all => all.filter(i => !i.naturalWidth || !i.alt).length") == 0
    assert activities.count() == activities.locator(".drawing svg").count() == expected
    assert page.get_by_test_id("quiz").count() == count(nb, r"^Quiz\(")
    assert page.evaluate("document.body.innerText.match(/\\\\(frac|times|text|sum)\\b/g)") is None
    page.screenshot(path=keep(f"voila_{name}.png"))

    # … and what it does: a control of every activity changes what the activity shows.
    for n in range(expected):
        assert answers(activities.nth(n)), activities.nth(n).locator("h3").inner_text()
    # On the projector: every section begins a page, keys turn them, Esc leads back.
    page.locator(".crm-slides-start").click()
    page.keyboard.press("Home")
    place = page.locator(".crm-slides-bar .place")
    first, last = map(int, place.inner_text().split(" / "))
    assert first == 1 and last >= len(sections)
    shown = []
    for number in range(1, last + 1):
        assert place.inner_text() == f"{number} / {last}"
        shown += page.locator("#rendered_cells :is(h1, h2, h3):visible").all_inner_texts()[:1]
        page.keyboard.press("PageDown")
    assert len(shown) == last
    assert [t for t in map(plain, shown) if t in sections] == sections
    page.screenshot(path=keep(f"slide_{name}.png"))
    page.keyboard.press("Escape")
    assert place.is_hidden() and page.locator("h1").is_visible()


SLOW_KERNEL = """
  const Socket = window.WebSocket, later = window.setTimeout.bind(window);
  window.WebSocket = class extends Socket {
    set onmessage(handler) {
      super.addEventListener("message", (event) => later(() => handler.call(this, event), %d));
    }
  };
"""


@pytest.mark.full
@pytest.mark.parametrize("wait", [1000, 5000])
def test_a_kernel_that_answers_late_still_draws_every_widget(
    wait: int, server: Server, visit: Callable[..., Any]
) -> None:
    page = visit(server.page("chapters/ch02_theory.ipynb"), script=SLOW_KERNEL % wait)
    expected = count(nbformat.read(CHAPTERS["ch02"], 4), r"^activities\.\w+\(")
    drawing = page.get_by_test_id("activity").nth(expected - 1).locator(".drawing svg")
    drawing.wait_for(state="attached", timeout=RUN_SECONDS * 1000)


def plain(heading: str) -> str:
    """A heading without the mark that links to it."""
    return heading.rstrip("¶").strip()


def answers(activity: Any) -> bool:
    """Whether one of its controls, moved by hand, changes what the activity shows."""
    activity.scroll_into_view_if_needed()
    before = activity.evaluate(SHOWN)
    for control in activity.locator(".left :is(input, select, button)").all():
        move(control)
        activity.page.wait_for_timeout(50)
        activity.page.locator("[aria-busy=true]").wait_for(state="detached")
        assert activity.locator(".trouble:visible").count() == 0
        if activity.evaluate(SHOWN) != before:
            return True
    return False


def move(control: Any) -> None:
    kind = control.evaluate("e => e.type || e.tagName")
    if kind == "range":
        at = control.evaluate("e => (e.value - e.min) / (e.max - e.min)")
        box = control.bounding_box()
        control.click(position={"x": box["width"] * (0.8 if at < 0.5 else 0.2), "y": 4})
    elif kind == "select-one":
        last = control.evaluate("e => e.selectedIndex === e.length - 1")
        control.select_option(index=0 if last else control.evaluate("e => e.length - 1"))
    else:
        control.click()


# --- a student at work ---------------------------------------------------------------------------
@pytest.mark.slow
def test_a_student_answers_in_jupyterlab_and_is_told_at_once_in_chinese(
    in_lab: Callable[..., Any], copy: Callable[[str], Path], keep: Callable[[str], Path]
) -> None:
    path = copy("E3")
    nb = nbformat.read(path, 4)
    cells = {c["id"]: c for c in nb.cells}
    cells["E3-01-work"].source = 'male = customers["昵称"]'
    cells["E3-02-work"].source = "dealt = 没有定义"
    cells["E3-07-work"].source = "top20_share = 62.5"
    nbformat.write(nb, path)
    page = in_lab(path.relative_to(ROOT).as_posix())
    ran = {c["id"]: str(c.get("outputs", "")) for c in run_to_end(page, path).cells}
    assert "不像编号" in ran["E3-01"]
    assert "还没有定义" in ran["E3-02-work"]
    assert "0.625" in ran["E3-07"]
    page.screenshot(path=keep("answers.png"))


def run_to_end(page: Any, path: Path) -> nbformat.NotebookNode:
    """Run all cells one by one, also after an error (Run All stops at the first)."""
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Escape")
    for _ in nbformat.read(path, 4).cells:
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(150)
    page.wait_for_timeout(3000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached")
    return saved(page, path)
