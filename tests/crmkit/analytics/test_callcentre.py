"""The call centre's log and its simulation: against Erlang's formulas and the planted loads."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
import yaml

from crmkit import shops
from crmkit.analytics import callcentre, erlang
from crmkit.analytics.callcentre import Centre, Team
from crmkit.analytics.errors import AnalyticsError

ANY = frozenset({"来电"})
LOG = pd.DataFrame({
    "等待秒数": [0, 20, 21, 5, 40], "处理秒数": [100, 200, 300, 0, 0],
    "是否放弃": [False, False, False, True, True],
})  # fmt: skip


def test_a_log_of_five_calls_by_hand() -> None:
    level = callcentre.service_level
    assert level(LOG, 20) == (0.4, 2, 5)
    assert level(LOG, 20, definition="answered").value == pytest.approx(2 / 3)
    assert level(LOG, 20, definition="without_short").value == pytest.approx(2 / 4)
    assert callcentre.abandonment(LOG) == (0.4, 2, 5)
    assert callcentre.mean_wait(LOG).value == pytest.approx(41 / 3)
    assert callcentre.handle_time(LOG).value == 200
    assert callcentre.patience(LOG).value == 43


def test_an_empty_log_has_no_rates() -> None:
    for measure in (callcentre.service_level, callcentre.abandonment, callcentre.mean_wait,
                    callcentre.handle_time, callcentre.patience):  # fmt: skip
        assert measure(LOG.iloc[:0]).value is None


def batches(log: pd.DataFrame, values: pd.Series) -> tuple[float, float]:
    """Mean of the daily means, and its standard error (days are independent)."""
    days = values.astype("float64").groupby(log["第几天"]).mean()
    return float(days.mean()), float(days.std() / math.sqrt(len(days)))


def test_without_abandonment_it_is_erlang_c() -> None:
    """Steady load, endless patience: within four standard errors of the formula, hour 1 left out."""
    centre = Centre(dict.fromkeys(range(12), 100), 120, [Team("甲", ANY, 5)])
    log = callcentre.simulate(centre, days=12, seed=3)
    log = log[log["秒"] >= 3600]
    formula = erlang.performance(100, 3600, 120, 5)
    assert not log["是否放弃"].any()
    for values, right in (
        (log["等待秒数"], formula.mean_wait_s),
        (log["等待秒数"] <= 20, formula.service_level),
        (log["等待秒数"] > 0, formula.wait_share),
    ):
        mean, se = batches(log, values)
        assert abs(mean - right) < 4 * se and se < 0.2 * right


def test_with_patience_it_is_erlang_a() -> None:
    """Overloaded (A > N): Erlang C has no answer, the simulation agrees with Erlang A."""
    centre = Centre(dict.fromkeys(range(10), 90), 240, [Team("甲", ANY, 5)], patience_s=120)
    log = callcentre.simulate(centre, days=12, seed=5)
    log = log[log["秒"] >= 3600]
    formula = erlang.with_patience(90, 3600, 240, 5, 120)
    soon = ~log["是否放弃"] & (log["等待秒数"] <= 20)
    for values, right in (
        (log["是否放弃"], formula.abandoned),
        (log["等待秒数"], formula.mean_wait_s),
        (soon, formula.service_level),
    ):
        mean, se = batches(log, values)
        assert abs(mean - right) < 4 * se


@pytest.mark.parametrize("shop", ["tea", "ceramics", "electronics"])
def test_the_planted_load_of_a_shop_is_recovered(shop: str) -> None:
    """Simulated with the true load, days like the shop's fourteen: within four standard errors."""
    meta = yaml.safe_load((shops.root() / "meta.yaml").read_text(encoding="utf-8"))
    told: dict[str, Any] = meta["truth"][shop]["calls"]
    calls = shops.load(shop).calls
    calls = calls[calls["方向"] == "呼入"]
    hourly = callcentre.arrivals_by_hour(calls).set_index("小时")["每天平均"]
    for hour, rate in told["arrivals_per_hour"].items():
        assert abs(hourly[hour] - rate) < 4 * math.sqrt(rate / told["days"])
    team = Team("热线", ANY, told["agents"])
    centre = Centre(told["arrivals_per_hour"], told["handle_s"], [team],
                    patience_s=told["patience_s"], least_s=10)  # fmt: skip
    log = callcentre.simulate(centre, days=30, seed=7)
    days = told["days"]
    for values, real in (
        (log["是否放弃"], calls["是否放弃"]),
        (log["等待秒数"], calls["等待秒数"]),
        (
            ~log["是否放弃"] & (log["等待秒数"] <= 20),
            ~calls["是否放弃"] & (calls["等待秒数"] <= 20),
        ),
    ):
        mean, se = batches(log, values)
        spread = se * math.sqrt(30) * math.sqrt(1 / 30 + 1 / days)
        assert abs(mean - real.astype("float64").mean()) < 4 * spread
    estimate = callcentre.patience(calls)
    assert estimate.value is not None
    error = told["patience_s"] / math.sqrt(estimate.denominator or 1)
    assert abs(estimate.value - told["patience_s"]) < 4 * error


# --- skills and rosters ----------------------------------------------------------------------------
def test_an_agent_takes_only_calls_he_can_take() -> None:
    teams = [Team("售前", frozenset({"售前"}), 1), Team("通用", frozenset({"售前", "售后"}), 1)]
    centre = Centre({9: 60}, 60, teams, mix={"售前": 0.5, "售后": 0.5})
    log = callcentre.simulate(centre)
    assert set(log.loc[log["技能组"] == "售后", "班组"]) == {"通用"}
    assert set(log.loc[log["技能组"] == "售前", "班组"]) == {"售前", "通用"}


def test_the_roster_is_followed_hour_by_hour() -> None:
    centre = Centre(dict.fromkeys(range(9, 13), 200), 60, [Team("甲", ANY, {9: 4, 10: 1, 11: 4, 12: 4})],
                    patience_s=60)  # fmt: skip
    log = callcentre.simulate(centre, days=3)
    lost = log["是否放弃"].groupby((log["秒"] // 3600).astype(int)).mean()
    assert lost[10] > 0.4 > 0.25 > max(lost[9], lost[11], lost[12])
    start = log["秒"] + log["等待秒数"]
    answered = log.assign(起=start, 止=start + log["处理秒数"])[~log["是否放弃"]]
    at = 10.5 * 3600
    talking = answered[(answered["起"] < at) & (answered["止"] > at)].groupby("第几天").size()
    assert (talking <= 1).all()


def test_the_same_seed_gives_the_same_log_and_everybody_is_served() -> None:
    centre = Centre({9: 50, 10: 0}, 300, [Team("甲", ANY, {9: 2})])
    one, two = (callcentre.simulate(centre, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert len(one) and not one["是否放弃"].any()  # served after closing time


@pytest.mark.parametrize("centre", [
    Centre({}, 60, [Team("甲", ANY, 1)]), Centre({9: 5}, 60, [Team("甲", frozenset({"别的"}), 1)]),
    Centre({9: 5}, 60, [Team("甲", ANY, 1)], patience_s=0), Centre({9: 5}, 60, [], mix={}),
])  # fmt: skip
def test_a_centre_that_cannot_work_is_refused(centre: Centre) -> None:
    with pytest.raises(AnalyticsError, match="[一-鿿]"):
        callcentre.simulate(centre)
