"""What of an examination counts: what was done and answered between its begin and its end.

Everything is read off the checked log of the shop file (`autograder.shopfiles`), times included.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from autograder.shopfiles import Row, ShopLog
from crmkit.lab.answersheet import LOCAL, clock

if TYPE_CHECKING:
    from autograder.operations import Work

_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
_SET_BACK = dt.timedelta(minutes=1)  # less is two programs writing at once


@dataclass(frozen=True)
class Sitting:
    """How one student's examination went, by the log. Moments are the log's own: UTC, ISO text.

    Attributes
    ----------
    begun, ended : str
        Begin and 交卷; empty where the log has none.
    used : int
        Seconds from the begin to 交卷, or to the last line in time when there was none.
    over : int
        Seconds by which 交卷 came after the time.
    steps, answers : int
        In time: operations that changed the shop, and items with an answer on the sheet.
    early, late : int
        Steps before the begin, and steps and answers after the end; the late ones do not count.
    remarks : tuple of str
        What a teacher should look at, in words.
    """

    begun: str = ""
    ended: str = ""
    used: int = 0
    over: int = 0
    steps: int = 0
    answers: int = 0
    early: int = 0
    late: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All of it in one sentence, for the record (Beijing time)."""
        if not self.begun:
            return f"{'；'.join(self.remarks)}，请老师核对"
        said = f"考试 {local(self.begun):%m-%d %H:%M:%S} 开始"
        if self.ended:
            used = clock(dt.timedelta(seconds=self.used))
            said += f"，{local(self.ended):%H:%M:%S} 交卷，用时 {used}"
        return "；".join([said, *self.remarks]) + ("，请老师核对" if self.remarks else "")

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "remarks": list(self.remarks)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Sitting:
        return cls(**{**data, "remarks": tuple(data.get("remarks", ()))})


def local(moment: str) -> dt.datetime:
    """A moment of the log in Beijing time."""
    return dt.datetime.strptime(moment, _STAMP) + LOCAL


def in_time(log: ShopLog) -> tuple[ShopLog, Sitting]:
    """The log up to the end of the examination, and how the examination went.

    Nothing counts when the examination was never begun. A clock that was set back does not help:
    what stands after a line that is too late is too late.
    """
    from crmkit.crm import exam

    lines = [x for x in log.operations if x["outcome"] != "拒绝"]
    first = next((x for x in lines if x["action"] == exam.BEGIN), None)
    if first is None:
        nothing = Sitting(remarks=("店铺文件里没有开始考试的记录",))
        return replace(log, operations=[], changes=[]), nothing
    begun = _time(first)
    limit = begun + dt.timedelta(minutes=exam.minutes())
    end = next((x for x in lines if x["action"] == exam.END), None)
    cut = next((x["seq"] for x in log.operations if _too_late(x, first, end, limit)), None)
    kept = [x for x in log.operations if cut is None or x["seq"] < cut]
    late = [
        x for x in lines
        if cut is not None and x["seq"] >= cut and x["action"] != exam.END
        and (x["changes"] or x["action"] == exam.ANSWER)
    ]  # fmt: skip
    own = [x for x in kept if x["seq"] > first["seq"] and x["outcome"] != "拒绝"]
    last = _time(end) if end else max(map(_time, own), default=begun)
    found = Sitting(
        begun=first["clock"], ended=end["clock"] if end else "", used=_seconds(last - begun),
        over=_seconds(_time(end) - limit) if end else 0,
        steps=sum(bool(x["changes"]) for x in own),
        answers=len({x["object"] for x in own if x["action"] == exam.ANSWER}),
        early=sum(bool(x["seq"] < first["seq"] and x["changes"]) for x in lines), late=len(late),
    )  # fmt: skip
    found = replace(found, remarks=tuple(_remarks(found, log.operations)))
    if cut is None:
        return log, found
    changes = [x for x in log.changes if x["seq"] < cut]
    return replace(log, operations=kept, changes=changes), found


def _remarks(found: Sitting, lines: Sequence[Row]) -> Iterable[str]:
    if not found.ended:
        yield "没有交卷"
    if found.over:
        yield f"超时 {clock(dt.timedelta(seconds=found.over))}"
    if found.early:
        yield f"开始之前就做了 {found.early} 步"
    if found.late:
        yield f"结束以后的 {found.late} 步不算"
    times = [_time(x) for x in lines]
    if any(a - b > _SET_BACK for a, b in itertools.pairwise(times)):
        yield "电脑时钟往回调过"


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


def _seconds(span: dt.timedelta) -> int:
    return max(0, int(span.total_seconds()))


def _too_late(line: Row, first: Row, end: Row | None, limit: dt.datetime) -> bool:
    if line["seq"] <= first["seq"]:
        return False
    return _time(line) > limit or (end is not None and line["seq"] > end["seq"])
