"""A tea shop to work in, by role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crmkit import crm as kit
from crmkit.crm import store
from tests.crmkit.ui.console.work import STUDENT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untouched shop file."""
    folder = tmp_path_factory.mktemp("console")
    kit.open_shop("tea", student=STUDENT, lab="O1", folder=folder).close()
    return folder / "O1-tea.crm"


@pytest.fixture
def work_as(made: Path, tmp_path: Path) -> Iterator[Callable[[str], kit.Session]]:
    """Sessions on a copy of the shop, one for each role asked for."""
    path, opened = tmp_path / "O1-tea.crm", []

    def work(role: str = "店长") -> kit.Session:
        if not path.exists():
            shutil.copy(made, path)
        opened.append(kit.Session(store.open_store(path)).login(role))
        return opened[-1]

    yield work
    for session in opened:
        session.close()
