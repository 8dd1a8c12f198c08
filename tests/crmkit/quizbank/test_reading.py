"""What a bank's file may say, and how a fault in it is reported."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import quizbank
from crmkit.quizbank.fields import QuizBankError
from crmkit.quizbank.loading import FOLDER
from crmkit.quizbank.question import (
    BLANK,
    KIND_LABELS,
)
from tests.crmkit.quizbank.banks import (
    BANK,
    right_answer,
)

HEAD = """
chapter: ch99
title: 试题
levels: {"9.1": 掌握, "9.2": 了解}
questions:
"""
GOOD = {
    "single": """
- id: ch99-01
  section: "9.1"
  level: 理解
  facts: [Q001]
  kind: single
  stem: 哪一个？
  options: {A: 甲, B: 乙, C: 丙}
  answer: B
  wrong: {A: 不是甲, C: 不是丙}
  why: 因为是乙。
""",
    "fill": """
- id: ch99-01
  section: "9.1"
  level: 了解
  facts: [Q001]
  kind: fill
  stem: 先____后____。
  blanks: [{accept: [甲]}, {number: 15, tolerance: 0.1, unit: "%"}]
  hint: 想一想。
  mistakes: [{blank: 1, texts: [乙], why: 反了}]
  why: 先甲后乙。
""",
    "numeric": """
- id: ch99-01
  section: "9.1"
  level: 掌握
  facts: [Q001]
  kind: numeric
  stem: "{a} 的两倍是多少？"
  params: {a: {from: 1, to: 9, step: 2}}
  asks:
    - label: 两倍
      formula: a * 2
      tolerance: 0.01
      hint: 加倍。
      mistakes: [{formula: a / 2, why: 成了一半}]
  why: 乘 2。
""",
    "match": """
- id: ch99-01
  section: "9.2"
  level: 了解
  facts: [Q001]
  kind: match
  stem: 连线。
  pairs:
    - {left: 一, right: 甲, why: 因为一}
    - {left: 二, right: 乙, why: 因为二}
    - {left: 三, right: 甲, why: 因为三}
  why: 如此。
""",
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_question_is_read(kind: str) -> None:
    assert len(quizbank.read(HEAD + GOOD[kind])) == 1


@pytest.mark.parametrize(
    ("kind", "old", "new", "field", "word"),
    [
        ("single", "wrong: {A: 不是甲, C: 不是丙}", "wrong: {A: 不是甲}", "wrong.C", "每个错误选项"),
        ("single", "{A: 不是甲, C", "{B: 是乙, A: 不是甲, C", "wrong.B", "只能解释错误选项"),
        ("single", "answer: B", "answer: D", "answer", "没有选项 D"),
        ("single", "{A: 甲, B: 乙, C: 丙}", "{A: 甲, B: 甲, C: 丙}", "options", "文字相同"),
        ("single", "{A: 甲, B: 乙", "{A: 甲, X: 乙", "options", "A、B、C"),
        ("single", "why: 因为", "reason: 因为", "reason", "没有这个字段"),
        ("single", "  stem: 哪一个？\n", "", "stem", "缺少这个字段"),
        ("single", "stem: 哪一个？", "stem: ''", "stem", "不空"),
        ("single", "stem: 哪一个？", "stem: yes", "stem", "加引号"),
        ("single", '"9.1"', '"9.3"', "section", "9.3"),
        ("single", "[Q001]", "[X001]", "facts", "Q034"),
        ("single", "ch99-01", "第一题", "id", "ch02-07"),
        ("single", "kind: single", "kind: essay", "kind", "essay"),
        ("single", "level: 理解", "level: 掌握", "kind", "综合题"),
        ("single", '"9.1"\n  level: 理解', '"9.2"\n  level: 理解', "level", "只要求「了解」"),
        ("fill", "先____后____", "先____后", "blanks", "题干有 1 个空"),
        ("fill", "texts: [乙]", "texts: [' 甲 ']", "texts", "正确答案"),
        ("fill", "blank: 1", "blank: 7", "blank", "没有第 7 个空"),
        ("fill", "accept: [甲]", "accept: ['。']", "accept", "标点"),
        ("numeric", "a * 2", "a * b", "formula", "b"),
        ("numeric", "a * 2", "a.real", "formula", "不允许"),
        ("numeric", "formula: a / 2", "formula: a + a", "mistakes[0].formula", "分不开"),
        ("numeric", "{a} 的", "{a.real} 的", "stem", "不是参数"),
        ("numeric", "{a} 的", "{a 的", "stem", "花括号"),
        ("numeric", "level: 掌握", "level: 了解", "kind", "不用计算题"),
        ("numeric", "to: 9", "to: 8", "a", "正好"),
        ("numeric", "tolerance: 0.01", "tolerance: 0", "tolerance", "大于 0"),
        ("match", "left: 二", "left: 一", "pairs", "重复"),
        ("match", "right: 乙", "right: 甲", "pairs", "至少要有两种"),
        ("match", ", why: 因为二", "", "pairs[1].why", "缺少"),
    ],
)  # fmt: skip
def test_a_fault_is_reported_with_file_question_and_field(
    kind: str, old: str, new: str, field: str, word: str
) -> None:
    assert GOOD[kind].count(old) >= 1
    with pytest.raises(QuizBankError) as caught:
        quizbank.read(HEAD + GOOD[kind].replace(old, new, 1), "ch99.yaml")
    message = str(caught.value)
    assert "ch99.yaml" in message and "第 1 题" in message
    assert f"{field}：" in message and word in message


def test_an_item_that_fits_two_gaps_of_a_set_is_refused() -> None:
    text = GOOD["fill"].replace('{number: 15, tolerance: 0.1, unit: "%"}', "{accept: [' 甲']}")
    with pytest.raises(QuizBankError, match="同时是两个空的答案"):
        quizbank.read(HEAD + text.replace("  hint", "  order_free: true\n  hint"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: [", "YAML"),
        ("- 1", "字段: 值"),
        (HEAD + GOOD["single"] + GOOD["single"], "前面已经用过"),
        (HEAD + GOOD["single"].replace("  why", "  stem: 又一个\n  why"), "写了两遍"),
        (HEAD.replace("掌握", "精通") + GOOD["single"], "精通"),
        (HEAD + "- 1", "字段: 值"),
        ("chapter: ch99\ntitle: 空\nlevels: {}\nquestions: []", "levels"),
    ],
)
def test_a_bank_that_is_no_bank_is_refused(text: str, word: str) -> None:
    with pytest.raises(QuizBankError, match=word):
        quizbank.read(textwrap.dedent(text), "ch99.yaml")


@given(st.text(alphabet=" -:{}[]'\"\n#&*!|>%@`ab中", max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with pytest.raises(QuizBankError):
        quizbank.read(text, "乱码.yaml")


@pytest.mark.parametrize("chapter", ["ch77", "../ch02", "", "ch02.yaml"])
def test_an_unknown_bank_is_named_and_the_known_ones_are_listed(chapter: str) -> None:
    with pytest.raises(QuizBankError, match="ch02"):
        quizbank.load(chapter)


def test_the_guide_for_teachers_shows_every_kind_and_its_example_is_a_bank() -> None:
    guide = (FOLDER / "README.md").read_text(encoding="utf-8")
    bank = quizbank.read(guide.split("```yaml\n")[1].split("```")[0], "README.md")
    assert {q.kind for q in bank} == set(KIND_LABELS)
    assert all(quizbank.mark(q, right_answer(q)).right for q in bank)


def test_a_part_of_the_bank_can_be_chosen() -> None:
    assert {q.section for q in BANK.select("2.4")} == {"2.4"}
    assert len(BANK.select(n=7)) == 7 and len({q.section for q in BANK.select(n=14)}) > 4
    with pytest.raises(QuizBankError, match="没有「9.9」节"):
        BANK.select("9.9")
    with pytest.raises(QuizBankError, match="不能取 0 题"):
        BANK.select("2.4", 0)


def test_the_stems_have_no_stray_marks() -> None:
    for path in FOLDER.glob("*.yaml"):
        bank = quizbank.load(path.stem)
        for q in bank:
            assert q.kind == "fill" or BLANK not in q.stem
            assert "  " not in q.stem and "??" not in q.stem
