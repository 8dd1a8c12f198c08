"""Open-source licences: which use owes what; the whole table."""

from __future__ import annotations

import pytest

from crmkit.analytics import licences
from crmkit.analytics.errors import AnalyticsError

# inside, web, hand_on, link; with the program changed
TABLE = {
    "MIT": ("nothing", "nothing", "notice", "notice"),
    "LGPL": ("nothing", "nothing", "whole", "library"),
    "GPL": ("nothing", "nothing", "whole", "whole"),
    "AGPL": ("nothing", "whole", "whole", "whole"),
    "own": ("contract",) * 4,
}


@pytest.mark.parametrize("licence", licences.LICENCES)
def test_the_duties_of_a_licence(licence: str) -> None:
    assert tuple(licences.duty(licence, use).what for use in licences.USES) == TABLE[licence]


def test_to_leave_a_program_as_it_is_changes_the_duty_over_the_network_alone() -> None:
    turned = [
        (licence, use)
        for licence in licences.LICENCES
        for use in licences.USES
        if licences.duty(licence, use) != licences.duty(licence, use, changed=False)
    ]
    assert turned == [("AGPL", "web")]


def test_every_duty_is_known_and_a_stranger_is_refused() -> None:
    assert {what for row in TABLE.values() for what in row} == set(licences.DUTIES)
    with pytest.raises(AnalyticsError, match="licence"):
        licences.duty("BSD", "web")
