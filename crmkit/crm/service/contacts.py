"""呼入、呼出、咨询: the records of talking with customers, planned calls, and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import clock, entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.errors import IllegalTransition, InvalidInput, NotFound
from crmkit.crm.paging import Page, bounds
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    from crmkit.crm.session import Session

TABLE = tables.metadata.tables["interactions"]
_CUSTOMERS = tables.metadata.tables["customers"]
_ORDERS = tables.metadata.tables["orders"]
KINDS = {"inbound": "呼入", "outbound": "呼出", "inquiries": "咨询"}
RESULTS: Mapping[str, tuple[str, ...]] = {
    "呼入": ("已解决", "已退款", "转交主管", "需回电"),
    "呼出": ("满意", "不满意", "无人接听", "拒接", "占线", "空号"),
    "咨询": ("已解决", "已退款", "转人工", "未回复"),
}
WAITING, WORKING, SNOOZED, SOLVED, PLANNED = "待处理", "处理中", "暂缓", "已解决", "待呼"
# status of an inquiry → what may happen to it, and the status it then has
STEPS: Mapping[str, Mapping[str, str]] = {
    WAITING: {"接手": WORKING, "解决": SOLVED},
    WORKING: {"暂缓": SNOOZED, "解决": SOLVED},
    SNOOZED: {"接手": WORKING, "解决": SOLVED},
    SOLVED: {"重开": WORKING},
}
LABELS = {
    "interaction_id": "互动编号", "customer_id": "客户编号", "at": "时间", "seconds": "时长", "agent": "客服",
    "topic": "主题", "result": "结果", "order_id": "订单编号", "detail": "内容", "status": "处理状态",
}  # fmt: skip


class Contacts:
    """Records of one kind: ``"inbound"``, ``"outbound"`` or ``"inquiries"``."""

    def __init__(self, session: Session, method: str) -> None:
        self._session, self._key, self._kind = session, f"interactions.{method}", KINDS[method]

    def page(
        self, *, topic: str = "", agent: str = "", status: str = "", customer_id: str = "",
        since: Any = None, until: Any = None, page: int = 1, size: int = 20,
    ) -> Page:  # fmt: skip
        """The records, the newest first."""
        first, last = entry.period(since, until)
        detail = entry.given(
            主题=topic, 客服=agent, 状态=status, 客户编号=customer_id, 开始=first, 结束=last
        )
        start, count = bounds(page, size)
        with self._session.reading(self._key, "查看记录", **detail) as op:
            t = TABLE.c
            clauses = [t.kind == self._kind]
            clauses += [t[k] == v for k, v in (("topic", topic), ("agent", agent), ("status", status),
                                               ("customer_id", customer_id)) if v]  # fmt: skip
            clauses += [t.at >= first] if first else []
            clauses += [t.at < last] if last else []
            chosen = sa.select(*(t[k] for k in LABELS)).where(*clauses)
            total = op.connection.execute(
                sa.select(sa.func.count()).select_from(TABLE).where(*clauses)
            )
            newest = (
                chosen.order_by(t.at.desc(), t.interaction_id.desc()).offset(start).limit(count)
            )
            return Page(_labelled(op, newest), int(total.scalar_one()), page, size)

    def record(
        self, customer_id: str, *, topic: str, result: str, agent: str = "", seconds: int = 0,
        at: Any = None, detail: str = "", order_id: str = "",
    ) -> str:  # fmt: skip
        """Enter a contact that took place; returns its number.

        Parameters
        ----------
        result
            One of `RESULTS` of this kind.
        seconds
            How long it took, 0 to 14,400.
        at
            When, not later than the shop's time; default now.
        order_id
            The order it was about; it must be this customer's.
        """
        with self._session.writing(
            self._key, f"登记{self._kind}", 客户编号=customer_id, 主题=topic
        ) as op:
            wrong = entry.Wrong()
            about = entry.text(wrong, "topic", "主题", topic, most=30)
            took = entry.whole(wrong, "seconds", "时长（秒）", seconds, 0, 14_400)
            told = entry.one_of(wrong, "result", "结果", result, RESULTS[self._kind])
            moment = _moment(wrong, at, gateway.now(op))
            wrong.raise_any()
            op.get(_CUSTOMERS, customer_id)
            _check_order(op, order_id, customer_id)
            number = op.object = op.next_id(TABLE, "I", 5)
            op.insert(TABLE, {
                "interaction_id": number, "customer_id": customer_id, "kind": self._kind, "at": moment,
                "seconds": took, "agent": agent.strip() or self._session.user, "topic": about,
                "result": told, "order_id": order_id or None, "detail": detail.strip(),
                "status": SOLVED if told in ("已解决", "已退款", "满意") else WAITING,
            })  # fmt: skip
            return number

    def link(self, interaction_id: str, order_id: str) -> None:
        """Say which order a contact was about."""
        with self._session.writing(
            self._key, "关联订单", 互动编号=interaction_id, 订单编号=order_id
        ) as op:
            op.object = interaction_id
            row = self._own(op, interaction_id)
            _check_order(op, order_id, row["customer_id"])
            op.update(TABLE, interaction_id, to={"order_id": order_id})

    def step(self, interaction_id: str, event: str, *, result: str = "") -> None:
        """接手, 暂缓, 解决 or 重开, see `STEPS`."""
        with self._session.writing(self._key, event, 互动编号=interaction_id) as op:
            op.object = interaction_id
            row = self._own(op, interaction_id)
            allowed = STEPS.get(row["status"], {})
            if event not in allowed:
                raise IllegalTransition(
                    f"「{interaction_id}」是「{row['status']}」，不能{event}。"
                    f"现在可以：{'、'.join(allowed) or '没有'}"
                )
            to = {"status": allowed[event], "agent": row["agent"] or self._session.user}
            op.update(TABLE, interaction_id, to=to | ({"result": result} if result else {}))

    def topics(self, since: Any = None, until: Any = None) -> pd.DataFrame:
        """主题 and 次数, the most frequent first (equal ones in the order of their words)."""
        first, last = entry.period(since, until)
        with self._session.reading(self._key, "主题统计") as op:
            clauses = [TABLE.c.kind == self._kind]
            clauses += [TABLE.c.at >= first] if first else []
            clauses += [TABLE.c.at < last] if last else []
            chosen = (
                sa.select(TABLE.c.topic, sa.func.count()).where(*clauses).group_by(TABLE.c.topic)
            )
            frame = self._session.store.frame(chosen, op.connection).set_axis(
                ["主题", "次数"], axis=1
            )
            return frame.sort_values(["次数", "主题"], ascending=[False, True], ignore_index=True)

    def handling(self, since: Any = None, until: Any = None) -> pd.DataFrame:
        """指标 and 数值: mean seconds of a contact, and the share solved at the first contact.

        Solved at the first contact: solved, and the customer did not come back on the same topic
        within settings ``service.repeat_days`` days (the course's choice). A contact that is
        itself such a return is not a first contact. None when there is none.
        """
        first, last = entry.period(since, until)
        with self._session.reading(self._key, "处理统计") as op:
            chosen = sa.select(
                TABLE.c.customer_id, TABLE.c.topic, TABLE.c.at, TABLE.c.seconds, TABLE.c.status
            )
            frame = self._session.store.frame(
                chosen.where(TABLE.c.kind == self._kind).order_by(TABLE.c.at), op.connection
            )
        frame["at"] = pd.to_datetime(frame["at"])
        days = pd.Timedelta(days=settings()["service"]["repeat_days"])
        by = frame.groupby(["customer_id", "topic"])["at"]
        again, fresh = by.shift(-1) - frame["at"] <= days, ~(by.diff() <= days)
        inside = (frame["at"] >= (first or "1900-01-01")) & (frame["at"] < (last or "2200-01-01"))
        own = frame[inside]
        starts = own[fresh[own.index]]
        solved = (starts["status"] == SOLVED) & ~again[starts.index]
        return pd.DataFrame({
            "指标": ["记录数", "平均处理时长（秒）", "首次解决率"],
            "数值": [len(own), own["seconds"].mean() if len(own) else None,
                   solved.mean() if len(starts) else None],
        })  # fmt: skip

    def _own(self, op: Operation, number: str) -> dict[str, Any]:
        row = op.get(TABLE, number)
        if row["kind"] != self._kind:
            raise NotFound(f"「{number}」是{row['kind']}记录，不是{self._kind}记录。")
        return row


class Calls(Contacts):
    """呼出: call-back tasks besides the records."""

    def plan(
        self, ids: Sequence[str], *, topic: str, agent: str, start: Any = None
    ) -> pd.DataFrame:
        """Plan one call per customer, one after the other, inside the hours in which one may call.

        A call takes settings ``service.call_minutes``; the agent's other calls are stepped over.
        Returns 互动编号, 客户编号 and 时间.

        Raises
        ------
        InvalidInput
            A customer on the blacklist or without a mobile, or a start before the shop's time.
        """
        with self._session.writing(
            self._key, "安排呼出", 人数=len(ids), 客服=agent, 主题=topic
        ) as op:
            wrong = entry.Wrong()
            about = entry.text(wrong, "topic", "主题", topic, most=30)
            who = entry.text(wrong, "agent", "客服", agent, most=20)
            begin = clock.parse(_moment(wrong, start, gateway.now(op), future=True))
            people = op.find_many(_CUSTOMERS, ids)
            missing = [i for i in ids if i not in people]
            if missing:
                wrong["ids"] = f"没有这些客户：{'、'.join(missing[:5])}"
            blocked = [i for i, p in people.items() if p["blacklisted"] or not p["mobile"]]
            if blocked:
                wrong["ids"] = f"这些客户在黑名单里或没有手机：{'、'.join(blocked[:5])}"
            wrong.raise_any()
            taken = {r["at"] for r in op.rows(sa.select(TABLE.c.at).where(
                TABLE.c.kind == self._kind, TABLE.c.agent == who, TABLE.c.status == PLANNED
            ))}  # fmt: skip
            times = _free_times(begin, {clock.parse(t) for t in taken}, len(people))
            numbers = op.next_ids(TABLE, "I", 5, len(people))
            rows = [
                {"interaction_id": n, "customer_id": i, "kind": self._kind, "at": clock.text(t),
                 "seconds": 0, "agent": who, "topic": about, "result": None, "order_id": None,
                 "detail": "", "status": PLANNED}
                for n, i, t in zip(numbers, people, times, strict=True)
            ]  # fmt: skip
            op.insert_many(TABLE, rows)
            return pd.DataFrame([[r["interaction_id"], r["customer_id"], r["at"]] for r in rows],
                                columns=["互动编号", "客户编号", "时间"])  # fmt: skip

    def finish(
        self, interaction_id: str, *, result: str, seconds: int = 0, detail: str = ""
    ) -> None:
        """A planned call took place."""
        with self._session.writing(
            self._key, "登记结果", 互动编号=interaction_id, 结果=result
        ) as op:
            op.object = interaction_id
            wrong = entry.Wrong()
            told = entry.one_of(wrong, "result", "结果", result, RESULTS[self._kind])
            took = entry.whole(wrong, "seconds", "时长（秒）", seconds, 0, 14_400)
            wrong.raise_any()
            row = self._own(op, interaction_id)
            if row["status"] != PLANNED:
                raise IllegalTransition(
                    f"「{interaction_id}」是「{row['status']}」，只有待呼的能登记结果。"
                )
            status = SOLVED if told == "满意" else WAITING
            op.update(TABLE, interaction_id, to={
                "result": told, "seconds": took, "detail": detail.strip(), "status": status,
            })  # fmt: skip


def _free_times(begin: dt.datetime, taken: set[dt.datetime], count: int) -> list[dt.datetime]:
    rules = settings()["service"]
    step = dt.timedelta(minutes=rules["call_minutes"])
    found: list[dt.datetime] = []
    at = begin.replace(second=0)
    while len(found) < count:
        opens = at.replace(hour=rules["call_from"], minute=0)
        closes = at.replace(hour=rules["call_until"], minute=0)
        if at < opens:
            at = opens
        elif at + step > closes:
            at = opens + dt.timedelta(days=1)
        elif any(abs(at - other) < step for other in taken):
            at += dt.timedelta(minutes=1)
        else:
            found.append(at)
            at += step
    return found


def _moment(wrong: entry.Wrong, at: Any, now: str, *, future: bool = False) -> str:
    if at in (None, ""):
        return now
    try:
        moment = clock.text(at if isinstance(at, dt.datetime) else clock.parse(str(at)))
    except ValueError:
        wrong["at"] = "时间要写成 2025-12-31 10:00:00 这样"
        return now
    if future and moment < now:
        wrong["at"] = f"不能早于现在（店铺时间 {now}）"
    if not future and moment > now:
        wrong["at"] = f"不能晚于现在（店铺时间 {now}）"
    return moment


def _check_order(op: Operation, order_id: str, customer_id: str) -> None:
    if not order_id:
        return
    order = op.find(_ORDERS, order_id)
    if order is None or order["customer_id"] != customer_id:
        words = (
            f"没有订单「{order_id}」"
            if order is None
            else f"订单「{order_id}」不是客户 {customer_id} 的"
        )
        raise InvalidInput(words + "。", {"order_id": words})


def _labelled(op: Operation, chosen: Any) -> pd.DataFrame:
    result = op.connection.execute(chosen)
    frame = pd.DataFrame([tuple(r) for r in result], columns=list(LABELS.values()))
    return frame.assign(时间=pd.to_datetime(frame["时间"]))
