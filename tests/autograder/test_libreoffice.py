"""Labs E1–E3 done in LibreOffice, without a macro, earn what they earn in pandas."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from autograder import judge
from crmkit.lab import inputs
from tests.autograder import notebooks

ROOT = Path(__file__).parents[2]
STUDENT = "2025010101"
FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
LABS = ("E1", "E2", "E3")
SOFFICE = shutil.which("soffice")


@cache
def bridge() -> str | None:
    """A Python that can talk to LibreOffice: its own, or the system's."""
    beside = [Path(SOFFICE).resolve().parent / "python"] if SOFFICE else []
    for python in map(str, (*beside, "/usr/bin/python3")):
        try:
            tried = subprocess.run([python, "-c", "import uno"], capture_output=True, env=_plain())
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    return None


def _plain() -> dict[str, str]:
    """The environment without the course's Python in it."""
    found = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return {**found, "PYTHONUTF8": "1"}


pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(
        SOFFICE is None or bridge() is None, reason="no LibreOffice with its Python (python3-uno)"
    ),
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the workbooks that LibreOffice saved, one folder per lab."""
    folder = tmp_path_factory.mktemp("libreoffice")
    for lab in LABS if FULL else LABS[:1]:
        for name in inputs.files(lab):
            inputs.write(lab, STUDENT, name, folder / lab)
    script = [str(bridge()), "-m", "tests.autograder.libreoffice", str(SOFFICE), str(folder)]
    done = subprocess.run(
        script,
        cwd=ROOT,
        env=_plain(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.mark.parametrize(
    "lab", [LABS[0], *(pytest.param(lab, marks=pytest.mark.full) for lab in LABS[1:])]
)
def test_labs_done_in_libreoffice_earn_what_they_earn_in_pandas(saved: Path, lab: str) -> None:
    name = judge.load(lab).workbook
    files = {name: (saved / lab / Path(name).name).read_bytes()}
    by_hand = notebooks.mark(notebooks.release(lab), lab, STUDENT, files)
    in_pandas = notebooks.mark(notebooks.solution(lab), lab, STUDENT)
    assert notebooks.scores(by_hand) == notebooks.scores(in_pandas), notebooks.findings(by_hand)
    assert by_hand.auto_score == by_hand.auto_points and by_hand.mends == []
