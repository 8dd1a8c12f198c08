"""First content of every page from a warm kernel: `make bench` runs this.

A Jupyter server with the kit's warm process serves labs/dashboards; Chromium opens every page
with an empty cache. Seconds from the request until the heading stands there (first content) and
until the figures are drawn, median of CRMKIT_BENCH_TIMES visits (default 3); the goal is 3 s.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

GOAL = 3.0
TIMES = int(os.environ.get("CRMKIT_BENCH_TIMES", "3"))
WARM_SECONDS = 60  # at most, for the server and its warm process
FIRST = "h1"
DRAWN = {
    "tea": "[data-testid=dashboard][data-view]:not([aria-busy])", "crm": "[data-testid=enter]",
    "task_centre": "[data-testid=labs]",
}  # fmt: skip
BOARD = "[data-testid=board][data-view]:not([aria-busy])"


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A server with Jupyter folders of its own; gives its address with a place for the notebook."""
    from crmkit.kernels import shared
    from crmkit.ui import voila

    settings = voila.jupyter_config(teacher=True)
    settings["ServerApp"] |= {"root_dir": str(ROOT), "open_browser": False}
    config, template = folder / "config", voila.template_path()
    config.mkdir()
    (config / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    shutil.copytree(template, folder / "share" / "voila" / "templates" / template.name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    environment = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(config), "JUPYTER_DATA_DIR": str(folder / "share"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "IPYTHONDIR": str(folder / "ipython"),
        "CRMKIT_WARM_KERNELS": shared.PAGES, "JUPYTER_DEFAULT_PROVISIONER_NAME": shared.NAME,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
         f"--IdentityProvider.token={token}"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/voila/render/labs/dashboards/{{}}.ipynb?token={token}"
    end = time.monotonic() + WARM_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=5).close()
            return process, address
        except urllib.error.URLError:
            time.sleep(0.3)
    raise SystemExit("the server did not start")


def visit(browser: Any, address: str, drawn: str) -> tuple[float, float]:
    """Seconds until the first content, and until the figures."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(FIRST).first.wait_for()
    first = time.perf_counter() - begun
    page.wait_for_selector(drawn)
    whole = time.perf_counter() - begun
    page.goto("about:blank")  # Voila ends the kernel of a page that is left
    context.close()
    return first, whole


def main(*names: str) -> None:
    from playwright.sync_api import sync_playwright

    from crmkit.ui.boards import BOARDS

    drawn = dict.fromkeys(BOARDS, BOARD) | DRAWN
    pages = names or [p.stem for p in sorted((ROOT / "labs" / "dashboards").glob("*.ipynb"))]
    debian = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    path = os.environ.get("CRMKIT_CHROMIUM") or debian
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as p:
        process, address = serve(Path(folder))
        try:
            browser = p.chromium.launch(executable_path=path, args=["--no-sandbox"])
            visit(browser, address.format("tea"), DRAWN["tea"])  # waits for the warm process
            print(f"{'page':16}{'first s':>9}{'figures s':>11}   load {os.getloadavg()[0]:.1f}")
            for name in pages:
                found = [
                    visit(browser, address.format(name), drawn.get(name, FIRST))
                    for _ in range(TIMES)
                ]
                first, whole = (statistics.median(x) for x in zip(*found, strict=True))
                mark = "" if first <= GOAL else f"   over {GOAL:g} s"
                print(f"{name:16}{first:9.2f}{whole:11.2f}{mark}", flush=True)
            browser.close()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
