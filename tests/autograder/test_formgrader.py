"""nbgrader's own formgrader, on a real server, shows the marks that the kit gave."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.autograder import handins
from tests.autograder.test_class import autograder

pytestmark = pytest.mark.slow
COUNT = 2


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    here = tmp_path_factory.mktemp("formgrader")
    deserved = handins.write(here / "in", COUNT)
    autograder("collect", "E3", "in", cwd=here)
    autograder("grade", "E3", cwd=here)
    return here / "class", deserved


@pytest.fixture(scope="module")
def ask(
    room: tuple[Path, dict[str, float]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
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
        command, cwd=room[0], env=environment, stdout=log, stderr=subprocess.STDOUT
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


def test_formgrader_shows_the_same_marks(room: tuple[Path, dict[str, float]], ask: Any) -> None:
    rows = ask("formgrader/api/submissions/E3")
    assert {r["student"]: round(r["score"], 2) for r in rows} == room[1]
    assert all(r["max_score"] == 100 for r in rows)


def test_the_autograde_button_of_formgrader_gives_the_same_marks(
    room: tuple[Path, dict[str, float]], ask: Any
) -> None:
    from tests.autograder.test_class import TOOLS, gradebook_scores, run

    # the button calls NbGraderAPI.autograde in the class folder; so does this, in its own process
    code = (
        "from nbgrader.apps import NbGraderAPI; from traitlets.config import Config; from pathlib import Path;"
        "from autograder.nbgrader_config import configure; c = Config(); configure(c, Path('.'));"
        "api = NbGraderAPI(config=c); r = api.autograde('E3', '2025000000'); assert r['success'], r"
    )
    done = run(str(TOOLS / "python"), "-c", code, cwd=room[0])
    assert done.returncode == 0, done.stderr
    assert gradebook_scores(room[0].parent) == room[1]
