"""Schedules: a published example, all rows; crashing and slack against linear programmes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from crmkit.analytics import project
from crmkit.analytics.errors import AnalyticsError

TAYLOR = [(1, 2, 7), (1, 3, 10), (2, 4, 6), (3, 4, 5), (3, 5, 4), (4, 5, 3), (5, 6, 2)]


def test_all_rows_of_taylors_network_t_cpm_1() -> None:
    """Taylor, solutions of chapter 8; exact."""
    found = project.critical_path(project.from_arrows(TAYLOR))
    rows = found.table[["ES", "EF", "LS", "LF", "总时差"]].to_numpy().tolist()
    assert rows == [
        [0, 7, 2, 9, 2], [0, 10, 0, 10, 0], [7, 13, 9, 15, 2], [10, 15, 10, 15, 0],
        [10, 14, 14, 18, 4], [15, 18, 15, 18, 0], [18, 20, 18, 20, 0],
    ]  # fmt: skip
    assert found.length == 20
    assert found.paths == (("1-3", "3-4", "4-5", "5-6"),)
    assert found.critical == ["1-3", "3-4", "4-5", "5-6"]


networks = st.lists(
    st.tuples(st.floats(0, 20).map(lambda x: round(x, 1)), st.integers(0, 2**7 - 1)),
    min_size=1, max_size=7,
)  # fmt: skip


def tasks_of(rows: list) -> pd.DataFrame:
    names = "ABCDEFG"
    return pd.DataFrame(
        [
            (names[i], d, [names[j] for j in range(i) if mask >> j & 1])
            for i, (d, mask) in enumerate(rows)
        ],
        columns=["任务", "工期", "前置"],
    )


@given(networks)
def test_the_length_is_the_longest_way_and_the_least_that_a_programme_finds(rows: list) -> None:
    tasks = tasks_of(rows)
    found = project.critical_path(tasks)
    days = dict(zip(tasks["任务"], tasks["工期"], strict=True))
    n = len(rows)
    constraints, limits = [], []
    for i, before in enumerate(tasks["前置"]):
        constraints.append([0.0] * i + [1.0] + [0.0] * (n - 1 - i) + [-1.0])
        limits.append(-days[tasks["任务"].iloc[i]])
        for p in before:
            row = [0.0] * (n + 1)
            row["ABCDEFG".index(p)], row[i] = 1.0, -1.0
            constraints.append(row)
            limits.append(-days[p])
    least = linprog([0.0] * n + [1.0], constraints, limits).fun
    assert found.length == pytest.approx(least, abs=1e-6)
    for path in found.paths:
        assert sum(days[t] for t in path) == pytest.approx(found.length)
    assert set(found.critical) == set(itertools.chain(*found.paths))
    assert (found.table["总时差"] >= 0).all()


@pytest.mark.parametrize(("rows", "words"), [
    ([("A", 1, "B"), ("B", 1, "A")], "圈"), ([("A", 1, "C")], "不在任务表"),
    ([("A", -1, "")], "负数"), ([("A", 1, ""), ("A", 2, "")], "重复"), ([], "空的"),
])  # fmt: skip
def test_what_is_no_network_is_refused(rows: list, words: str) -> None:
    with pytest.raises(AnalyticsError, match=words):
        project.critical_path(pd.DataFrame(rows, columns=["任务", "工期", "前置"]))


def test_predecessors_may_be_written_in_every_usual_way() -> None:
    for text in ("A、B", "A,B", "A，B", "A; B", "A B", ["A", "B"]):
        tasks = pd.DataFrame({"任务": ["A", "B", "C"], "工期": [1, 2, 3], "前置": ["", None, text]})
        assert project.critical_path(tasks).length == 5


def estimates() -> pd.DataFrame:
    return pd.DataFrame(
        [("A", 2, 4, 12, ""), ("B", 3, 5, 7, "A"), ("C", 6, 6, 6, "A"), ("D", 1, 2, 3, "B C")],
        columns=["任务", "乐观", "最可能", "悲观", "前置"],
    )


def test_pert_adds_means_and_variances_along_the_critical_path() -> None:
    found = project.pert(estimates())
    assert found.schedule.paths == (("A", "C", "D"),)
    assert found.schedule.length == pytest.approx(5 + 6 + 2)
    assert found.variance == pytest.approx((10 / 6) ** 2 + 0 + (2 / 6) ** 2)
    assert found.chance(13) == pytest.approx(0.5)
    assert found.by(found.chance(15)) == pytest.approx(15)


def test_the_chance_of_pert_is_near_a_simulation_where_no_other_path_comes_near() -> None:
    tasks = estimates()[lambda t: t["任务"] != "B"].assign(前置=["", "A", "C"])
    rng = np.random.default_rng(7)
    total = np.zeros(40_000)
    for a, m, b in tasks[["乐观", "最可能", "悲观"]].to_numpy():
        if a < b:  # the beta distribution whose mean is (a+4m+b)/6
            total += a + (b - a) * rng.beta(
                1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a), len(total)
            )
        else:
            total += a
    assert project.pert(tasks).chance(15) == pytest.approx((total <= 15).mean(), abs=0.03)


def test_a_certain_project_is_in_time_or_not() -> None:
    sure = pd.DataFrame({"任务": ["A"], "乐观": [3], "最可能": [3], "悲观": [3], "前置": [""]})
    found = project.pert(sure)
    assert (found.chance(3), found.chance(2.9), found.by(0.9)) == (1, 0, 3)


def crashable() -> pd.DataFrame:
    return pd.DataFrame(
        [("A", 4, 2, 300, ""), ("B", 3, 2, 100, "A"), ("C", 5, 3, 200, "A"), ("D", 2, 2, 0, "B C")],
        columns=["任务", "工期", "最短工期", "每天赶工费", "前置"],
    )


@pytest.mark.parametrize("target", [11, 10, 9, 8, 7])
def test_crashing_costs_what_trying_everything_costs(target: int) -> None:
    tasks, best = crashable(), math.inf
    ranges = [range(int(n - s) + 1) for n, s in zip(tasks["工期"], tasks["最短工期"], strict=True)]
    for cut in itertools.product(*ranges):
        if project.critical_path(tasks.assign(工期=tasks["工期"] - list(cut))).length <= target:
            best = min(
                best, float(sum(c * p for c, p in zip(cut, tasks["每天赶工费"], strict=True)))
            )
    assert project.crash(tasks, target).cost == pytest.approx(best, abs=1e-6)


def test_a_target_that_cannot_be_met_is_refused() -> None:
    with pytest.raises(AnalyticsError, match="做不到"):
        project.crash(crashable(), 6.5)


def test_earned_value_and_what_it_cannot_tell() -> None:
    e = project.earned_value(pv=50, ev=40, ac=60, bac=100)
    assert (e.cv, e.sv, e.spi, e.tcpi) == (-20, -10, 0.8, 1.5)
    assert e.eac == pytest.approx(150)
    before = project.earned_value(0, 0, 0, 100)
    assert (before.cpi, before.spi, before.eac, before.tcpi) == (None, None, None, 1)
    assert project.earned_value(10, 0, 5, 10).eac is None
    assert project.earned_value(10, 5, 10, 10).tcpi is None
    with pytest.raises(AnalyticsError, match="总预算"):
        project.earned_value(10, 11, 5, 10)
