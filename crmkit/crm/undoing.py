"""Undo of an earlier operation from the log: all that it changed is put back, or nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from crmkit.crm.audit import Operation, Row, spread
from crmkit.crm.errors import Conflict
from crmkit.crm.storage import tables


def take_back(op: Operation, seq: int, leave: Sequence[str] = ()) -> int:
    """Undo the changes of an earlier operation, except in the tables of `leave`.

    Returns the number of rows put back.

    Raises
    ------
    Conflict
        One of the rows was changed since, or something else points to it.
    """
    c = tables.changes
    made = list(spread(op.rows(sa.select(c).where(c.c.seq == seq).order_by(c.c.n))))
    made = [m for m in reversed(made) if m["table_name"] not in leave]
    for name, run in _runs(made):
        table = tables.metadata.tables[name]
        keys = [json.loads(m["row_key"]) for m in run]
        now = _present(op, table, keys)
        if run[0]["after"] is None:
            for key, there in zip(keys, now, strict=True):
                if there is not None:
                    raise Conflict(f"「{'、'.join(key)}」后来又建了一次，不能撤销。")
            op.insert_many(table, [json.loads(m["before"]) for m in run])
            continue
        held: list[Row] = []
        for m, key, row in zip(run, keys, now, strict=True):
            after = json.loads(m["after"])
            if row is None or any(row[k] != v for k, v in after.items()):
                raise Conflict(f"「{'、'.join(key)}」后来又改过，不能整批撤销。")
            held.append(row)
        if run[0]["before"] is None:
            _refuse_in_use(op, table, [key[0] for key in keys])
            op.delete_many(table, held)
        else:
            before = [json.loads(m["before"]) for m in run]
            old = [{k: v for k, v in b.items() if k != "rev"} for b in before]
            op.update_rows(table, zip(held, old, strict=True))
    return len(made)


def _present(op: Operation, table: sa.Table, keys: Sequence[list[Any]]) -> list[Row | None]:
    """The rows with these keys as they are now."""
    if len(tables.key_of(table)) > 1:
        return [op.find(table, *key) for key in keys]
    found = op.find_many(table, [key[0] for key in keys])
    return [found.get(key[0]) for key in keys]


def _refuse_in_use(op: Operation, table: sa.Table, keys: Sequence[str]) -> None:
    gone = set(keys)
    for other in tables.STATE:
        for fk in other.foreign_keys:
            if fk.column.table is not table:
                continue
            chosen = sa.select(fk.parent).distinct()
            if len(gone) == 1:
                chosen = chosen.where(fk.parent == keys[0])
            _refuse_any(gone.intersection(op.connection.execute(chosen).scalars()), other.name)
    if table.name in tables.TAGGED:
        t = tables.metadata.tables["tags"].c
        tagged = sa.select(t.object_id).where(t.object_type == tables.TAGGED[table.name])
        _refuse_any(gone.intersection(op.connection.execute(tagged).scalars()), "tags")


def _refuse_any(used: set[str], where: str) -> None:
    if used:
        raise Conflict(f"「{min(used)}」后来有了别的记录（{where}），不能撤销。")


def _runs(changes: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Neighbouring changes of the same table and kind, none of them of the same row twice."""
    run: list[Row] = []
    seen: set[str] = set()
    last = None
    for m in changes:
        kind = (m["table_name"], m["before"] is None, m["after"] is None)
        if run and (kind != last or m["row_key"] in seen):
            yield run[0]["table_name"], run
            run, seen = [], set()
        run.append(m)
        seen.add(m["row_key"])
        last = kind
    if run:
        yield run[0]["table_name"], run
