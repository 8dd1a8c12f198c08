"""Older store files are brought up to date, one version at a time, with a backup kept."""

from __future__ import annotations

import itertools
import os
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from crmkit.crm.errors import StoreError
from crmkit.crm.storage import connecting

VERSION = 1
# Version → what brings a file of that version to the next one.
STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {}


def upgrade(path: Path) -> Path | None:
    """Bring a file to `VERSION`; the backup that was made, or None when nothing was to do.

    Raises
    ------
    StoreError
        The file comes from a newer version of the kit, from one no step leads from, or a step
        did not fit it. The file is then as it was.
    """
    connection = connecting.connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")  # steps may rebuild tables
    try:
        if not _steps(connection, path):
            return None
        connection.execute("BEGIN IMMEDIATE")  # nobody writes between the backup and the steps
        try:
            backup = None
            steps = _steps(connection, path)  # another program may have been quicker
            if steps:
                backup = _backup(path, steps[0])
                _apply(connection, path, steps)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return backup
    finally:
        connection.close()


def _steps(connection: sqlite3.Connection, path: Path) -> range:
    """The versions from which a step must be taken."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise StoreError(
            f"「{path.name}」是更新版本的课程软件保存的（第 {found} 版，这里是第 {VERSION} 版）。"
            "请更新课程软件。"
        )
    if any(v not in STEPS for v in range(found, VERSION)):
        raise StoreError(f"「{path.name}」是第 {found} 版的店铺文件，已不能升级，请重新开始。")
    return range(found, VERSION)


def _apply(connection: sqlite3.Connection, path: Path, steps: range) -> None:
    for version in steps:
        STEPS[version](connection)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(VERSION),))
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise StoreError(f"「{path.name}」里的数据前后对不上，不能升级；文件没有改动。")


def _backup(path: Path, version: int) -> Path:
    """A copy of the file as it is committed, whole or not there; no earlier one is overwritten."""
    numbered = (f"{path.name}.v{version}-{n}.bak" for n in itertools.count(2))
    names = itertools.chain((f"{path.name}.v{version}.bak",), numbered)
    target = next(p for p in map(path.with_name, names) if not p.exists())
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")
    try:
        source, copy = connecting.look(path), sqlite3.connect(part)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target
