"""The notebooks behind the Voila pages are thin and clean."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

PAGES = sorted((Path(__file__).resolve().parents[3] / "labs" / "dashboards").glob("*.ipynb"))


def test_tea_board_and_task_centre_exist() -> None:
    assert {"tea", "task_centre"} <= {path.stem for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_is_valid_thin_and_without_outputs(path: Path) -> None:
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    nbformat.validate(notebook)
    lines = [line for cell in notebook.cells for line in cell.source.splitlines()]
    assert len(lines) <= 8
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
    assert notebook.metadata.title
    assert notebook.metadata.crmkit.page == "board"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_is_written_in_the_one_form_that_gives_small_diffs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
