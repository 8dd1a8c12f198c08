"""What a shop's file promises whenever it is opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from crmkit.crm import Session, audit, store
from crmkit.crm.session import read_log
from tests.crmkit.crm.test_log import state

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
NOBODY = 65534
Made = Callable[[str], Path]


def copied(rows: audit.State) -> audit.State:
    return {t: {k: dict(r) for k, r in found.items()} for t, found in rows.items()}


def check_sound(path: Path, fresh: audit.State) -> dict[int, str]:
    """All that a file promises on opening; hash of every operation by its number."""
    session = Session(store.open_store(path))
    with session.store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        operations, changes = read_log(connection)
    audit.verify(operations, changes)
    assert audit.replay(copied(fresh), changes) == state(session)
    session.close()
    return {o["seq"]: o["hash"] for o in operations}


def content(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
