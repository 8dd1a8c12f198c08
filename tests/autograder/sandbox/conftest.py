"""One warm process per level and test module; levels that this machine lacks are skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import LEVELS, Limits
from autograder.sandbox.boxed import Boxed
from autograder.sandbox.levels import trouble

SECRET = "canary-5f1c"
FAST = replace(Limits(), cell_seconds=20.0, total_seconds=60.0)


@pytest.fixture(scope="module", params=LEVELS[:-1])
def backend(request: pytest.FixtureRequest) -> Iterator[Boxed]:
    """A backend of each level, without the libraries preloaded."""
    problem = trouble(request.param)
    if problem:
        pytest.skip(f"{request.param}: {problem}")
    os.environ["CLASS_TOKEN"] = SECRET
    made = Boxed(request.param, bare=True)
    yield made
    made.close()
    del os.environ["CLASS_TOKEN"]


@pytest.fixture
def class_folder(tmp_path: Path) -> Path:
    """A teacher's things, readable by everyone as they often are."""
    for name in ("gradebook.db", "submitted/2025010102/E3/E3.ipynb", "records/E3.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SECRET, encoding="utf-8")
        path.chmod(0o666)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == Path.home().owner() and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
        if folder.parent == Path("/tmp"):
            break
    return tmp_path


def text(outputs: list[dict[str, Any]]) -> str:
    """All that a cell said."""
    parts = []
    for o in outputs:
        parts.append(
            o.get("text", "") or o.get("evalue", "") or o.get("data", {}).get("text/plain", "")
        )
    return "".join(parts)


def errors(outputs: list[dict[str, Any]]) -> list[str]:
    return [o["ename"] for o in outputs if o["output_type"] == "error"]
