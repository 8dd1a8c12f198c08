"""A shop file for every test that asks for one, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crmkit import crm, shops
from crmkit.crm import store

STUDENT = "2025010101"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Path of an untouched shop file of one student."""
    folder = tmp_path_factory.mktemp("shops")

    def make(shop: str) -> Path:
        path = folder / f"{shop}.crm"
        if not path.exists():
            cut = shops.variant(shop, STUDENT, "O1")
            store.create(path, cut, student=STUDENT, lab="O1").close()
        return path

    return make


@pytest.fixture
def work_in(made: Callable[[str], Path], tmp_path: Path) -> Callable[..., crm.Session]:
    """Open a copy of a shop: ``work_in("tea", "店长")``; the same shop twice is the same file."""

    def work(shop: str = "tea", role: str = "店长") -> crm.Session:
        path = tmp_path / f"{shop}.crm"
        if not path.exists():
            shutil.copy(made(shop), path)
        session = crm.Session(store.open_store(path))
        return session.login(role) if role else session

    return work
