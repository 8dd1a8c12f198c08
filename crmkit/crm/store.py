"""One shop's store: an SQLite file (or a PostgreSQL database) that many sessions may use at once.

Writers queue up (``BEGIN IMMEDIATE``; on PostgreSQL a lock on the log), readers never wait. What
the driver has to say about full disks, locks and foreign files is said in Chinese by `trouble`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crmkit.crm import clock
from crmkit.crm.errors import StoreError
from crmkit.crm.storage import bulk, connecting, migrations, shopfile, tables
from crmkit.crm.storage.trouble import in_words

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.shops import Shop

SUFFIX = ".crm"
NEWEST_CHANGE = sa.select(sa.func.max(tables.operations.c.seq)).where(
    tables.operations.c.changes > 0
)
_MAKING = 0x43524D4B  # PostgreSQL: the lock held while the tables of a shop are made


class Store:
    """The tables of one shop. Make one with `create` or `open_store`."""

    def __init__(self, engine: sa.Engine, where: str) -> None:
        self._engine = engine
        self.where = where

    def __repr__(self) -> str:
        return f"Store({self.where})"

    @property
    def sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one unchanging state."""
        with in_words(self.where), self._engine.connect() as connection, connection.begin():
            if not self.sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Connection]:
        """A transaction that no other writer overlaps; rolled back when anything is raised.

        Parameters
        ----------
        lasting
            Whether it must survive a power cut at once, and stand in the one file. A row of the
            log that only says what was looked at may wait for the next change.
        """
        with in_words(self.where), self._engine.connect() as connection:
            if self.sqlite:
                connection.execution_options(immediate="FULL" if lasting else "NORMAL")
            with connection.begin():
                if not self.sqlite:
                    connection.exec_driver_sql("LOCK TABLE operations IN EXCLUSIVE MODE")
                yield connection
            if self.sqlite and lasting:
                _settle(connection)

    @contextmanager
    def making(self) -> Iterator[Connection]:
        """A transaction for making the tables of a new store."""
        with in_words(self.where), self._engine.connect() as connection:
            if self.sqlite:
                connection.execution_options(immediate="NORMAL")
            with connection.begin():
                if not self.sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
                yield connection

    def frame(self, statement: Any, connection: Connection | None = None) -> pd.DataFrame:
        """Rows of a select (or a whole table) as a frame with the English column names."""
        if connection is not None:
            return _frame(statement, connection)
        with self.reading() as own:
            return _frame(statement, own)

    def meta(self, connection: Connection | None = None) -> dict[str, str]:
        """What the store says of itself: shop, student, lab, as_of, now, version."""
        if connection is not None:
            return _meta(connection)
        with self.reading() as own:
            return _meta(own)

    def version(self) -> int:
        """Number of the last operation that changed something: frames older than this are stale."""
        with self.reading() as connection:
            return int(connection.execute(NEWEST_CHANGE).scalar() or 0)

    def settle(self) -> None:
        """On SQLite, bring everything into the one file, for whoever copies it while it is open."""
        if self.sqlite:
            with in_words(self.where), self._engine.connect() as connection:
                _settle(connection)

    def close(self) -> None:
        """Let go of the file; on SQLite everything then stands in the one file."""
        if self.sqlite:
            with in_words(self.where), self._engine.connect() as connection:
                _settle(connection, "TRUNCATE")
        self._engine.dispose()


def create(target: Path | str, shop: Shop, *, student: str, lab: str) -> Store:
    """Write a new store from a shop's tables and open it.

    Parameters
    ----------
    target
        A file to be made (its folder must exist), or a PostgreSQL URL of an empty database.
    shop
        The student's own cut, see `crmkit.shops.variant`.

    Raises
    ------
    StoreError
        The place is taken (`shopfile.Taken`), cannot be written or is full.
    """
    from crmkit.shops import as_of

    facts = {
        "version": str(migrations.VERSION), "shop": shop.name, "student": student, "lab": lab,
        "as_of": as_of().isoformat(), "now": clock.text(clock.opening(as_of())),
    }  # fmt: skip
    if _is_url(target):
        store = _served(str(target))
        with store.making() as connection:
            if sa.inspect(connection).has_table("meta"):
                raise shopfile.Taken(f"数据库 {store.where} 里已经有一家店，换一个空的数据库。")
            _fill(connection, shop, facts)
        return store
    path = Path(target)
    with shopfile.making(path) as part:
        store = Store(_file_engine(part), path.name)
        try:
            with store.making() as connection:
                connection.exec_driver_sql(f"PRAGMA application_id = {shopfile.APPLICATION}")
                connection.exec_driver_sql(f"PRAGMA user_version = {migrations.VERSION}")
                _fill(connection, shop, facts)
        finally:
            store.close()
    return open_store(path)


def open_store(target: Path | str) -> Store:
    """Open an existing store; an older schema is brought up to date, with a backup kept.

    Raises
    ------
    StoreError
        The file is missing, damaged, foreign, too large, from a newer kit, or not writable.
    """
    if _is_url(target):
        store = _served(str(target))
        with store.reading() as connection:
            if not sa.inspect(connection).has_table("meta"):
                raise StoreError(f"数据库 {store.where} 里没有店铺数据。")
        return store
    path = Path(target)
    shopfile.examine(path)
    with in_words(path.name):
        migrations.upgrade(path)
    return Store(_file_engine(path), path.name)


def _is_url(target: Path | str) -> bool:
    return isinstance(target, str) and "://" in target


def _served(target: str) -> Store:
    """A store on a database server; ``postgresql://`` means with the driver pg8000."""
    url = sa.make_url(target)
    where = url.render_as_string(hide_password=True)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+pg8000")
    try:
        engine = sa.create_engine(url, pool_pre_ping=True)
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        raise StoreError(
            f"「{where}」没有安装连接这种数据库的程序包。PostgreSQL 请运行：pip install pg8000"
        ) from error
    return Store(engine, where)


def _file_engine(path: Path) -> sa.Engine:
    # Opened by a function of our own: in a URL the path could not have every character.
    engine = sa.create_engine(
        "sqlite://", creator=lambda: connecting.connect(path), poolclass=sa.pool.QueuePool,
        pool_size=5, max_overflow=20, pool_timeout=connecting.WAIT_MS / 1000,
    )  # fmt: skip
    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    level = connection.get_execution_options().get("immediate")
    if level is None:  # the first select fixes the state that is seen
        connecting.patiently(driver, "BEGIN", "SELECT 1 FROM sqlite_master")
        return
    if driver.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        level = "FULL"  # a rollback journal needs it against corruption, not only against loss
    driver.execute(f"PRAGMA synchronous = {level}")
    connecting.patiently(driver, "BEGIN IMMEDIATE")


def _settle(connection: Connection, how: str = "PASSIVE") -> None:
    """Copy what was committed from the -wal into the file, for whoever copies only the file.

    Nothing is lost when it cannot be done now (full disk, somebody reading): it is in the -wal.
    """
    driver: Any = connection.connection.driver_connection
    with contextlib.suppress(sqlite3.OperationalError):
        driver.execute(f"PRAGMA wal_checkpoint({how})").fetchall()


def _frame(statement: Any, connection: Connection) -> pd.DataFrame:
    import pandas as pd

    chosen: Any = statement
    if isinstance(statement, sa.Table):
        chosen = sa.select(*statement.c)  # select(table) makes mypy 2.4 fall over
    result = connection.execute(chosen)
    names = list(result.keys())
    return pd.DataFrame.from_records(bulk.fetched(result), columns=names)


def _meta(connection: Connection) -> dict[str, str]:
    rows = connection.execute(sa.select(tables.meta.c.name, tables.meta.c.value))
    return {r[0]: r[1] for r in rows}


def _fill(connection: Connection, shop: Shop, facts: dict[str, str]) -> None:
    from crmkit.crm.storage import loading

    for table in tables.metadata.sorted_tables:
        connection.execute(sa.schema.CreateTable(table))
    connection.execute(tables.meta.insert(), [{"name": k, "value": v} for k, v in facts.items()])
    for table, columns in loading.columns_of(shop):
        bulk.insert(connection, table, list(columns), zip(*columns.values(), strict=True))
    for table in tables.metadata.sorted_tables:  # over rows that are there: faster than row by row
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(sa.schema.CreateIndex(index))
