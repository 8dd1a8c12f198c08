"""Files of an older schema."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from crmkit.crm import Session, errors, store
from crmkit.crm.storage import migrations
from tests.crmkit.crm.store.soundness import content


@pytest.fixture
def older(path: Path) -> Path:
    """A file from before channels had a note."""
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE channels DROP COLUMN note")
    connection.execute("PRAGMA user_version = 0")
    connection.commit()
    connection.close()
    return path


def test_an_older_file_is_brought_up_to_date_once_and_its_backup_kept(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def step(connection: sqlite3.Connection) -> None:
        done.append(1)
        connection.execute("ALTER TABLE channels ADD COLUMN note TEXT NOT NULL DEFAULT ''")

    monkeypatch.setattr(migrations, "STEPS", {0: step})
    opened: list[Any] = []
    both = [
        threading.Thread(target=lambda: opened.append(store.open_store(older))) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(opened) == 2 and done == [1]
    session = Session(opened[0]).login("店长")
    session.channels.update("T01", note="升级后")
    session.verify()
    for one in opened:
        one.close()
    backups = list(older.parent.glob("*.bak"))
    assert [b.name for b in backups] == ["O1-tea.crm.v0.bak"]
    old = sqlite3.connect(backups[0])
    assert old.execute("PRAGMA user_version").fetchone() == (0,)
    assert "note" not in {r[1] for r in old.execute("PRAGMA table_info(channels)")}
    old.close()
    shutil.copy(backups[0], older)  # going back and again: the first backup stays
    store.open_store(older).close()
    assert len(list(older.parent.glob("*.bak"))) == 2


def test_a_step_that_fails_leaves_the_older_file_as_it_was(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM tags")
        connection.execute("ALTER TABLE nothing ADD COLUMN x")

    monkeypatch.setattr(migrations, "STEPS", {0: step})
    before = content(older.parent)[older.name]
    with pytest.raises(errors.StoreError, match="数据库出错"):
        store.open_store(older)
    assert content(older.parent)[older.name] == before
