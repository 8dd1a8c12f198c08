"""The activities of chapter 2 show what they claim."""

from __future__ import annotations

import os

import pytest

from tests.crmkit.ui.activities import made

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))


def test_clv_workshop_shows_the_exercise_of_the_course() -> None:
    """Exercise 4 of document 003; tolerance 0.01 yuan."""
    workshop = made("ch02", "clv_workshop")
    assert workshop.result == pytest.approx(
        {"A_one": 5855.04, "B_one": 6190.54, "A_three": 4513.02, "B_three": 4177.52}, abs=0.01
    )
    assert "名次就反过来" in workshop.message
    workshop.set(CsB=100)
    assert "名次就反过来" not in workshop.message
    workshop.set(reading="undiscounted", CsB=300)
    assert workshop.result["A_three"] == pytest.approx(3000 - 500 + 10 * 300)
    assert "(1" not in workshop.particular  # nothing is discounted in the formula either
    workshop.reset()


def test_is_alive_shows_the_paradox_of_frequency() -> None:
    alive = made("ch02", "is_alive")
    a, b = alive.result["frequent"], alive.result["seldom"]
    assert a["t_x"] == b["t_x"] and a["x"] > b["x"] and a["p_alive"] < b["p_alive"]
    assert "频率悖论" in alive.message
    alive.set(frequent=[], seldom=[36])
    assert alive.result["frequent"]["p_alive"] == 1  # the model's rule without a repeat purchase
    assert "频率悖论" not in alive.message
    alive.reset()


def test_is_alive_is_the_published_model() -> None:
    """T-BG-6 has x = 2, t_x = 30.43, T = 38.86; here in whole weeks, so only by the model itself."""
    from crmkit.analytics.btyd import BgNbd

    alive = made("ch02", "is_alive")
    alive.set(today=39, frequent=[12, 30], seldom=[1])
    cdnow = BgNbd(0.243, 4.414, 0.793, 2.426)
    assert alive.result["frequent"]["p_alive"] == pytest.approx(float(cdnow.p_alive(2, 30, 39)))
    alive.reset()


def test_lifecycle_path_goes_through_all_four_patterns() -> None:
    from crmkit.analytics.lifecycle import PATTERNS

    path = made("ch02", "lifecycle_path")
    seen, lost = [], []
    for leave in range(1, 37, 1 if FULL else 5):
        path.set(leave=leave)
        seen.append(path.result["pattern"])
        lost.append(path.result["lost"])
    assert list(dict.fromkeys(seen)) == list(PATTERNS)
    assert lost[-1] == pytest.approx(0) and max(lost[:3]) > lost[-3] > lost[-2] > 0
    path.reset()


def test_satisfaction_loyalty_shows_the_trap_where_competition_is_hard() -> None:
    curves = made("ch02", "satisfaction_loyalty")
    hard = curves.result["trap"]
    curves.set(market="垄断")
    assert curves.result["trap"] < 0.1 < 0.5 < hard
    curves.set(data=True)
    points = curves.result["points"]
    assert points["再次购买率"].between(0, 1).all() and curves.result["trapped"] > 0
    assert "问卷" in curves.alt and "示意" in curves.note
    curves.reset()


def test_one_survey_gives_three_indices_that_disagree() -> None:
    survey = made("ch02", "survey_calculators")
    assert survey.result["csat"] > 0.7 and survey.result["nps"] < 20
    assert "满意而不肯推荐" in survey.message
    low, high = survey.result["csat_interval"]
    survey.set(n=1000)
    narrow = survey.result["csat_interval"]
    assert narrow[1] - narrow[0] < high - low
    survey.set(level=1, spread=0.02, advice=0, ideal=0)
    assert survey.result["csat"] == 1 and survey.result["nps"] == 100
    survey.reset()


def test_kano_plane_follows_the_answers() -> None:
    kano = made("ch02", "kano_plane")
    for like, dislike, kind in ((0.9, 0.1, "魅力属性"), (0.9, 0.9, "期望属性"),
                                (0.1, 0.9, "必备属性"), (0.1, 0.1, "无差异属性")):  # fmt: skip
        kano.set(like=like, dislike=dislike)
        assert kano.result["class"] == kind
        assert kano.result["better"] == pytest.approx(like)
        assert kano.result["worse"] == pytest.approx(-dislike)
    table = kano.result["table"].set_index("功能")
    assert table.loc["每天发促销短信", "类别"] == "反向属性"
    assert (table[list("MOAIRQ")].sum(axis=1) == 100).all()
    kano.reset()


def test_segmentation_counts_every_customer_once() -> None:
    matrix = made("ch02", "segmentation")
    cells = matrix.result["cells"]
    total = len(cells)
    assert sum(matrix.result["counts"].values()) == total
    assert sum(matrix.result["rfm"].values()) == matrix.result["counts"]["当前高·潜力高"]
    before = matrix.result["counts"]
    matrix.set(current=1000)
    after = matrix.result["counts"]
    assert sum(after.values()) == total
    assert after["当前高·潜力高"] < before["当前高·潜力高"]
    assert any("▲" in cell for row in matrix.rows["rows"] for cell in row)
    matrix.set(current=0, potential=0)
    assert matrix.result["counts"]["当前高·潜力高"] == total
    matrix.reset()
