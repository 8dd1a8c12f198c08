"""Times of the keystroke-level model by hand, and when a set-up pays."""

from __future__ import annotations

import math

import pytest

from crmkit.analytics import crm_types, keystrokes
from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.keystrokes import Step


def test_a_click_points_and_presses_a_step_is_thought_of_once() -> None:
    steps = [Step("菜单", 2), Step("输入三个字", 1, 9)]
    assert keystrokes.actions(steps) == 12
    assert keystrokes.seconds(steps) == pytest.approx(2 * 1.35 + 3 * 1.30 + 9 * 0.28)
    assert keystrokes.seconds([]) == keystrokes.actions([]) == 0


def test_slips_multiply_and_a_set_up_pays_only_if_it_saves_something() -> None:
    assert keystrokes.without_slip(61, 0.01) == pytest.approx(0.99**61)
    assert keystrokes.without_slip(0, 1) == 1
    assert keystrokes.break_even(3600, 50, 14) == 100
    assert keystrokes.break_even(3600, 14, 14) == keystrokes.break_even(1, 1, 2) == math.inf
    with pytest.raises(AnalyticsError, match="0 和 1 之间"):
        keystrokes.without_slip(3, 1.5)


@pytest.mark.parametrize(
    ("on", "type", "block"),
    [
        ((), "运营型", "关系管理"), (("in_steps",), "运营型", "流程管理"),
        (("finds_pattern", "shared"), "分析型", "关系管理"),
        (("shared", "at_the_door", "in_steps"), "协作型", "接入管理"),
    ],
)  # fmt: skip
def test_the_first_question_that_is_answered_yes_decides(
    on: tuple[str, ...], type: str, block: str
) -> None:
    f = crm_types.Function("一项", "做一件事", **dict.fromkeys(on, True))
    assert (f.type, f.block) == (type, block)


def test_every_wrong_place_has_its_consequence_and_the_right_one_none() -> None:
    for names in (crm_types.TYPES, crm_types.BLOCKS):
        told = {(a, b): crm_types.misplaced(a, b) for a in names for b in names}
        assert all(bool(text) == (a != b) for (a, b), text in told.items())
        assert len(set(told.values())) == 7
    with pytest.raises(AnalyticsError, match="可以选"):
        crm_types.misplaced("运营型", "关系管理")
