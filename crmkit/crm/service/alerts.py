"""中差评预警: reviews that are bad, that read bad, and orders that will be reviewed badly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import clock, entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway
from crmkit.crm.errors import IllegalTransition, InvalidInput
from crmkit.crm.service import worktime
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    from crmkit.crm.session import Session

KEY = "interactions.review_alerts"
RULES: Mapping[str, str] = {
    "明示": "三星及以下的评价：一二星为差评（高），三星为中评（中）",
    "隐含": "四五星但文字里有负面词的评价（中）",
    "预测": "还没评价、但发货迟、有退款在办、反复咨询或以前给过差评的订单（低；两条以上为中）",
}
HIGH, MIDDLE, LOW = "高", "中", "低"
OPENED, ASSIGNED, CLOSED = "新建", "处理中", "已关闭"
STEPS: Mapping[str, Mapping[str, str]] = {
    OPENED: {"受理": ASSIGNED, "关闭": CLOSED}, ASSIGNED: {"关闭": CLOSED}, CLOSED: {"重开": ASSIGNED},
}  # fmt: skip
_REVIEWS, _ORDERS = tables.metadata.tables["reviews"], tables.metadata.tables["orders"]
_OPEN_REFUND = ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS")


@dataclass(frozen=True)
class Alerts:
    """`table`: the alerts, the most urgent first; `rate`: (中差评 ÷ 评价, 中差评, 评价);
    `bursts`: days with too many; `note`: the rules in words."""

    table: pd.DataFrame
    rate: tuple[float | None, int, int]
    bursts: pd.DataFrame
    note: str


COLUMNS = [
    "来源",
    "级别",
    "评价编号",
    "订单编号",
    "客户编号",
    "星级",
    "时间",
    "原因",
    "应回复时间",
    "已超时",
    "工单",
]


def found(
    op: Operation, rules: Sequence[str], *, unanswered_only: bool = True, since: str | None = None
) -> Alerts:
    """All alerts of the shop as it is now.

    Parameters
    ----------
    rules
        Which of `RULES`.
    unanswered_only
        Leave out reviews that have a reply.
    since
        Only reviews and orders from this day on (ISO text).
    """
    now = clock.parse(gateway.now(op))
    reviews = _reviews(op)
    rows: list[list[Any]] = []
    cases = {c["review_id"] or c["order_id"]: c["case_id"] for c in op.rows(tables.cases)}
    if "明示" in rules or "隐含" in rules:
        words = settings()["service"]["negative_words"]
        bad = settings()["reviews"]["bad_stars"]
        for r in reviews:
            if (r["replied_at"] and unanswered_only) or (since and r["at"] < since):
                continue
            negative = [w for w in words if w in (r["text"] or "")]
            if r["stars"] <= 3 and "明示" in rules:
                level = HIGH if r["stars"] <= bad else MIDDLE
                why = f"{r['stars']} 星"
            elif r["stars"] > 3 and negative and "隐含" in rules:
                level, why = MIDDLE, f"{r['stars']} 星，但文字里有「{'、'.join(negative)}」"
            else:
                continue
            source = "明示" if r["stars"] <= 3 else "隐含"
            rows.append(_alert(source, level, r, why, now, cases.get(r["review_id"])))
    if "预测" in rules:
        rows += _threatening(op, reviews, now, since, cases)
    rank = {HIGH: 0, MIDDLE: 1, LOW: 2}
    rows.sort(key=lambda a: (rank[a[1]], a[8], a[3]))
    told = [r for r in reviews if not since or r["at"] >= since]
    poor = sum(r["stars"] <= 3 for r in told)
    return Alerts(pd.DataFrame(rows, columns=COLUMNS), (poor / len(told) if told else None, poor, len(told)),
                  bursts(reviews), "；".join(f"{k}：{RULES[k]}" for k in rules))  # fmt: skip


def bursts(reviews: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """日期 and 中差评数 of the days with more than mean + k·sd (population sd, over all days from
    the first to the last review, k = settings ``service.burst_sd``)."""
    if not reviews:
        return pd.DataFrame(columns=["日期", "中差评数", "界限"])
    days = pd.Series([r["at"][:10] for r in reviews if r["stars"] <= 3], dtype="str")
    all_days = pd.date_range(min(r["at"] for r in reviews)[:10], max(r["at"] for r in reviews)[:10])
    counts = days.value_counts().reindex(all_days.strftime("%Y-%m-%d"), fill_value=0)
    limit = counts.mean() + settings()["service"]["burst_sd"] * counts.std(ddof=0)
    over = counts[counts > limit]
    return pd.DataFrame(
        {"日期": over.index, "中差评数": over.to_numpy(), "界限": round(float(limit), 2)}
    )


def _reviews(op: Operation) -> list[dict[str, Any]]:
    chosen = sa.select(_REVIEWS, _ORDERS.c.customer_id).join(
        _ORDERS, _ORDERS.c.order_id == _REVIEWS.c.order_id
    )
    return op.rows(chosen.order_by(_REVIEWS.c.at))


def _alert(
    source: str, level: str, r: Mapping[str, Any], why: str, now: dt.datetime, case: str | None
) -> list[Any]:
    due = worktime.due(clock.parse(r["at"]), settings()["service"]["case_hours"][level])
    return [source, level, r.get("review_id"), r["order_id"], r["customer_id"], r.get("stars"),
            r["at"], why, clock.text(due), now > due, case or ""]  # fmt: skip


def _threatening(
    op: Operation, reviews: Sequence[Mapping[str, Any]], now: dt.datetime, since: str | None,
    cases: Mapping[str, str],
) -> list[list[Any]]:  # fmt: skip
    reviewed = {r["order_id"] for r in reviews}
    unhappy = {r["customer_id"] for r in reviews if r["stars"] <= 3}
    returns, talks = tables.metadata.tables["returns"], tables.metadata.tables["interactions"]
    refunds = {r[0] for r in op.connection.execute(
        sa.select(returns.c.order_id).where(returns.c.status.in_(_OPEN_REFUND)))}  # fmt: skip
    asked = {r[0] for r in op.connection.execute(
        sa.select(talks.c.order_id).where(talks.c.order_id.is_not(None), talks.c.kind == "咨询")
        .group_by(talks.c.order_id)
        .having(sa.func.count() >= settings()["service"]["repeated_inquiries"]))}  # fmt: skip
    late = dt.timedelta(hours=settings()["orders"]["late_hours"])
    waiting = ("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS")
    rows = []
    for o in op.rows(sa.select(_ORDERS).where(_ORDERS.c.status.in_(waiting))):
        if o["order_id"] in reviewed or not o["paid_at"] or (since and o["paid_at"] < since):
            continue
        sent = clock.parse(o["shipped_at"]) if o["shipped_at"] else now
        signs = [word for word, is_so in (
            ("发货迟", sent - clock.parse(o["paid_at"]) > late), ("退款在办", o["order_id"] in refunds),
            ("反复咨询", o["order_id"] in asked), ("以前给过中差评", o["customer_id"] in unhappy),
        ) if is_so]  # fmt: skip
        if signs:
            level = MIDDLE if len(signs) > 1 else LOW
            rows.append(_alert("预测", level, o | {"at": o["paid_at"]}, "、".join(signs), now,
                               cases.get(o["order_id"])))  # fmt: skip
    return rows


class Cases:
    """What is done about an alert: a case with a level, an owner and a time until it must be answered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(
        self, *, review_id: str = "", order_id: str = "", level: str = "", owner: str = ""
    ) -> str:
        """Open a case for a review, or for an order that threatens to be reviewed badly."""
        with self._session.writing(
            KEY, "建工单", **entry.given(评价=review_id, 订单=order_id)
        ) as op:
            if bool(review_id) == bool(order_id):
                raise InvalidInput("请给出评价编号或订单编号中的一个。", {"review_id": "二选一"})
            review = op.get(_REVIEWS, review_id) if review_id else None
            order = op.get(_ORDERS, review["order_id"] if review else order_id)
            same = tables.cases.c.review_id == review_id if review else sa.and_(
                tables.cases.c.order_id == order_id, tables.cases.c.review_id.is_(None))  # fmt: skip
            if op.rows(sa.select(tables.cases).where(same, tables.cases.c.status != CLOSED)):
                raise InvalidInput("已经有一张没关的工单。", {"review_id": "已有工单"})
            wrong = entry.Wrong()
            usual = (
                LOW
                if review is None
                else HIGH
                if review["stars"] <= settings()["reviews"]["bad_stars"]
                else MIDDLE
            )
            how = entry.one_of(wrong, "level", "级别", level or usual, (HIGH, MIDDLE, LOW))
            wrong.raise_any()
            number = op.object = op.next_id(tables.cases, "A", 5)
            now = gateway.now(op)
            due = worktime.due(clock.parse(now), settings()["service"]["case_hours"][how])
            op.insert(tables.cases, {
                "case_id": number, "customer_id": order["customer_id"], "order_id": order["order_id"],
                "review_id": review_id or None, "source": "评价" if review else "预测", "level": how,
                "status": OPENED, "owner": owner.strip() or self._session.user, "opened_at": now,
                "due_at": clock.text(due), "first_reply_at": None, "closed_at": None, "result": "",
            })  # fmt: skip
            return number

    def step(self, case_id: str, event: str, *, result: str = "") -> None:
        """受理, 关闭 (with a result) or 重开."""
        with self._session.writing(KEY, f"工单{event}", 工单=case_id) as op:
            op.object = case_id
            case = op.get(tables.cases, case_id)
            allowed = STEPS[case["status"]]
            if event not in allowed:
                raise IllegalTransition(
                    f"工单「{case_id}」是「{case['status']}」，不能{event}。现在可以：{'、'.join(allowed)}"
                )
            if event == "关闭" and not result.strip():
                raise InvalidInput("关闭工单要写处理结果。", {"result": "请填写处理结果"})
            now = gateway.now(op)
            op.update(tables.cases, case_id, to={
                "status": allowed[event], "result": result.strip() or case["result"],
                "closed_at": now if event == "关闭" else None,
                "first_reply_at": case["first_reply_at"] or now,
            })  # fmt: skip

    def reply(self, review_id: str, text: str) -> None:
        """Answer a review in public; phone numbers and other personal data are refused."""
        with self._session.writing(KEY, "回复评价", 评价=review_id) as op:
            op.object = review_id
            wrong = entry.Wrong()
            said = entry.text(wrong, "text", "回复", text, most=500)
            if any(part.isdigit() and len(part) >= 7 for part in _runs(said)):
                wrong["text"] = "公开回复里不能有电话、订单号等个人信息"
            wrong.raise_any()
            review = op.get(_REVIEWS, review_id)
            if review["replied_at"]:
                raise InvalidInput("这条评价已经回复过。", {"text": "已回复"})
            now = gateway.now(op)
            op.update(_REVIEWS, review_id, to={"replied_at": now})
            op.detail["回复"] = said
            for case in op.rows(sa.select(tables.cases).where(
                tables.cases.c.review_id == review_id, tables.cases.c.first_reply_at.is_(None)
            )):  # fmt: skip
                op.update(tables.cases, case["case_id"], to={"first_reply_at": now})

    def list(self) -> pd.DataFrame:
        """工单 级别 状态 负责人 客户编号 订单编号 评价编号 建立 应回复 首次回复 准时 关闭 结果."""
        with self._session.reading(KEY, "查看工单") as op:
            now = gateway.now(op)
            rows = [
                [c["case_id"], c["level"], c["status"], c["owner"], c["customer_id"], c["order_id"],
                 c["review_id"], c["opened_at"], c["due_at"], c["first_reply_at"],
                 (c["first_reply_at"] or now) <= c["due_at"], c["closed_at"], c["result"]]
                for c in op.rows(sa.select(tables.cases).order_by(tables.cases.c.case_id.desc()))
            ]  # fmt: skip
            return pd.DataFrame(rows, columns=[
                "工单", "级别", "状态", "负责人", "客户编号", "订单编号", "评价编号", "建立", "应回复",
                "首次回复", "准时", "关闭", "结果",
            ])  # fmt: skip


def _runs(text: str) -> list[str]:
    """The text cut into runs of digits and of everything else."""
    runs = [""]
    for letter in text:
        if runs[-1] and letter.isdigit() != runs[-1][-1].isdigit():
            runs.append("")
        runs[-1] += letter
    return runs
