"""The practical examination: forty minutes by the log, then nothing goes any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from crmkit.crm import Session, errors, exam
from crmkit.crm.storage import tables


def begun_ago(crm: Session, minutes: float) -> None:
    """Move the beginning into the past, as the clock on the wall would."""
    t = tables.operations
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
    with crm.store.writing() as connection:
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        connection.execute(
            sa.update(t).where(t.c.action.in_((exam.BEGIN, "登录"))).values(clock=stamp)
        )


def test_the_time_runs_from_the_beginning_for_every_session(
    work_in: Callable[..., Session],
) -> None:
    one, two = work_in("tea", "客服"), work_in("tea", "店长")
    assert one.exam is None
    one.begin_exam()
    begun_ago(one, 39)
    left = two.begin_exam().left  # beginning again changes nothing
    assert dt.timedelta() < left <= dt.timedelta(minutes=1)
    two.channels.update("T01", note="最后一分钟")


def test_after_forty_minutes_nothing_can_be_read_or_changed(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea")
    crm.begin_exam()
    begun_ago(crm, 41)
    for call in (crm.channels.list, lambda: crm.channels.update("T01", note="太晚")):
        with pytest.raises(errors.ExamOver, match="40 分钟已到"):
            call()
    assert crm.exam is not None and crm.exam.over
    late = crm.hand_in()
    assert dt.timedelta(seconds=55) < late.extra < dt.timedelta(minutes=2)


def test_a_paper_that_was_handed_in_is_locked(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea")
    crm.begin_exam()
    assert crm.hand_in().extra == dt.timedelta()
    with pytest.raises(errors.ExamOver, match="已经交卷"):
        crm.channels.update("T01", note="再改")
    crm.verify()


def test_a_clock_that_was_set_back_gives_no_more_time(work_in: Callable[..., Session]) -> None:
    crm = work_in("tea")
    crm.begin_exam()
    begun_ago(crm, 41)
    crm.hand_in()
    with crm.store.reading() as connection:
        found = exam.standing(connection, dt.datetime(2000, 1, 1))
    assert found is not None and found.left == dt.timedelta()


def test_answers_stand_in_the_log_and_none_is_taken_after_the_end(
    work_in: Callable[..., Session],
) -> None:
    crm = work_in("tea")
    crm.begin_exam()
    crm.put_answer("X1-01", {"value": "C000001"})
    first = crm.hand_in()
    with pytest.raises(errors.ExamOver):
        crm.put_answer("X1-01", {"value": "C000002"})
    assert crm.hand_in() == first  # a second time changes nothing
    log = crm.log()
    assert log.loc[log["结果"] == "成功", "操作"].tolist() == ["交卷", "答题", "开始考试"]
    assert log.loc[log["操作"] == "答题", "结果"].tolist() == ["拒绝", "成功"]
    crm.verify()
