"""The table to learn from: nothing of the features lies after the cut, nothing of the answer before."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit import shops
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.training_table import FEATURES, training_table


def test_features_and_answer_by_hand(orders: pd.DataFrame) -> None:
    found = training_table(orders, "2025-12-01", horizon=10).set_index("客户编号")
    assert found.index.tolist() == ["A", "B"]  # C first pays on the 20th, D never
    a = found.loc["A"]
    assert a[list(FEATURES)].tolist() == [0, 3, 180.0, 426, 2, 142.0]
    assert found["流失"].to_dict() == {"A": 1, "B": 0}  # B pays on the 5th, A on the 15th
    assert (
        training_table(orders, "2025-12-01", horizon=14).set_index("客户编号").loc["A", "流失"] == 0
    )


def test_orders_after_the_cut_change_no_feature() -> None:
    orders = shops.load("tea").orders
    cut = pd.Timestamp("2025-06-30")
    whole = training_table(orders, cut)
    before = training_table(orders[orders["付款时间"] < cut + pd.Timedelta(days=1)], cut)
    assert whole[list(FEATURES)].equals(before[list(FEATURES)])
    assert before["流失"].eq(1).all()
    assert 0.6 < whole["流失"].mean() < 0.9
    assert (whole[list(FEATURES)] >= 0).all(axis=None)


def test_a_leak_knows_the_answer() -> None:
    table = training_table(shops.load("tea").orders, "2025-06-30", leak=True)
    grown = table["至今累计次数"] > table["购买次数"]
    assert (grown == table["流失"].eq(0)).all()


def test_a_cut_before_everything_is_refused(orders: pd.DataFrame) -> None:
    with pytest.raises(AnalyticsError, match="晚一些"):
        training_table(orders, "2020-01-01")
