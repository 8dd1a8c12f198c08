"""Where downloads lie, and the class they belong to."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "下载"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return tmp_path / "class"
