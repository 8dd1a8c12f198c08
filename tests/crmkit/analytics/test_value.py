"""Pyramid, concentration, value matrix: counts that add up, shares that add to one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import value
from crmkit.analytics.errors import AnalyticsError
from tests.crmkit.analytics.order_strategies import CHECKED

AMOUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=120)


def people(amounts: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"客户编号": [f"C{i:06d}" for i in range(len(amounts))], "累计金额": amounts}
    )


@pytest.mark.parametrize(
    ("n", "counts"),
    [
        (600, [6, 24, 90, 480]),
        (100, [1, 4, 15, 80]),
        (50, [1, 2, 7, 40]),
        (3, [1, 0, 0, 2]),
        (1, [1, 0, 0, 0]),
        (0, [0, 0, 0, 0]),
    ],
)
def test_pyramid_counts_are_cumulative_ceilings(n: int, counts: list[int]) -> None:
    assert value.pyramid(people(list(range(n))))["客户数"].tolist() == counts


@CHECKED
@given(AMOUNTS)
def test_pyramid_counts_add_to_n_and_tiers_never_cross(amounts: list[int]) -> None:
    customers = people(amounts)
    table = value.pyramid(customers)
    assert table["客户数"].sum() == len(amounts)
    assert table["金额"].sum() == sum(amounts)
    if sum(amounts):
        assert table["金额占比"].sum() == pytest.approx(1)
    tier = value.pyramid_tiers(customers).map(list(value.TIERS).index)
    ordered = pd.DataFrame({"tier": tier, "v": amounts}).sort_values("tier")
    worst, best = ordered.groupby("tier")["v"].min(), ordered.groupby("tier")["v"].max()
    assert (worst.to_numpy()[:-1] >= best.to_numpy()[1:]).all()


@CHECKED
@given(AMOUNTS, st.randoms(use_true_random=False))
def test_pyramid_does_not_depend_on_the_order_of_rows(amounts: list[int], random: object) -> None:
    customers = people(amounts)
    mixed = customers.sample(frac=1, random_state=random.randrange(2**32))  # type: ignore[attr-defined]
    assert value.pyramid_tiers(mixed).sort_index().equals(value.pyramid_tiers(customers))


def test_equal_values_are_ranked_by_customer_id() -> None:
    customers = pd.DataFrame({"客户编号": ["C3", "C1", "C2"], "累计金额": [5, 5, 5]})
    tiers = value.pyramid_tiers(customers, cuts=[0.3, 0.7], tiers=["上", "下"])
    assert tiers.tolist() == ["下", "上", "下"]


def test_top_share_takes_the_ceiling_of_the_best() -> None:
    assert value.top_share(people([100, *[1] * 9])).value == pytest.approx(101 / 109)
    assert value.top_share(people([10, 5, 5]), 0.2).value == 0.5
    assert value.top_share(people([10, 5, 5]), 1).value == 1
    assert value.top_share(people([])).value is None


@CHECKED
@given(AMOUNTS.filter(any), st.floats(0, 1), st.floats(0, 1))
def test_top_share_grows_with_the_share(amounts: list[int], p: float, q: float) -> None:
    low, high = sorted((p, q))
    small = value.top_share(people(amounts), low).value
    large = value.top_share(people(amounts), high).value
    assert small is not None and large is not None
    assert 0 <= small <= large <= 1


@CHECKED
@given(AMOUNTS.filter(any))
def test_lorenz_lies_below_pareto_and_gini_is_its_area(amounts: list[int]) -> None:
    low, high = value.lorenz(people(amounts)), value.pareto(people(amounts))
    assert (low["金额占比"] <= high["金额占比"] + 1e-12).all()
    assert low.iloc[0].tolist() == [0, 0]
    assert low.iloc[-1].tolist() == [1, 1]
    area = np.trapezoid(low["金额占比"], low["客户占比"])
    assert value.gini(people(amounts)) == pytest.approx(1 - 2 * area, abs=1e-9)


@CHECKED
@given(AMOUNTS.filter(any), st.integers(2, 50))
def test_gini_is_scale_free_and_bounded(amounts: list[int], k: int) -> None:
    g = value.gini(people(amounts))
    assert g + 1e-12 >= 0 and g <= (len(amounts) - 1) / len(amounts) + 1e-12
    assert value.gini(people([k * a for a in amounts])) == pytest.approx(g, abs=1e-12)


def test_a_whale_curve_rises_above_one() -> None:
    curve = value.pareto(people([80, 40, -20]))
    assert curve["金额占比"].max() == pytest.approx(1.2)
    assert curve["金额占比"].iloc[-1] == 1
    with pytest.raises(AnalyticsError, match="有负数"):
        value.lorenz(people([80, 40, -20]))


def test_the_value_matrix_cuts_at_the_median_and_the_cut_is_high() -> None:
    customers = pd.DataFrame({"当前价值": [1, 2, 3, 4], "增值潜力": [9, 1, 9, 1]})
    cells = value.value_matrix(customers)
    assert cells.tolist() == ["当前低·潜力高", "当前低·潜力低", "当前高·潜力高", "当前高·潜力低"]
    assert list(value.matrix_counts(cells).values()) == [1, 1, 1, 1]
    same = value.value_matrix(pd.DataFrame({"当前价值": [5, 5], "增值潜力": [5, 5]}))
    assert same.tolist() == ["当前高·潜力高"] * 2
    own = value.value_matrix(customers, cut=(4, 9))
    assert own.tolist()[0] == "当前低·潜力高"


@CHECKED
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=50))
def test_matrix_cells_hold_every_customer_once(pairs: list[tuple[int, int]]) -> None:
    customers = pd.DataFrame(pairs, columns=["当前价值", "增值潜力"], dtype="int64")
    for cut in ("median", "mean"):
        counts = value.matrix_counts(value.value_matrix(customers, cut=cut))
        assert sum(counts.values()) == len(pairs)


def test_profitability_of_a_customer_who_costs_more_than_he_brings() -> None:
    table = pd.DataFrame({"收入": [100.0, 0.0], "产品成本": [60.0, 0.0], "服务成本": [50.0, 5.0]})
    out = value.profitability(table)
    assert out["利润"].tolist() == [-10, -5]
    assert out["盈利率"].iloc[0] == -0.1 and math.isnan(out["盈利率"].iloc[1])


def test_delivered_value_of_offers_and_the_best() -> None:
    offers = pd.DataFrame(
        {"方案": ["甲", "乙"], "产品": [60, 70], "服务": [20, 30], "货币": [50, 80], "时间": [5, 5]}
    )
    out = value.delivered_values(offers, ["产品", "服务"], ["货币", "时间"])
    assert out["客户让渡价值"].tolist() == [25, 15]
    assert value.value_stages(10, 20, 30)["基本价值"] == 30
    assert value.value_stages(10, 20, 30)["总价值"] == 60


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: value.pyramid(people([1]), cuts=[0.5, 0.2, 0.2, 0.2]), "之和要等于 1"),
        (lambda: value.pyramid(people([1]), cuts=[1]), "层数不一致"),
        (lambda: value.gini(people([])), "合计不大于 0"),
        (lambda: value.gini(people([0, 0])), "合计不大于 0"),
        (lambda: value.pyramid(people([math.nan])), "不是数"),
        (lambda: value.pyramid(people([1]).drop(columns="客户编号")), "客户编号"),
        (
            lambda: value.value_matrix(
                pd.DataFrame({"当前价值": [1], "增值潜力": [1]}), cut="mode"
            ),
            "cut",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_in_chinese(call: object, said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        call()  # type: ignore[operator]
