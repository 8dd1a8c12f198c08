"""What is committed in ui/static is what the sources in ui/js build."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import crmkit.ui

UI = Path(crmkit.ui.__file__).parent
JS, STATIC = UI / "js", UI / "static"
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT", "ECONNRESET")


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder with the sources and the packages that the lock file names."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node is not installed: the bundles cannot be built again")
    if not (JS / "node_modules" / "esbuild").is_dir():
        run = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=JS, capture_output=True, encoding="utf-8"
        )
        if run.returncode and any(code in run.stderr for code in NO_NETWORK):
            pytest.skip("no network: `npm ci` cannot fetch esbuild and ECharts")
        assert run.returncode == 0, run.stderr
    return JS


def test_committed_bundles_are_what_the_sources_build(tools: Path) -> None:
    run = subprocess.run(
        ["node", "build.mjs", "--check"], cwd=tools, capture_output=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr


def test_installed_packages_are_those_of_the_lock_file(tools: Path) -> None:
    lock = json.loads((tools / "package-lock.json").read_text(encoding="utf-8"))
    for path, entry in lock["packages"].items():
        manifest = tools / path / "package.json"
        if path and manifest.is_file():
            found = json.loads(manifest.read_text(encoding="utf-8"))["version"]
            assert found == entry["version"], path


def test_check_notices_a_changed_and_a_stale_bundle(tools: Path, tmp_path: Path) -> None:
    copy = tmp_path / "ui"
    shutil.copytree(JS, copy / "js", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(STATIC, copy / "static")
    os.symlink(JS / "node_modules", copy / "js" / "node_modules")
    (copy / "static" / "dashboard.css").write_text(".changed{}", encoding="utf-8")
    (copy / "static" / "left_over.js").write_text("", encoding="utf-8")
    run = subprocess.run(
        ["node", "build.mjs", "--check"], cwd=copy / "js", capture_output=True, encoding="utf-8"
    )
    assert run.returncode == 1
    assert "dashboard.css: differs" in run.stderr
    assert "left_over.js: no source" in run.stderr


def test_every_widget_has_script_and_style() -> None:
    scripts = {path.stem for path in (JS / "src").glob("*.js")}
    assert scripts >= {"dashboard", "task_centre"}
    for name in scripts:
        assert (STATIC / f"{name}.js").is_file()
        assert (STATIC / f"{name}.css").is_file()


def test_lock_file_carries_no_registry_address() -> None:
    lock = json.loads((JS / "package-lock.json").read_text(encoding="utf-8"))
    assert [path for path, entry in lock["packages"].items() if "resolved" in entry] == []


@pytest.mark.parametrize("name", sorted(p.name for p in (JS / "src").glob("**/*.[jc]s*")))
def test_our_sources_name_no_other_server(name: str) -> None:
    (path,) = (JS / "src").rglob(name)
    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.]+", path.read_text(encoding="utf-8")) == []


def test_licences_of_bundled_packages_are_shipped() -> None:
    text = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("echarts", "zrender", "tslib"):
        assert re.search(rf"^{package} \d", text, re.MULTILINE)
