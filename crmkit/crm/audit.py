"""The operation log: append-only, hash-chained, one row for everything anybody did or was refused.

A change reaches the tables only through an `Operation`, which writes down every row before and
after. So the log alone rebuilds the state (`replay`), and a batch can be undone from it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crmkit.crm import bulk, tables
from crmkit.crm.errors import Conflict, NotFound, StoreError

DONE, REFUSED, READ = "成功", "拒绝", "查看"
START = "0" * 64
_CHUNK = 400  # keys in one IN (…): below every database's limit
_HASHED = (
    "seq", "at", "clock", "user_name", "role", "module", "function", "action", "object", "detail",
    "outcome", "message", "changes", "digest", "prev",
)  # fmt: skip
Row = dict[str, Any]


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


class Operation:
    """One transaction's changes, and what the log will say of them.

    `object` names what was worked on ("C000123"); `detail` holds the parameters in Chinese words.
    """

    connection: Connection  # set while the transaction runs

    def __init__(self, detail: Mapping[str, Any]) -> None:
        self.object = ""
        self.message = ""
        self.detail: dict[str, Any] = dict(detail)
        self._changes: list[tuple[str, str, str | None, str | None]] = []

    # --- reading inside the transaction -----------------------------------------------------------
    def rows(self, statement: Any) -> list[Row]:
        """Rows of a select as dicts."""
        chosen = sa.select(statement) if isinstance(statement, sa.Table) else statement
        return [dict(r) for r in self.connection.execute(chosen).mappings()]

    def get(self, table: sa.Table, *key: str) -> Row:
        """One row by its key; NotFound when there is none."""
        found = self.find(table, *key)
        if found is None:
            raise NotFound(f"没有编号为「{'、'.join(map(str, key))}」的记录（表 {table.name}）。")
        return found

    def find(self, table: sa.Table, *key: str) -> Row | None:
        """One row by its key, or None."""
        names = tables.key_of(table)
        clause = sa.and_(*(table.c[n] == k for n, k in zip(names, key, strict=True)))
        row = self.connection.execute(sa.select(table).where(clause)).mappings().first()
        return None if row is None else dict(row)

    def find_many(self, table: sa.Table, keys: Iterable[str]) -> dict[str, Row]:
        """Rows of a table with a single key column, by that key."""
        (name,) = tables.key_of(table)
        wanted, found = list(dict.fromkeys(keys)), {}
        for n in range(0, len(wanted), _CHUNK):
            chosen = sa.select(table).where(table.c[name].in_(wanted[n : n + _CHUNK]))
            for row in self.connection.execute(chosen).mappings():
                found[row[name]] = dict(row)
        return found

    def next_id(self, table: sa.Table, prefix: str, width: int) -> str:
        """The next free number, such as ``"C002771"``: no other writer can take the same one."""
        return self.next_ids(table, prefix, width, 1)[0]

    def next_ids(self, table: sa.Table, prefix: str, width: int, count: int) -> list[str]:
        (name,) = tables.key_of(table)
        column = table.c[name]
        newest = sa.select(sa.func.max(column)).where(
            column.like(f"{prefix}%"), sa.func.length(column) == len(prefix) + width
        )
        last = self.connection.execute(newest).scalar()
        start = int(last[len(prefix) :]) + 1 if last else 1
        return [f"{prefix}{start + k:0{width}d}" for k in range(count)]

    def coming(self) -> int:
        """The number this operation will have in the log."""
        newest = self.connection.execute(sa.select(sa.func.max(tables.operations.c.seq))).scalar()
        return (newest or 0) + 1

    # --- changing ---------------------------------------------------------------------------------
    def insert(self, table: sa.Table, row: Row) -> None:
        self.insert_many(table, [row])

    def insert_many(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Add rows that name the same columns."""
        if not rows:
            return
        names = list(rows[0])
        bulk.insert(self.connection, table, names, (tuple(r[n] for n in names) for r in rows))
        keys = tables.key_of(table)
        for row in rows:
            self._note(table, [row[k] for k in keys], None, row)

    def update(
        self, table: sa.Table, *key: str, to: Mapping[str, Any], expect: int | None = None
    ) -> Row:
        """Change one row; returns it as it was.

        Raises
        ------
        Conflict
            `expect` is not the row's rev any more: somebody changed it since it was read.
        """
        before = self.get(table, *key)
        if expect is not None and before["rev"] != expect:
            raise Conflict(
                f"「{'、'.join(key)}」在你打开之后被别人改过（第 {expect} 版 → 第 {before['rev']} 版），"
                "没有保存。请刷新后在最新的内容上再改。"
            )
        self._update(table, before, to)
        return before

    def update_many(self, table: sa.Table, keys: Sequence[str], to: Mapping[str, Any]) -> int:
        """Give many rows (single key column) the same values; returns how many really changed."""
        found = self.find_many(table, keys)
        missing = [k for k in keys if k not in found]
        if missing:
            raise NotFound(
                f"没有这些编号的记录：{'、'.join(missing[:5])}（共 {len(missing)} 个）。"
            )
        return sum(self._update(table, found[k], to) for k in found)

    def _update(self, table: sa.Table, before: Row, to: Mapping[str, Any]) -> bool:
        changed = {k: v for k, v in to.items() if before[k] != v}
        if not changed:
            return False
        names = tables.key_of(table)
        clause = sa.and_(*(table.c[n] == before[n] for n in names))
        changed["rev"] = before["rev"] + 1
        self.connection.execute(sa.update(table).where(clause).values(**changed))
        self._note(table, [before[n] for n in names], {k: before[k] for k in changed}, changed)
        return True

    def delete(self, table: sa.Table, *key: str) -> Row:
        """Remove one row; returns it."""
        before = self.get(table, *key)
        self.delete_many(table, [before])
        return before

    def delete_many(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Remove rows that were read before."""
        names = tables.key_of(table)
        for row in rows:
            clause = sa.and_(*(table.c[n] == row[n] for n in names))
            self.connection.execute(sa.delete(table).where(clause))
            self._note(table, [row[n] for n in names], row, None)

    def take_back(self, seq: int, leave: Sequence[str] = ()) -> int:
        """Undo the changes of an earlier operation, except in the tables of `leave`.

        Returns the number of rows put back.

        Raises
        ------
        Conflict
            One of the rows was changed since, or something else points to it.
        """
        c = tables.changes
        made = self.rows(sa.select(c).where(c.c.seq == seq).order_by(c.c.n.desc()))
        made = [m for m in made if m["table_name"] not in leave]
        for change in made:
            table = tables.metadata.tables[change["table_name"]]
            key = json.loads(change["row_key"])
            before = None if change["before"] is None else json.loads(change["before"])
            after = None if change["after"] is None else json.loads(change["after"])
            now = self.find(table, *key)
            if after is None:
                if now is not None or before is None:
                    raise Conflict(f"「{'、'.join(key)}」后来又建了一次，不能撤销。")
                self.insert(table, before)
                continue
            if now is None or any(now[k] != v for k, v in after.items()):
                raise Conflict(f"「{'、'.join(key)}」后来又改过，不能整批撤销。")
            if before is None:
                self._refuse_in_use(table, key)
                self.delete_many(table, [now])
            else:
                self._update(table, now, {k: v for k, v in before.items() if k != "rev"})
        return len(made)

    def _refuse_in_use(self, table: sa.Table, key: list[str]) -> None:
        for other in tables.STATE:
            for fk in other.foreign_keys:
                if fk.column.table is table and self.rows(
                    sa.select(other).where(fk.parent == key[0]).limit(1)
                ):
                    raise Conflict(f"「{key[0]}」后来有了别的记录（{other.name}），不能撤销。")

    def _note(self, table: sa.Table, key: list[str], before: Row | None, after: Row | None) -> None:
        self._changes.append(
            (table.name, canonical(key), before and canonical(before), after and canonical(after))
        )

    # --- the log ----------------------------------------------------------------------------------
    def write(self, who: Mapping[str, str], outcome: str) -> int:
        """Append the row of this operation and its changes; returns its number."""
        t = tables.operations
        now = sa.select(tables.meta.c.value).where(tables.meta.c.name == "now")
        last = self.connection.execute(
            sa.select(t.c.seq, t.c.hash).order_by(t.c.seq.desc()).limit(1)
        ).first()
        seq, prev = (last[0] + 1, last[1]) if last else (1, START)
        row: Row = {
            **who, "seq": seq, "at": self.connection.execute(now).scalar_one(), "clock": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "object": self.object, "detail": canonical(self.detail), "outcome": outcome,
            "message": self.message, "changes": len(self._changes), "digest": digest(self._changes),
            "prev": prev,
        }  # fmt: skip
        row["hash"] = hash_of(row)
        self.connection.execute(t.insert(), row)
        names = ("seq", "n", "table_name", "row_key", "before", "after")
        rows = ((seq, n, *change) for n, change in enumerate(self._changes))
        bulk.insert(self.connection, tables.changes, names, rows)
        return seq


def digest(changes: Iterable[tuple[str, str, str | None, str | None]]) -> str:
    """sha256 over the changes of one operation, in order."""
    total = hashlib.sha256()
    for change in changes:
        total.update(canonical(change).encode())
        total.update(b"\n")
    return total.hexdigest()


def hash_of(row: Mapping[str, Any]) -> str:
    """The hash of a log row: over everything in it and, by `prev`, all rows before it."""
    return hashlib.sha256(canonical([row[name] for name in _HASHED]).encode()).hexdigest()


def verify(operations: Iterable[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]]) -> None:
    """Check a log read in order: nothing altered, added or missing in the middle.

    Raises
    ------
    StoreError
        Names the first row that does not fit.
    """
    of_operation: dict[int, list[tuple[str, str, str | None, str | None]]] = {}
    for c in changes:
        found = of_operation.setdefault(c["seq"], [])
        found.append((c["table_name"], c["row_key"], c["before"], c["after"]))
    prev, expected = START, 1
    for row in operations:
        own = of_operation.pop(row["seq"], [])
        if (
            row["seq"] != expected
            or row["prev"] != prev
            or row["hash"] != hash_of(row)
            or row["changes"] != len(own)
            or row["digest"] != digest(own)
        ):
            raise StoreError(f"操作日志从第 {expected} 条起对不上：有记录被改过、删过或插入过。")
        prev, expected = row["hash"], expected + 1
    if of_operation:
        raise StoreError("操作日志里有不属于任何操作的改动。")


State = dict[str, dict[str, Row]]


def replay(state: State, changes: Iterable[Mapping[str, Any]]) -> State:
    """Apply the log's changes to a state: {table: {canonical key: row}}. Changes `state`.

    Raises
    ------
    StoreError
        A change does not fit the state it is applied to.
    """
    for c in changes:
        rows, key = state.setdefault(c["table_name"], {}), c["row_key"]
        before = None if c["before"] is None else json.loads(c["before"])
        after = None if c["after"] is None else json.loads(c["after"])
        if before is None:
            if key in rows:
                raise StoreError(f"操作日志第 {c['seq']} 条重复新增了 {c['table_name']} {key}。")
            rows[key] = {"rev": 0, **after}
            continue
        old = rows.get(key)
        if old is None or any(old.get(k) != v for k, v in before.items()):
            raise StoreError(f"操作日志第 {c['seq']} 条与 {c['table_name']} {key} 的状态不符。")
        if after is None:
            del rows[key]
        else:
            old.update(after)
    return state
