"""Kaplan–Meier, Nelson–Aalen, log-rank and Cox against the package lifelines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import survival
from crmkit.analytics.cox import cox_regression
from crmkit.analytics.errors import AnalyticsError
from tests.crmkit.analytics.order_strategies import CHECKED

lifelines = pytest.importorskip("lifelines", reason="没有安装 lifelines，无法对照")
pytestmark = pytest.mark.filterwarnings("ignore")
RELATIONS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60)


@CHECKED
@given(RELATIONS)
def test_kaplan_meier_agrees_with_lifelines(relations: list[tuple[int, bool]]) -> None:
    time, left = (np.array(v) for v in zip(*relations, strict=True))
    table = survival.kaplan_meier(time, left)
    theirs = lifelines.KaplanMeierFitter().fit(time, left)
    assert table["时间"].tolist() == theirs.survival_function_.index.tolist()
    assert table["存活率"].to_numpy() == pytest.approx(
        theirs.survival_function_.iloc[:, 0].to_numpy(), abs=1e-12
    )
    inner = ((table["存活率"] > 0) & (table["存活率"] < 1)).to_numpy()
    bounds = theirs.confidence_interval_.to_numpy()[inner]
    assert table.loc[inner, ["下限", "上限"]].to_numpy() == pytest.approx(bounds, abs=1e-9)
    expected = theirs.median_survival_time_
    assert survival.median(table) == (None if np.isinf(expected) else expected)


@CHECKED
@given(RELATIONS)
def test_nelson_aalen_agrees_with_lifelines(relations: list[tuple[int, bool]]) -> None:
    time, left = (np.array(v) for v in zip(*relations, strict=True))
    table = survival.nelson_aalen(time, left)
    theirs = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time, left)
    hazard = theirs.cumulative_hazard_.iloc[:, 0]
    assert table["累积风险"].to_numpy() == pytest.approx(
        hazard.reindex(table["时间"]).to_numpy(), abs=1e-9
    )


@CHECKED
@given(RELATIONS.filter(lambda r: len(r) > 5), st.integers(2, 3))
def test_log_rank_agrees_with_lifelines(relations: list[tuple[int, bool]], k: int) -> None:
    from lifelines.statistics import multivariate_logrank_test

    time, left = (np.array(v) for v in zip(*relations, strict=True))
    group = np.arange(len(time)) % k
    left = left | (np.arange(len(time)) == int(np.argmin(time)))  # somebody left, early
    ours = survival.log_rank(time, left, group)
    theirs = multivariate_logrank_test(time, group, left)
    if np.isfinite(theirs.test_statistic):
        assert ours.statistic == pytest.approx(theirs.test_statistic, abs=1e-6)
        assert ours.p_value == pytest.approx(theirs.p_value, abs=1e-6)


def test_t_sv_1_waltons() -> None:
    from lifelines.datasets import load_waltons

    data = load_waltons()
    table = survival.kaplan_meier(data["T"], data["E"])
    assert (table["在险人数"].iloc[0], survival.median(table)) == (163, 56.0)


def test_t_sv_1_rossi() -> None:
    from lifelines.datasets import load_rossi

    traits = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    model = cox_regression(load_rossi(), traits, duration="week", left="arrest")
    printed = [-0.3794, -0.0574, 0.3139, -0.1498, -0.4337, -0.0849, 0.0915]
    assert model.table["系数"].tolist() == pytest.approx(printed, rel=1e-3)
    assert model.log_likelihood == pytest.approx(-658.748, rel=1e-3)
    assert model.concordance == pytest.approx(0.640, rel=1e-3)


def test_reading_the_curve() -> None:
    table = survival.kaplan_meier([2, 3, 3, 5], [True, True, False, True])
    assert survival.survival_at(table, [0, 1.9, 2, 4, 5, 9]).tolist() == [1, 1, 0.75, 0.5, 0, 0]
    assert survival.mean_until(table, 5) == pytest.approx(2 + 0.75 + 2 * 0.5)
    open_end = survival.kaplan_meier([4, 4], [False, False])
    assert survival.median(open_end) is None
    assert np.isnan(survival.survival_at(open_end, 5))
    plain = survival.kaplan_meier(range(1, 9), [True] * 8, interval="plain")
    assert plain["下限"].min() == 0 and plain["上限"].max() == 1


def frame(left: list[int], trait: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"时长": range(1, len(left) + 1), "流失": left, "特征": trait})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: survival.kaplan_meier([], []), "没有客户"),
        (lambda: survival.kaplan_meier([1, -2], [1, 1]), "第 2 行不是"),
        (lambda: survival.kaplan_meier([1, 2], [1]), "一样多"),
        (lambda: survival.kaplan_meier([1, 2], [1, None]), "不能空着"),
        (lambda: survival.kaplan_meier([1], [1], confidence=1), "小于 1"),
        (lambda: survival.log_rank([1, 2], [1, 1], ["A", "A"]), "至少要两组"),
        (lambda: survival.log_rank([1, 2], [0, 0], ["A", "B"]), "还没有人流失"),
        (lambda: survival.mean_until(survival.kaplan_meier([3], [0]), 9), "只观察到 3"),
        (lambda: cox_regression(frame([0, 0], [1, 2]), ["特征"]), "还没有人流失"),
        (lambda: cox_regression(frame([1, 1], [2, 2]), ["特征"]), "人人相同"),
        (lambda: cox_regression(frame([1, 1, 1, 1], [4, 3, 2, 1]), ["特征"]), "完全决定"),
        (lambda: cox_regression(frame([1, 1, 0], [1, 3, 2]).assign(二=[2, 6, 4]), ["特征", "二"]), "推出来"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_in_chinese(call: object, said: str) -> None:
    with pytest.raises(AnalyticsError, match=said):
        call()  # type: ignore[operator]
