"""Distribution, item analysis and reliability, held against independent computations."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.insight.distribution import distribution, reliability
from autograder.insight.item_analysis import NEGATIVE, SAME, analyse
from autograder.insight.timing import LATE, timing


def random_class(seed: int, n: int, items: int, missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(n, 1))
    raw = ability + rng.normal(size=(n, items)) - np.linspace(-1, 1, items)
    scores = np.clip(np.round(5 + 3 * raw), 0, 10) / 10 * np.arange(5, 5 + items)
    frame = pd.DataFrame(scores, columns=[f"X-{i:02d}" for i in range(items)])
    frame.index = [f"s{i}" for i in range(n)]
    return frame.mask(rng.random(frame.shape) < missing)


def full(scores: pd.DataFrame) -> pd.Series:
    return pd.Series(np.arange(5, 5 + scores.shape[1]), index=scores.columns, dtype=float)


@pytest.mark.parametrize("seed", range(5))
def test_item_statistics_equal_those_of_pandas(seed: int) -> None:
    scores = random_class(seed, 37, 8)
    points = full(scores)
    total = scores.sum(axis=1)
    for found in analyse(scores, points):
        mine = scores[found.id]
        assert found.n == 37
        assert found.difficulty == pytest.approx(mine.mean() / points[found.id])
        assert found.correlation == pytest.approx(mine.corr(total - mine))


@pytest.mark.parametrize("seed", range(5))
def test_the_upper_and_lower_group_are_those_of_a_sorted_list(seed: int) -> None:
    scores = random_class(seed, 40, 6)
    scores.iloc[:, 0] += np.random.default_rng(seed).random(40) / 1000  # nobody ties
    points = full(scores)
    order = scores.sum(axis=1).sort_values(ascending=False).index
    upper, lower = order[:11], order[-11:]  # 27 % of 40 is 10.8
    for found in analyse(scores, points):
        share = scores[found.id] / points[found.id]
        assert found.upper == pytest.approx(share[upper].mean())
        assert found.lower == pytest.approx(share[lower].mean())
        assert found.discrimination == pytest.approx(share[upper].mean() - share[lower].mean())


def test_ties_on_the_border_are_the_mean_over_all_ways_to_break_them() -> None:
    scores = random_class(3, 15, 4).round(0)
    points = full(scores)
    total = scores.sum(axis=1)
    assert total.duplicated().any()
    rng = np.random.default_rng(0)
    size = round(0.27 * 15)
    found = {s.id: s for s in analyse(scores, points)}
    for item in scores:
        share = scores[item] / points[item]
        ways = []
        for _ in range(4000):
            order = share.to_numpy()[np.lexsort((rng.random(15), total))]
            ways.append(order[-size:].mean() - order[:size].mean())
        assert found[item].discrimination == pytest.approx(np.mean(ways), abs=0.01)


@given(st.integers(0, 200), st.integers(4, 25), st.randoms(use_true_random=False))
def test_the_order_of_the_class_list_changes_nothing(seed: int, n: int, random: object) -> None:
    scores = random_class(seed, n, 5, missing=0.1)
    mixed = scores.sample(frac=1, random_state=random.randrange(2**31))  # type: ignore[attr-defined]
    for a, b in zip(analyse(scores, full(scores)), analyse(mixed, full(scores)), strict=True):
        assert (a.id, a.n, a.verdict) == (b.id, b.n, b.verdict)
        for name in ("difficulty", "correlation", "discrimination"):
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None and y is None) or x == pytest.approx(y, abs=1e-9)


def test_no_spread_and_few_students_give_no_number() -> None:
    same = pd.DataFrame({"A": [5.0] * 6, "B": [1.0, 2, 3, 4, 5, 6]})
    a, b = analyse(same, pd.Series({"A": 5.0, "B": 6.0}))
    assert (a.correlation, a.discrimination, a.verdict) == (None, 0.0, SAME)
    assert b.correlation is None  # the rest, which is A alone, has no spread
    few = analyse(same.head(3), pd.Series({"A": 5.0, "B": 6.0}))
    assert [(s.n, s.correlation, s.discrimination) for s in few] == [(3, None, None)] * 2
    equal = analyse(pd.DataFrame({"A": [3.0] * 5, "B": [2.0] * 5}), pd.Series({"A": 5.0, "B": 6.0}))
    assert all(s.discrimination is None and s.difficulty is not None for s in equal)
    unmarked = analyse(same.assign(C=np.nan), pd.Series({"A": 5.0, "B": 6.0, "C": 1.0}))[2]
    assert (unmarked.n, unmarked.difficulty, unmarked.verdict) == (0, None, "")


def test_an_item_that_the_weak_solve_is_pointed_out() -> None:
    scores = pd.DataFrame({"A": range(10), "B": range(10), "C": [1.0] * 5 + [0.0] * 5}, dtype=float)
    found = analyse(scores, pd.Series({"A": 9.0, "B": 9.0, "C": 1.0}))[2]
    assert found.verdict == NEGATIVE
    assert found.discrimination == pytest.approx(-1)


def test_a_written_answer_that_waits_does_not_make_a_student_weak() -> None:
    scores = pd.DataFrame(
        {"A": [10, 10, 0, 0, 0, 0, 0, 0.0], "W": [np.nan, 40, 20, 20, 20, 20, 20, 20]}
    )
    found = analyse(scores, pd.Series({"A": 10.0, "W": 40.0}))[0]
    assert found.upper == pytest.approx(1.0)  # the first one has 100 % of what is marked


@pytest.mark.parametrize("n", [2, 5, 40])
def test_alpha_equals_the_textbook_formula(n: int) -> None:
    scores = random_class(1, n, 7)
    k = scores.shape[1]
    variances = np.var(scores.to_numpy(), axis=0, ddof=1)
    total = np.var(scores.to_numpy().sum(axis=1), ddof=1)
    assert reliability(scores) == pytest.approx(k / (k - 1) * (1 - variances.sum() / total))
    assert reliability(scores.assign(waiting=np.nan)) == pytest.approx(reliability(scores))
    assert reliability(scores.iloc[:1]) is None
    assert reliability(scores[["X-00"]]) is None
    assert reliability(scores * 0) is None


@given(st.lists(st.integers(0, 400), max_size=60))
def test_every_total_is_in_the_bin_it_belongs_to(quarters: list[int]) -> None:
    totals = [q / 4 for q in quarters]
    found = distribution(totals, 100, pass_share=0.6)
    counts = np.histogram(totals, bins=np.arange(0, 101, 10))[0]
    assert [n for _, n in found.bins] == counts.tolist()
    if totals:
        assert found.mean == pytest.approx(np.mean(totals))
        assert found.median == pytest.approx(np.median(totals))
        assert found.passed == pytest.approx(np.mean(np.array(totals) >= 60))
    else:
        assert found.mean is None and found.passed is None


def test_extra_credit_stays_in_the_last_bin_and_a_third_is_no_rounding_trap() -> None:
    found = distribution([0.1 * 3 * 10, 12.5, 6.0], 10, pass_share=0.6)
    assert dict(found.bins)["90–100"] == 1
    assert dict(found.bins)["30–40"] == 1
    assert found.passed == pytest.approx(2 / 3)


def test_hand_ins_are_counted_by_how_long_before_the_deadline_they_came() -> None:
    due = datetime(2025, 11, 20, 16)
    hours = {"a": 0, "b": 6.5, "c": 23, "d": 30, "e": 100, "f": 400, "g": -0.01}
    times: dict[str, datetime | None] = {s: due - timedelta(hours=x) for s, x in hours.items()}
    found = timing(times | {"h": None}, due)
    assert [n for _, n in found.bins] == [1, 1, 1, 2, 1, 1]
    assert found.known == 7
    assert found.late == ("g",)
    assert dict(found.bins)[LATE] == 1
    more = timing(times, due, {"g": due + timedelta(days=1)})
    assert more.late == ()
    assert dict(more.bins)[LATE] == 0
    assert timing(times, None).bins == ()
    assert timing({"h": None}, due).known == 0
