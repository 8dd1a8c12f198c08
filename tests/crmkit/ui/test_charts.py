"""Charts of the kit: right values, words for numbers, errors that say what is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit.ui import charts, theme


@pytest.fixture
def products() -> pd.DataFrame:
    return pd.DataFrame(
        {"商品名称": ["龙井", "普洱", "铁观音", "红茶"], "销售额": [82_000, 133_000, 82_000, 500]}
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9_999, "9,999"), (10_000, "1 万"), (125_000_000, "1.2 亿"), (-52_300, "−5.2 万")],
)
def test_large_numbers_are_written_in_wan_and_yi(value: float, text: str) -> None:
    assert charts.in_wan(value) == text


def test_ranking_puts_the_largest_on_top_and_keeps_ties_in_order(products: pd.DataFrame) -> None:
    axes = charts.ranking(products, top=3)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["铁观音", "龙井", "普洱"]  # from below
    assert [bar.get_width() for bar in axes.patches] == [82_000, 82_000, 133_000]


def test_trend_draws_every_point_and_never_cuts_the_axis(products: pd.DataFrame) -> None:
    frame = pd.DataFrame({"月": pd.date_range("2025-01-01", periods=4), "额": [5.0, 8.0, 6.0, 7.0]})
    axes = charts.trend(frame, x="月", y="额", title="走势")
    assert axes.lines[0].get_ydata().tolist() == [5.0, 8.0, 6.0, 7.0]
    assert axes.get_ylim()[0] == 0
    assert axes.get_title(loc="left") == "走势" or axes.get_title() == "走势"


def test_missing_column_and_empty_frame_are_named(products: pd.DataFrame) -> None:
    with pytest.raises(charts.ChartError, match="“金额”不在表中.*商品名称、销售额"):
        charts.ranking(products, x="金额")
    with pytest.raises(charts.ChartError, match="表是空的"):
        charts.ranking(products.head(0))


def test_a_figure_without_description_is_refused(products: pd.DataFrame) -> None:
    figure = charts.ranking(products).figure
    with pytest.raises(charts.ChartError, match="文字说明"):
        charts.described(figure, "  ")


def test_each_shop_has_its_colour_first_in_the_palette() -> None:
    for shop, colour in theme.SHOP_COLOURS.items():
        assert theme.palette(shop)[0] == colour
    assert theme.palette()[0] == theme.COURSE


def test_flow_is_a_described_figure_with_its_words() -> None:
    places = {"新建": (0, 0), "处理中": (1, 0), "完成": (1, 1)}
    ways = ["新建 → 处理中：受理", "处理中 → 新建", "处理中 ⇢ 完成", "新建 — 完成"]
    assert 'alt="从新建到完成。"' in charts.flow(places, ways, "从新建到完成。").data


def test_flow_to_a_box_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(charts.ChartError, match="新建 → 关闭.*可用的有：新建、完成"):
        charts.flow({"新建": (0, 0), "完成": (1, 0)}, ["新建 → 关闭"], "说明")
