"""Where a file lies, and who works beside it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from crmkit import crm, shops
from crmkit.crm import Session, audit, errors, store
from crmkit.crm.storage import shopfile
from tests.crmkit.crm.store import worker
from tests.crmkit.crm.store.soundness import check_sound, content
from tests.crmkit.crm.store.worker import start, told


def test_two_programs_that_make_the_same_shop_at_once_work_in_one(tmp_path: Path) -> None:
    makers = [start(worker.open_one, tmp_path) for _ in range(3)]
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
