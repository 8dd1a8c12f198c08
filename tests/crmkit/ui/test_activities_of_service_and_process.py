"""The activities of chapters 5, 8 and 9: they draw at every end, and show what they claim."""

from __future__ import annotations

import pytest

from tests.crmkit.ui.activities import made


def test_the_dial_shows_the_published_case_t_ec_1() -> None:
    dial = made("ch05", "erlang_dial")
    assert dial.result["service_level"] == pytest.approx(0.88835002, abs=1e-7)
    assert dial.result["mean_wait_s"] == pytest.approx(7.835937, abs=1e-5)
    dial.set(seats=9)
    assert "接不住" in dial.message and dial.result["service_level"] == 0
    dial.reset()


def test_pooling_pays_until_it_slows_people_down() -> None:
    pool = made("ch05", "pooling")
    assert pool.result["together"] > pool.result["apart"] + 0.1
    pool.set(slower=0.2)
    assert pool.result["together"] < pool.result["apart"]
    pool.reset()


def test_the_fastest_menu_leaves_no_way_to_an_agent() -> None:
    menu = made("ch05", "ivr_menu")
    assert menu.result["best"] == "flat_often"
    rows = {row[0].removeprefix("▸ "): row[-1] for row in menu.rows["rows"]}
    assert rows["一层：来电多的先念"] == "没有" and rows["两层：按部门分"] == "有"


def test_double_calls_need_less_than_double_hours() -> None:
    staffing = made("ch05", "intraday_staffing")
    hours = staffing.result["hours"]
    staffing.set(times=2)
    assert hours < staffing.result["hours"] < 1.7 * hours
    staffing.reset()


def test_an_illegal_event_is_refused_with_what_is_allowed() -> None:
    order = made("ch08", "order_playground")
    assert order.result["state"] == "交易成功" and order.result["refused"] == 0
    order.set(e1="出库")
    assert order.result["refused"] > 0 and "不能「出库」" in order.message
    order.reset()


def test_the_map_hides_rare_arrows_and_the_clock_skips_holidays() -> None:
    chart = made("ch08", "process_map")
    few = chart.result["edges"]
    chart.set(least=0)
    assert chart.result["edges"] == chart.result["all"] > few
    chart.reset()
    clock = made("ch08", "sla_clock")
    clock.set(start="2025-09-30 17:00", hours=4)
    assert clock.result["due"] == "2025-10-09 12:00:00"  # after the holiday of 1–8 October 2025
    clock.set(start="2025-09-28 10:00", hours=4)
    assert clock.result["due"] == "2025-09-28 14:00:00"  # a Sunday on which people work
    clock.reset()


def test_the_cap_holds_for_every_customer() -> None:
    rules = made("ch08", "rule_engine")
    rules.set(cap=1, days=60)
    assert rules.result["超过频次"] > 0
    rules.set(review=False)
    assert rules.result["most"] == 1
    rules.reset()


def test_a_confounder_fools_the_slope_until_it_is_controlled() -> None:
    study = made("ch09", "capability_performance")
    study.set(direct=0, through=0, size=0.6)
    assert study.result["low"] > 0 and "偏高" in study.message
    study.set(control=True)
    assert study.result["low"] < 0 < study.result["high"]
    study.reset()


def test_the_meter_names_the_judgement_that_closes_a_circle() -> None:
    meter = made("ch09", "ahp_meter")
    meter.set(p01="1", p02="1", p03="1", p12="9", p13="1", p23="1")
    assert meter.result["first"] == (1, 2) and not meter.result["consistent"]
    meter.reset()
