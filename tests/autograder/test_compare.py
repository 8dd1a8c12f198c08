"""Every legitimate form of a right answer counts; a wrong one never gets full marks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import compare, pivot
from crmkit.lab.forms import FormError
from crmkit.lab.snapshot import Bars, Raised, decode, encode

IDS = ["C000003", "C000001", "C000002"]
FRAME = pd.DataFrame({"昵称": list("abc"), "客户编号": IDS})


@pytest.mark.parametrize(
    "form",
    [IDS, tuple(IDS), pd.Series(IDS), pd.Index(IDS), np.array(IDS), FRAME, FRAME.set_index("客户编号"),
     FRAME["客户编号"], FRAME.rename(columns={"客户编号": " 客户编号 "}), [" C000003", "C000001 ", "Ｃ000002"]],
)  # fmt: skip
def test_an_ordered_list_of_customers_is_right_in_every_form(form: object) -> None:
    assert compare.id_order()(decode(encode(form)), IDS).share == 1


@pytest.mark.parametrize(
    "form", [set(IDS), sorted(IDS), FRAME.sort_values("客户编号"), frozenset(IDS)]
)
def test_a_set_of_customers_is_right_in_any_order(form: object) -> None:
    assert compare.id_set()(decode(encode(form)), IDS).share == 1


def test_the_right_customers_in_the_wrong_order_get_half_and_learn_where_it_starts() -> None:
    verdict = compare.id_order()(sorted(IDS), IDS)
    assert verdict.share == 0.5
    assert "第 1 行" in verdict.found


def test_a_set_is_no_answer_where_order_matters() -> None:
    with pytest.raises(FormError, match="次序"):
        compare.id_order()(set(IDS), IDS)


@given(st.lists(st.sampled_from(["C000001", "C000002", "C000003", "C000004"]), max_size=6))
def test_only_the_right_list_gets_full_marks(got: list[str]) -> None:
    assert (compare.id_order()(got, IDS).share == 1) == (got == IDS)
    assert (compare.id_set()(got, IDS).share == 1) == (set(got) == set(IDS))


def test_messages_name_what_is_too_much_and_never_what_is_missing() -> None:
    found = compare.id_set()(["C000001", "C000009"], IDS).found
    assert "C000009" in found
    assert "C000002" not in found and "C000003" not in found


@pytest.mark.parametrize(
    "form", [0.25, np.float64(0.25), Decimal("0.25"), "0.25", "25%", [0.25], pd.Series([0.25])]
)
def test_a_number_is_right_in_every_form(form: object) -> None:
    assert compare.number(1e-4)(decode(encode(form)), 0.25).share == 1


@pytest.mark.parametrize("form", [0.2512, 0.2488, float("nan"), 25, 0])
def test_a_number_outside_the_tolerance_gets_nothing(form: float) -> None:
    assert compare.number(1e-4)(form, 0.25).share == 0


def test_a_number_rounded_too_early_is_told_so() -> None:
    assert "四舍五入" in compare.number(1e-4)(0.251, 0.2506).hint


@pytest.mark.parametrize("form", [True, None, {}, "多"])
def test_what_is_no_number_is_refused_in_words(form: object) -> None:
    with pytest.raises(FormError, match="数字"):
        compare.number()(form, 1.0)


@pytest.mark.parametrize(
    "form",
    [{"A": 1, "B": 2}, {"A": 1.0, "B": 2.0, }, pd.Series({"B": 2, "A": 1}),
     pd.DataFrame({"名": ["A", "B"], "数": [1, 2]}), pd.DataFrame({"数": [1, 2]}, index=["A", "B"])],
)  # fmt: skip
def test_named_numbers_are_right_in_every_form(form: object) -> None:
    assert compare.mapping()(decode(encode(form)), {"A": 1, "B": 2}).share == 1


def test_each_right_number_earns_its_part() -> None:
    assert compare.mapping()({"A": 1, "B": 3}, {"A": 1, "B": 2}).share == 0.5
    assert compare.mapping()({"A": 1}, {"A": 1, "B": 2}).share == 0.5
    assert compare.mapping(whole=True)({"A": 1, "B": 3}, {"A": 1, "B": 2}).share == 0
    assert compare.mapping()({"A": 1, "B": 2, "C": 9}, {"A": 1, "B": 2}).share < 1


def test_each_right_label_earns_its_part_and_a_second_right_label_counts() -> None:
    expected = {"1": "甲", "2": "乙"}
    assert compare.labels()({1: "甲", 2: "丙"}, expected).share == 0.5
    assert compare.labels(accept={"2": {"丙"}})({1: "甲", 2: "丙"}, expected).share == 1


def test_columns_are_compared_by_key_whatever_their_order() -> None:
    right = pd.DataFrame(
        {"客户编号": IDS, "R": [1, 2, 3], "生日": [dt.date(1990, 1, 1), None, dt.date(2000, 2, 29)]}
    )
    mine = pd.DataFrame(
        {"生日": ["1990-01-01", None, pd.Timestamp("2000-02-29")], "R": [1.0, 2.0, 3.0]}, index=IDS
    )
    mine.index.name = "客户编号"
    compared = compare.columns(("R", "生日"))
    assert compared(decode(encode(mine.iloc[::-1])), right).share == 1
    assert compared(mine.assign(R=[1, 2, 4]), right).share == 0.5
    assert compared(mine.iloc[:2], right).share == 0


def test_steps_in_order_earn_by_what_is_in_sequence() -> None:
    steps = ["一", "二", "三", "四"]
    assert compare.order()(steps, steps).share == 1
    assert compare.order()(["一", "三", "二", "四"], steps).share == 0.75
    assert compare.order()(["一"] * 4, steps).share == 0


def test_outputs_of_a_function_earn_by_case_and_an_error_is_named() -> None:
    verdict = compare.returns()([1, Raised("ZeroDivisionError: division by zero")], [1, None])
    assert verdict.share == 0.5
    assert "ZeroDivisionError" in verdict.found


def test_a_chart_without_title_or_labels_loses_part() -> None:
    right = {"广东": 3.0, "浙江": 5.0}
    full = Bars("题", "横", "纵", ("浙江", "广东"), (5.0, 3.0))
    assert compare.bars()(full, right).share == 1
    assert compare.bars()(
        Bars("", "横", "纵", ("浙江", "广东"), (5.0, 3.0)), right
    ).share == pytest.approx(5 / 6)
    assert compare.bars()(Bars("题", "横", "纵", ("浙江", "广东"), (3.0, 5.0)), right).share == 0.75
    assert compare.bars()(Bars("题", "横", "纵", ("浙江",), (5.0,)), right).share == 0.5


# ------------------------------------------------------------------ pivot

CUSTOMERS = pd.DataFrame(
    {
        "省份": ["广东", "广东", "浙江", "浙江"],
        "性别": ["男", "女", "男", "男"],
        "累计金额": [10.0, 20.0, 30.0, 40.0],
    }
)
CELLS = {
    ("广东", "男", "count"): 1, ("广东", "女", "count"): 1, ("浙江", "男", "count"): 2, ("浙江", "女", "count"): 0,
    ("广东", "男", "sum"): 10, ("广东", "女", "sum"): 20, ("浙江", "男", "sum"): 70, ("浙江", "女", "sum"): 0,
    ("广东", "总计", "count"): 2, ("浙江", "总计", "count"): 2, ("总计", "男", "count"): 3, ("总计", "女", "count"): 1,
    ("广东", "总计", "sum"): 30, ("浙江", "总计", "sum"): 70, ("总计", "男", "sum"): 80, ("总计", "女", "sum"): 20,
    ("总计", "总计", "count"): 4, ("总计", "总计", "sum"): 100,
}  # fmt: skip


def of_pandas(**kw: object) -> pd.DataFrame:
    return pd.pivot_table(CUSTOMERS, index="省份", columns="性别", values="累计金额",
                          aggfunc=["count", "sum"], margins=True, **kw)  # fmt: skip


def as_sheet() -> pd.DataFrame:
    return pd.DataFrame(
        {"省份": ["广东", "浙江", "总计"], "男 人数": [1, 2, 3], "女 人数": [1, None, 1], "合计 人数": [2, 2, 4],
         "男 金额": [10, 70, 80], "女 金额": [20, None, 20], "合计 金额": [30, 70, 100]}
    )  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [of_pandas(), of_pandas(margins_name="总计"), of_pandas(fill_value=0), of_pandas().reset_index(),
     of_pandas().swaplevel(axis=1), as_sheet(),
     of_pandas().set_axis([f"{a}_{b}" for a, b in of_pandas().columns], axis=1)],
)  # fmt: skip
def test_a_pivot_is_right_however_it_is_laid_out(form: pd.DataFrame) -> None:
    assert pivot.pivot(("男", "女", "未知"))(decode(encode(form)), CELLS).share == 1


def test_a_pivot_without_totals_keeps_most_of_its_points() -> None:
    verdict = pivot.pivot(("男", "女", "未知"))(
        of_pandas().drop(index="All").drop(columns="All", level=1), CELLS
    )
    assert verdict.share == 0.7
    assert "总计" in verdict.found


def test_a_pivot_with_a_wrong_cell_gets_nothing_and_names_it() -> None:
    wrong = as_sheet()
    wrong.loc[0, "男 金额"] = 11
    verdict = pivot.pivot(("男", "女", "未知"))(wrong, CELLS)
    assert verdict.share == 0
    assert "广东 × 男" in verdict.hint
