"""Chapter 12: what is said of the figures is true, and invented text says so."""

from __future__ import annotations

import math

import pytest

from autograder.source.ch12 import keys
from crmkit.analytics import integration
from crmkit.lab.inputs import ch12
from crmkit.ui.activities import ch12 as activities
from tests.chapters.lessons import lesson

CH12 = lesson("ch12")
CLASS = "课堂"


def test_cases_say_that_they_were_written_for_teaching() -> None:
    for title in ("开篇案例　发了两次的中秋礼盒", "**两张名字卡**", "投诉退款流程〔"):
        at = CH12.prose.index(title)
        assert "〔教学编写〕" in CH12.prose[at : at + 120], title
    assert "不是这两家公司的事迹" in CH12.prose


def test_the_two_missing_structures_of_ecrm_get_no_names() -> None:
    assert CH12.prose.count("| （资料缺） | — |") == 2


def test_the_lessons_offers_break_even_within_three_years() -> None:
    users, rent, own = ch12.offers(CLASS)
    month = integration.break_even_month(rent, own, users)
    assert month is not None and 12 < month < 36
    assert own.total(month, users) <= rent.total(month, users)
    assert own.total(month - 1, users) > rent.total(month - 1, users)


def test_halving_the_waiting_saves_far_more_than_halving_the_work() -> None:
    before = ch12.process(CLASS, "改造前")
    whole = integration.process_time(before, share="比例")
    assert whole.work / 2 / whole.total == pytest.approx(0.03, abs=0.005)
    assert whole.wait / 2 / whole.total == pytest.approx(0.47, abs=0.005)


def test_the_small_example_orders_thirty_more_on_twenty_more_demand() -> None:
    demand = [100, 104, 98, 102, 120, 96, 101, 99, 103, 97, 100, 102]
    placed = integration.order_up_to(demand, 2, 4)
    assert (placed[0], placed[4]) == (130, 94.5)


def test_only_retries_with_a_known_number_ship_exactly_once() -> None:
    line = activities.message_lab()
    outcome = {}
    for tries, idempotent in ((1, False), (8, False), (8, True)):
        line.set(loss=0.2, tries=tries, idempotent=idempotent)
        outcome[tries, idempotent] = (line.result["lost"], line.result["twice"])
    assert outcome[1, False][0] > 0 and outcome[1, False][1] == 0
    assert outcome[8, False][0] == 0 and outcome[8, False][1] > 0
    assert outcome[8, True] == (0, 0)


def test_sharing_demand_calms_the_maker_of_tea() -> None:
    chain = activities.bullwhip_lab()
    apart = chain.result["ratios"]
    chain.set(shared=True)
    assert 1 < chain.result["ratios"][2] < apart[2]
    assert 1 < apart[1] < apart[2]


def test_the_parts_of_a_change_add_up_to_it() -> None:
    funnel = activities.sales_funnel()
    funnel.set(visits=40000, cart=0.06, spend=200)
    parts = funnel.result["parts"]
    assert math.fsum(parts.values()) == pytest.approx(funnel.result["change"])
    assert parts["访客数"] == pytest.approx(-parts["加购率"])


def test_paying_small_sums_at_once_shortens_most() -> None:
    change = activities.process_redesign()
    cut = {}
    for name, value in (("see", True), ("small", 90), ("once", True), ("tell", True)):
        change.reset()
        change.set(**{name: value})
        cut[name] = change.result["cut"]
    assert max(cut, key=lambda k: cut[k]) == "small"


def test_renting_for_few_never_breaks_even() -> None:
    offers = activities.rent_or_own()
    offers.set(users=6)
    assert offers.result["month"] is None


def test_every_field_and_record_has_its_key() -> None:
    assert sorted(keys.FIELD_OF) == sorted(f for f, _ in ch12.FIELD_POOL)
    assert {keys.owner_of(r) for r in ch12.RECORD_POOL} == set(keys.OWNERS)
    assert set(keys.FIELD_OF.values()) == set(keys.ERP_FIELDS)
    assert sorted(keys.TIMELINE) == sorted(ch12.TIMELINE_POOL)
