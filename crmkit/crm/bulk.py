"""Many rows at once, past SQLAlchemy's work on every single row (which costs more than the rows)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def insert(
    connection: Connection, table: sa.Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert tuples whose values stand in the order of `names`; other columns get their default."""
    quote = connection.dialect.identifier_preparer.quote
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    columns = ", ".join(quote(n) for n in names)
    marks = ", ".join(mark for _ in names)
    values = list(rows)
    if values:
        connection.exec_driver_sql(
            f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})", values
        )
