"""Everything in a gradebook, without the ids that are drawn anew each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

NATURAL = ("student", "course", "alembic_version")  # their ids are names

Tables = dict[str, list[tuple]]


def read(course: Path) -> Tables:
    """Table → its rows, sorted; an id is replaced by the row that it stands for."""
    with closing(sqlite3.connect(course / "gradebook.db")) as db:
        db.row_factory = sqlite3.Row
        names = [r[0] for r in db.execute("select name from sqlite_master where type = 'table'")]
        rows = {name: [dict(r) for r in db.execute(f'select * from "{name}"')] for name in names}
        keys = {n: db.execute(f'pragma foreign_key_list("{n}")').fetchall() for n in names}
    points = {n: {k["from"]: k["table"] for k in found} for n, found in keys.items()}
    by_id = {n: {r["id"]: r for r in there if "id" in r} for n, there in rows.items()}

    def label(table: str, row: dict[str, Any]) -> tuple:
        parts = []
        for column, value in sorted(row.items()):
            target = points[table].get(column)
            if target is not None and value is not None:
                parts.append((column, label(target, by_id[target][value])))
            elif column != "id" or table in NATURAL:
                parts.append((column, value))
        return tuple(parts)

    return {n: sorted((label(n, r) for r in there), key=repr) for n, there in rows.items()}


def differences(a: Tables, b: Tables) -> dict[str, tuple[list, list]]:
    """Table → rows only here, rows only there; empty when all is equal."""
    found = {}
    for name in a.keys() | b.keys():
        here = [r for r in a.get(name, []) if r not in b.get(name, [])]
        there = [r for r in b.get(name, []) if r not in a.get(name, [])]
        if here or there or len(a[name]) != len(b[name]):
            found[name] = (here, there)
    return found
