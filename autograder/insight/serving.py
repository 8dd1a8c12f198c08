"""The teacher's board on a server of its own: this machine only, with a token, Voila and no more."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.insight.dashboard import VARIABLE
from crmkit.errors import KitError
from crmkit.ui import voila

PAGES = Path(__file__).parents[1] / "dashboards"
BOARD = "marks.ipynb"
DEFAULT_PORT = 8899
_HOST = "127.0.0.1"
_START_SECONDS = 60


class ServingError(KitError):
    """The board's server cannot start."""


@dataclass(frozen=True)
class Serving:
    """A running server. The address carries the token that lets one in."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def serve(course: Path, port: int = DEFAULT_PORT) -> Iterator[Serving]:
    """Serve the board of a class until the block ends.

    Parameters
    ----------
    course : path
        The class folder.
    port : int
        The first port to try; the next free one is taken where it is in use.

    Raises
    ------
    ServingError
        Voila is not installed, or the server did not start.
    """
    if importlib.util.find_spec("voila") is None:
        raise ServingError("没有安装 voila。请在课程文件夹运行：pip install -r requirements.lock")
    with tempfile.TemporaryDirectory(prefix="crmkit-board-") as folder:
        place, token = Path(folder), secrets.token_urlsafe(24)
        free = _free_port(port)
        environment = _settings(place, course, token)
        log = place / "voila.log"
        command = [sys.executable, "-m", "voila", str(PAGES), f"--port={free}", "--no-browser"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=environment, cwd=place, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        base = f"http://{_HOST}:{free}/"
        try:
            _wait(base, process, log)
            yield Serving(f"{base}voila/render/{BOARD}?token={token}", process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _settings(place: Path, course: Path, token: str) -> dict[str, str]:
    """Write the server's configuration; returns the environment that makes it the only one.

    The token stands in a file of this user's, not on the command line, where all could read it.
    """
    config, data = place / "config", place / "share"
    config.mkdir()
    settings: dict[str, Any] = {
        k: v for k, v in voila.jupyter_config(teacher=True).items() if k.startswith("Voila")
    }
    settings["Voila"] = {"ip": _HOST, "token": token, "port_retries": 0, "open_browser": False}
    path = config / "voila.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    path.chmod(0o600)
    template = voila.template_path()
    shutil.copytree(template, data / "voila" / "templates" / template.name)
    return {
        **os.environ,
        VARIABLE: str(course.resolve()),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(data),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
        "IPYTHONDIR": str(place / "ipython"),
    }


def _free_port(first: int) -> int:
    if not 1 <= first <= 65535:
        raise ServingError(f"端口 {first} 无效，请用 1 到 65535 之间的数。")
    for port in range(first, min(first + 50, 65536)):
        with socket.socket() as probe:
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return port
    raise ServingError(f"从 {first} 起的 50 个端口都被占用，请用 --port 换一个。")


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers; without a token it refuses, which is an answer too."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(base, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    tail = " ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:])
    raise ServingError(f"班级分析页没有启动：{tail or '服务没有应答'}")


def wait(serving: Serving, say: Callable[[str], None]) -> None:
    """Stay until Ctrl-C, or until the server ends by itself."""
    try:
        serving.process.wait()
    except KeyboardInterrupt:
        say("正在结束……")
    else:
        raise ServingError("班级分析页自己停了，请重新运行 autograder dashboard。")
