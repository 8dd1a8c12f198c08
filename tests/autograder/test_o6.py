"""Lab O6: campaigns and greetings count in any legitimate way, and mistakes are told."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.O6.reference import World, audience, greeted, near, not_lost, reached, silent
from autograder.spec import Item
from crmkit.crm import Session
from crmkit.lab.inputs import o6
from tests.autograder.works import done

STUDENT = "2025010101"
ITEMS: dict[str, Item] = {i.id: i for i in judge.load("O6").automatic}


@pytest.fixture(scope="module")
def world() -> World:
    found: World = judge.load("O6").world(STUDENT)
    return found


def rule(task: dict[str, Any]) -> dict[str, Any]:
    """The rule of O6-01, with the same meaning in other words."""
    days, places = task["距上次购买不超过（天）"], [
        {"field": "省份", "op": "是", "value": p} for p in task["省份"]
    ]  # fmt: skip
    return {"all": [
        {"field": "累计订单数", "op": ">", "value": task["累计订单数不少于"] - 1},
        {"not": {"field": "累计金额", "op": "<", "value": task["累计金额不低于"]}},
        {"field": "距上次购买天数", "op": "介于", "value": [0, days]}, {"any": places},
    ]}  # fmt: skip


def test_every_student_gets_a_task_of_like_size_with_edges_in_it() -> None:
    for n in range(6):
        w = judge.load("O6").world(f"2025{n:06d}")
        right = {i: item.expect(w) for i, item in ITEMS.items()}
        assert 40 <= len(right["O6-01"]["audience"]) <= 250
        assert 20 <= len(greeted(w)) <= 60 and len(near(w)) > len(near(w, leap=False))
        assert 60 <= len(silent(w)) < len(reached(w)) <= 400
        assert len(w.data.plan) - len(right["O6-05"]) >= 5
        assert 20 <= len(right["O6-08"]) <= 150


def test_what_was_done_counts_whatever_the_way(world: World) -> None:
    task, festivals = world.task("O6-01"), world.task("O6-03")["节日"]

    def do(s: Session) -> None:
        m = s.login("店长").marketing
        period = {"starts": task["开始日期"], "ends": task["结束日期"]}
        name = task["活动名称"]
        made = m.create_campaign(name, **period, budget=1, coupon=task["优惠券"], rule=rule(task))
        m.update_campaign(made, budget=task["预算"])
        m.change_campaign(m.create_campaign(name, **period, budget=0), "取消")
        m.send_birthday(days=1)
        m.send_birthday(
            days=6, start="2026-01-01", template="【{店名}】{称呼}，生日快乐！拒收请回复R"
        )
        for f in festivals[:2]:
            m.create_holiday(
                f, lead_days=0, rule={"field": "距上次购买天数", "op": "≤", "value": 180}
            )
        day = m.holiday(366).set_index("节日")["日期"][festivals[2]]
        m.create_campaign(
            f"{festivals[2]}问候", kind="节日", starts=day.date(), ends=day.date(), budget=0,
            rule={"not": {"field": "流失状态", "op": "属于", "value": ["流失", "未购买"]}},
            template=f"【{{店名}}】{festivals[2]}快乐！拒收请回复R",
        )  # fmt: skip
        m.tag_campaign(world.task("O6-04")["活动编号"])

    answers = {
        "O6-02": pd.DataFrame({"客户编号": near(world)}), "O6-04": pd.Series(silent(world)[::-1]),
    }  # fmt: skip
    results = done("O6", STUDENT, do, answers)
    told = {i: (results[i].status, results[i].found) for i in ("O6-01", "O6-02", "O6-03", "O6-04")}
    assert {status for status, _ in told.values()} == {"right"}, told


def test_what_was_done_wrongly_is_named(world: World) -> None:
    task = world.task("O6-01")

    def do(s: Session) -> None:
        m = s.login("营销").marketing
        m.create_campaign(
            task["活动名称"], starts=task["开始日期"], ends=task["结束日期"],
            budget=task["预算"], coupon=task["优惠券"],
        )  # fmt: skip
        m.send_birthday(days=1)
        for f in world.task("O6-03")["节日"]:
            m.create_holiday(f, rule={"all": []}, template="【{店名}】{称呼}，祝好！拒收请回复R")
        m.tag_campaign(world.task("O6-04")["活动编号"], "响应")

    results = done("O6", STUDENT, do, {"O6-02": near(world), "O6-04": silent(world)})
    for item, words in (
        ("O6-01", "没有设人群规则"), ("O6-02", "只发了今天"), ("O6-04", "没有打上触达标签"),
    ):  # fmt: skip
        assert words in results[item].hint, results[item]
    assert "文案里没有节日" in results["O6-03"].found and "人群不对" in results["O6-03"].found
    assert all(
        0 < (results[f"O6-0{n}"].score or 0) < results[f"O6-0{n}"].points for n in (1, 2, 3, 4)
    )


def test_ids_beside_the_rule_count_and_a_rule_past_the_task_is_nobody(world: World) -> None:
    right = ITEMS["O6-01"].expect(world)["audience"]
    stored = {"rule": json.dumps(rule(world.task("O6-01"))), "include": "", "exclude": ""}
    assert audience(world, stored) == right
    stranger = next(c for c in not_lost(world) if c not in right)
    assert audience(world, stored | {"include": json.dumps([stranger])}) == sorted(
        [*right, stranger]
    )
    assert audience(world, stored | {"exclude": json.dumps(right[:3])}) == right[3:]
    assert audience(world, stored | {"rule": '{"field": "标签", "op": "有", "value": "x"}'}) == []


def test_results_count_in_any_legitimate_form(world: World) -> None:
    right = {i: item.expect(world) for i, item in ITEMS.items()}
    given = {
        "O6-05": world.data.plan[world.data.plan[o6.MESSAGE].isin(right["O6-05"])],
        "O6-06": {k: f"{v:.3%}" if "率" in k else v for k, v in right["O6-06"].items()},
        "O6-07": pd.Series({k: round(v, 4) for k, v in right["O6-07"].items()}),
        "O6-08": right["O6-08"].sample(frac=1, random_state=1).set_index("订单编号").astype(float),
    }
    for item, value in given.items():
        assert ITEMS[item].compare(value, right[item]).share == 1, item
    late = {k: v * 100 for k, v in right["O6-06"].items()}
    assert ITEMS["O6-06"].compare(late, right["O6-06"]).share == 0
