"""A tea shop's file nobody has worked in, and its state."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crmkit.crm import Session, audit, store
from tests.crmkit.crm.store.soundness import Made
from tests.crmkit.crm.test_log import state


@pytest.fixture
def path(made: Made, tmp_path: Path) -> Path:
    """A tea shop nobody has worked in."""
    return Path(shutil.copy(made("tea"), tmp_path / "O1-tea.crm"))


@pytest.fixture(scope="session")
def fresh(made: Made) -> audit.State:
    """The state of that shop."""
    opened = store.open_store(made("tea"))
    found = state(Session(opened))
    opened.close()
    return found
