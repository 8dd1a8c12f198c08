"""A real Jupyter server and a real Chromium for the tests in this folder.

The server runs below a prefix and behind a token, as on Binder, with Jupyter folders of its own.
Every page is watched: a request to another machine is cut off and noted, and so is every error
in the console; `visit` fails the test for either.
"""

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
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from crmkit.ui import voila

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "crmkit" / "ui" / "js"
ARTIFACTS = ROOT / "artifacts" / "browser"
PREFIX = "/user/student/"
WINDOW = {"width": 1366, "height": 768}
START_SECONDS = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Server:
    """Where the course is served; the addresses carry the token."""

    origin: str
    token: str

    def address(self, path: str, **query: str) -> str:
        text = urllib.parse.urlencode({**query, "token": self.token})
        return f"{self.origin}{PREFIX}{quote(path)}?{text}"

    def page(self, notebook: str, **query: str) -> str:
        """A notebook as a Voila page."""
        return self.address(f"voila/render/{notebook}", **query)

    def lab(self, notebook: str) -> str:
        """A notebook in JupyterLab, with a fresh workspace."""
        return self.address(f"lab/workspaces/{secrets.token_hex(4)}/tree/{notebook}", reset="")

    def api(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(self.address(f"api/{path}"), method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")


def _settings(folder: Path) -> dict[str, str]:
    """Write the server's configuration; returns the environment that makes it the only one."""
    config, data = folder / "config", folder / "share"
    settings = voila.jupyter_config(teacher=True)
    settings["ServerApp"] |= {"root_dir": str(ROOT), "base_url": PREFIX, "open_browser": False}
    settings["LabApp"] = {"news_url": None, "expose_app_in_browser": False}
    settings["ContentsManager"] = {"allow_hidden": False}
    config.joinpath("labconfig").mkdir(parents=True)
    for path, content in (
        (config / "jupyter_server_config.json", settings),
        (config / "labconfig" / "default_setting_overrides.json", voila.lab_overrides()),
    ):
        path.write_text(json.dumps(content), encoding="utf-8")
    template = voila.template_path()
    shutil.copytree(template, data / "voila" / "templates" / template.name)
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(data),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The course on a Jupyter server of its own, ended after the last test."""
    folder = tmp_path_factory.mktemp("jupyter")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--port-retries=0", f"--IdentityProvider.token={found.token}"),
    ]
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_settings(folder), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(found, process, log)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            server.api("status")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-30:])
    pytest.fail(f"the Jupyter server did not start:\n{tail}")


@dataclass
class Watch:
    """What a page did that it should not have done."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail for what was done since the last check."""
        outside, self.outside = self.outside, []
        errors, self.errors = self.errors, []
        assert outside == [], "requests that leave the server"
        assert errors == [], "errors in the console"


def _open(server: Server, chromium: Any, watch: Watch, address: str, script: str = "",
          **options: Any) -> Any:  # fmt: skip
    """A page in a window of its own; `watch` learns what it does that it should not."""

    def guard(route: Any) -> None:
        url = route.request.url
        if url.startswith((f"{server.origin}/", "data:", "blob:")):
            route.continue_()
        else:
            watch.outside.append(url)
            route.abort()

    context = chromium.new_context(**{"locale": "zh-CN", "viewport": WINDOW, **options})
    context.add_init_script(script)
    context.route("**/*", guard)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.on(
        "websocket",
        lambda socket: (
            None
            if urlsplit(socket.url).netloc == urlsplit(server.origin).netloc
            else watch.outside.append(socket.url)
        ),
    )
    page.on(
        "console",
        lambda message: (
            watch.errors.append(f"{message.text} ({message.location.get('url', '')})")
            if message.type == "error"
            else None
        ),
    )
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.goto(address, timeout=240_000)  # a Voila page is loaded when its last cell has run
    return page


def _close(page: Any) -> None:
    page.context.unroute_all()  # what a page sends when it is left does not survive the guard
    page.goto("about:blank")  # Voila ends the kernel of a page that is left
    page.wait_for_timeout(300)
    page.context.close()


@pytest.fixture
def visit(server: Server, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a window of its own: ``page = visit(server.page("…"))``.

    `script` runs in the page before all else; other keywords go to playwright's ``new_context``
    (``viewport=…``). After the test no page may have asked another machine for anything or
    written an error into the console.
    """
    watch = Watch()
    pages: list[Any] = []

    def open_page(address: str, script: str = "", **options: Any) -> Any:
        pages.append(_open(server, chromium, watch, address, script, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        _close(page)
    watch.check()


class Stay:
    """A page that stays open from test to test of a file: a Voila page takes long to start.

    `page` is None when the next test has to open one.
    """

    def __init__(self, server: Server, chromium: Any) -> None:
        self._server, self._chromium = server, chromium
        self.watch = Watch()
        self.page: Any = None

    def open(self, address: str) -> Any:
        """Open an address anew; nothing moves on it, so that every screen is there at once."""
        self.close()
        self.page = _open(
            self._server, self._chromium, self.watch, address, reduced_motion="reduce"
        )
        return self.page

    def close(self) -> None:
        if self.page is not None:
            _close(self.page)
        self.page = None


@pytest.fixture(scope="module")
def stay(server: Server, chromium: Any) -> Iterator[Stay]:
    """The page that the tests of a file share; each of them checks ``stay.watch``."""
    kept = Stay(server, chromium)
    yield kept
    kept.close()


@pytest.fixture
def in_lab(visit: Callable[..., Any], server: Server) -> Callable[..., Any]:
    """Open a notebook in JupyterLab with a fresh kernel: ``page = in_lab("chapters/….ipynb")``."""

    def open_notebook(notebook: str, **options: Any) -> Any:
        for session in server.api("sessions"):  # JupyterLab would go on with a running kernel
            if session["path"] == notebook:
                server.api(f"sessions/{session['id']}", method="DELETE")
        page = visit(server.lab(notebook), **options)
        # The indicator says idle also while there is no kernel yet.
        page.locator(".jp-Toolbar-kernelName", has_text="Python 3").wait_for()
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        return page

    return open_notebook


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Where a picture of this test is kept: ``page.screenshot(path=keep("dark.png"))``."""

    def place(name: str) -> Path:
        folder = ARTIFACTS / request.path.stem.removeprefix("test_")
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    return place


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """axe-core's findings on a part of a page: ``axe(page, ".crm-dashboard") == []``."""
    script = JS / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip("axe-core is not there: run `npm ci` in crmkit/ui/js")

    def findings(page: Any, selector: str) -> list[str]:
        page.evaluate(script.read_text(encoding="utf-8"))
        result = page.evaluate(
            "selector => axe.run(selector, {resultTypes: ['violations']})", selector
        )
        return [
            f"{found['id']}: {found['help']}: {node['html'][:160]}"
            for found in result["violations"]
            for node in found["nodes"]
        ]

    return findings
