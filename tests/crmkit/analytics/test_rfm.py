"""RFM scores: the rule for ties to the letter, groups, invariants."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import rfm
from crmkit.analytics.errors import AnalyticsError
from tests.crmkit.analytics.order_strategies import CHECKED, order_books

NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=60)


def by_definition(values: list[int], bins: int) -> list[int]:
    """1 + ⌊bins × (number strictly worse) ÷ n⌋, counted one by one."""
    return [1 + bins * sum(w < v for w in values) // len(values) for v in values]


@CHECKED
@given(NUMBERS, st.integers(1, 9))
def test_scores_follow_the_rule_for_ties(values: list[int], bins: int) -> None:
    assert rfm.score(pd.Series(values), bins).tolist() == by_definition(values, bins)


@CHECKED
@given(NUMBERS)
def test_recency_scores_are_those_of_the_reversed_values(values: list[int]) -> None:
    reversed_ = rfm.score(pd.Series(values), high_is_good=False).tolist()
    assert reversed_ == by_definition([-v for v in values], 5)


@CHECKED
@given(NUMBERS, st.sampled_from(list(rfm.TIES)))
def test_a_better_value_never_scores_lower(values: list[int], ties: str) -> None:
    scores = rfm.score(pd.Series(values), ties=ties).tolist()
    pairs = sorted(zip(values, scores, strict=True))
    for (a, s), (b, t) in zip(pairs, pairs[1:], strict=False):
        assert s <= t if a < b or ties == "id" else s == t
    assert all(1 <= s <= 5 for s in scores)


@CHECKED
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60, unique=True))
def test_without_ties_both_rank_rules_agree(values: list[int]) -> None:
    series = pd.Series(values)
    assert rfm.score(series).tolist() == rfm.score(series, ties="id").tolist()


@CHECKED
@given(NUMBERS)
def test_ranking_ties_by_id_makes_parts_of_equal_size(values: list[int]) -> None:
    sizes = rfm.score(pd.Series(values), ties="id").value_counts()
    sizes = sizes.reindex(range(1, 6), fill_value=0)
    assert sizes.max() - sizes.min() <= 1


def test_the_smaller_id_counts_as_better_among_equals() -> None:
    scores = rfm.score(pd.Series([7, 7]), 2, ties="id", ids=pd.Series(["C2", "C1"]))
    assert scores.tolist() == [1, 2]


def test_fixed_bounds_belong_to_the_part_above() -> None:
    # T-RFM, R package rfm: recency_bins = c(115, 181, 297, 482), frequency_bins = c(4, 5, 6, 8)
    days = pd.Series([1, 114, 115, 297, 482, 900])
    recency = rfm.score_by_cuts(days, [115, 181, 297, 482], high_is_good=False)
    assert recency.tolist() == [5, 5, 4, 2, 1, 1]
    assert rfm.score_by_cuts(pd.Series([3, 4, 7, 8]), [4, 5, 6, 8]).tolist() == [1, 2, 4, 5]


def test_quantile_rule_adds_one_like_the_r_package() -> None:
    # quantiles of 1…11 are 3, 5, 7, 9; lower bounds of parts 2–5 are 4, 6, 8, 10
    scores = rfm.score(pd.Series(range(1, 12)), ties="quantile").tolist()
    assert scores == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_table_of_the_small_shop(orders: pd.DataFrame) -> None:
    table = rfm.rfm_table(orders, "2025-12-31")
    assert table["客户编号"].tolist() == ["A", "B", "C"]
    assert table["最近购买天数"].tolist() == [16, 26, 0]
    assert table["购买次数"].tolist() == [4, 2, 2]
    assert table["累计金额"].tolist() == [189.5, 140.5, 210.0]
    assert table["RFM"].tolist() == ["242", "111", "414"]


def test_scores_on_fixed_bounds(orders: pd.DataFrame) -> None:
    table = rfm.rfm_table(orders, "2025-12-31", cuts={"R": [10, 20], "F": [3], "M": [150, 200]})
    assert table["RFM"].tolist() == ["222", "111", "313"]


@CHECKED
@given(order_books(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(book: pd.DataFrame, random: object) -> None:
    mixed = book.sample(frac=1, random_state=random.randrange(2**32))  # type: ignore[attr-defined]
    left, right = rfm.rfm_table(book, "2026-01-01"), rfm.rfm_table(mixed, "2026-01-01")
    pd.testing.assert_frame_equal(left, right)


@CHECKED
@given(order_books())
def test_every_buyer_is_in_one_of_the_eight_groups(book: pd.DataFrame) -> None:
    table = rfm.rfm_table(book, "2026-01-01")
    counts = rfm.group_counts(rfm.rfm_groups(table))
    assert list(counts) == list(rfm.SEGMENT_NAMES.values())
    assert sum(counts.values()) == len(table)


def test_high_is_the_course_s_score_or_above_the_mean_score() -> None:
    table = pd.DataFrame({"R": [1, 3, 5], "F": [5, 5, 5], "M": [1, 1, 4]})
    assert rfm.rfm_groups(table)["M高"].tolist() == [False, False, True]  # 4, settings
    assert rfm.rfm_groups(table)["F高"].all()
    groups = rfm.rfm_groups(table, high="mean")
    assert groups["R高"].tolist() == [False, False, True]  # 3 is the mean, not above it
    assert not groups["F高"].any()
    assert groups["组别"].tolist() == ["一般挽留客户", "一般挽留客户", "重要发展客户"]
    assert rfm.rfm_groups(table, high=3)["R高"].tolist() == [False, True, True]


def test_the_eight_groups_have_eight_names() -> None:
    assert len(rfm.SEGMENT_NAMES) == len(set(rfm.SEGMENT_NAMES.values())) == 8


def test_bounds_out_of_order_are_refused() -> None:
    with pytest.raises(AnalyticsError, match="从小到大"):
        rfm.score_by_cuts(pd.Series([1]), [5, 3])
    with pytest.raises(AnalyticsError, match="参数 ties"):
        rfm.score(pd.Series([1]), ties="first")


def test_the_segment_table_holds_every_group_and_adds_up(orders: pd.DataFrame) -> None:
    groups = rfm.rfm_groups(rfm.rfm_table(orders, "2025-12-31"))
    table = rfm.segment_table(groups)
    assert table["组别"].tolist() == list(rfm.SEGMENT_NAMES.values())
    assert table.set_index("组别")["客户数"].to_dict() == rfm.group_counts(groups)
    assert table["累计金额"].sum() == pytest.approx(groups["累计金额"].sum())
    assert table[["客户占比", "金额占比"]].sum().tolist() == pytest.approx([1, 1])
    empty = rfm.segment_table(groups.iloc[:0])
    assert empty["客户数"].sum() == 0 and empty["客户占比"].isna().all()
