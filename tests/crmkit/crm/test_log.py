"""Everything that is done or refused stands in the log, and the log alone rebuilds the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from crmkit.crm import Session, audit, errors
from crmkit.crm.session import read_log
from crmkit.crm.storage import tables


def state(session: Session) -> audit.State:
    found: audit.State = {}
    with session.store.reading() as connection:
        for table in tables.STATE:
            rows = connection.execute(sa.select(table)).mappings()
            keys = tables.key_of(table)
            found[table.name] = {audit.canonical([r[k] for k in keys]): dict(r) for r in rows}
    return found


def last(session: Session) -> dict[str, Any]:
    with session.store.reading() as connection:
        return read_log(connection)[0][-1]


def test_a_change_is_logged_with_the_rows_before_and_after(work_in: Callable[..., Session]) -> None:
    crm = work_in("ceramics")
    first = crm.channels.list().iloc[0]["渠道编号"]
    crm.channels.update(first, contact="新店长", expect=0)
    row = last(crm)
    assert (row["role"], row["module"], row["function"], row["action"], row["object"]) == (
        "店长", "渠道关系", "渠道列表", "维护渠道", first,
    )  # fmt: skip
    assert (row["outcome"], row["changes"]) == ("成功", 1)
    crm.verify()


def test_a_refusal_changes_nothing_and_is_logged(work_in: Callable[..., Session]) -> None:
    crm = work_in("ceramics", "仓库")
    before = state(crm)
    with pytest.raises(errors.PermissionDenied, match="「仓库」不能"):
        crm.channels.update("C01", contact="我")
    assert state(crm) == before
    row = last(crm)
    assert row["outcome"] == "拒绝" and row["message"].startswith("PermissionDenied: ")


def test_an_error_in_the_middle_of_an_operation_undoes_all_of_it(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea")
    before, channels = state(crm), tables.metadata.tables["channels"]
    with pytest.raises(ZeroDivisionError), crm.writing("channels.list", "半途") as op:
        op.update_many(channels, crm.store.frame(channels)["channel_id"].tolist(), {"note": "x"})
        op.message = str(1 / 0)
    assert state(crm) == before
    assert last(crm)["action"] == "登录"


def test_the_log_s_changes_rebuild_the_state(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea")
    before = state(crm)
    channels, groups = tables.metadata.tables["channels"], tables.groups
    crm.channels.update("T01", note="旗舰店", fee_rate=0.05)
    with crm.writing("segments.manual", "建类") as op:
        group = {"group_id": "G001", "name": "茶友会", "kind": "手动", "rule": "", "at": ""}
        op.insert(groups, group)
        op.update(groups, "G001", to={"name": "老茶友"})
        op.update_many(channels, ["T02", "T05"], {"status": "closed"})
    with crm.writing("segments.manual", "删类") as op:
        op.delete(groups, "G001")
    with crm.store.reading() as connection:
        operations, changes = read_log(connection)
    audit.verify(operations, changes)
    assert audit.replay(before, changes) == state(crm)


def test_rows_added_together_share_a_row_of_the_log_and_replay_one_by_one(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea")
    before, customers = state(crm), tables.metadata.tables["customers"]
    texts = ['引号"和\n换行', "反斜杠\\", "", None]  # the last line of a name must not end a change
    count = audit.TOGETHER * 2 + 50
    columns = {
        "customer_id": [f"N{k:06d}" for k in range(count)],
        "nick": [texts[k % 4] for k in range(count)], "channel_id": ["T01"] * count,
    }  # fmt: skip
    with crm.writing("customers.import_file", "导入") as op:
        op.insert_columns(customers, columns)
        op.update(customers, "N000001", to={"city": "杭州"})
        op.insert(tables.groups, {"group_id": "G9", "name": "九", "kind": "", "rule": "", "at": ""})
    with crm.store.reading() as connection:
        stored = connection.execute(sa.select(tables.changes)).all()
        operations, changes = read_log(connection)
    assert len(stored) == 5 and len(changes) == operations[-1]["changes"] == count + 2
    assert [c["n"] for c in changes] == list(range(count + 2))
    audit.verify(operations, changes)
    assert audit.replay(before, changes) == state(crm)
    with crm.store.writing() as connection:
        connection.execute(
            sa.text("UPDATE changes SET row_key = row_key || '\n[\"N1\"]' WHERE n = 0")
        )
    with pytest.raises(errors.StoreError, match="读不懂"):
        crm.verify()


@pytest.mark.parametrize("damage", ["UPDATE operations SET role = '客服' WHERE seq = 2",
                                    "DELETE FROM changes WHERE seq = 2",
                                    "UPDATE changes SET after = '{}' WHERE seq = 2"])  # fmt: skip
def test_a_log_that_was_tampered_with_is_found(
    work_in: Callable[..., Session], damage: str
) -> None:
    crm = work_in("tea")
    crm.channels.update("T01", note="一")
    crm.channels.update("T01", note="二")
    with crm.store.writing() as connection:
        connection.execute(sa.text(damage))
    with pytest.raises(errors.StoreError, match="第 2 条起对不上"):
        crm.verify()


def test_the_second_of_two_people_who_edit_the_same_row_is_told(
    work_in: Callable[..., Session],
) -> None:
    one, two = work_in("tea"), work_in("tea")
    seen = two.channels.list().set_index("渠道编号").loc["T01", "版本"]
    one.channels.update("T01", contact="甲", expect=int(seen))
    with pytest.raises(errors.Conflict, match="被别人改过"):
        two.channels.update("T01", contact="乙", expect=int(seen))
    assert one.channels.list().set_index("渠道编号").loc["T01", "负责人"] == "甲"
