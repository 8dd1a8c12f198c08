"""Shop files that were handed in: whatever was done to them gets a reason and harms nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import grade, judge, operations, shopfiles, snapshots
from autograder.record import Record
from autograder.run.work import Taken
from autograder.shopfiles import ShopFileError
from crmkit import crm, shops
from crmkit.crm import audit, store
from crmkit.crm.storage import tables
from tests.autograder import notebooks
from tests.autograder.inprocess import InProcess

STUDENT, LAB, SHOP = "2025010101", "O1", "tea"
FILE = judge.load(LAB).shop_file


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in which O1's tags were merged by a manager and nothing else was done."""
    path = tmp_path_factory.mktemp("shop") / "O1.crm"
    cut = shops.variant(SHOP, STUDENT, LAB)
    session = crm.Session(store.create(path, cut, student=STUDENT, lab=LAB)).login("店长", STUDENT)
    task = judge.load(LAB).world(STUDENT).task("O1-11")
    session.customers.tagging.merge(task["合并"], into=task["合成"])
    with pytest.raises(crm.PermissionDenied):
        crm.Session(session.store).login("仓库").customers.list()
    session.close()
    return path


@pytest.fixture
def spoil(worked: Path, tmp_path: Path) -> Callable[..., bytes]:
    """The file after some SQL."""

    def run(*statements: str) -> bytes:
        path = tmp_path / "spoilt.crm"
        path.write_bytes(worked.read_bytes())
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()

    return run


def read(data: bytes) -> shopfiles.ShopLog:
    return shopfiles.read(data, student=STUDENT, lab=LAB, shop=SHOP)


def test_a_sound_file_gives_lines_changes_and_the_state_at_the_end(worked: Path) -> None:
    work = operations.Work(read(worked.read_bytes()))
    task = judge.load(LAB).world(STUDENT).task("O1-11")
    assert [(x.role, x.action) for x in work.of("")] == [("店长", "登录"), ("仓库", "登录")]
    (merge,) = work.of("customers.tags", action="合并标签")
    assert merge.detail["合为"] == task["合成"]
    assert {c.table for c in merge.changes} == {"tags"}
    before = {
        r["object_id"]
        for r in work.before("tags")
        if r["tag"] in task["合并"] and r["object_type"] == "customer"
    }
    assert work.tagged(task["合成"]) == before
    assert not set(task["合并"]) & set(work.tags())
    (refused,) = work.of(outcome=operations.REFUSED)
    assert (refused.key, refused.role) == ("customers.list", "仓库")
    assert refused.message.startswith("PermissionDenied")
    assert len(work.frame("customers")) == len(shops.variant(SHOP, STUDENT, LAB).customers)
    assert operations.from_json(operations.to_json(work) or {}) == work


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE operations SET role = '客服' WHERE seq = 1", "第 1 条"),
        ("DELETE FROM operations WHERE seq = 1", "第 1 条"),
        ("UPDATE changes SET after = '{}' WHERE n = (SELECT max(n) FROM changes)", "对不上"),
        ("UPDATE meta SET value = '2025999999' WHERE name = 'student'", "不是你的"),
        ("UPDATE meta SET value = 'O2' WHERE name = 'lab'", "O2"),
        ("CREATE VIEW v AS SELECT 1", "不是课程软件建的样子"),
        ("CREATE TRIGGER t AFTER INSERT ON tags BEGIN DELETE FROM tags; END", "不是课程软件"),
        ("ALTER TABLE tags ADD COLUMN x TEXT GENERATED ALWAYS AS (tag) VIRTUAL", "不是课程软件"),
        ("DROP TABLE quotes", "不是课程软件建的样子"),
        ("PRAGMA user_version = 99", "第 99 版"),
        ("PRAGMA application_id = 7", "别的程序"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused_with_the_reason(
    spoil: Callable[..., bytes], statement: str, reason: str
) -> None:
    with pytest.raises(ShopFileError, match=reason):
        read(spoil(statement))


def chained(rows: list[dict[str, Any]]) -> list[str]:
    """SQL that writes log lines anew with hashes that fit."""
    prev, out = audit.START, ["DELETE FROM operations"]
    for row in rows:
        row["prev"] = prev
        prev = row["hash"] = audit.hash_of(row)
        names = [c.name for c in tables.operations.c]
        values = ", ".join("'" + str(row[n]).replace("'", "''") + "'" for n in names)
        out.append(f"INSERT INTO operations ({', '.join(names)}) VALUES ({values})")
    return out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"role": "仓库"}, "仓库.*做不到"),  # a role that may not, with hashes that fit
        ({"function": "万能功能"}, "系统里没有"),
        ({"outcome": "拒绝"}, "却改了数据"),
        ({"role": "老板"}, "角色系统里没有"),
    ],
)
def test_a_log_that_was_written_anew_must_still_be_possible(
    worked: Path, spoil: Callable[..., bytes], change: dict[str, str], reason: str
) -> None:
    rows = read(worked.read_bytes()).operations
    merge = next(r for r in rows if r["action"] == "合并标签")
    merge |= change
    with pytest.raises(ShopFileError, match=reason):
        read(spoil("PRAGMA foreign_keys = OFF", *chained(rows)))


def test_another_students_file_with_the_name_changed_is_still_another_shop(tmp_path: Path) -> None:
    path = tmp_path / "O1.crm"
    store.create(path, shops.variant(SHOP, "1", LAB), student=STUDENT, lab=LAB).close()
    with pytest.raises(ShopFileError, match="不是你的那一份"):
        read(path.read_bytes())


def test_changes_that_do_not_fit_the_own_shop_are_refused(
    worked: Path, spoil: Callable[..., bytes]
) -> None:
    log = read(worked.read_bytes())
    (first, *_) = log.changes
    first |= {"row_key": '["没有","customer","C000000"]'}
    own = [(c["table_name"], c["row_key"], c["before"], c["after"]) for c in log.changes]
    merge = next(r for r in log.operations if r["changes"])
    merge["digest"] = audit.digest(own)
    statement = f"UPDATE changes SET row_key = '{first['row_key']}' WHERE n = {first['n']}"
    with pytest.raises(ShopFileError, match="重做不了"):
        read(spoil(statement, *chained(log.operations)))


def test_what_was_changed_past_the_log_is_named_and_does_not_count(
    spoil: Callable[..., bytes],
) -> None:
    log = read(spoil(
        "UPDATE customers SET city = '月球' WHERE customer_id = 'C000005'",
        "INSERT INTO tags (tag, object_type, object_id) VALUES ('高潜力', 'customer', 'C000005')",
    ))  # fmt: skip
    assert sorted(log.edited) == ["customers 的「C000005」", "tags 的「高潜力、customer、C000005」"]
    work = operations.Work(log)
    assert work.tagged("高潜力") == set()
    assert (work.row("customers", "C000005") or {})["city"] != "月球"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "空文件"),
        (b"<html>please log in</html>", "不是店铺文件"),
        (b"SQLite format 3\0" + bytes(200), "别的程序"),
        (bytes(300_000_000), "300 MB"),
    ],
    ids=["empty", "html", "zeros", "300 MB"],
)
def test_a_file_that_is_no_shop_is_refused_unread(data: bytes, reason: str) -> None:
    with pytest.raises(ShopFileError, match=reason):
        read(data)


@pytest.mark.parametrize("at", [150, 5_000, 400_000])
def test_a_damaged_file_is_refused(worked: Path, at: int) -> None:
    whole = worked.read_bytes()
    for data in (whole[:at], whole[:at] + b"\xff" * 60_000 + whole[at + 60_000 :]):
        with pytest.raises(ShopFileError, match=r"损坏|不是课程软件|对不上|看不懂|读不懂"):
            read(data)


def test_the_last_lines_may_still_stand_in_the_file_beside(worked: Path, tmp_path: Path) -> None:
    path = tmp_path / "O1.crm"
    path.write_bytes(worked.read_bytes())
    session = crm.Session(store.open_store(path)).login("客服")
    session.customers.lookup(nick="茶")
    beside = path.with_name("O1.crm-wal").read_bytes()
    log = shopfiles.read(path.read_bytes(), beside, student=STUDENT, lab=LAB, shop=SHOP)
    assert log.operations[-1]["function"] == "顾客速查"
    session.close()


# --- in a submission ------------------------------------------------------------------------------
def marked(files: dict[str, bytes], nb: Any = None) -> tuple[Record, grade.Run]:
    handin = Taken(nb or notebooks.release(LAB), files, [])
    return grade.grade(handin, judge.load(LAB), STUDENT, InProcess())


def test_a_handed_in_file_is_judged_as_it_came_and_coded_steps_are_not_done_twice(
    worked: Path,
) -> None:
    record, run = marked({FILE: worked.read_bytes()}, notebooks.solution(LAB))
    scores = notebooks.scores(record)
    assert scores["O1-11"] == 6  # from the file
    assert record.auto_score == record.auto_points  # what the file lacks: from the cells
    assert record.mends == []
    assert len(run.looked.works) == 2
    (merge,) = run.looked.works[0].of("customers.tags", action="合并标签")
    assert merge.role == "店长"
    stored = snapshots.unpack(snapshots.pack(run, "x")).submission(STUDENT)
    again = judge.judge(judge.load(LAB), stored)
    assert [(r.id, r.score, r.found) for r in again] == [
        (r.id, r.score, r.found) for r in record.items
    ]


def test_a_bad_file_costs_only_what_was_done_in_it() -> None:
    nb = notebooks.solution(LAB)
    for cell in nb.cells:  # a student who clicked, and typed the values
        if "manager" in cell.source or "crm.login" in cell.source or "tagging" in cell.source:
            cell.source = "" if "lab.answer" not in cell.source else cell.source
    record, _ = marked({FILE: b"no database"}, nb)
    items = {i.id: i for i in record.items}
    assert items["O1-02"].status == "right"
    assert {items[i].status for i in ("O1-06", "O1-10", "O1-11")} == {"missing"}
    assert "没有采用" in items["O1-06"].found
    assert any("店铺文件" in words for words in record.mends)
