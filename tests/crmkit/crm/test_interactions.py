"""互动信息: surveys, keyword replies, records, planned calls, warnings, cases and the timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.crm import Session, errors
from crmkit.crm.service import worktime
from crmkit.settings import settings
from tests.crmkit.crm.test_customers import some, sql
from tests.crmkit.crm.test_log import last

Work = Callable[..., Session]
QUESTIONS = [
    {"题目": "您满意吗", "题型": "评分"},
    {"题目": "会推荐给朋友吗", "题型": "推荐"},
    {"题目": "从哪里知道我们", "题型": "单选", "选项": ["朋友", "搜索", "直播"]},
    {"题目": "买过什么", "题型": "多选", "选项": ["手机", "耳机"], "必答": False},
    {"题目": "还想说什么", "题型": "文本", "必答": False},
]


def reachable(crm: Session, count: int) -> list[str]:
    found = sql(
        crm, "SELECT customer_id FROM customers WHERE consent = 1 AND mobile <> '' ORDER BY 1"
    )
    return found["customer_id"].tolist()[:count]


# --- 短信问卷 ---------------------------------------------------------------------------------------
def test_a_survey_goes_from_draft_to_results(work_in: Work) -> None:
    crm = work_in("electronics", "营销")
    s = crm.interactions.surveys
    form = s.create("开学季回访", QUESTIONS)
    with pytest.raises(errors.IllegalTransition, match="草稿"):
        s.send(form, reachable(crm, 1))
    s.publish(form)
    ids = reachable(crm, 40)
    assert set(s.send(form, ids)["结果"]) <= {"已送达", "失败（空号）", "失败（暂时）"}
    assert (s.send(form, ids)["结果"] == "没有发：以前发过").all()
    s.answer(form, ids[0], [5, 10, "朋友", ["手机", "耳机"], "挺好"])
    s.answer(form, ids[1], [3, 6, "搜索", None, None])
    s.answer(form, ids[2], [4, 9, "朋友", [], ""])
    table = s.results(form)
    csat = table[(table["题号"] == 1)]
    assert csat["指标"].iloc[0] == pytest.approx(2 / 3) and csat["均值"].iloc[0] == pytest.approx(4)
    assert table.loc[table["题号"] == 2, "指标"].iloc[0] == pytest.approx(100 * (2 - 1) / 3)
    friends = table[(table["题号"] == 3) & (table["选项"] == "朋友")].iloc[0]
    assert (friends["人数"], friends["占比"]) == (2, pytest.approx(2 / 3))
    assert table.loc[table["题号"] == 4, "占比"].tolist() == [1.0, 1.0]  # of those who answered
    listed = crm.interactions.survey().iloc[0]
    assert listed[["发出", "回收"]].tolist() == [len(ids), 3]
    s.close(form)
    with pytest.raises(errors.IllegalTransition, match="结束"):
        s.answer(form, ids[3], [5, 5, "朋友", None, None])
    crm.verify()


def test_surveys_reach_nobody_who_does_not_want_them(work_in: Work) -> None:
    crm = work_in("electronics", "店长")
    s = crm.interactions.surveys
    form = s.create("问卷", QUESTIONS[:1])
    s.publish(form)
    no = sql(crm, "SELECT customer_id FROM customers WHERE consent = 0 ORDER BY 1 LIMIT 1").iloc[
        0, 0
    ]
    black = reachable(crm, 1)
    crm.customers.blacklist(black)
    assert s.send(form, [no, *black])["结果"].tolist() == ["没有发：不接受营销", "没有发：黑名单"]
    assert crm.interactions.survey()["发出"].iloc[0] == 0
    assert crm.interactions.survey()["回收率"].iloc[0] is None or np.isnan(
        crm.interactions.survey()["回收率"].iloc[0]
    )


@pytest.mark.parametrize(("answers", "words"), [
    ([6, 5, "朋友", None, None], "第 1 题"), ([5, 11, "朋友", None, None], "第 2 题"),
    ([5, 5, "电视", None, None], "第 3 题"), ([5, 5, "朋友", ["汽车"], None], "第 4 题"),
    ([None, 5, "朋友", None, None], "第 1 题必须"), ([5, 5], "给了 2 个"), ([True, 5, "朋友", None, None], "第 1 题"),
])  # fmt: skip
def test_an_answer_that_does_not_fit_its_question_is_refused(
    work_in: Work, answers: list, words: str
) -> None:
    crm = work_in("electronics", "店长")
    s = crm.interactions.surveys
    form = s.create("问卷", QUESTIONS)
    s.publish(form)
    one = reachable(crm, 1)
    s.send(form, one)
    with pytest.raises(errors.InvalidInput, match=words):
        s.answer(form, one[0], answers)
    assert last(crm)["outcome"] == "拒绝"


def test_the_simulation_answers_within_every_question(work_in: Work) -> None:
    crm = work_in("electronics", "店长")
    s = crm.interactions.surveys
    form = s.create("问卷", QUESTIONS)
    s.publish(form)
    s.send(form, reachable(crm, 200))
    count = s.simulate(form)
    assert 0.2 * 200 < count < 0.5 * 200
    assert s.results(form).groupby("题号")["占比"].sum().loc[[1, 2, 3]].tolist() == pytest.approx(
        [1, 1, 1]
    )


# --- 微信互动 ---------------------------------------------------------------------------------------
def test_the_reply_is_chosen_by_match_priority_length_and_age(work_in: Work) -> None:
    crm = work_in("electronics", "客服")
    r = crm.interactions.replies
    ship, fast = r.add(["发货"], "48 小时内发货"), r.add(["发货", "多久发货"], "看物流请发单号")
    exact = r.add(["人工"], "马上来人", match="完全")
    top = r.add(["人工"], "请稍等", priority=9)
    assert r.reply_to("什么时候发货？") == ("48 小时内发货", ship)
    assert r.reply_to("多久发货呀") == ("看物流请发单号", fast)
    assert r.reply_to(" 人工 ") == ("马上来人", exact)
    assert r.reply_to("转人工") == ("请稍等", top)
    assert r.reply_to("你好")[1] == ""
    r.update(top, keywords=["人工"], text="请稍等", active=False)
    assert r.reply_to("转人工")[1] == ""
    one = some(crm, 1)[0]
    assert r.receive(one, "什么时候发货？") == "48 小时内发货"
    story = crm.interactions.timeline(one)
    assert story["类型"].tolist()[-2:] in (["微信", "发出微信"], ["发出微信", "微信"])
    with pytest.raises(errors.InvalidInput) as told:
        r.add(["", " "], "", match="模糊", priority=-1)
    assert set(told.value.fields) == {"keywords", "text", "match", "priority"}


# --- 呼入 呼出 咨询 -----------------------------------------------------------------------------------
def test_a_call_is_entered_with_all_its_fields(work_in: Work) -> None:
    crm = work_in("electronics", "客服")
    order = sql(crm, "SELECT order_id, customer_id FROM orders ORDER BY 1 LIMIT 1").iloc[0]
    number = crm.interactions.calls_in.record(
        order["customer_id"], topic="物流查询", result="已解决", agent="老高", seconds=95,
        at="2025-12-31 09:30:00", detail="问到哪了", order_id=order["order_id"],
    )  # fmt: skip
    row = sql(crm, f"SELECT * FROM interactions WHERE interaction_id = '{number}'").iloc[0]
    assert row[["kind", "topic", "result", "agent", "seconds", "at", "detail", "order_id"]].tolist() == [
        "呼入", "物流查询", "已解决", "老高", 95, "2025-12-31 09:30:00", "问到哪了", order["order_id"],
    ]  # fmt: skip
    assert crm.interactions.inbound(customer_id=order["customer_id"]).frame["互动编号"][0] == number
    other = sql(
        crm,
        f"SELECT customer_id FROM customers WHERE customer_id <> '{order['customer_id']}' LIMIT 1",
    ).iloc[0, 0]
    with pytest.raises(errors.InvalidInput, match="不是客户"):
        crm.interactions.calls_in.record(
            other, topic="x", result="已解决", order_id=order["order_id"]
        )
    with pytest.raises(errors.InvalidInput) as told:
        crm.interactions.calls_in.record(
            other, topic="", result="好", seconds=-1, at="2026-01-01 00:00:00"
        )
    assert set(told.value.fields) == {"topic", "result", "seconds", "at"}


def test_planned_calls_keep_to_the_hours_and_never_clash(work_in: Work) -> None:
    crm = work_in("electronics", "客服")
    calls, rules = crm.interactions.calls_out, settings()["service"]
    ids = reachable(crm, 90)
    calls.plan(ids[:5], topic="回访", agent="老高", start="2025-12-31 19:35:00")
    calls.plan(ids[5:], topic="回访", agent="老高", start="2025-12-31 19:00:00")
    rows = sql(
        crm, "SELECT at FROM interactions WHERE status = '待呼' AND agent = '老高' ORDER BY at"
    )
    times = pd.to_datetime(rows["at"])
    assert len(times) == 90
    assert times.diff().dropna().min() >= pd.Timedelta(minutes=rules["call_minutes"])
    ends = times + pd.Timedelta(minutes=rules["call_minutes"])
    assert (times.dt.hour >= rules["call_from"]).all()
    assert (ends <= times.dt.normalize() + pd.Timedelta(hours=rules["call_until"])).all()
    first = crm.interactions.outbound(status="待呼", size=100).frame["互动编号"].iloc[-1]
    calls.finish(first, result="无人接听")
    with pytest.raises(errors.IllegalTransition, match="只有待呼"):
        calls.finish(first, result="满意")
    with pytest.raises(errors.InvalidInput, match="不能早于现在"):
        calls.plan(ids[:1], topic="回访", agent="老高", start="2025-12-30 10:00:00")


def test_topics_and_handling_equal_a_plain_count(work_in: Work) -> None:
    crm = work_in("electronics", "客服")
    rows = sql(crm, "SELECT * FROM interactions WHERE kind = '咨询' ORDER BY at")
    wanted = rows["topic"].value_counts()
    got = crm.interactions.asked.topics().set_index("主题")["次数"]
    assert got.to_dict() == wanted.to_dict() and got.is_monotonic_decreasing
    days = settings()["service"]["repeat_days"]
    solved = firsts = 0
    for _, own in rows.groupby(["customer_id", "topic"]):
        times = pd.to_datetime(own["at"]).tolist()
        for n, (at, status) in enumerate(zip(times, own["status"], strict=True)):
            if n and (at - times[n - 1]) <= pd.Timedelta(days=days):
                continue
            firsts += 1
            again = n + 1 < len(times) and times[n + 1] - at <= pd.Timedelta(days=days)
            solved += status == "已解决" and not again
    got = crm.interactions.asked.handling().set_index("指标")["数值"]
    assert got["首次解决率"] == pytest.approx(solved / firsts)
    assert got["平均处理时长（秒）"] == pytest.approx(rows["seconds"].mean())


# --- 中差评预警 -------------------------------------------------------------------------------------
@pytest.mark.parametrize("shop", ["tea", "ceramics", "electronics"])
def test_alerts_rate_and_bursts_equal_a_plain_count(work_in: Work, shop: str) -> None:
    crm = work_in(shop, "客服")
    reviews = sql(crm, "SELECT * FROM reviews")
    found = crm.interactions.review_alerts(["明示"])
    open_ = reviews[(reviews["stars"] <= 3) & reviews["replied_at"].isna()]
    assert set(found.table["评价编号"]) == set(open_["review_id"])
    high = set(open_.loc[open_["stars"] <= 2, "review_id"])
    assert set(found.table.loc[found.table["级别"] == "高", "评价编号"]) == high
    poor = int((reviews["stars"] <= 3).sum())
    assert found.rate == (pytest.approx(poor / len(reviews)), poor, len(reviews))
    days = pd.to_datetime(reviews["at"]).dt.normalize()
    counts = days[reviews["stars"] <= 3].value_counts().reindex(
        pd.date_range(days.min(), days.max()), fill_value=0)  # fmt: skip
    limit = counts.mean() + 3 * counts.std(ddof=0)
    assert found.bursts["日期"].tolist() == [f"{d:%Y-%m-%d}" for d in counts[counts > limit].index]
    everything = crm.interactions.review_alerts(unanswered_only=False)
    hidden = everything.table[everything.table["来源"] == "隐含"]
    assert (hidden["星级"] >= 4).all()


def test_a_case_is_due_in_working_time_and_closed_with_a_result(work_in: Work) -> None:
    crm = work_in("electronics", "客服")
    bad = sql(
        crm, "SELECT review_id FROM reviews WHERE stars <= 2 AND replied_at IS NULL ORDER BY 1"
    ).iloc[0, 0]
    cases = crm.interactions.cases
    case = cases.open(review_id=bad)
    with pytest.raises(errors.InvalidInput, match="没关的工单"):
        cases.open(review_id=bad)
    row = cases.list().iloc[0]
    assert row[["工单", "级别", "状态", "应回复"]].tolist() == [
        case,
        "高",
        "新建",
        "2025-12-31 14:00:00",
    ]
    cases.step(case, "受理")
    with pytest.raises(errors.InvalidInput, match="处理结果"):
        cases.step(case, "关闭")
    cases.step(case, "关闭", result="补发，已致歉")
    with pytest.raises(errors.IllegalTransition, match="重开"):
        cases.step(case, "受理")
    with pytest.raises(errors.InvalidInput, match="个人信息"):
        cases.reply(bad, "请打 13800001111")
    cases.reply(bad, "非常抱歉，已为您补发。")
    assert bad not in set(crm.interactions.review_alerts(["明示"]).table["评价编号"])
    crm.verify()


def test_working_time_skips_nights_weekends_and_holidays() -> None:
    wednesday = dt.datetime(2025, 12, 31, 17, 0)
    assert worktime.due(wednesday, 2) == dt.datetime(
        2026, 1, 4, 10, 0
    )  # 1–3 Jan off, 4 Jan made up
    assert worktime.due(dt.datetime(2025, 10, 1, 12, 0), 1) == dt.datetime(2025, 10, 9, 10, 0)


@given(st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2026, 6, 1)), st.floats(0.1, 60))
def test_the_working_time_until_it_is_due_is_what_was_allowed(
    start: dt.datetime, hours: float
) -> None:
    end = worktime.due(start, hours)
    assert worktime.worked(start, end).total_seconds() == pytest.approx(hours * 3600, abs=1)


def test_the_timeline_holds_everything_in_order(work_in: Work) -> None:
    crm = work_in("tea", "客服")
    one = sql(
        crm, "SELECT customer_id FROM interactions GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1"
    ).iloc[0, 0]
    story = crm.interactions.timeline(one)
    assert story["时间"].is_monotonic_increasing
    wanted = {
        "下单": f"SELECT COUNT(*) FROM orders WHERE customer_id = '{one}'",
        "评价": f"SELECT COUNT(*) FROM reviews r JOIN orders o USING (order_id) WHERE customer_id = '{one}'",
        "咨询": f"SELECT COUNT(*) FROM interactions WHERE kind = '咨询' AND customer_id = '{one}'",
    }
    for kind, text in wanted.items():
        assert (story["类型"] == kind).sum() == sql(crm, text).iloc[0, 0], kind


def test_a_role_without_the_function_is_refused(work_in: Work) -> None:
    crm = work_in("tea", "仓库").interactions
    for call in (
        crm.survey,
        crm.wechat,
        crm.inbound,
        crm.outbound,
        crm.inquiries,
        crm.review_alerts,
    ):
        with pytest.raises(errors.PermissionDenied):
            call()
