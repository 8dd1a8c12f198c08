"""Chapter 11's exercises: the reference against the library, legitimate forms, signs, bounds."""

from __future__ import annotations

import inspect
import os

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch11 import keys, reference
from crmkit.analytics import investment, project
from crmkit.lab.inputs import ch11
from crmkit.lab.snapshot import decode, encode
from tests.autograder import notebooks

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)] + ["张三", "a-b.c@d"]
SPEC = judge.load("ch11")
ITEMS = {item.id: item for item in SPEC.automatic}


def result_of(id: str, student: str, answer: object) -> judge.Result:
    got = decode(encode(answer))
    submission = judge.Submission(student, {id: got}, {id: got})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_the_library_and_difficulty_stays_in_bounds(student: str) -> None:
    world = SPEC.world(student)
    plan = project.critical_path(ch11.tasks(student))
    assert plan.paths == (tuple(ITEMS["ch11-01"].expect(world)),)  # there is only one
    assert plan.length == ITEMS["ch11-02"].expect(world)
    assert reference.chosen(world) not in (
        reference.chosen(world, "greedy"),
        reference.chosen(world, "most"),
    )
    rate, rows = ch11.cash(student)
    flows = [float(g - c) for _, g, c in rows]
    found = (
        investment.npv(rate / 100, flows),
        investment.roi(*(([float(r[i]) for r in rows]) for i in (1, 2))),
    )
    assert list(reference.money(world).values()) == pytest.approx(
        [*found, investment.payback(flows)]
    )
    assert 1 < reference.money(world)["静态回收期"] < 5
    effect = reference.board(world)
    assert effect.notna().all().all()
    assert len(ch11.cases(student).query("首次响应小时 == ''")) > 20


def test_answers_count_in_every_usual_form() -> None:
    world = SPEC.world("1")
    path = reference.lettered(world, reference.chosen(world))
    for form in (path, tuple(path), pd.Series(path), pd.DataFrame({"任务": path})):
        assert result_of("ch11-01", "1", form).score == 18
    money = reference.money(world)
    rounded = {"净现值": round(money["净现值"], 2), "投资回报率": round(money["投资回报率"], 3),
               "静态回收期": round(money["静态回收期"], 2)}  # fmt: skip
    shown = {**rounded, "投资回报率": f"{money['投资回报率']:.2%}"}
    for form in (money, rounded, shown, pd.Series(money)):
        assert result_of("ch11-03", "1", form).score == 24
    effect = reference.board(world)
    for table in (
        effect,
        effect.set_index("指标"),
        effect.set_index("指标").round(4),
        effect[::-1],
    ):
        assert result_of("ch11-05", "1", table).score == 16


def test_a_path_without_its_ends_is_told_so_and_a_set_is_refused() -> None:
    world = SPEC.world("1")
    path = reference.lettered(world, reference.chosen(world))
    cut = result_of("ch11-01", "1", path[1:])
    assert "第一项" in cut.hint and cut.score == 9
    assert result_of("ch11-01", "1", path[::-1]).score == 9  # the right tasks, the wrong order
    assert result_of("ch11-01", "1", set(path)).score == 0


def test_one_wrong_figure_of_three_costs_a_third() -> None:
    money = reference.money(SPEC.world("1"))
    assert result_of("ch11-03", "1", {**money, "静态回收期": 9.0}).score == pytest.approx(16)


def test_the_pools_stand_apart_from_their_keys() -> None:
    held = inspect.getsource(ch11)
    shown = "\n".join(c.source for c in notebooks.release("ch11").cells)
    assert not any(cause in held for cause in keys.CAUSES)
    for wordings in ch11.SYMPTOM_POOL.values():
        assert not any(words in shown for words in wordings)
