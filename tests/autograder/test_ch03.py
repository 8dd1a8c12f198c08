"""Chapter 3's exercises: trials, legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch03 import keys, reference
from crmkit.crm import catalogue
from crmkit.lab.inputs import ch03
from crmkit.lab.snapshot import Raised, decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch03")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_every_technical_function_passes_and_fails_in_several_trials(student: str) -> None:
    world = SPEC.world(student)
    found = reference.verdicts(world)
    for name in keys.TECHNICAL:
        assert 3 <= sum(one[name] for one in found) <= len(found) - 3, name
    assert len({tuple(one.values()) for one in found}) >= 5
    # every misreading shows in some trial
    for misread in ("line_order", "doubles", "every", "new", "edge", "upgrade", "flow_order"):
        assert reference.verdicts(world, **{misread: False}) != found, misread
    assert len(set(reference.modules(world).values())) >= 3
    assert len(set(reference.menu(world).values())) >= 4


def test_the_public_example_passes_in_all_four() -> None:
    assert set(reference.accepted(ch03.EXAMPLE).values()) == {True}
    assert ch03.EXAMPLE not in ch03.trials("1")


def test_the_defects_of_the_trials_are_what_they_are_called() -> None:
    trial: dict[str, Any] = {**ch03.EXAMPLE}
    for flow, works in (
        ([["建单", 5], ["首次回复", 245], ["关单", 300], ["回访", 4000]], True),
        ([["建单", 5], ["首次回复", 246], ["关单", 300], ["回访", 4000]], False),
        ([["建单", 5], ["升级", 245], ["首次回复", 246], ["关单", 300], ["回访", 4000]], True),
        ([["建单", 5], ["首次回复", 50], ["升级", 60], ["关单", 300], ["回访", 4000]], True),
        ([["建单", 5], ["首次回复", 246], ["升级", 250], ["关单", 300], ["回访", 4000]], False),
        ([["建单", 5], ["首次回复", 50], ["回访", 300], ["关单", 4000]], False),
        ([["建单", 5], ["关单", 300], ["回访", 4000]], False),
    ):  # fmt: skip
        assert reference.accepted(trial | {"流程": flow})["工作流集成"] is works, flow


def test_answers_count_in_every_usual_form() -> None:
    world = SPEC.world("1")
    right = reference.blocks(world)
    for form in (right, pd.Series(right), {k: f" {v} " for k, v in right.items()}):
        assert result_of("ch03-01", "1", form).score == 24
    found = reference.verdicts(world)
    for forms in (found, [pd.Series(x) for x in found], [{k: int(v) for k, v in x.items()} for x in found]):  # fmt: skip
        assert result_of("ch03-03", "1", forms).score == 26
    menu = pd.DataFrame(list(reference.menu(world).items()))
    assert result_of("ch03-04", "1", menu).score == 12


def test_saying_yes_to_everything_earns_nothing_and_an_error_is_told() -> None:
    n = len(reference.verdicts(SPEC.world("1")))
    assert result_of("ch03-03", "1", [dict.fromkeys(keys.TECHNICAL, True)] * n).score == 0
    one = result_of("ch03-03", "1", [True] * n)
    assert one.score == 0 and "返回字典" in one.hint
    failed = [Raised("KeyError: '回访'")] * n
    submission = judge.Submission("1", {"ch03-03": failed}, {"ch03-03": failed})
    told = judge.judge_item(ITEMS["ch03-03"], submission, SPEC.world("1"))
    assert told.score == 0 and "先判断有没有" in told.hint


def test_stale_numbers_that_agree_are_told_apart() -> None:
    for student in STUDENTS:
        told = result_of("ch03-03", student, reference.verdicts(SPEC.world(student), new=False))
        assert "新号" in told.hint and told.score == pytest.approx(26 * 0.75)


def test_the_pools_stand_apart_from_their_keys() -> None:
    held = inspect.getsource(ch03)
    shown = "\n".join(c.source for c in notebooks.release("ch03").cells)
    assert not any(f'"{label}"' in held for label in (*keys.MODULES, keys.BASE))
    words = [w for wordings in ch03.BOX_POOL.values() for w in wordings] + list(ch03.FUNCTION_POOL)
    assert not any(w in shown for w in words)
    names = [f.name for f in catalogue.FUNCTIONS.values()]
    assert all(names.count(name) == 1 for name in ch03.menu("1").values())
