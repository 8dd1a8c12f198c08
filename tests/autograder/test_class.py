"""A class of E3 goes the whole way: collected, graded, in the gradebook, the same in nbgrader."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from autograder import cli
from tests.autograder import handins
from tests.autograder.test_gradebook import recomputed

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
COUNT = 50 if FULL else len(handins.KINDS)
TOOLS = Path(sys.executable).parent

pytestmark = pytest.mark.slow


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
        "COLUMNS": "160",
    }
    return subprocess.run(
        words,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def autograder(*words: str, cwd: Path) -> str:
    done = run(str(TOOLS / "autograder"), *words, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float], dict[str, str]]:
    """A class after collect and grade: its folder, the deserved marks, what the commands said."""
    here = tmp_path_factory.mktemp("一 个班")
    deserved = handins.write(here / "收到的作业", COUNT)
    said = {
        "release": autograder("release", "E3", cwd=here),
        "collect": autograder("collect", "E3", "收到的作业", cwd=here),
        "grade": autograder("grade", "E3", cwd=here),
    }
    return here, deserved, said


@pytest.fixture(scope="module")
def ask(room: tuple, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Jupyter server with formgrader in the class folder; call it with a path."""
    own = tmp_path_factory.mktemp("jupyter")
    token = secrets.token_hex(8)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(own / "config"), "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "run"), "IPYTHONDIR": str(own / "ipython"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyter", "server", "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={token}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    log = (own / "log.txt").open("w", encoding="utf-8")
    server = subprocess.Popen(
        command, cwd=room[0] / "class", env=environment, stdout=log, stderr=subprocess.STDOUT
    )

    def get(path: str) -> Any:
        url = f"http://127.0.0.1:{port}/{path}?token={token}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.loads(answer.read())

    try:
        for _ in range(120):
            try:
                get("api/status")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)
        yield get
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def gradebook_scores(here: Path) -> dict[str, float]:
    from autograder.gradebook.database import open_gradebook

    with open_gradebook(here / "class") as gb:
        return {s.student.id: round(s.score, 2) for s in gb.assignment_submissions("E3")}


def test_every_mark_is_exactly_the_deserved_one(room: tuple) -> None:
    here, deserved, _ = room
    got = {}
    for path in (here / "class" / "records" / "E3").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record["status"] == "graded", record["reason"]
        got[record["student"]] = record["auto_score"]
    assert got == deserved


def test_points_are_lost_on_the_items_of_the_mistake_and_on_no_other(room: tuple) -> None:
    here, _, _ = room
    for n in range(COUNT):
        kind, student = handins.kind_of(n), handins.student_of(n)
        if kind.everything:
            continue
        record = json.loads(
            (here / "class/records/E3" / f"{student}.json").read_text(encoding="utf-8")
        )
        lost = {
            i["id"]: round(i["points"] - i["score"], 2)
            for i in record["items"]
            if i["mode"] == "auto"
        }
        assert {k: v for k, v in lost.items() if v} == kind.lost, (kind.name, student)


def test_the_gradebook_of_nbgrader_holds_the_same_marks(room: tuple) -> None:
    here, deserved, _ = room
    assert gradebook_scores(here) == deserved


def test_nbgrader_autograde_gives_the_same_marks(room: tuple) -> None:
    here, deserved, _ = room
    everybody = [[]] if FULL else [["--student", s] for s in list(deserved)[2:3]]
    for whom in everybody:
        done = run(str(TOOLS / "nbgrader"), "autograde", "E3", "--force", *whom, cwd=here / "class")
        assert done.returncode == 0, done.stderr
    assert gradebook_scores(here) == deserved


def test_formgrader_shows_the_same_marks(room: tuple, ask: Any) -> None:
    rows = ask("formgrader/api/submissions/E3")
    assert {r["student"]: round(r["score"], 2) for r in rows} == room[1]
    assert all(r["max_score"] == 100 for r in rows)


def test_the_autograde_button_of_formgrader_gives_the_same_marks(room: tuple) -> None:
    here, deserved, _ = room
    # the button calls NbGraderAPI.autograde in the class folder; so does this, in its own process
    code = (
        "from nbgrader.apps import NbGraderAPI; from traitlets.config import Config; from pathlib import Path;"
        "from autograder.nbgrader_config import configure; c = Config(); configure(c, Path('.'));"
        f"api = NbGraderAPI(config=c); r = api.autograde('E3', '{handins.student_of(0)}'); assert r['success'], r"
    )
    done = run(str(TOOLS / "python"), "-c", code, cwd=here / "class")
    assert done.returncode == 0, done.stderr
    assert gradebook_scores(here) == deserved


def test_the_run_says_how_it_ran_and_shows_its_progress(room: tuple) -> None:
    _, deserved, said = room
    assert "运行方式" in said["grade"]
    assert f"{len(deserved)}/{len(deserved)}" in said["grade"]
    assert f"评分 {len(deserved)} 份" in said["grade"]


def test_a_second_run_leaves_unchanged_hand_ins_alone_and_the_records_as_they_are(
    room: tuple,
) -> None:
    here, deserved, _ = room
    before = {p.name: p.read_bytes() for p in (here / "class/records/E3").glob("*.json")}
    said = autograder("grade", "E3", cwd=here)
    assert f"其中 {len(deserved)} 份没有变化" in said
    assert {p.name: p.read_bytes() for p in (here / "class/records/E3").glob("*.json")} == before


@pytest.mark.full
def test_grading_again_gives_the_same_record_byte_for_byte(room: tuple) -> None:
    here, deserved, _ = room
    student = list(deserved)[3]
    path = here / "class/records/E3" / f"{student}.json"
    before = path.read_bytes()
    autograder("grade", "E3", "--only", student, "--again", cwd=here)
    assert path.read_bytes() == before


def test_feedback_has_a_page_for_every_student_and_an_index(room: tuple) -> None:
    here, deserved, _ = room
    autograder("feedback", "E3", cwd=here)
    for student in deserved:
        assert (here / "class/feedback" / student / "E3").is_dir()


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_workbook_of_marks_opens_in_libreoffice_with_names_items_and_totals(
    room: tuple, tmp_path: Path
) -> None:
    here, deserved, _ = room
    autograder("gradebook", "--out", "成绩册.xlsx", cwd=here)
    book = openpyxl.load_workbook(recomputed(here / "成绩册.xlsx", tmp_path), data_only=True)
    every = {str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row}
    assert {"E3-01", "E3-12", handins.name_of(0)} <= every
    rows = list(book["总评表"].iter_rows(values_only=True))
    for student, score in deserved.items():
        row = next(r for r in rows if student in map(str, r))
        assert any(isinstance(c, (int, float)) and abs(c - score) < 1e-6 for c in row), row


def test_a_hand_in_that_cannot_be_graded_gets_a_reason_and_the_rest_goes_on(room: tuple) -> None:
    here, deserved, _ = room
    broken = here / "class/submitted/2099000000/E3/E3.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text('{"cells": [', encoding="utf-8")
    said = autograder("grade", "E3", cwd=here)
    assert "不能评分 1 份" in said and f"评分 {len(deserved)} 份" in said
    record = json.loads((here / "class/records/E3/2099000000.json").read_text(encoding="utf-8"))
    assert record["status"] == "ungradable" and record["reason"]
    assert {k: v for k, v in gradebook_scores(here).items() if k in deserved} == deserved


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("grade", "E9"), "没有实验「E9」"),
        (("grade", "E3"), "还没有 E3 的提交"),
        (("collect", "E3", "不存在的文件夹"), "不存在的文件夹"),
        (("release", "../E3"), "没有实验"),
    ],
)
def test_bad_input_gets_a_sentence_and_exit_code_two(
    words: tuple[str, ...], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, list(words))
    assert done.exit_code == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_something_else_is_not_taken_for_a_class(tmp_path: Path) -> None:
    (tmp_path / "论文").mkdir()
    (tmp_path / "论文" / "初稿.docx").write_bytes(b"x")
    done = run(str(TOOLS / "autograder"), "release", "E3", "--course", "论文", cwd=tmp_path)
    assert done.returncode == 2 and "不是班级文件夹" in done.stderr
    assert sorted(p.name for p in (tmp_path / "论文").iterdir()) == ["初稿.docx"]
