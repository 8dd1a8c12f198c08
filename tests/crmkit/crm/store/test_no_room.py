"""Full disks, files that cannot grow, read-only places."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import shops
from crmkit.crm import Session, audit, errors, store
from tests.crmkit.crm.store import worker
from tests.crmkit.crm.store.soundness import NOBODY, ROOT, check_sound, content


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
        plan = session.customers.import_file(worker.file_of(f"满{n}", rng, 400))
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
