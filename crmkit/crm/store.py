"""One shop's store: an SQLite file (or a PostgreSQL database) that many sessions may use at once.

Writers queue up (``BEGIN IMMEDIATE``; on PostgreSQL a lock on the log), readers never wait. What
the driver has to say about full disks, locks and foreign files is said here in Chinese, once.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crmkit.crm import bulk, clock, migrations, tables
from crmkit.crm.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.shops import Shop

APPLICATION = 0x43524D4B  # "CRMK" in the file's header: ours, not another program's
MAX_BYTES = 500_000_000
WAIT_MS = 60_000
SUFFIX = ".crm"


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
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer overlaps; rolled back when anything is raised."""
        with in_words(self.where):
            connection = self._engine.connect().execution_options(immediate=True)
            with connection, connection.begin():
                if not self.sqlite:
                    connection.execute(sa.text("LOCK TABLE operations IN EXCLUSIVE MODE"))
                yield connection

    @contextmanager
    def writing_schema(self) -> Iterator[Connection]:
        """A transaction for making the tables of a new store."""
        with in_words(self.where):
            connection = self._engine.connect().execution_options(immediate=True)
            with connection, connection.begin():
                yield connection

    def frame(self, statement: Any, connection: Connection | None = None) -> pd.DataFrame:
        """Rows of a select (or a whole table) as a frame with the English column names."""
        import pandas as pd

        chosen = sa.select(statement) if isinstance(statement, sa.Table) else statement
        if connection is None:
            with self.reading() as connection:
                return self.frame(chosen, connection)
        result = connection.execute(chosen)
        return pd.DataFrame.from_records(
            [tuple(r) for r in result.fetchall()], columns=list(result.keys())
        )

    def meta(self, connection: Connection | None = None) -> dict[str, str]:
        """What the store says of itself: shop, student, lab, as_of, now, version."""
        if connection is None:
            with self.reading() as connection:
                return self.meta(connection)
        rows = connection.execute(sa.select(tables.meta.c.name, tables.meta.c.value))
        return {r[0]: r[1] for r in rows}

    def version(self) -> int:
        """Number of the last operation that changed something: frames older than this are stale."""
        with self.reading() as connection:
            newest = sa.select(sa.func.max(tables.operations.c.seq)).where(
                tables.operations.c.changes > 0
            )
            return int(connection.execute(newest).scalar() or 0)

    def close(self) -> None:
        """Let go of the file; on SQLite everything then stands in the one file."""
        if self.sqlite:
            with in_words(self.where), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
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
        The place is taken, cannot be written or is full.
    """
    from crmkit.shops import as_of

    facts = {
        "version": str(migrations.VERSION), "shop": shop.name, "student": student, "lab": lab,
        "as_of": as_of().isoformat(), "now": clock.text(clock.opening(as_of())),
    }  # fmt: skip
    if _is_url(target):
        store = Store(_engine(str(target)), _shown(str(target)))
        with store.writing_schema() as connection:
            if sa.inspect(connection).has_table("meta"):
                raise StoreError(f"数据库 {store.where} 里已经有一家店，换一个空的数据库。")
            _fill(connection, shop, facts)
        return store
    path = Path(target)
    if path.exists():
        raise StoreError(f"「{path.name}」已经存在，不会覆盖它。")
    # Built beside its place and moved there when whole: an interruption leaves no half store.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with in_words(path.name):
            store = Store(_engine(f"sqlite:///{part}"), path.name)
            with store.writing_schema() as connection:
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
                connection.exec_driver_sql(f"PRAGMA user_version = {migrations.VERSION}")
                _fill(connection, shop, facts)
            store.close()
            os.replace(part, path)
    finally:
        for name in (
            part,
            *(part.with_name(part.name + end) for end in ("-wal", "-shm", "-journal")),
        ):
            name.unlink(missing_ok=True)  # fmt: skip
    return open_store(path)


def open_store(target: Path | str) -> Store:
    """Open an existing store; an older schema is brought up to date, with a backup kept.

    Raises
    ------
    StoreError
        The file is missing, damaged, foreign, too large, from a newer kit, or not writable.
    """
    if _is_url(target):
        store = Store(_engine(str(target)), _shown(str(target)))
        with store.reading() as connection:
            if not sa.inspect(connection).has_table("meta"):
                raise StoreError(f"数据库 {store.where} 里没有店铺数据。")
        return store
    path = Path(target)
    _examine(path)
    migrations.upgrade(path)
    return Store(_engine(f"sqlite:///{path}"), path.name)


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Say in Chinese what the database driver could not do."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.DatabaseError, sqlite3.Error, OSError) as error:
        raise StoreError(_words(where, str(getattr(error, "orig", None) or error))) from error


def _words(where: str, said: str) -> str:
    for sign, words in (
        ("is full", "磁盘已满，这一步没有保存，原来的数据没有变。腾出空间后再做一次。"),
        ("No space left", "磁盘已满，这一步没有保存，原来的数据没有变。腾出空间后再做一次。"),
        ("disk I/O error", "读写磁盘出错（磁盘已满或文件被占用），这一步没有保存，原来的数据没有变。"),
        ("readonly", "文件或文件夹是只读的，不能保存。把它复制到可以写的文件夹里再打开。"),
        ("Permission denied", "没有写这个文件夹的权限。把它复制到自己的文件夹里再打开。"),
        ("Read-only file system", "文件夹是只读的，不能保存。把它复制到可以写的文件夹里再打开。"),
        ("unable to open", "打不开这个文件，或它所在的文件夹不能写。"),
        ("locked", "别的程序占用这个文件太久，等它结束后再试；这一步没有保存。"),
        ("malformed", "文件已损坏，不能打开。换用备份，或删除它重新开始。"),
        ("not a database", "这不是店铺文件，或文件已损坏。"),
        ("disk image", "文件已损坏，不能打开。换用备份，或删除它重新开始。"),
    ):  # fmt: skip
        if sign in said:
            return f"「{where}」{words}"
    return f"「{where}」数据库出错：{said}"


def _is_url(target: Path | str) -> bool:
    return isinstance(target, str) and "://" in target


def _shown(url: str) -> str:
    return sa.make_url(url).render_as_string(hide_password=True)


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name != "sqlite":
        return engine

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, see below
        for pragma in (
            f"busy_timeout = {WAIT_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _examine(path: Path) -> None:
    if not path.is_file():
        raise StoreError(f"找不到店铺文件「{path}」。")
    if path.stat().st_size > MAX_BYTES:
        raise StoreError(
            f"「{path.name}」有 {path.stat().st_size / 1e6:,.0f} MB，超过 {MAX_BYTES // 1_000_000} MB，"
            "不是课程的店铺文件。"
        )
    with in_words(path.name):
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise StoreError(f"「{path.name}」不是店铺文件（不是 SQLite 数据库）。")
        connection = sqlite3.connect(path, timeout=WAIT_MS / 1000)
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
                raise StoreError(f"「{path.name}」是别的程序的数据库，不是课程的店铺文件。")
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
        if found != "ok":
            raise StoreError(f"「{path.name}」文件已损坏，不能打开。换用备份，或删除它重新开始。")


def _fill(connection: Connection, shop: Shop, facts: dict[str, str]) -> None:
    from crmkit.crm import loading

    tables.metadata.create_all(connection)
    connection.execute(tables.meta.insert(), [{"name": k, "value": v} for k, v in facts.items()])
    for table, columns in loading.columns_of(shop):
        bulk.insert(connection, table, list(columns), zip(*columns.values(), strict=True))
