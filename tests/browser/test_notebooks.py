"""A chapter and a lab as a student meets them: opened in JupyterLab, run from top to bottom."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.browser.conftest import ARTIFACTS, ROOT, Server

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
NOTEBOOKS = {
    "ch02": ROOT / "chapters" / "ch02_theory.ipynb",
    "E3": ROOT / "labs" / "E3" / "E3.ipynb",
}
RUN_SECONDS = 240


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


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_the_notebook_runs_top_to_bottom_in_jupyterlab(
    name: str, in_lab: Callable[..., Any], copy: Callable[[str], Path], keep: Callable[[str], Path]
) -> None:
    path = copy(name)
    page = in_lab(path.relative_to(ROOT).as_posix())
    nb = run_all(page, path)
    assert errors(nb) == []
    page.screenshot(path=keep(f"lab_{name}.png"))


@pytest.mark.slow
def test_the_chapter_is_a_voila_page_without_errors(
    server: Server, visit: Callable[..., Any], keep: Callable[[str], Path]
) -> None:
    page = visit(server.page(NOTEBOOKS["ch02"].relative_to(ROOT).as_posix()))
    cells = nbformat.read(NOTEBOOKS["ch02"], 4).cells
    last = [c.source for c in cells if c.cell_type == "markdown" and c.source.startswith("## ")][-1]
    heading = page.get_by_role("heading", name=last.splitlines()[0].removeprefix("## "))
    heading.wait_for(state="attached", timeout=RUN_SECONDS * 1000)
    page.get_by_test_id("activity").nth(5).wait_for(state="attached", timeout=RUN_SECONDS * 1000)
    assert page.get_by_text("There was an error").count() == 0
    assert (
        page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count()
        == 0
    )
    page.screenshot(path=keep("voila_ch02.png"))


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
