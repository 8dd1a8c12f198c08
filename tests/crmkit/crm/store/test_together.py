"""Ten people at once, in one file and on PostgreSQL."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from crmkit import shops
from crmkit.crm import Session, audit, errors, store
from crmkit.crm.session import read_log
from crmkit.crm.storage import connecting, tables
from tests.crmkit.crm.store import postgres_server, worker
from tests.crmkit.crm.store.soundness import FULL, Made, check_sound, copied
from tests.crmkit.crm.store.worker import start, told
from tests.crmkit.crm.test_log import state


def ten_sessions(target: str) -> None:
    """Ten processes, each with a tag of its own: every write is there once."""
    count = 100 if FULL else 10
    writers = [start(worker.write, target, who, count) for who in range(10)]
    for _, pipe in writers:
        assert pipe.poll(120) and pipe.recv() == "ready"
    for _, pipe in writers:
        pipe.send("go")
    session = Session(store.open_store(target))
    for who, (process, pipe) in enumerate(writers):
        told_of = told(pipe)
        process.join()
        assert len(told_of) == count and not [t for t in told_of if ":" in t], told_of[-1:]
        tags = tables.metadata.tables["tags"]
        with session.store.reading() as connection:
            found = connection.execute(sa.select(tags.c.object_id).where(tags.c.tag == f"标{who}"))
            assert sorted(found.scalars()) == sorted(told_of)
            mine = sa.select(sa.func.count()).where(
                tables.operations.c.user_name == f"用户{who}",
                tables.operations.c.action == "贴标签",
            )
            assert connection.execute(mine).scalar_one() == count
    session.verify()
    session.close()


@pytest.mark.slow
def test_ten_sessions_write_to_one_file_and_nothing_is_lost_or_doubled(
    path: Path, fresh: audit.State
) -> None:
    ten_sessions(str(path))
    check_sound(path, fresh)


def test_threads_share_one_store(path: Path, fresh: audit.State) -> None:
    shared = store.open_store(path)
    people = sorted(r["customer_id"] for r in fresh["customers"].values())[:4]
    failed: list[BaseException] = []

    def work(who: int) -> None:
        try:
            session = Session(shared).login("客服", f"线程{who}")
            for customer in people:
                session.customers.tagging.put(f"线程{who}", [customer])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    counts = Session(shared).login("客服").customers.tags().set_index("标签")["数量"]
    assert [counts[f"线程{n}"] for n in range(8)] == [4] * 8
    shared.close()
    check_sound(path, fresh)


def test_a_file_another_program_holds_too_long_is_said_and_nothing_changes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "WAIT_MS", 200)
    session = Session(store.open_store(path)).login("店长")
    before = state(session)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.StoreError, match="占用"):
        session.channels.update("T01", note="等不到")
    assert state(session) == before  # reading does not wait
    other.execute("ROLLBACK")
    other.close()
    session.channels.update("T01", note="等到了")
    session.close()


@pytest.mark.slow
def test_the_same_shop_lives_on_postgresql(made: Made, fresh: audit.State) -> None:
    with postgres_server.running() as url:
        with pytest.raises(errors.StoreError, match="没有店铺数据"):
            store.open_store(url)
        cut = shops.variant("tea", "2025010101", "O1")
        created = store.create(url, cut, student="2025010101", lab="O1")
        session = Session(created).login("店长")
        assert state(session) == fresh
        with pytest.raises(errors.StoreError, match="已经有一家店"):
            store.create(url, cut, student="2025010101", lab="O1")
        ten_sessions(url)

        rng = random.Random(1)
        people = sorted(r["customer_id"] for r in fresh["customers"].values())
        for step in (worker._import, worker._tag, worker._campaign,
                     worker._ship):  # fmt: skip
            for n in range(3):
                step(session, rng, people, f"PG{n}")
        assert session.customers.lookup(tag="标3").total == (100 if FULL else 10)
        assert session.analysis.counts() is not None
        before = state(session)
        with pytest.raises(ZeroDivisionError), session.writing("channels.list", "半途") as op:
            op.update(tables.metadata.tables["channels"], "T01", to={"note": str(1 / 0)})
        assert state(session) == before
        with session.store.reading() as connection:
            operations, changes = read_log(connection)
        audit.verify(operations, changes)
        assert audit.replay(copied(fresh), changes) == before
        session.close()
    with pytest.raises(errors.StoreError, match="连不上"):
        store.open_store(url)
