"""The answer sheet of an examination: it is the log of the student's shop file.

Begin, answers and end stand in the log with their times. So what is answered after the end cannot
count, and a restarted kernel (or a second start) goes on where the log stands.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.crm import Session
    from crmkit.crm.exam import Exam
    from crmkit.lab.shopfile import ShopFile

ROLE = "店长"  # the only role that may use every function
LOCAL = dt.timedelta(hours=8)  # the log has UTC, people read Beijing time


class AnswerSheet:
    """The sheet in a student's shop file."""

    def __init__(self, shop: ShopFile) -> None:
        self._shop = shop

    def standing(self) -> Exam | None:
        """Where the examination stands; None before it was begun."""
        return self._shop.session().exam if self._shop.begun else None

    def begin(self) -> Exam:
        """Start the time; a second start changes nothing."""
        found = self.standing()
        return self._session().begin_exam() if found is None else found

    def write(self, item: str, data: Any) -> None:
        """Put an answer down; a later one to the same item replaces it.

        Raises
        ------
        ExamOver
            The time is up, or the paper was handed in.
        """
        self._session().put_answer(item, data)

    def answered(self) -> list[str]:
        """Items that have an answer on the sheet."""
        from crmkit.crm import exam

        done = [x for x in self._shop.log() if x["action"] == exam.ANSWER]
        return sorted({json.loads(x["detail"])["题号"] for x in done if x["outcome"] != "拒绝"})

    def hand_in(self) -> Exam:
        """End the examination."""
        return self._session().hand_in()

    def _session(self) -> Session:
        return self._shop.session(ROLE)


def told(standing: Exam) -> str:
    """Where an examination stands, in words, with Beijing time."""
    begun = f"{standing.begun + LOCAL:%H:%M:%S} 开始（北京时间）"
    if standing.ended is not None:
        late = f"，超时 {clock(standing.extra)}" if standing.extra else ""
        return f"{begun}，{standing.ended + LOCAL:%H:%M:%S} 交卷{late}，答卷已锁定。"
    if standing.over:
        return f"{begun}，时间已到，答卷已锁定。"
    return f"{begun}，还剩 {clock(standing.left)}。"


def clock(span: dt.timedelta) -> str:
    """A span of time in minutes and seconds.

    >>> clock(dt.timedelta(seconds=125))
    '2 分 05 秒'
    """
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes} 分 {seconds:02d} 秒"
