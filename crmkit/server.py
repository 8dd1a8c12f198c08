"""The course on one Jupyter server: JupyterLab in Chinese and Voila pages beside it.

All configuration is written when the server starts, to a private folder (`.jupyter` in the course
folder). Nothing of the user's own Jupyter set-up is read or changed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import signal
import sys
import time
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crmkit import startup
from crmkit.errors import KitError
from crmkit.kernels import shared
from crmkit.ui import voila

TASK_CENTRE = "labs/dashboards/task_centre.ipynb"
DEFAULT_PORT = 8888
CLASS_CONFIG = "nbgrader_config.py"  # in every class folder
# What a student's file list leaves out. A teacher sees everything (`teacher=True`).
HIDDEN_FROM_STUDENTS = (
    "__pycache__",
    "*.pyc",
    "*.egg-info",
    "autograder",
    "benchmarks",
    "binder",
    "build",
    "class",
    "crmkit",
    "docs",
    "tests",
    "source",
    "generate",
    "node_modules",
    "artifacts",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "environment.yml",
)
# Server extensions that cost time at every start and that nobody here uses …
UNUSED_EXTENSIONS = ("jupyter_lsp", "notebook", "notebook_shim")
# … and those that only authors and teachers use.
TEACHER_EXTENSIONS = (
    "jupyterlab_jupytext",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
)


class ServerError(KitError):
    """The server cannot start."""


@dataclass(frozen=True)
class Place:
    """Where the server keeps its own files: everything below `root`/.jupyter."""

    root: Path

    @property
    def private(self) -> Path:
        return self.root / ".jupyter"

    @property
    def log(self) -> Path:
        return self.private / "server.log"

    def environment(self) -> dict[str, str]:
        """The variables that make Jupyter and IPython use this place and no other."""
        return {
            "JUPYTER_CONFIG_DIR": str(self.private / "config"),
            "JUPYTER_DATA_DIR": str(self.private / "share"),
            "JUPYTER_RUNTIME_DIR": str(self.private / "runtime"),
            "IPYTHONDIR": str(self.private / "ipython"),
        }


def course_root(start: Path | None = None) -> Path:
    """The course folder: `start` or a folder above it, else the one the package lies in.

    Raises ServerError where none of them holds the task centre.
    """
    start = (start or Path.cwd()).resolve()
    package = Path(__file__).resolve().parents[1]
    for folder in (start, *start.parents, package):
        if (folder / TASK_CENTRE).is_file() and (folder / "crmkit").is_dir():
            return folder
    raise ServerError(
        f"在「{start}」找不到课程文件（{TASK_CENTRE}）。请先进入课程所在的文件夹，再运行 crmkit start。"
    )


def configure(root: Path, *, teacher: bool = False, course: Path | None = None) -> Place:
    """Write the server's configuration below `root`/.jupyter.

    Parameters
    ----------
    root
        The course folder; it becomes the root of JupyterLab's file list.
    teacher
        Show every file and nbgrader's formgrader; students get neither.
    course
        The class folder that formgrader works on.

    Raises
    ------
    ServerError
        When the folder cannot be written.
    """
    place = Place(root)
    try:
        for folder in place.environment().values():
            Path(folder).mkdir(parents=True, exist_ok=True)
        place.private.chmod(0o700)
        _install_template(place)
        config = place.private / "config"
        _write(config / "jupyter_server_config.json", _server_config(root, teacher))
        _write(config / "labconfig" / "default_setting_overrides.json", _lab_overrides())
        _write(config / "labconfig" / "page_config.json", _page_config(teacher))
        nbgrader = config / "nbgrader_config.py"
        nbgrader.unlink(missing_ok=True)
        if teacher and course is not None:
            text = (
                f"load_subconfig({CLASS_CONFIG!r}, path={str(course.resolve())!r})  # noqa: F821\n"
            )
            nbgrader.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ServerError(
            f"不能在「{place.private}」写入文件（{error.strerror}）。请检查课程文件夹的写入权限和磁盘空间。"
        ) from error
    return place


def _server_config(root: Path, teacher: bool) -> dict[str, Any]:
    page = f"/voila/render/{TASK_CENTRE}"
    off = (*UNUSED_EXTENSIONS, *(() if teacher else TEACHER_EXTENSIONS))
    config = voila.jupyter_config(teacher=teacher)
    config["ServerApp"] |= {
        "root_dir": str(root),
        "default_url": page,
        "jpserver_extensions": dict.fromkeys(off, False),
    }
    config |= {
        "LabApp": {
            "default_url": page,
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        },
        "JupyterNotebookApp": {"default_url": page},
        # A browser that was killed leaves its page's kernel behind; one in use is never ended.
        "MappingKernelManager": {
            "cull_idle_timeout": 3600,
            "cull_interval": 300,
            "cull_connected": False,
        },
        # A USB stick or a network drive in a computer room has no trash to move files to.
        "FileContentsManager": {"delete_to_trash": False},
    }
    if not teacher:
        config["ContentsManager"] = {"hide_globs": list(HIDDEN_FROM_STUDENTS)}
    return config


def _lab_overrides() -> dict[str, Any]:
    return voila.lab_overrides() | {
        "@jupyterlab/docmanager-extension:plugin": {
            "defaultViewers": {"markdown": "Markdown Preview"}
        },
    }


def _page_config(teacher: bool) -> dict[str, Any]:
    return {
        "disabledExtensions": {
            "@jupyterlab/apputils-extension:announcements": True,
            "@jupyterlab/extensionmanager-extension": True,  # it lists what a registry offers
            # No language server: it would look for programs that nobody installed.
            "@jupyterlab/lsp-extension": True,
            "@jupyterlab/fileeditor-extension:language-server": True,
            "@jupyterlab/notebook-extension:language-server": True,
            "@jupyter/nbgrader": not teacher,
            "jupyterlab-jupytext": not teacher,
        }
    }


def _install_template(place: Place) -> None:
    """Voila looks for templates below Jupyter's data folders only."""
    target = place.private / "share" / "voila" / "templates" / voila.TEMPLATE
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(voila.template_path(), target)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


@dataclass(frozen=True)
class Addresses:
    """What to type into a browser. All carry the token that lets one in."""

    lab: str
    task_centre: str
    formgrader: str


def addresses(base: str, token: str) -> Addresses:
    """The pages of a server at `base` (ends with a slash).

    >>> addresses("http://127.0.0.1:8888/", "abc").lab
    'http://127.0.0.1:8888/lab?token=abc'
    """
    return Addresses(
        lab=f"{base}lab?token={token}",
        task_centre=f"{base}voila/render/{quote(TASK_CENTRE)}?token={token}",
        formgrader=f"{base}formgrader?token={token}",
    )


def start(
    root: Path,
    *,
    port: int = DEFAULT_PORT,
    open_browser: bool = True,
    teacher: bool = False,
    course: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Run the server until Ctrl-C (or SIGTERM), then end its kernels and return.

    Where `port` is taken the next free one is used; `say` tells which. `teacher` and `course` as
    in `configure`.

    Raises
    ------
    ServerError
        When jupyterlab or voila is not installed, the port is out of range, or no port is free.
    """
    if not 1 <= port <= 65535:
        raise ServerError(f"端口 {port} 无效，请用 1 到 65535 之间的数，例如 PORT={DEFAULT_PORT}。")
    for module in ("jupyterlab", "voila"):
        if importlib.util.find_spec(module) is None:
            raise ServerError(
                f"没有安装 {module}。请在课程文件夹运行：pip install -r requirements.lock"
            )
    began = time.monotonic()
    if teacher and course is not None and not (course / CLASS_CONFIG).is_file():
        say(f"还没有班级文件夹「{course}」，Formgrader 暂不可用；先运行 autograder release E3。")
        course = None
    place = configure(root, teacher=teacher, course=course)
    os.environ.update(place.environment())
    # Kernels, terminals and nbgrader call programs of this environment by their bare names.
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")
    os.chdir(root)

    warnings.simplefilter("ignore", DeprecationWarning)  # Jupyter's, about itself
    startup.skip_unused_grammars()
    shared.use()
    from jupyterlab.labapp import LabApp
    from traitlets.config import Config

    token = secrets.token_urlsafe(24)
    try:
        app = LabApp.initialize_server(
            argv=_arguments(port, token), config=Config(_quiet(place.log))
        )
    except SystemExit as error:  # Jupyter's way to refuse; the reason stands in its log
        raise ServerError(f"服务没有启动，原因见「{place.log}」的最后几行。") from error
    if app.port != port:
        say(f"端口 {port} 已被占用，改用 {app.port}。")
    _stop_on_signals(app, say)
    found = addresses(f"http://127.0.0.1:{app.port}{app.base_url}", token)

    def ready() -> None:
        say(f"课程已就绪（{time.monotonic() - began:.0f} 秒）：")
        say(f"  任务中心    {found.task_centre}")
        say(f"  JupyterLab  {found.lab}")
        if teacher and course is not None:
            say(f"  Formgrader  {found.formgrader}")
        say("按 Ctrl-C 结束。")
        if open_browser:
            for address in (found.lab, found.task_centre):
                webbrowser.open(address)

    app.io_loop.add_callback(ready)
    with _errors_to(place.log):
        app.start()
    shared.stop()
    say("课程已结束。")


def _arguments(port: int, token: str) -> list[str]:
    """Settings of this one run; everything else stands in the configuration files."""
    arguments = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=50",
        "--ServerApp.open_browser=False",
        f"--IdentityProvider.token={token}",
        "--LabApp.default_url=/lab",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--ServerApp.allow_root=True")
    return arguments


def _quiet(log: Path) -> dict[str, Any]:
    """Jupyter's own words (English, many) go to a file; the terminal shows ours."""
    log.write_text("", encoding="utf-8")  # of this run only
    file = {
        "class": "logging.FileHandler",
        "filename": str(log),
        "encoding": "utf-8",
        "formatter": "plain",
        "level": "INFO",
    }
    plain = {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    logger = {"level": "DEBUG", "handlers": ["file"]}
    logging = {
        "handlers": {"file": file},
        "formatters": {"plain": plain},
        "loggers": dict.fromkeys(("ServerApp", "LabApp", "JupyterNotebookApp"), logger),
    }
    return {"Application": {"logging_config": logging}}


@contextmanager
def _errors_to(log: Path) -> Iterator[None]:
    """Kernels inherit standard error; what they say while they are ended belongs in the log."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)


def _stop_on_signals(app: Any, say: Callable[[str], None]) -> None:
    """End at the first Ctrl-C, without Jupyter's question and with all kernels shut down."""

    def stop(number: int, frame: object) -> None:
        if not stopping:
            stopping.append(number)
            app.io_loop.add_callback_from_signal(say, "正在结束，请稍候……")
            app.stop(from_signal=True)

    stopping: list[int] = []
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
