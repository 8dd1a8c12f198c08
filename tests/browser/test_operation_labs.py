"""Every operation lab done by clicking in the console earns what the coded solution earns."""

from __future__ import annotations

import importlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import judge
from tests.autograder import notebooks

from .conftest import ARTIFACTS, Server
from .desk import Desk
from .test_console import notebook

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENT = "2025010101"
CLICKED = [p.stem.upper() for p in sorted((Path(__file__).parent / "clicks").glob("[a-z]*.py"))]
PAGE = """import os

os.chdir({folder!r})
from crmkit.lab import Lab

lab = Lab({lab!r}, {student!r})
if lab.exam:
    lab.begin()
lab.console()"""


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The student's folder for a lab, below the server's root."""
    folder = ARTIFACTS / "operation_labs" / re.sub(r"\W", "_", request.node.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def typed(lab: str, values: dict[str, str]) -> Any:
    """The notebook of a student who clicked: what is done in the CRM by code is left out.

    Values that were read from the screen are typed; other values are worked out as in the solution.
    """
    nb = notebooks.solution(lab)
    spec = judge.load(lab)
    done = {i.id for i in spec.automatic if i.log is not None}
    for cell in nb.cells:
        item = cell.id.split("-work")[0]
        if "-work" in cell.id and (item in done or item in values):
            cell.source = ""
        elif item in values and cell.source.startswith("lab.answer"):
            cell.source = f'lab.answer("{item}", {values[item]})'
    return nb


@pytest.mark.parametrize("lab", CLICKED if FULL else CLICKED[:1])
def test_clicking_earns_what_the_solution_earns(
    visit: Callable[..., Any], server: Server, place: Path, keep: Callable[[str], Path], lab: str
) -> None:
    spec = judge.load(lab)
    source = PAGE.format(folder=str(place), lab=lab, student=STUDENT)
    page = visit(server.page(notebook(place, "page", source)))
    clicks = importlib.import_module(f"tests.browser.clicks.{lab.lower()}")
    desk = Desk(page, place)
    try:
        values = clicks.click(desk, spec.world(STUDENT))
    finally:
        page.screenshot(path=keep(f"{lab}.png"))
    page.wait_for_timeout(300)
    files = {
        f"out/{p.name}": p.read_bytes()
        for p in (place / "out").iterdir()
        if not p.name.endswith("-shm")
    }
    record = notebooks.mark(typed(lab, values), lab, STUDENT, files)
    assert record.auto_score == record.auto_points, notebooks.findings(record)
    # Of an examination the times are told too; nothing may need a second look.
    assert record.mends == [] if not spec.exam else not record.exam["remarks"]
