"""Exam mode: forty minutes on one's own cut of a shop, timed by the log, then locked.

The examination begins with an operation 开始考试 and ends with 交卷 or when the time is up; both
moments stand in the hash-chained log in real time (UTC), and so does every answer (答题). A locked shop can still be read by the
judge, but no session works in it any more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crmkit.crm.errors import ExamOver
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

BEGIN, ANSWER, END = "开始考试", "答题", "交卷"
FLAG = "exam"  # in meta: saves looking through the log of a shop without examination
_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


_FLAG = sa.select(tables.meta.c.value).where(tables.meta.c.name == FLAG)


@dataclass(frozen=True)
class Exam:
    """Where an examination stands. `left` is never negative."""

    begun: dt.datetime
    ended: dt.datetime | None
    left: dt.timedelta
    extra: dt.timedelta  # how long after the time 交卷 came; nothing while it runs

    @property
    def over(self) -> bool:
        return self.ended is not None or self.left <= dt.timedelta()


def minutes() -> int:
    """Length of the examination, settings ``exam.minutes``."""
    return int(settings()["exam"]["minutes"])


def standing(connection: Connection, now: dt.datetime | None = None) -> Exam | None:
    """The examination of a store, or None when none was begun.

    Parameters
    ----------
    now
        Default the computer's time (UTC). A clock set back does not help: the newest time in the
        log counts when it is later.
    """
    t = tables.operations
    marks = {
        action: dt.datetime.strptime(clock, _STAMP)
        for action, clock in connection.execute(
            sa.select(t.c.action, t.c.clock).where(
                t.c.action.in_((BEGIN, END)), t.c.outcome != "拒绝"
            )
        )
    }
    if BEGIN not in marks:
        return None
    newest = connection.execute(sa.select(sa.func.max(t.c.clock))).scalar_one()
    present = max(
        now or dt.datetime.now(dt.UTC).replace(tzinfo=None), dt.datetime.strptime(newest, _STAMP)
    )
    limit = marks[BEGIN] + dt.timedelta(minutes=minutes())
    ended = marks.get(END)
    nothing = dt.timedelta()
    return Exam(marks[BEGIN], ended, max(limit - (ended or present), nothing),
                max((ended or limit) - limit, nothing))  # fmt: skip


def refuse_when_over(connection: Connection) -> None:
    """Raise ExamOver when the time is up or the paper was handed in."""
    if connection.execute(_FLAG).first() is None:
        return
    found = standing(connection)
    if found is not None and found.over:
        why = "已经交卷" if found.ended else f"{minutes()} 分钟已到"
        raise ExamOver(f"{why}，答卷已锁定，不能再操作。")
