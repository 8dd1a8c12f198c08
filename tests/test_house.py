"""The house: locks, layers, light imports, the environment that make builds, the course's server."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from crmkit import doctor, server
from crmkit.cli import app
from crmkit.errors import KitError

ROOT = Path(__file__).resolve().parents[1]
LOCKS = (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock")
# A room stands on rooms with a smaller number only; rooms of one number do not know each other,
# but for the pairs named below.
ROOMS = {
    "errors": -1,
    **dict.fromkeys(("schema", "settings", "startup", "syllabus"), 0),
    **dict.fromkeys(("workbook", "shops", "analytics"), 1),
    **dict.fromkeys(("crm", "quizbank"), 2),
    "lab": 3,
    "ui": 4,
    **dict.fromkeys(("kernels", "report", "lessonplan", "server", "doctor", "cli"), 5),
}
NEIGHBOURS = {
    ("server", "kernels"),
    ("doctor", "server"),
    ("cli", "server"),
    ("cli", "doctor"),
    ("cli", "report"),
    ("cli", "lessonplan"),
}
posix = pytest.mark.skipif(os.name == "nt", reason="make and signals are POSIX")


# --- locks ---------------------------------------------------------------------------------------
def lines(lock: Path) -> list[Requirement]:
    text = lock.read_text(encoding="utf-8")
    return [Requirement(x) for x in text.splitlines() if x and not x.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_lock_gives_exact_versions_and_no_addresses(lock: Path) -> None:
    assert all(re.fullmatch(r"==[\w.+!]+", str(r.specifier)) for r in lines(lock))
    assert all(r.url is None for r in lines(lock))
    assert "--" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_lock_meets_the_project_on_every_platform(python: str, platform: str) -> None:
    names = {"linux": "posix", "darwin": "posix", "win32": "nt"}
    here = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": platform,
        "os_name": names[platform],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    wanted = [r for r in lines(LOCKS[0]) if r.marker is None or r.marker.evaluate(here)]
    locked = {canonical(r.name): str(r.specifier).removeprefix("==") for r in wanted}
    assert len(locked) == len(wanted), "one version of each package"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"]:
        need = Requirement(text)
        if need.marker is not None and not need.marker.evaluate(here):
            continue
        assert need.specifier.contains(locked[canonical(need.name)]), text


def test_test_tools_do_not_change_a_version_of_the_course() -> None:
    course = {(canonical(r.name), str(r.marker)): str(r.specifier) for r in lines(LOCKS[0])}
    tools = {(canonical(r.name), str(r.marker)): str(r.specifier) for r in lines(LOCKS[1])}
    assert {k: v for k, v in tools.items() if course.get(k, v) != v} == {}


def test_front_end_lock_carries_no_registry_addresses() -> None:
    lock = json.loads((ROOT / "crmkit/ui/js/package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"]
    assert not any("resolved" in package for package in lock["packages"].values())


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --- layers --------------------------------------------------------------------------------------
def imports(path: Path) -> Iterator[str]:
    """Dotted names that a module imports from the repository's packages, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "crmkit":
                yield from (f"crmkit.{alias.name}" for alias in node.names)
            else:
                yield node.module


def test_every_room_stands_only_on_rooms_below_it() -> None:
    wrong = []
    for path in sorted((ROOT / "crmkit").rglob("*.py")):
        room = path.relative_to(ROOT / "crmkit").parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        assert room in ROOMS, f"{room}: give the new room its number in ROOMS"
        for name in imports(path):
            package, _, rest = name.partition(".")
            if package in ("autograder", "datasets", "tests"):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
            other = rest.split(".")[0]
            if package != "crmkit" or other in ("", room) or other not in ROOMS:
                continue
            if ROOMS[other] >= ROOMS[room] and (room, other) not in NEIGHBOURS:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_no_room_is_a_lumber_room() -> None:
    names = {p.stem for top in ("crmkit", "autograder") for p in (ROOT / top).rglob("*.py")}
    assert names.isdisjoint({"utils", "util", "helpers", "helper", "common", "misc"})


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, crmkit; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"pandas", "numpy", "matplotlib", "scipy", "yaml", "IPython", "jupyter_server"}
    assert heavy.isdisjoint(done.stdout.split())


def modules_with_examples() -> list[str]:
    found = []
    for path in sorted((ROOT / "crmkit").rglob("*.py")) + sorted(
        (ROOT / "autograder").rglob("*.py")
    ):
        # crmkit.analytics has a test of its own; sources of labs are no importable modules
        if "analytics" in path.parts or "source" in path.parts:
            continue
        if ">>> " in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append(name.removesuffix(".__init__"))
    return found


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


# --- what a reader finds -------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_links_and_named_files_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    links += re.findall(r"`([\w.-]+/[\w./-]+\.(?:md|py|yaml|toml|ipynb))`", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


# --- make ----------------------------------------------------------------------------------------
def environment(tmp_path: Path, fake_python: str) -> subprocess.CompletedProcess[str]:
    """Run `make environment` where the only Python is the shell script `fake_python`."""
    for tool in ("make", "sh", "cat", "cksum"):
        found = shutil.which(tool)
        assert found, f"{tool} is needed for this test"
        tmp_path.joinpath("bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / tool).symlink_to(found)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path)
    python = tmp_path / "bin" / "python3"
    python.write_text(f"#!/bin/sh\n{fake_python}\n", encoding="utf-8")
    python.chmod(0o755)
    return subprocess.run(
        ["make", "environment"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@posix
def test_make_tells_an_old_python_apart(tmp_path: Path) -> None:
    done = environment(tmp_path, '[ "$1" = --version ] && echo "Python 3.9.2" || exit 1')
    assert done.returncode != 0
    assert "课程需要 Python 3.11 或更新的版本，这里是：Python 3.9.2。" in done.stderr
    assert not (tmp_path / ".venv").exists()


@posix
def test_make_tells_a_missing_venv_module_apart(tmp_path: Path) -> None:
    done = environment(tmp_path, 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    assert done.returncode != 0
    assert "缺少 venv 模块" in done.stderr
    assert "python3-venv" in done.stderr


@posix
def test_make_help_lists_every_command() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("start", "test", "test-full", "datasets", "notebooks", "bench", "clean"):
        assert re.search(rf"^make {target} ", done.stdout, re.M), target


# --- the server ----------------------------------------------------------------------------------
@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder (with a space and Chinese in its name) that shares the real files."""
    folder = tmp_path / "我的 课程"
    folder.mkdir()
    for name in ("labs", "chapters", "crmkit", "datasets", "autograder"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def test_course_is_found_from_a_folder_inside_it(course: Path) -> None:
    assert server.course_root(course) == course
    inner = course / "reports" / "2025"
    inner.mkdir(parents=True)
    assert server.course_root(inner) == course


def test_missing_course_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "__file__", str(tmp_path / "crmkit" / "server.py"))
    with pytest.raises(server.ServerError, match="请先进入课程所在的文件夹"):
        server.course_root(tmp_path)


def configuration(place: server.Place) -> dict[str, Any]:
    folder = place.private / "config"
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*.json")
    }


def test_server_speaks_chinese_and_asks_nobody_for_news(course: Path) -> None:
    found = configuration(server.configure(course))
    overrides = found["default_setting_overrides"]
    assert overrides["@jupyterlab/translation-extension:plugin"]["locale"] == "zh_CN"
    settings = found["jupyter_server_config"]
    assert settings["LabApp"]["news_url"] is None
    assert settings["LabApp"]["extension_manager"] == "readonly"
    assert settings["ServerApp"]["tornado_settings"]["mathjax_url"] is None


def test_students_see_the_course_and_teachers_see_everything(course: Path) -> None:
    student = configuration(server.configure(course))["jupyter_server_config"]
    hidden = student["ContentsManager"]["hide_globs"]
    assert {"autograder", "tests", "crmkit"} <= set(hidden)
    assert {"chapters", "labs", "datasets"}.isdisjoint(hidden)
    formgrader = "nbgrader.server_extensions.formgrader"
    assert student["ServerApp"]["jpserver_extensions"][formgrader] is False
    room = course / "class"
    teacher = server.configure(course, teacher=True, course=room)
    settings = configuration(teacher)["jupyter_server_config"]
    assert "ContentsManager" not in settings
    assert formgrader not in settings["ServerApp"]["jpserver_extensions"]
    nbgrader = teacher.private / "config" / "nbgrader_config.py"
    assert repr(str(room)) in nbgrader.read_text(encoding="utf-8")
    server.configure(course)
    assert not nbgrader.exists()


def test_folder_that_cannot_be_written_is_explained(course: Path) -> None:
    (course / ".jupyter").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(KitError, match="写入权限"):
        server.configure(course)


@pytest.mark.parametrize("port", ["0", "70000"])
def test_impossible_port_is_refused(port: str, course: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(course)
    result = CliRunner().invoke(app, ["start", "--no-open", "--port", port])
    assert result.exit_code == 2
    assert f"端口 {port} 无效" in result.stderr


def children(pid: int) -> list[int]:
    import psutil

    return [p.pid for p in psutil.Process(pid).children(recursive=True)]


@posix
@pytest.mark.slow
def test_course_starts_serves_both_pages_and_ends_without_a_trace(
    course: Path, tmp_path: Path
) -> None:
    import psutil

    home = tmp_path / "home"
    home.mkdir()
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmkit.cli", "start"],
        cwd=course,
        env=variables
        | {"HOME": str(home), "PORT": str(port), "OPEN": "0", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        said = []
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if "Ctrl-C" in line:
                break
        text = "\n".join(said)
        assert f"端口 {port} 已被占用，改用 " in text
        pages = re.findall(r"http://127\.0\.0\.1:\d+/\S+", text)
        assert len(pages) == 2, text
        task_centre, lab = pages
        assert server.TASK_CENTRE in task_centre
        with urllib.request.urlopen(lab, timeout=60) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(task_centre, timeout=120) as answer:
            assert 'lang="zh-CN"' in answer.read().decode("utf-8")
        without = task_centre.split("?")[0]
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(without.replace("/voila/render", "/api/contents"), timeout=60)
        kernels = children(process.pid)
        assert kernels, "the page runs in a kernel"
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(60) == 0
        assert "课程已结束。" in rest
        assert not any(psutil.pid_exists(pid) for pid in kernels)
        assert [p.name for p in home.iterdir() if "jupyter" in p.name or "ipython" in p.name] == []
    finally:
        taken.close()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


# --- the doctor ----------------------------------------------------------------------------------
def test_doctor_finds_this_machine_fit(course: Path) -> None:
    findings = doctor.examine(root=course)
    assert [f for f in findings if f.state == "bad"] == []
    assert {"Python", "图表字体", "端口", "写入权限", "课程数据"} <= {f.what for f in findings}


def test_doctor_names_an_old_python() -> None:
    found = doctor._python((3, 9))
    assert (found.state, found.found) == ("bad", "3.9")
    assert "3.11" in found.remedy


def test_doctor_sees_a_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = doctor._port(taken.getsockname()[1])
    assert found.state == "note"
    assert "已被占用" in found.found


def test_doctor_lists_versions_that_differ_from_the_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("pandas==0.1\nnosuch==1\n", encoding="utf-8")
    found = doctor._versions(tmp_path)
    assert found.state == "note"
    assert re.search(r"2 个软件包.*pandas .*应为 0\.1.*nosuch 没有安装", found.found)


def test_doctor_notices_a_folder_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "tempfile", SimpleNamespace(TemporaryFile=refuse))
    found = doctor._writable(tmp_path)
    assert found.state == "bad"
    assert str(tmp_path) in found.found


def test_doctor_command_ends_with_1_when_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRMKIT_DATASETS", str(tmp_path))
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "✗ 课程数据" in result.stdout
