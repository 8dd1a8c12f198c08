"""Erlang B, C and A: published values, degenerate inputs, and what must hold for all inputs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.analytics import erlang
from crmkit.analytics.errors import AnalyticsError


def test_a_hundred_calls_in_half_an_hour_t_ec_1() -> None:
    """T-EC-1: pyworkforce 0.1.0 and CRAN ErlangC 0.1.0, tolerance 1e-7 (wait 1e-5 s)."""
    found = erlang.performance(100, 1800, 180, 14, 20)
    assert found.load == 10
    assert found.wait_share == pytest.approx(0.17413193, abs=1e-7)
    assert found.service_level == pytest.approx(0.88835002, abs=1e-7)
    assert found.mean_wait_s == pytest.approx(7.835937, abs=1e-5)
    assert found.occupancy == pytest.approx(0.71428571, abs=1e-7)
    assert found.immediate == pytest.approx(0.8258681, abs=1e-7)


def test_seats_and_roster_t_ec_2() -> None:
    """T-EC-2: SL ≥ 80 % in 20 s, occupancy ≤ 85 %, shrinkage 30 %: 14 seats, 20 people; exact."""
    seats = erlang.fewest_seats(100, 1800, 180, service_level=0.8, target_s=20, most_occupied=0.85)
    assert (seats, erlang.scheduled(seats, 0.30)) == (14, 20)


def test_the_tutorial_with_fifty_five_agents_t_ec_5() -> None:
    """T-EC-5: 360 calls / 30 min, AHT 240 s, 55 agents, 15 s; tolerance half of the last digit."""
    found = erlang.performance(360, 1800, 240, 55, 15)
    assert found.load == 48
    assert found.occupancy == pytest.approx(0.8727, abs=5e-5)
    assert found.wait_share == pytest.approx(0.238701, abs=5e-7)
    assert found.service_level == pytest.approx(0.845883, abs=5e-7)
    assert found.mean_wait_s == pytest.approx(8.184, abs=5e-4)


@given(st.floats(0.01, 30), st.integers(1, 40))
def test_the_recursion_is_erlangs_sum(load: float, seats: int) -> None:
    terms = [math.exp(k * math.log(load) - math.lgamma(k + 1)) for k in range(seats + 1)]
    assert erlang.erlang_b(load, seats) == pytest.approx(terms[-1] / sum(terms), rel=1e-9)
    if load < seats:
        last = terms[-1] * seats / (seats - load)
        assert erlang.erlang_c(load, seats) == pytest.approx(
            last / (sum(terms[:-1]) + last), rel=1e-9
        )


def test_thousands_of_seats_do_not_overflow() -> None:
    assert 0 < erlang.erlang_c(2900, 3000) < 1
    assert erlang.with_patience(60_000, 3600, 180, 2900, 60).abandoned > 0.02


# --- degenerate: load at or above the seats, nothing to do, nobody there ---------------------------
@pytest.mark.parametrize("seats", [0, 1, 9, 10])
def test_a_load_that_reaches_the_seats_never_gives_a_negative_wait(seats: int) -> None:
    found = erlang.performance(100, 1800, 180, seats)
    assert found.wait_share == 1 and found.service_level == 0
    assert found.mean_wait_s == found.mean_wait_of_waiting_s == math.inf
    assert found.occupancy == 1


def test_without_calls_nobody_waits() -> None:
    found = erlang.performance(0, 1800, 180, 3)
    assert (found.wait_share, found.service_level, found.mean_wait_s, found.occupancy) == (
        0,
        1,
        0,
        0,
    )
    assert erlang.fewest_seats(0, 1800, 180) == 0
    assert erlang.erlang_b(0, 0) == 1 and erlang.erlang_b(0, 1) == 0
    assert erlang.with_patience(0, 1800, 180, 2, 60).abandoned == 0


@pytest.mark.parametrize("wrong", [
    lambda: erlang.offered_load(-1, 1800, 180), lambda: erlang.offered_load(10, 0, 180),
    lambda: erlang.performance(10, 1800, 180, 2.5), lambda: erlang.scheduled(14, 1.0),
    lambda: erlang.fewest_seats(10, 1800, 180, service_level=1),
    lambda: erlang.fewest_seats(1e9, 60, 600), lambda: erlang.with_patience(9, 60, 60, 2, 0),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_chinese(wrong) -> None:
    with pytest.raises(AnalyticsError, match="[一-鿿]"):
        wrong()


# --- laws ------------------------------------------------------------------------------------------
@given(st.floats(1, 400), st.floats(30, 600), st.floats(0, 120), st.floats(0.05, 0.98))
def test_the_fewest_seats_are_the_fewest(
    calls: float, handle: float, target: float, level: float
) -> None:
    seats = erlang.fewest_seats(calls, 1800, handle, service_level=level, target_s=target)
    assert erlang.performance(calls, 1800, handle, seats, target).service_level >= level
    fewer = erlang.performance(calls, 1800, handle, seats - 1, target)
    assert fewer.service_level < level or fewer.load >= seats - 1


@given(st.floats(10, 200), st.integers(1, 25), st.floats(20, 400))
def test_with_patience_more_seats_lose_fewer_callers(
    calls: float, seats: int, patience: float
) -> None:
    few = erlang.with_patience(calls, 1800, 180, seats, patience)
    more = erlang.with_patience(calls, 1800, 180, seats + 1, patience)
    assert 0 <= more.abandoned <= few.abandoned + 1e-12 <= 1 + 1e-12
    assert more.service_level >= few.service_level - 1e-9
    assert few.occupancy <= 1 + 1e-9


def test_endless_patience_gives_erlang_c() -> None:
    a, c = erlang.with_patience(100, 1800, 180, 14, 1e8), erlang.performance(100, 1800, 180, 14)
    for name in ("wait_share", "service_level", "mean_wait_s", "occupancy"):
        assert getattr(a, name) == pytest.approx(getattr(c, name), rel=1e-5)


def test_pooling_two_teams_shortens_the_wait() -> None:
    apart, together = erlang.performance(50, 1800, 180, 7), erlang.performance(100, 1800, 180, 14)
    assert together.mean_wait_s < apart.mean_wait_s / 2
