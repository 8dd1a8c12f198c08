"""Tracking plot and benchmarks: by hand, customer by customer, on the shop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crmkit import shops
from crmkit.analytics import tracking
from crmkit.analytics.btyd import BgNbd
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.histories import holdout

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
COLUMNS = {"customer_id": "谁", "paid_at": "何时", "amount": "多少", "status": None}


def bought(*days: tuple[str, int]) -> pd.DataFrame:
    start = pd.Timestamp("2025-01-01 10:00")
    return pd.DataFrame(
        [(who, start + pd.Timedelta(days=d), 10.0) for who, d in days],
        columns=["谁", "何时", "多少"],
    )


def test_both_lines_by_hand() -> None:
    """A comes on day 0 and again on 2 and 5, B on day 1, C only after the cut."""
    orders = bought(("A", 0), ("A", 0), ("A", 2), ("B", 1), ("A", 5), ("C", 4), ("C", 5))
    path = tracking.tracking(orders, CDNOW, "2025-01-04", "2025-01-06", unit_days=1, **COLUMNS)
    assert path["日期"].dt.day.tolist() == [1, 2, 3, 4, 5, 6]
    assert path["实际"].tolist() == [0, 0, 1, 1, 1, 2]
    each = CDNOW.expected(np.arange(6))
    assert path["预测"].to_numpy() == pytest.approx(each + np.append(0, each[:5]))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 40)), min_size=1, max_size=25))
def test_both_lines_are_those_counted_customer_by_customer(days: list[tuple[str, int]]) -> None:
    cut, end = 20, 40
    came = {who: min(d for w, d in days if w == who) for who, _ in days}
    came = {who: day for who, day in came.items() if day <= cut}
    assume(came)
    path = tracking.tracking(bought(*days), CDNOW, "2025-01-21", "2025-02-10", **COLUMNS)
    first = min(came.values())
    assert len(path) == end - first + 1
    for n, row in enumerate(path.itertuples(index=False), start=first):
        again = {(w, d) for w, d in days if w in came and came[w] < d <= n}
        assert row.实际 == len(again)
        expected = [float(CDNOW.expected((n - day) / 7)) for day in came.values() if day <= n]
        assert row.预测 == pytest.approx(sum(expected))


def test_the_model_beats_going_on_as_before_in_the_tea_shop() -> None:
    table = holdout(shops.load("tea").orders, "2025-06-30", shops.as_of())
    x, t_x, T = (table[c] for c in ("x", "t_x", "T"))
    t, actual = float(table["留出期长度"].iloc[0]), table["留出期购买"]
    said = {"model": BgNbd.fit(x, t_x, T).expected_purchases(t, x, t_x, T)}
    said |= {rule: tracking.benchmark(x, T, t, rule) for rule in tracking.PACES}
    off = {k: abs(v.sum() / actual.sum() - 1) for k, v in said.items()}
    assert off["model"] < 0.15 and off["pace"] > 0.5 and off["mean"] > 0.5
    hit = {k: tracking.caught(actual, v, 0.2) for k, v in said.items()}
    assert hit["model"] > hit["pace"] > hit["mean"] == pytest.approx(0.2, abs=0.001)


def test_benchmarks_of_customers_without_a_past_and_of_nothing_bought() -> None:
    assert tracking.benchmark([0, 0], [0, 0], 5).tolist() == [0, 0]
    assert tracking.benchmark([0, 0], [0, 0], 5, "mean").tolist() == [0, 0]
    assert tracking.caught([0, 0], [1, 2], 0.5) is None
    assert tracking.caught([4, 0], [1, 1], 0.5) == 0.5


@pytest.mark.parametrize(("cut", "end", "words"), [
    ("2024-12-31", "2025-01-31", "没有人可以跟踪"), ("2025-01-31", "2025-01-31", "拟合期之后"),
])  # fmt: skip
def test_what_cannot_be_tracked_is_refused(cut: str, end: str, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        tracking.tracking(bought(("A", 0)), CDNOW, cut, end, **COLUMNS)
