"""The monthly report: right numbers, right words, one self-contained file, refusals in Chinese."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from crmkit import report, shops
from crmkit.analytics.window import month
from crmkit.cli import app
from crmkit.report import ReportError, ReportFailed, numbers, words
from crmkit.report.page import Monthly

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = (
    "核心指标",
    "支付金额走势",
    "新老买家",
    "渠道",
    "畅销商品",
    "地域",
    "退款",
    "指标口径",
)


def order(number: int, customer: str, paid: str, amount: float, **more: Any) -> dict[str, Any]:
    return {
        "订单编号": f"{number:018d}",
        "客户编号": customer,
        "付款时间": pd.Timestamp(paid),
        "渠道编号": "CH1",
        "实付金额": amount,
        "订单状态": "交易成功",
    } | more


@pytest.fixture
def small_shop() -> Any:
    """Three buyers in February 2024, two in January; one refund; one order never paid."""
    orders = pd.DataFrame(
        [
            order(1, "C1", "2024-01-05 10:00", 100),
            order(2, "C2", "2024-01-20 10:00", 300),
            order(3, "C1", "2024-02-01 00:00", 200),
            order(4, "C1", "2024-02-29 23:59", 100, 渠道编号="CH2"),
            order(5, "C3", "2024-02-10 10:00", 300, 订单状态="退款关闭"),
            order(6, "C2", "2024-02-11 10:00", 200),
            order(7, "C3", "2024-02-12 10:00", 999, 订单状态="未付款关闭", 付款时间=pd.NaT),
            order(8, "C1", "2024-03-01 00:00", 500),
        ]
    )
    items = pd.DataFrame(
        {
            "订单编号": orders["订单编号"],
            "商品编码": ["S1", "S1", "S2", "S1", "S2", "S1", "S1", "S1"],
            "数量": [1, 3, 2, 1, 3, 2, 1, 5],
            "单价": [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 999.0, 100.0],
        }
    )
    returns = pd.DataFrame(
        {
            "退换编号": ["R1", "R2", "R3"],
            "订单编号": [orders["订单编号"][i] for i in (4, 1, 2)],
            "商品编码": ["S2", "S1", "S2"],
            "类型": ["退货", "仅退款", "换货"],
            "原因": ["破损", None, "不想要了"],
            "完成时间": pd.to_datetime(
                ["2024-02-20 09:00", "2024-02-03 09:00", "2024-02-05 09:00"]
            ),
            "退款金额": [300.0, 30.0, 0.0],
            "退换状态": ["退款成功"] * 3,
        }
    )
    return SimpleNamespace(
        name="tea",
        title="清溪茶叶",
        orders=orders,
        order_items=items,
        returns=returns,
        customers=pd.DataFrame({"客户编号": ["C1", "C2", "C3"], "省份": ["浙江", "广东", None]}),
        products=pd.DataFrame(
            {
                "商品编码": ["S1", "S2"],
                "商品名称": ["龙井", "红茶"],
                "类目": ["茶叶/绿茶", "茶叶/红茶"],
            }
        ),
        channels=pd.DataFrame(
            {"渠道编号": ["CH1", "CH2", "CH3"], "渠道名称": ["天猫", "微信", "门店"]}
        ),
    )


@pytest.fixture
def february(small_shop: Any) -> numbers.Figures:
    return numbers.figures(small_shop, month("2024-02"), dt.date(2024, 3, 1))


def test_indicators_of_a_month_worked_out_by_hand(february: numbers.Figures) -> None:
    now = {row.label: row.now for row in february.rows}
    assert now == {
        "支付金额": 800.0,
        "支付买家数": 3,
        "订单数": 4,
        "客单价": pytest.approx(800 / 3),
        "笔单价": 200.0,
        "连带率": 2.0,
        "新客占比": pytest.approx(1 / 3),
        "月内复购率": pytest.approx(1 / 3),
        "退款率": pytest.approx(330 / 800),
    }


def test_change_is_relative_for_amounts_and_in_points_for_rates(february: numbers.Figures) -> None:
    assert february.row("支付金额").month_change == pytest.approx(1.0)
    assert february.row("新客占比").month_change == pytest.approx(1 / 3 - 1)
    assert february.row("退款率").month_change == pytest.approx(330 / 800)


def test_no_comparison_with_a_time_before_the_data(small_shop: Any) -> None:
    january = numbers.figures(small_shop, month("2024-01"), dt.date(2024, 3, 1))
    assert all(row.before is None and row.month_change is None for row in january.rows)
    assert all(row.last_year is None for row in january.rows)
    assert "数据从本月开始，还分不出新老买家。" in words.words(january)


def test_new_and_old_buyers_add_up(february: numbers.Figures) -> None:
    table = february.buyers
    assert table["人数"].tolist() == [1, 2]
    assert table["支付金额"].tolist() == [300.0, 500.0]
    assert february.repeat_of_new == 0


def test_refund_reasons_leave_out_exchanges_and_name_the_unnamed(
    february: numbers.Figures,
) -> None:
    assert february.reasons["原因"].tolist() == ["破损", "未注明"]
    assert february.reasons["退款金额"].tolist() == [300.0, 30.0]
    assert february.refund_by_payment == pytest.approx(300 / 800)
    assert not february.refund_is_final


def test_trend_ends_with_the_month_and_starts_with_the_data(february: numbers.Figures) -> None:
    assert february.trend["月份"].tolist() == ["2024-01", "2024-02"]
    assert february.trend["支付金额"].tolist() == [400.0, 800.0]


def test_words_tell_size_direction_and_cause(february: numbers.Figures) -> None:
    text = "".join(words.words(february))
    assert "支付金额 ¥800，比上月增加 100.0%；3 位买家下了 4 单，客单价 ¥267。" in text
    assert "主要来自买家数" in text
    assert "最大的渠道是“天猫”，占 87.5%" in text
    assert "退款率 41.2%，比上月上升 41.2 个百分点，退款最多的原因是“破损”。" in text


def test_month_without_orders_says_so(small_shop: Any) -> None:
    small_shop.orders = small_shop.orders[small_shop.orders["付款时间"].dt.month != 2]
    quiet = numbers.figures(small_shop, month("2024-02"), dt.date(2024, 3, 1))
    assert words.words(quiet) == ["本月没有付款的订单。"]


def test_available_months_are_whole_ones() -> None:
    orders = pd.DataFrame({"付款时间": pd.to_datetime(["2024-01-15", "2025-12-30"])})
    whole = numbers.available(orders, dt.date(2025, 12, 31))
    partial = numbers.available(orders, dt.date(2025, 12, 30))
    assert [w.label for w in whole] == ["2024-01", "2025-12"]
    assert [w.label for w in partial] == ["2024-01", "2025-11"]


@pytest.mark.parametrize("value", ["2025-13", "2025-00", "25-11", "2025/11", "十一月", ""])
def test_month_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ReportError, match="可用的月份：2024-01 至 2025-12"):
        report.check("tea", value)


@pytest.mark.parametrize("value", ["2023-12", "2026-01"])
def test_month_outside_the_data_is_refused(value: str) -> None:
    with pytest.raises(ReportError, match=f"没有 {value} 的完整数据.*2024-01 至 2025-12"):
        report.check("tea", value)


def test_unknown_shop_is_refused_with_the_known_ones() -> None:
    with pytest.raises(shops.ShopError, match="tea（清溪茶叶）"):
        report.check("coffee", "2025-11")


@pytest.mark.parametrize("arguments", [("tea", "2025-13"), ("coffee", "2025-11")])
def test_command_ends_with_2_and_one_chinese_line(
    arguments: tuple[str, str], tmp_path: Path
) -> None:
    shop, when = arguments
    result = CliRunner().invoke(
        app, ["report", shop, "--month", when, "--out", str(tmp_path / "x.html")]
    )
    assert result.exit_code == 2
    assert result.stderr.startswith("错误：")
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_every_shop_and_month_has_its_figures(full: bool) -> None:
    months = [f"{y}-{m:02d}" for y, m in itertools.product((2024, 2025), range(1, 13))]
    for shop in shops.TITLES:
        for label in months if full else (months[0], months[13], months[-1]):
            f = numbers.figures(shops.load(shop), month(label), shops.as_of())
            sales = f.row("支付金额").now
            assert sales is not None and sales > 0
            assert f.channels["支付金额"].sum() == pytest.approx(sales)
            assert f.buyers["支付金额"].sum() == pytest.approx(sales)
            assert f.trend["支付金额"].iloc[-1] == pytest.approx(sales)
            assert 5 <= len(words.words(f)) <= 6


def test_sales_agree_with_a_plain_sum_over_the_table() -> None:
    orders = shops.valid_orders(shops.load("ceramics").orders)
    paid = orders[orders["付款时间"].dt.strftime("%Y-%m") == "2025-11"]
    f = numbers.figures(shops.load("ceramics"), month("2025-11"), shops.as_of())
    assert f.row("支付金额").now == pytest.approx(paid["实付金额"].sum())
    assert f.row("支付买家数").now == paid["客户编号"].nunique()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report.write("ceramics", "2025-11", tmp_path_factory.mktemp("report") / "月报.html")


@pytest.mark.slow
def test_page_has_every_section_and_asks_nothing_from_outside(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert re.findall(r"<h2>(\S+?)[ <]", text) == list(HEADINGS)
    assert "瓷语轩 · 2025 年 11 月" in text
    assert "http" not in text
    assert "<script" not in text
    assert not re.search(r"\bnan\b|None", text)


@pytest.mark.slow
def test_same_month_gives_the_same_bytes_and_replaces_the_old_file(written: Path) -> None:
    before = written.read_bytes()
    written.write_text("old", encoding="utf-8")
    result = CliRunner().invoke(
        app, ["report", "ceramics", "--month", "2025-11", "--out", str(written)]
    )
    assert result.exit_code == 0, result.output
    assert written.read_bytes() == before
    assert [p.name for p in written.parent.iterdir()] == [written.name]


@pytest.mark.slow
def test_failing_notebook_leaves_the_old_report(tmp_path: Path) -> None:
    old = tmp_path / "tea.html"
    old.write_text("old", encoding="utf-8")
    broken = tmp_path / "broken.ipynb"
    cell = nbformat.v4.new_code_cell("1 / 0")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), broken)
    with pytest.raises(ReportFailed, match=r"broken.ipynb.*ZeroDivisionError.*没有改动"):
        report.write("tea", "2025-11", old, notebook=broken)
    assert old.read_text(encoding="utf-8") == "old"


def test_file_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    blocked = tmp_path / "folder.html"
    blocked.mkdir()
    with pytest.raises(ReportError, match="不能写入.*--out"):
        report._replace(blocked, "text")
    assert [p.name for p in tmp_path.iterdir()] == ["folder.html"]


def test_notebook_shows_every_section_once_and_carries_no_outputs() -> None:
    notebook = nbformat.read(ROOT / report.NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    shown = [m for c in code for m in re.findall(r"^report\.(\w+)\(\)", c.source, re.M)]
    sections = [
        name for name in vars(Monthly) if not name.startswith("_") and callable(vars(Monthly)[name])
    ]
    assert sorted(shown) == sorted(sections)
    assert all(not c.outputs and c.execution_count is None for c in code)
    assert code[0].metadata.tags == ["parameters"]
