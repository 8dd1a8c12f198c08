"""Lab S2: journeys of any content, the usual forms, the reference against the library."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.S2 import reference
from crmkit.analytics import loyalty, satisfaction
from crmkit.crm import catalogue
from crmkit.lab.inputs import s2
from crmkit.lab.snapshot import decode, encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(100 if FULL else 4)]
SPEC = judge.load("S2")
ITEMS = {item.id: item for item in SPEC.automatic}
WORLD = SPEC.world(STUDENTS[0])


def result_of(id: str, answer: Any) -> judge.Result:
    got = decode(encode(answer))
    return judge.judge_item(ITEMS[id], judge.Submission(STUDENTS[0], {id: got}), WORLD)


def journey(**changes: list[Any]) -> pd.DataFrame:
    made = {"触点": list("abcdef"), "阶段": ["了解", "选购", "选购", "付款", "收货", "售后"],
            "渠道": ["App", "门店", "App", "App", "快递", "电话"], "情绪": [1, 0, -2, 2, 1, 0]}  # fmt: skip
    return pd.DataFrame(made | changes)


def test_any_well_formed_journey_counts() -> None:
    assert result_of("S2-01", journey()).score == 10
    assert result_of("S2-01", journey(情绪=["1", "0", "-2", "2", "1", "0"])).score == 10
    assert result_of("S2-01", journey().to_dict("list")).score == 10


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"渠道": ["App"] * 6}, "渠道"),
        ({"情绪": [1] * 6}, "一样"),
        ({"情绪": [1, 0, 3, 2, 1, 0]}, "−2 到 2"),
        ({"阶段": ["逛街"] * 6}, "逛街"),
        ({"触点": ["a"] * 6}, "触点只有 1 个"),
    ],
)
def test_each_fault_of_a_journey_costs_a_quarter_and_is_named(
    changes: dict[str, list[Any]], words: str
) -> None:
    result = result_of("S2-01", journey(**changes))
    assert result.score == 7.5
    assert words in result.found + result.hint


def test_gaps_count_in_any_order_and_must_not_be_summed_up() -> None:
    right = ITEMS["S2-02"].expect(WORLD)
    assert result_of("S2-02", right.sample(frac=1, random_state=1)).status == "right"
    assert result_of("S2-02", right.groupby(["问卷编号", "项目"])["满意度"].mean()).score == 0
    assert result_of("S2-02", right.set_index(["问卷编号", "项目"])).status == "right"
    short = result_of("S2-02", right.iloc[:-1])
    assert short.score == 0 and "漏行" in short.hint


def test_the_reference_agrees_with_the_library() -> None:
    for student in STUDENTS:
        w = SPEC.world(student)
        weights = {k: float(v) for k, v in s2.weights(student).items()}
        assert ITEMS["S2-03"].expect(w) == pytest.approx(satisfaction.csi(w.survey, weights).value)
        measures = satisfaction.seven_indicators(s2.respondents(student))
        assert ITEMS["S2-05"].expect(w) == pytest.approx({k: v.value for k, v in measures.items()})
        assert (
            list(ITEMS["S2-08"].expect(w).values())
            == loyalty.loyalty_types(s2.grid(student)).tolist()
        )
        assert ITEMS["S2-09"].expect(w) == set(loyalty.satisfaction_trap(w.survey, w.orders))


def test_every_option_is_a_function_of_the_crm() -> None:
    names = {f.name for f in catalogue.FUNCTIONS.values()}
    assert {*reference.FUNCTIONS, *reference.OTHERS} <= names


def test_difficulty_stays_within_bounds() -> None:
    for student in STUDENTS:
        w = SPEC.world(student)
        assert len(set(ITEMS["S2-04"].expect(w).values())) >= 3
        assert sorted(ITEMS["S2-07"].expect(w).values()) == sorted(reference.FUNCTIONS)
        assert len(set(ITEMS["S2-08"].expect(w).values())) >= 3
        assert 3 <= len(ITEMS["S2-09"].expect(w)) <= 80
        assert abs(ITEMS["S2-06"].expect(w)) <= 1.5
        assert sum(s2.weights(student).values()) != 100
