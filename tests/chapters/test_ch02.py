"""Chapter 2: its printed values, its marks for what was inferred, written or chosen."""

from __future__ import annotations

import ast
import re
from typing import Any

import pandas as pd
import pytest

from crmkit import shops
from crmkit.analytics import clv, lifecycle
from tests.chapters.lessons import lesson

CH02 = lesson("ch02")


def value_of(words: str, **names: Any) -> Any:
    """What the last expression of the first code cell with these words gives."""
    source = next(c.source for c in CH02.cells if c.cell_type == "code" and words in c.source)
    body = ast.parse(source).body
    last = body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_cases_say_that_they_were_written_for_teaching() -> None:
    for title in (
        "小张的客户是谁",
        "列车员与乘客",
        "西边升起的太阳",
        "只有一名乘客的航班",
        "某电商公司",
        "某商贸企业的客户",
    ):
        around = [m.start() for m in re.finditer(title, CH02.prose)]
        assert any("〔教学编写〕" in CH02.prose[max(0, at - 40) : at + 80] for at in around), title


def test_what_the_course_inferred_or_chose_is_marked() -> None:
    for words in ("模型三}=", "潜在忠诚**", "Richard A. Spreng"):
        at = CH02.prose.index(words)
        assert "〔推断〕" in CH02.prose[max(0, at - 120) : at + 120], words
    assert CH02.prose.count("〔课程约定〕") >= 8


def test_the_worked_example_gives_the_printed_values() -> None:
    """Reference values 3.10, exercises 3 and 4 (models inferred), ±0.005 yuan."""
    names: dict[str, Any] = {"pd": pd}
    exec(next(c.source for c in CH02.cells if c.source.startswith("n, Co, Po, In, r, Cs")), names)
    assert names["model_one"] == pytest.approx(9210.08, abs=0.005)
    assert names["model_three"] == pytest.approx(8539.07, abs=0.005)
    both = value_of('{"A": clv.clv_model_one', pd=pd, clv=clv).data
    assert both.loc["A"].tolist() == pytest.approx([5855.04, 4513.02], abs=0.005)
    assert both.loc["B"].tolist() == pytest.approx([6190.54, 4177.52], abs=0.005)


def test_the_customer_on_every_limit_is_stable_as_the_text_says() -> None:
    assert value_of("lifecycle.stage(orders=4", lifecycle=lifecycle) == "稳定期"


def test_what_the_text_says_of_the_path_and_of_the_return_calls_holds() -> None:
    tea = shops.load("tea")
    names = {"pd": pd, "lifecycle": lifecycle, "tea": tea, "as_of": shops.as_of()}
    walked = value_of("relation_path", paid=shops.valid_orders(tea.orders), **names).data
    assert walked["人数"].sum() == len(tea.customers)
    people, came, _ = walked.loc["老客户"]
    assert people > 1000 and 0.7 < 1 - came / people < 0.8
    assert walked["买过的人均（元）"].idxmax() == "新业务的新客户"
    reasons = value_of("churn_reasons", **names).data.set_index("流失原因")
    assert reasons["人数"].to_dict() == {
        "核心服务的失误": 5, "销售人员的失误": 3, "价格因素": 2, "未知": 2,
    }  # fmt: skip
    assert reasons["怎么办"].notna().all()
