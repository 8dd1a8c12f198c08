"""Coverage as an interval: what is not known is neither missing nor there."""

from __future__ import annotations

import pytest

from crmkit.analytics.errors import AnalyticsError
from crmkit.analytics.fitgap import FIT, PART, UNKNOWN, Coverage, certain, coverage

TOLD = [FIT, FIT, PART, *[UNKNOWN] * 5]


def test_the_unknown_opens_an_interval_that_every_reading_lies_in() -> None:
    found = {u: coverage(TOLD, unknown=u) for u in ("none", "half", "all")}
    assert [(c.low, c.point, c.high) for c in found.values()] == [
        (2.5, 2.5, 7.5), (2.5, 5.0, 7.5), (2.5, 7.5, 7.5),
    ]  # fmt: skip
    assert {c.unknown for c in found.values()} == {5}


def test_trials_close_it_and_no_more_than_is_unknown_is_tried() -> None:
    assert coverage(TOLD, tried=2, hit=0.5) == Coverage(2.5, 3.5, 3.5, 6.5, 3)
    assert coverage(TOLD, tried=99, hit=0.2) == Coverage(2.5, 3.5, 3.5, 3.5, 0)
    assert coverage([]) == Coverage(0, 0, 0, 0, 0)


def test_first_for_certain_is_who_is_above_every_other_upper_end() -> None:
    good, poor = coverage([FIT, FIT, FIT]), coverage([FIT, UNKNOWN, UNKNOWN])
    assert certain({"甲": good, "乙": poor}) == ""  # equal at the most
    assert certain({"甲": good, "乙": coverage([PART, UNKNOWN, UNKNOWN])}) == "甲"


@pytest.mark.parametrize("wrong", [{"unknown": "maybe"}, {"hit": 1.5}, {"tried": -1}])
def test_what_makes_no_sense_is_refused_in_chinese(wrong: dict[str, object]) -> None:
    with pytest.raises(AnalyticsError, match="可以选|之间"):
        coverage(TOLD, **wrong)  # type: ignore[arg-type]
    with pytest.raises(AnalyticsError, match="可以选"):
        coverage(["没有"])
