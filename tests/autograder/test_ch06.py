"""Chapter 6's exercises: forms that count, mistakes that are named, pools that hold no key."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch06 import keys, reference
from crmkit.analytics.warehouse import cube
from crmkit.lab.inputs import ch06
from crmkit.lab.snapshot import decode, encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 5)]
SPEC = judge.load("ch06")
ITEMS = {item.id: item for item in SPEC.automatic}
WORLD = SPEC.world(STUDENTS[0])


def result_of(id: str, answer: Any) -> judge.Result:
    got = decode(encode(answer))
    return judge.judge_item(ITEMS[id], judge.Submission(STUDENTS[0], {id: got}), WORLD)


def test_the_tables_count_in_every_usual_form() -> None:
    right = ITEMS["ch06-04"].expect(WORLD)
    as_series = {k: v.set_index(v.columns[0])["销售额"] for k, v in right.items()}
    shuffled = {k: v.iloc[::-1].assign(备注="x") for k, v in right.items()}
    zero = pd.DataFrame({"大类": ["没有卖过"], "销售额": [0.0]})
    padded = {**right, "切片": pd.concat([right["切片"], zero])}
    for form in (right, as_series, shuffled, padded):
        assert result_of("ch06-04", form).status == "right"


def test_one_right_table_earns_half_and_the_wrong_one_is_named() -> None:
    right = ITEMS["ch06-04"].expect(WORLD)
    off = right["上卷"].assign(销售额=right["上卷"]["销售额"] + 1)
    result = result_of("ch06-04", {**right, "上卷": off})
    assert result.score == 13 and "「上卷」" in result.found and "偏大" in result.found
    assert result_of("ch06-04", {"切片": right["切片"]}).score == 13
    doubled = pd.concat([right["切片"], right["切片"]])
    assert "两行" in result_of("ch06-04", {**right, "切片": doubled}).found
    assert result_of("ch06-04", 5).score == 0


def test_one_label_for_everything_is_told() -> None:
    answer = dict.fromkeys(ITEMS["ch06-02"].expect(WORLD), "数据仓库")
    assert "全部写成了同一种" in result_of("ch06-02", answer).hint


def test_the_reference_agrees_with_the_kits_cube() -> None:
    for student in STUDENTS:
        world = SPEC.world(student)
        box = cube.cube_of(ch06.star(student))
        c = world.card
        cut = cube.dice(box, {"平台": [c.platform], "年": [c.year]})
        tables = {
            "切片": cube.view(cut, ["大类"]),
            "上卷": cube.view(cube.slice_at(box, "大类", c.rolled), ["季度"]),
        }
        assert reference.two_tables(tables, ITEMS["ch06-04"].expect(world)).share == 1


def test_difficulty_stays_within_bounds() -> None:
    for student in STUDENTS:
        world = SPEC.world(student)
        for id, least in (("ch06-01", 3), ("ch06-02", 2), ("ch06-03", 2), ("ch06-05", 2)):
            assert len(set(ITEMS[id].expect(world).values())) >= least, (student, id)
        tables = ITEMS["ch06-04"].expect(world)
        assert 3 <= len(tables["切片"]) <= 6
        assert 7 <= len(tables["上卷"]) <= 8


@pytest.mark.parametrize("what", keys.KEYS)
def test_every_sentence_has_a_label_and_all_labels_are_equally_frequent(what: str) -> None:
    labels, code = keys.KEYS[what]
    pool = {"traits": ch06.TRAIT_POOL, "systems": ch06.SYSTEM_POOL, "diagrams": ch06.DIAGRAM_POOL,
            "questions": ch06.QUESTION_POOL}[what]  # fmt: skip
    assert len(code) == len(pool) == len(set(pool))
    found = [keys.label(what, i) for i in range(len(pool))]
    assert {found.count(x) for x in labels} == {len(pool) // len(labels)}


def test_the_pools_stand_apart_from_their_key() -> None:
    held = inspect.getsource(ch06)
    for label in (*keys.TRAITS, *keys.MODELS, "业务数据库"):
        assert f'"{label}"' not in held
