"""The framework of activities, without a browser."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.ui import mathml
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
