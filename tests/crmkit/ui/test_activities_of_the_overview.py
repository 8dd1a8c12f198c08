"""Chapter 1's sorting game and its two tools: both sides are computed, and wrong places are told."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET

import pytest

from crmkit import quizbank
from crmkit.analytics import crm_types
from crmkit.lab.inputs import ch01 as inputs
from crmkit.ui.activities.ch01 import sorting, tools
from crmkit.ui.activity import Activity
from tests.crmkit.ui.activities import assert_sound, made

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))


def fresh(name: str) -> Activity:
    found = made("ch01", name)
    found.reset()
    assert_sound(found)
    return found


# --- sorting -------------------------------------------------------------------------------------
def test_twenty_cards_fill_all_nine_cells() -> None:
    cards = sorting.cards()
    assert len(cards) == 20 == len({c.name for c in cards}) == 4 * sorting._EACH
    assert (crm_types.table(cards).to_numpy() >= 2).all()
    assert crm_types.guessed(cards) == 8
    for turn in range(4):
        mine = cards[turn * sorting._EACH : (turn + 1) * sorting._EACH]
        assert {c.type for c in mine} == set(crm_types.TYPES)


def test_the_cards_do_not_tell_the_answers_of_the_exercise() -> None:
    assert quizbank.load("ch01")
    assert not {c.does for c in sorting.cards()} & set(inputs.SCENE_POOL)


def test_everything_right_in_both_ways_and_a_wrong_place_tells_what_happens() -> None:
    game = fresh("sorting_game")
    cards = sorting.cards()
    for way, kinds in (("types", crm_types.TYPES), ("blocks", crm_types.BLOCKS)):
        for turn in range(1, 5) if FULL else (1,):
            mine = cards[(turn - 1) * sorting._EACH : turn * sorting._EACH]
            is_ = [c.type if way == "types" else c.block for c in mine]
            put = {k: str(kinds.index(w)) for k, w in zip(sorting._LETTERS, is_, strict=True)}
            game.set(way=way, turn=turn, shown=True, **put)
            assert game.result["right"] == sorting._EACH and "换一种分法" in game.message
    game.set(way="types", A="1")
    assert "应是运营型" in str(game.rows["rows"]) and "客户等不到" in str(game.rows["rows"])
    game.set(shown=False)
    assert "应是" not in str(game.rows["rows"])


def test_nothing_is_told_before_it_is_asked_for_and_the_crossing_tells_all() -> None:
    game = fresh("sorting_game")
    assert game.result["placed"] == 0 and {row[2] for row in game.rows["rows"]} == {""}
    game.set(crossing=True)
    assert "20 张只猜中 8 张" in game.message
    ET.fromstring(game.drawing)


# --- two tools -----------------------------------------------------------------------------------
@pytest.mark.parametrize("asked", list(tools._ASKED))
def test_a_clean_or_tidied_sheet_gives_the_answer_of_the_crm(asked: str) -> None:
    right = tools.by_the_crm()[asked]
    assert tools.by_excel(asked, 0.0, tidied=False) == pytest.approx(right)
    assert tools.by_excel(asked, 0.2, tidied=True) == pytest.approx(right)
    few, many = (tools.by_excel(asked, odd, tidied=False) for odd in (0.05, 0.2))
    assert right > few > many > 0.7 * right


def test_what_the_text_says_of_the_first_setting_holds() -> None:
    asked = fresh("same_question")
    assert asked.result["off"] == -54 and "46.0 年" in asked.message
    before = asked.result["actions"]["Excel"]
    asked.set(tidied=True)
    assert asked.result["off"] == 0 and "一样" in asked.message
    assert asked.result["actions"]["Excel"] - before == 14
    asked.set(tidied=False, asked="pivot")
    assert [row[3] for row in asked.rows["rows"]] == ["54%", "98%"]


def test_without_a_set_up_the_first_question_pays() -> None:
    asked = fresh("same_question")
    asked.set(setup=0)
    assert asked.result["often"] == 0 and "第一次就省" in asked.message
    asked.set(setup=5, times=60, tidied=True)
    assert asked.result["months"] < 24
    ET.fromstring(asked.drawing)
