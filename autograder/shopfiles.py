"""Reading a shop file that was handed in: nothing in it is believed before it is checked.

The file is another person's database, so it is opened as a private copy, with limits, for looking
only. What counts is its operation log: the chain of hashes must hold, every line must be possible
for its role, and the changes must apply to the student's own untouched shop. The state is then
what the log gives (`autograder.operations`); rows changed past the log are named and do not count.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import sqlite3
import struct
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from crmkit.errors import KitError

MAX_BYTES = 20_000_000  # as one file of a hand-in; a shop after a lab has 5 to 8 MB
MAX_SECONDS = 20.0  # of the processor, for reading; a whole shop takes less than one
MAX_VALUE = 2_000_000  # bytes of one cell
MAX_LINES, MAX_CHANGES = 20_000, 200_000
OTHER_SHOP = 0.02  # share of customers that are not the student's: it is another cut
_NAMED = 3
_CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
Row = dict[str, Any]


class ShopFileError(KitError):
    """The shop file cannot be used; the message is the Chinese reason."""


@dataclass(frozen=True)
class ShopLog:
    """What counts of a shop file, as plain data.

    Attributes
    ----------
    operations, changes : list of dict
        The log, as `crmkit.crm.storage.tables` has it.
    edited : list of str
        Rows that were changed past the log, in words.
    """

    student: str
    lab: str
    shop: str
    now: str
    operations: list[Row]
    changes: list[Row]
    edited: list[str] = field(default_factory=list)


def read(data: bytes, beside: bytes = b"", *, student: str, lab: str, shop: str) -> ShopLog:
    """The log of a handed-in shop file, checked.

    Parameters
    ----------
    beside
        Content of the ``-wal`` file next to it, if there was one.
    student, lab, shop
        Whose file it must be.

    Raises
    ------
    ShopFileError
        Empty, too large, damaged, of somebody else, of another lab, or with a log that is not true.
    """
    name = f"{lab}.crm"
    _look_outside(name, data, beside)
    with _opened(name, data, beside) as connection:
        facts = _facts(connection)
        _check_owner(name, facts, student, lab, shop)
        operations, changes = _log(connection, name)
        log = ShopLog(student, lab, shop, str(facts.get("now", "")), operations, changes)
        _check_log(name, log)
        return ShopLog(
            student, lab, shop, log.now, operations, changes, _edited(connection, name, log)
        )


def _look_outside(name: str, data: bytes, beside: bytes) -> None:
    from crmkit.crm.storage import migrations
    from crmkit.crm.storage.shopfile import APPLICATION

    size = len(data) + len(beside)
    if not data:
        raise ShopFileError(f"「{name}」是空文件")
    if size > MAX_BYTES:
        raise ShopFileError(
            f"「{name}」有 {size / 1e6:,.0f} MB，超过 {MAX_BYTES // 1_000_000} MB，没有读"
        )
    if not data.startswith(b"SQLite format 3\0") or len(data) < 100:
        raise ShopFileError(f"「{name}」不是店铺文件，或已损坏")
    version, application = struct.unpack(">I", data[60:64])[0], struct.unpack(">I", data[68:72])[0]
    if application != APPLICATION:
        raise ShopFileError(f"「{name}」是别的程序的数据库，不是课程的店铺文件")
    if version != migrations.VERSION:
        raise ShopFileError(f"「{name}」是另一版课程软件保存的（第 {version} 版）")


@contextmanager
def _opened(name: str, data: bytes, beside: bytes) -> Iterator[sqlite3.Connection]:
    """A connection to a private copy, with everything off that a database could do by itself."""
    with tempfile.TemporaryDirectory(prefix="crmkit-shop-") as folder:
        path = Path(folder) / "shop.db"
        path.write_bytes(data)
        if beside:
            path.with_name("shop.db-wal").write_bytes(beside)
        until = time.process_time() + MAX_SECONDS
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
                connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
                connection.set_progress_handler(lambda: time.process_time() > until, 100_000)
                for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
                    connection.execute(f"PRAGMA {pragma}")
                _check_schema(connection, name)
                if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                    raise ShopFileError(f"「{name}」已损坏")
                yield connection
        except sqlite3.Error as error:
            raise ShopFileError(f"「{name}」已损坏，读不出来（{error}）") from error


def _check_schema(connection: sqlite3.Connection, name: str) -> None:
    """Only plain tables and indexes: a view or a trigger is a program."""
    from crmkit.crm.storage import tables

    foreign = ShopFileError(f"「{name}」里的表不是课程软件建的样子")
    there = set()
    for kind, table, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind not in ("table", "index") or "VIRTUAL" in str(sql).upper()[:20]:
            raise foreign
        if kind == "table":
            there.add(table)
    for table in tables.metadata.sorted_tables:
        if table.name not in there:
            raise foreign
        found = connection.execute(f'PRAGMA table_xinfo("{table.name}")').fetchall()
        if [r[1] for r in found] != [c.name for c in table.c] or any(r[6] for r in found):
            raise foreign


def _facts(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT name, value FROM meta LIMIT 100"))


def _check_owner(name: str, facts: Mapping[str, str], student: str, lab: str, shop: str) -> None:
    if facts.get("student") != student:
        raise ShopFileError(f"「{name}」是学号「{str(facts.get('student'))[:20]}」的店铺，不是你的")
    if (facts.get("lab"), facts.get("shop")) != (lab, shop):
        raise ShopFileError(f"「{name}」是实验 {str(facts.get('lab'))[:10]} 的店铺，不是 {lab} 的")


def _log(connection: sqlite3.Connection, name: str) -> tuple[list[Row], list[Row]]:
    from crmkit.crm import audit
    from crmkit.crm.storage import tables

    found = []
    for table, order, most in (
        (tables.operations, "seq", MAX_LINES),
        (tables.changes, "seq, n", MAX_CHANGES),
    ):
        columns = [c.name for c in table.c]
        rows = connection.execute(
            f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {order} LIMIT {most + 1}"
        ).fetchall()
        if len(rows) > most:
            raise ShopFileError(f"「{name}」的操作日志超过 {most:,} 行，没有读")
        found.append([dict(zip(columns, row, strict=True)) for row in rows])
    try:
        changes = list(itertools.islice(audit.spread(found[1]), MAX_CHANGES + 1))
    except (KitError, AttributeError, TypeError) as error:
        raise ShopFileError(f"「{name}」的操作日志被改过：{error}") from error
    if len(changes) > MAX_CHANGES:
        raise ShopFileError(f"「{name}」的操作日志超过 {MAX_CHANGES:,} 处改动，没有读")
    return found[0], changes


def _check_log(name: str, log: ShopLog) -> None:
    from crmkit.crm import audit

    try:
        _check_form(log)
        audit.verify(log.operations, log.changes)
        _check_roles(log.operations)
    except KitError as error:
        raise ShopFileError(f"「{name}」的操作日志被改过：{error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ShopFileError(f"「{name}」的操作日志读不懂（{type(error).__name__}）") from error


def _check_form(log: ShopLog) -> None:
    """Every column must hold what the CRM writes there: what reads the log relies on it.

    Raises
    ------
    ValueError
        It does not.
    """
    for line in log.operations:
        words = [v for k, v in line.items() if k not in ("seq", "changes")]
        if not all(type(v) is str for v in words) or type(line["seq"]) is not int:
            raise ValueError(f"line {line['seq']}: not text")
        if not _CLOCK.fullmatch(line["clock"]) or not isinstance(json.loads(line["detail"]), dict):
            raise ValueError(f"line {line['seq']}: time or details")
        dt.datetime.strptime(line["clock"][:19], "%Y-%m-%dT%H:%M:%S")
    for c in log.changes:
        images = [json.loads(c[n]) for n in ("before", "after") if c[n] is not None]
        if not images or not all(isinstance(one, dict) for one in images):
            raise ValueError(f"a change of line {c['seq']}: no row")
        key = json.loads(c["row_key"])
        if not isinstance(key, list) or not key or not all(isinstance(k, str | int) for k in key):
            raise ValueError(f"a change of line {c['seq']}: no key")


def _check_roles(operations: list[Row]) -> None:
    """Every line must be one that the CRM would have written."""
    from crmkit.crm import audit, roles

    known = keys()
    for line in operations:
        key, role = known.get((line["module"], line["function"])), line["role"]
        where = f"第 {line['seq']} 条"
        if key is None or line["outcome"] not in (audit.DONE, audit.REFUSED, audit.READ):
            raise ShopFileError(f"{where}的功能或结果系统里没有")
        if line["outcome"] != audit.DONE and line["changes"]:
            raise ShopFileError(f"{where}没有成功，却改了数据")
        if line["outcome"] == audit.REFUSED:
            continue
        if role not in roles.ROLES:
            raise ShopFileError(f"{where}的角色系统里没有")
        if key:
            try:
                roles.check(role, _function(key), act=line["outcome"] == audit.DONE)
            except roles.PermissionDenied as error:
                raise ShopFileError(f"{where}是「{role}」做不到的") from error


@lru_cache(maxsize=1)
def keys() -> dict[tuple[str, str], str]:
    """(module, function) as the log writes them → key of the catalogue; "" for the system's own."""
    from crmkit.crm import catalogue

    both = (*catalogue.FUNCTIONS.values(), *catalogue.SALES.values())
    return {("系统", "系统"): "", **{(f.module, f.name): f.key for f in both}}


def _function(key: str) -> Any:
    from crmkit.crm import catalogue

    return catalogue.function(key)


# ------------------------------------------------------------------ state


@lru_cache(maxsize=3)
def untouched(shop: str, student: str, lab: str) -> dict[str, list[tuple[Any, ...]]]:
    """The student's shop as it was made: rows by table, values in the order of its columns."""
    from crmkit import shops
    from crmkit.crm import audit
    from crmkit.crm.storage import loading, tables

    made: dict[str, list[tuple[Any, ...]]] = {t.name: [] for t in tables.STATE}
    for table, columns in loading.columns_of(shops.variant(shop, student, lab)):
        count = len(next(iter(columns.values())))
        start = audit.start_row(table)
        whole = [columns.get(name, [value] * count) for name, value in start.items()]
        made[table.name] = list(zip(*whole, strict=True))
    return made


def state(log: ShopLog) -> dict[str, dict[str, Row]]:
    """The tables that the log changes, as they are after it: rows by canonical key.

    Raises
    ------
    StoreError
        The log does not fit the student's shop.
    """
    from crmkit.crm import audit
    from crmkit.crm.storage import tables

    touched: dict[str, dict[str, Row]] = {}
    start = untouched(log.shop, log.student, log.lab)
    for name in {c["table_name"] for c in log.changes}:
        if name not in start:
            raise ShopFileError(f"操作日志改了系统里没有的表 {name[:30]}")
        table = tables.metadata.tables[name]
        names, key = [c.name for c in table.c], tables.key_of(table)
        rows = (dict(zip(names, row, strict=True)) for row in start[name])
        touched[name] = {audit.canonical([r[k] for k in key]): r for r in rows}
    return audit.replay(touched, log.changes)


def _edited(connection: sqlite3.Connection, name: str, log: ShopLog) -> list[str]:
    """Rows of the file that the log does not account for.

    Raises
    ------
    ShopFileError
        The file is of another cut of the shop, or the log does not fit the student's.
    """
    start = untouched(log.shop, log.student, log.lab)
    mine = {row[0] for row in start["customers"]}
    there = {row[0] for row in connection.execute("SELECT customer_id FROM customers")}
    if len(mine - there) > OTHER_SHOP * len(mine):
        raise ShopFileError(f"「{name}」里的顾客不是你的那一份（是别人的店铺，或旧版数据）")
    try:
        after = state(log)
    except KitError as error:
        raise ShopFileError(f"「{name}」的操作日志在你的店铺上重做不了：{error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ShopFileError(f"「{name}」的操作日志读不懂（{type(error).__name__}）") from error
    try:
        return _differing(connection, start, after)
    except (KeyError, TypeError) as error:  # columns that are missing, values that are none
        raise ShopFileError(f"「{name}」的操作日志写了表里放不下的内容") from error


def _differing(
    connection: sqlite3.Connection, start: dict[str, list[tuple[Any, ...]]],
    after: dict[str, dict[str, Row]],
) -> list[str]:  # fmt: skip
    """Rows of the file that are not what the start and the log say, a few of them by name."""
    from autograder.intake.refusal import clean  # intake stands above the judges, which read us
    from crmkit.crm.storage import tables

    words = []
    for table in tables.STATE:
        names, key = [c.name for c in table.c], len(tables.key_of(table))
        right = start[table.name]
        if table.name in after:
            right = [tuple(row[n] for n in names) for row in after[table.name].values()]
        columns = ", ".join(f'"{n}"' for n in names)
        found = connection.execute(f'SELECT {columns} FROM "{table.name}"').fetchall()
        odd = sorted({"、".join(map(str, row[:key])) for row in set(found) ^ set(right)})
        words += [f"{table.name} 的「{clean(one)}」" for one in odd]
    words.sort()
    return words[:_NAMED] + ([f"等 {len(words)} 行"] if len(words) > _NAMED else [])
