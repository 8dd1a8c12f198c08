"""Exercises of chapters 5, 8 and 9: open answers, signs of mistakes, follow-through, distinct data."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest

from autograder import judge
from autograder.source.ch05 import reference as r5
from autograder.source.ch08 import reference as r8
from autograder.source.ch09 import reference as r9
from autograder.spec import Item
from crmkit.analytics import ahp, erlang
from crmkit.lab.inputs import ch05, ch08, ch09
from crmkit.lab.snapshot import Raised, decode, encode

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 6)]
ME = STUDENTS[0]


def result_of(chapter: str, number: int, answer: Any, **earlier: Any) -> judge.Result:
    spec = judge.load(chapter)
    item: Item = next(i for i in spec.automatic if i.id == f"{chapter}-{number:02d}")
    got = decode(encode(answer))
    others = {f"{chapter}-{k[1:]}": decode(encode(v)) for k, v in earlier.items()}
    submission = judge.Submission(ME, {item.id: got, **others}, {item.id: got})
    return judge.judge_item(item, submission, spec.world(ME))


@pytest.mark.parametrize("chapter", ["ch05", "ch08", "ch09"])
def test_no_two_students_share_more_than_a_third_of_the_answers(chapter: str) -> None:
    spec = judge.load(chapter)
    answers = [[repr(i.expect(spec.world(s))) for i in spec.automatic] for s in STUDENTS[:40]]
    for n, a in enumerate(answers):
        for b in answers[n + 1 :]:
            assert sum(x == y for x, y in zip(a, b, strict=True)) <= len(a) / 3


# --- chapter 5 -------------------------------------------------------------------------------------
def tree() -> dict[str, str]:
    services, room = ch05.services(ME), ch05.most_keys(ME) - 1
    out = {"主菜单 0": "人工"}
    for k, at in enumerate(range(0, len(services), room), start=1):
        menu = ch05.MENUS[k]
        out |= {f"主菜单 {k}": menu, f"{menu} 0": "人工"}
        out |= {f"{menu} {i}": s for i, s in enumerate(services[at : at + room], start=1)}
    return out


def test_any_tree_that_keeps_the_rules_is_right() -> None:
    assert result_of("ch05", 2, tree()).status == "right"
    turned = {k.replace(" ", ""): v for k, v in reversed(tree().items())}
    assert result_of("ch05", 2, turned).status == "right"


@pytest.mark.parametrize("words", ["转不了人工", "选项太多", "没有键通向它", "替每一项服务"])
def test_each_fault_of_a_tree_is_named(words: str) -> None:
    made = tree()
    if words == "转不了人工":
        del made["订单 0"]
    elif words == "选项太多":
        made = {f"主菜单 {k}": s for k, s in enumerate(ch05.services(ME), start=1)} | {
            "主菜单 0": "人工"
        }
    elif words == "没有键通向它":
        del made["主菜单 1"]
    else:
        del made["订单 1"]
    result = result_of("ch05", 2, made)
    assert words in result.hint and 0 < result.score < result.points


def test_a_tree_without_services_earns_nothing() -> None:
    assert result_of("ch05", 2, {"主菜单 0": "人工"}).score == 0


def test_seats_agree_with_the_library_and_one_off_earns_half() -> None:
    spec = judge.load("ch05")
    for student in STUDENTS:
        m = ch05.desk(student)
        want = erlang.fewest_seats(
            m.calls, 1800, m.handle_s, service_level=m.level, target_s=m.target_s
        )
        assert r5.seats(spec.world(student)) == want
    n = r5.seats(spec.world(ME))
    assert result_of("ch05", 4, float(n)).status == "right"
    assert result_of("ch05", 4, n - 1).score == 8


def test_a_rounded_break_even_counts() -> None:
    even = r5.even(judge.load("ch05").world(ME))
    assert result_of("ch05", 5, round(even)).status == "right"
    assert result_of("ch05", 5, f"{even:,.1f}").status == "right"


# --- chapter 8 -------------------------------------------------------------------------------------
WAY_OUT = {
    "待主管审批": ("主管批复", "处理中"), "待客户举证": ("收到照片", "处理中"), "仓库核查": ("仓库回复", "处理中"),
    "待换货发出": ("换货签收", "待回访"), "平台介入": ("平台裁决", "已结案"), "观察期": ("期满无异议", "已结案"),
}  # fmt: skip
WAY_IN = {
    "紧急处理": ("新建", "标为紧急"), "批量处理": ("新建", "并入批量"), "回电预约": ("处理中", "约回电"),
}  # fmt: skip


def mended() -> list[tuple[str, str, str]]:
    rows = [*ch08.BASE, *(h.written for h in ch08.holes(ME))]
    for hole in ch08.holes(ME):
        source, _, target = hole.written
        if target in WAY_OUT:
            rows.append((target, *WAY_OUT[target]))
        else:
            rows.append((*WAY_IN[source], source))
    return rows


def frame(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["状态", "事件", "下一状态"])


def test_a_mended_process_is_right_in_any_form() -> None:
    rows = mended()
    assert result_of("ch08", 1, frame(rows)).status == "right"
    assert (
        result_of("ch08", 1, [dict(zip(r8.COLUMNS, r, strict=True)) for r in rows[::-1]]).status
        == "right"
    )
    assert result_of("ch08", 1, frame([*rows, ("待回访", "无人接听", "待回访")])).status == "right"


def test_each_fault_of_a_process_is_named() -> None:
    rows, as_it_was = mended(), mended()[: len(ch08.BASE) + 4]
    assert "原来的流程" in result_of("ch08", 1, frame(as_it_was)).hint
    assert "删掉了原来" in result_of("ch08", 1, frame(rows[1:] + [("新建", "接下", "处理中")])).hint
    added = rows[len(ch08.BASE) + 4 :]
    elsewhere = [(a, e + "了", b) for a, e, b in added]
    result = result_of("ch08", 1, frame([*as_it_was, *elsewhere]))
    assert "对不上" in result.hint and result.score == pytest.approx(18 * 0.75)
    one_less = result_of("ch08", 1, frame(rows[:-2] + rows[-1:]))
    assert "死路" in one_less.found and 0 < one_less.score < 18


def test_all_methods_of_ahp_count() -> None:
    for student in STUDENTS[: 60 if FULL else 6]:
        right = r8.judgements(r8.World(student))
        for method in ahp.METHODS:
            found = ahp.weights([list(r) for r in ch08.matrix(student)], method=method)
            answer = dict(zip(ch08.CRITERIA, found.values, strict=True)) | {"CR": found.cr}
            spec = judge.load("ch08")
            item = next(i for i in spec.automatic if i.id == "ch08-04")
            assert item.compare(answer, right).share == 1, (student, method)
        assert found.consistent


def test_a_stage_function_that_compares_none_is_told_so() -> None:
    world = r8.World(ME)
    error = Raised("TypeError: '<' not supported between instances of 'NoneType' and 'int'")
    right = [r8.stage_of(c, ch08.rule(ME), r8.Misread()) for c in r8.cases(world)]
    got = [error if c[2] is None else x for c, x in zip(r8.cases(world), right, strict=True)]
    assert "None" in result_of("ch08", 3, got).hint
    assert set(right) == {"潜在", "有效", "可行", "目标", "成功"}


# --- chapter 9 -------------------------------------------------------------------------------------
def test_wrong_weights_do_not_spoil_what_rests_on_them() -> None:
    world = r9.World(ME)
    wrong = r9.weights(world, equal=True)
    score = r9.score(world, wrong)
    assert result_of("ch09", 3, score, _02=wrong).score == 10
    assert result_of("ch09", 3, score).score == 3
    assert result_of("ch09", 4, r9.ranking(world, wrong), _02=wrong).score == 16


def test_a_ranking_may_be_a_table_and_choices_a_text_of_any_case() -> None:
    world = r9.World(ME)
    ranked = r9.ranking(world, r9.weights(world))
    assert result_of("ch09", 4, ranked).status == "right"
    sound = sorted(r9.holds(world))
    assert result_of("ch09", 6, [x.lower() for x in sound]).status == "right"
    assert "全选" in result_of("ch09", 6, list("ABCDEFGH")).hint


def test_the_panels_hold_what_the_statements_say() -> None:
    for student in STUDENTS:
        world = r9.World(student)
        assert 0.1 < r9.correlation(world) < 0.85
        assert 2 <= len(r9.holds(world)) <= 7
        assert len(set(ch09.panel(student)["能力得分"])) > 40
