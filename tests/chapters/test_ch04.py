"""Chapter 4: what is said of the figures and of the CRM is true, and invented text says so."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from autograder.source.ch04 import keys
from crmkit.crm import catalogue, roles
from crmkit.crm.ordering import transitions
from crmkit.crm.storage import tables
from crmkit.lab.inputs import ch04
from crmkit.ui.activities import ch04 as activities
from crmkit.ui.activities.ch04 import platforms
from crmkit.ui.activities.ch04 import tables as objects
from tests.chapters.lessons import lesson

CH04 = lesson("ch04")


def test_the_case_says_that_it_was_written_for_teaching() -> None:
    at = CH04.prose.index("开篇案例　七行地址，改了三行")
    assert "〔教学编写〕" in CH04.prose[at : at + 60]


def test_the_inferred_answer_about_the_class_model_says_so() -> None:
    assert re.search(r"\*\*类模型\*\*〔推断：.*对象模型", CH04.prose)


def test_the_lesson_shows_what_the_shop_refuses() -> None:
    """Each refusal is caught where it is shown; had the shop allowed it, nothing would be told."""
    refusals = re.findall(r"^try:\n(.*?)^except crm\.(\w+) as refusal", CH04.code, re.M | re.S)
    assert [what for _, what in refusals] == ["PermissionDenied", "CrmError", "CrmError"]
    assert roles.WAREHOUSE not in catalogue.FUNCTIONS["customers.list"].use
    assert "出库" not in {t.event for t in transitions.ORDER.events(transitions.PAY)}


def test_everything_points_at_customers_most_of_all() -> None:
    pointed = [k.column.table.name for t in tables.STATE for k in t.foreign_keys]
    count = {name: pointed.count(name) for name in set(pointed)}
    assert max(count, key=lambda n: count[n]) == "customers" and count["customers"] > 10
    assert set(sorted(count, key=lambda n: -count[n])[:4]) >= {"customers", "orders"}


def test_contacts_and_deals_are_the_best_two_objects_to_add() -> None:
    base = {"客户", "订单"}
    more = ("销售机会", "活动", "产品", "订单明细", "标签")
    found = {two: objects.answered({*base, *two}) for two in combinations(more, 2)}
    assert max(found, key=lambda k: found[k]) == ("销售机会", "活动")
    assert found["销售机会", "活动"] == 6
    assert objects.answered(base) == objects.answered({*base, "订单明细"}) == 2
    assert activities.entity_studio().result["answered"] == 2


def test_one_percent_of_misses_still_tears_a_dozen_addresses() -> None:
    big = activities.big_table()
    assert big.result["agree"] == pytest.approx(0.97**8)
    assert round(big.result["torn"]) == 35
    big.set(miss=0.01)
    assert round(big.result["torn"]) == 12


def test_only_one_weight_can_change_the_winner_and_a_condition_takes_out_two() -> None:
    choice = activities.platform_choice()
    first = choice.result["order"][0]
    start = {k: v for k, v in choice.values.items() if k != "own_room"}
    turned = set()
    for name in start:
        for weight in range(6):
            scores = platforms.score({**start, name: weight})
            winner = max(scores, key=lambda n: scores[n] + (1e-9 if n == first else 0))
            if winner != first:
                turned.add((name, winner))
    assert turned == {("carefree", "低代码搭建")}
    choice.set(own_room=True)
    assert choice.result["order"] == ["开源改造", "自己开发"]


def test_service_and_marketing_together_may_change_most() -> None:
    access = activities.role_access()
    found = {}
    for two in combinations([r for r in roles.ROLES if r != roles.MANAGER], 2):
        access.set(role=two[0], second=two[1])
        found[two] = (access.result["act"], access.result["shut"])
    assert max(found, key=lambda k: found[k][0]) == (roles.SERVICE, roles.MARKETING)
    assert found[roles.SERVICE, roles.MARKETING] == (24, 1)
    assert sum(access.result[k] for k in ("act", "see", "shut")) == len(catalogue.FUNCTIONS) == 44


def test_every_way_of_saving_meets_the_same_collisions_but_only_one_is_silent() -> None:
    day = activities.lost_update().result["found"]
    assert day["last"]["lost"] == day["version"]["told"] > 0
    assert day["version"]["lost"] == day["lock"]["lost"] == 0 < day["lock"]["waited"]


def test_the_keys_of_the_exercise_are_those_of_the_real_tables() -> None:
    from crmkit import schema

    joined = {"报价": "quotes", "报价明细": "quote_lines", "分组成员": "group_members", "问卷发放": "form_sends",
              "退换货": "returns"}  # fmt: skip
    named = {t.label: n for n, t in schema.TABLES.items()} | joined
    label = {c.name: c.label for t in schema.TABLES.values() for c in t.columns}
    label |= {"quote_id": "报价编号", "group_id": "分组编号", "form_id": "问卷编号"}
    pool = {name: text.split() for name, text, _ in (*ch04.PLAIN_TABLES, *ch04.JOINING_TABLES)}
    assert set(pool) == set(keys.KEYS_OF)
    for name, (primary, foreign) in keys.KEYS_OF.items():
        table = tables.metadata.tables[named[name]]
        assert {label[k] for k in tables.key_of(table)} == set(primary), name
        points = {label[k.parent.name] for k in table.foreign_keys} & set(pool[name])
        assert points <= set(foreign) <= set(pool[name]), name
        assert set(foreign) - points <= {"问卷编号", "分组编号", "活动编号", "订单编号"}, name


def test_the_pools_fit_their_keys() -> None:
    assert len(ch04.NOTE_POOL) == len(keys.OBJECT_OF)
    assert len(ch04.POINT_POOL) == len(keys.POINT)
    assert {p for p, _ in keys.POINT} == set(keys.PRINCIPLES)
    assert {r for v in keys.RIGHT_OF.values() for r in v} == set(keys.RIGHTS) - {keys.LISTS}


def test_a_score_merges_better_than_one_field_and_the_text_says_by_how_much() -> None:
    people = activities.one_person()
    found = people.result["found"]
    assert found == {"score": (142, 2, 8), "mobile": (117, 11, 33), "name": (124, 12, 26)}
    for told in (
        "错 2 对、漏 8 位",
        "错 11 对（家人共用）、漏 33 位",
        "错 12 对（同名）、漏 26 位",
    ):
        assert told in CH04.prose
    people.set(cut=8)
    assert people.result["found"]["score"] == (139, 0, 11) and "没有并错" in people.message
    agrees = {name: pair[0] for name, pair in people.result["weights"].items()}
    assert agrees["手机"] > agrees["城市"] > 0 and min(people.result["weights"]["生日"]) < 0


def test_without_errors_everybody_is_found_by_the_mobile_and_nobody_is_wrong() -> None:
    people = activities.one_person()
    people.set(rule="mobile", moved=0, shared=0)
    assert (people.result["right"], people.result["wrong"]) == (150, 0)
