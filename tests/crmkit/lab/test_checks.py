"""Public checks say what is odd about an answer, in words, and never what the answer is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.errors import KitError
from crmkit.lab import checks, forms

HERE = Path()
EVERY = [
    checks.Number(0, 1),
    checks.Ids(least=2, most=5, ordered=True),
    checks.Mapping(keys=("甲", "乙"), low=0, whole=True, total=10),
    checks.Mapping(options=("是", "否"), pattern=r"\d+"),
    checks.Table(columns=("R",), key="客户编号", integers=("R",), low=1, high=5),
    checks.Grid(columns=("男",), least=2),
    checks.Order(options=("一", "二")),
    checks.Function(params=("r", "n"), example=(0.08, 10)),
    checks.Workbook(sheets=("客户档案",)),
    checks.BarChart(least=2),
]


@pytest.mark.parametrize("check", EVERY, ids=lambda c: c.kind)
def test_a_check_survives_the_way_into_the_manifest_and_back(check: checks.Check) -> None:
    assert checks.from_json(check.to_json()) == check


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(...),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3)
    | st.builds(pd.Series, st.lists(st.integers(), max_size=3))
    | st.builds(pd.DataFrame, st.dictionaries(st.text(max_size=3), st.lists(st.integers(), min_size=2, max_size=2), max_size=3)),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.parametrize("check", EVERY, ids=lambda c: c.kind)
@given(value=anything)
def test_whatever_is_handed_in_a_check_answers_in_words(check: checks.Check, value: object) -> None:
    problems = check.problems(value, HERE)
    assert all(isinstance(p, str) and p for p in problems)


@pytest.mark.parametrize(
    ("check", "value", "word"),
    [
        (checks.Number(0, 1), 25.0, "0.25"),
        (checks.Number(0, 1), float("nan"), "NaN"),
        (checks.Number(whole=True), 1.5, "整数"),
        (checks.Number(), "多", "数字"),
        (checks.Ids(), ["张三"], "不像编号"),
        (checks.Ids(), ["C000001", "C000001"], "重复"),
        (checks.Ids(ordered=True), {"C000001"}, "次序"),
        (checks.Ids(least=5), ["C000001"], "太少"),
        (checks.Ids(), pd.DataFrame({"昵称": ["a"], "手机": ["b"]}), "没有「客户编号」"),
        (checks.Mapping(keys=("甲",)), {"乙": 1}, "缺少"),
        (checks.Mapping(keys=("甲",)), {"甲": ...}, "没有填"),
        (checks.Mapping(keys=("甲",), options=("是", "否")), {"甲": "也许"}, "只能从"),
        (checks.Mapping(keys=("甲", "乙"), total=1), {"甲": 0.5, "乙": 0.6}, "加起来"),
        (checks.Table(columns=("R",), key="客户编号"), pd.DataFrame({"客户编号": ["C000001"]}), "缺少列"),
        (checks.Table(columns=("R",), key="客户编号", integers=("R",), low=1, high=5),
         pd.DataFrame({"客户编号": ["C000001"], "R": [6]}), "列「R」"),
        (checks.Order(options=("一", "二")), ["一", "一"], "还缺"),
        (checks.Function(params=("x",), example=(1,)), 3, "函数"),
        (checks.Function(params=("x",), example=(1,)), lambda: 1, "参数"),
        (checks.Function(params=("x",), example=(1,)), lambda x: None, "return"),
        (checks.Function(params=("x",), example=(1,)), lambda x: x / 0, "出错"),
        (checks.Workbook(), "out/没有.xlsx", "找不到文件"),
        (checks.Workbook(), "../别人.xlsx", "本实验的文件夹"),
        (checks.BarChart(), 3, "坐标系"),
    ],
)  # fmt: skip
def test_each_mistake_of_form_is_named(check: checks.Check, value: object, word: str) -> None:
    assert word in "；".join(check.problems(value, HERE))


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (checks.Number(0, 1), 0.25),
        (checks.Ids(), pd.DataFrame({"客户编号": ["C000001"]})),
        (checks.Mapping(keys=("甲",)), pd.Series({"甲": 3})),
        (checks.Function(params=("r", "n"), example=(0.08, 10)), lambda r, n: r * n),
        (checks.Order(options=("一", "二")), ("二", "一")),
    ],
)
def test_an_answer_of_the_right_form_raises_no_doubt_even_when_it_is_wrong(
    check: checks.Check, value: object
) -> None:
    assert check.problems(value, HERE) == []


def test_a_manifest_with_an_unknown_check_is_refused() -> None:
    with pytest.raises(KitError):
        checks.from_json({"kind": "guess"})


def test_columns_of_different_lengths_are_told_by_name() -> None:
    with pytest.raises(forms.FormError, match="「甲」2 个、「乙」1 个"):
        forms.table({"甲": [1, 2], "乙": [1]}, ["甲"])
