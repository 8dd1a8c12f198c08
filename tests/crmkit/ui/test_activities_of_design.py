"""Chapter 4's state chart and acceptance test: what they claim is so, on the course's own CRM."""

from __future__ import annotations

import os
import warnings
from itertools import product

import pytest

from crmkit.analytics import state_properties as properties
from crmkit.crm.ordering import transitions
from crmkit.ui.activities.ch04 import states, trials
from crmkit.ui.activity import Activity
from tests.crmkit.ui.activities import assert_sound, made

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))


# --- the state chart -----------------------------------------------------------------------------
@pytest.fixture
def chart() -> Activity:
    found = made("ch04", "state_editor")
    found.reset()
    return found


def test_the_courses_own_chart_passes_and_says_who_has_to_watch(chart: Activity) -> None:
    assert chart.result["failed"] == [] == chart.result["faults"]
    assert chart.result["watched"] == ["待发货", "部分发货"]
    known = {transitions.ORDER.word(s) for s in transitions.ORDER.states}
    assert set(states._PLACES) == known
    assert {e for g in states._GONE for e in g.split("＋")} <= {
        t.event for t in transitions.ORDER.rows
    }


def test_changing_an_address_by_way_of_unpaid_loses_the_money(chart: Activity) -> None:
    chart.set(from1="待发货", to1="等待付款")
    assert chart.result["failed"] == [properties.PAID_KEPT]
    assert "付款 → ① → 取消" in chart.message
    chart.set(new="改单中", to1="new")
    assert chart.result["failed"] == [properties.LEFT, properties.PAID_ENDS]
    chart.set(from2="new", to2="待发货")
    assert chart.result["failed"] == [] and "改单中" in chart.result["watched"]


def test_shipping_on_credit_breaks_pay_first(chart: Activity) -> None:
    chart.set(from1="等待付款", to1="已发货")
    assert chart.result["failed"] == [properties.PAID_FIRST]


def test_without_confirming_paid_orders_still_end_by_refund(chart: Activity) -> None:
    chart.set(gone="确认收货＋超时确认")
    assert chart.result["failed"] == [properties.REACHED]


def test_a_timer_takes_a_state_off_the_watch(chart: Activity) -> None:
    chart.set(from3="待发货", to3="退款关闭", timer=True)
    assert chart.result["watched"] == ["部分发货"]


def test_half_a_step_is_told_and_left_out(chart: Activity) -> None:
    chart.set(from1="待发货")
    assert "①只选了一头" in chart.message and chart.result["failed"] == []
    chart.set(to1="new")
    assert "①用到的新状态还没有加" in chart.message
    chart.set(gone="付款")
    assert "问不了" in str(chart.rows["rows"])


def test_the_chart_draws_every_single_step(chart: Activity) -> None:
    names = [*states._PLACES, "new"]
    pairs = list(product(names, names))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for source, target in pairs if FULL else pairs[::16]:
            chart.set(new="待审单", from2=source, to2=target)
            assert_sound(chart)


# --- the acceptance test -------------------------------------------------------------------------
ALL = {"given": "precise", "door": "both", "said": True, "kept": True, "logged": True,
       "contrast": True}  # fmt: skip


@pytest.fixture
def bench() -> Activity:
    found = made("ch04", "acceptance_desk")
    found.reset()
    return found


def test_an_arbitrary_order_lets_five_broken_systems_through(bench: Activity) -> None:
    assert bench.result["right"] and bench.result["stopped"] == 1
    assert_sound(bench)


@pytest.mark.parametrize("story", list(trials.TRIALS))
def test_the_whole_test_passes_the_crm_and_no_broken_system(bench: Activity, story: str) -> None:
    bench.set(story=story, **ALL)
    assert bench.result == {"right": True, "stopped": 6, "through": []}
    assert_sound(bench)


@pytest.mark.parametrize(
    ("less", "through"),
    [
        ({"door": "front"}, ["旁门没有守"]), ({"door": "back"}, ["正门没有守"]),
        ({"kept": False}, ["嘴上拒绝，手里照做"]), ({"said": False}, ["没做，也不说"]),
        ({"logged": False}, ["拒绝了，不留痕"]), ({"contrast": False}, ["一律拒绝"]),
    ],
)  # fmt: skip
def test_each_part_left_out_lets_its_own_fault_through(
    bench: Activity, less: dict[str, object], through: list[str]
) -> None:
    for story in trials.TRIALS if FULL else ("ship",):
        bench.set(story=story, **(ALL | less))
        assert bench.result["through"] == through, story


def test_without_its_condition_a_test_blames_the_right_system(bench: Activity) -> None:
    bench.set(story="close")
    assert not bench.result["right"] and "验收写错" in bench.message


def test_a_test_that_looks_at_nothing_is_told_so(bench: Activity) -> None:
    bench.set(said=False)
    assert "这不是验收" in bench.message and bench.result["stopped"] == 0


def test_the_trials_leave_the_shop_sound(bench: Activity) -> None:
    bench.set(**ALL)
    trials.desk().manager.verify()
    waiting = trials.desk().manager.orders.ship()
    assert set(waiting["订单状态"]) <= {"待发货", "部分发货"}
