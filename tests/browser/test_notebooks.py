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
NOTEBOOKS = {"ch02": ROOT / "chapters" / "ch02_theory.ipynb", "E3": ROOT / "labs" / "E3" / "E3.ipynb"}
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
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
    indicator = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
    page.wait_for_selector(indicator, state="attached")
    page.locator(".lm-MenuBar-itemLabel", has_text="运行").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="运行所有单元格").first.click()
    last = sum(c.cell_type == "code" for c in nbformat.read(path, 4).cells)
    for _ in range(RUN_SECONDS):
        page.wait_for_timeout(1000)
        page.keyboard.press("Control+s")
        nb = nbformat.read(path, 4)
        done = [c for c in nb.cells if c.cell_type == "code" and c.execution_count is not None]
        if len(done) == last and page.locator(indicator).count():
            return nb
    pytest.fail(f"{path.name}: after {RUN_SECONDS} seconds {len(done)} of {last} cells had run")


def errors(nb: nbformat.NotebookNode) -> list[str]:
    return [
        o.get("evalue", "") or o.get("text", "")
        for c in nb.cells if c.cell_type == "code" for o in c.outputs
        if o.output_type == "error" or (o.output_type == "stream" and o.name == "stderr")
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_the_notebook_runs_top_to_bottom_in_jupyterlab(
    name: str, server: Server, visit: Callable[..., Any], copy: Callable[[str], Path]
) -> None:
    path = copy(name)
    page = visit(server.lab(path.relative_to(ROOT).as_posix()))
    nb = run_all(page, path)
    assert errors(nb) == []
    page.screenshot(path=ARTIFACTS / f"lab_{name}.png")


@pytest.mark.slow
def test_the_chapter_is_a_voila_page_without_errors(server: Server, visit: Callable[..., Any]) -> None:
    page = visit(server.page(NOTEBOOKS["ch02"].relative_to(ROOT).as_posix()))
    page.get_by_text("课后作业").first.wait_for(timeout=RUN_SECONDS * 1000)
    page.locator(".jp-OutputArea-output").nth(20).wait_for(state="attached")
    assert page.get_by_text("There was an error").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    page.screenshot(path=ARTIFACTS / "voila_ch02.png")


@pytest.mark.slow
def test_a_student_answers_in_jupyterlab_and_is_told_at_once_in_chinese(
    server: Server, visit: Callable[..., Any], copy: Callable[[str], Path]
) -> None:
    path = copy("E3")
    nb = nbformat.read(path, 4)
    cells = {c["id"]: c for c in nb.cells}
    cells["E3-01-work"].source = 'male = customers["昵称"]'
    cells["E3-02-work"].source = "dealt = 没有定义"
    cells["E3-07-work"].source = "top20_share = 62.5"
    nbformat.write(nb, path)
    page = visit(server.lab(path.relative_to(ROOT).as_posix()))
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
    ran = {c["id"]: str(c.get("outputs", "")) for c in run_to_end(page, path).cells}
    assert "不像编号" in ran["E3-01"]
    assert "还没有定义" in ran["E3-02-work"]
    assert "0.625" in ran["E3-07"]


def run_to_end(page: Any, path: Path) -> nbformat.NotebookNode:
    """Run all cells one by one, also after an error (Run All stops at the first)."""
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Escape")
    for _ in nbformat.read(path, 4).cells:
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(150)
    page.wait_for_timeout(3000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1500)
    return nbformat.read(path, 4)
