"""The shop file survives: kills, full disks, damage, other programs, and ten people at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crmkit import crm, shops
from crmkit.crm import Session, audit, connecting, errors, migrations, shopfile, store, tables
from crmkit.crm.session import read_log
from tests.crmkit.crm import postgres_server, store_worker
from tests.crmkit.crm.store_worker import start, told
from tests.crmkit.crm.test_log import state

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
NOBODY = 65534
Made = Callable[[str], Path]


@pytest.fixture
def path(made: Made, tmp_path: Path) -> Path:
    """A tea shop nobody has worked in."""
    return Path(shutil.copy(made("tea"), tmp_path / "O1-tea.crm"))


@pytest.fixture(scope="module")
def fresh(made: Made) -> audit.State:
    """The state of that shop."""
    opened = store.open_store(made("tea"))
    found = state(Session(opened))
    opened.close()
    return found


def copied(rows: audit.State) -> audit.State:
    return {t: {k: dict(r) for k, r in found.items()} for t, found in rows.items()}


def check_sound(path: Path, fresh: audit.State) -> dict[int, str]:
    """All that a file promises on opening; hash of every operation by its number."""
    session = Session(store.open_store(path))
    with session.store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        operations, changes = read_log(connection)
    audit.verify(operations, changes)
    assert audit.replay(copied(fresh), changes) == state(session)
    session.close()
    return {o["seq"]: o["hash"] for o in operations}


def content(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


# --- kill -9 --------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_shop_killed_at_any_moment_has_every_change_it_told_of_and_none_by_half(
    path: Path, made: Made, fresh: audit.State
) -> None:
    rng = random.Random(20251231)
    seen = 0
    for n in range(100 if FULL else 5):
        if n % 5 == 0:  # several lives on one file, then a new one
            shutil.copy(made("tea"), path)
        process, pipe = start(store_worker.live, path, n)
        assert pipe.poll(120) and pipe.recv() == "ready"
        process.join(rng.uniform(0.05, 2.5))
        assert process.is_alive(), told(pipe)
        process.kill()
        process.join()
        changes = told(pipe)
        there = check_sound(path, fresh)
        assert [c for c in changes if there.get(c[0]) != c[1]] == []
        seen += len(changes)
    assert seen


# --- many at once ---------------------------------------------------------------------------------
def ten_sessions(target: str) -> None:
    """Ten processes, each with a tag of its own: every write is there once."""
    count = 100 if FULL else 10
    writers = [start(store_worker.write, target, who, count) for who in range(10)]
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


# --- PostgreSQL -----------------------------------------------------------------------------------
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
        for step in (store_worker._import, store_worker._tag, store_worker._campaign,
                     store_worker._ship):  # fmt: skip
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


# --- no room, no right ----------------------------------------------------------------------------
@contextlib.contextmanager
def mounted(size: str) -> Iterator[Path]:
    """A disk of that size; skips where mounting is not allowed."""
    place = Path(tempfile.mkdtemp(prefix="crmkit-disk-"))
    try:
        done = ROOT and shutil.which("mount") and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "crmkit", str(place)],
            capture_output=True,
        ).returncode == 0  # fmt: skip
        if not done:
            pytest.skip("这里不能挂载小磁盘（要 root 权限）；磁盘满由 RLIMIT_FSIZE 的测试代替")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
    finally:
        place.rmdir()


@contextlib.contextmanager
def limited(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes."""
    resource = pytest.importorskip("resource", reason="没有 RLIMIT_FSIZE（Windows）")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def fill(session: Session, rng: random.Random) -> None:
    """Import until the disk is full."""
    for n in range(400):
        plan = session.customers.import_file(store_worker.file_of(f"满{n}", rng, 400))
        session.customers.apply_import(plan, "create")
    pytest.fail("the disk never got full")


def test_on_a_full_disk_the_step_is_refused_and_the_file_stays_whole(
    path: Path, fresh: audit.State
) -> None:
    size = path.stat().st_size // 1_000_000 + 6
    with mounted(f"{size}m") as disk:
        there = Path(shutil.copy(path, disk / "满 的.crm"))
        session = Session(store.open_store(there)).login("店长")
        with pytest.raises(errors.StoreError, match="磁盘已满.*没有保存"):
            fill(session, random.Random(1))
        with pytest.raises(errors.StoreError, match="磁盘"):
            store.create(disk / "新.crm", shops.variant("tea", "7", "O1"), student="7", lab="O1")
        assert {p.suffix for p in disk.iterdir()} <= {".crm", ".crm-wal", ".crm-shm"}
        assert not (disk / "新.crm").exists()
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        session.channels.update("T01", note="有地方了")
        session.close()
        check_sound(there, fresh)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        before = content(disk)
        with pytest.raises(errors.StoreError, match="只读"):
            store.open_store(there)
        assert content(disk) == before


def test_a_file_that_cannot_grow_keeps_what_it_has(path: Path, fresh: audit.State) -> None:
    session = Session(store.open_store(path)).login("店长")
    size = path.stat().st_size + 300_000
    with limited(size), pytest.raises(errors.StoreError, match="磁盘.*没有保存"):
        fill(session, random.Random(2))
    session.channels.update("T01", note="有地方了")
    session.close()
    check_sound(path, fresh)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_file_or_folder_is_refused_when_it_is_opened(path: Path, what: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="crmkit-read-"))  # where nobody may look
    there = Path(shutil.copy(path, folder / "只 读.crm"))
    try:
        if ROOT:
            for name in (folder, there):
                os.chown(name, NOBODY, NOBODY)
        folder.chmod(0o555 if what == "folder" else 0o755)
        there.chmod(0o444 if what == "file" else 0o644)
        before = content(folder)
        cut = shops.variant("tea", "7", "O1")
        with as_nobody():
            with pytest.raises(errors.StoreError, match="只读"):
                store.open_store(there)
            if what == "folder":
                with pytest.raises(errors.StoreError, match="不能写|只读"):
                    store.create(folder / "新.crm", cut, student="7", lab="O1")
        assert content(folder) == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, if we have them: root may write everywhere."""
    if not ROOT:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


# --- what is no shop file, or no longer one -------------------------------------------------------
def _cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def _flipped(data: bytes) -> bytes:
    rng, out = random.Random(5), bytearray(data)
    for _ in range(2000):
        out[rng.randrange(100, len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


@pytest.mark.parametrize(("damage", "said"), [
    (lambda d: b"", "不是店铺文件"), (lambda d: bytes(len(d)), "不是店铺文件"),
    (lambda d: d[:60], "损坏"), (_cut(0.5), "损坏"), (lambda d: d[: len(d) // 2 // 4096 * 4096], "损坏"),
    (_flipped, "损坏"), (lambda d: d[:100] + bytes(len(d) - 100), "损坏"),
    (lambda d: b"PK\x03\x04" + d[4:], "不是店铺文件"), (lambda d: d[:68] + b"abcd" + d[72:], "别的程序"),
    (lambda d: d[:60] + b"\0\0\0\x63" + d[64:], "更新版本"), (lambda d: d[:60] + b"\0\0\0\0" + d[64:], "重新开始"),
], ids=["empty", "zeros", "header-cut", "half", "half-pages", "flipped", "zero-body", "zip", "foreign", "newer",
        "too-old"])  # fmt: skip
def test_a_damaged_or_foreign_file_is_refused_and_left_alone(
    path: Path, damage: Callable[[bytes], bytes], said: str
) -> None:
    path.write_bytes(damage(path.read_bytes()))
    before = content(path.parent)
    with pytest.raises(errors.StoreError, match=said):
        store.open_store(path)
    assert content(path.parent) == before


@pytest.mark.full
def test_single_flipped_bits_never_end_in_another_error(path: Path) -> None:
    data, rng = path.read_bytes(), random.Random(9)
    for _ in range(200 if FULL else 20):
        out = bytearray(data)
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
        path.write_bytes(out)
        with contextlib.suppress(errors.StoreError):
            opened = store.open_store(path)
            state(Session(opened))
            opened.close()
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def test_another_program_s_database_keeps_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "别人的.crm"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE t (a)")
    other.commit()
    before = content(tmp_path)
    with pytest.raises(errors.StoreError, match="别的程序|不是店铺文件"):
        store.open_store(path)
    assert content(tmp_path) == before and "别人的.crm-wal" in before
    other.close()


def test_a_gigabyte_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "大.crm"
    with large.open("wb") as file:
        file.write(b"SQLite format 3\0")
        file.truncate(2**30)
    with pytest.raises(errors.StoreError, match="1,074 MB"):
        store.open_store(large)
    assert large.stat().st_size == 2**30
    for name in (tmp_path, tmp_path / "没有.crm"):
        with pytest.raises(errors.StoreError, match="找不到"):
            store.open_store(name)
    cut = shops.variant("tea", "7", "O1")
    with pytest.raises(errors.StoreError, match="没有文件夹"):
        store.create(tmp_path / "没有" / "a.crm", cut, student="7", lab="O1")
    with pytest.raises(errors.StoreError, match="已经存在"):
        store.create(large, cut, student="7", lab="O1")


# --- older files ----------------------------------------------------------------------------------
@pytest.fixture
def older(path: Path) -> Path:
    """A file from before channels had a note."""
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE channels DROP COLUMN note")
    connection.execute("PRAGMA user_version = 0")
    connection.commit()
    connection.close()
    return path


def test_an_older_file_is_brought_up_to_date_once_and_its_backup_kept(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def step(connection: sqlite3.Connection) -> None:
        done.append(1)
        connection.execute("ALTER TABLE channels ADD COLUMN note TEXT NOT NULL DEFAULT ''")

    monkeypatch.setattr(migrations, "STEPS", {0: step})
    opened: list[Any] = []
    both = [
        threading.Thread(target=lambda: opened.append(store.open_store(older))) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(opened) == 2 and done == [1]
    session = Session(opened[0]).login("店长")
    session.channels.update("T01", note="升级后")
    session.verify()
    for one in opened:
        one.close()
    backups = list(older.parent.glob("*.bak"))
    assert [b.name for b in backups] == ["O1-tea.crm.v0.bak"]
    old = sqlite3.connect(backups[0])
    assert old.execute("PRAGMA user_version").fetchone() == (0,)
    assert "note" not in {r[1] for r in old.execute("PRAGMA table_info(channels)")}
    old.close()
    shutil.copy(backups[0], older)  # going back and again: the first backup stays
    store.open_store(older).close()
    assert len(list(older.parent.glob("*.bak"))) == 2


def test_a_step_that_fails_leaves_the_older_file_as_it_was(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM tags")
        connection.execute("ALTER TABLE nothing ADD COLUMN x")

    monkeypatch.setattr(migrations, "STEPS", {0: step})
    before = content(older.parent)[older.name]
    with pytest.raises(errors.StoreError, match="数据库出错"):
        store.open_store(older)
    assert content(older.parent)[older.name] == before


# --- places and neighbours ------------------------------------------------------------------------
def test_two_programs_that_make_the_same_shop_at_once_work_in_one(tmp_path: Path) -> None:
    makers = [start(store_worker.open_one, tmp_path) for _ in range(3)]
    for _, pipe in makers:
        assert pipe.poll(120) and pipe.recv() == "ready"
    for _, pipe in makers:
        pipe.send("go")
    assert [told(pipe) for _, pipe in makers] == [["tea"]] * 3
    assert [p.name for p in tmp_path.iterdir()] == ["O1-tea.crm"]
    session = Session(store.open_store(tmp_path / "O1-tea.crm")).login("店长")
    assert (session.log()["操作"] == "维护渠道").sum() == 3
    session.verify()
    session.close()


def test_a_name_taken_at_the_last_moment_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.crm"
    with pytest.raises(shopfile.Taken), shopfile.making(path) as part:
        part.write_bytes(b"mine")
        path.write_bytes(b"theirs")
    assert content(tmp_path).keys() == {"a.crm"} and path.read_bytes() == b"theirs"


def test_what_a_deleted_file_left_behind_does_not_get_into_the_new_one(
    path: Path, fresh: audit.State
) -> None:
    session = Session(store.open_store(path)).login("店长")
    with session.store.reading():  # keeps what follows in the -wal
        session.customers.blacklist([r["customer_id"] for r in fresh["customers"].values()])
        left = path.with_name(path.name + "-wal").read_bytes()
    session.close()
    path.unlink()
    path.with_name(path.name + "-wal").write_bytes(left)
    cut = shops.variant("tea", "2025010101", "O1")
    store.create(path, cut, student="2025010101", lab="O1").close()
    assert check_sound(path, fresh) == {}


def test_the_file_alone_has_every_change_while_it_is_still_open(
    path: Path, fresh: audit.State, tmp_path: Path
) -> None:
    session = Session(store.open_store(path)).login("店长")
    session.channels.update("T01", note="交上去的文件里要有")
    folder = tmp_path / "交作业"
    folder.mkdir()
    alone = Path(shutil.copy(path, folder / "O1-tea.crm"))  # without -wal, as people copy
    check_sound(alone, fresh)
    handed = Session(store.open_store(alone)).login("店长")
    assert handed.channels.list().set_index("渠道编号").loc["T01", "备注"] == "交上去的文件里要有"
    handed.close()
    session.close()


def test_somebody_else_s_file_is_not_opened(path: Path) -> None:
    with pytest.raises(errors.StoreError, match="学号 2025010101 的，不是 2025010102 的"):
        crm.open_shop("tea", student="2025010102", lab="O1", folder=path.parent)


def test_paths_may_have_chinese_spaces_and_signs(tmp_path: Path) -> None:
    folder = tmp_path / "我的 作业 100% 对" / "#1 &它?a=b"
    folder.mkdir(parents=True)
    for _ in range(2):
        session = crm.open_shop(
            "tea", student="2025010101", lab="练习 一", folder=folder, role="店长"
        )
        session.channels.update("T01", note="在")
        session.close()
    assert [p.name for p in folder.iterdir()] == ["练习 一-tea.crm"]


def test_where_files_cannot_share_memory_a_shop_is_kept_without_wal(
    path: Path, fresh: audit.State, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def on_a_network_drive(database: Any, **options: Any) -> sqlite3.Connection:
        return connect(f"{Path(database).as_uri()}?vfs=unix-dotfile", uri=True, **options)

    if os.name == "nt":
        pytest.skip("Windows 没有不带共享内存的 SQLite VFS")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", on_a_network_drive)
        one, two = (Session(store.open_store(path)).login("店长") for _ in range(2))
        one.channels.update("T01", note="一")
        two.channels.update("T01", note="二")
        with one.store.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        one.close()
        two.close()
        assert [p.name for p in path.parent.iterdir()] == [path.name]
    check_sound(path, fresh)
