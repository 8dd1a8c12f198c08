"""Lab O7: surveys, replies and calls count in any legitimate way; mistakes are told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.O7.reference import World, alerts, line, shares, willing
from autograder.spec import Item
from crmkit.crm import Session
from crmkit.lab.inputs import o7
from tests.autograder.works import done

STUDENT = "2025010101"
ITEMS: dict[str, Item] = {i.id: i for i in judge.load("O7").automatic}


@pytest.fixture(scope="module")
def world() -> World:
    found: World = judge.load("O7").world(STUDENT)
    return found


def questions(w: World) -> list[dict[str, Any]]:
    parts = [(words.split("|") + [""])[:3] for words in w.task("O7-01")["题目"]]
    return [{"题目": t, "题型": k, "选项": [o for o in options.split("/") if o]} for t, k, options in parts]  # fmt: skip


def test_every_student_gets_a_task_of_like_size_with_edges_in_it() -> None:
    for n in range(4):
        w = judge.load("O7").world(f"2025{n:06d}")
        assert 30 <= len(willing(w)) < o7.SAMPLE  # some of the list are not to be written to
        found = alerts(w)
        assert 40 <= len(found["预警"]) <= 200 and 1 <= len(found["集中"]) <= 5
        assert len(alerts(w, answered=True)["预警"]) > len(found["预警"])
        assert 8 <= len(line(w)) <= 14
        assert len(ITEMS["O7-05"].expect(w)) >= 5
        own = w.data.shop.orders.set_index("订单编号").loc[w.data.complaint_order, "客户编号"]
        assert own == w.task("O7-09")["客户编号"]


def test_what_was_done_counts_whatever_the_way(world: World) -> None:
    answers: dict[str, Any] = {}

    def do(s: Session) -> None:
        s.login("营销")
        surveys, title = s.interactions.surveys, world.task("O7-01")["标题"]
        surveys.create(title, questions(world)[:2])  # begun anew
        form, ids = surveys.create(f" {title}", questions(world)), world.task("O7-01")["发给"]
        surveys.publish(form)
        for part in (ids[:25], ids[20:]):
            surveys.send(form, part)
        option = questions(world)[3]["选项"][0]
        for i in willing(world)[:2]:
            surveys.answer(form, i, [5, 4, 9, option, "不错"])
        surveys.close(form)
        table = surveys.results(form)
        answers["O7-01"] = (
            table[["人数", "选项", "题号"]].astype(str).sample(frac=1, random_state=1)
        )

        replies = s.login("客服").interactions.replies
        replies.add([o7.EXACT], o7.EXACT_REPLY, match="完全", priority=1)
        for n, topic in enumerate(reversed(world.data.topics), start=1):
            first, *rest = o7.TOPICS[topic]
            made = replies.add([first], "稍等", priority=10 * n)
            replies.update(
                made, keywords=[first, *rest], text=o7.reply(STUDENT, topic), priority=10 * n
            )
        for call in world.data.calls[::-1]:
            order = world.data.complaint_order if call["主题"] == "投诉" else call["订单编号"]
            s.interactions.calls_in.record(
                call["客户编号"], topic=call["主题"], result=call["结果"], seconds=call["时长"], order_id=order,
            )  # fmt: skip
        for agent, customers in shares(world).items():
            for one in customers:
                s.interactions.calls_out.plan(
                    [one],
                    topic=world.task("O7-04")["主题"],
                    agent=agent,
                    start="2026-01-20 10:00:00",
                )

    results = done("O7", STUDENT, do, answers)
    told = {i: (r.status, r.found) for i, r in results.items() if ITEMS.get(i) and ITEMS[i].log}
    assert len(told) == 5 and {status for status, _ in told.values()} == {"right"}, told


def test_what_was_done_wrongly_is_named(world: World) -> None:
    def do(s: Session) -> None:
        s.login("店长")
        s.interactions.surveys.create(world.task("O7-01")["标题"], questions(world))
        for topic in world.data.topics:
            s.interactions.replies.add(list(o7.TOPICS[topic]), o7.reply(STUDENT, topic))
        s.interactions.replies.add([o7.EXACT], o7.EXACT_REPLY, match="完全")
        for call in world.data.calls:
            s.interactions.calls_in.record(
                call["客户编号"], topic=call["主题"], result=call["结果"],
                seconds=call["时长"] // 60, order_id=call["订单编号"],
            )  # fmt: skip
        s.interactions.calls_out.plan(
            sum(shares(world).values(), []), topic=world.task("O7-04")["主题"],
            agent=next(iter(shares(world))), start=world.task("O7-04")["不早于"],
        )  # fmt: skip
        o = world.data.shop.orders
        customer = world.task("O7-09")["客户编号"]
        others = set(o.loc[o["客户编号"] == customer, "订单编号"]) - {world.data.complaint_order}
        mine = s.interactions.inbound(customer_id=customer, topic="投诉").frame["互动编号"]
        s.interactions.calls_in.link(mine.iloc[0], min(others))

    table = pd.DataFrame({"题号": [1], "选项": ["5"], "人数": [0]})
    results = done("O7", STUDENT, do, {"O7-01": table})
    for item, words in (
        ("O7-01", "还没有发布"), ("O7-02", "没有设优先级"), ("O7-03", "换算成秒"),
        ("O7-04", "排给了一位客服"), ("O7-09", "另一张订单"),
    ):  # fmt: skip
        assert words in results[item].hint, results[item]
        assert 0 < (results[item].score or 0) < results[item].points


def test_results_count_in_any_legitimate_form(world: World) -> None:
    right = {i: item.expect(world) for i, item in ITEMS.items()}
    top, watch, numbers = right["O7-05"].head(5), right["O7-06"], right["O7-08"]
    days = watch["集中"].assign(日期=[f"{x:%Y/%m/%d}" for x in watch["集中"]["日期"]], 中差评数=9)
    levels = watch["预警"].assign(级别=watch["预警"]["级别"] + "级").set_index("评价编号")
    given = {
        "O7-05": top.assign(次数=top["次数"].astype(float)).set_index("主题"),
        "O7-06": {"预警": levels.sample(frac=1, random_state=1), "集中": days},
        "O7-07": pd.DataFrame({"互动编号": right["O7-07"], "类型": ""}),
        "O7-08": {"平均处理时长": f"{numbers['平均处理时长']:.5f}", "首次解决率": f"{numbers['首次解决率']:.4%}"},
    }  # fmt: skip
    for item, value in given.items():
        assert ITEMS[item].compare(value, right[item]).share == 1, item
    assert 0 < ITEMS["O7-05"].compare(top[::-1], right["O7-05"]).share < 1
    fewer = {"预警": watch["预警"].head(20), "集中": watch["集中"]}
    assert ITEMS["O7-06"].compare(fewer, watch).share == 0.25
