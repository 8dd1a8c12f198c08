"""Chapter 14: what is said of shops and cases holds, and invented text says so."""

from __future__ import annotations

import pytest

from autograder.source.ch14 import keys
from crmkit.lab.inputs import ch14
from crmkit.syllabus import course
from crmkit.ui.activities import ch14 as activities
from tests.chapters.lessons import lesson

CH14 = lesson("ch14")


def test_cases_say_that_they_were_written_for_teaching() -> None:
    for title in ("开篇问题　一篇报道", "关于五个案例"):
        at = CH14.prose.index(title)
        assert "〔教学编写〕" in CH14.prose[at : at + 120], title
    assert "不是这五家企业的事迹" in CH14.prose
    for case in course().chapter("ch14").cases:
        title = case.title.removesuffix(" CRM").removesuffix("CRM")
        at = CH14.prose.index(f"{title}・{case.industry}")
        assert CH14.prose[at:].split("**", 1)[1].lstrip().startswith("情境"), case


def test_what_was_inferred_or_chosen_is_marked() -> None:
    for words, mark in (
        ("四个样子", "〔课程约定〕"), ("答“是”就停〔", "〔课程约定〕"), ("各推出一条〔", "〔推断〕"), ("频次是〔", "〔课程约定〕"),
    ):  # fmt: skip
        at = CH14.prose.index(words)
        assert mark in CH14.prose[at : at + 60], words


def test_half_come_back_after_the_days_that_the_answer_says() -> None:
    back = activities.coming_back()
    assert {r[0]: r[2] for r in back.rows["rows"]} | {"启明数码": ""} == {
        "清溪茶叶": "55 天", "瓷语轩": "128 天", "启明数码": "",
    }  # fmt: skip


def test_what_the_campaign_seems_to_bring_and_what_it_brings() -> None:
    campaign = activities.holdout()
    assert (campaign.result["naive"], campaign.result["real"]) == pytest.approx((4144, 1072))
    assert campaign.result["low"] < 0
    campaign.set(people=500)
    assert campaign.result["low"] > 0


def test_a_ranking_of_few_customers_is_headed_by_chance() -> None:
    where = activities.location_quotient()
    assert where.result["top"] == "浙江"
    where.set(least=0)
    assert where.result["top"] == "青海" and "7 位" in where.message


def test_the_main_point_follows_the_three_questions_in_order() -> None:
    ask = activities.where_to_focus()
    for months, channel, days, point in (
        (12, 1.0, 1, "服务维系"), (11, 0.55, 1, "认识买家"), (11, 0.5, 7, "防止转走"), (11, 0.5, 8, "增加往来"),
    ):  # fmt: skip
        ask.set(interval=months, channel=channel, leave=days)
        assert ask.result["point"] == point
    ask.set(interval=72, channel=0.8, leave=20, service=2)
    assert ask.result["known"] == pytest.approx(20.3, abs=0.05)


def test_every_sentence_has_its_column() -> None:
    found = [keys.column_of(s) for s in ch14.SENTENCE_POOL]
    assert {c: found.count(c) for c in keys.COLUMNS} == dict.fromkeys(keys.COLUMNS, 6)
