"""Lab E4: what both tools must show, what counts as done in the CRM, fair readings of the key."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from autograder import judge
from autograder.source.E4 import judge as e4judge
from autograder.source.E4 import keys
from crmkit.lab.inputs import e4
from crmkit.lab.snapshot import encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(60 if FULL else 4)] + ["张三"]
SPEC = judge.load("E4")
ITEMS = {i.id: i for i in SPEC.automatic}


def judged(id: str, seen: Any = None, answer: Any = None, student: str = "1") -> judge.Result:
    answers = {} if answer is None else {id: answer}
    submission = judge.Submission(student, answers, seen={} if seen is None else {id: seen})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


def test_the_tasks_stay_within_bounds_and_differ() -> None:
    told = set()
    for student in STUDENTS:
        w = SPEC.world(student)
        assert 5 <= len(e4judge.men(w)) < len(e4judge.men(w, gender=False)) <= e4.ENOUGH[1]
        assert len(e4judge.by_province(w)) >= 20
        marked = e4judge.quiet(w)
        assert 5 <= len(marked) <= 400
        assert len(e4judge.quiet(w, last_day=False)) < len(marked)
        values = [ITEMS[k].expect(w) for k in ("E4-01", "E4-02", "E4-03")]
        told.add(json.dumps(encode(values), ensure_ascii=False))
    assert len(told) == len(STUDENTS)


def test_each_tool_earns_its_own_part_of_a_task() -> None:
    right = ITEMS["E4-01"].expect(SPEC.world("1"))
    assert judged("E4-01", right).score == 15
    assert judged("E4-01", right | {"CRM": []}).score == 9
    assert judged("E4-01", right | {"Excel": right["Excel"][1:]}).score == 9
    assert judged("E4-01", right | {"查过": False}).score == 12


def test_steps_may_be_fewer_than_the_log_but_not_more() -> None:
    log = {"日志A": 4.0, "日志B": 1.0, "日志C": 2.0}
    good = {
        "A·Excel": 6.0,
        "A·CRM": 2.0,
        "B·Excel": 5.0,
        "B·CRM": 1.0,
        "C·Excel": 3.0,
        "C·CRM": 2.0,
    }
    assert judged("E4-04", good | log).score == 10
    assert judged("E4-04", good | log | {"B·CRM": 2.0}).score == pytest.approx(10 * 5 / 6, abs=0.01)
    guessed = good | {f"{t}·CRM": 9.0 for t in "ABC"}
    assert "估" in judged("E4-04", guessed | log).hint
    nothing = good | {f"{t}·Excel": 0.0 for t in "ABC"}
    assert "不能是 0" in judged("E4-04", nothing | log).hint


def test_where_fair_readers_differ_both_readings_count() -> None:
    other = {k: sorted(v)[0] for k, v in keys.DISPUTED.items()}
    assert judged("E4-05", answer=keys.MATRIX | other).score == 15
    one = keys.MATRIX | {"记下谁改了什么·CRM": "无"}
    assert judged("E4-05", answer=one).score == pytest.approx(15 * 19 / 20, abs=0.01)


def test_five_common_operations_are_enough_and_strangers_cost() -> None:
    common = list(keys.COMMON)
    for form in (list, set, tuple):
        assert judged("E4-06", answer={"共有": form(common[:5])}).score == 10
    few = judged("E4-06", answer={"共有": common[:3]})
    assert (few.score, "不到五种" in few.hint) == (6, True)
    assert judged("E4-06", answer={"共有": [*common[:4], "手机号打码"]}).score == 6
    all_of_them = judged("E4-06", answer={"共有": list(keys.OFFERED)})
    assert (all_of_them.score, "全选" in all_of_them.hint) == (2, True)


def test_a_total_row_and_a_province_without_orders_do_not_matter() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {"省份": ["浙江", "西藏", "总计"], "订单数": [3, None, 3], "支付金额": [9.5, None, 9.5]}
    )
    assert e4judge._provinces(frame) == ["浙江 3 单 9.50 元"]
