"""短信问卷: questions, who gets them, what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from crmkit.crm import entry
from crmkit.crm.audit import Operation
from crmkit.crm.campaigns import gateway, sms
from crmkit.crm.errors import IllegalTransition, InvalidInput, NotFound
from crmkit.crm.storage import tables
from crmkit.settings import settings

if TYPE_CHECKING:
    from crmkit.crm.session import Session

KEY = "interactions.survey"
DRAFT, OPEN, CLOSED = "草稿", "发布", "结束"
NEXT = {DRAFT: ("发布",), OPEN: ("结束",), CLOSED: ()}
# kind → (words, what an answer is)
KINDS: Mapping[str, str] = {
    "单选": "从选项里选一个", "多选": "从选项里选一个或几个", "评分": "1 到 5 的整数",
    "推荐": "0 到 10 的整数（净推荐值）", "是否": "是 / 否", "文本": "不超过 200 字的话",
}  # fmt: skip
SCALES = {"评分": (1, 5), "推荐": (0, 10)}
TEMPLATE = "【{店名}】{称呼}，想听听您的意见，回答几个问题即可：问卷{问卷}。拒收请回复R"
PLACES: Mapping[str, str] = {"店名": "店铺名称", "称呼": "姓氏加先生/女士", "问卷": "问卷标题"}
_CUSTOMERS = tables.metadata.tables["customers"]


class Surveys:
    """The life of surveys: 草稿 → 发布 → 结束; only a published one is sent or answered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, title: str, questions: Sequence[Mapping[str, Any]]) -> str:
        """Make a draft; returns its number.

        Parameters
        ----------
        questions
            Each {"题目": text, "题型": one of `KINDS`, "选项": [texts] for 单选 and 多选,
            "必答": bool, default True}.
        """
        with self._session.writing(KEY, "建问卷", 标题=title, 题数=len(questions)) as op:
            wrong = entry.Wrong()
            name = entry.text(wrong, "title", "标题", title, most=40)
            asked = _checked(wrong, questions)
            wrong.raise_any()
            number = op.next_id(tables.forms, "W", 4)
            op.object = number
            op.insert(tables.forms, {
                "form_id": number, "title": name, "status": DRAFT, "at": gateway.now(op),
                "questions": json.dumps(asked, ensure_ascii=False),
            })  # fmt: skip
            return number

    def publish(self, form_id: str) -> None:
        """草稿 → 发布."""
        self._step(form_id, "发布", OPEN)

    def close(self, form_id: str) -> None:
        """发布 → 结束: no more answers."""
        self._step(form_id, "结束", CLOSED)

    def _step(self, form_id: str, event: str, to: str) -> None:
        with self._session.writing(KEY, f"{event}问卷", 问卷=form_id) as op:
            op.object = form_id
            form = op.get(tables.forms, form_id)
            if event not in NEXT[form["status"]]:
                allowed = "、".join(NEXT[form["status"]]) or "没有"
                raise IllegalTransition(
                    f"问卷「{form_id}」是「{form['status']}」，不能{event}。现在可以：{allowed}"
                )
            op.update(tables.forms, form_id, to={"status": to})

    def send(self, form_id: str, ids: Sequence[str], template: str = TEMPLATE) -> pd.DataFrame:
        """Send to customers by SMS, each at most once; returns 客户编号 and 结果 for all of them.

        Left out, with the reason: opted out, blacklisted, no consent, no mobile, sent before.
        """
        with self._session.writing(KEY, "发送问卷", 问卷=form_id, 人数=len(ids)) as op:
            op.object = form_id
            form = _open(op, form_id)
            title = self._session.title
            sms.check(template, PLACES, title=title, marketing=True)
            people = op.find_many(_CUSTOMERS, ids)
            missing = [i for i in ids if i not in people]
            if missing:
                raise NotFound(f"没有这些客户：{'、'.join(missing[:5])}（共 {len(missing)} 位）。")
            out = {r["customer_id"] for r in op.rows(tables.opt_outs)}
            sent = {r["customer_id"] for r in op.rows(
                sa.select(tables.form_sends).where(tables.form_sends.c.form_id == form_id)
            )}  # fmt: skip
            results = {i: _left_out(people[i], out, sent) for i in dict.fromkeys(ids)}
            messages = [
                gateway.Message(
                    f"问卷:{form_id}:{i}", people[i]["mobile"],
                    sms.fill(template, {
                        "店名": title, "问卷": form["title"],
                        "称呼": sms.called(people[i]["name"], people[i]["gender"]),
                    }), "短信问卷", i,
                )
                for i, why in results.items() if not why
            ]  # fmt: skip
            now = gateway.now(op)
            done = gateway.write(op, messages)
            for o in done:
                results[o.message.customer_id or ""] = o.status
            rows = [
                {"form_id": form_id, "customer_id": o.message.customer_id, "at": now} for o in done
            ]
            op.insert_many(tables.form_sends, rows)
            op.detail["发出"] = len(rows)
            return pd.DataFrame({"客户编号": list(results), "结果": list(results.values())})

    def answer(self, form_id: str, customer_id: str, answers: Sequence[Any]) -> None:
        """Record a customer's answers, one per question in order (None: not answered)."""
        with self._session.writing(KEY, "录入回答", 问卷=form_id, 客户编号=customer_id) as op:
            op.object = form_id
            form = _open(op, form_id)
            send = op.find(tables.form_sends, form_id, customer_id)
            if send is None:
                raise NotFound(f"问卷「{form_id}」没有发给客户「{customer_id}」。")
            if send["answered_at"]:
                raise InvalidInput(f"客户「{customer_id}」已经答过问卷「{form_id}」。")
            given = _fitting(json.loads(form["questions"]), answers)
            self._record(op, form_id, customer_id, given)

    def simulate(self, form_id: str) -> int:
        """Let the shop's customers answer, as the simulation has it; returns how many did.

        Who answers and what is decided by hashes; satisfaction follows the customer's reviews.
        """
        with self._session.writing(KEY, "模拟回收", 问卷=form_id) as op:
            op.object = form_id
            questions = json.loads(_open(op, form_id)["questions"])
            share = settings()["service"]["survey_answered"]
            waiting = op.rows(sa.select(tables.form_sends).where(
                tables.form_sends.c.form_id == form_id, tables.form_sends.c.answered_at.is_(None)
            ))  # fmt: skip
            facts = gateway.facts(op)
            seed = (facts["shop"], facts["student"], form_id)
            chosen = [r["customer_id"] for r in waiting
                      if gateway.chance(*seed, r["customer_id"], "答") < share]  # fmt: skip
            for i in chosen:
                self._record(op, form_id, i, [
                    _made_up(q, gateway.chance(*seed, i, str(n))) for n, q in enumerate(questions)
                ])  # fmt: skip
            return len(chosen)

    def _record(self, op: Operation, form_id: str, customer_id: str, given: list[Any]) -> None:
        op.update(tables.form_sends, form_id, customer_id, to={
            "answered_at": gateway.now(op), "answers": json.dumps(given, ensure_ascii=False),
        })  # fmt: skip

    def results(self, form_id: str) -> pd.DataFrame:
        """One row per question and option: 题号 题目 题型 选项 人数 占比 均值 指标.

        占比 is of those who answered the question. 指标: CSAT (share of 4–5) for 评分, NPS
        (share of 9–10 − share of 0–6, in points) for 推荐; None when nobody answered.
        """
        with self._session.reading(KEY, "问卷结果", 问卷=form_id) as op:
            form = op.get(tables.forms, form_id)
            sends = op.rows(sa.select(tables.form_sends).where(
                tables.form_sends.c.form_id == form_id, tables.form_sends.c.answers.is_not(None)
            ))  # fmt: skip
            given = [json.loads(r["answers"]) for r in sends]
            rows = []
            for n, q in enumerate(json.loads(form["questions"])):
                rows += _tabulated(n + 1, q, [a[n] for a in given if a[n] is not None])
            columns = ["题号", "题目", "题型", "选项", "人数", "占比", "均值", "指标"]
            return pd.DataFrame(rows, columns=columns)


def overview(op: Operation) -> pd.DataFrame:
    """The surveys: 问卷编号 标题 状态 题数 发出 回收 回收率."""
    sends = op.rows(sa.select(tables.form_sends.c.form_id, tables.form_sends.c.answered_at))
    rows = []
    for form in op.rows(sa.select(tables.forms).order_by(tables.forms.c.form_id)):
        own = [s for s in sends if s["form_id"] == form["form_id"]]
        back = sum(s["answered_at"] is not None for s in own)
        rows.append([form["form_id"], form["title"], form["status"], len(json.loads(form["questions"])),
                     len(own), back, back / len(own) if own else None])  # fmt: skip
    return pd.DataFrame(
        rows, columns=["问卷编号", "标题", "状态", "题数", "发出", "回收", "回收率"]
    )


def _open(op: Operation, form_id: str) -> dict[str, Any]:
    form = op.get(tables.forms, form_id)
    if form["status"] != OPEN:
        raise IllegalTransition(
            f"问卷「{form_id}」是「{form['status']}」，只有发布了、还没结束的问卷能发送和回答。"
        )
    return form


def _checked(wrong: entry.Wrong, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not 1 <= len(questions) <= 20:
        wrong["questions"] = f"问卷要有 1 到 20 题，现在 {len(questions)} 题"
    asked = []
    for n, q in enumerate(questions, start=1):
        kind, options = q.get("题型"), [str(o).strip() for o in q.get("选项") or ()]
        if kind not in KINDS:
            wrong["questions"] = f"第 {n} 题的题型只能是：{'、'.join(KINDS)}"
        elif not str(q.get("题目") or "").strip():
            wrong["questions"] = f"第 {n} 题没有写题目"
        elif kind in ("单选", "多选") and (len(set(options)) < 2 or "" in options):
            wrong["questions"] = f"第 {n} 题至少要两个不同的选项"
        asked.append({"题目": str(q.get("题目") or "").strip(), "题型": kind,
                      "选项": list(dict.fromkeys(options)), "必答": bool(q.get("必答", True))})  # fmt: skip
    return asked


def _left_out(person: Mapping[str, Any], out: set[str], sent: set[str]) -> str:
    for why, is_so in (
        ("以前发过", person["customer_id"] in sent), ("已退订", person["customer_id"] in out),
        ("黑名单", person["blacklisted"]), ("不接受营销", not person["consent"]),
        ("没有手机", not person["mobile"]),
    ):  # fmt: skip
        if is_so:
            return f"没有发：{why}"
    return ""


def _fitting(questions: Sequence[Mapping[str, Any]], answers: Sequence[Any]) -> list[Any]:
    if len(answers) != len(questions):
        raise InvalidInput(
            f"有 {len(questions)} 题，给了 {len(answers)} 个回答。", {"answers": "个数不对"}
        )
    return [_fit(n, q, a) for n, (q, a) in enumerate(zip(questions, answers, strict=True), start=1)]


def _fit(n: int, q: Mapping[str, Any], a: Any) -> Any:
    if a is None or a in ("", []):
        if q["必答"]:
            raise InvalidInput(f"第 {n} 题必须回答。", {"answers": f"第 {n} 题没有回答"})
        return None
    kind = q["题型"]
    if kind in SCALES:
        low, high = SCALES[kind]
        good = isinstance(a, int) and not isinstance(a, bool) and low <= a <= high
    elif kind == "多选":
        good = isinstance(a, list) and set(a) <= set(q["选项"])
    elif kind == "单选":
        good = a in q["选项"]
    elif kind == "是否":
        good = a in ("是", "否")
    else:
        good = isinstance(a, str) and len(a) <= 200
    if not good:
        raise InvalidInput(
            f"第 {n} 题（{kind}）的回答要是{KINDS[kind]}。", {"answers": f"第 {n} 题不对"}
        )
    return a


def _made_up(q: Mapping[str, Any], chance: float) -> Any:
    kind = q["题型"]
    if kind == "评分":
        return 1 + sum(chance > edge for edge in (0.04, 0.12, 0.30, 0.65))
    if kind == "推荐":
        return min(10, int(chance**0.5 * 11))
    if kind == "是否":
        return "是" if chance < 0.7 else "否"
    if kind == "文本":
        return "挺好的" if chance < 0.7 else "希望发货再快一点"
    option = q["选项"][int(chance * len(q["选项"]))]
    return [option] if kind == "多选" else option


def _tabulated(n: int, q: Mapping[str, Any], given: list[Any]) -> list[list[Any]]:
    kind, total = q["题型"], len(given)
    if kind == "文本":
        return [[n, q["题目"], kind, "（文字回答）", total, None, None, None]]
    if kind in SCALES:
        low, high = SCALES[kind]
        options: list[Any] = list(range(low, high + 1))
    else:
        options = q["选项"] or ["是", "否"]
    counts = [sum((o in a) if isinstance(a, list) else a == o for a in given) for o in options]
    mean = sum(given) / total if total and kind in SCALES else None
    figure = None
    if total and kind == "评分":
        figure = sum(a >= settings()["satisfaction"]["satisfied"] for a in given) / total
    elif total and kind == "推荐":
        figure = 100 * (sum(a >= 9 for a in given) - sum(a <= 6 for a in given)) / total
    return [[n, q["题目"], kind, str(o), c, c / total if total else None, mean, figure]
            for o, c in zip(options, counts, strict=True)]  # fmt: skip
