"""Satisfaction measures against published values and hand counts."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import satisfaction as sat
from crmkit.analytics.errors import AnalyticsError
from tests.crmkit.analytics.order_strategies import CHECKED


@pytest.fixture
def survey() -> pd.DataFrame:
    rows = [
        ("质量", 4, 5, 5),
        ("质量", 5, 3, 5),
        ("物流", 3, 2, 2),
        ("物流", 4, None, 3),
        ("包装", 3, 4, 1),
    ]
    return pd.DataFrame(rows, columns=["项目", "期望", "体验", "重要性"])


def test_gap_is_experience_less_expectation(survey: pd.DataFrame) -> None:
    out = sat.gap(survey)
    assert out.tolist()[:3] == [1, -2, -1]
    assert math.isnan(out.iloc[3])
    table = sat.gap_by_item(survey)
    assert table["项目"].tolist() == ["物流", "质量", "包装"]
    assert table["满意度"].tolist() == [-1, -0.5, 1]
    assert table["人数"].tolist() == [1, 2, 1]


def test_csi_weighs_items_by_importance(survey: pd.DataFrame) -> None:
    # means 质量 4, 物流 2, 包装 4; weights 5, 2.5, 1
    assert sat.csi(survey) == pytest.approx((29 / 8.5, 29, 8.5))
    given_weights = sat.csi(survey, {"质量": 0.5, "物流": 0.5, "包装": 0})
    assert given_weights.value == 3
    assert sat.to_hundred(given_weights.value) == 50


@CHECKED
@given(
    st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(1, 5), st.integers(1, 5)), min_size=1)
)
def test_csi_lies_between_the_scores(rows: list[tuple[str, int, int]]) -> None:
    survey = pd.DataFrame(rows, columns=["项目", "体验", "重要性"])
    value = sat.csi(survey).value
    assert value is not None
    assert survey["体验"].min() - 1e-9 <= value <= survey["体验"].max() + 1e-9
    assert value == sat.csi(survey.iloc[::-1]).value


def test_csi_needs_the_same_items_on_both_sides(survey: pd.DataFrame) -> None:
    with pytest.raises(AnalyticsError, match="项目「价格」只有分数或只有权重"):
        sat.csi(survey, {"质量": 1, "物流": 1, "包装": 1, "价格": 1})
    with pytest.raises(AnalyticsError, match="权重之和"):
        sat.csi(survey, {"质量": 0, "物流": 0, "包装": 0})


def test_acsi_with_equal_and_with_published_weights() -> None:
    # (S + E + P − 3)/27 × 100, and the published weights .3885 .3190 .2925
    assert sat.acsi(8, 7, 6) == pytest.approx((8 + 7 + 6 - 3) / 27 * 100)
    weighted = (7 * 0.3885 + 6 * 0.3190 + 5 * 0.2925) / 9 * 100
    assert sat.acsi(8, 7, 6, (0.3885, 0.3190, 0.2925)) == pytest.approx(weighted)
    assert (sat.acsi(1, 1, 1), sat.acsi(10, 10, 10)) == pytest.approx((0, 100))


def test_importance_performance_quadrants(survey: pd.DataFrame) -> None:
    table = sat.importance_performance(survey).set_index("项目")
    assert table["象限"].to_dict() == {"质量": "优势区", "物流": "机会区", "包装": "维持区"}
    same = pd.DataFrame({"项目": ["甲", "乙", "丙"], "体验": [0.1] * 3, "重要性": [0.3] * 3})
    assert set(sat.importance_performance(same)["象限"]) == {"优势区"}


def test_the_seven_indicators_by_hand() -> None:
    answers = pd.DataFrame(
        {
            "称赞": ["是", "否", None, "是"],
            "指名购买": [1, 0, 1, 1],
            "订单数": [3, 1, 2, 0],
            "投诉": [False, True, False, True],
            "购买额": [300.0, 50.0, 100.0, 0.0],
            "涨价离开": ["否", "是", "", "是"],
            "推荐": [True, False, True, True],
        }
    )
    out = sat.seven_indicators(answers)
    assert list(out) == list(sat.SEVEN)
    assert out["美誉度"] == (2 / 3, 2, 3)
    assert out["指名度"] == (2 / 3, 2, 3)  # the fourth is no buyer
    assert out["回头率"] == (2 / 3, 2, 3)
    assert out["投诉率"] == (1 / 3, 1, 3)
    assert out["购买额"] == (150, 450, 3)
    assert out["敏感度"] == (2 / 3, 2, 3)
    assert out["推荐率"] == (3 / 4, 3, 4)
    nobody = sat.seven_indicators(answers.iloc[:0])
    assert all(i.value is None for i in nobody.values())
    with pytest.raises(AnalyticsError, match="「投诉」第 1 行要填 是/否"):
        sat.seven_indicators(answers.assign(投诉=["也许", "是", "否", "否"]))


def test_t_cs_2_nps_and_its_standard_error() -> None:
    result = sat.nps([1, 8, 8, 10, 5, 9])
    assert result.value == 0
    assert result.se == pytest.approx(33.33, abs=0.005)
    assert (result.promoters, result.passives, result.detractors, result.n) == (2, 2, 2, 6)


@CHECKED
@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_nps_stays_in_its_range_and_turns_with_the_scale(scores: list[int]) -> None:
    result = sat.nps(scores)
    assert result.value is not None and result.se is not None
    assert -100 <= result.value <= 100
    assert 0 <= result.se <= 100 / math.sqrt(len(scores)) + 1e-9
    assert result.promoters + result.passives + result.detractors == result.n


def test_t_cs_3_csat() -> None:
    assert sat.csat([5] * 40 + [4] * 50 + [3] * 30) == (0.75, 90, 120)
    assert sat.csat([]).value is None
    with pytest.raises(AnalyticsError, match="第 2 行是 6"):
        sat.csat([5, 6])


def test_t_cs_4_kano_table() -> None:
    like, must, neutral, live, dislike = sat.KANO_ANSWERS
    middle = (must, neutral, live)
    assert sat.kano_class(like, like) == "Q"
    assert {sat.kano_class(like, m) for m in middle} == {"A"}
    assert sat.kano_class(like, dislike) == "O"
    assert {sat.kano_class(m, dislike) for m in middle} == {"M"}
    assert {sat.kano_class(m, k) for m in middle for k in middle} == {"I"}
    assert {sat.kano_class(m, like) for m in middle} == {"R"}
    assert {sat.kano_class(dislike, k) for k in (like, *middle)} == {"R"}
    assert sat.kano_class(dislike, dislike) == "Q"
    assert sat.kano_class(1, 5) == "O"


def test_kano_better_and_worse() -> None:
    pairs = [("喜欢", "不喜欢")] * 2 + [("喜欢", "无所谓")] * 3 + [("无所谓", "不喜欢")] * 1
    pairs += [("无所谓", "无所谓")] * 4 + [("不喜欢", "喜欢")] * 5
    answers = pd.DataFrame(pairs, columns=["具备时", "不具备时"]).assign(功能="包邮")
    odd = pd.DataFrame({"功能": ["弹窗"], "具备时": ["喜欢"], "不具备时": ["喜欢"]})
    table = sat.kano(pd.concat([answers, odd])).set_index("功能")
    row = table.loc["包邮"]
    assert row[["M", "O", "A", "I", "R", "Q"]].tolist() == [1, 2, 3, 4, 5, 0]
    assert row["Better"] == pytest.approx(5 / 10)
    assert row["Worse"] == pytest.approx(-3 / 10)
    assert row["类别"] == "反向属性"
    assert math.isnan(table.loc["弹窗", "Better"])


@pytest.mark.parametrize("answer", ["很好", 0, 6, 2.5, None])
def test_unknown_kano_answers_are_refused(answer: object) -> None:
    with pytest.raises(AnalyticsError, match="Kano"):
        sat.kano_class(answer, 1)  # type: ignore[arg-type]


def test_t_cs_2_the_interval_is_the_value_with_its_error_cut_at_the_ends() -> None:
    low, high = sat.nps([1, 8, 8, 10, 5, 9]).interval() or (0, 0)
    assert (low, high) == pytest.approx((-1.959964 * 33.3333, 1.959964 * 33.3333), abs=1e-3)
    assert sat.nps([10, 10, 10]).interval() == (100, 100)
    assert sat.nps([10, 9, 9, 1]).interval(0.99)[1] == 100  # type: ignore[index]
    assert sat.nps([]).interval() is None
