"""Case cards: every case of the course has one, and what was written for class says so."""

from __future__ import annotations

import re

import pytest

from crmkit.syllabus import course
from crmkit.ui import case_cards

# The course's list of cases: number in the list of contents → ids of the cards.
WANTED = {
    "F377": ["penghua", "state-farm"],
    "F394": ["hailang"],
    "F395": ["ey"],
    "F396": ["appliance-maker"],
    "F397": ["huaxia"],
    "F398": ["xintiandi"],
    "F399": ["procter-gamble"],
    "F400": ["shanghai-gm"],
    "F401": ["walmart"],
    "F402": ["cosmetics"],
    "F403": ["haier"],
    "F404": ["capital-one", "disney"],
    "F405": ["american-airlines", "excite"],
    "F406": ["taobao-1011"],
    "F407": ["god-and-leader"],
    "F408": ["one-passenger"],
    "F409": ["whose-customer"],
    "F410": ["sunrise"],
    "F411": ["train"],
    "F412": ["kfc"],
    "F413": ["crm-exchange"],
    "F414": ["e-commerce"],
    "F415": ["bank"],
    "F416": ["trading-firm"],
    "F417": ["manufacturer"],
    "F418": ["google"],
    "F419": ["customer-is-god"],
    "F420": ["industries"],
}
# Where the course uses them: card → chapter and labs.
PLACES = {
    "hailang": "ch10", "ey": "ch11", "walmart": "ch07 C4", "cosmetics": "ch02 C5", "haier": "ch14 C6",
    "taobao-1011": "ch05 C3 O7", "god-and-leader": "ch01 S1", "trading-firm": "ch02 E2", "excite": "ch12",
    "disney": "ch10", "kfc": "ch02", "google": "ch01", "industries": "ch14", "huaxia": "ch14",
}  # fmt: skip
GOOD = "- {id: a, title: 甲, feature: F404, given: 只有名字。, story: 一家店。, ask: [为什么？], names: [甲公司]}"


def test_every_case_of_the_course_has_its_card() -> None:
    found: dict[str, list[str]] = {}
    for card in case_cards.every():
        found.setdefault(card.feature, []).append(card.id)
    assert {k: sorted(v) for k, v in found.items()} == WANTED
    for id, places in PLACES.items():
        card = case_cards.card(id)
        assert [card.chapter, *card.labs] == places.split(), id
    named = {c.title.split("（")[0] for c in course().chapter("ch14").cases}
    titles = " ".join(c.title for c in case_cards.load("ch14"))
    assert all(re.sub("CRM$", "", name) in titles for name in named)


@pytest.mark.parametrize("id", [id for ids in WANTED.values() for id in ids])
def test_a_card_parts_what_is_known_from_what_was_written(id: str) -> None:
    card = case_cards.card(id)
    page = case_cards.show(id).data
    assert page.count(case_cards.WRITTEN) == 1 or not (card.story or card.see)
    assert card.given in page and all(q in page for q in card.ask)
    assert all(f"{f.text}（出处：{f.source}）" in page for f in card.facts)
    if card.story and card.names:
        assert f"不是“{card.title}”的事迹" in page
    assert not re.search(r"[A-Za-z]{12,}", card.story)


def test_a_chapter_shows_its_cards_folded() -> None:
    page = case_cards.show(chapter="ch10").data
    assert page.count("<details>") == page.count("crm-case") == 3 and "成都海浪" in page


def test_text_is_never_markup() -> None:
    (card,) = case_cards.read(GOOD.replace("一家店。", "'<b onclick=x>'"), "ch10")
    assert "<b onclick" not in case_cards._body(card, heading=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("一家店。", "甲公司开了店。"), "不能用真实企业的名字「甲公司」"), (("story: 一家店。, ", ""), "写上 story"),
        (("F404", "X404"), "应像 F404"), (("id: a", "id: 甲"), "小写字母"), (("title: 甲, ", ""), "缺少 title"),
        (("given", "gives"), "没有“gives”这个字段"), (("[为什么？]", "为什么？"), "文字的列表"),
        (("ask:", "sections: ['9.9'], ask:"), "没有「9.9」"), (("ask:", "labs: [Z9], ask:"), "没有「Z9」"),
        (("ask:", "facts: [{text: 事}], ask:"), "出处"), (("- {", "{"), "列表"), (("[为", "[[为"), "YAML"),
    ],
)  # fmt: skip
def test_a_faulty_card_is_reported_with_file_card_and_field(
    change: tuple[str, str], said: str
) -> None:
    with pytest.raises(case_cards.CaseError, match=said) as raised:
        case_cards.read(GOOD.replace(*change, 1), "ch10")
    assert "ch10.yaml" in str(raised.value)


@pytest.mark.parametrize(("ids", "chapter"), [(("nobody",), ""), ((), "ch03"), ((), "")])
def test_what_is_not_there_is_said(ids: tuple[str, ...], chapter: str) -> None:
    with pytest.raises(case_cards.CaseError):
        case_cards.show(*ids, chapter=chapter)
