"""Connections to a shop's file: with a write-ahead log where the disk allows it."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path

WAIT_MS = 60_000
CACHE_KB = 32_000  # at most; a large import would otherwise read its indexes again and again
# What SQLite says where a file system has no shared memory for the write-ahead log.
_NO_MEMORY = ("unable to open", "locking protocol")


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose transactions begin where we say; any thread may use it."""
    connection = _connect(path)
    try:
        _choose_journal(connection, path)
        for pragma in ("foreign_keys = ON", "trusted_schema = OFF", "temp_store = MEMORY",
                       f"cache_size = -{CACHE_KB}"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def look(path: Path) -> sqlite3.Connection:
    """A connection only for looking at a file that may be damaged: changes nothing in it."""
    connection = _connect(path)
    try:
        patiently(connection, "SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        if not any(sign in str(error) for sign in _NO_MEMORY):
            connection.close()
            raise
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # needs no shared memory
    except BaseException:
        connection.close()
        raise
    return connection


def patiently(connection: sqlite3.Connection, *statements: str) -> sqlite3.Cursor:
    """Execute; SQLite does not itself wait in every case while another program opens or closes."""
    until = time.monotonic() + WAIT_MS / 1000
    while True:
        try:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor
        except sqlite3.OperationalError as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.005)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=WAIT_MS / 1000, isolation_level=None, check_same_thread=False
    )


def _choose_journal(connection: sqlite3.Connection, path: Path) -> None:
    """WAL; where the file system has no shared memory (network drives), a rollback journal."""
    mode = ""
    if not _remote(path):
        try:
            mode = patiently(connection, "PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not any(sign in str(error) for sign in _NO_MEMORY):
                raise
    if mode == "wal":
        return
    # A file that was in WAL can be opened without shared memory only by one program alone.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    patiently(connection, "PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA locking_mode = NORMAL")
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # lets go of the file


def _remote(path: Path) -> bool:
    """Whether the file is on a network drive of Windows, where WAL only seems to work."""
    if sys.platform != "win32":
        return False
    import ctypes

    root = path.resolve().anchor
    return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == 4
