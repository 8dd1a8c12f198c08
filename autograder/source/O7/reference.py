"""What lab O7 asks for, counted again from the shop's tables, and what was done in the CRM."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from autograder.operations import Work
from autograder.spec import Verdict
from crmkit.crm.service.wechat import DEFAULT
from crmkit.lab import forms
from crmkit.lab.forms import FormError
from crmkit.lab.inputs import o7
from crmkit.lab.inputs.o7 import EXACT, EXACT_REPLY, KEY, TOPICS
from crmkit.settings import settings

SERVICE = settings()["service"]
OPENS, CLOSES, MINUTES = (SERVICE[k] for k in ("call_from", "call_until", "call_minutes"))
HOURS, SD, DAYS = (SERVICE[k] for k in ("unanswered_hours", "burst_sd", "repeat_days"))
NOW = pd.Timestamp(2025, 12, 31, 10)  # the shop's time, when nobody moved it on
Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """One student's shop and tasks."""

    student: str

    @property
    def data(self) -> o7.Data:
        return o7.data(self.student)

    @property
    def talks(self) -> pd.DataFrame:
        return self.data.shop.interactions

    def task(self, item: str) -> dict[str, Any]:
        return self.data.tasks[item]


# ------------------------------------------------------------------ 短信问卷


def question(n: int, text: str, kind: str, options: Sequence[str]) -> str:
    return forms.text(f"{n}|{text}|{kind}|{'/'.join(options)}")


def asked(w: World) -> list[str]:
    rows = [(q.split("|") + [""])[:3] for q in w.task("O7-01")["题目"]]
    return [
        question(n, text, kind, options.split("/") if options else [])
        for n, (text, kind, options) in enumerate(rows, 1)
    ]


def willing(w: World) -> list[str]:
    """Of the list, those to whom marketing may be sent."""
    c = w.data.shop.customers.set_index(KEY)
    return [i for i in w.task("O7-01")["发给"] if c.at[i, "接受营销"] and pd.notna(c.at[i, "手机"])]


def tabulated(questions: list[dict[str, Any]], answers: list[list[Any]]) -> dict[str, int]:
    """ "题号|选项" → how many chose it."""
    scales = {"评分": range(1, 6), "推荐": range(11)}
    found = {}
    for n, q in enumerate(questions):
        given = [a[n] for a in answers if a[n] is not None]
        if q["题型"] == "文本":
            found[f"{n + 1}|文字"] = len(given)
            continue
        for o in scales.get(q["题型"], q["选项"] or ["是", "否"]):
            hits = [o in a if isinstance(a, list) else a == o for a in given]
            found[forms.text(f"{n + 1}|{o}")] = sum(hits)
    return found


def surveyed(w: World, work: Work, value: Any) -> dict[str, Any]:
    title = forms.text(w.task("O7-01")["标题"])
    own = [f for f in work.rows("forms") if forms.text(f["title"]) == title]
    sends = work.rows("form_sends")
    # the one that went furthest, when somebody began twice
    form = max(
        own, default=None, key=lambda f: sum(s["form_id"] == f["form_id"] for s in sends)
    )  # fmt: skip
    if form is None:
        return {"questions": [], "published": False, "sent": [], "answered": False, "table": False}
    questions = json.loads(form["questions"])
    mine = [s for s in sends if s["form_id"] == form["form_id"]]
    answers = [json.loads(s["answers"]) for s in mine if s["answers"]]
    return {
        "questions": [question(n, q["题目"], q["题型"], q["选项"]) for n, q in enumerate(questions, 1)],
        "published": form["status"] != "草稿", "sent": sorted(s["customer_id"] for s in mine),
        "answered": bool(answers), "table": bool(answers) and same_table(value, tabulated(questions, answers)),
    }  # fmt: skip


def same_table(value: Any, right: dict[str, int]) -> bool:
    try:
        frame = forms.table(value, ("题号", "选项", "人数"))
        mine = {}
        for n, option, count in frame[["题号", "选项", "人数"]].itertuples(index=False):
            words = "文字" if "文字" in forms.text(option) else forms.text(option)
            mine[f"{forms.text(n)}|{words}"] = forms.number(count)
    except FormError:
        return False
    return mine == right


# ------------------------------------------------------------------ 微信互动


def rules(w: World, *, ranked: bool = True, exact: bool = True, first: bool = False) -> list[Row]:
    """The replies as they should be, or wrongly."""
    made = [
        {"reply_id": f"K{n}", "keywords": "\n".join([*TOPICS[t]][: 1 if first else None]), "match": "包含",
         "text": o7.reply(w.student, t), "priority": 50 - 10 * n if ranked else 0, "active": 1}
        for n, t in enumerate(w.data.topics)
    ]  # fmt: skip
    return [*made, {"reply_id": "K9", "keywords": EXACT, "match": "完全" if exact else "包含",
                    "text": EXACT_REPLY, "priority": 0, "active": 1}]  # fmt: skip


def messages(w: World) -> list[str]:
    """Ten: every rule, further keywords, two topics at once, and the exact word inside another."""
    said = [TOPICS[t] for t in w.data.topics]
    longest = max(said[3], key=len)
    return [
        *([*m.values()][1] for m in said), [*said[0].values()][2], [*said[2].values()][2],
        *(f"{m[min(m, key=len)]}，还有，{said[3][longest]}" for m in said[:2]),
        f" {EXACT} ", f"{EXACT}客服几点上班",
    ]  # fmt: skip


def answered(w: World, replies: Sequence[Row]) -> list[str]:
    """What would be answered to each message."""
    out = []
    for message in messages(w):
        said, fits = message.strip().casefold(), []
        for r in replies:
            words = r["keywords"].casefold().split("\n")
            exact = r["match"] == "完全"
            hit = [len(x) for x in words if (said == x if exact else x in said)]
            if hit and r["active"]:
                fits.append((not exact, -r["priority"], -max(hit), r["reply_id"], r["text"]))
        out.append(forms.text(min(fits)[-1] if fits else DEFAULT))
    return out


def ten_answers(got: dict[str, Any], expected: dict[str, Any]) -> Verdict:
    n = sum(a == b for a, b in zip(got["answers"], expected["answers"], strict=True))
    if n == len(expected["answers"]):
        return Verdict(1.0, f"{n} 条消息都答对了")
    words = f"拿 {len(expected['answers'])} 条消息来试，答对 {n} 条"
    return Verdict(
        n / 10 if got["rules"] else 0.0,
        words,
        "用“试一试”自己试几句：每个关键词都试，再试一句里有两个关键词的",
    )


# ------------------------------------------------------------------ 呼入、呼出


def added(work: Work, kind: str) -> list[Row]:
    """Records of a kind that were not there at the start."""
    before = {r["interaction_id"] for r in work.before("interactions")}
    rows = work.rows("interactions")
    return [r for r in rows if r["kind"] == kind and r["interaction_id"] not in before]


RECORD = ("主题", "结果", "时长", "订单编号")


def records(w: World, work: Work, value: Any) -> dict[str, Any]:
    found: dict[str, list[list[Any]]] = {}
    for r in added(work, "呼入"):
        # the order of the complaint is found later
        order = "" if r["customer_id"] == w.data.calls[2][KEY] else r["order_id"] or ""
        one = [forms.text(r["topic"]), r["result"], r["seconds"], order]
        found.setdefault(r["customer_id"], []).append(one)
    return {"records": found}


def calls(w: World, **changed: Any) -> dict[str, Any]:
    return {"records": {c[KEY]: [[changed.get(k, lambda c, k=k: c[k])(c) for k in RECORD]]
                        for c in w.data.calls}}  # fmt: skip


def three_records(got: dict[str, Any], expected: dict[str, Any]) -> Verdict:
    mine, wrong, right = got["records"], [], 0
    total = sum(len(r[0]) for r in expected["records"].values())
    for customer, (row,) in expected["records"].items():
        theirs = mine.get(customer, [])
        best = max(theirs, default=[None] * len(row), key=lambda t: sum(map(_equal, t, row)))
        hits = [_equal(a, b) for a, b in zip(best, row, strict=True)]
        right += sum(hits)
        if not theirs:
            wrong.append(f"没有 {customer} 的记录")
        else:
            wrong += [
                f"{customer} 的{k}不对" for k, hit in zip(RECORD, hits, strict=True) if not hit
            ]
        if len(theirs) > 1:
            wrong.append(f"{customer} 登记了 {len(theirs)} 次")
    wrong += [f"多了 {c} 的记录" for c in mine if c not in expected["records"]]
    if not wrong:
        return Verdict(1.0, "三条记录都正确")
    return Verdict(
        min(0.9, right / total),
        "；".join(wrong[:4]),
        "对着通话内容逐项核对：主题、结果、时长（秒）、订单编号",
    )


def _equal(a: Any, b: Any) -> bool:
    return bool(a == b)


def shares(w: World) -> dict[str, list[str]]:
    """Agent → whom he or she calls."""
    return {k[1:-1]: v for k, v in w.task("O7-04").items() if isinstance(v, list)}


def planned(w: World, work: Work, value: Any) -> dict[str, Any]:
    rows = added(work, "呼出")
    start = pd.Timestamp(w.task("O7-04")["不早于"])
    times = [(r["agent"], pd.Timestamp(r["at"])) for r in rows]
    length = pd.Timedelta(minutes=MINUTES)
    inside = all(
        t.hour >= OPENS and t + length <= t.normalize() + pd.Timedelta(hours=CLOSES) for _, t in times
    )  # fmt: skip
    clash = any(
        a == b and abs(s - t) < length
        for n, (a, s) in enumerate(times) for b, t in times[n + 1 :]
    )  # fmt: skip
    return {
        "people": sorted(r["customer_id"] for r in rows),
        "agents": sorted(f"{r['customer_id']}{r['agent']}" for r in rows),
        "topic": {forms.text(r["topic"]) for r in rows} == {w.task("O7-04")["主题"]},
        "start": bool(times) and all(t >= start for _, t in times), "hours": inside and not clash,
    }  # fmt: skip


def plan(w: World) -> dict[str, Any]:
    who = shares(w)
    return {
        "people": sorted(i for ids in who.values() for i in ids),
        "agents": sorted(f"{i}{a}" for a, ids in who.items() for i in ids),
        "topic": True, "start": True, "hours": True,
    }  # fmt: skip


def linked(w: World, work: Work, value: Any) -> dict[str, Any]:
    """The order of the complaint, "" when there is none yet."""
    customer = w.task("O7-09")[KEY]
    own = [r for r in added(work, "呼入") if r["customer_id"] == customer]
    complaint = [r for r in own if forms.text(r["topic"]) == "投诉"] or own
    return {"record": bool(complaint), "order": next((r["order_id"] for r in complaint[::-1] if r["order_id"]), "")}  # fmt: skip


# ------------------------------------------------------------------ counting


TOPIC = ("主题", "次数")


def top_topics(w: World, *, n: int | None = o7.ASKED, kind: str = "咨询", after: bool = False) -> pd.DataFrame:  # fmt: skip
    t = w.talks[w.talks["类型"] == kind].sort_values(["时间", "互动编号"])
    end = pd.Timestamp(w.task("O7-05")["到哪天为止"])
    if n is not None:
        t = (
            t[t["时间"] >= end].head(n)
            if after
            else t[t["时间"] < end + pd.Timedelta(days=1)].tail(n)
        )
    found = t["主题"].value_counts().rename_axis("主题").reset_index(name="次数")
    return found.sort_values(["次数", "主题"], ascending=[False, True], ignore_index=True)


def five(got: Any, expected: pd.DataFrame) -> Verdict:
    """The first five rows; among equal counts any order, and any of them in the last place."""
    frame = forms.table(got, TOPIC).head(5)
    mine = [(forms.text(a), forms.number(b)) for a, b in frame[[*TOPIC]].itertuples(index=False)]
    right = {a: float(b) for a, b in expected.itertuples(index=False)}
    top = sorted(right.values(), reverse=True)[:5]
    good = [(a, b) for a, b in dict(mine).items() if right.get(a) == b]
    if len(good) == len(mine) == 5 and sorted((b for _, b in mine), reverse=True) == top:
        if [b for _, b in mine] == top:
            return Verdict(1.0, "五个主题、次数和次序都正确")
        return Verdict(0.7, "主题和次数都对，次序不对", "次数从多到少")
    known = [a for a, _ in mine if right.get(a, 0) >= top[-1]]
    share = 0.12 * len(good) + 0.04 * len(known)
    return Verdict(share, f"五个主题里，次数对的有 {len(good)} 个", "先把那 50 条找对，再数主题")


def alerts(
    w: World, *, stars: int = 3, answered: bool = False, middle: int = 2, sd: float = SD, days_of: str = "all",
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Reviews to be answered with their level, and the days with too many."""
    r = w.data.shop.reviews
    late = r["评价时间"] <= NOW - pd.Timedelta(hours=HOURS)
    open_ones = r[(r["星级"] <= stars) & late & (answered | r["回复时间"].isna())]
    table = pd.DataFrame({"评价编号": open_ones["评价编号"],
                          "级别": ["高" if s <= middle else "中" for s in open_ones["星级"]]})  # fmt: skip
    bad = r.loc[r["星级"] <= 3, "评价时间"].dt.normalize().value_counts()
    every = pd.date_range(r["评价时间"].min().normalize(), r["评价时间"].max().normalize())
    counts = bad.reindex(every, fill_value=0) if days_of == "all" else bad
    over = counts[counts > counts.mean() + sd * counts.std(ddof=0)]
    return {
        "预警": table.reset_index(drop=True),
        "集中": pd.DataFrame({"日期": sorted(over.index)}),
    }


def watched(got: Any, expected: dict[str, pd.DataFrame]) -> Verdict:
    """Which reviews (half), their level and the days (a quarter each)."""
    found = forms.tables(got)
    frame = forms.table(found["预警"], ("评价编号", "级别"))
    mine = {forms.text(a): forms.text(b).removesuffix("级") for a, b in
            frame[["评价编号", "级别"]].itertuples(index=False)}  # fmt: skip
    right = dict(expected["预警"].itertuples(index=False))
    days = {forms.day(x) for x in forms.table(found["集中"], ("日期",))["日期"]}
    dates: set[dt.date] = {x.date() for x in expected["集中"]["日期"]}
    same, levels = set(mine) == set(right), all(mine.get(k) == v for k, v in right.items())
    words = (
        []
        if same
        else [f"预警里多了 {len(set(mine) - set(right))} 条、漏了 {len(set(right) - set(mine))} 条"]
    )
    words += [] if levels or not same else ["级别不对"]
    words += [] if days == dates else ["集中的日子不对"]
    if not words:
        return Verdict(1.0, f"{len(right)} 条预警、级别和集中的日子都正确")
    share = 0.5 * same + 0.25 * (same and levels) + 0.25 * (days == dates)
    return Verdict(
        share,
        "；".join(words),
        f"三星及以下、没有回复、已满 {HOURS} 小时；日子按均值加 {SD} 个标准差",
    )


def line(w: World, kinds: tuple[str, ...] = ()) -> list[str]:
    own = w.talks[w.talks[KEY] == w.task("O7-07")[KEY]]
    own = own[own["类型"].isin(kinds)] if kinds else own
    return [str(x) for x in own.sort_values(["时间", "互动编号"])["互动编号"]]


HANDLED = ("平均处理时长", "首次解决率")


def handled(w: World, *, other: bool = False, whole: bool = False, repeats: bool = True) -> dict[str, float]:  # fmt: skip
    """Mean seconds, and first contacts after which nobody came back on the same topic in 7 days."""
    task = w.task("O7-08")
    kind = {"咨询": "呼入", "呼入": "咨询"}[task["看哪一种"]] if other else task["看哪一种"]
    t = w.talks[w.talks["类型"] == kind].sort_values("时间")
    by, limit = t.groupby([KEY, "主题"])["时间"], pd.Timedelta(days=DAYS)
    t = t.assign(首次=~(by.diff() <= limit), 又来=by.shift(-1) - t["时间"] <= limit)
    if not whole:
        t = t[t["时间"].dt.normalize().between(task["从"], task["到"])]
    starts = t[t["首次"]] if repeats else t
    return {HANDLED[0]: float(t["时长"].mean()), HANDLED[1]: float((~starts["又来"]).mean())}
