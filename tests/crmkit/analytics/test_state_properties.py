"""What an order's chart must never do: each property fails where it should, told by the way there."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit.analytics import state_properties as properties
from crmkit.analytics.process import StateMachine

STATES = ["待付", "待发", "已发", "成功", "退款", "作废"]
STEPS = [
    ("待付", "付款", "待发"), ("待付", "取消", "作废"), ("待发", "出库", "已发"),
    ("已发", "确认", "成功"), ("待发", "退", "退款"),
]  # fmt: skip


def failing(
    more: list[tuple[str, str, str]], states: list[str] = STATES, **options: Any
) -> dict[str, tuple[str, ...]]:
    """Properties that do not hold → the way there; the last one is about timers alone."""
    machine = StateMachine.of(states, "待付", ["成功", "退款", "作废"], more)
    found = properties.check(machine, paying="付款", unpaid_end="作废", shipped=["已发"], **options)
    return {f.name: f.way for f in found if f.holds is False and f.name != properties.UNWATCHED}


def test_a_sound_chart_passes_all_but_the_watching() -> None:
    assert failing(STEPS) == {}


@pytest.mark.parametrize(
    ("step", "property", "way"),
    [
        (("待发", "改单", "待付"), properties.PAID_KEPT, ("付款", "改单", "取消")),
        (("待付", "先发", "已发"), properties.PAID_FIRST, ("先发",)),
    ],
)
def test_one_step_too_many_is_told_with_the_shortest_way(
    step: tuple[str, str, str], property: str, way: tuple[str, ...]
) -> None:
    assert failing([*STEPS, step]) == {property: way}


def test_a_state_without_exit_fails_twice_and_one_without_entry_once() -> None:
    states = [*STATES, "审"]
    assert failing([*STEPS, ("待发", "送审", "审")], states) == {
        properties.LEFT: ("付款", "送审"), properties.PAID_ENDS: ("付款", "送审"),
    }  # fmt: skip
    assert failing(STEPS, states) == {properties.REACHED: ()}


def test_an_unpaid_end_does_not_finish_what_was_paid() -> None:
    only_void = [("待付", "付款", "待发"), ("待发", "取消", "作废")]
    found = failing(only_void, ["待付", "待发", "作废", "成功", "退款"])
    assert found[properties.PAID_ENDS] == ("付款",) and properties.LEFT not in found


def test_without_paying_there_is_nothing_to_ask_about_money() -> None:
    machine = StateMachine.of(["待付", "作废"], "待付", ["作废"], [("待付", "取消", "作废")])
    found = properties.check(machine, paying="付款", unpaid_end="作废", shipped=[])
    assert [f.name for f in found if f.holds is None] == [
        properties.PAID_ENDS, properties.PAID_KEPT,
    ]  # fmt: skip


def test_only_a_timer_moves_an_order_that_nobody_touches() -> None:
    machine = StateMachine.of(STATES, "待付", ["成功", "退款", "作废"], STEPS)

    def watched(timers: list[str]) -> tuple[str, ...]:
        return properties.check(
            machine, paying="付款", unpaid_end="作废", shipped=["已发"], timers=timers
        )[-1].states

    assert watched(["取消", "确认"]) == ("待发",)
    assert watched(["取消", "确认", "退"]) == ()
