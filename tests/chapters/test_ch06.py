"""Chapter 6: its worked numbers, its marks, its activities at their limits."""

from __future__ import annotations

import ast
from typing import Any

import pandas as pd
import pytest

from crmkit.analytics.warehouse import engine, extracting
from crmkit.ui.activities import ch06 as activities
from tests.chapters.lessons import lesson

CH06 = lesson("ch06")


def test_what_was_inferred_or_written_is_marked() -> None:
    for words, mark in (
        ("“数据仓库之父”", "〔推断〕"),
        ("从属的〔推断〕", "〔推断〕"),
        ("企业模型 → 主题", "〔推断〕"),
        ("选项是 OLTP、CRM、OLAP、ERP", "〔推断"),
        ("三个人，三个销售额", "〔教学编写〕"),
        ("对不上的 43 元", "〔教学编写〕"),
    ):
        spots = [i for i in range(len(CH06.prose)) if CH06.prose.startswith(words, i)]
        assert any(mark in CH06.prose[max(0, i - 60) : i + 160] for i in spots), words


def value_of(words: str, **names: Any) -> Any:
    """What the last expression of the first code cell with these words gives."""
    source = next(c.source for c in CH06.cells if c.cell_type == "code" and words in c.source)
    body = ast.parse(source).body
    last = body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_the_published_cube_has_its_nine_rows() -> None:
    """T-OLAP-2 (PostgreSQL manual), exact: Foo 30, Bar 20, L 15, M 35, all 50."""
    shown = value_of("GROUP BY CUBE (品牌, 尺寸)", pd=pd, engine=engine)
    assert shown["合计"].tolist() == [5, 15, 10, 20, 20, 30, 15, 35, 50]
    assert shown["小计层"].tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 3]


def test_the_cleaning_example_accounts_for_every_row() -> None:
    report = value_of("extracting.extract_and_clean(raw", pd=pd, extracting=extracting)
    counts = report.groupby("处理")["行数"].sum()
    assert counts["读入"] == 6 == counts["丢弃"] + counts["装入"]
    reasons = " ".join(report["说明"])
    assert all(
        x in reasons for x in ("「日期」为空或读不出", "不是正数", "主键重复", "「订单编号」为空")
    )


# --- activities ----------------------------------------------------------------------------------
def test_the_explorer_names_the_operation_and_gives_the_same_total_as_its_cells() -> None:
    explorer = activities.cube_explorer()
    total = explorer.result["total"]
    for change, word in (
        ({"time": "季度"}, "下钻"), ({"time": "年"}, "上卷"), ({"rows": "小类"}, "下钻"),
        ({"platform": "天猫"}, "切片"), ({"year": "2025"}, "切块"), ({"turned": True}, "旋转"),
    ):  # fmt: skip
        explorer.set(**change)
        assert word in explorer.result["operation"]
    assert explorer.result["table"].to_numpy().sum() == pytest.approx(explorer.result["total"])
    assert 0 < explorer.result["total"] < total
    assert "'天猫'" in explorer.result["sql"] and "2025" in explorer.result["sql"]


def test_freight_is_counted_right_only_at_the_grain_of_the_order() -> None:
    builder = activities.star_builder()
    builder.set(with_freight=True)
    assert builder.result["freight"] > builder.result["source_freight"]
    builder.set(grain="order")
    assert builder.result["freight"] == pytest.approx(builder.result["source_freight"])
    assert builder.result["lost"] == ["商品维"]


def test_all_rules_together_bring_the_export_back_to_the_cent() -> None:
    line = activities.cleaning_line()
    assert not line.result["ok"]
    line.set(amounts=True, blanks=True, positive=True, doubles=True, unpaid=True)
    assert line.result["ok"]
    assert line.result["total"] == pytest.approx(line.result["truth"], abs=0.005)
    for rule in ("amounts", "blanks", "positive", "doubles", "unpaid"):
        line.set(**{rule: False})
        assert not line.result["ok"], rule
        line.set(**{rule: True})


def test_both_types_of_history_share_out_the_same_sales() -> None:
    line = activities.level_timeline()
    one, two = (s.sum() for s in line.result["sales"].values())
    assert one == pytest.approx(two)
    line.set(day=1)
    seen: list[Any] = []
    for day in (100, 300, 500, 731):
        line.set(day=day)
        seen.append(line.result["type2"])
    assert seen[-1] == line.result["type1"]
    assert len(set(seen)) > 1


def test_a_finer_grain_never_has_fewer_rows_and_answers_no_fewer_questions() -> None:
    grains = activities.granularity()
    able = {}
    for grain in ("line", "day", "month"):
        grains.set(grain=grain)
        able[grain] = set(grains.result["able"])
    assert able["month"] < able["day"] < able["line"]
