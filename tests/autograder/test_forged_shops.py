"""Shop files made by hand with a log whose chain holds: refused in words, nothing else is harmed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import judge, operations
from crmkit.crm import Session, audit, catalogue, store
from crmkit.crm.storage import tables
from tests.autograder import works

LAB, STUDENT = "O1", "2025010101"
NAME = f"out/{LAB}.crm"
COLUMNS = [c.name for c in tables.operations.c]
TAGS = [c.name for c in tables.metadata.tables["tags"].c]
TAGGING = {
    "role": "店长", "module": catalogue.function("customers.tags").module,
    "function": catalogue.function("customers.tags").name, "action": "贴标签", "outcome": "成功",
}  # fmt: skip


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forged") / f"{LAB}.crm"
    shutil.copy(works._untouched(LAB, STUDENT), path)
    session = Session(store.open_store(path))
    session.login("客服", STUDENT)
    session.close()
    return path


def add(db: sqlite3.Connection, *changes: tuple[str, str, Any, Any], **line: Any) -> None:
    """A line more, as the last one but for `line`, with these changes."""
    last = db.execute(f"SELECT {','.join(COLUMNS)} FROM operations ORDER BY seq DESC").fetchone()
    row = dict(zip(COLUMNS, last, strict=True)) | TAGGING | line
    row["seq"] += 1
    marks = ",".join("?" * len(COLUMNS))
    db.execute(f"INSERT INTO operations ({','.join(COLUMNS)}) VALUES ({marks})", [*row.values()])
    for n, (table, key, before, after) in enumerate(changes):
        images = [None if image is None else json.dumps(image) for image in (before, after)]
        db.execute(
            "INSERT INTO changes (seq, n, table_name, row_key, before, after) VALUES (?,?,?,?,?,?)",
            [row["seq"], n, table, key, *images],
        )


def chain(db: sqlite3.Connection) -> None:
    """Make the hashes hold again, as anybody can who has the kit."""
    prev = audit.START
    for found in db.execute(f"SELECT {','.join(COLUMNS)} FROM operations ORDER BY seq").fetchall():
        row = dict(zip(COLUMNS, found, strict=True))
        query = "SELECT table_name, row_key, before, after FROM changes WHERE seq=? ORDER BY n"
        own = db.execute(query, [row["seq"]]).fetchall()
        row |= {"changes": len(own), "digest": audit.digest(own), "prev": prev}
        row["hash"] = prev = audit.hash_of(row)
        db.execute(
            "UPDATE operations SET changes=?, digest=?, prev=?, hash=? WHERE seq=?",
            [row[k] for k in ("changes", "digest", "prev", "hash", "seq")],
        )


def every(column: str, value: Any) -> Callable[[sqlite3.Connection], Any]:
    return lambda db: db.execute(f"UPDATE operations SET {column}=?", [value])


KEY = '["customer","C000001","高潜"]'
FORGED: dict[str, Callable[[sqlite3.Connection], Any]] = {
    "a row without its columns": lambda db: add(db, ("tags", KEY, None, {"tag": "高潜"})),
    "cells that hold lists": lambda db: add(db, ("tags", KEY, None, dict.fromkeys(TAGS, [1]))),
    "looking that changes something": lambda db: add(
        db, ("tags", KEY, None, dict.fromkeys(TAGS, "x")), outcome="查看"
    ),
    "a change of nothing": lambda db: add(db, ("tags", KEY, None, None)),
    "a change that is no row": lambda db: add(db, ("tags", KEY, 5, "x")),
    "a key that is none": lambda db: add(db, ("tags", "5", {}, {})),
    "a table of the log's own": lambda db: add(db, ("meta", '["student"]', None, {})),
    "a time that is none": every("clock", "昨天"),
    "a time before all times": every("clock", "0000-00-00T00:00:00.000000Z"),
    "details that are no object": every("detail", "[1]"),
    "details without end": every("detail", "[" * 100_000 + "]" * 100_000),
    "details in bytes": every("detail", b"{}"),
    "a role there is not": every("role", "老板"),
    "a function there is not": lambda db: add(db, function="发钱"),
    "a line before the first": lambda db: db.execute("UPDATE operations SET seq=-1 WHERE seq=1"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_log_that_the_system_would_not_have_written_is_refused(
    handed_in: Path, tmp_path: Path, name: str
) -> None:
    path = Path(shutil.copy(handed_in, tmp_path))
    db = sqlite3.connect(path)
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    FORGED[name](db)
    chain(db)
    db.commit()
    db.close()
    shop = judge.load(LAB).shop
    looked = operations.look(
        {NAME: path.read_bytes()}, {}, name=NAME, student=STUDENT, lab=LAB, shop=shop
    )
    assert looked.works == () and "没有采用" in looked.unread
    assert len(looked.says) == 1


def test_the_same_file_unforged_counts(handed_in: Path) -> None:
    looked = operations.look(
        {NAME: handed_in.read_bytes()}, {}, name=NAME, student=STUDENT, lab=LAB,
        shop=judge.load(LAB).shop,
    )  # fmt: skip
    assert len(looked.works) == 1 and not looked.unread and not looked.says
