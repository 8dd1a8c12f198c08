"""Cells and forms."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from crmkit.ui.console import cells, figures, rules
from crmkit.ui.console import fields as f
from crmkit.ui.console.screen import Card


@pytest.mark.parametrize(
    ("name", "values", "kind", "text"),
    [
        ("实付金额", [1234.5], "money", "¥1,234.50"),
        ("退款金额", [-3.0], "money", "−¥3.00"),
        ("复购率（按人）", [0.2345], "percent", "23.45%"),
        ("订单数", [12345], "count", "12,345"),
        ("订单编号", ["504918302328826574"], "id", "504918302328826574"),
        ("下单时间", [pd.Timestamp("2025-12-31 10:05")], "time", "2025-12-31 10:05"),
        ("生日", [pd.Timestamp("1990-06-01")], "date", "1990-06-01"),
        ("接受营销", [True], "flag", "是"),
        ("连带率", [2.5], "number", "2.5"),
        ("备注", [None], "wrap", "—"),
    ],
)
def test_values_are_written_by_their_kind(
    name: str, values: list[Any], kind: str, text: str
) -> None:
    found = cells.kind_of(name, pd.Series(values))
    assert found == kind
    assert cells.written(values[0], found) == text


def test_a_zero_denominator_is_no_value_and_not_zero() -> None:
    from crmkit.analytics.indicators import Indicator
    from crmkit.ui.console import drawing

    shown = drawing.card(Card("复购率", Indicator.ratio(0, 0)))
    assert shown["text"] == "—"
    assert drawing.card(Card("复购率", Indicator.ratio(1, 4)))["text"] == "25.00%"
    assert drawing.card(Card("复购率", Indicator.ratio(1, 4)))["parts"] == "1 ÷ 4"


FORM = [
    f.text("name", "名称", required=True), f.count("days", "天数", low=1, high=30), f.money("amount", "金额"),
    f.percent("share", "比例"), f.dates("start", "end", "日期"), f.select("how", "方式", {"a": "甲", 2: "乙"}),
    f.multi("tags", "标签", ["送礼", "囤货"]), f.check("on", "启用"), f.lines("ids", "编号"), f.text("note", "备注", blank=True),
]  # fmt: skip


def read(**raw: Any) -> tuple[f.Values, f.Errors]:
    return f.read(FORM, raw, None)  # type: ignore[arg-type]


def test_what_is_left_empty_is_not_passed_on() -> None:
    values, errors = read(name=" 春茶 ", days="", amount=None, tags=[], how="", ids="")
    assert (values, errors) == ({"name": "春茶", "on": False, "note": ""}, {})


def test_entries_become_values() -> None:
    values, errors = read(
        name="x", days="7", amount="1,200.50", share="12.5", start="2025-01-01", end="2025-01-31",
        how="2", tags=["囤货"], on=True, ids="C1，C2\nC3",
    )  # fmt: skip
    assert not errors
    assert values == {
        "name": "x", "days": 7, "amount": 1200.5, "share": 0.125, "start": dt.date(2025, 1, 1),
        "end": dt.date(2025, 1, 31), "how": 2, "tags": ["囤货"], "on": True, "ids": ["C1", "C2", "C3"], "note": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("name", {"name": ""}, "请填写"),
        ("days", {"name": "x", "days": "0"}, "不能小于 1"),
        ("days", {"name": "x", "days": "31"}, "不能大于 30"),
        ("days", {"name": "x", "days": "1.5"}, "整数"),
        ("amount", {"name": "x", "amount": "很多"}, "数字"),
        ("amount", {"name": "x", "amount": "nan"}, "数字"),
        ("start", {"name": "x", "start": "2025-02-01", "end": "2025-01-01"}, "晚于"),
        ("start", {"name": "x", "start": "昨天", "end": ""}, "2025-12-31"),
        ("how", {"name": "x", "how": "丙"}, "没有这个选项"),
        ("tags", {"name": "x", "tags": ["丙"]}, "没有这个选项"),
    ],
)
def test_a_wrong_entry_is_named(name: str, raw: dict[str, Any], said: str) -> None:
    _, errors = read(**raw)
    assert list(errors) == [name]
    assert said in errors[name]


def test_a_rule_comes_back_as_it_was() -> None:
    rule = {"any": [
        {"field": "累计订单数", "op": "≥", "value": 2.0}, {"field": "省份", "op": "属于", "value": ["浙江", "江苏"]},
        {"field": "接受营销", "op": "是", "value": True}, {"field": "累计金额", "op": "介于", "value": [100.0, 500.0]},
    ]}  # fmt: skip
    state = rules.shown(rule)
    assert rules.read({"joint": state["joint"], "rows": state["rows"]}) == rule
    with pytest.raises(ValueError, match="数字"):
        rules.read({"joint": "all", "rows": [["累计订单数", "≥", "两"]]})


def test_charts_carry_their_figures() -> None:
    table = pd.DataFrame({"商品": ["甲", "乙", "丙"], "金额": [50.0, 30.0, 20.0]})
    shown = figures.pareto("金额", table, "商品", "金额").shown()
    assert shown["series"][1]["values"] == [0.5, 0.8, 1.0]
    assert figures.ranking("金额", table, "商品", "金额", top=2).shown()["labels"] == ["甲", "乙"]
    cohort = pd.DataFrame({"月": ["1", "1"], "群": ["a", "b"], "率": [0.1, None]})
    assert figures.heat("留存", cohort, "月", "群", "率").shown()["points"] == [
        [0, 0, 0.1],
        [0, 1, None],
    ]
