"""One SQL query over frames, in a DuckDB database that lives in memory and for one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crmkit.analytics.errors import AnalyticsError

if TYPE_CHECKING:
    import duckdb


def connect(**tables: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """A database in memory with the frames as its tables.

    Nothing is written to disk. ``.sql("SELECT …").df()`` gives a frame back.

    Raises
    ------
    AnalyticsError
        One of the tables is not a frame.
    """
    import duckdb

    # One thread: results come in one order on every machine, and a sandbox may allow no more.
    database = duckdb.connect(":memory:", config={"threads": 1})
    for name, frame in tables.items():
        if not isinstance(frame, pd.DataFrame):
            raise AnalyticsError(
                f"表 {name} 要是数据表（DataFrame），给的是 {type(frame).__name__}。请先读成表。"
            )
        database.register(name, frame)
    return database


def query(sql: str, **tables: pd.DataFrame) -> pd.DataFrame:
    """The result of one query over frames.

    Parameters
    ----------
    sql
        A query in DuckDB's SQL; tables are named as in `tables`.

    Raises
    ------
    AnalyticsError
        The query cannot be run: the message is the database's own, with a word on where to look.

    Examples
    --------
    >>> sales = pd.DataFrame({"大类": ["茶叶", "茶具", "茶叶"], "销售额": [10, 5, 7]})
    >>> query("SELECT 大类, sum(销售额)::INT AS 合计 FROM sales GROUP BY 大类 ORDER BY 大类", sales=sales)
       大类  合计
    0  茶具   5
    1  茶叶  17
    """
    import duckdb

    with connect(**tables) as database:
        try:
            return database.execute(sql).df()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise AnalyticsError(
                f"这条 SQL 不能执行：{first}。请核对表名（现有：{'、'.join(tables)}）、列名和标点。"
            ) from error


def quoted(name: str) -> str:
    """A column or table name as it stands in SQL.

    >>> quoted('大类'), quoted('a"b')
    ('"大类"', '"a""b"')
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A value as it stands in SQL: numbers as they are, everything else as text.

    >>> literal(2025), literal("O'Neil")
    ('2025', "'O''Neil'")
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
