"""What is no shop file, or no longer one."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from crmkit import shops
from crmkit.crm import Session, errors, store
from tests.crmkit.crm.store.soundness import FULL, content
from tests.crmkit.crm.test_log import state


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
