"""The operation log: append-only, hash-chained, one row for everything anybody did or was refused.

A change reaches the tables only through an `Operation`, which writes down every row before and
after. So the log alone rebuilds the state (`replay`), and a batch can be undone from it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crmkit.crm.errors import Conflict, NotFound, StoreError
from crmkit.crm.storage import bulk, tables

DONE, REFUSED, READ = "成功", "拒绝", "查看"
START = "0" * 64
_HASHED = (
    "seq", "at", "clock", "user_name", "role", "module", "function", "action", "object", "detail",
    "outcome", "message", "changes", "digest", "prev",
)  # fmt: skip
Row = dict[str, Any]
Change = tuple[str, str, str | None, str | None]  # table, key, before, after: as JSON
TOGETHER = 200  # rows added at once that share one row of the log, a line each
_LONGEST = 500_000  # characters in it
# Made once: json.dumps would make an encoder for every call.
_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
).encode


# Made once as well: every operation asks.
_NOW = sa.select(tables.meta.c.value).where(tables.meta.c.name == "now")
_LAST = (
    sa.select(tables.operations.c.seq, tables.operations.c.hash)
    .order_by(tables.operations.c.seq.desc())
    .limit(1)
)


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, Chinese as it is."""
    return _encode(value)


def _key(values: Iterable[Any]) -> str:
    """`canonical` of a list, much faster for texts."""
    return f"[{','.join(map(_encode, values))}]"


def _spelled(values: Sequence[Any]) -> list[str]:
    """`canonical` of every value; equal ones are spelled once."""
    kinds = set(map(type, values))
    if len({bool, int, float} & kinds) > 1:  # 1 and True are equal
        return list(map(_encode, values))
    different = set(values)
    if kinds == {str} and len(different) * 2 > len(values):
        return list(map(json.encoder.encode_basestring, values))
    known = {v: _encode(v) for v in different}
    return list(map(known.__getitem__, values))


class Operation:
    """One transaction's changes, and what the log will say of them.

    `object` names what was worked on ("C000123"); `detail` holds the parameters in Chinese words.
    """

    connection: Connection  # set while the transaction runs

    def __init__(self, detail: Mapping[str, Any]) -> None:
        self.object = ""
        self.message = ""
        self.detail: dict[str, Any] = dict(detail)
        self._changes: list[Change] = []
        self._packed: set[str] = set()  # tables of which many rows were added at once

    # --- reading inside the transaction -----------------------------------------------------------
    def rows(self, statement: Any) -> list[Row]:
        """Rows of a select as dicts."""
        chosen: Any = statement
        if isinstance(statement, sa.Table):
            chosen = sa.select(*statement.c)  # select(table) makes mypy 2.4 fall over
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
        return {row[name]: row for row in bulk.select(self.connection, table, name, keys)}

    def existing(self, table: sa.Table, keys: Iterable[str]) -> set[str]:
        """Those of some keys that a table with a single key column has."""
        (name,) = tables.key_of(table)
        everyone = self.connection.execute(sa.select(table.c[name]))
        return {key for (key,) in bulk.fetched(everyone)}.intersection(keys)

    def next_id(self, table: sa.Table, prefix: str, width: int) -> str:
        """The next free number, such as ``"C002771"``: no other writer can take the same one."""
        return self.next_ids(table, prefix, width, 1)[0]

    def next_ids(self, table: sa.Table, prefix: str, width: int, count: int) -> list[str]:
        (name,) = tables.key_of(table)
        column = table.c[name]
        newest = (
            sa.select(column)
            .where(column >= prefix, sa.func.length(column) == len(prefix) + width)
            .order_by(column.desc())
        )
        numbers = (  # people may have brought ids such as C-12345 or CVIP001
            value[len(prefix) :]
            for (value,) in self.connection.execute(newest)
            if value.startswith(prefix)
        )
        last = next((n for n in numbers if n.isascii() and n.isdigit()), "0")
        return [f"{prefix}{int(last) + k:0{width}d}" for k in range(1, count + 1)]

    def coming(self) -> int:
        """The number this operation will have in the log."""
        newest = self.connection.execute(sa.select(sa.func.max(tables.operations.c.seq))).scalar()
        return (newest or 0) + 1

    # --- changing ---------------------------------------------------------------------------------
    def insert(self, table: sa.Table, row: Row) -> None:
        self.insert_many(table, [row])

    def insert_many(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Add rows; columns that a row does not name get their default."""
        if not rows:
            return
        keys, start = tables.key_of(table), start_row(table)
        whole = [start | row for row in rows]
        names = list(whole[0])
        bulk.insert(self.connection, table, names, (tuple(r[n] for n in names) for r in whole))
        name = table.name
        self._changes.extend(
            (name, _key([row[k] for k in keys]), None, canonical(row)) for row in whole
        )

    def insert_columns(self, table: sa.Table, columns: Mapping[str, Sequence[Any]]) -> None:
        """Add rows given as columns of equal length: for very many rows at once."""
        count = len(next(iter(columns.values())))
        start = start_row(table)
        bulk.insert(self.connection, table, list(columns), zip(*columns.values(), strict=True))
        whole = {n: columns.get(n, [default] * count) for n, default in start.items()}
        spelled = {n: _spelled(values) for n, values in whole.items()}
        fields = sorted(spelled)  # as `canonical` sorts them
        form = "{" + ",".join(f"{canonical(n)}:%s" for n in fields) + "}"
        after = map(form.__mod__, zip(*(spelled[n] for n in fields), strict=True))
        keys = map(",".join, zip(*(spelled[n] for n in tables.key_of(table)), strict=True))
        name = table.name
        self._packed.add(name)
        self._changes.extend(
            (name, f"[{key}]", None, row) for key, row in zip(keys, after, strict=True)
        )

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
        self.update_rows(table, [(before, to)])
        return before

    def update_many(self, table: sa.Table, keys: Sequence[str], to: Mapping[str, Any]) -> int:
        """Give many rows (single key column) the same values; returns how many really changed."""
        return self.update_each(table, dict.fromkeys(keys, to))

    def update_each(self, table: sa.Table, to: Mapping[str, Mapping[str, Any]]) -> int:
        """Change many rows (key → values, single key column); returns how many really changed."""
        found = self.find_many(table, to)
        missing = [k for k in to if k not in found]
        if missing:
            raise NotFound(
                f"没有这些编号的记录：{'、'.join(missing[:5])}（共 {len(missing)} 个）。"
            )
        return self.update_rows(table, [(found[k], values) for k, values in to.items()])

    def update_rows(self, table: sa.Table, rows: Iterable[tuple[Row, Mapping[str, Any]]]) -> int:
        """Bring rows (as they are) to new values, those that change the same columns at once."""
        keys, count = tables.key_of(table), 0
        alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for before, to in rows:
            changed = {k: v for k, v in to.items() if before[k] != v}
            if not changed:
                continue
            changed["rev"] = before["rev"] + 1
            key = [before[n] for n in keys]
            alike.setdefault(tuple(changed), []).append((*changed.values(), *key))
            self._note(table, key, {k: before[k] for k in changed}, changed)
            count += 1
        for names, values in alike.items():
            bulk.update(self.connection, table, names, values)
        return count

    def delete(self, table: sa.Table, *key: str) -> Row:
        """Remove one row; returns it."""
        before = self.get(table, *key)
        self.delete_many(table, [before])
        return before

    def delete_many(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Remove rows that were read before."""
        names = tables.key_of(table)
        bulk.delete(self.connection, table, (tuple(row[n] for n in names) for row in rows))
        for row in rows:
            self._note(table, [row[n] for n in names], row, None)

    def _note(self, table: sa.Table, key: list[str], before: Row | None, after: Row | None) -> None:
        images = [None if image is None else canonical(image) for image in (before, after)]
        self._changes.append((table.name, canonical(key), images[0], images[1]))

    # --- the log ----------------------------------------------------------------------------------
    def write(self, who: Mapping[str, str], outcome: str) -> int:
        """Append the row of this operation and its changes; returns its number."""
        t = tables.operations
        last = self.connection.execute(_LAST).first()
        seq, prev = (last[0] + 1, last[1]) if last else (1, START)
        row: Row = {
            **who, "seq": seq, "at": self.connection.execute(_NOW).scalar_one(), "clock": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "object": self.object, "detail": canonical(self.detail), "outcome": outcome,
            "message": self.message, "changes": len(self._changes), "digest": digest(self._changes),
            "prev": prev,
        }  # fmt: skip
        row["hash"] = hash_of(row)
        self.connection.execute(t.insert(), row)
        names = ("seq", "n", "table_name", "row_key", "before", "after")
        rows = ((seq, n, *change) for n, change in _packed(self._changes, self._packed))
        bulk.insert(self.connection, tables.changes, names, rows)
        return seq


@cache
def start_row(table: sa.Table) -> Row:
    """A row with every column's default, in the order of the table."""
    defaults: Row = {}
    for c in table.columns:
        given: Any = c.server_default
        text = "" if given is None else str(given.arg.text)
        if not text:
            defaults[c.name] = None
        elif text.startswith("'"):
            defaults[c.name] = text[1:-1]
        else:
            defaults[c.name] = float(text) if isinstance(c.type, sa.Float) else int(text)
    return defaults


def _packed(changes: Iterable[Change], some: Collection[str]) -> Iterator[tuple[int, Change]]:
    """Rows of the log with their numbers; those added to the tables `some` stand in one together.

    JSON has no line breaks of its own, so a line of such a row is exactly one change.
    """
    n = 0
    for (table, new), run in itertools.groupby(changes, key=lambda c: (c[0], c[2] is None)):
        rest = list(run)
        size = TOGETHER if new and table in some else 1
        for part in (rest[k : k + size] for k in range(0, len(rest), size)):
            keys, after = [c[1] for c in part], [c[3] or "" for c in part]
            if len(part) > 1 and sum(map(len, after)) < _LONGEST:
                yield n, (table, "\n".join(keys), None, "\n".join(after))
            else:
                yield from enumerate(part, n)
            n += len(part)


def spread(changes: Iterable[Row]) -> Iterator[Row]:
    """The rows of the log as single changes: rows added together have a line each.

    Raises
    ------
    StoreError
        Keys and rows do not belong together.
    """
    for c in changes:
        keys, after = c["row_key"].split("\n"), (c["after"] or "").split("\n")
        if len(keys) != len(after) or (len(keys) > 1 and c["before"] is not None):
            raise StoreError(f"操作日志第 {c['seq']} 条的改动读不懂。")
        if len(keys) == 1:
            yield c
        else:
            for k, (key, row) in enumerate(zip(keys, after, strict=True)):
                yield {**c, "n": c["n"] + k, "row_key": key, "after": row}


def digest(changes: Iterable[Change]) -> str:
    """sha256 over the changes of one operation, in order.

    One line a value, ``-`` for none: JSON has no line breaks of its own, so nothing can be moved
    from one value to the next.
    """
    total = hashlib.sha256()
    lines = (f"{table}\n{key}\n{old or '-'}\n{new or '-'}\n" for table, key, old, new in changes)
    while some := "".join(itertools.islice(lines, 1000)):
        total.update(some.encode())
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
    of_operation: dict[int, list[Change]] = {}
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
            rows[key] = {"rev": 0, **(after or {})}
            continue
        old = rows.get(key)
        if old is None or any(old.get(k) != v for k, v in before.items()):
            raise StoreError(f"操作日志第 {c['seq']} 条与 {c['table_name']} {key} 的状态不符。")
        if after is None:
            del rows[key]
        else:
            old.update(after)
    return state
