"""The framework of activities, and the activities of chapter 2, without a browser."""

from __future__ import annotations

import os
import re
import warnings
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.ui import activities, mathml
from crmkit.ui.activities.ch02.surveys import wilson
from crmkit.ui.activity import Activity, View
from crmkit.ui.controls import ControlError, Select, Slider, Strip, Switch

CONTROLS = [
    Slider("churn", "月流失率", 0, 0.5, 0.05, 0.1, percent=True),
    Slider("start", "起初人数", 100, 1000, 100, 500, "人"),
    Select("shape", "形状", {"line": "线", "bar": "柱"}),
    Switch("log", "对数轴"),
    Strip("weeks", "购买的周", 10, (2, 5)),
]


def sample(figure: Any, churn: float, start: int, shape: str, log: bool, weeks: list[int]) -> View:
    axes = figure.subplots()
    kept = [start * (1 - churn) ** t for t in range(6)]
    (axes.plot if shape == "line" else axes.bar)(range(6), kept)
    axes.set_title("剩下的客户")
    if churn == 0.5:
        raise RuntimeError("drawing failed")
    return View(
        alt=f"六个月后剩下 {kept[-1]:.0f} 位",
        message="每月漏一点",
        table=pd.DataFrame({"月": range(6), "人数": kept, "备注": ["多"] * 5 + [None]}),
        formula=rf"{start} \times (1 - {churn})^5",
        result={"left": kept[-1], "weeks": weeks},
    )


@pytest.fixture
def leaky() -> Activity:
    return Activity(
        "漏桶", CONTROLS, sample, formula=r"S_t = S_0 (1 - c)^t", note="示意", source="本课"
    )


def test_it_draws_itself_at_the_beginning(leaky: Activity) -> None:
    assert leaky.values == {
        "churn": 0.1, "start": 500, "shape": "line", "log": False, "weeks": [2, 5],
    }  # fmt: skip
    assert leaky.result["left"] == pytest.approx(500 * 0.9**5)
    assert leaky.alt == "六个月后剩下 295 位" and "剩下的客户" in leaky.drawing
    assert leaky.rows["columns"] == ["月", "人数", "备注"]
    assert leaky.rows["rows"][5] == ["5", "295.25", "—"]
    assert leaky.rows["words"] == [False, False, True]


def test_setting_a_control_draws_again(leaky: Activity) -> None:
    before = leaky.drawing
    leaky.set(churn=0.2, start=1000)
    assert leaky.result["left"] == pytest.approx(1000 * 0.8**5)
    assert leaky.values["churn"] == 0.2 and leaky.drawing != before
    leaky.reset()
    assert leaky.values["churn"] == 0.1 and leaky.drawing == before


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"churn": 0.6}, "0 到 0.5"),
        ({"churn": "0.1"}, "月流失率"),
        ({"churn": float("nan")}, "月流失率"),
        ({"churn": True}, "月流失率"),
        ({"shape": "pie"}, "'bar'"),
        ({"log": 1}, "True 或 False"),
        ({"weeks": [11]}, "1 到 10"),
        ({"weeks": [True]}, "购买的周"),
        ({"weeks": 3}, "购买的周"),
        ({"start": 200, "speed": 1}, "没有控件 speed"),
    ],
)
def test_what_a_control_does_not_allow_changes_nothing(
    leaky: Activity, values: dict[str, Any], word: str
) -> None:
    before = (leaky.values, leaky.drawing)
    with pytest.raises(ControlError, match=word):
        leaky.set(**values)
    assert (leaky.values, leaky.drawing) == before


def test_a_drawing_that_fails_leaves_the_last_one(leaky: Activity) -> None:
    before = leaky.drawing
    with pytest.raises(RuntimeError):
        leaky.set(churn=0.5)
    assert leaky.values["churn"] == 0.1 and leaky.drawing == before


def test_the_browser_moves_controls_by_message(leaky: Activity) -> None:
    def tell(method: str, **params: Any) -> dict[str, Any]:
        return leaky.receive({"id": "1", "method": method, "params": params})

    assert tell("change", values={"churn": 0.25, "weeks": [9, 1, 1]})["ok"]
    assert leaky.values["churn"] == 0.25 and leaky.values["weeks"] == [1, 9]
    refused = tell("change", values={"churn": 7})
    assert not refused["ok"] and "月流失率" in refused["error"]
    assert tell("restart")["ok"] and leaky.values["churn"] == 0.1


def test_values_lie_on_the_steps_of_the_slider() -> None:
    slider = Slider("x", "量", 0, 1, 0.1, 0.3)
    assert slider.read(0.30000000000000004) == 0.3
    assert [slider.read(k / 10) for k in range(11)] == [round(k / 10, 1) for k in range(11)]
    years = Slider("n", "年", 1, 20, 1, 10)
    assert isinstance(years.read(7.0), int)


def test_the_students_own_figures_keep_their_style(leaky: Activity) -> None:
    with mpl.rc_context({"font.size": 23, "axes.facecolor": "yellow"}):
        leaky.set(churn=0.3)
        assert mpl.rcParams["font.size"] == 23 and mpl.rcParams["axes.facecolor"] == "yellow"


def test_figures_of_two_activities_do_not_share_ids() -> None:
    one, two = (Activity("漏桶", CONTROLS, sample) for _ in range(2))
    ids = [set(re.findall(r'\bid="([^"]+)"', a.drawing)) for a in (one, two)]
    assert ids[0] and not ids[0] & ids[1]
    for activity in (one, two):
        used = re.findall(r'(?:href="#|url\(#)([^")]+)', activity.drawing)
        assert set(used) <= set(re.findall(r'\bid="([^"]+)"', activity.drawing))


def test_the_figure_touches_nothing_outside_itself(leaky: Activity) -> None:
    assert "<style" not in leaky.drawing and "http" not in re.sub(
        r'xmlns(:xlink)?="[^"]*"', "", leaky.drawing
    )
    ET.fromstring(leaky.drawing)
    assert "var(--font)" in leaky.drawing and "var(--c-0f766e, #0f766e)" in leaky.drawing


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("latex", "mathml_part"),
    [
        (r"\sum_{t=1}^{n} x", "<munderover>"),
        (r"\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"t_x", "<msub><mi>t</mi><mi>x</mi></msub>"),
        (r"x_1^2", "<msubsup>"),
        (r"\text{客户 < 企业}", "<mtext>客户 &lt; 企业</mtext>"),
        (r"1,234.50", "<mn>1,234.50</mn>"),
        (r"-\alpha", "<mo>−</mo><mi>α</mi>"),
        (r"(1+r)^{t}", "<msup><mrow><mo>(</mo>"),
        (r"\sqrt{\frac{a}{b}}", "<msqrt><mfrac>"),
    ],
)
def test_latex_becomes_mathml(latex: str, mathml_part: str) -> None:
    out = mathml.from_latex(latex)
    assert mathml_part in out
    ET.fromstring(out)


@pytest.mark.parametrize(
    "latex", [r"\foo", "{a", "a}", "a^", "^2", "a^b^c", "(a", "a)", r"\frac{1}"]
)
def test_a_formula_that_is_none_is_refused(latex: str) -> None:
    with pytest.raises(mathml.FormulaError, match="公式"):
        mathml.from_latex(latex)


@given(st.text(alphabet="ab1+-^_{}()\\ ,.=", max_size=20))
def test_any_text_gives_wellformed_mathml_or_an_error(text: str) -> None:
    try:
        out = mathml.from_latex(text)
    except mathml.FormulaError:
        return
    root = ET.fromstring(out)
    for tag, count in (("mfrac", 2), ("msub", 2), ("msup", 2), ("msubsup", 3)):
        for element in root.iter(f"{{http://www.w3.org/1998/Math/MathML}}{tag}"):
            assert len(element) == count


# ---------------------------------------------------------------- chapter 2

ALL = activities.ch02.__all__
FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))


@pytest.fixture(scope="module")
def made() -> dict[str, Activity]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph, a broken layout
        return {name: getattr(activities.ch02, name)() for name in ALL}


@pytest.mark.parametrize("name", ALL)
def test_every_activity_says_what_is_to_be_seen(name: str, made: dict[str, Activity]) -> None:
    activity = made[name]
    assert activity.alt and activity.message and activity.note and activity.source
    assert activity.rows["rows"] and activity.result
    ET.fromstring(activity.drawing)
    for formula in (activity.general, activity.particular):
        assert not formula or ET.fromstring(formula) is not None


@pytest.mark.parametrize("name", ALL)
def test_every_end_of_every_control_can_be_drawn(name: str, made: dict[str, Activity]) -> None:
    activity = made[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for spec in activity.controls:
            ends: list[Any] = {
                "slider": lambda s: [s["low"], s["high"]] if FULL else [],
                "select": lambda s: [o["value"] for o in s["options"]][: None if FULL else 2],
                "switch": lambda s: [True],
                "strip": lambda s: [[], list(range(1, s["count"] + 1))],
            }[spec["type"]](spec)
            for value in ends:
                activity.set(**{spec["name"]: value})
                assert activity.alt and "nan" not in activity.message + activity.alt
        lows = {s["name"]: s["low"] for s in activity.controls if s["type"] == "slider"}
        highs = {s["name"]: s["high"] for s in activity.controls if s["type"] == "slider"}
        for corner in (lows, highs):
            if not corner:
                continue
            activity.set(**corner)
            assert "nan" not in activity.message + activity.alt
    activity.reset()


def test_clv_workshop_shows_the_exercise_of_the_course(made: dict[str, Activity]) -> None:
    """Exercise 4 of document 003; tolerance 0.01 yuan."""
    workshop = made["clv_workshop"]
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


def test_is_alive_shows_the_paradox_of_frequency(made: dict[str, Activity]) -> None:
    alive = made["is_alive"]
    a, b = alive.result["frequent"], alive.result["seldom"]
    assert a["t_x"] == b["t_x"] and a["x"] > b["x"] and a["p_alive"] < b["p_alive"]
    assert "频率悖论" in alive.message
    alive.set(frequent=[], seldom=[36])
    assert alive.result["frequent"]["p_alive"] == 1  # the model's rule without a repeat purchase
    assert "频率悖论" not in alive.message
    alive.reset()


def test_is_alive_is_the_published_model(made: dict[str, Activity]) -> None:
    """T-BG-6 has x = 2, t_x = 30.43, T = 38.86; here in whole weeks, so only by the model itself."""
    from crmkit.analytics.btyd import BgNbd

    alive = made["is_alive"]
    alive.set(today=39, frequent=[12, 30], seldom=[1])
    cdnow = BgNbd(0.243, 4.414, 0.793, 2.426)
    assert alive.result["frequent"]["p_alive"] == pytest.approx(float(cdnow.p_alive(2, 30, 39)))
    alive.reset()


def test_lifecycle_path_goes_through_all_four_patterns(made: dict[str, Activity]) -> None:
    from crmkit.analytics.lifecycle import PATTERNS

    path = made["lifecycle_path"]
    seen, lost = [], []
    for leave in range(1, 37, 1 if FULL else 5):
        path.set(leave=leave)
        seen.append(path.result["pattern"])
        lost.append(path.result["lost"])
    assert list(dict.fromkeys(seen)) == list(PATTERNS)
    assert lost[-1] == pytest.approx(0) and max(lost[:3]) > lost[-3] > lost[-2] > 0
    path.reset()


def test_satisfaction_loyalty_shows_the_trap_where_competition_is_hard(
    made: dict[str, Activity],
) -> None:
    curves = made["satisfaction_loyalty"]
    hard = curves.result["trap"]
    curves.set(market="垄断")
    assert curves.result["trap"] < 0.1 < 0.5 < hard
    curves.set(data=True)
    points = curves.result["points"]
    assert points["再次购买率"].between(0, 1).all() and curves.result["trapped"] > 0
    assert "问卷" in curves.alt and "示意" in curves.note
    curves.reset()


def test_one_survey_gives_three_indices_that_disagree(made: dict[str, Activity]) -> None:
    survey = made["survey_calculators"]
    assert survey.result["csat"] > 0.7 and survey.result["nps"] < 20
    assert "满意而不肯推荐" in survey.message
    low, high = survey.result["csat_interval"]
    survey.set(n=1000)
    narrow = survey.result["csat_interval"]
    assert narrow[1] - narrow[0] < high - low
    survey.set(level=1, spread=0.02, advice=0, ideal=0)
    assert survey.result["csat"] == 1 and survey.result["nps"] == 100
    survey.reset()


@pytest.mark.parametrize(("successes", "n"), [(90, 120), (0, 20), (20, 20), (1, 29), (81, 263)])
def test_the_interval_of_a_share_is_wilsons(successes: int, n: int) -> None:
    from scipy.stats import binomtest

    low, high = binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((low, high), abs=1e-9)


def test_kano_plane_follows_the_answers(made: dict[str, Activity]) -> None:
    kano = made["kano_plane"]
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


def test_segmentation_counts_every_customer_once(made: dict[str, Activity]) -> None:
    matrix = made["segmentation"]
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
