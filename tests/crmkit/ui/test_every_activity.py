"""Every activity of every chapter: it draws at every end of its controls, and says what is seen."""

from __future__ import annotations

import os
import warnings

import pytest

from crmkit.ui.controls import ControlError
from tests.crmkit.ui.activities import CHAPTERS, assert_sound, ends, made, names

FULL = bool(int(os.environ.get("CRMKIT_FULL", "0") or 0))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_at_least_four_activities(chapter: str) -> None:
    assert len(names(chapter)) >= 4


@pytest.mark.parametrize(("chapter", "name"), [(c, n) for c in CHAPTERS for n in names(c)])
def test_an_activity_says_what_is_to_be_seen_at_every_end(chapter: str, name: str) -> None:
    activity = made(chapter, name)
    assert_sound(activity)
    assert activity.rows["rows"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for control in activity.controls if FULL else []:
            for value in ends(control):
                activity.set(**{control["name"]: value})
                assert_sound(activity)
        for end in (0, -1):  # all at once
            activity.set(**{c["name"]: ends(c)[end] for c in activity.controls})
            assert_sound(activity)
    with pytest.raises(ControlError, match="「"):
        activity.set(**{activity.controls[0]["name"]: object()})
    activity.reset()
