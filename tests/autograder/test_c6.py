"""Lab C6: the functions at their limits, the log replayed, signs told, pools apart from their key."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.C6 import keys, reference
from crmkit.lab.inputs import c6
from crmkit.lab.snapshot import decode, encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 12)]
SPEC = judge.load("C6")
ITEMS = {item.id: item for item in SPEC.automatic}
WORLD = SPEC.world(STUDENTS[0])


def result_of(id: str, answer: Any) -> judge.Result:
    got = decode(encode(answer))
    return judge.judge_item(ITEMS[id], judge.Submission(STUDENTS[0], {id: got}, {id: got}), WORLD)


def test_the_hidden_customers_reach_every_configuration() -> None:
    for student in STUDENTS:
        found = set(ITEMS["C6-03"].expect(SPEC.world(student)))
        assert found >= {
            "双门定频",
            "双门变频",
            "三门定频",
            "三门变频",
            "对开门定频",
            "对开门变频",
            "超出预算",
        }, student


def test_a_log_in_any_order_counts_and_one_slip_costs_little() -> None:
    log = ITEMS["C6-04"].expect(WORLD)
    assert result_of("C6-04", log.iloc[::-1].assign(备注="x")).status == "right"
    slip = log.copy()
    slip.loc[0, "后状态"] = "已关闭" if slip.loc[0, "后状态"] != "已关闭" else "返工"
    assert 0.7 * 12 < (result_of("C6-04", slip).score or 0) < 12
    assert (result_of("C6-04", log.iloc[:3]).score or 0) == 0


def test_every_student_has_refusals_and_orders_that_go_on_after_one() -> None:
    for student in STUDENTS:
        table = reference.replay(SPEC.world(student))
        events = c6.events(student).merge(table, on="事件编号").sort_values(["时间", "事件编号"])
        refused = events[events["结果"] == "拒绝"]
        assert 2 <= len(refused) <= 20, student
        later = [(events[(events["工单"] == r.工单) & (events["时间"] > r.时间)]["结果"] == "接受").any()
                 for r in refused.itertuples()]  # fmt: skip
        assert any(later), student


def test_one_statement_on_the_wrong_side_costs_a_fifth_and_all_ten_are_told() -> None:
    good = sorted(ITEMS["C6-05"].expect(WORLD))
    everything = list(c6.drawn(STUDENTS[0], "privacy"))
    assert result_of("C6-05", pd.DataFrame({"编号": good})).status == "right"
    assert result_of("C6-05", good[1:]).score == pytest.approx(8)
    assert "全选" in result_of("C6-05", everything).hint


def test_regions_count_by_name_or_index_and_a_bare_mean_is_not_enough() -> None:
    right = ITEMS["C6-06"].expect(WORLD)
    assert result_of("C6-06", right.set_index("区域").iloc[::-1]).status == "right"
    off = right.assign(满意率=right["满意率"] * 100)
    assert result_of("C6-06", off).score == pytest.approx(10 * 2 / 3, abs=0.01)


def test_difficulty_stays_within_bounds() -> None:
    for student in STUDENTS:
        world = SPEC.world(student)
        assert len(set(ITEMS["C6-01"].expect(world).values())) >= 3
        assert sorted(ITEMS["C6-02"].expect(world).values()) == sorted(keys.FORMS)
        assert 2 <= len(ITEMS["C6-05"].expect(world)) <= 8
        table = ITEMS["C6-06"].expect(world)
        assert len(table) == len(c6.REGIONS) and table["回访数"].min() >= 5


def test_the_pools_stand_apart_from_their_key() -> None:
    held = inspect.getsource(c6)
    for label in (*keys.VIEWS, *keys.FORMS, "应做"):
        assert f'"{label}"' not in held
    for what, pool in (
        ("views", c6.VIEW_POOL),
        ("scenes", c6.SCENE_POOL),
        ("privacy", c6.PRIVACY_POOL),
    ):
        labels, code = keys.KEYS[what]
        found = [keys.label(what, i) for i in range(len(pool))]
        assert len(code) == len(pool) == len(set(pool))
        assert {found.count(x) for x in labels} == {len(pool) // len(labels)}
