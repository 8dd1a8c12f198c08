"""What of an examination counts: what was done and answered between its begin and its end.

Everything is read off the checked log of the shop file (`autograder.shopfiles`), times included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograder.shopfiles import Row, ShopLog
from crmkit.lab.answersheet import LOCAL, clock

if TYPE_CHECKING:
    from autograder.operations import Work

_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


def in_time(log: ShopLog) -> tuple[ShopLog, str]:
    """The log up to the end of the examination, and its times in words (Beijing time).

    Nothing counts when the examination was never begun. A clock that was set back does not help:
    what stands after a line that is too late is too late.
    """
    from crmkit.crm import exam

    lines = [x for x in log.operations if x["outcome"] != "拒绝"]
    first = next((x for x in lines if x["action"] == exam.BEGIN), None)
    if first is None:
        return replace(log, operations=[], changes=[]), "店铺文件里没有开始考试的记录，请老师核对"
    begun = _time(first)
    limit = begun + dt.timedelta(minutes=exam.minutes())
    end = next((x for x in lines if x["action"] == exam.END), None)
    words = f"考试 {begun + LOCAL:%m-%d %H:%M:%S} 开始"
    if end is None:
        words += "，没有交卷"
    else:
        words += f"，{_time(end) + LOCAL:%H:%M:%S} 交卷，用时 {clock(_time(end) - begun)}"
        words += f"，超时 {clock(_time(end) - limit)}，请老师核对" if _time(end) > limit else ""
    early = [x for x in lines if x["seq"] < first["seq"] and x["changes"]]
    words += f"；开始之前就做了 {len(early)} 步，请老师核对" if early else ""
    late = next((x["seq"] for x in log.operations if _too_late(x, first, end, limit)), None)
    if late is None:
        return log, words
    kept = [x for x in log.operations if x["seq"] < late]
    changes = [x for x in log.changes if x["seq"] < late]
    dropped = sum(x["seq"] >= late and bool(x["action"] != exam.END) and bool(x["changes"] or
                  x["action"] == exam.ANSWER) for x in lines)  # fmt: skip
    words += f"；结束以后的 {dropped} 步不算" if dropped else ""
    return replace(log, operations=kept, changes=changes), words


def answers(works: Iterable[Work]) -> list[Any]:
    """All answers on the sheet as they crossed the border, in order: the last of an item counts."""
    from crmkit.crm import exam

    return [
        line.detail.get("答案")
        for work in works
        for line in work.of("", action=exam.ANSWER)
        if line.outcome != "拒绝"
    ]


def _time(line: Row) -> dt.datetime:
    return dt.datetime.strptime(line["clock"], _STAMP)


def _too_late(line: Row, first: Row, end: Row | None, limit: dt.datetime) -> bool:
    if line["seq"] <= first["seq"]:
        return False
    return _time(line) > limit or (end is not None and line["seq"] > end["seq"])
