"""Lab E5: the course's printed values, hand work in a workbook, bounds of the drawn numbers."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest

from autograder import build, judge
from autograder.source.E5 import reference
from crmkit.analytics import clv, lifecycle, value
from crmkit.lab import by_hand, checks
from crmkit.lab.inputs import e5
from crmkit.settings import settings
from tests.autograder.answers import as_answer

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0")))
STUDENTS = [f"2025{k:06d}" for k in range(200 if FULL else 8)] + ["张三"]
SPEC = judge.load("E5")
ITEMS = {i.id: i for i in SPEC.automatic}


def judged(id: str, student: str, answer: Any, **others: Any) -> judge.Result:
    submission = judge.Submission(student, {id: answer, **others})
    return judge.judge_item(ITEMS[id], submission, SPEC.world(student))


def test_the_course_s_exercises_come_out_as_printed() -> None:
    w = SPEC.world("1")
    assert ITEMS["E5-01"].expect(w)["A1"] == pytest.approx(6.710081, abs=1e-6)
    assert ITEMS["E5-02"].expect(w)["习题3"] == pytest.approx(9210.08, abs=0.005)
    assert ITEMS["E5-03"].expect(w)["习题3"] == pytest.approx(8539.07, abs=0.005)
    table = ITEMS["E5-04"].expect(w).set_index("客户")
    printed = {"习题4-A": (5855.04, 4513.02), "习题4-B": (6190.54, 4177.52)}
    for name, values in printed.items():
        assert tuple(table.loc[name]) == pytest.approx(values, abs=0.005)
    better = ITEMS["E5-05"].expect(w)
    assert (better["习题4·模型一"], better["习题4·模型三"]) == ("B", "A")


@pytest.mark.parametrize("student", STUDENTS)
def test_the_reference_agrees_with_the_models_of_the_kit(student: str) -> None:
    w = SPEC.world(student)
    case: dict[str, Any] = dict(w.case("我的客户"))
    case["n"] = int(case["n"])
    assert ITEMS["E5-03"].expect(w)["我的客户"] == pytest.approx(clv.clv(**case))
    stages = [
        lifecycle.stage(r["订单数"], r["首购距今"], r["末购距今"], r["近期消费比"])
        for r in w.data.customers.to_dict("records")
    ]
    assert reference.stages(w, reference.Misread())["阶段"].tolist() == stages
    curves = w.data.curves.drop(columns="季度")
    assert reference.patterns(w)["模式"].tolist() == [lifecycle.pattern(curves[c]) for c in curves]
    cells = value.matrix_counts(value.value_matrix(w.data.cells))
    assert ITEMS["E5-10"].expect(w) == cells
    equity = w.data.equity
    whole = clv.customer_equity(equity, w.case("我的客户")["r"], probability="成交概率")
    assert ITEMS["E5-11"].expect(w) == pytest.approx(whole)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_numbers_stay_within_bounds(student: str) -> None:
    w = SPEC.world(student)
    counts = reference.stages(w, reference.Misread())["阶段"].value_counts()
    assert set(counts.index) == set(lifecycle.STAGES) and counts.min() >= 2
    kinds = reference.patterns(w)["模式"].value_counts().to_dict()
    assert kinds == {"早期流产型": 3, "中途夭折型": 4, "提前退出型": 2, "长久保持型": 3}
    assert min(ITEMS["E5-10"].expect(w).values()) >= 4
    months = w.data.months
    assert months["期初客户数"].tolist()[0] == 0 and (months["期初客户数"][1:] > 20).all()
    offers = reference.delivered(w)
    assert sorted(offers["名次"]) == [1, 2, 3] and offers["客户让渡价值"].is_unique
    pair = reference.pair_values(w, reference.How.in_force())
    gaps = [abs(pair["我的-A"][m] - pair["我的-B"][m]) for m in reference.MODELS]
    assert min(gaps) > 1


def test_each_mistake_of_the_stages_costs_points() -> None:
    # Nine in ten are enough for full marks, so a misread rule must touch more than that.
    for student in STUDENTS:
        w = SPEC.world(student)
        item = ITEMS["E5-08"]
        for mistake in item.mistakes:
            assert mistake.answer is not None
            assert item.compare(mistake.answer(w), item.expect(w)).share < 1, mistake.hint


def test_two_wrong_stages_of_thirty_are_forgiven_and_four_are_not() -> None:
    right = ITEMS["E5-08"].expect(SPEC.world("1"))
    for wrong, full in ((2, True), (3, True), (4, False)):
        spoilt = right.copy()
        spoilt.loc[: wrong - 1, "阶段"] = ["考察期" if s != "考察期" else "稳定期" for s in
                                          spoilt["阶段"][:wrong]]  # fmt: skip
        assert (judged("E5-08", "1", spoilt).score == 8) is full


def test_who_is_worth_more_is_judged_by_one_s_own_table() -> None:
    w = SPEC.world("1")
    table = ITEMS["E5-04"].expect(w)
    turned = table.assign(模型一=-table["模型一"])
    right = ITEMS["E5-05"].expect(w)
    own = {k: ("A" if v == "B" else "B") if k.endswith("模型一") else v for k, v in right.items()}
    assert judged("E5-05", "1", own).score == 2.5
    assert judged("E5-05", "1", own, **{"E5-04": turned}).score == 5
    assert judged("E5-05", "1", own, **{"E5-04": turned.head(2)}).score == 2.5


@pytest.mark.parametrize("student", STUDENTS[:2])
def test_a_workbook_filled_in_by_hand_earns_the_same(student: str, tmp_path: Any) -> None:
    """The handed-out workbook with its blank columns filled, saved and read back."""
    from openpyxl import load_workbook

    path = tmp_path / "客户价值.xlsx"
    e5.FILES[e5.FILE](path, student)
    w, book = SPEC.world(student), load_workbook(path)
    sheets = {"E5-04": "终身价值", "E5-06": "保持率", "E5-07": "让渡价值", "E5-08": "生命周期", "E5-09": "利润模式"}  # fmt: skip
    for id, sheet in sheets.items():
        expected = as_answer(ITEMS[id], ITEMS[id].expect(w))
        page = book[sheet]
        header = [c.value for c in page[1]]
        key = expected.columns[0]
        rows = expected.assign(**{key: expected[key].astype(str)}).set_index(key)
        for cells in page.iter_rows(min_row=2):
            who = str(cells[header.index(key)].value)
            for name in rows.columns if who in rows.index else ():
                found = rows.loc[who, name]
                cells[header.index(name)].value = None if pd.isna(found) else found
    for cells in book["答案"].iter_rows(min_row=2):
        expected = ITEMS[cells[0].value].expect(w)
        named = isinstance(expected, dict)
        cells[2].value = expected[cells[1].value] if named else expected
    book.save(path)
    for id, item in ITEMS.items():
        got = by_hand.read(path, id, sheets.get(id))
        assert item.public.problems(got, tmp_path) == [], id
        assert judged(id, student, got).score == item.points, id


@pytest.mark.parametrize("form", [dict, pd.Series, lambda d: pd.DataFrame({"值": d})])
def test_named_numbers_may_come_in_any_form(form: Any) -> None:
    for id in ("E5-01", "E5-02", "E5-10"):
        assert judged(id, "1", form(ITEMS[id].expect(SPEC.world("1")))).score == ITEMS[id].points


def test_columns_and_rows_may_stand_in_any_order_and_percent_signs_are_read() -> None:
    w = SPEC.world("1")
    kept = ITEMS["E5-06"].expect(w)
    shown = kept.assign(保持率=[None if pd.isna(v) else f"{v:.4%}" for v in kept["保持率"]])
    assert judged("E5-06", "1", shown[::-1][["保持率", "开店月"]]).score == 8
    assert checks.Table(("保持率",), "开店月", 12, 12).problems(shown, None) == []  # type: ignore[arg-type]


def test_the_text_states_the_limits_that_are_in_force() -> None:
    text = build.source("E5").text.read_text(encoding="utf-8")
    rule, gone = settings()["lifecycle"], settings()["churn"]["churned_days"]
    for words in (
        f"**超过** {gone} 天", f"达到 {rule['stable_orders']} 单", f"**低于** {rule['decline']}",
        f"**达到** {rule['stable_days']} 天", f"最近 {rule['trend_days']} 天",
        f"最高利润的 {rule['plateau']:.0%}", f"**连续** {rule['stable_periods']} 季",
        f"前 {rule['trial_periods']} 季", f"最高利润的 {rule['decline']:.0%}",
    ):  # fmt: skip
        assert words in text, words
