"""Older store files are brought up to date, one version at a time, with a backup kept."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from crmkit.crm.errors import StoreError

VERSION = 1
# Version → what brings a file of that version to the next one.
STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {}


def upgrade(path: Path) -> Path | None:
    """Bring a file to `VERSION`; the backup that was made, or None when nothing was to do.

    Raises
    ------
    StoreError
        The file comes from a newer version of the kit, or from one no step leads from.
    """
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == VERSION:
            return None
        if found > VERSION:
            raise StoreError(
                f"「{path.name}」是更新版本的课程软件保存的（第 {found} 版，这里是第 {VERSION} 版）。"
                "请更新课程软件。"
            )
        missing = [v for v in range(found, VERSION) if v not in STEPS]
        if missing:
            raise StoreError(f"「{path.name}」是第 {found} 版的店铺文件，已不能升级，请重新开始。")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        backup = path.with_name(f"{path.name}.v{found}.bak")
        shutil.copyfile(path, backup)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for version in range(found, VERSION):
                STEPS[version](connection)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(VERSION),))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return backup
    finally:
        connection.close()
