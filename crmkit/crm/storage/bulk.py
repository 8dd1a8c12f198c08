"""Many rows at once, past SQLAlchemy's work on every single row (which costs more than the rows)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_CHUNK = 900  # values in one IN (…): below the limit of every SQLite
_ROWS = 5_000  # rows in one statement to PostgreSQL
_ARRAYS = {sa.Text: "text", sa.BigInteger: "bigint", sa.Integer: "integer", sa.Float: "float8"}


def insert(
    connection: Connection, table: sa.Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert tuples whose values stand in the order of `names`; other columns get their default."""
    values = list(rows)
    quote = connection.dialect.identifier_preparer.quote
    into = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))})"
    if not values:
        return
    if _sqlite(connection):
        marks = ", ".join("?" for _ in names)
        connection.exec_driver_sql(f"{into} VALUES ({marks})", values)
        return
    # One array for every column: a statement for every row would be a round trip for every row.
    arrays = ", ".join(f"CAST(%s AS {_type(table.c[n])}[])" for n in names)
    for n in range(0, len(values), _ROWS):
        columns = tuple(list(column) for column in zip(*values[n : n + _ROWS], strict=True))
        connection.exec_driver_sql(f"{into} SELECT * FROM unnest({arrays})", columns)


def update(
    connection: Connection, table: sa.Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Set the columns `names` of rows: tuples of their values, then those of the key."""
    values, mark = list(rows), _mark(connection)
    quote = connection.dialect.identifier_preparer.quote
    to = ", ".join(f"{quote(n)} = {mark}" for n in names)
    if values:
        connection.exec_driver_sql(
            f"UPDATE {quote(table.name)} SET {to} WHERE {_key(table, quote, mark)}", values
        )


def delete(connection: Connection, table: sa.Table, keys: Iterable[tuple[Any, ...]]) -> None:
    """Remove the rows with these keys."""
    values, mark = list(keys), _mark(connection)
    quote = connection.dialect.identifier_preparer.quote
    if values:
        connection.exec_driver_sql(
            f"DELETE FROM {quote(table.name)} WHERE {_key(table, quote, mark)}", values
        )


def select(
    connection: Connection, table: sa.Table, column: str, values: Iterable[Any]
) -> Iterator[dict[str, Any]]:
    """Whole rows whose `column` has one of the values."""
    wanted = list(dict.fromkeys(values))
    quote = connection.dialect.identifier_preparer.quote
    names = [c.name for c in table.columns]
    chosen = f"SELECT {', '.join(map(quote, names))} FROM {quote(table.name)} WHERE {quote(column)}"
    for n in range(0, len(wanted), _CHUNK):
        some = wanted[n : n + _CHUNK]
        if _sqlite(connection):
            marks = ", ".join("?" for _ in some)
            result = connection.exec_driver_sql(f"{chosen} IN ({marks})", tuple(some))
        else:
            array = f"CAST(%s AS {_type(table.c[column])}[])"
            result = connection.exec_driver_sql(f"{chosen} = ANY({array})", (some,))
        for row in fetched(result):
            yield dict(zip(names, row, strict=True))


def fetched(result: sa.CursorResult[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them: SQLAlchemy's own rows cost more than the reading."""
    cursor: Any = result.cursor
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    result.close()
    return rows


def columns(connection: Connection, names: Sequence[str], source: str) -> dict[str, list[Any]]:
    """Whole columns of `source` (what stands after FROM), each a list.

    As one JSON text a column: half the time of a tuple for every row, taken apart again.
    """
    array = "json_group_array" if _sqlite(connection) else "json_agg"
    picked = ", ".join(names)
    whole = ", ".join(f"{array}({name})" for name in names)
    result = connection.exec_driver_sql(f"SELECT {whole} FROM (SELECT {picked} FROM {source}) AS t")
    (row,) = fetched(result)
    values = (json.loads(text) if isinstance(text, str) else text or [] for text in row)
    return dict(zip(names, values, strict=True))


def _sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _mark(connection: Connection) -> str:
    return "?" if _sqlite(connection) else "%s"


def _key(table: sa.Table, quote: Any, mark: str) -> str:
    return " AND ".join(f"{quote(c.name)} = {mark}" for c in table.primary_key.columns)


def _type(column: sa.Column[Any]) -> str:
    return _ARRAYS[type(column.type)]
