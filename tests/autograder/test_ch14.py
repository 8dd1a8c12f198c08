"""Chapter 14's exercises: the reference against pandas, legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os

import pytest

from autograder import judge
from autograder.source.ch14 import keys, reference
from crmkit.analytics import indicators, window
from crmkit.lab.inputs import ch14
from crmkit.lab.snapshot import decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch14")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_the_library(student: str) -> None:
    orders, year = ch14.orders(student), window.Window("2025-01-01", "2026-01-01")
    right = reference.figures(SPEC.world(student))
    assert right == pytest.approx({
        "支付金额": indicators.sales(orders, year).value,
        "支付买家数": indicators.buyers(orders, year).value,
        "客单价": indicators.spend_per_buyer(orders, year).value,
        "复购率": indicators.repeat_rate(orders, year).value,
    })  # fmt: skip


@pytest.mark.parametrize("student", STUDENTS)
def test_difficulty_stays_within_bounds(student: str) -> None:
    world = SPEC.world(student)
    right = reference.focus(world)
    assert len(right) == 5 and right["重点"].nunique() >= 3
    for how in ("everyone", "channel_first", "open_limits", "closed_channel"):
        assert not reference.focus(world, **{how: True}).equals(right), how
    figures = reference.figures(world)
    assert figures["支付买家数"] >= 80 and 0.2 < figures["复购率"] < 0.9
    for how in ("void", "both_years", "per_order", "by_orders"):
        other = reference.figures(world, **{how: True})
        assert any(abs(other[k] - figures[k]) > 0.01 for k in figures), how
    assert len(set(reference.matrix(world).values())) >= 3


def test_every_usual_form_counts() -> None:
    world = SPEC.world("1")
    table = reference.focus(world)
    for form in (table, table[::-1], table.to_dict("list"), table.set_index("编号")):
        assert result_of("ch14-01", "1", form).score == 26
    figures = reference.figures(world)
    rounded = figures | {
        "客单价": round(figures["客单价"], 2),
        "复购率": round(figures["复购率"], 4),
    }
    assert result_of("ch14-03", "1", rounded).score == 30


def test_percent_and_slogans_are_told() -> None:
    world = SPEC.world("1")
    percent = result_of("ch14-03", "1", reference.figures(world, percent=True))
    assert "百分数" in percent.hint and 0 < percent.score < 30
    student = next(s for s in STUDENTS if "口号" in reference.matrix(SPEC.world(s)).values())
    right = reference.matrix(SPEC.world(student))
    wrong = {k: "结果" if v == "口号" else v for k, v in right.items()}
    assert "没有比较的好话" in result_of("ch14-02", student, wrong).hint


def test_the_pool_stands_apart_from_its_keys() -> None:
    held = inspect.getsource(ch14)
    shown = "\n".join(c.source for c in notebooks.release("ch14").cells)
    assert not any(f'"{column}"' in held for column in keys.COLUMNS)
    assert not any(sentence in shown for sentence in ch14.SENTENCE_POOL)
