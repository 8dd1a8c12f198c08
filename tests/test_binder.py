"""Binder: the same lock as everywhere, and postBuild and start that really run."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from crmkit import server

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"
# What an image holds: the files of the repository, without the tests.
PARTS = ("crmkit", "autograder", "datasets", "labs", "binder")
FILES = ("pyproject.toml", "requirements.lock", "environment.yml", "README.md", "LICENSE")

posix = pytest.mark.skipif(os.name == "nt", reason="Binder's images run Linux")


@posix
def test_binder_takes_the_root_environment_and_the_root_lock() -> None:
    assert (BINDER / "environment.yml").resolve() == ROOT / "environment.yml"
    environment = yaml.safe_load((BINDER / "environment.yml").read_text(encoding="utf-8"))
    python, _, from_pip = environment["dependencies"]
    assert re.fullmatch(r"python=3\.1[1-3]", python)
    assert from_pip == {"pip": ["-r requirements.lock"]}
    # conda reads the path from the folder of the environment.yml that it was given
    assert (BINDER / "requirements.lock").resolve() == ROOT / "requirements.lock"


def test_apt_list_holds_only_package_names() -> None:
    lines = (BINDER / "apt.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert packages
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in packages)


def test_binder_holds_what_binder_needs_and_nothing_else() -> None:
    names = {p.name for p in BINDER.iterdir()}
    assert names == {"apt.txt", "environment.yml", "requirements.lock", "postBuild", "start"}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A copy of the course after postBuild, in an environment and a home of its own."""
    folder = tmp_path_factory.mktemp("image")
    course = folder / "课程 copy"
    course.mkdir()
    unwanted = shutil.ignore_patterns("node_modules", "__pycache__", ".*")
    for part in PARTS:
        shutil.copytree(ROOT / part, course / part, symlinks=True, ignore=unwanted)
    for name in FILES:
        shutil.copy2(ROOT / name, course)
    # The environment sees the packages installed here, so that only the course is installed.
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    inner = subprocess.run(
        [
            environment / "bin" / "python",
            "-c",
            "import sysconfig as s; print(s.get_path('purelib'))",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(inner, "here.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    home = folder / "home"
    home.mkdir()
    paths = [environment / "bin", Path(sys.executable).parent, os.environ["PATH"]]
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPY"))
    }
    variables |= {"HOME": str(home), "PATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        ["./binder/postBuild"], cwd=course, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "可以运行课程。" in done.stdout
    yield course, variables


@posix
@pytest.mark.slow
def test_post_build_installs_this_copy_of_the_course(image: tuple[Path, dict[str, str]]) -> None:
    course, variables = image
    where = subprocess.run(
        ["python", "-c", "import crmkit; print(crmkit.__file__)"],
        cwd=course.parent,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert Path(where) == course / "crmkit" / "__init__.py"


@posix
@pytest.mark.slow
def test_start_hands_over_to_the_command_it_was_given(image: tuple[Path, dict[str, str]]) -> None:
    course, variables = image
    code = "import os, sys; print(os.environ['JUPYTER_CONFIG_DIR'], sys.argv[1:], sep='|')"
    done = subprocess.run(
        [course / "binder" / "start", "python", "-c", code, "a b", "--port=1"],
        cwd=course.parent,  # the working folder need not be the course
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == f"{course}/.jupyter/config|['a b', '--port=1']"


@posix
@pytest.mark.slow
def test_start_opens_the_task_centre(image: tuple[Path, dict[str, str]]) -> None:
    course, variables = image
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    command = [course / "binder" / "start", "jupyter", "lab", "--ip=127.0.0.1", "--no-browser"]
    command += [f"--port={port}", "--allow-root", f"--IdentityProvider.token={token}"]
    with (course / "log.txt").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=course, env=variables, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        address = _first_page(f"http://127.0.0.1:{port}/?token={token}", process)
    finally:
        # The image ends with its container; what is asked of the server here is its first page.
        process.kill()
        process.wait()
    assert address.split("?")[0].endswith(f"/voila/render/{server.TASK_CENTRE}"), address


def _first_page(url: str, process: subprocess.Popen[bytes]) -> str:
    """Where the address leads to, once the server answers."""
    end = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.url
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the server did not answer")
