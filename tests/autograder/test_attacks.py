"""Hostile hand-ins get exactly the deserved mark, touch nothing outside and leave nothing behind."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder import grade, intake, judge, sandbox
from autograder.run import work
from autograder.sandbox import LEVELS, Backend, Limits
from autograder.sandbox.levels import trouble
from tests.autograder import notebooks
from tests.autograder.attacks import ATTACKS, EARLY, Attack
from tests.autograder.attacks_at_the_border import BORDER, QUICK

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
ROOT = Path(__file__).resolve().parents[2]
STUDENT = "2025010101"
CANARY = "canary-77ab41"
LIMITS = replace(
    Limits(), cell_seconds=8.0, total_seconds=60.0, cpu_seconds=40, memory_bytes=350_000_000,
    disk_bytes=20_000_000,
)  # fmt: skip
WORKING = [level for level in LEVELS[:-1] if not trouble(level)]
CHOSEN = WORKING if FULL else WORKING[:1]


@pytest.fixture(scope="module", params=CHOSEN)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    os.environ["GRADER_TOKEN"] = CANARY
    made = sandbox.best(request.param)
    yield made
    made.close()
    del os.environ["GRADER_TOKEN"]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher's file that everyone on this machine may read and write, as it often is."""
    folder = tmp_path_factory.mktemp("class")
    for name in ("gradebook.db", "records/E3/2025010102.json", "secret.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CANARY, encoding="utf-8")
        path.chmod(0o666)
    return folder


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server on this machine, and what it was told."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            heard.append(connection.recv(100))
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield server.getsockname()[1], heard
    server.close()


def hand_in(attack: Attack, folder: Path, secret: Path, port: int) -> Path:
    nb = notebooks.release("E3") if attack.cheats else notebooks.solution("E3")
    text = attack.cell.replace("{root}", str(ROOT)).replace("{secret}", str(secret))
    cell = nbformat.v4.new_code_cell(text.replace("{port}", str(port)).strip("\n"))
    start = next(n for n, c in enumerate(nb.cells) if c["id"] == "E3-start")
    nb.cells.insert(start + 1 if attack.where == EARLY else len(nb.cells), cell)
    for name, content in attack.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "E3.ipynb").write_text(nbformat.writes(nb), encoding="utf-8")
    return folder


def children() -> set[int]:
    return {p.pid for p in psutil.Process().children(recursive=True)}


@pytest.fixture(scope="module", autouse=True)
def not_ours() -> set[int]:
    """What other tests of this worker keep running, such as a browser."""
    return children()


# These go on until the cell's time is up; "endless loop" stands for them in `make test`.
UNTIL_STOPPED = {
    "endless loop that catches the interrupt", "sleep for ever", "displays without end",
    "signal handlers that ignore everything", "recursion without end", "figures without end",
}  # fmt: skip
ALL = [
    pytest.param(a, id=a.name, marks=pytest.mark.full if later else ())
    for a, later in [
        *((a, a.name in UNTIL_STOPPED) for a in ATTACKS),
        *((a, a.name not in QUICK) for a in BORDER),
    ]
]


@pytest.mark.parametrize("attack", ALL)
def test_an_attack_earns_what_it_deserves_and_leaves_nothing(
    backend: Backend, attack: Attack, tmp_path: Path, teacher: Path,
    listener: tuple[int, list[bytes]],
) -> None:  # fmt: skip
    if attack.steals and backend.name == "limits":
        pytest.skip("limits: does not separate files and processes, and says so")
    port, heard = listener
    before = {p: p.read_bytes() for p in teacher.rglob("*") if p.is_file()}
    folder = hand_in(attack, tmp_path, teacher / "secret.txt", port)
    spec = judge.load("E3")
    record, run = grade.grade(intake.take_in(folder, "E3"), spec, STUDENT, backend, LIMITS)
    deserved = 0 if attack.cheats else record.auto_points
    lost = {
        i.id: (i.score, i.found, i.hint)
        for i in record.items
        if i.mode == "auto" and i.status != "right"
    }
    work.graded_notebook(intake.take_in(folder, "E3").notebook, run, record)
    assert not [i for i in record.items if i.status == "error"]
    assert record.auto_score == deserved, (
        lost if not attack.cheats else record.auto_score,
        record.mends,
    )
    assert {p: p.read_bytes() for p in teacher.rglob("*") if p.is_file()} == before
    told = repr(run.outputs) + record.text()
    assert attack.name == "frames of callers searched" or CANARY not in told
    assert not heard
    size = sum(len(repr(o)) for outputs in run.outputs.values() for o in outputs)
    assert size < 10_000_000


def test_after_all_attacks_an_honest_hand_in_is_graded_as_ever(
    backend: Backend, tmp_path: Path, not_ours: set[int]
) -> None:
    (tmp_path / "E3.ipynb").write_text(nbformat.writes(notebooks.solution("E3")), encoding="utf-8")
    record, _ = grade.grade(
        intake.take_in(tmp_path, "E3"), judge.load("E3"), STUDENT, backend, LIMITS
    )
    assert record.auto_score == record.auto_points
    assert not record.mends
    mine = children() - not_ours
    assert len(mine) <= 6, [psutil.Process(p).cmdline() for p in mine]
